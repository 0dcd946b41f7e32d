#!/bin/sh
# Makes the virtual environment of the peers, outside the repository, and prints its Python.
#
#     python=$(tests/peers/setup.sh)
#     OMP_NUM_THREADS=1 "$python" tests/peers/chunked_torch.py
#
# Needs python3.11 with venv and 6 GB of disk: PyPI's torch carries CUDA. Debian's python3-torch is no
# substitute for speeds: without libopenblas0 it multiplies with the reference BLAS.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/lladr/peers"
if [ ! -x "$venv/bin/python" ] || ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    python3.11 -m venv --clear "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi
echo "$venv/bin/python"
