"""GFLOP/s of f32 matrix products on one core, by PyTorch's and by numpy's BLAS: the ceiling of chunked scoring.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python sgemm.py

256 × 128 times 128 × 256 is the scoring of one chunk (256 positives, d 128, 256 negatives), queries times negatives
transposed; 256 × 256 times 256 × 128 its gradient; 2048³ the most a core gives. With --turns, each line of the
standard input asks for about --seconds of the three products of a chunk, by the faster of the two libraries.
"""

import argparse
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# OpenBLAS of numpy 1.26 takes a processor it does not know for one without AVX.
with open("/proc/cpuinfo", encoding="ascii") as file:
    flags = file.read()
if "avx2" in flags:
    os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX" if "avx512vl" in flags else "Haswell")

import statistics
import time

import numpy as np
import torch
from graph import tell, turns

SHAPES = [(256, 128, 256), (256, 256, 128), (1024, 128, 256), (2048, 2048, 2048)]


def rates(multiply, flop, seconds=0.3, repeats=9):
    multiply()
    start = time.perf_counter()
    multiply()
    times = max(1, round(seconds / (time.perf_counter() - start)))
    wall, cpu = [], []
    for _ in range(repeats):
        w, c = time.perf_counter(), time.process_time()
        for _ in range(times):
            multiply()
        wall.append(flop * times / (time.perf_counter() - w) / 1e9)
        cpu.append(flop * times / (time.process_time() - c) / 1e9)
    return {
        "gflops": round(statistics.median(wall), 1),
        "gflops_best": round(max(wall), 1),
        "gflops_cpu_best": round(max(cpu), 1),
    }


def chunk_turns(seconds):
    """The scoring of a chunk and its two gradients, by the library that was faster in a trial, on each request."""
    random = np.random.default_rng(1)
    q, n = [random.random((256, 128), dtype=np.float32) for _ in range(2)]
    s, dq, dn = np.empty((256, 256), np.float32), np.empty_like(q), np.empty_like(n)
    flop = 6.0 * 256 * 256 * 128

    def numpy_chunk():
        np.matmul(q, n.T, out=s)
        np.matmul(s, n, out=dq)
        np.matmul(s.T, q, out=dn)

    tq, tn, ts, tdq, tdn = [torch.from_numpy(array) for array in (q, n, s, dq, dn)]

    def torch_chunk():
        torch.mm(tq, tn.T, out=ts)
        torch.mm(ts, tn, out=tdq)
        torch.mm(ts.T, tq, out=tdn)

    def timed(chunk, times):
        w, c = time.perf_counter(), time.process_time()
        for _ in range(times):
            chunk()
        return flop * times, time.perf_counter() - w, time.process_time() - c

    trials = []
    for chunk, library in ((torch_chunk, f"torch {torch.__version__}"), (numpy_chunk, f"numpy {np.__version__}")):
        timed(chunk, 3)
        trials.append((timed(chunk, 20)[2], chunk, library))
    second, chunk, library = min(trials, key=lambda trial: trial[0])
    times = max(1, round(20 * seconds / max(second, 1e-9)))
    for result in turns(lambda: timed(chunk, times)):
        tell(peer="sgemm", versions=library, **result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", action="store_true")
    parser.add_argument("--seconds", type=float, default=1.0, help="with --turns")
    o = parser.parse_args()
    torch.set_num_threads(1)
    # As ours: numbers near 1e-38 would slow products a hundredfold.
    torch.set_flush_denormal(True)
    if o.turns:
        chunk_turns(o.seconds)
        return
    random = np.random.default_rng(1)
    for m, k, n in SHAPES:
        a, b = random.random((m, k), dtype=np.float32), random.random((n, k), dtype=np.float32)
        out = np.empty((m, n), dtype=np.float32)
        ta, tb, tout = torch.from_numpy(a), torch.from_numpy(b), torch.from_numpy(out)
        shape = {"m": m, "k": k, "n": n}
        flop = 2.0 * m * k * n
        tell(library=f"torch {torch.__version__}", **shape, **rates(lambda: torch.mm(ta, tb.T, out=tout), flop))
        tell(library=f"numpy {np.__version__}", **shape, **rates(lambda: np.matmul(a, b.T, out=out), flop))


if __name__ == "__main__":
    main()
