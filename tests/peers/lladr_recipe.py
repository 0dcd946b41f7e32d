"""LLaDR's own training recipe (arXiv 2510.12181) restated in plain PyTorch: its speed, and its quality on a graph.

    OMP_NUM_THREADS=1 python lladr_recipe.py speed [--dim 128 1024] [--models transe_l1]
    OMP_NUM_THREADS=1 python lladr_recipe.py train --data DIR --names names.txt --name-vectors n.npy
        --description-vectors d.npy [--dim 128] [--models distmult] [--epochs 13] [--rate 1e-4]

Dense Adam 1e-4; 128 uniform negatives drawn anew for each positive, none of them a known training triple; batch 512;
head and tail batches in turn. Scores are of blended rows e = 0.6 x + 0.4 t, t = [name[:d/2] ; description[:d/2]].
L = 0.5 L_anchor + 1.8 L_link; L_anchor = mean of 1 − cos(e_u, t_u) over the entity of each positive that is not
corrupted; L_link = (L_pos + L_neg) / 2, log-sigmoid, negatives weighted alike, positives by subsampling weights
1 / sqrt(count(h, r) + count(t, r⁻¹)), counts from 4; gamma 12; rows uniform in ±(gamma + 2) / d. Only the rows that a
step needs are gathered and blended, which is the fastest reading of the recipe. `dim` is the number of complex
dimensions of RotatE, whose entity rows are twice as wide.

`speed` draws the graph of graph.py and random text vectors. `train` reads {train,valid,test}.txt (head TAB relation
TAB tail), `names.txt` (one entity per line, in the order of the vectors' rows), and prints the test metrics: filtered
by all known triples, both sides, all entities, realistic ranks. One core.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from graph import measure, skewed, tell, timing
from torch.nn import functional

GAMMA, RHO, ANCHOR, LINK = 12.0, 0.6, 0.5, 1.8
MODELS = ["transe_l1", "distmult", "rotate"]


def score(model, h, r, t):
    """Scores of rows that broadcast."""
    if model == "transe_l1":
        return GAMMA - (h + r - t).abs().sum(-1)
    if model == "distmult":
        return (h * r * t).sum(-1)
    half = r.shape[-1]
    angle = r * (math.pi / ((GAMMA + 2.0) / half))
    cos, sin, a, b = angle.cos(), angle.sin(), h[..., :half], h[..., half:]
    real, imaginary = a * cos - b * sin - t[..., :half], a * sin + b * cos - t[..., half:]
    # 1e-12: the gradient of a root at 0 is not finite.
    return GAMMA - (real.square() + imaginary.square() + 1e-12).sqrt().sum(-1)


def subsampling_weights(triples, relations):
    def counted(rows):
        keys = rows[0] * relations + rows[1]
        _, which, count = np.unique(keys, return_inverse=True, return_counts=True)
        return count[which] + 3

    head, relation, tail = triples.T
    return 1.0 / np.sqrt(counted((head, relation)) + counted((tail, relation)))


class Recipe:
    def __init__(self, model, triples, entities, relations, dim, text, negatives, batch, rate, seed):
        torch.manual_seed(seed)
        self.model, self.entities, self.relations = model, entities, relations
        self.negatives, self.batch, self.steps, self.at = negatives, batch, 0, len(triples)
        limit = (GAMMA + 2.0) / dim
        width = 2 * dim if model == "rotate" else dim
        self.entity = torch.nn.Parameter(torch.empty(entities, width).uniform_(-limit, limit))
        self.relation = torch.nn.Parameter(torch.empty(relations, dim).uniform_(-limit, limit))
        self.text = text
        self.optimizer = torch.optim.Adam([self.entity, self.relation], lr=rate)
        self.triples = torch.from_numpy(triples)
        self.weight = torch.from_numpy(subsampling_weights(triples, relations)).float()
        self.known = torch.from_numpy(np.unique(self.keys(*triples.T)))

    def keys(self, head, relation, tail):
        return (head * self.relations + relation) * self.entities + tail

    def blended(self, rows):
        shape = (*rows.shape, self.entity.shape[1])
        flat = rows.flatten()
        own, text = self.entity.index_select(0, flat), self.text.index_select(0, flat)
        return (RHO * own + (1.0 - RHO) * text).view(shape)

    def table(self):
        with torch.no_grad():
            return RHO * self.entity + (1.0 - RHO) * self.text

    def draw(self, heads, kinds, tails, corrupts_tail):
        """Negatives [batch, n] that make no known triple; a few rounds are enough but for saturated queries."""
        drawn = torch.randint(self.entities, (len(heads), self.negatives))
        for _ in range(10):
            h, t = (heads.unsqueeze(1), drawn) if corrupts_tail else (drawn, tails.unsqueeze(1))
            keys = self.keys(h, kinds.unsqueeze(1), t)
            at = torch.searchsorted(self.known, keys).clamp_max_(len(self.known) - 1)
            bad = self.known[at] == keys
            number = int(bad.sum())
            if number == 0:
                break
            drawn[bad] = torch.randint(self.entities, (number,))
        return drawn

    def step(self):
        if self.at + self.batch > len(self.triples):
            # The last, smaller batch of an epoch is dropped.
            self.order, self.at = torch.randperm(len(self.triples)), 0
        rows = self.order[self.at : self.at + self.batch]
        self.at += self.batch
        heads, kinds, tails = self.triples[rows].unbind(1)
        share = self.weight[rows] / self.weight[rows].sum()
        corrupts_tail = self.steps % 2 == 1  # head batches first
        negative = self.draw(heads, kinds, tails, corrupts_tail)
        h, r, t, n = self.blended(heads), self.relation[kinds], self.blended(tails), self.blended(negative)
        s_pos = score(self.model, h, r, t)
        if corrupts_tail:
            s_neg, own, known = score(self.model, h.unsqueeze(1), r.unsqueeze(1), n), h, heads
        else:
            s_neg, own, known = score(self.model, n, r.unsqueeze(1), t.unsqueeze(1)), t, tails
        link = -(share * (functional.logsigmoid(s_pos) + functional.logsigmoid(-s_neg).mean(1))).sum() / 2
        anchor = (1.0 - functional.cosine_similarity(own, self.text[known], dim=1)).mean()
        loss = ANCHOR * anchor + LINK * link
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        self.losses = {"loss": loss.item(), "link": link.item(), "anchor": anchor.item()}
        return len(rows)


@torch.no_grad()
def evaluate(recipe, queries, known):
    """Filtered realistic ranks of both sides among all entities."""
    table, relation = recipe.table(), recipe.relation.detach()
    answers = {}
    for head, kind, tail in known.tolist():
        answers.setdefault((head, kind, "tail"), []).append(tail)
        answers.setdefault((tail, kind, "head"), []).append(head)
    ranks = {"tail": [], "head": []}
    for head, kind, tail in queries.tolist():
        for side, given, true in (("tail", head, tail), ("head", tail, head)):
            g, r = table[given].unsqueeze(0), relation[kind].unsqueeze(0)
            scores = score(recipe.model, g, r, table) if side == "tail" else score(recipe.model, table, r, g)
            own = scores[true].item()
            scores[answers[given, kind, side]] = -torch.inf
            ranks[side].append(1.0 + (scores > own).sum().item() + (scores == own).sum().item() / 2.0)
    both = np.array(ranks["tail"] + ranks["head"])
    metrics = {f"mrr_{side}": float(np.mean(1.0 / np.array(values))) for side, values in ranks.items()}
    hits = {f"hits_at_{k}": float(np.mean(both <= k)) for k in (1, 3, 10)}
    return {"mrr": float(np.mean(1.0 / both)), **metrics, **hits, "mean_rank": float(both.mean())}


def width_of(model, dim):
    return 2 * dim if model == "rotate" else dim


def speed(o):
    triples = skewed(o.entities, o.relations, o.triples)
    for model in o.models:
        for dim in o.dim:
            text = functional.normalize(torch.randn(o.entities, width_of(model, dim)), dim=1)
            recipe = Recipe(model, triples, o.entities, o.relations, dim, text, o.negatives, o.batch, o.rate, o.seed)
            shape = {"entities": o.entities, "batch": o.batch, "negatives": o.negatives, "dim": dim}
            for result in measure(recipe.step, o):
                tell(peer="lladr_recipe", torch=torch.__version__, model=model, **shape, **result, steps=recipe.steps)


def train(o):
    names = Path(o.names).read_text(encoding="utf-8").splitlines()
    ids, kinds = {name: at for at, name in enumerate(names)}, {}

    def read(part):
        lines = (Path(o.data) / f"{part}.txt").read_text(encoding="utf-8").splitlines()
        rows = [line.split("\t") for line in lines if line]
        return np.array([[ids[h], kinds.setdefault(r, len(kinds)), ids[t]] for h, r, t in rows], dtype=np.int64)

    parts = {part: read(part) for part in ("train", "valid", "test")}
    known = np.concatenate(list(parts.values()))
    vectors = [torch.from_numpy(np.load(path).astype(np.float32)) for path in (o.name_vectors, o.description_vectors)]
    for model in o.models:
        for dim in o.dim:
            half = width_of(model, dim) // 2
            assert all(v.shape[0] == len(names) and v.shape[1] >= half for v in vectors), "vectors are too narrow"
            text = torch.cat([v[:, :half] for v in vectors], dim=1)
            start = time.perf_counter(), time.process_time()
            recipe = Recipe(
                model, parts["train"], len(names), len(kinds), dim, text, o.negatives, o.batch, o.rate, o.seed
            )
            per_epoch = len(parts["train"]) // o.batch
            assert per_epoch > 0, "the batch is larger than the graph"
            for epoch in range(1, o.epochs + 1):
                for _ in range(per_epoch):
                    recipe.step()
                if epoch == o.epochs or (o.every and epoch % o.every == 0):
                    line = {"peer": "lladr_recipe", "model": model, "dim": dim, "epoch": epoch, "rate": o.rate}
                    line |= {"batch": o.batch, "negatives": o.negatives, "seed": o.seed, **recipe.losses}
                    line |= {"wall_s": time.perf_counter() - start[0], "cpu_s": time.process_time() - start[1]}
                    line["valid"] = evaluate(recipe, parts["valid"], known)
                    line["test"] = evaluate(recipe, parts["test"], known)
                    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "train"])
    parser.add_argument("--models", nargs="+", default=["transe_l1"], choices=MODELS)
    parser.add_argument("--dim", nargs="+", type=int, default=[128])
    parser.add_argument("--negatives", type=int, default=128)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--entities", type=int, default=97_238, help="speed: DRKG's number")
    parser.add_argument("--relations", type=int, default=107)
    parser.add_argument("--triples", type=int, default=500_000)
    timing(parser, repeats=5)
    parser.add_argument("--data", help="train: folder of train.txt, valid.txt, test.txt")
    parser.add_argument("--names", help="train: the entities, one per line, in the order of the vectors")
    parser.add_argument("--name-vectors", help="train: .npy [entities, ≥ d/2]")
    parser.add_argument("--description-vectors", help="train: .npy [entities, ≥ d/2]; may be the same file")
    parser.add_argument("--epochs", type=int, default=13)
    parser.add_argument("--every", type=int, default=0, help="train: also evaluate each so many epochs")
    o = parser.parse_args()
    torch.set_num_threads(1)
    # As ours: numbers near 1e-38 would slow products a hundredfold.
    torch.set_flush_denormal(True)
    (speed if o.what == "speed" else train)(o)


if __name__ == "__main__":
    main()
