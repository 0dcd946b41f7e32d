"""How well PyKEEN ranks on UMLS, Kinships and Nations, at settings that another trainer can copy.

    python pykeen_quality.py [--out quality.jsonl] [--data DIR] [--graphs nations umls] [--models transe_l1 …]

64 real numbers per entity (ComplEx, RotatE: 32 complex), 32 uniform negatives per positive, self-adversarial
log-sigmoid (temperature 1), Adam, batch 256, no constraint on rows, no regularisation, seed 1. Each candidate
(learning rate, margin) is trained for the full number of epochs and printed as one JSON line with its validation
and test metrics: filtered by all known triples, heads and tails, realistic ranks. At the end one line for each
graph and model repeats the candidate with the best validation MRR (`"chosen": true`).

PyKEEN's margin of the self-adversarial loss is our gamma; its RotatE takes the L2 norm over dimensions.
Without --data the graphs are those inside the PyKEEN package; DIR holds <graph>/{train,valid,test}.txt.
One core.
"""

import argparse
import json
import logging
import time
from pathlib import Path

import pykeen.datasets
import torch
from pykeen.evaluation import RankBasedEvaluator
from pykeen.pipeline import pipeline
from pykeen.triples import TriplesFactory
from pykeen.version import VERSION

EPOCHS = {"nations": 200, "umls": 100, "kinships": 100}
PLAIN = {"entity_constrainer": None}
UNIFORM = {"entity_initializer": "xavier_uniform", "relation_initializer": "xavier_uniform"}
MODELS = {
    "transe_l1": ("TransE", {"embedding_dim": 64, "scoring_fct_norm": 1, **PLAIN}, [9.0, 6.0]),
    "transe_l2": ("TransE", {"embedding_dim": 64, "scoring_fct_norm": 2, **PLAIN}, [3.0, 6.0]),
    "distmult": ("DistMult", {"embedding_dim": 64, "regularizer": None, **PLAIN}, [0.0]),
    "complex": ("ComplEx", {"embedding_dim": 32, "regularizer": None, **UNIFORM}, [0.0]),
    "rotate": ("RotatE", {"embedding_dim": 32}, [3.0, 6.0]),
}
METRICS = {
    "mrr": "both.realistic.inverse_harmonic_mean_rank",
    "mrr_tail": "tail.realistic.inverse_harmonic_mean_rank",
    "mrr_head": "head.realistic.inverse_harmonic_mean_rank",
    "hits_at_1": "both.realistic.hits_at_1",
    "hits_at_3": "both.realistic.hits_at_3",
    "hits_at_10": "both.realistic.hits_at_10",
    "mean_rank": "both.realistic.arithmetic_mean_rank",
}


# (learning rate, which of the model's margins): first those that matter most.
CANDIDATES = [(0.01, 0), (0.003, 0), (0.01, 1)]


def graph(name, data):
    folder = Path(data) / name if data else Path(pykeen.datasets.__file__).with_name(name)
    train = TriplesFactory.from_path(folder / "train.txt")
    ids = {"entity_to_id": train.entity_to_id, "relation_to_id": train.relation_to_id}
    return [train] + [TriplesFactory.from_path(folder / f"{part}.txt", **ids) for part in ("valid", "test")]


def candidate(name, triples, model, rate, margin):
    train, valid, test = triples
    kind, model_kwargs, _ = MODELS[model]
    cpu, wall = time.process_time(), time.perf_counter()
    result = pipeline(
        training=train,
        validation=valid,
        testing=test,
        model=kind,
        model_kwargs=dict(model_kwargs),
        loss="nssa",
        loss_kwargs={"margin": margin, "adversarial_temperature": 1.0},
        optimizer="adam",
        optimizer_kwargs={"lr": rate},
        training_loop="slcwa",
        negative_sampler="basic",
        negative_sampler_kwargs={"num_negs_per_pos": 32},
        training_kwargs={"num_epochs": EPOCHS[name], "batch_size": 256, "use_tqdm": False, "use_tqdm_batch": False},
        evaluation_kwargs={"use_tqdm": False, "batch_size": 256},
        random_seed=1,
        device="cpu",
    )
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    # All known triples filter the validation too, as in the test.
    on_valid = RankBasedEvaluator(filtered=True).evaluate(
        result.model,
        valid.mapped_triples,
        batch_size=256,
        additional_filter_triples=[train.mapped_triples, test.mapped_triples],
        use_tqdm=False,
    )
    return {
        "graph": name,
        "model": model,
        "real_numbers_per_entity": 64,
        "negatives": 32,
        "batch": 256,
        "epochs": EPOCHS[name],
        "optimizer": "adam",
        "learning_rate": rate,
        "margin": margin,
        "adversarial_temperature": 1.0,
        "seed": 1,
        "valid_mrr": on_valid.get_metric(METRICS["mrr"]),
        **{key: result.metric_results.get_metric(metric) for key, metric in METRICS.items()},
        "train_seconds": result.train_seconds,
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "final_loss": result.losses[-1],
        "versions": f"PyKEEN {VERSION}, torch {torch.__version__}",
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", help="also append each line to this file")
    arguments.add_argument("--data", help="folder of <graph>/{train,valid,test}.txt")
    arguments.add_argument("--graphs", nargs="+", default=list(EPOCHS), choices=list(EPOCHS))
    arguments.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    arguments = arguments.parse_args()
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)

    def tell(line):
        text = json.dumps(line)
        print(text, flush=True)
        if arguments.out:
            with open(arguments.out, "a", encoding="utf-8") as file:
                file.write(text + "\n")

    graphs = {name: graph(name, arguments.data) for name in arguments.graphs}
    best = {}
    for rate, which in CANDIDATES:
        for name, triples in graphs.items():
            for model in arguments.models:
                margins = MODELS[model][2]
                if which >= len(margins):
                    continue
                line = candidate(name, triples, model, rate, margins[which])
                tell(line)
                best[name, model] = max(best.get((name, model), line), line, key=lambda one: one["valid_mrr"])
    for line in best.values():
        tell({"chosen": True, **line})


if __name__ == "__main__":
    main()
