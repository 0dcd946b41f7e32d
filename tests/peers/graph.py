"""What the speed programs share: the synthetic graph, options for its shape, and timing in repeats.

The graph has FB15k's shape and the skewed degrees of real graphs: a uniform draw u becomes row n u².
Every program runs on one core (`torch.set_num_threads(1)`) and prints one JSON line per measurement.
"""

import argparse
import json
import os
import statistics
import sys
import time

import numpy as np

FB15K = {"entities": 14_951, "relations": 1_345, "triples": 483_142}


def options(description, **defaults):
    """Arguments common to the programs; `defaults` are further ones, name = default."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in {**FB15K, **defaults}.items():
        flag = "--" + name.replace("_", "-")
        if isinstance(value, list):
            parser.add_argument(flag, nargs="+", type=type(value[0]), default=value)
        else:
            parser.add_argument(flag, type=type(value), default=value)
    timing(parser, repeats=7)
    return parser


def timing(parser, repeats):
    """Arguments of `measure`."""
    parser.add_argument("--seconds", type=float, default=1.0, help="about how long one repeat lasts")
    parser.add_argument("--repeats", type=int, default=repeats)
    parser.add_argument(
        "--turns", action="store_true", help="one repeat for each line of the standard input, one JSON line for each"
    )


def skewed(entities, relations, triples, seed=78):
    """Random triples, int64 [triples, 3]."""
    u = np.random.default_rng(seed).random((triples, 3))
    rows = np.array([entities, relations, entities])
    return np.minimum((rows * u * u).astype(np.int64), rows - 1)


def measure(step, o):
    """Triples per second, median and best, by wall and CPU time; `step()` trains some and returns how many.

    Yields one result. With `--turns` the caller alternates this program with another: after the warm-up it is told
    {"ready": true}, and then each line of the standard input asks for one repeat, which is yielded as it was.
    """
    start = time.perf_counter()  # warm-up
    step()
    while time.perf_counter() - start < o.seconds / 2:
        step()
    start = time.perf_counter()
    step()
    steps = max(1, round(o.seconds / max(time.perf_counter() - start, 1e-9)))

    def repeat():
        w, c = time.perf_counter(), time.process_time()
        trained = sum(step() for _ in range(steps))
        return trained, time.perf_counter() - w, time.process_time() - c

    if o.turns:
        yield from turns(repeat)
        return
    repeats = [repeat() for _ in range(o.repeats)]
    wall, cpu = [trained / w for trained, w, _ in repeats], [trained / c for trained, _, c in repeats]
    yield {
        "triples_per_s": round(statistics.median(wall)),
        "triples_per_s_best": round(max(wall)),
        "triples_per_cpu_s": round(statistics.median(cpu)),
        "triples_per_cpu_s_best": round(max(cpu)),
        "repeats": o.repeats,
        "load": round(os.getloadavg()[0], 1),
    }


def turns(repeat):
    """One `repeat()`, which returns work, wall seconds and CPU seconds, for each line of the standard input."""
    tell(ready=True)
    for _ in sys.stdin:
        work, wall, cpu = repeat()
        yield {"work": work, "wall_s": wall, "cpu_s": cpu}


def tell(**line):
    print(json.dumps(line), flush=True)
