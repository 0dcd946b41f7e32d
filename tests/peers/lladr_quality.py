"""Quality of `lladr train` on UMLS, Kinships and Nations, beside PyKEEN's of pykeen_quality.py.

Same dimension (64 numbers per entity; ComplEx and RotatE read them as 32 complex ones), negatives (32), batch (256) and
epochs as there. Settings are chosen by the filtered MRR on the validation split from a small grid: the margin, the
learning rate, and one of three recipes. Prints one JSON line per graph and model, with the test figures of the choice
(filtered, both sides, all entities, realistic ranks).

    cargo build --release -p lladr-cli
    python3 tests/peers/lladr_quality.py --lladr target/release/lladr --data DIR > lladr_quality.json

DIR holds umls/, kinships/ and nations/ with train.txt, valid.txt and test.txt each. Standard library only.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

EPOCHS = {"nations": 200, "umls": 100, "kinships": 100}
GAMMAS = {
    "transe_l1": [9, 12, 24],
    "transe_l2": [3, 6, 12],
    "distmult": [6],
    "complex": [6],
    "rotate": [6, 12, 24],
}
LEARNING_RATES = [0.03, 0.1, 0.3]
RECIPES = {"log_sigmoid": [], "cross_entropy": ["--loss", "cross_entropy"], "filtered negatives": ["--filter-negatives"]}


def train(lladr, folder, model, epochs, gamma, rate, recipe, seed, out):
    command = [lladr, "train", "--data", folder, "--model", model, "--dim", "64", "--negatives", "32", "--batch", "256"]
    command += ["--epochs", epochs, "--validate-every", epochs, "--gamma", gamma, "--learning-rate", rate]
    command += ["--seed", seed, "--json", out, *recipe]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    result = json.loads(Path(out).read_text())
    wanted = [e for e in result["evaluations"] if (e["scorer"], e["question"]) == ("model", "all triples")]
    return result["validation_mrr"], wanted[0]["metrics"], result["seconds"]["training"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lladr", default="target/release/lladr")
    parser.add_argument("--data", required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        for graph, epochs in EPOCHS.items():
            for model, gammas in GAMMAS.items():
                best = None
                for gamma in gammas:
                    for rate in LEARNING_RATES:
                        for name, recipe in RECIPES.items():
                            data = Path(arguments.data) / graph
                            run = train(arguments.lladr, data, model, epochs, gamma, rate, recipe, arguments.seed, out)
                            if best is None or run[0] > best[0][0]:
                                best = run, {"gamma": gamma, "learning_rate": rate, "recipe": name}
                (valid, metrics, seconds), chosen = best
                line = {"graph": graph, "model": model, "epochs": epochs, "valid_mrr": valid, **chosen}
                line |= {"mrr": metrics["mrr"], "hits_at_10": metrics["hits_at_10"], "train_seconds": seconds}
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
