"""The recipe of DGL-KE (Zheng et al., 2020) in PyTorch: positives in chunks that share negatives, sparse updates.

    OMP_NUM_THREADS=1 python chunked_torch.py [--models transe_l2 distmult …] [--negatives 256] [--dim 128] …

Batches of B positives corrupt tails and heads in turn; each chunk of 256 positives shares K uniform negatives, so
that TransE L2 (‖q‖² + ‖n‖² − 2 q·n), DistMult and ComplEx score with a matrix product. Self-adversarial log-sigmoid
loss. Gradients are written out, not recorded, and checked against autograd at the start: fewer passes than autograd
makes. Row-wise Adagrad as in DGL-KE: each occurrence of a row adds mean(g²) to its state, then each moves the row.
`dim` is the number of real numbers of an entity; ComplEx and RotatE have dim / 2 complex ones. A negative that
happens to be the true entity is not masked. One core.
"""

import math

import torch
from graph import measure, options, skewed, tell
from torch.nn import functional

GAMMA, ALPHA, RATE = 12.0, 1.0, 0.1
MODELS = ["transe_l2", "distmult", "transe_l1", "complex", "rotate"]


def complex_product(a, b, conjugate):
    """a · b, or a · conj(b): halves are real and imaginary parts."""
    half = a.shape[-1] // 2
    (x, y), (u, v) = a.split(half, -1), b.split(half, -1)
    v = -v if conjugate else v
    return torch.cat([x * u - y * v, x * v + y * u], -1)


class Query:
    """What a given entity and a relation ask for: a vector q that is compared with candidates."""

    def __init__(self, model, given, relation, corrupts_tail):
        self.model, self.given, self.relation, self.corrupts_tail = model, given, relation, corrupts_tail
        if model == "rotate":
            angle = relation * (math.pi / ((GAMMA + 2.0) / relation.shape[-1]))
            self.turn = torch.cat([angle.cos(), angle.sin()], -1)

    def vector(self):
        if self.model in ("transe_l1", "transe_l2"):
            return self.given + self.relation if self.corrupts_tail else self.given - self.relation
        if self.model == "distmult":
            return self.given * self.relation
        # ComplEx: Re(h r conj t) = Re((h r) conj t) = Re(h conj(conj(r) t)). RotatE: |h r − t| = |h − t conj r|.
        other = self.relation if self.model == "complex" else self.turn
        return complex_product(self.given, other, conjugate=not self.corrupts_tail)

    def gradients(self, dq):
        """dL/dq to (dL/dgiven, dL/drelation)."""
        if self.model in ("transe_l1", "transe_l2"):
            return dq, dq if self.corrupts_tail else -dq
        if self.model == "distmult":
            return dq * self.relation, dq * self.given
        other = self.relation if self.model == "complex" else self.turn
        d_given = complex_product(dq, other, conjugate=self.corrupts_tail)
        if self.corrupts_tail:
            d_other = complex_product(dq, self.given, conjugate=True)
        else:
            d_other = complex_product(self.given, dq, conjugate=True)
        if self.model == "complex":
            return d_given, d_other
        half = d_other.shape[-1] // 2
        step = math.pi / ((GAMMA + 2.0) / half)
        d_angle = d_other[..., half:] * self.turn[..., :half] - d_other[..., :half] * self.turn[..., half:]
        return d_given, d_angle * step


def moduli(delta, half):
    """|re + i im|, never 0."""
    return delta[..., :half].square().addcmul(delta[..., half:], delta[..., half:]).clamp_min(1e-12).sqrt()


def positive_scores(model, q, t):
    """Scores of q with its own true entity, and a function from dL/dscore to (dL/dq, dL/dt)."""
    if model in ("distmult", "complex"):
        return (q * t).sum(-1), lambda g: (g.unsqueeze(-1) * t, g.unsqueeze(-1) * q)
    delta = q - t
    if model == "transe_l1":
        score, slope = GAMMA - delta.abs().sum(-1), delta.sign()
    elif model == "transe_l2":
        distance = delta.norm(dim=-1).clamp_min(1e-6)
        score, slope = GAMMA - distance, delta / distance.unsqueeze(-1)
    else:
        half = delta.shape[-1] // 2
        modulus = moduli(delta, half)
        score, slope = GAMMA - modulus.sum(-1), delta / torch.cat([modulus, modulus], -1)

    def back(g):
        dq = slope * -g.unsqueeze(-1)
        return dq, -dq

    return score, back


