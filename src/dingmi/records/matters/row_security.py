"""Row security of PostgreSQL: the second copy of who may see which matter, beside the filters of ``queries.access`` (SR-20).

Whoever reads is named by a frame (``told``), and each statement that touches a matter carries the name with it: as a setting
of its own transaction, sent in the same message, so that nothing stays on a connection for the next reader, pooled or not. No
frame, no rows. ``everything`` names no reader; who may use it stands in ``tests/architecture/row_security.toml``. SQLite has
no row security: there the frames are kept, and only the filters hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dingmi.records.matters.models import GRADES

SETTING, TABLES = "dingmi.reader", ("matters_", "carriers_", "oversight_incident", "oversight_inspectionfinding")
_named: ContextVar[str] = ContextVar("dingmi_reader", default="")


@contextmanager
def told(reader: dict[str, Any]) -> Iterator[None]:
    """Let the database show what ``reader`` may see, and nothing else."""
    before = _named.set(json.dumps(reader, ensure_ascii=False))
    try:
        yield
    finally:
        _named.reset(before)


def everything(why: str) -> Any:
    """Let the database show and write every matter: for acts, which judge for themselves, and what looks over all of them."""
    return told({"everything": why})


def named() -> str:
    """Return who is named at present, as the database is told; empty for nobody."""
    return _named.get()


def concerned(sql: str) -> bool:
    """Say whether a statement touches a matter, one of its copies, a leak or what an inspection found."""
    return any(table in sql for table in TABLES)


def carried(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute a statement; if it touches a matter, under the reader named at present."""
    if not isinstance(sql, str) or not concerned(sql):
        return execute(sql, params, many, context)
    cursor, held = context["cursor"], context["connection"]
    if many or getattr(cursor.cursor, "name", None):  # many statements, or a cursor on the server: not one message
        with transaction.atomic(using=held.alias):
            with held.cursor() as teller:
                teller.execute("SELECT set_config(%s, %s, true)", [SETTING, named()])
            return execute(sql, params, many, context)
    reader = named().replace("'", "''")
    if params is not None:
        reader = reader.replace("%", "%%")
    done = execute(f"SELECT set_config('{SETTING}', '{reader}', true); {sql}", params, many, context)
    cursor.nextset()
    return done


def carry(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Make every statement of a connection to PostgreSQL carry its reader."""
    if connection.vendor == "postgresql" and carried not in connection.execute_wrappers:
        connection.execute_wrappers.append(carried)


# --- the policies -------------------------------------------------------------------------------------------------

_LEVELS = "ARRAY['内部', '秘密', '机密', '绝密']"
_GRADED = ", ".join(f"'{state}'" for state, _ in GRADES)
_EVERYTHING = "(SELECT dingmi_reader() ? 'everything')"
_SOMEBODY = "(SELECT dingmi_reader() ? 'person')"  # not outside a frame, and none of the three administrators
_RUNS = "{0}.since <= (reader ->> 'now')::timestamptz AND ({0}.until IS NULL OR {0}.until > (reader ->> 'now')::timestamptz)"
_OF = "(SELECT dingmi_reader()), {0}.id, {0}.state, {0}.level, {0}.drafter_id, {0}.officer_id, {0}.organ_id"
_ROW = "reader jsonb, matter uuid, state text, level text, drafter uuid, officer uuid, organ uuid"

FUNCTIONS = (
    f"""
CREATE OR REPLACE FUNCTION dingmi_reader() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('{SETTING}', true), '')::jsonb $$""",
    f"""
CREATE OR REPLACE FUNCTION dingmi_reads(reader jsonb) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT ({_LEVELS})[1 : COALESCE(array_position({_LEVELS}, reader ->> 'clearance'), 1)] $$""",
    """
CREATE OR REPLACE FUNCTION dingmi_bars(reader jsonb) RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN  -- the matters that a conflict keeps the reader out of
    RETURN ARRAY(SELECT r.matter_id FROM matters_recusal r
        WHERE r.person_id = (reader ->> 'person')::uuid AND r.ended_at IS NULL);
END $$""",
    f"""
CREATE OR REPLACE FUNCTION dingmi_decides(reader jsonb) RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN  -- the levels up to the highest that a designation in force lets an officer decide
    RETURN CASE WHEN reader -> 'roles' ? 'officer' THEN (
        SELECT ({_LEVELS})[1 : COALESCE(max(array_position({_LEVELS}, d.max_level::text)), 0)]
        FROM officers_designation d JOIN officers_officer o ON o.id = d.officer_id
        WHERE o.person_id = (reader ->> 'person')::uuid AND {_RUNS.format("d")}
        AND (d.ended_at IS NULL OR d.ended_at > (reader ->> 'now')::timestamptz)) END;
END $$""",
    f"""
