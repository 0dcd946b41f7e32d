"""Writes the golden files of this folder: numbers of PyKEEN 1.10.1 and scikit-learn that the Rust tests compare with.

    interactions.json  scores of TransE (L1, L2), DistMult, ComplEx, RotatE
    loss.json          self-adversarial negative-sampling loss and its gradients
    ranks.json         ranks with ties, filtered and not, and the metrics made of them
    adagrad.json       three steps of row-wise Adagrad (plain numpy, not PyKEEN)
    metrics.json       areas under curves of pooled and of single queries' scores (sklearn)
    calibration.json   isotonic regression, Platt scaling, reliability (sklearn)
    losses.json        margin ranking, sampled soft-max cross-entropy, log-sigmoid with a weight per positive,
                       and those weights (subsampling) of a small graph
    optimizers.json    steps of SGD, Adagrad and row-sparse Adam (torch.optim)
    anchor.json        the text anchor's four distances, and LLaDR's whole objective on a toy (torch)
    projection.json    nearest neighbours, and trustworthiness and recall of a map (scikit-learn)

Regenerate:    /opt/golden/venv/bin/python tests/golden/generate.py

Set up once (Debian 12: Python 3.11, torch 1.13.0a0 for the CPU; the other versions are in requirements.txt):

    apt-get install -y --no-install-recommends python3-torch python3-venv
    /usr/bin/python3 -m venv --system-site-packages /opt/golden/venv
    /opt/golden/venv/bin/pip install --no-deps -r tests/golden/requirements.txt

`--no-deps` keeps Debian's torch: PyKEEN's own requirements would fetch a 3 GB one.

Every input is a multiple of 1/64, so it is exact in f32. Results are float64, written in the
shortest form that reads back as the same number. Same versions, same bytes; another CPU may
change a last digit.
"""

import json
import logging
from pathlib import Path

import numpy as np
import sklearn
import torch
from pykeen.evaluation import RankBasedEvaluator
from pykeen.evaluation.evaluator import create_sparse_positive_filter_, filter_scores_
from pykeen.evaluation.ranks import Ranks
from pykeen.losses import InfoNCELoss, MarginRankingLoss, NSSALoss
from pykeen.metrics.ranking import (
    AdjustedArithmeticMeanRankIndex,
    ArithmeticMeanRank,
    HitsAtK,
    InverseHarmonicMeanRank,
)
from pykeen.nn.modules import ComplExInteraction, DistMultInteraction, RotatEInteraction, TransEInteraction
from pykeen.version import VERSION
from sklearn.calibration import _SigmoidCalibration, calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import trustworthiness
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.neighbors import NearestNeighbors

SOURCE = f"PyKEEN {VERSION}, torch {torch.__version__}, numpy {np.__version__}"
PINNED = "PyKEEN 1.10.1, torch 1.13.0a0, numpy 1.26.4"
GAMMA = 12.0


def grid(seed, shape, limit):
    """Multiples of 1/64 in [-limit, limit]."""
    return np.random.default_rng(seed).integers(-64 * limit, 64 * limit, size=shape, endpoint=True) / 64.0


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


# --- interactions -----------------------------------------------------------------------------


def both_sides(interaction, entities, relations, triples):
    """Scores of the triples, and of every entity in place of their tail and of their head."""
    heads, kinds, tails = triples.T
    h, r, t = entities[heads], relations[kinds], entities[tails]
    hrt = interaction.score_hrt(h, r, t).squeeze(-1)
    all_tails = interaction.score_t(h, r, all_entities=entities)
    all_heads = interaction.score_h(all_entities=entities, r=r, t=t)
    rows = torch.arange(len(triples))
    assert torch.allclose(all_tails[rows, tails], hrt, rtol=0, atol=1e-12)
    assert torch.allclose(all_heads[rows, heads], hrt, rtol=0, atol=1e-12)
    return {"hrt": hrt, "t": all_tails, "h": all_heads}


