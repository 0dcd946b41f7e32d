"""Scores of DGL-KE's own code on rows that `lladr export dglke` wrote, beside ours.

    python dglke_scores.py --lladr target/release/lladr

Takes score_fun.py out of DGL-KE 0.1.2 as PyPI has it: the file needs torch and numpy only, the package an old DGL.
For every scoring function: trains a little on the bundled pack, exports, scores 5,000 triples by both, and the same
again after `lladr import-embeddings dglke` read the export. Exit code 1 above 1e-4.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

PACK = Path(__file__).resolve().parents[2] / "public/packs/starter"
MODELS = ["transe_l1", "transe_l2", "distmult", "complex", "rotate"]


def score_functions(folder):
    """DGL-KE's module of scoring functions."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, "--dest", folder, "dglke==0.1.2"], check=True)
    (wheel,) = Path(folder).glob("dglke-*.whl")
    path = zipfile.ZipFile(wheel).extract("dglke/models/pytorch/score_fun.py", folder)
    spec = importlib.util.spec_from_file_location("score_fun", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(path):
    return {line.rstrip("\n").split("\t", 1)[1]: at for at, line in enumerate(path.open(encoding="utf-8"))}


def difference(module, export, scores):
    """The largest between DGL-KE's score of a triple and ours; config.json is read as DGL-KE reads it."""
    config = json.loads((export / "config.json").read_text())
    model, gamma, hidden = config["model"], config["gamma"], config["emb_size"]
    entities = torch.from_numpy(np.load(export / f"{config['dataset']}_{model}_entity.npy"))
    relations = torch.from_numpy(np.load(export / f"{config['dataset']}_{model}_relation.npy"))
    assert entities.shape[1] == hidden * (2 if config["double_ent"] else 1)
    assert relations.shape[1] == hidden * (2 if config["double_rel"] else 1)
    function = {
        "TransE_l1": lambda: module.TransEScore(gamma, "l1"),
        "TransE_l2": lambda: module.TransEScore(gamma, "l2"),
        "DistMult": module.DistMultScore,
        "ComplEx": module.ComplExScore,
        # KEModel: emb_init = (gamma + 2) / hidden_dim.
        "RotatE": lambda: module.RotatEScore(gamma, (gamma + 2.0) / hidden),
    }[model]()
    entity_rows, relation_rows = names(export / config["emap_file"]), names(export / config["rmap_file"])
    lines = [line.rstrip("\n").split("\t") for line in scores.open(encoding="utf-8")][1:]
    h, r, t = zip(*[(entity_rows[h], relation_rows[r], entity_rows[t]) for h, r, t, _ in lines])
    edges = SimpleNamespace(
        src={"emb": entities[list(h)]}, dst={"emb": entities[list(t)]}, data={"emb": relations[list(r)]}
    )
    theirs = function.edge_func(edges)["score"].double().numpy()
    ours = np.array([float(line[3]) for line in lines])
    return float(np.abs(ours - theirs).max()), len(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lladr", default="target/release/lladr")
    lladr = parser.parse_args().lladr

    def run(*words):
        subprocess.run([lladr, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        module = score_functions(folder)
        for model in MODELS:
            run("train", "--pack", PACK, "--model", model, "--dim", 64, "--epochs", 5, "--out", work / model)
            run("export", "dglke", "--pack", work / model, "--out", work / "rows")
            run("import-embeddings", "dglke", work / "rows", "--pack", work / model, "--out", work / "back")
            told = {"model": model}
            for which in (model, "back"):
                run("export", "pykeen", "--pack", work / which, "--out", work / "scores", "--scores", 5000)
                told["back" if which == "back" else "export"], told["triples"] = difference(
                    module, work / "rows", work / "scores" / "scores.tsv"
                )
            worst = max(worst, told["export"], told["back"])
            print(json.dumps(told), flush=True)
    sys.exit(0 if worst <= 1e-4 else 1)


if __name__ == "__main__":
    main()
