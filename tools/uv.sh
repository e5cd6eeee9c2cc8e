# Sourced by tools/lock and tools/check-lock, from the project's root: puts the pinned uv of tools/lock-requirements.txt into a
# virtual environment that is thrown away. Sets $python (an interpreter), $work (a folder that is removed at the end) and $uv.
python=${PYTHON:-$(sh tools/find-python)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
  -r tools/lock-requirements.txt
uv=$work/venv/bin/uv