def negative_scores(model, q, n):
    """Scores [chunks, c, K] of q [chunks, c, d] with n [chunks, K, d], and their way back."""
    if model in ("distmult", "complex"):
        return torch.bmm(q, n.mT), lambda g: (torch.bmm(g, n), torch.bmm(g.mT, q))
    if model == "transe_l2":
        squares = q.square().sum(-1, keepdim=True) + n.square().sum(-1).unsqueeze(1)
        distance = torch.baddbmm(squares, q, n.mT, alpha=-2.0).clamp_min_(1e-12).sqrt_()

        def back(g):
            w = g.div_(distance)
            dq = torch.baddbmm(q * w.sum(-1, keepdim=True), w, n, beta=-1.0)
            dn = torch.baddbmm(n * w.sum(1).unsqueeze(-1), w.mT, q, beta=-1.0)
            return dq, dn

        return GAMMA - distance, back
    if model == "transe_l1":
        q, n = q.detach().requires_grad_(), n.detach().requires_grad_()
        with torch.enable_grad():
            score = GAMMA - torch.cdist(q, n, p=1.0)
        return score.detach(), lambda g: torch.autograd.grad(score, (q, n), g)

    # RotatE: no product; blocks of 4 queries stay in the cache.
    half, scores = q.shape[-1] // 2, torch.empty(q.shape[0], q.shape[1], n.shape[1], dtype=q.dtype)

    def blocks():
        for chunk in range(q.shape[0]):
            for at in range(0, q.shape[1], 4):
                rows = slice(at, at + 4)
                delta = q[chunk, rows].unsqueeze(1) - n[chunk].unsqueeze(0)
                yield chunk, rows, delta, moduli(delta, half)

    for chunk, rows, _, modulus in blocks():
        torch.sum(modulus, -1, out=scores[chunk, rows])

    def back(g):
        dq, dn = torch.empty_like(q), torch.zeros_like(n)
        for chunk, rows, delta, modulus in blocks():
            weight = g[chunk, rows].unsqueeze(-1) / modulus
            delta[..., :half].mul_(weight)
            delta[..., half:].mul_(weight)
            dq[chunk, rows] = delta.sum(1).neg_()
            dn[chunk] += delta.sum(0)
        return dq, dn

    return GAMMA - scores, back


def gradients(model, given, relation, true, negative, corrupts_tail):
    """Loss and gradients; given and true [chunks, c, d], negative [chunks, K, d]."""
    query = Query(model, given, relation, corrupts_tail)
    q = query.vector()
    weight = 0.5 / (q.shape[0] * q.shape[1])
    s, positive_back = positive_scores(model, q, true)
    loss = functional.softplus(-s).sum()
    dq, d_true = positive_back(torch.sigmoid(-s).mul_(-weight))
    s, negative_back = negative_scores(model, q, negative)
    p = torch.softmax(s * ALPHA if ALPHA != 1.0 else s, -1)
    loss = (loss + torch.dot(functional.softplus(s).flatten(), p.flatten())) * weight
    more, d_negative = negative_back(torch.sigmoid(s).mul_(p).mul_(weight))
    d_given, d_relation = query.gradients(dq + more)
    return loss, d_given, d_relation, d_true, d_negative