def interactions():
    entities, relations, phases = grid(1, (7, 6), 1), grid(2, (3, 6), 1), grid(3, (3, 3), 3)
    entities[6] = entities[0] + relations[0]  # the TransE distance of (0, 0, 6) is exactly 0
    triples = torch.tensor(
        [[0, 0, 1], [1, 0, 2], [2, 1, 3], [3, 1, 4], [4, 2, 5], [5, 2, 6]]
        + [[6, 0, 0], [0, 0, 6], [3, 1, 3], [1, 2, 0], [5, 0, 2], [2, 2, 4]]
    )
    e, r = tensor(entities), tensor(relations)
    e_complex, r_complex = torch.complex(e[:, :3], e[:, 3:]), torch.complex(r[:, :3], r[:, 3:])
    rotation = torch.polar(torch.ones(3, 3, dtype=torch.float64), tensor(phases))

    rotate = RotatEInteraction()
    per_dimension = [both_sides(rotate, e_complex[:, [k]], rotation[:, [k]], triples) for k in range(3)]
    scores = {
        "transe_l1": both_sides(TransEInteraction(p=1, power_norm=False), e, r, triples),
        "transe_l2": both_sides(TransEInteraction(p=2, power_norm=False), e, r, triples),
        "distmult": both_sides(DistMultInteraction(), e, r, triples),
        "complex": both_sides(ComplExInteraction(), e_complex, r_complex, triples),
        "rotate": {key: sum(part[key] for part in per_dimension) for key in ("hrt", "t", "h")},
    }
    distance = {"transe_l1", "transe_l2", "rotate"}
    result = {name: {"offset": GAMMA if name in distance else 0.0, **s} for name, s in scores.items()}
    result["rotate"]["hrt_l2_over_dimensions"] = both_sides(rotate, e_complex, rotation, triples)["hrt"]

    # The formulas as we state them, to be sure that PyKEEN's are the same.
    i, j, k = triples.T
    delta = e[i] + r[j] - e[k]
    ours = {
        "transe_l1": GAMMA - delta.abs().sum(-1),
        "transe_l2": GAMMA - delta.square().sum(-1).sqrt(),
        "distmult": (e[i] * r[j] * e[k]).sum(-1),
        "complex": (e_complex[i] * r_complex[j] * e_complex[k].conj()).real.sum(-1),
        "rotate": GAMMA - (e_complex[i] * rotation[j] - e_complex[k]).abs().sum(-1),
    }
    for name, score in ours.items():
        assert torch.allclose(result[name]["offset"] + result[name]["hrt"], score, rtol=0, atol=1e-12), name

    return {
        "source": SOURCE,
        "note": "Our score = offset + the value stored, which is PyKEEN's own score; offset is gamma for distance"
        " models (PyKEEN gives the negative norm) and 0 for products. Rows of complex and rotate entities, and of"
        " complex relations, are [re_0, re_1, re_2, im_0, im_1, im_2]. rotate's relations are phases, in radians"
        " (already pi * r / range). PyKEEN's RotatE takes the L2 norm over dimensions"
        " (hrt_l2_over_dimensions); ours, as in the authors' code, is the sum of the moduli: hrt, t and h are the"
        " sum of PyKEEN's RotatEInteraction applied to each dimension alone. Triple 7, (0, 0, 6), has TransE"
        " distance exactly 0.",
        "gamma": GAMMA,
        "entities": entities,
        "relations": relations,
        "phases": phases,
        "triples": triples,
        "interactions": result,
    }


# --- loss -------------------------------------------------------------------------------------


def loss_case(name, alpha, positive, negative, keep):
    keep = torch.tensor(keep)

    def gradients(loss, s_pos, s_neg):
        loss.backward()
        return {"loss": loss.detach(), "d_positive": s_pos.grad, "d_negative": s_neg.grad}

    # PyKEEN; it takes masked negatives as the flat list of those kept.
    s_pos, s_neg = tensor(positive).requires_grad_(), tensor(negative).requires_grad_()
    nssa = NSSALoss(margin=0.0, adversarial_temperature=alpha, reduction="mean")
    masked = not bool(keep.all())
    loss = nssa.process_slcwa_scores(
        positive_scores=s_pos,
        negative_scores=s_neg[keep] if masked else s_neg,
        batch_filter=keep if masked else None,
    )
    pykeen = gradients(loss, s_pos, s_neg)

    # Our form, restated.
    s_pos, s_neg = tensor(positive).requires_grad_(), tensor(negative).requires_grad_()
    scaled = (alpha * s_neg.detach()).masked_fill(~keep, float("-inf"))
    p = torch.softmax(scaled, dim=1)
    loss_positive = torch.nn.functional.softplus(-s_pos, threshold=1e9).mean()
    loss_negative = (p * torch.nn.functional.softplus(s_neg, threshold=1e9)).sum(1).mean()
    ours = gradients((loss_positive + loss_negative) / 2, s_pos, s_neg)
    for key, value in pykeen.items():
        assert torch.allclose(ours[key], value, rtol=1e-12, atol=1e-15), (name, key)
    ours |= {"loss_positive": loss_positive.detach(), "loss_negative": loss_negative.detach(), "weights": p}

    return {
        "name": name,
        "alpha": alpha,
        "positive": positive,
        "negative": negative,
        "keep": keep,
        "pykeen": pykeen,
        "ours": ours,
    }


def loss():
    positive, negative = grid(14, 5, 4), grid(5, (5, 8), 4)
    keep = np.ones((5, 8), dtype=bool)
    some = keep.copy()
    some[[0, 1, 1, 3, 3, 3, 3, 3, 3, 3], [2, 0, 7, 0, 1, 2, 3, 4, 5, 6]] = False  # row 3 keeps one
    far_positive, far_negative = positive.copy(), negative.copy()
    far_positive[:2] = -60.0, 60.0
    far_negative[0, 0], far_negative[1, :], far_negative[2, :] = 60.0, -60.0, 8.0
    return {
        "source": SOURCE,
        "note": "L = (L_pos + L_neg) / 2, L_pos = -mean_b log sigmoid(s+_b), L_neg = -mean_b sum_j p_bj log"
        " sigmoid(-s-_bj), p_b = softmax_j(alpha s-_b), without gradient, over the negatives kept. PyKEEN's NSSALoss"
        " with margin 0 and reduction mean is the same number, its factor 1/2 included (reduction sum has none); its"
        " margin m is added to every score, so score = gamma - distance takes m = 0. alpha 0 is the uniform weight"
        " 1/n. keep = false: weight 0 and gradient 0 (PyKEEN's batch_filter). Both agree to 1e-12.",
        "cases": [
            loss_case("alpha_1", 1.0, positive, negative, keep),
            loss_case("alpha_half", 0.5, positive, negative, keep),
            loss_case("uniform", 0.0, positive, negative, keep),
            loss_case("masked", 1.0, positive, negative, some),
            loss_case("far", 1.0, far_positive, far_negative, keep),
        ],
    }