CREATE OR REPLACE FUNCTION dingmi_approves(reader jsonb, graded text) RETURNS boolean LANGUAGE plpgsql STABLE
PARALLEL SAFE AS $$
BEGIN  -- a work or trade secret of this level: the principal, and whoever is appointed up to it
    RETURN graded IN ('内部', '普通商密', '核心商密') AND (reader -> 'roles' ? 'head' OR EXISTS (
        SELECT 1 FROM officers_grader g WHERE g.person_id = (reader ->> 'person')::uuid AND g.ended_at IS NULL
        AND (g.max_level = graded OR (g.max_level = '核心商密' AND graded = '普通商密')) AND {_RUNS.format("g")}));
END $$""",
    f"""
CREATE OR REPLACE FUNCTION dingmi_may_read({_ROW}) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    person uuid := reader ->> 'person';
    home uuid := reader ->> 'organ';
    is_graded boolean := state IN ({_GRADED});
    is_head boolean := reader -> 'roles' ? 'head';
BEGIN
    IF state = 'draft' THEN RETURN drafter = person; END IF;
    IF matter = ANY (dingmi_bars(reader)) THEN RETURN false; END IF;
    IF NOT is_graded AND level <> ALL (dingmi_reads(reader)) THEN RETURN false; END IF;
    IF person IN (drafter, officer) THEN RETURN true; END IF;
    IF EXISTS (
        SELECT 1 FROM matters_scopeentry s WHERE s.matter_id = matter AND {_RUNS.format("s")}
        AND (s.person_id = person OR s.organ_id = home OR reader -> 'departments' ? s.department_id::text)
    ) THEN RETURN true; END IF;
    IF is_graded THEN RETURN state = 'pending' AND organ = home AND dingmi_approves(reader, level); END IF;
    IF organ = home AND state = 'referred' AND is_head THEN RETURN true; END IF;
    IF organ = home AND state IN ('proposed', 'referred') AND level = ANY (dingmi_decides(reader)) THEN
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT 1 FROM matters_challenge c WHERE c.matter_id = matter AND c.ended_at IS NULL)
        AND (is_head OR level = ANY (dingmi_decides(reader)))
        AND (organ = home OR EXISTS (SELECT 1 FROM organs_organ o WHERE o.id = home AND o.is_home));
END $$""",
    f"""
