"""Triples per second of PyKEEN's sLCWA training loop on the synthetic graph of graph.py.

    OMP_NUM_THREADS=1 python pykeen_speed.py [--models TransE DistMult] [--negatives 128] [--dim 128] [--batch 1024]

Self-adversarial loss, Adam, no constraint on rows; its own sampler and trainer. One "step" is an epoch over the
first `--triples-timed` triples, so that all rows exist but a repeat is short. One core.
"""

import logging

import pykeen.models
import torch
from graph import measure, options, skewed, tell
from pykeen.losses import NSSALoss
from pykeen.training import SLCWATrainingLoop
from pykeen.triples import CoreTriplesFactory
from pykeen.version import VERSION


def main():
    o = options(
        __doc__, models=["TransE", "DistMult"], negatives=128, dim=128, batch=1024, triples_timed=4096
    ).parse_args()
    torch.set_num_threads(1)
    # As ours: numbers near 1e-38 would slow products a hundredfold.
    torch.set_flush_denormal(True)
    logging.disable(logging.WARNING)
    triples = torch.from_numpy(skewed(o.entities, o.relations, o.triples))[: o.triples_timed]
    factory = CoreTriplesFactory(
        mapped_triples=triples, num_entities=o.entities, num_relations=o.relations, create_inverse_triples=False
    )
    for name in o.models:
        extra = {"regularizer": None} if name == "DistMult" else {}
        model = getattr(pykeen.models, name)(
            triples_factory=factory,
            embedding_dim=o.dim,
            entity_constrainer=None,
            loss=NSSALoss(margin=12.0 if name == "TransE" else 0.0, adversarial_temperature=1.0),
            random_seed=1,
            **extra,
        )
        loop = SLCWATrainingLoop(
            model=model,
            triples_factory=factory,
            optimizer=torch.optim.Adam(model.parameters(), lr=0.01),
            negative_sampler="basic",
            negative_sampler_kwargs={"num_negs_per_pos": o.negatives},
        )
        epochs = 0

        def step():
            nonlocal epochs
            epochs += 1
            loop.train(
                triples_factory=factory,
                num_epochs=epochs,
                batch_size=o.batch,
                use_tqdm=False,
                use_tqdm_batch=False,
                continue_training=epochs > 1,
            )
            return o.triples_timed

        shape = {"entities": o.entities, "batch": o.batch, "negatives": o.negatives, "dim": o.dim}
        for result in measure(step, o):
            tell(peer="pykeen", versions=f"PyKEEN {VERSION}, torch {torch.__version__}", model=name, **shape, **result)


if __name__ == "__main__":
    main()