# --- ranks ------------------------------------------------------------------------------------


def ranks():
    scores = [
        [0.50, 2.00, 1.00, -1.0, 0.25, 0.00, 1.50, -2.0, 0.75],  # nothing ties
        [1.00, 1.00, 3.00, 1.00, 0.50, 2.00, 1.00, 0.00, -1.0],  # ties, one of them with a known answer
        [0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25],  # all tie
        [5.00, 4.00, 3.00, 2.00, 1.00, 0.00, -1.0, -2.0, -3.0],  # true is last, every better one but two known
        [-4.0, -2.0, -2.0, -8.0, -6.0, -2.0, -4.0, -1.0, -3.0],  # all negative, ties for the second place
        [0.00, 7.00, 0.00, 0.00, 7.00, 0.00, 0.00, 0.00, 0.00],  # tie at the top, the other one known
    ]
    true = [2, 0, 4, 8, 5, 4]
    known_others = [[1, 7], [3, 5], [], [0, 1, 2, 4, 5, 7], [7], [1]]

    # Query i asks for the tail of (i, relation 0, ?).
    queries = torch.tensor([[i, 0, t] for i, t in enumerate(true)])
    known = [[i, 0, t] for i, others in enumerate(known_others) for t in others]
    positives = torch.cat([queries, torch.tensor(known)])
    rows, columns = torch.arange(len(true)), torch.tensor(true)
    unfiltered = tensor(scores)
    true_scores = unfiltered[rows, columns]
    where, _ = create_sparse_positive_filter_(queries, positives, filter_col=2)
    filtered = filter_scores_(unfiltered.clone(), where)
    filtered[rows, columns] = true_scores

    metrics = {
        "mrr": InverseHarmonicMeanRank(),
        "mean_rank": ArithmeticMeanRank(),
        "hits_at_1": HitsAtK(k=1),
        "hits_at_3": HitsAtK(k=3),
        "hits_at_10": HitsAtK(k=10),
        "amri": AdjustedArithmeticMeanRankIndex(),
    }

    def protocol(matrix):
        r = Ranks.from_scores(true_score=true_scores.unsqueeze(-1), all_scores=matrix)
        realistic, candidates = r.realistic.double().numpy(), r.number_of_options.numpy()
        values = {name: float(m(ranks=realistic, num_candidates=candidates)) for name, m in metrics.items()}
        # The whole evaluator says the same, in f32.
        evaluator = RankBasedEvaluator()
        evaluator.process_scores_(queries, "tail", matrix.clone(), true_scores.unsqueeze(-1))
        whole = evaluator.finalize()
        for name, metric in metrics.items():
            key = whole.get_metric(f"tail.realistic.{metric.key}")
            assert abs(key - values[name]) < 1e-6, name
        return {
            "optimistic": r.optimistic,
            "realistic": realistic,
            "pessimistic": r.pessimistic,
            "num_candidates": candidates,
            "metrics": values,
        }

    return {
        "source": SOURCE,
        "note": "Higher score = better. optimistic = 1 + candidates better than the true one; pessimistic = candidates"
        " at least as good, itself included; realistic = their mean. Filtered: known_others (columns; never the true"
        " one) are no candidates. Metrics are of the realistic ranks; amri = 1 - (mean rank - 1) / mean((n - 1) / 2),"
        " n = num_candidates.",
        "scores": scores,
        "true": true,
        "known_others": known_others,
        "filtered": protocol(filtered),
        "unfiltered": protocol(unfiltered),
    }


# --- adagrad ----------------------------------------------------------------------------------


def adagrad():
    learning_rate, epsilon = 0.125, 1e-10
    table, state = grid(6, (4, 5), 1), np.zeros(4)
    initial, steps = table.copy(), []
    for step, rows in enumerate([[0, 2], [1, 2, 3], [0, 2]]):
        gradients = grid(7 + step, (len(rows), 5), 2)
        if 3 in rows:
            gradients[rows.index(3)] = 0.0  # touched with a zero gradient: nothing moves, nothing divides by 0
        for i, g in zip(rows, gradients):
            state[i] += np.mean(g * g)
            table[i] -= learning_rate * g / (np.sqrt(state[i]) + epsilon)
        steps.append({"rows": rows, "gradients": gradients, "table": table.copy(), "state": state.copy()})
    return {
        "source": f"numpy {np.__version__}, float64",
        "note": "state_i += mean_k(g_ik^2); x_i -= learning_rate * g_i / (sqrt(state_i) + epsilon); state starts at 0."
        " table and state are those after the step. Row 3 is touched with a zero gradient.",
        "learning_rate": learning_rate,
        "epsilon": epsilon,
        "table": initial,
        "steps": steps,
    }