def check(model):
    """The written-out gradients are autograd's."""
    torch.manual_seed(3)
    width = 4 if model == "rotate" else 8
    shapes = [(2, 5, 8), (2, 5, width), (2, 5, 8), (2, 7, 8)]
    for corrupts_tail in (True, False):
        leaves = [torch.randn(shape, dtype=torch.float64).requires_grad_() for shape in shapes]
        given, relation, true, negative = leaves
        q = Query(model, given, relation, corrupts_tail).vector()
        pairs = [(q, true), (q.unsqueeze(2), negative.unsqueeze(1))]
        s, n = [positive_scores(model, a, b)[0] for a, b in pairs]
        loss_negative = (n.detach().mul(ALPHA).softmax(-1) * functional.softplus(n)).sum(-1).mean()
        expected = (functional.softplus(-s).mean() + loss_negative) / 2
        expected.backward()
        with torch.no_grad():
            loss, *found = gradients(model, *[leaf.detach() for leaf in leaves], corrupts_tail)
        assert torch.allclose(loss, expected, rtol=1e-9), model
        for a, b in zip(found, leaves):
            assert torch.allclose(a, b.grad, rtol=1e-6, atol=1e-9), (model, corrupts_tail)


class Trainer:
    def __init__(self, model, triples, o):
        torch.manual_seed(1)
        self.model, self.o, self.triples, self.steps, self.at = model, o, triples, 0, len(triples)
        limit = (GAMMA + 2.0) / o.dim
        width = o.dim // 2 if model == "rotate" else o.dim
        self.entity = torch.empty(o.entities, o.dim).uniform_(-limit, limit)
        self.relation = torch.empty(o.relations, width).uniform_(-limit, limit)
        self.entity_state, self.relation_state = torch.zeros(o.entities), torch.zeros(o.relations)

    def batch(self):
        if self.at + self.o.batch > len(self.triples):
            self.order, self.at = torch.randperm(len(self.triples)), 0
        rows = self.triples.index_select(0, self.order[self.at : self.at + self.o.batch])
        self.at += self.o.batch
        return rows.unbind(1)

    def update(self, table, state, rows, gradient):
        state.index_add_(0, rows, gradient.square().mean(1))
        rate = state.index_select(0, rows).sqrt_().add_(1e-10).reciprocal_().mul_(-RATE)
        table.index_add_(0, rows, gradient.mul_(rate.unsqueeze(1)))

    @torch.no_grad()
    def step(self):
        o, chunks = self.o, self.o.batch // self.o.chunk
        heads, kinds, tails = self.batch()
        corrupts_tail = self.steps % 2 == 0
        given, true = (heads, tails) if corrupts_tail else (tails, heads)
        negative = torch.randint(o.entities, (chunks * o.negatives,))
        parts = [table.index_select(0, rows).view(chunks, -1, table.shape[1]) for table, rows in [
            (self.entity, given), (self.relation, kinds), (self.entity, true), (self.entity, negative)
        ]]  # fmt: skip
        self.loss, *found = gradients(self.model, *parts, corrupts_tail)
        d_given, d_relation, d_true, d_negative = [g.reshape(-1, g.shape[-1]) for g in found]
        self.update(self.relation, self.relation_state, kinds, d_relation)
        self.update(
            self.entity, self.entity_state, torch.cat([given, true, negative]), torch.cat([d_given, d_true, d_negative])
        )
        self.steps += 1
        return o.batch


def main():
    o = options(__doc__, batch=1024, chunk=256, negatives=[256], dim=[128], models=MODELS).parse_args()
    torch.set_num_threads(1)
    # As ours: numbers near 1e-38 would slow products a hundredfold.
    torch.set_flush_denormal(True)
    triples = torch.from_numpy(skewed(o.entities, o.relations, o.triples))
    dims, negatives = o.dim, o.negatives
    for model in o.models:
        check(model)
        for o.dim in dims:
            for o.negatives in negatives:
                trainer = Trainer(model, triples, o)
                trainer.step()
                first = float(trainer.loss)
                shape = {"entities": o.entities, "batch": o.batch, "chunk": o.chunk, "negatives": o.negatives}
                for result in measure(trainer.step, o):
                    result |= {"first_loss": round(first, 4), "loss": round(float(trainer.loss), 4)}
                    result["steps"] = trainer.steps
                    tell(peer="chunked_torch", torch=torch.__version__, model=model, dim=o.dim, **shape, **result)


if __name__ == "__main__":
    main()
