//! What must hold for a built page, checked after every build.
//!
//! The page runs under a content security policy without `unsafe-inline`, so an inline script would
//! leave it blank. A wasm file that is not wasm would be found by the visitor only.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// Check the page in the folder `dist`.
pub fn page(dist: &Path) -> Result<()> {
    let index = dist.join("index.html");
    let html = std::fs::read_to_string(&index).with_context(|| format!("reading {}", index.display()))?;
    has_no_inline_script(&html)?;
    for module in ["page_bg.wasm", "engine_bg.wasm"] {
        let bytes = std::fs::read(dist.join(module)).with_context(|| format!("the page lacks {module}"))?;
        ensure!(bytes.starts_with(b"\0asm"), "{module} is not a WebAssembly module");
    }
    Ok(())
}

/// Every script names a file; no element carries a handler.
fn has_no_inline_script(html: &str) -> Result<()> {
    for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let mut words = tag.split_whitespace();
        let name = words.next().unwrap_or_default().to_ascii_lowercase();
        let attributes: Vec<String> = words.map(str::to_ascii_lowercase).collect();
        if name == "script" && !attributes.iter().any(|word| word.starts_with("src=")) {
            bail!("dist/index.html has an inline script, which its content security policy forbids");
        }
        if let Some(handler) = attributes.iter().find(|word| word.starts_with("on") && word.contains('=')) {
            bail!("dist/index.html has an inline handler, which its content security policy forbids: {handler}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::has_no_inline_script;

    #[test]
    fn finds_inline_scripts_and_handlers() {
        assert!(has_no_inline_script("<head><script type=\"module\" src=\"./boot.js\"></script></head>").is_ok());
        assert!(has_no_inline_script("<script type=\"module\">import('./page.js')</script>").is_err());
        assert!(has_no_inline_script("<body onload=\"go()\"></body>").is_err());
    }
}