# --- losses -----------------------------------------------------------------------------------


def value_and_gradients(compute, positive, negative):
    """Loss of `compute(s_pos, s_neg)` and its gradients with respect to both."""
    s_pos, s_neg = tensor(positive).requires_grad_(), tensor(negative).requires_grad_()
    value = compute(s_pos, s_neg)
    value.backward()
    return {"loss": value.detach(), "d_positive": s_pos.grad, "d_negative": s_neg.grad}


def agree(name, ours, theirs):
    for key, value in theirs.items():
        assert torch.allclose(ours[key], value, rtol=1e-12, atol=1e-15), (name, key)


def pykeen_slcwa(loss_function, keep):
    """PyKEEN's loss as a function of both scores; it takes masked negatives as the flat list of those kept."""
    masked = not bool(keep.all())

    def compute(s_pos, s_neg):
        return loss_function.process_slcwa_scores(
            positive_scores=s_pos.unsqueeze(1),
            negative_scores=s_neg[keep] if masked else s_neg,
            batch_filter=keep if masked else None,
        )

    return compute


def margin_case(name, margin, positive, negative, keep):
    keep = torch.tensor(keep)
    pykeen = value_and_gradients(pykeen_slcwa(MarginRankingLoss(margin=margin), keep), positive, negative)

    def hinge(s_pos, s_neg):
        return torch.relu(s_neg - s_pos.unsqueeze(1) + margin) * keep

    agree(name, value_and_gradients(lambda p, n: hinge(p, n).sum() / keep.sum(), positive, negative), pykeen)
    per_positive = value_and_gradients(lambda p, n: (hinge(p, n).sum(1) / keep.sum(1)).mean(), positive, negative)
    return {
        "name": name,
        "margin": margin,
        "positive": positive,
        "negative": negative,
        "keep": keep,
        "pykeen": pykeen,
        "per_positive": per_positive,
    }


def cross_entropy_case(name, positive, negative, keep):
    keep = torch.tensor(keep)
    info_nce = InfoNCELoss(margin=0.0, log_adversarial_temperature=0.0)
    pykeen = value_and_gradients(pykeen_slcwa(info_nce, keep), positive, negative)

    def restated(s_pos, s_neg):
        scores = torch.cat([s_pos.unsqueeze(1), s_neg.masked_fill(~keep, float("-inf"))], dim=1)
        return (torch.logsumexp(scores, dim=1) - s_pos).mean()

    agree(name, value_and_gradients(restated, positive, negative), pykeen)
    return {"name": name, "positive": positive, "negative": negative, "keep": keep, "pykeen": pykeen}


def weighted_link(s_pos, s_neg, weights, alpha, keep):
    """L_pos and L_neg, each a mean over positives weighted by `weights`."""
    p = torch.softmax((alpha * s_neg.detach()).masked_fill(~keep, float("-inf")), dim=1)
    share = weights / weights.sum()
    loss_positive = (share * torch.nn.functional.softplus(-s_pos, threshold=1e9)).sum()
    loss_negative = (share * (p * torch.nn.functional.softplus(s_neg, threshold=1e9)).sum(1)).sum()
    return loss_positive, loss_negative


def weighted_case(name, alpha, weights, positive, negative, keep):
    keep, w = torch.tensor(keep), tensor(weights)
    ours = value_and_gradients(lambda p, n: sum(weighted_link(p, n, w, alpha, keep)) / 2, positive, negative)
    loss_positive, loss_negative = weighted_link(tensor(positive), tensor(negative), w, alpha, keep)
    if len(set(weights)) == 1:
        agree(name, ours, loss_case(name, alpha, positive, negative, keep.tolist())["pykeen"])
    return {
        "name": name,
        "alpha": alpha,
        "weight": weights,
        "positive": positive,
        "negative": negative,
        "keep": keep,
        "ours": ours | {"loss_positive": loss_positive, "loss_negative": loss_negative},
    }


def subsampling_case():
    triples = [[0, 0, 1], [0, 0, 2], [0, 0, 3], [1, 0, 2], [2, 1, 0], [0, 1, 2], [3, 1, 2], [3, 0, 3], [4, 2, 1]]
    # As in RotatE's code: the first occurrence sets the count to 4, each further one adds 1.
    count = {}
    for head, relation, tail in triples:
        for key in ((head, relation), (tail, -relation - 1)):
            count[key] = count[key] + 1 if key in count else 4
    by_head = [count[head, relation] for head, relation, _ in triples]
    by_tail = [count[tail, -relation - 1] for _, relation, tail in triples]
    for i, (head, relation, tail) in enumerate(triples):
        assert by_head[i] == 3 + sum(h == head and r == relation for h, r, _ in triples)
        assert by_tail[i] == 3 + sum(t == tail and r == relation for _, r, t in triples)
    weight = [1.0 / np.sqrt(a + b) for a, b in zip(by_head, by_tail)]
    return {"triples": triples, "count_head": by_head, "count_tail": by_tail, "weight": [float(w) for w in weight]}


