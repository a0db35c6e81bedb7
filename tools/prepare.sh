# Sourced by ./run and ./test: find a Python, make an environment once, install what the lock says, build the page assets.
unset PYTHONDONTWRITEBYTECODE  # modules are compiled once, not by every process that a command starts

find_python() {
  for name in "${DINGMI_PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
    if "$name" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      command -v "$name"; return 0
    fi
  done
  echo "需要 Python 3.11–3.13（含 venv）。 Python 3.11–3.13 with venv is needed." >&2
  return 2
}

digest() { cat "$@" | cksum | tr ' ' '-'; }

# prepare_environment FOLDER LOCK
prepare_environment() {
  folder=$1; lock=$2
  stamp="$folder/.lock-$(digest "$lock")"
  [ -f "$stamp" ] && return 0
  python=$(find_python)
  echo "安装依赖（首次约一分钟）… Installing dependencies, about a minute the first time…" >&2
  [ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
  if [ -d wheelhouse ]; then
    "$folder/bin/python" -m pip install -q --disable-pip-version-check --no-index --find-links wheelhouse --require-hashes -r "$lock"
  else
    "$folder/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
  fi
  rm -f "$folder"/.lock-*
  : > "$stamp"
}

# prepare_package FOLDER: the package itself, page assets, message catalogues
prepare_package() {
  folder=$1
  stamp="$folder/.package-$(digest pyproject.toml src/dingmi/__init__.py)"
  if [ ! -f "$stamp" ]; then
    "$folder/bin/python" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --editable .
    rm -f "$folder"/.package-*
    : > "$stamp"
  fi
  "$folder/bin/python" tools/build_assets.py >&2
}
