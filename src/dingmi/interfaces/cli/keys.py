"""``dingmi keys``: what custodians do at the server; no passphrase and no share ever passes through a page."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from dingmi.base.errors import NotFound, Refused, Unavailable
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import DataFlag, JsonFlag, console, data_folder, emit, start_django, use_data

app = typer.Typer(no_args_is_help=True, help="密钥服务：启封、封存、分片 · the key service: open, close, shares")
PassphraseFlag = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="口令文件；不写则询问 · file with the passphrase; asked for otherwise"),
]
ApartFlag = Annotated[
    bool,
    typer.Option("--juemi", help="绝密的密钥，它单独存放和启封 · the keys of 绝密, which rest and open by themselves"),
]
NewPassphraseFlag = Annotated[
    Path | None, typer.Option("--new-passphrase-file", help="新口令的文件 · file with the new passphrase")
]
APART = "juemi"
LOG = "keys.log"
PATIENCE, RESTED = 30.0, 1.0  # seconds: until it listens, before it is started again


def service_command(folder: Path, part: str = "") -> list[str]:
    """Return the command that runs a key service of an installation: that of the lower levels, or of ``APART``."""
    return [sys.executable, "-m", "dingmi.records.keys.service", str(folder), *([part] if part else [])]


def _part(juemi: bool) -> str:
    return APART if juemi else ""


def _answers(folder: Path, part: str) -> bool:
    from dingmi.procedures import custody

    return custody.is_served(folder, part)


def _require_none(folder: Path, part: str) -> None:
    if _answers(folder, part):
        raise Refused("serve.keys_served")


def start_service(folder: Path, part: str = "") -> subprocess.Popen[bytes]:
    """Start a key service and wait until it listens.

    Raises:
        Refused: ``serve.keys_served``: one answers already; ``serve.keys_not_served``: it ended.
    """
    _require_none(folder, part)
    command = [*service_command(folder, part), "beside"]
    with (folder / LOG).open("ab") as log:
        started = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    began = time.monotonic()
    while not _answers(folder, part):
        if started.poll() is not None or time.monotonic() - began > PATIENCE:
            started.kill()
            raise Refused("serve.keys_not_served")
        time.sleep(0.02)
    return started


def keepers(folder: Path) -> list[Keeper]:
    """Return what runs each key service of an installation."""
    from dingmi.procedures import custody

    return [Keeper(folder, part) for part in custody.services(folder)]


class Keeper:
    """Runs a key service beside the pages, and starts it again when it ends; one that answers already is used."""

    def __init__(self, folder: Path, part: str = "") -> None:
        self._folder, self._part = folder, part
        self._ending = threading.Event()
        self._service: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the service, unless there is one; it listens when this returns.

        That of the highest level may fail: the others are served without it, and it is tried again.
        """
        try:
            if not _answers(self._folder, self._part):
                self._service = start_service(self._folder, self._part)
        except Refused:
            if not self._part:
                raise
            console.print(
                "绝密的密钥服务没有启动，其他密级照常办理。 The service of 绝密 keys did not start; the others go on."
            )
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            if self._service is not None:
                self._service.wait()
            if self._ending.wait(RESTED):
                return
            if _answers(self._folder, self._part):
                self._service = None
                continue
            console.print("密钥服务已停止，正在重新启动。 The key service ended and is started again.")
            try:
                self._service = start_service(self._folder, self._part)
            except Refused:
                continue

    def stop(self) -> None:
        """End the service with the pages."""
        self._ending.set()
        if self._service is not None:
            self._service.terminate()


def _secret(path: Path | None, prompt: str, *, twice: bool = False) -> str:
    if path is None:
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True))
    if not path.is_file():
        raise NotFound("file.not_found", (), path=path.name)
    return path.read_text(encoding="utf-8").strip()


def _shown(state: Any, *, as_json: bool) -> None:
    from dingmi.queries import jsonable

    if as_json:
        emit(jsonable(state))
        return
    for name, one in (("", state), ("  绝密", state.apart)):
        if one is not None:
            words = "已启封 · open" if one.is_open else "未启封 · closed"
            place = "密钥服务 · service" if one.is_service else "本进程 · this process"
            console.print(f"{one.kind}  {words}  {place}{name}")
            if not one.is_open and one.needed:
                console.print(f"分片 · shares {one.given}/{one.needed}")
    for slug, names in state.keys.items():
        console.print(f"  {slug:<12}{'  '.join(names)}")


@app.command()
@policy("folder")
def status(data: DataFlag = None, as_json: JsonFlag = False) -> None:
    """密钥在哪里、是否启封 · where the keys are and whether they are open."""
    use_data(data)
    from dingmi.procedures import custody

    _shown(custody.state(), as_json=as_json)