def losses():
    positive, negative = grid(21, 5, 2), grid(22, (5, 8), 2)
    keep = np.ones((5, 8), dtype=bool)
    some = keep.copy()
    some[[0, 1, 1, 3, 3, 3, 3, 3, 3, 3], [2, 0, 7, 0, 1, 2, 3, 4, 5, 6]] = False  # row 3 keeps one
    kink = negative.copy()
    kink[0, 0], kink[1, 1] = positive[0] - 1.0, positive[1] - 1.0  # exactly where the hinge of margin 1 begins
    far_positive, far_negative = positive.copy(), negative.copy()
    far_positive[:2] = -60.0, 60.0
    far_negative[0, 0], far_negative[1, :], far_negative[2, :] = 60.0, -60.0, 60.0
    weights = [0.125, 0.5, 0.25, 1.0, 0.375]
    return {
        "source": SOURCE,
        "note": "Layout of loss.json; keep = false: no part, gradient 0. margin_ranking: max(0, s-_bj - s+_b + margin);"
        " pykeen is the mean over all pairs kept of the batch (MarginRankingLoss, reduction mean), per_positive is the"
        " mean over positives of the mean over the pairs each keeps: the same where nothing is masked. At the kink the"
        " gradient is 0. cross_entropy: mean_b of -s+_b + ln(exp(s+_b) + sum_j exp(s-_bj)), PyKEEN's InfoNCELoss with"
        " margin 0 and log temperature 0. weighted: L = (L_pos + L_neg) / 2 as in loss.json, both means over positives"
        " weighted, sum_b w_b L_b / sum_b w_b; torch, as in RotatE's code. subsampling: weight = 1 / sqrt(count_head +"
        " count_tail); count_head is that of (head, relation) as a triple's head, count_tail that of (tail, relation)"
        " as a triple's tail; the first occurrence sets a count to 4 and each further one adds 1, so count = 3 +"
        " occurrences.",
        "margin_ranking": [
            margin_case("margin_1", 1.0, positive, negative, keep),
            margin_case("margin_quarter", 0.25, positive, negative, keep),
            margin_case("masked", 1.0, positive, negative, some),
            margin_case("kink", 1.0, positive, kink, keep),
            margin_case("far", 1.0, far_positive, far_negative, keep),
        ],
        "cross_entropy": [
            cross_entropy_case("plain", positive, negative, keep),
            cross_entropy_case("masked", positive, negative, some),
            cross_entropy_case("far", far_positive, far_negative, keep),
        ],
        "weighted": [
            weighted_case("equal", 1.0, [0.25] * 5, positive, negative, keep),
            weighted_case("alpha_1", 1.0, weights, positive, negative, keep),
            weighted_case("uniform", 0.0, weights, positive, negative, keep),
            weighted_case("masked", 0.5, weights, positive, negative, some),
        ],
        "subsampling": subsampling_case(),
    }


# --- optimizers -------------------------------------------------------------------------------


def optimizer_case(make, restated, state_names):
    """Steps of a torch optimiser over a table with sparse gradients, and the same restated in numpy."""
    initial = grid(31, (5, 4), 1)
    parameter = torch.nn.Parameter(tensor(initial))
    optimizer = make([parameter])
    ours, states = initial.copy(), {key: np.zeros_like(initial) for key in state_names.values()}
    steps = []
    for step, rows in enumerate([[0, 2], [1, 2, 3], [0, 2], [3, 0], [2]]):
        gradients = grid(32 + step, (len(rows), 4), 2)
        if step == 1:
            gradients[2] = 0.0  # row 3, touched with a zero gradient: nothing divides by 0
        parameter.grad = torch.sparse_coo_tensor(torch.tensor([rows]), tensor(gradients), initial.shape)
        optimizer.step()
        for row, gradient in zip(rows, gradients):
            ours[row] -= restated({key: value[row] for key, value in states.items()}, gradient, step + 1)
        table = parameter.detach().clone()
        assert np.allclose(ours, table.numpy(), rtol=1e-13, atol=1e-15), step
        kept = {state_names[key]: optimizer.state[parameter][key].clone() for key in state_names}
        for key, value in kept.items():
            assert np.allclose(states[key], value.numpy(), rtol=1e-13, atol=1e-15), (step, key)
        steps.append({"rows": rows, "gradients": gradients, "table": table, **kept})
    assert torch.equal(table[4], tensor(initial[4]))  # never touched, never moved
    return {"table": initial, "steps": steps}


