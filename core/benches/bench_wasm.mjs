// Times the example `bench_wasm` in V8 and prints triples per second and the FLOP/s of the bare products.
// Usage: node bench_wasm.mjs MODULE.wasm INTERACTION, as in workload_new.
import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]));
const { workload_new, workload_train, products_new, products_run } = instance.exports;

/** Work per second of `run`, which returns the work it did; a first turn lets V8 compile for speed. */
function speed(run, before, turns) {
  run(before);
  const started = performance.now();
  return run(turns) / ((performance.now() - started) / 1e3);
}

const workload = workload_new(Number(process.argv[3]));
const products = products_new();
const triples = speed((steps) => workload_train(workload, steps), 16, 24);
console.log(triples, speed((chunks) => products_run(products, chunks), 64, 96));
