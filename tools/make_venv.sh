#!/bin/sh
# Make the virtual environment $1 with a Python that quizgen runs on, or say in one line why that can't be done.
set -eu
venv=$1

fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c "$fits" 2>/dev/null \
    && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if "$python" -c "$fits" 2>/dev/null; then
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$python can't make a virtual environment: install its venv module (Debian and Ubuntu: apt install python3-venv)" >&2
            exit 1
        fi
        "$python" -m venv --clear "$venv"
        exit 0
    fi
done

found=$("${PYTHON:-python3}" -c 'import platform; print("Python", platform.python_version())' 2>/dev/null || echo "no Python")
echo "quizgen needs Python 3.11, 3.12 or 3.13, and '${PYTHON:-python3}' is $found: install one, or name it as in  make PYTHON=python3.12 …" >&2
exit 1
