"""Files in the buckets of an S3 service, one a level: a real service process, which refuses credentials of another level."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.conf import settings as configured

from dingmi.base.errors import Refused, Tampered, Unavailable
from dingmi.base.presentation import finding_document
from dingmi.engines.crypto import passphrase as passphrases
from dingmi.engines.crypto.passphrase import Cost
from dingmi.procedures import backup as backups
from dingmi.procedures import moving, sealing
from dingmi.queries.system import shelf_faults, status
from dingmi.queries.verify import verify
from dingmi.records.keys.places import SLUGS
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.vault import shelves, store
from dingmi.records.vault.models import StoredObject
from tests.story import Story

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SETUP = {"aws_access_key_id": "setup", "aws_secret_access_key": "setup", "region_name": "us-east-1"}


@dataclass
class Service:
    """A running S3 service with one bucket and one account a level."""

    told: dict[str, Any]

    def as_(self, slug: str) -> Any:
        """Return a client that holds the credentials of one level."""
        return shelves._connected(self.told, self.told["levels"][slug])

    def empty(self) -> None:
        for slug in self.told["levels"]:
            for name in self.held(slug):
                self.as_(slug).delete_object(Bucket=f"dingmi-{slug}", Key=name)

    def held(self, slug: str) -> list[str]:
        found = self.as_(slug).list_objects_v2(Bucket=f"dingmi-{slug}")
        return [kept["Key"] for kept in found.get("Contents", ())]


def _policy(slug: str) -> str:
    places = [f"arn:aws:s3:::dingmi-{slug}", f"arn:aws:s3:::dingmi-{slug}/*"]
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": places}]}
    )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("s3")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "MOTO_S3_CUSTOM_ENDPOINTS": ""})
    endpoint = f"http://127.0.0.1:{port}"
    _until_it_answers(endpoint)
    iam, s3 = (boto3.client(name, endpoint_url=endpoint, **SETUP) for name in ("iam", "s3"))
    levels = {}
    for slug in SLUGS.values():
        s3.create_bucket(Bucket=f"dingmi-{slug}")
        iam.create_user(UserName=slug)
        iam.put_user_policy(UserName=slug, PolicyName="own", PolicyDocument=_policy(slug))
        made = iam.create_access_key(UserName=slug)["AccessKey"]
        secret = folder / f"{slug}.secret"
        secret.write_text(made["SecretAccessKey"])
        secret.chmod(0o600)
        levels[slug] = {"bucket": f"dingmi-{slug}", "access_key": made["AccessKeyId"], "secret_file": str(secret)}
    strict = urllib.request.Request(
        f"{endpoint}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(strict).read()
    yield Service({"kind": "s3", "endpoint": endpoint, "levels": levels})
    process.terminate()
    process.wait(10)


def _until_it_answers(endpoint: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{endpoint}/moto-api/").read()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the S3 service did not start")


@pytest.fixture
def buckets(service: Service, settings: Any, story: Story) -> Service:
    """The installation keeps its files in the buckets; what it had before was moved there."""
    service.empty()
    settings.DINGMI_SHELVES = service.told
    settings.DATA = Path(settings.DINGMI_VAULT).parent
    moved = move(story)
    assert (moved.failed, moved.moved) == (0, moved.total)
    return service


def move(story: Story, *, home: bool = False) -> moving.Moved:
    return moving.move_files(actor=story.actor("sysadmin"), now=story.now, home=home, progress=lambda n, of: None)


def files_of(matter: Any) -> list[StoredObject]:
    return [kept.stored for kept in MatterFile.objects.filter(matter_id=matter).select_related("stored")]


def in_folders() -> list[Path]:
    return [path for path in Path(configured.DINGMI_VAULT).rglob("*") if path.is_file()]


def test_a_matter_is_kept_in_the_bucket_of_its_level_alone_and_opens(buckets: Service, story: Story):
    matter = story.approve(story.proposed()).matter
    files = files_of(matter)
    assert files and {kept.path.partition("/")[0] for kept in files} == {"jimi"} and not in_folders()
    assert {kept.path for kept in files} <= set(buckets.held("jimi"))
    for kept in files:
        container = buckets.as_("jimi").get_object(Bucket="dingmi-jimi", Key=kept.path)["Body"].read()
        plain = store.get(kept)
        assert len(plain) == kept.size and plain[:64] not in container
    assert verify().ok and status(actor=story.actor("sysadmin"), now=story.now).free_bytes is None


def test_the_credentials_of_one_level_open_the_bucket_of_no_other(buckets: Service, story: Story):
    kept = files_of(story.approve(story.proposed()).matter)[0]
    for slug in SLUGS.values():
        client = buckets.as_(slug)
        if slug == "jimi":
            assert client.get_object(Bucket="dingmi-jimi", Key=kept.path)["Body"].read()
            continue
        for call in (client.get_object, client.delete_object):
            with pytest.raises(Exception, match=r"AccessDenied|Forbidden"):
                call(Bucket="dingmi-jimi", Key=kept.path)


def test_a_key_is_changed_in_the_bucket_and_what_nobody_names_is_swept(buckets: Service, story: Story):
    matter = story.approve(story.proposed()).matter
    before = {kept.pk: store.get(kept) for kept in files_of(matter)}
    assert not story.act("secadmin", "keep.new_key", level="机密").is_made
    assert story.act("head", "keep.new_key", level="机密").is_made
    done = sealing.rewrap_all(actor=story.actor("secadmin"), now=story.now, progress=lambda n, of: None)
    assert done.failed == 0 and done.changed == StoredObject.objects.filter(level="机密").count()
    for kept in files_of(matter):
        with store.at_hand(kept) as path:
            assert store.key_of(kept, path).id == "jimi-2"
        assert store.get(kept) == before[kept.pk]
    shelves.shelf().write("jimi/00/loose.dmb1", b"of an act that rolled back")
    assert store.loose() == ("jimi/00/loose.dmb1",)
    assert store.sweep_orphans(0) == 0 and store.sweep_orphans(float("inf")) == 1
    assert store.loose() == () and verify().ok


def test_an_object_changed_exchanged_or_gone_is_refused_and_found(buckets: Service, story: Story):
    one, other, gone = (
        files_of(story.approve(story.proposed()).matter)[0],
        *files_of(story.approve(story.proposed()).matter)[:2],
    )
    client = buckets.as_("jimi")
    container = client.get_object(Bucket="dingmi-jimi", Key=one.path)["Body"].read()
    client.put_object(Bucket="dingmi-jimi", Key=one.path, Body=container[:-1] + bytes([container[-1] ^ 1]))
    client.put_object(Bucket="dingmi-jimi", Key=other.path, Body=container)
    client.delete_object(Bucket="dingmi-jimi", Key=gone.path)
    for kept in (one, other):
        with pytest.raises(Tampered):
            store.get(kept)
    with pytest.raises(Unavailable, match=r"vault\.file_missing"):
        store.get(gone)
    found = {fault.object: fault.kind for fault in verify().findings}
    kinds = [found[f"stored:{kept.pk}"] for kept in (one, other, gone)]
    assert kinds == ["file.edited", "file.edited", "file.missing"]


def test_files_move_there_and_home_again_and_one_that_is_damaged_stays(story: Story, service: Service, settings: Any):
    service.empty()
    matter = story.approve(story.proposed()).matter
    with pytest.raises(Refused, match=r"vault\.nothing_to_move"):
        move(story)
    before = {kept.pk: store.get(kept) for kept in files_of(matter)}
    damaged, half = (Path(settings.DINGMI_VAULT) / kept.path for kept in files_of(matter)[:2])
    whole = damaged.read_bytes()
    damaged.write_bytes(b"\0\0\0\1x" + whole[5:])
    settings.DINGMI_SHELVES = service.told
    settings.DATA = Path(settings.DINGMI_VAULT).parent
    shelves.shelf().write(half.relative_to(settings.DINGMI_VAULT).as_posix(), half.read_bytes())  # broken off here
    done = move(story)
    assert (done.failed, done.moved) == (1, done.total - 2) and in_folders() == [damaged]
    damaged.write_bytes(whole)
    assert move(story).moved == 1 and not in_folders()
    assert {kept.pk: store.get(kept) for kept in files_of(matter)} == before and verify().ok
    assert move(story, home=True).failed == 0
    settings.DINGMI_SHELVES = {}
    assert {kept.pk: store.get(kept) for kept in files_of(matter)} == before and verify().ok
    assert not {kept.path for kept in files_of(matter)} & set(service.held("jimi"))


def test_a_backup_takes_the_files_out_of_the_buckets_and_comes_back_in_folders(
    buckets: Service, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    light = Cost(memory_kib=64, passes=1, lanes=1)
    monkeypatch.setattr(backups, "parameters", lambda: passphrases.parameters(light))
    monkeypatch.setattr(backups, "_snapshot", lambda target: target.write_bytes(b"the database is another test's"))
    kept = files_of(story.approve(story.proposed()).matter)[0]
    told = 'profile = "demo"\n[vault]\nkind = "s3"\n[vault.levels.jimi]\nbucket = "dingmi-jimi"\n[session]\nidle_minutes = 5\n'
    (Path(configured.DATA) / "dingmi.toml").write_text(told)
    words = "梅花 堤坝 三月 铜钟 river lamp"
    backups.backup(actor=story.actor("sysadmin"), now=story.now, folder=tmp_path / "backup", passphrase=words)
    assert store.header_digest((tmp_path / "backup" / backups.FILES / kept.path).read_bytes()) == kept.header_digest
    for line in ('vault = {kind = "s3"}\n', 'vault.kind = "s3"\n', '"vault".kind = "s3"\n', '[ vault ]\nkind = "s3"\n'):
        assert "vault" not in tomllib.loads(shelves.at_home(f'profile = "demo"\n{line}')), line
    left = shelves.at_home(told)
    assert (
        left.startswith('profile = "demo"\n# [vault]\n# kind') and '\n# bucket = "dingmi-jimi"\n[session]\nidle' in left
    )


def test_a_service_that_is_away_refuses_with_nothing_half_written(buckets: Service, story: Story, settings: Any):
    matter = story.approve(story.proposed()).matter
    waiting = story.proposed()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.DINGMI_SHELVES = {**buckets.told, "endpoint": f"http://127.0.0.1:{free.getsockname()[1]}"}
    with pytest.raises(Unavailable, match=r"vault\.unreachable"):
        store.get(files_of(matter)[0])
    with pytest.raises(Unavailable, match=r"vault\.unreachable"):
        story.approve(waiting)
    assert Matter.objects.get(pk=waiting).state == "proposed"
    found = verify()
    assert {fault.kind for fault in found.findings} == {"file.unreadable"}
    with pytest.raises(Unavailable, match=r"vault\.unreachable"):
        sealing.rewrap_all(actor=story.actor("secadmin"), now=story.now, progress=lambda n, of: None)
    settings.DINGMI_SHELVES = buckets.told
    assert story.approve(waiting).matter and verify().ok


def test_a_level_without_a_bucket_keeps_nothing(buckets: Service, story: Story, settings: Any):
    levels = {slug: level for slug, level in buckets.told["levels"].items() if slug != "jimi"}
    settings.DINGMI_SHELVES = {**buckets.told, "levels": levels}
    with pytest.raises(Unavailable, match=r"vault\.level_without_bucket"):
        store.put("机密", b"x", kind="original", media="txt", at=story.now)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "ftp"}, "kind"),
        ({"endpoint": "http://store.example"}, "endpoint"),
        ({"endpoint": ""}, "endpoint"),
        ({"levels": {}}, "setting"),
        ({"levels": {"topsecret": {}}}, "level"),
        ({"levels": {"mimi": {"bucket": "dingmi-mimi"}}}, "setting"),
        ({"levels": {"mimi": {"bucket": "b", "access_key": "k", "secret_file": "nowhere"}}}, "secret"),
        ({"levels": "shared"}, "shared"),
    ],
)
def test_a_wrong_configuration_is_named_by_check_and_refused(
    service: Service, settings: Any, changed: dict[str, Any], code: str
):
    levels = {"mimi": service.told["levels"]["mimi"], "jimi": service.told["levels"]["mimi"]}
    told = {**service.told, **({"levels": levels} if changed == {"levels": "shared"} else changed)}
    settings.DINGMI_SHELVES = told
    shown = [finding_document(found) for found in shelf_faults()]
    assert f"vault.wrong_{code}" in {found["code"] for found in shown}
    assert all(found["severity"] == "block" and found["message_zh"] and found["remedy_en"] for found in shown)
    with pytest.raises(Unavailable, match=r"vault\.wrong_"):
        shelves.shelf()


def test_what_is_well_configured_passes_and_folders_need_nothing(service: Service):
    assert shelves.faults(service.told) == () and shelves.faults({}) == ()
