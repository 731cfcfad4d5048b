#!/bin/sh
# Finds Python 3.11 or newer and hands over to devstack/main.py.
cd -- "$(dirname -- "$0")/.." || exit 1
for python in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$python" >/dev/null 2>&1 &&
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        exec "$python" -m devstack.main "$@"
    fi
done
echo "Python 3.11 or newer is needed and was not found (Debian, Ubuntu: apt install python3 python3-venv)." >&2
exit 1
