"""Models that PyKEEN made itself, for the way back of pykeen_export.sh.

    python pykeen_train.py EXPORT OUT               trains TransE (both norms), DistMult, ComplEx on EXPORT/train.tsv
    python pykeen_train.py --compare RESULT EXPORT  RESULT's own scores beside EXPORT/scores.tsv, less the margin

EXPORT is what `lladr export pykeen` wrote; OUT gets one folder for each model, as PyKEEN's save_to_directory writes it.
"""

import argparse
import json
import logging
import sys
from pathlib import Path

import numpy as np
import torch
from pykeen.pipeline import pipeline
from pykeen.triples import TriplesFactory

MODELS = {
    "transe_l1": ("TransE", {"scoring_fct_norm": 1}, "nssa"),
    "transe_l2": ("TransE", {"scoring_fct_norm": 2}, "marginranking"),
    "distmult": ("DistMult", {}, "marginranking"),
    "complex": ("ComplEx", {}, "softplus"),
}


def lines(path):
    return [line.rstrip("\n").split("\t") for line in path.open(encoding="utf-8")]


def train(export, out):
    logging.disable(logging.WARNING)
    for name, (model, arguments, loss) in MODELS.items():
        # Inverse triples for one of them: their rows are every second one.
        factory = TriplesFactory.from_labeled_triples(
            np.array(lines(export / "train.tsv")), create_inverse_triples=name == "distmult"
        )
        # The pipeline wants to test; its figures are not looked at.
        ids = {"entity_to_id": factory.entity_to_id, "relation_to_id": factory.relation_to_id}
        result = pipeline(
            training=factory,
            testing=TriplesFactory.from_labeled_triples(np.array(lines(export / "test.tsv")), **ids),
            model=model,
            model_kwargs={"embedding_dim": 32, **arguments},
            loss=loss,
            training_kwargs={"num_epochs": 2, "batch_size": 512, "use_tqdm": False},
            evaluation_kwargs={"use_tqdm": False, "batch_size": 64},
            random_seed=1,
        )
        result.save_to_directory(out / name)


def compare(result, export):
    model = torch.load(result / "trained_model.pkl", map_location="cpu", weights_only=False)
    factory = TriplesFactory.from_path_binary(result / "training_triples")
    card = json.loads((export / "model.json").read_text())
    gamma = card["gamma"] if card["model"].startswith("transe") else 0.0
    rows = lines(export / "scores.tsv")[1:]
    known = [row for row in rows if row[0] in factory.entity_to_id and row[2] in factory.entity_to_id]
    numbers = [[factory.entity_to_id[h], factory.relation_to_id[r], factory.entity_to_id[t]] for h, r, t, _ in known]
    with torch.inference_mode():
        # Not score_hrt: with inverse triples, relations are renumbered on the way.
        theirs = model.predict_hrt(torch.tensor(numbers)).squeeze(1).double().numpy()
    worst = float(np.abs(np.array([float(row[3]) for row in known]) - gamma - theirs).max())
    print(json.dumps({"triples": len(known), "gamma": gamma, "largest_difference": worst}))
    sys.exit(0 if worst <= 1e-4 else 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    arguments = parser.parse_args()
    (compare if arguments.compare else train)(arguments.first, arguments.second)


if __name__ == "__main__":
    main()
