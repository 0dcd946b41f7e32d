// Times the example `bench_wasm` in V8. Usage: node bench_wasm.mjs MODULE.wasm
import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]));
const { workload_new, workload_train } = instance.exports;
const rounds = 7;
const steps = 24;
for (const [at, name] of [[1, "transe_l2"], [2, "distmult"], [0, "transe_l1"]]) {
  const workload = workload_new(at);
  workload_train(workload, 8);
  const speeds = Array.from({ length: rounds }, () => {
    const started = performance.now();
    return workload_train(workload, steps) / ((performance.now() - started) / 1e3);
  }).sort((a, b) => a - b);
  console.log(`${name.padEnd(12)} ${speeds[rounds >> 1].toFixed(0).padStart(12)} triples/s in wasm`);
}
