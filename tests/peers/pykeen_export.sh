#!/bin/sh
# Compares our scores with PyKEEN's: rows exported by `lladr export pykeen` and loaded into PyKEEN's own models.
#
#     tests/peers/pykeen_export.sh [target/release/lladr]
#
# For every scoring function, and for a model trained with text: trains a little on the bundled pack, exports, and lets
# load_into_pykeen.py score 5,000 triples; a difference above 1e-4 fails. Then the way back for models that PyKEEN
# itself made: their rows through pykeen_to_lladr.py and `lladr import-embeddings pykeen`, scored by both again.
set -eu
export PYTHONWARNINGS=ignore
here=$(cd "$(dirname "$0")" && pwd)
lladr=${1:-"$here/../../target/release/lladr"}
pack="$here/../../public/packs/starter"
python=$("$here/setup.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compare() { # name, then options of training
    name=$1
    shift
    "$lladr" train --pack "$pack" --dim 64 --epochs 5 --negatives 32 --batch 256 --out "$work/$name" "$@" >"$work/log"
    "$lladr" export pykeen --pack "$work/$name" --out "$work/$name-pykeen" --scores 5000 >"$work/log"
    printf '%-12s ' "$name"
    (cd "$work/$name-pykeen" && "$python" load_into_pykeen.py)
}

for model in transe_l1 transe_l2 distmult complex rotate; do
    compare "$model" --model "$model"
done
for model in transe_l1 distmult rotate; do
    compare "lladr_$model" --model "$model" --rho 0.6 --zeta-anchor 0.5 --zeta-link 1.8 --template name
done

# The way back. PyKEEN trains on the pack's triples and saves its result.
"$python" "$here/pykeen_train.py" "$work/transe_l1-pykeen" "$work/made"
for made in "$work"/made/*; do
    name=$(basename "$made")
    "$python" "$work/transe_l1-pykeen/pykeen_to_lladr.py" "$made" "$work/rows-$name" >"$work/log"
    "$lladr" import-embeddings pykeen "$work/rows-$name" --pack "$pack" --out "$work/pack-$name" >"$work/log"
    "$lladr" export pykeen --pack "$work/pack-$name" --out "$work/back-$name" --scores 5000 >"$work/log"
    printf 'back %-12s ' "$name"
    "$python" "$here/pykeen_train.py" --compare "$made" "$work/back-$name"
done
