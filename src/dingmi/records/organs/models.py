"""机关单位、部门、人员、涉密等级、账号与三员。"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from dingmi.records.ledger.guard import Record

TIERS = [
    ("central", "中央国家机关"),
    ("provincial", "省级机关"),
    ("prefecture", "设区的市级机关"),
    ("security", "公安、国家安全机关"),
    ("other", "其他"),
]
ADMIN_ROLES = [("system_admin", "系统管理员"), ("security_admin", "安全保密管理员"), ("audit_admin", "安全审计员")]


class Organ(Record):
    """机关、单位：tier is stored, never derived from the name (procedures §1.1)."""

    superior_id: UUID | None
    run_by_id: UUID | None

    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=60)
    unit_code = models.CharField(max_length=20, blank=True)  # the <unit> of register numbers
    tier = models.CharField(max_length=16, choices=TIERS)
    own_authority = models.CharField(max_length=8, blank=True)  # of the security organs, by their own rules (BMF-17.4)
    line = models.CharField(max_length=60, blank=True)  # 业务系统
    superior = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="subordinates")
    is_temporary = models.BooleanField(default=False)  # 临时机构、议事协调机构
    run_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="runs")  # its daily work
    is_home = models.BooleanField(default=False)  # the organ that this installation serves
    profile = models.CharField(max_length=20, default="demo")


class Department(Record):
    """内设机构。"""

    organ_id: UUID

    organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="departments")
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)


class Person(Record):
    """工作人员：one never-reused id (SR-01)."""

    organ_id: UUID
    department_id: UUID | None

    organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="people")
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="people")
    name = models.CharField(max_length=60)
    staff_no = models.CharField(max_length=30)
    post = models.CharField(max_length=80, blank=True)
    post_category = models.CharField(max_length=12, blank=True)  # 核心 / 重要 / 一般
    is_principal = models.BooleanField(default=False)  # 主要负责人
    is_foreign = models.BooleanField(default=False)  # 境外人员: knows nothing by the decision of the unit alone (TL-44)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organ", "staff_no"], name="staff_no_once")]


class Clearance(Record):
    """涉密等级：the highest level a person may read, as an interval of instants [since, until)."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="clearances")
    level = models.CharField(max_length=8)
    instrument = models.CharField(max_length=80)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)


class Account(AbstractBaseUser, Record):
    """账号：one person, one account; at most one of the three administrator roles (SR-01, SR-31)."""

    person_id: UUID

    username = models.CharField(max_length=60, unique=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="account")
    admin_role = models.CharField(max_length=16, choices=ADMIN_ROLES, blank=True)
    is_active = models.BooleanField(default=True)
    failed_count = models.PositiveSmallIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    password_changed_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=2, default="zh")
    session_key = models.CharField(max_length=64, blank=True)  # the one live session (SR-09)
    session_started_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    last_login = None

    class Meta:
        indexes = [models.Index(fields=["session_key"])]


class Opening(Record):
    """开立账号：opened by one administrator, unusable until another has confirmed it against the person (SR-32)."""

    account_id: UUID

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="opening")
    opened_by = models.UUIDField()  # a person
    opened_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)  # a person
    confirmed_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=64, blank=True)  # digest of the code that the owner still needs to sign in


class RoleAsked(Record):
    """申请授予的角色：asked for by the security administrator, held by nobody until another person agrees (SR-34)."""

    account_id: UUID

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="roles_asked")
    role = models.CharField(max_length=20)
    until = models.DateTimeField(null=True)
    asked_by = models.UUIDField()  # a person
    asked_at = models.DateTimeField()
    agreed_by = models.UUIDField(null=True)  # another person
    agreed_at = models.DateTimeField(null=True)


class ClearanceAsked(Record):
    """申请的涉密等级：asked for by one person, held by nobody until another agrees; those asked for together stand in one row."""

    wanted = models.JSONField()  # of each: person, level, instrument, until
    asked_by = models.UUIDField()  # a person
    asked_at = models.DateTimeField()
    agreed_by = models.UUIDField(null=True)  # another person
    agreed_at = models.DateTimeField(null=True)


class SecondAsked(Record):
    """两人操作的提请：what one person asked a second for, whatever it is; it ends by agreement, by withdrawal or with its time."""

    code = models.CharField(max_length=40)  # the notice that told it: ``role.waits``
    about = models.CharField(max_length=200)  # what waits, in the words of that notice
    what = models.CharField(max_length=200)  # what it is called on pages
    request = models.JSONField(default=dict)  # the same where the keys are held, which know of it too
    asked_by = models.UUIDField()  # a person
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    agreed_by = models.UUIDField(null=True)  # another person
    agreed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)  # by who asked
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["code", "about"], name="asked_about"),
            models.Index(fields=["asked_by", "until"], name="asked_own"),
        ]


class SecondFactor(Record):
    """动态验证码：what makes the one-time codes of an account; in use from its first code until two people lift it."""

    account_id: UUID

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="second_factors")
    secret_ct = models.BinaryField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # no code up to this step opens a session again
    lift_asked_by = models.UUIDField(null=True)  # a person
    lift_asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)


class Certificate(Record):
    """客户端证书：a certificate that an account signs in with; two people put it in use, one revokes it, two lift it."""

    account_id: UUID

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="certificates")
    fingerprint = models.CharField(max_length=64)  # SM3 of the whole certificate
    subject = models.CharField(max_length=200)
    issuer = models.CharField(max_length=200)
    serial = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField()
    asked_by = models.UUIDField()  # a person
    asked_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)  # another person
    confirmed_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)  # a person
    revoked_at = models.DateTimeField(null=True)  # opens nothing more, and is still asked for
    reason = models.CharField(max_length=120, blank=True)
    lift_asked_by = models.UUIDField(null=True)  # a person
    lift_asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # two people lifted it: it is not asked for any more

    class Meta:
        indexes = [models.Index(fields=["account", "ended_at"]), models.Index(fields=["fingerprint"])]


class Preference(Record):
    """One thing that a person chose about the pages: columns, density, keys, saved views."""

    account_id: UUID

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="preferences")
    name = models.CharField(max_length=20)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="preference_once")]


class RoleGrant(Record):
    """A business role of an account, as an interval of instants."""

    account_id: UUID

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)


class Token(Record):
    """A bearer token for scripts: only its digest is kept."""

    account_id: UUID

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
