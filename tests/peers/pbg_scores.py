"""Scores of PyTorch-BigGraph's own operators and comparators, from its checkpoint, beside those of an exported pack.

    python pbg_scores.py config.py SCORES      run where the paths of config.py are right

SCORES is a folder by `lladr export pykeen`: scores.tsv, and the gamma in model.json, which is added to distances.
Exit code 1 above 1e-4.
"""

import json
import sys
from pathlib import Path
from urllib.parse import quote

import numpy as np
import torch
from torchbiggraph.checkpoint_manager import CheckpointManager
from torchbiggraph.config import ConfigFileLoader
from torchbiggraph.graph_storages import ENTITY_STORAGES
from torchbiggraph.model import make_model


def main():
    config = ConfigFileLoader().load_config(sys.argv[1])
    scores = Path(sys.argv[2])
    model = make_model(config)
    checkpoint = CheckpointManager(config.checkpoint_path)
    model.load_state_dict(checkpoint.read_model()[0], strict=False)
    storage = ENTITY_STORAGES.make_instance(config.entity_path)
    rows, partitions = {}, 0
    for name, entity in config.entities.items():
        for part in range(entity.num_partitions):
            numbers = checkpoint.read(name, part)[0]
            rows.update(zip(storage.load_names(name, part), numbers))
            partitions += 1
    relations = {relation.name: at for at, relation in enumerate(config.relations)}

    def word(text):
        return "".join(quote(c) if c == "%" or c.isspace() else c for c in text)

    gamma = json.loads((scores / "model.json").read_text())["gamma"] if config.comparator == "l2" else 0.0
    lines = [line.rstrip("\n").split("\t") for line in (scores / "scores.tsv").open(encoding="utf-8")][1:]
    worst, seen = 0.0, []
    with torch.inference_mode():
        for head, relation, tail, ours in lines:
            operator = model.rhs_operators[relations[word(relation)]]
            left = model.comparator.prepare(rows[word(head)].clone()[None, None])
            right = model.comparator.prepare(operator(rows[word(tail)].clone()[None, None]))
            # Positives are what it compares first; the negatives are not looked at.
            theirs = gamma + float(model.comparator(left, right, left, right)[0])
            worst = max(worst, abs(theirs - float(ours)))
            seen.append(theirs)
    told = {"operator": config.relations[0].operator, "comparator": config.comparator, "partitions": partitions}
    told |= {"triples": len(lines), "largest_difference": worst, "scores": [float(np.min(seen)), float(np.max(seen))]}
    print(json.dumps(told))
    sys.exit(0 if lines and worst <= 1e-4 else 1)


if __name__ == "__main__":
    main()