CREATE OR REPLACE FUNCTION dingmi_oversees(reader jsonb, state text, level text, organ uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN  -- that a matter exists is for the overseers of its organ; here, also of what other organs originated
    RETURN reader -> 'roles' ?| ARRAY['secrecy_office', 'head', 'inspector']
        AND state <> 'draft' AND (state IN ({_GRADED}) OR level = ANY (dingmi_reads(reader)))
        AND (organ = (reader ->> 'organ')::uuid
            OR EXISTS (SELECT 1 FROM organs_organ o WHERE o.id = (reader ->> 'organ')::uuid AND o.is_home));
END $$""",
)
_OVERSEERS = "reader -> 'roles' ?| ARRAY['secrecy_office', 'head', 'inspector']"
_ME = "(reader ->> 'person')::uuid"
OF_OVERSIGHT = (  # the words of both are sealed; that there is one is for those who oversee, and for whoever has a part in it
    f"""
CREATE OR REPLACE FUNCTION dingmi_knows_leak(reader jsonb, leak uuid, reporter uuid) RETURNS boolean LANGUAGE plpgsql STABLE
PARALLEL SAFE AS $$
BEGIN
    RETURN {_OVERSEERS} OR reporter = {_ME} OR EXISTS (
        SELECT 1 FROM oversight_incidentreader r WHERE r.incident_id = leak AND r.person_id = {_ME} AND {_RUNS.format("r")});
END $$""",
    f"""
CREATE OR REPLACE FUNCTION dingmi_has_part(reader jsonb, held uuid, responsible uuid) RETURNS boolean LANGUAGE plpgsql STABLE
PARALLEL SAFE AS $$
BEGIN
    RETURN {_OVERSEERS} OR responsible = {_ME}
        OR EXISTS (SELECT 1 FROM oversight_inspection i WHERE i.id = held AND i.lead_id = {_ME});
END $$""",
)
_MATTER, _INDEXES = "matters_matter", ("matters_posting", "matters_sketchcode")
_OF_EXISTENCE = (  # levels, dates and people of what was done; the words in them are sealed, and rows cannot hide a column
    "matters_proposal",
    "matters_decision",
    "matters_referral",
    "matters_consultation",
    "matters_centralapproval",
    "matters_disclosurereview",
    "matters_challengestep",
    "matters_appraisal",
    "matters_preparation",
)
_OF_CONTENT = (
    "matters_mattertext",
    "matters_matterfile",
    "matters_suggestion",
    "matters_earliertext",
    "matters_classifiedpoint",
    "matters_comment",
    "matters_sourcelink",
    "matters_learntpart",
    "matters_keptimprint",
)
_OF_COPIES = (
    "carriers_carrier",
    "carriers_carrierevent",
    "carriers_sighting",
)  # where copies stand, of what may be known of
_OF_LEAKS = ("oversight_incidentstep", "oversight_incidentliability")  # where the leak itself may be known of
_OVERSIGHT = {  # which of their rows a reader sees
    "oversight_incident": "dingmi_knows_leak((SELECT dingmi_reader()), id, reporter_id)",
    "oversight_inspectionfinding": "dingmi_has_part((SELECT dingmi_reader()), inspection_id, responsible_id)",
    **dict.fromkeys(_OF_LEAKS, "EXISTS (SELECT 1 FROM oversight_incident l WHERE l.id = incident_id)"),
}
GUARDED = (_MATTER, *_INDEXES, *_OF_EXISTENCE, *_OF_CONTENT, *_OF_COPIES, *_OVERSIGHT)
_OF_CARRIER = "(SELECT c.matter_id FROM carriers_carrier c WHERE c.id = carrier_id)"
_LINKS = {  # how a row leads to its matter, where not by ``matter_id``
    "matters_challengestep": "(SELECT c.matter_id FROM matters_challenge c WHERE c.id = challenge_id)",
    "matters_learntpart": "source_id",
    "carriers_carrierevent": _OF_CARRIER,
    "carriers_sighting": _OF_CARRIER,
}
_OF_NONE = ("matters_appraisal", "matters_learntpart")  # rows without a matter: of a matter not ours, of public texts


def _seen(table: str) -> str:
    """Return which rows a reader sees: a matter that may be known of and what was done with it, and what it holds, where it
    may be read.

    Of an index of blind codes those of levels that are read: it names ids, and the matters behind them stand under their own
    policy.
    """
    if table in _OVERSIGHT:
        return _OVERSIGHT[table]
    reader = "(SELECT dingmi_reader())"
    if table == _MATTER:
        free = "id <> ALL ((SELECT dingmi_bars(dingmi_reader()))::uuid[])"  # asked once a statement
        oversees = f"{free} AND dingmi_oversees({reader}, state, level, organ_id)"
        return f"{oversees} OR dingmi_may_read({_OF.format(table)})"
    if table in _INDEXES:
        return f"level = ANY ((SELECT dingmi_reads(dingmi_reader()))::text[]) OR level <> ALL ({_LEVELS})"
    link = _LINKS.get(table, "matter_id")
    known = f"m.id = {link if link.startswith('(') else f'{table}.{link}'}"  # the matter stands under its own policy
    read = "" if table in (*_OF_EXISTENCE, *_OF_COPIES) else f" AND dingmi_may_read({_OF.format('m')})"
    free = f"{link} IS NULL OR " if table in _OF_NONE else ""
    return f"{free}EXISTS (SELECT 1 FROM {_MATTER} m WHERE {known}{read})"


def statements(table: str) -> tuple[str, ...]:
    """Return the statements that let readers see of ``table`` what they may, and only acts write; also for its owner."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY acts ON {table} USING ({_EVERYTHING}) WITH CHECK ({_EVERYTHING})",
        f"CREATE POLICY readers ON {table} FOR SELECT USING ({_EVERYTHING} OR {_SOMEBODY} AND ({_seen(table)}))",  # soonest first
    )


def guarded(*tables: str) -> Callable[[Any, Any], None]:
    """Return the forward half of a RunPython migration that puts ``tables`` under row security; nothing on SQLite."""

    def forward(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in (*FUNCTIONS, *OF_OVERSIGHT, *(one for table in tables for one in statements(table))):
                schema_editor.execute(statement)

    return forward


def renew_policies(apps: Any, schema_editor: Any) -> None:
    """Write the functions anew, and who may see a matter: of a data directory made before they changed; nothing on SQLite."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in (*FUNCTIONS, f"DROP POLICY readers ON {_MATTER}", statements(_MATTER)[-1]):
            schema_editor.execute(statement)


def passes_by() -> str:
    """Return the role of the connection if row security does not bind it: superusers, and who may pass it by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)")
        return "".join(name for (name,) in cursor.fetchall())


def open_tables() -> tuple[str, ...]:
    """Return the tables that are not as :func:`statements` leaves them: not in force for everybody, or with a policy more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND (NOT (relrowsecurity AND relforcerowsecurity) OR EXISTS"
            " (SELECT 1 FROM pg_policies WHERE tablename = relname AND policyname NOT IN ('acts', 'readers')))"
            " ORDER BY relname",
            [list(GUARDED)],
        )
        return tuple(name for (name,) in cursor.fetchall())