def optimizers():
    rate, epsilon = {"sgd": 0.125, "adagrad": 0.125, "adam": 0.0625}, {"adagrad": 1e-10, "adam": 1e-8}
    beta1, beta2 = 0.9, 0.999

    def sgd(_, gradient, __):
        return rate["sgd"] * gradient

    def adagrad_full(state, gradient, _):
        state["sum"] += gradient * gradient
        return rate["adagrad"] * gradient / (np.sqrt(state["sum"]) + epsilon["adagrad"])

    def adam(state, gradient, step):
        state["mean"] += (1 - beta1) * (gradient - state["mean"])
        state["square"] += (1 - beta2) * (gradient * gradient - state["square"])
        size = rate["adam"] * np.sqrt(1 - beta2**step) / (1 - beta1**step)
        return size * state["mean"] / (np.sqrt(state["square"]) + epsilon["adam"])

    cases = {
        "sgd": optimizer_case(lambda p: torch.optim.SGD(p, lr=rate["sgd"]), sgd, {}),
        "adagrad": optimizer_case(
            lambda p: torch.optim.Adagrad(p, lr=rate["adagrad"], eps=epsilon["adagrad"]), adagrad_full, {"sum": "sum"}
        ),
        "adam": optimizer_case(
            lambda p: torch.optim.SparseAdam(p, lr=rate["adam"], betas=(beta1, beta2), eps=epsilon["adam"]),
            adam,
            {"exp_avg": "mean", "exp_avg_sq": "square"},
        ),
    }
    for name, case in cases.items():
        case["learning_rate"] = rate[name]
    for name, value in epsilon.items():
        cases[name]["epsilon"] = value
    cases["adam"] |= {"beta1": beta1, "beta2": beta2}
    return {
        "source": SOURCE,
        "note": "torch.optim over one table with sparse gradients: only the rows of a step are touched, their moments"
        " included; table and states are those after the step. sgd: x -= rate g. adagrad (one state per number, not"
        " per row): sum += g^2; x -= rate g / (sqrt(sum) + epsilon). adam (SparseAdam): mean += (1 - beta1)(g - mean);"
        " square += (1 - beta2)(g^2 - square); x -= rate sqrt(1 - beta2^t) / (1 - beta1^t) mean / (sqrt(square) +"
        " epsilon), where t counts the table's steps from 1, not the row's, and epsilon is added to the root before"
        " its correction. States start at 0. Row 3 is first touched with a zero gradient; row 4 never.",
        **cases,
    }


# --- anchor -----------------------------------------------------------------------------------

DISTANCES = {
    "cosine": lambda e, t: (1 - torch.nn.functional.cosine_similarity(e, t, dim=1)).mean(),
    "euclidean": lambda e, t: (e - t).norm(p=2, dim=1).mean(),
    "manhattan": lambda e, t: (e - t).norm(p=1, dim=1).mean(),
    "kl": lambda e, t: torch.nn.functional.kl_div(
        torch.log_softmax(e, dim=1), torch.softmax(t, dim=1), reduction="batchmean"
    ),
}


def distance_cases():
    rows, text = grid(41, (4, 6), 2), grid(42, (4, 6), 2)
    text[3] = rows[3]  # no distance: every gradient is 0
    result = {"rows": rows, "text": text, "distances": {}}
    for name, distance in DISTANCES.items():
        e, t = tensor(rows).requires_grad_(), tensor(text)
        value = distance(e, t)
        value.backward()
        result["distances"][name] = {"loss": value.detach(), "d_rows": e.grad}

    # The formulas as we state them, for a row each.
    e, t = tensor(rows), tensor(text)
    cosine = (e * t).sum(1, keepdim=True) / (e.norm(dim=1, keepdim=True) * t.norm(dim=1, keepdim=True))
    p, q = torch.softmax(t, dim=1), torch.softmax(e, dim=1)
    length = (e - t).norm(dim=1, keepdim=True).clamp_min(1e-300)
    stated = {
        "cosine": (
            1 - cosine,
            -(t / (e.norm(dim=1, keepdim=True) * t.norm(dim=1, keepdim=True)) - cosine * e / e.square().sum(1, True)),
        ),
        "euclidean": ((e - t).norm(dim=1), (e - t) / length),
        "manhattan": ((e - t).abs().sum(1), (e - t).sign()),
        "kl": ((p * (p.log() - q.log())).sum(1), q - p),
    }
    for name, (value, gradient) in stated.items():
        case = result["distances"][name]
        assert torch.allclose(case["loss"], value.mean(), rtol=1e-12, atol=1e-15), name
        assert torch.allclose(case["d_rows"], gradient / len(rows), rtol=1e-12, atol=1e-15), name
    return result


def lladr_scores(interaction, gamma, h, r, t):
    """Scores of rows that broadcast; a RotatE row is [real half ; imaginary half], its relation r half as wide."""
    if interaction == "transe_l1":
        delta = h + r - t
        assert delta.abs().min() > 1e-3  # no gradient hangs on the sign of 0
        return gamma - delta.abs().sum(-1)
    if interaction == "distmult":
        return (h * r * t).sum(-1)
    half = r.shape[-1]
    phase = r * torch.pi / ((gamma + 2.0) / half)
    a, b, cos, sin = h[..., :half], h[..., half:], phase.cos(), phase.sin()
    real, imaginary = a * cos - b * sin - t[..., :half], a * sin + b * cos - t[..., half:]
    modulus = (real.square() + imaginary.square()).sqrt()
    assert modulus.min() > 1e-3
    return gamma - modulus.sum(-1)


