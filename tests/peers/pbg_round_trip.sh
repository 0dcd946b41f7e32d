#!/bin/sh
# The round trip through PyTorch-BigGraph 1.0.0: lladr export pbg, its import, training in two partitions and export,
# lladr import-embeddings pbg. Scores of the pack are then compared with those of PyTorch-BigGraph's own code.
#
#     tests/peers/pbg_round_trip.sh DIR [target/release/lladr]
#
# DIR holds train.txt, valid.txt and test.txt, such as UMLS or Nations. A difference above 1e-4 fails. In the end the
# rows are gone on with: `lladr train`. PyTorch-BigGraph is installed from PyPI into an environment of its own beside
# the one of setup.sh, whose torch and numpy it uses.
set -eu
export PYTHONWARNINGS=ignore
here=$(cd "$(dirname "$0")" && pwd)
data=$(cd "$1" && pwd)
lladr=$(realpath "${2:-"$here/../../target/release/lladr"}")
python=$("$here/setup.sh")
peers=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
venv="${XDG_CACHE_HOME:-$HOME/.cache}/lladr/pbg"
if [ ! -x "$venv/bin/torchbiggraph_train" ]; then
    python3.11 -m venv --clear "$venv" >&2
    echo "$peers" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/peers.pth"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps torchbiggraph==1.0.0 h5py==3.16.0 attrs==26.1.0 >&2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A pack needs identifiers of the form Type::id; a type with a space, as DRKG has, must come through too.
awk -F '\t' '{ print "Some Thing::" $1 "\t" $2 "\tSome Thing::" $3 }' \
    "$data/train.txt" "$data/valid.txt" "$data/test.txt" >"$work/triples.tsv"
"$lladr" import tsv "$work/triples.tsv" --out "$work/pack" --licence unknown --keep-self-loops >"$work/log"

for model in complex distmult transe_l2; do
    rm -rf "$work/pbg"
    "$lladr" export pbg --pack "$work/pack" --out "$work/pbg" --partitions 2 --model $model --dim 32 --epochs 20 >"$work/log"
    (
        cd "$work/pbg"
        {
            "$venv/bin/torchbiggraph_import_from_tsv" --lhs-col=0 --rel-col=1 --rhs-col=2 config.py train.tsv
            "$venv/bin/torchbiggraph_train" config.py -p workers=1
            "$venv/bin/torchbiggraph_export_to_tsv" config.py --entities-output entity_embeddings.tsv \
                --relation-types-output relation_types_parameters.tsv
        } >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
    )
    "$lladr" import-embeddings pbg "$work/pbg" --pack "$work/pack" --out "$work/$model" --missing refuse \
        --save "$work/$model.rows"
    # Scores of the pack's rows, by this program's own arithmetic.
    "$lladr" export pykeen --pack "$work/$model" --out "$work/scores" --scores 100000 >"$work/log"
    (cd "$work/pbg" && "$venv/bin/python" "$here/pbg_scores.py" config.py "$work/scores")
    # And on from there.
    "$lladr" train --pack "$work/$model" --initial "$work/$model.rows" --model $model --dim 32 --gamma 6 --epochs 5 \
        --lr 0.01 --out "$work/tuned" | grep '^trained'
done
