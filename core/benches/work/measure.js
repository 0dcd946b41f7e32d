// Times the example `bench_wasm` in V8, whoever embeds it (see v8.rs): work and seconds of training, then of the bare
// products. Synchronous, so that a page has its result when it has loaded.
function measure(bytes, interaction) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  /** Work of `run`, which returns it, and its seconds; a first turn lets V8 compile for speed. */
  const timed = (run, before, turns) => {
    run(before);
    const started = performance.now();
    const work = run(turns);
    return [work, (performance.now() - started) / 1e3];
  };
  const workload = exports.workload_new(interaction);
  const products = exports.products_new();
  return [
    ...timed((steps) => exports.workload_train(workload, steps), 16, 24),
    ...timed((chunks) => exports.products_run(products, chunks), 64, 96),
  ].join(" ");
}
