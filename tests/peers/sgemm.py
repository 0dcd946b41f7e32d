"""GFLOP/s of f32 matrix products on one core, by PyTorch's and by numpy's BLAS: the ceiling of chunked scoring.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python sgemm.py

256 × 128 times 128 × 256 is the scoring of one chunk (256 positives, d 128, 256 negatives), queries times negatives
transposed; 256 × 256 times 256 × 128 its gradient; 2048³ the most a core gives.
"""

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
from graph import tell

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


def main():
    torch.set_num_threads(1)
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
