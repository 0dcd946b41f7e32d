// Starts the page. A module of its own, because the page's policy allows no inline script.
import("./page.js")
  .then(({ default: init }) => init({ module_or_path: new URL("./page_bg.wasm", import.meta.url) }))
  .catch((error) => {
    const told = document.createElement("p");
    told.className = "boot-problem";
    told.dataset.testid = "error";
    told.textContent =
      error instanceof WebAssembly.CompileError
        ? "This browser cannot run the page: it needs WebAssembly with SIMD (Chrome or Edge 96, Firefox 114, Safari 16.4, or newer)."
        : `The page could not be loaded (${error.message}). Check the connection and reload.`;
    document.body.replaceChildren(told);
  });
