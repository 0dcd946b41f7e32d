"""The folder that `lladr import-embeddings pykeen` reads, from the folder that PyKEEN's `save_to_directory` wrote.

    python pykeen_to_lladr.py RESULT OUT

RESULT holds trained_model.pkl and training_triples/. A pickle can run any code when it is loaded: load only your own.
Written are the rows as numpy arrays, the tables of names, and model.json: interaction, norm, margin. Needs PyKEEN.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from pykeen.version import VERSION


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    model = torch.load(arguments.result / "trained_model.pkl", map_location="cpu", weights_only=False)
    names = arguments.result / "training_triples"
    if len(model.entity_representations) != 1 or len(model.relation_representations) != 1:
        parser.error("this model has more than one row for each entity or relation, which no scoring function here has")
    with torch.inference_mode():
        entities = model.entity_representations[0]().numpy()
        relations = model.relation_representations[0]().numpy()
    # With inverse triples, row 2 r is relation r and row 2 r + 1 its inverse.
    count = sum(1 for _ in open_table(names / "relation_to_id.tsv.gz")) - 1
    if len(relations) == 2 * count:
        relations = relations[::2]
    interaction = type(model.interaction).__name__.removesuffix("Interaction")
    # RotatE's norm is fixed in PyKEEN: the L2 norm over all dimensions.
    norm = getattr(model.interaction, "p", 2 if interaction == "RotatE" else None)
    loss = type(model.loss).__name__
    card = {
        "program": f"PyKEEN {VERSION}",
        "interaction": interaction,
        "norm": norm,
        "power_norm": bool(getattr(model.interaction, "power_norm", False)),
        "loss": loss,
        # The margin of the self-adversarial loss is what others call gamma; other margins are not.
        "gamma": float(model.loss.margin) if loss == "NSSALoss" else None,
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.save(arguments.out / "entity_embeddings.npy", entities)
    np.save(arguments.out / "relation_embeddings.npy", relations)
    for name in ("entity_to_id.tsv.gz", "relation_to_id.tsv.gz"):
        shutil.copyfile(names / name, arguments.out / name)
    (arguments.out / "model.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card))


def open_table(path):
    import gzip

    return gzip.open(path, "rt", encoding="utf-8")


if __name__ == "__main__":
    main()