@app.command("open")
@policy("custodian")
def open_keys(
    share: Annotated[bool, typer.Option("--share", help="输入一个分片 · enter one share")] = False,
    juemi: ApartFlag = False,
    passphrase_file: PassphraseFlag = None,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """启封：输入口令，或者各保管人依次输入分片 · open with the passphrase, or one share after another."""
    use_data(data)
    from dingmi.procedures import custody
    from dingmi.queries import clock

    found = custody.state(_part(juemi))
    if not found.is_service:
        raise Unavailable("key.service_down")
    is_token = "pin" in found.ways
    prompt = "分片 · share" if share else "PIN" if is_token else "密钥库口令 · passphrase of the keystore"
    secret = _secret(passphrase_file, prompt)
    _shown(
        custody.open_keys(
            now=clock.now(),
            way="share" if share else "pin" if is_token else "passphrase",
            secret=secret,
            part=_part(juemi),
        ),
        as_json=as_json,
    )


@app.command("close")
@policy("folder")
def close_keys(juemi: ApartFlag = False, data: DataFlag = None) -> None:
    """立即封存：全部，或者只封存绝密的 · close the keys at once: all, or those of 绝密 alone."""
    use_data(data)
    from dingmi.procedures import custody
    from dingmi.queries import clock

    custody.close_keys(now=clock.now(), part=APART if juemi else None)
    console.print("已封存。 Closed.")


@app.command()
@policy("custodian")
def protect(
    juemi: ApartFlag = False,
    passphrase_file: PassphraseFlag = None,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """把密钥文件移入口令保护的密钥库，绝密的另办 · move the key files into a keystore under a passphrase; those of 绝密 apart."""
    use_data(data)
    from dingmi.procedures import custody
    from dingmi.queries import clock

    passphrase = _secret(passphrase_file, "新口令 · new passphrase", twice=True)
    count = custody.protect(now=clock.now(), passphrase=passphrase, part=_part(juemi))
    emit({"keys": count}) if as_json else console.print(f"{count} 个密钥已移入密钥库 · keys moved into the keystore")


@app.command()
@policy("custodian")
def apart(
    share: Annotated[
        bool, typer.Option("--share", help="用分片启封现密钥库 · open the present keystore with shares")
    ] = False,
    passphrase_file: PassphraseFlag = None,
    new_passphrase_file: NewPassphraseFlag = None,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """把绝密的密钥移出密钥库，另设密钥库和口令 · move the keys of 绝密 into a keystore and passphrase of their own."""
    use_data(data)
    from dingmi.procedures import custody
    from dingmi.queries import clock

    moving = custody.Separating()
    way, prompt = ("share", "分片 · share") if share else ("passphrase", "密钥库口令 · passphrase of the keystore")
    while not moving.open(now=clock.now(), way=way, secret=_secret(passphrase_file, prompt)):
        continue
    new = _secret(new_passphrase_file, "绝密密钥库的新口令 · new passphrase for 绝密", twice=True)
    count = moving.separate(now=clock.now(), passphrase=new)
    emit({"keys": count}) if as_json else console.print(f"{count} 个绝密密钥已另存 · keys of 绝密 moved")


@app.command()
@policy("custodian")
def passphrase(juemi: ApartFlag = False, data: DataFlag = None) -> None:
    """更换密钥库口令 · change the passphrase of the keystore."""
    use_data(data)
    from dingmi.procedures import custody
    from dingmi.queries import clock

    old = _secret(None, "现口令 · present passphrase")
    new = _secret(None, "新口令 · new passphrase", twice=True)
    custody.change_passphrase(now=clock.now(), old=old, new=new, part=_part(juemi))
    console.print("口令已更换。 Changed.")


@app.command()
@policy("custodian")
def share(
    need: Annotated[int, typer.Option("--need", help="几片即可启封 · how many open it")],
    of: Annotated[int, typer.Option("--of", help="共几片 · how many there are")],
    only: Annotated[bool, typer.Option("--only", help="从此只用分片启封 · from now on no passphrase opens it")] = False,
    juemi: ApartFlag = False,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """生成分片，旧分片作废；先由两人在“密钥”页同意 · make shares, those before open nothing; two people agree first."""
    use_data(data)
    from dingmi.procedures import custody
    from dingmi.queries import clock

    made = custody.split(now=clock.now(), need=need, of=of, keeps_passphrase=not only, part=_part(juemi))
    if as_json:
        emit({"need": need, "of": of, "shares": list(made)})
        return
    console.print("每片交一名保管人，这里只显示一次。 One share a custodian; they are shown only now.")
    for number, text in enumerate(made, start=1):
        print(f"\n{number}/{of}  {text}")


@app.command()
@policy("custodian")
def token(
    module: Annotated[str, typer.Option("--module", help="PKCS#11 库文件 · the PKCS#11 library")],
    label: Annotated[str, typer.Option("--label", help="设备标签 · label of the token")],
    approval: Annotated[
        str, typer.Option("--approval", help="核准设备的证书编号 · certificate of an approved device")
    ] = "",
    pin_file: PassphraseFlag = None,
    data: DataFlag = None,
) -> None:
    """建库以前，在 PKCS#11 设备中生成密钥 · before founding: make the keys in a PKCS#11 device."""
    folder = data_folder(data)
    start_django(folder)
    from dingmi.procedures import custody

    pin = _secret(pin_file, "PIN")
    count = custody.to_token(folder=folder, module=module, label=label, approval=approval, pin=pin)
    console.print(f"设备中已生成 {count} 个密级的密钥 · levels have a key in the device")


@app.command()
@policy("folder")
def serve(juemi: ApartFlag = False, data: DataFlag = None) -> None:
    """只运行密钥服务，绝密的另行运行；dingmi up 使用已在运行的服务 · run a key service alone; dingmi up uses one that runs."""
    folder = data_folder(data)
    start_django(folder)
    _require_none(folder, _part(juemi))
    os.execv(sys.executable, service_command(folder, _part(juemi)))
