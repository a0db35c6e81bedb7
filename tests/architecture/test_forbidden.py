"""SR-70: markup taken as safe, raw SQL, pickles, YAML, shells and dynamic imports are forbidden but for a reviewed list that shrinks."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, modules, name, tree

ALLOWED = tomllib.loads(Path(__file__).with_name("forbidden.toml").read_text(encoding="utf-8"))
CALLS = {  # by the last part of what is called
    "safe": {"mark_safe", "SafeString", "SafeText"},
    "sql": {"execute", "executemany", "executescript", "raw", "extra", "RawSQL", "callproc"},
    "dynamic": {
        "import_module",
        "__import__",
        "eval",
        "exec",
        "run_module",
        "run_path",
        "spec_from_file_location",
        "import_string",
    },
    "shell": {"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"},
}
OF_MANAGERS = {"raw", "extra"}  # words that functions of another kind may have for a name
IMPORTS = {
    "pickle": {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"},
    "yaml": {"yaml", "ruamel"},
}
TEMPLATE = re.compile(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off|\{%\s*filter\s+safe")
KINDS = {*CALLS, *IMPORTS, "template"}


def _last(called: ast.expr) -> str:
    return getattr(called, "id", "") or getattr(called, "attr", "")


def kinds_in(code: ast.AST) -> Iterator[str]:
    """Yield the kind of each thing in ``code`` that is forbidden."""
    for node in ast.walk(code):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (kind for kind, names in IMPORTS.items() for one in named if one.split(".")[0] in names)
        if not isinstance(node, ast.Call):
            continue
        last = _last(node.func)
        if not (isinstance(node.func, ast.Name) and last in OF_MANAGERS):
            yield from (kind for kind, names in CALLS.items() if last in names)
        for given in node.keywords:
            is_true = isinstance(given.value, ast.Constant) and given.value.value is True
            if given.arg == "shell" and not (isinstance(given.value, ast.Constant) and given.value.value is False):
                yield "shell"
            if given.arg == "allow_pickle" and is_true:
                yield "pickle"


def found() -> dict[str, set[str]]:
    """Return the files of the program in which each kind stands."""
    held: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for path in modules():
        for kind in kinds_in(tree(path)):
            held[kind].add(name(path))
    for path in PACKAGE.rglob("*.html"):
        if TEMPLATE.search(path.read_text(encoding="utf-8")):
            held["template"].add(path.relative_to(PACKAGE).as_posix())
    return held


def test_what_is_forbidden_stands_in_the_reviewed_files_alone_and_each_of_them_still_needs_it() -> None:
    held = found()
    assert set(ALLOWED) == KINDS and all(reason for files in ALLOWED.values() for reason in files.values())
    assert {kind: sorted(files - set(ALLOWED[kind])) for kind, files in held.items()} == {kind: [] for kind in KINDS}
    assert {kind: sorted(set(ALLOWED[kind]) - files) for kind, files in held.items()} == {kind: [] for kind in KINDS}


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ("mark_safe(text)", "safe"),
        ("django.utils.safestring.SafeString(text)", "safe"),
        ("Matter.objects.raw('SELECT 1')", "sql"),
        ("cursor.execute(f'SELECT {name}')", "sql"),
        ("rows.annotate(x=RawSQL('1', ()))", "sql"),
        ("rows.extra(where=['1'])", "sql"),
        ("import pickle", "pickle"),
        ("from shelve import open", "pickle"),
        ("np.load(file, allow_pickle=True)", "pickle"),
        ("import yaml", "yaml"),
        ("subprocess.run(words, shell=True)", "shell"),
        ("subprocess.run(words, shell=chosen)", "shell"),
        ("os.system('ls')", "shell"),
        ("importlib.import_module(name)", "dynamic"),
        ("__import__(name)", "dynamic"),
        ("eval(text)", "dynamic"),
    ],
)
def test_each_kind_is_found_where_it_is_planted(planted: str, kind: str) -> None:
    assert kind in set(kinds_in(ast.parse(planted)))


@pytest.mark.parametrize(
    "planted", ["{{ title|safe }}", "{{ title | safe }}", "{% autoescape off %}", "{{ rows|safeseq|join:'' }}"]
)
def test_a_template_that_takes_words_as_markup_is_found(planted: str) -> None:
    assert TEMPLATE.search(planted) and not TEMPLATE.search("{{ title|safer_name }}")
