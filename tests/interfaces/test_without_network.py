"""The product is started, signed in to and drafted with where there is no network but loopback (SR-89)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ALONE = ["unshare", "--map-root-user", "--net"]


def why_not() -> str:
    """Return what keeps this machine from making a namespace without network; nothing where it can."""
    if shutil.which(ALONE[0]) is None:
        return "no unshare (util-linux)"
    tried = subprocess.run([*ALONE, "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip() or f"unshare ends with {tried.returncode}" if tried.returncode else ""


def test_it_starts_signs_in_and_drafts_with_loopback_alone(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(f"no namespace without network can be made here: {reason}")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DINGMI_") and k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [*ALONE, sys.executable, "-m", "tests.offline", str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"interfaces": ["lo"], "cut_off": True, "signed_in": True, "drafted": True, "shown": True}
