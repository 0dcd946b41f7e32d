"""Loads the rows of this folder into PyKEEN's model of the same scoring function, and scores triples with it.

    python load_into_pykeen.py                      compares with scores.tsv; exit code 1 above --tolerance
    python load_into_pykeen.py --triples t.tsv      prints head, relation, tail, score of these triples

From Python: `from load_into_pykeen import load; model, factory, gamma = load(folder)`. Needs PyKEEN (tried with 1.10.1).
PyKEEN's distance models have no margin, so `gamma` is added to their scores here. PyKEEN's RotatE measures the L2 norm
of h r - t over all dimensions; RotatE's authors, and these rows, the sum of the moduli: that interaction is below.
"""

import argparse
import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from pykeen.models import ERModel
from pykeen.nn.init import PretrainedInitializer
from pykeen.nn.modules import (
    ComplExInteraction,
    DistMultInteraction,
    FunctionalInteraction,
    TransEInteraction,
)
from pykeen.triples import TriplesFactory


def sum_of_moduli(h, r, t):
    """-sum_k |h_k r_k - t_k|."""
    return -(h * r - t).abs().sum(dim=-1)


class RotatESumInteraction(FunctionalInteraction):
    """RotatE with its authors' distance."""

    func = staticmethod(sum_of_moduli)


# Interaction, its arguments, whether rows are complex.
INTERACTIONS = {
    "transe_l1": (TransEInteraction, {"p": 1}, False),
    "transe_l2": (TransEInteraction, {"p": 2}, False),
    "distmult": (DistMultInteraction, {}, False),
    "complex": (ComplExInteraction, {}, True),
    "rotate": (RotatESumInteraction, {}, True),
}


def names(path):
    """Name to row, from `id TAB label`."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        rows = (line.rstrip("\n").split("\t", 1) for line in file)
        return {label: int(row) for row, label in rows}


def representation(rows, is_complex):
    """What PyKEEN needs to make a table of these rows."""
    if is_complex:
        # PyKEEN fills a table of complex numbers through its view as pairs of real ones.
        half = rows.shape[1] // 2
        rows, dtype = np.stack([rows[:, :half], rows[:, half:]], axis=-1), torch.cfloat
    else:
        dtype = torch.float
    tensor = torch.from_numpy(rows.astype(np.float32))
    return {"shape": tensor.shape[1:2], "initializer": PretrainedInitializer(tensor), "dtype": dtype}


def load(folder="."):
    """The model with the rows, PyKEEN's triples, and the margin that its scores lack."""
    folder = Path(folder)
    card = json.loads((folder / "model.json").read_text())
    entity_to_id = names(folder / "entity_to_id.tsv.gz")
    relation_to_id = names(folder / "relation_to_id.tsv.gz")
    with (folder / "train.tsv").open(encoding="utf-8", newline="") as file:
        labelled = np.array([line.rstrip("\r\n").split("\t") for line in file])
    factory = TriplesFactory.from_labeled_triples(labelled, entity_to_id=entity_to_id, relation_to_id=relation_to_id)
    entities = np.load(folder / "entity_embeddings.npy")
    relations = np.load(folder / "relation_embeddings.npy")
    interaction, arguments, is_complex = INTERACTIONS[card["model"]]
    if card["model"] == "rotate":
        phases = relations[:, : relations.shape[1] // 2]
        relations = np.concatenate([np.cos(phases), np.sin(phases)], axis=1)
    model = ERModel(
        triples_factory=factory,
        interaction=interaction,
        interaction_kwargs=arguments,
        entity_representations_kwargs=representation(entities, is_complex),
        relation_representations_kwargs=representation(relations, is_complex),
        random_seed=0,
    )
    model.eval()
    is_distance = card["model"] in ("transe_l1", "transe_l2", "rotate")
    return model, factory, card["gamma"] if is_distance else 0.0


def score(model, factory, gamma, triples):
    """Scores of triples of names, with the margin."""
    rows = [[factory.entity_to_id[h], factory.relation_to_id[r], factory.entity_to_id[t]] for h, r, t in triples]
    with torch.inference_mode():
        return gamma + model.score_hrt(torch.tensor(rows, dtype=torch.long)).squeeze(1).double().numpy()


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=Path(__file__).parent)
    parser.add_argument("--triples", help="head TAB relation TAB tail, to be scored")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    model, factory, gamma = load(arguments.folder)
    if arguments.triples:
        triples = [row[:3] for row in table(arguments.triples)]
        for triple, value in zip(triples, score(model, factory, gamma, triples)):
            print(*triple, f"{value:.6f}", sep="\t")
        return
    rows = table(Path(arguments.folder) / "scores.tsv")[1:]
    ours = np.array([float(row[3]) for row in rows])
    theirs = score(model, factory, gamma, [row[:3] for row in rows])
    worst = float(np.abs(ours - theirs).max())
    told = {"triples": len(rows), "interaction": type(model.interaction).__name__, "largest_difference": worst}
    print(json.dumps({**told, "scores": [float(theirs.min()), float(theirs.max())]}))
    sys.exit(0 if worst <= arguments.tolerance else 1)


if __name__ == "__main__":
    main()