def lladr_case(toy, interaction, corrupts, alpha, weighted, distance):
    gamma, rho, triples = toy["gamma"], toy["rho"], torch.tensor(toy["triples"])
    relations = toy["phases"] if interaction == "rotate" else toy["relations"]
    x, r = tensor(toy["rows"]).requires_grad_(), tensor(relations).requires_grad_()
    half = toy["rows"].shape[1] // 2
    text = torch.cat([tensor(toy["name"])[:, :half], tensor(toy["description"])[:, :half]], dim=1)
    blended = rho * x + (1 - rho) * text

    heads, kinds, tails = triples.T
    h, k, t = blended[heads], r[kinds], blended[tails]
    negatives = [6, 7, 8, 9, 2 if corrupts == "tail" else 5]  # the last is the given entity of one positive
    candidates = blended[torch.tensor(negatives)].unsqueeze(0)  # shared by all positives
    s_pos = lladr_scores(interaction, gamma, h, k, t)
    if corrupts == "tail":
        s_neg = lladr_scores(interaction, gamma, h.unsqueeze(1), k.unsqueeze(1), candidates)
        given = heads
    else:
        s_neg = lladr_scores(interaction, gamma, candidates, k.unsqueeze(1), t.unsqueeze(1))
        given = tails

    weights = toy["weight"] if weighted else [1.0] * len(triples)
    link = sum(weighted_link(s_pos, s_neg, tensor(weights), alpha, torch.ones_like(s_neg, dtype=torch.bool))) / 2
    anchored = DISTANCES[distance](blended[given], text[given])
    loss = toy["zeta_anchor"] * anchored + toy["zeta_link"] * link
    loss.backward()
    return {
        "interaction": interaction,
        "corrupts": corrupts,
        "negatives": negatives,
        "alpha": alpha,
        "weight": weights,
        "distance": distance,
        "positive": s_pos.detach(),
        "negative": s_neg.detach(),
        "loss_anchor": anchored.detach(),
        "loss_link": link.detach(),
        "loss": loss.detach(),
        "d_rows": x.grad,
        "d_relations": r.grad,
    }


def anchor():
    toy = {
        "gamma": 6.0,
        "rho": 0.625,
        "zeta_anchor": 0.5,
        "zeta_link": 1.75,
        "rows": grid(51, (10, 8), 1),
        "name": grid(52, (10, 6), 1),
        "description": grid(53, (10, 6), 1),
        "relations": grid(54, (2, 8), 1),
        "phases": grid(55, (2, 4), 2),  # in (-range, range), range = (gamma + 2) / 4 = 2
        "triples": [[0, 0, 1], [2, 1, 3], [0, 1, 3], [4, 0, 5]],
        "weight": [0.25, 0.5, 1.0, 0.375],
    }
    cases = [
        lladr_case(toy, interaction, corrupts, 0.0, False, "cosine")
        for interaction in ("transe_l1", "distmult", "rotate")
        for corrupts in ("tail", "head")
    ]
    cases += [
        lladr_case(toy, "distmult", "tail", 1.0, True, "cosine"),
        lladr_case(toy, "transe_l1", "head", 0.5, True, "euclidean"),
        lladr_case(toy, "rotate", "tail", 1.0, False, "manhattan"),
        lladr_case(toy, "distmult", "head", 0.0, False, "kl"),
    ]
    return {
        "source": SOURCE,
        "note": "alone: means over rows of 1 - cos(e, t), |e - t|_2, |e - t|_1 and sum_k p_k (ln p_k - ln q_k) with p ="
        " softmax(t), q = softmax(e), and their gradients with respect to e; row 3 has e = t. lladr: LLaDR's objective"
        " restated in torch. Text row t = [name[:4] ; description[:4]]; blended row e = rho x + (1 - rho) t; scores of"
        " blended rows; L = zeta_anchor L_anchor + zeta_link L_link, L_link = (L_pos + L_neg) / 2 of losses.json"
        " (weighted; alpha 0 is uniform), all positives share the negatives; L_anchor = the distance of blended and"
        " text rows, mean over the entity of each positive that is not corrupted (head where tails are), a repeated"
        " one counting each time, not weighted. d_rows is with respect to x, d_relations to relations (for rotate:"
        " phases). rotate: entity rows are [re_0..re_3, im_0..im_3], the angle is phases * pi / range, range = (gamma"
        " + 2) / 4, the score gamma minus the sum of moduli. distmult has no gamma.",
        "alone": distance_cases(),
        "lladr": {**toy, "cases": cases},
    }


# --- metrics ----------------------------------------------------------------------------------

SKLEARN = f"scikit-learn {sklearn.__version__}, numpy {np.__version__}"


def metrics():
    # Scores on a coarse grid, so that many tie; each query's true answer is column 0, and it tends to score higher.
    queries = np.round(np.random.default_rng(21).normal(size=(12, 9)) * 4) / 4
    queries[:, 0] += 0.75
    queries[3] = 1.0  # all tie
    queries[5, 0] = -9.0  # last
    labels = np.zeros(queries.shape, dtype=int)
    labels[:, 0] = 1
    per_query = [roc_auc_score(y, s) for y, s in zip(labels, queries)]
    return {
        "source": SKLEARN,
        "note": "scores: a query per row, its true answer in column 0. auroc_per_query: roc_auc_score of each row."
        " pooled: roc_auc_score and average_precision_score of all rows as one list.",
        "scores": queries,
        "auroc_per_query": per_query,
        "pooled_auroc": roc_auc_score(labels.ravel(), queries.ravel()),
        "pooled_auprc": average_precision_score(labels.ravel(), queries.ravel()),
    }


