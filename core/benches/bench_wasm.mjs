// Times the example `bench_wasm` in V8 and prints triples per second.
// Usage: node bench_wasm.mjs MODULE.wasm INTERACTION, as in workload_new.
import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]));
const { workload_new, workload_train } = instance.exports;
const workload = workload_new(Number(process.argv[3]));
workload_train(workload, 16);
const started = performance.now();
const positives = workload_train(workload, 24);
console.log(positives / ((performance.now() - started) / 1e3));
