"""A pack as other tools read it: `{train,valid,test}.txt` (head TAB relation TAB tail), `names.txt` (one entity per
line, in the order of the vectors' rows) and `TEMPLATE.npy` (text vectors, float32 [entities, dims]) for each template.

    python pack_to_folder.py public/packs/starter /tmp/starter
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np

KINDS = {"U32": np.uint32, "F16": np.float16, "F32": np.float32}


def tensors(path):
    """The arrays of a gzip'd safetensors file by name: 8 bytes of length, a JSON header, the data."""
    raw = gzip.decompress(path.read_bytes())
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    data = raw[8 + length :]
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], KINDS[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
    }


def ids(path):
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    return [line.split("\t", 1)[0] for line in lines[1:]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    entities, relations = ids(args.pack / "entities.tsv.gz"), ids(args.pack / "relations.tsv.gz")
    (args.folder / "names.txt").write_text("\n".join(entities) + "\n")
    for split, triples in tensors(args.pack / "graph.safetensors.gz").items():
        lines = (f"{entities[h]}\t{relations[r]}\t{entities[t]}\n" for h, r, t in triples)
        (args.folder / f"{split}.txt").write_text("".join(lines))
    for template, vectors in tensors(args.pack / "text.safetensors.gz").items():
        np.save(args.folder / f"{template}.npy", vectors.astype(np.float32))


if __name__ == "__main__":
    main()