# --- calibration ------------------------------------------------------------------------------


def calibration():
    rng = np.random.default_rng(22)
    scores = rng.integers(-256, 256, size=160) / 64.0
    scores[:20] = scores[20:40]  # some tie
    labels = (rng.uniform(size=160) < 1 / (1 + np.exp(1 - 1.5 * scores))).astype(int)
    at = np.concatenate([np.linspace(-6, 6, 49), scores[:5]])

    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, labels)

    # Smoothed targets are weights: each pair counts as true with weight t and as false with weight 1 - t.
    trues = labels.sum()
    targets = np.where(labels == 1, (trues + 1) / (trues + 2), 1 / (len(labels) - trues + 2))
    twice = np.concatenate([scores, scores])[:, None]
    both = np.concatenate([np.ones(len(scores)), np.zeros(len(scores))])
    logistic = LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-12)
    logistic.fit(twice, both, sample_weight=np.concatenate([targets, 1 - targets]))
    slope, intercept = -logistic.coef_[0, 0], -logistic.intercept_[0]
    own = _SigmoidCalibration().fit(scores, labels)
    assert abs(own.a_ - slope) < 1e-4 and abs(own.b_ - intercept) < 1e-4, (own.a_, slope, own.b_, intercept)

    shares = 1 / (1 + np.exp(slope * scores + intercept))
    observed, predicted = calibration_curve(labels, shares, n_bins=10, strategy="uniform")
    return {
        "source": SKLEARN,
        "note": "isotonic and platt: fitted to scores and labels, read at `at`. platt: share = 1 / (1 + exp(slope * s +"
        " intercept)), by LogisticRegression without penalty on Platt's smoothed targets; sklearn's own"
        " _SigmoidCalibration agrees to 1e-4. reliability: of platt's shares of the scores, in 10 bins of equal width.",
        "scores": scores,
        "labels": labels,
        "at": at,
        "isotonic": isotonic.predict(at),
        "platt": {"slope": slope, "intercept": intercept, "shares": 1 / (1 + np.exp(slope * at + intercept))},
        "reliability": {
            "observed": observed,
            "predicted": predicted,
            "brier": brier_score_loss(labels, shares),
            "log_loss": log_loss(labels, shares),
        },
    }


# --- projection -------------------------------------------------------------------------------


def projection():
    rng = np.random.default_rng(21)
    rows = np.round((rng.normal(size=(61, 7)) + 4 * rng.normal(size=(5, 7))[np.arange(61) % 5]) * 256) / 256
    positions = np.round((rows[:, :2] + 0.5 * rng.normal(size=(61, 2))) * 256) / 256

    def nearest(points, k, metric):
        distances, found = NearestNeighbors(n_neighbors=k + 1, metric=metric).fit(points).kneighbors(points)
        assert (found[:, 0] == np.arange(len(points))).all()
        # Nothing ties: the order is the same in f32.
        assert (np.diff(distances[:, 1:], axis=1) > 1e-7).all(), (metric, k)
        return distances[:, 1:], found[:, 1:]

    spaces, cases = {}, []
    for metric in ("euclidean", "cosine"):
        spaces[metric] = dict(zip(("distances", "neighbours"), nearest(rows, 15, metric)))
        for k in (1, 5, 15):
            found = spaces[metric]["neighbours"][:, :k]
            _, seen = nearest(positions, k, "euclidean")
            hits = [len(set(a) & set(b)) / k for a, b in zip(found.tolist(), seen.tolist())]
            cases.append(
                {
                    "metric": metric,
                    "k": k,
                    "recall": float(np.mean(hits)),
                    "trustworthiness": float(trustworthiness(rows, positions, n_neighbors=k, metric=metric)),
                }
            )
    return {
        "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "note": "neighbours and distances: the 15 of NearestNeighbors, the row itself left out, nearest first. recall: mean share"
        " of the k nearest among the k nearest on the map. trustworthiness: sklearn.manifold.trustworthiness.",
        "rows": rows,
        "positions": positions,
        "spaces": spaces,
        "cases": cases,
    }


# --- writing ----------------------------------------------------------------------------------


def plain(value):
    """Tensors and arrays as lists, -0.0 as 0.0."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value


def dump(value, indent=""):
    """JSON with sorted keys and one line per innermost list."""
    inner = indent + " "
    if isinstance(value, dict):
        items = [f"{inner}{json.dumps(key)}: {dump(value[key], inner)}" for key in sorted(value)]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, (list, dict)) for item in value):
        return "[\n" + ",\n".join(inner + dump(item, inner) for item in value) + f"\n{indent}]"
    return json.dumps(value, allow_nan=False)


def main():
    assert SOURCE == PINNED, f"{SOURCE}, not {PINNED}"
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    makers = (interactions, loss, ranks, adagrad, losses, optimizers, anchor, metrics, calibration, projection)
    for make in makers:
        path = Path(__file__).with_name(f"{make.__name__}.json")
        path.write_text(dump(plain(make())) + "\n", encoding="ascii")
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
