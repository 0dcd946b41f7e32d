//! `cargo xtask tidy`: rules of the source tree that the compiler does not know.

mod layers;

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{files, proc};

/// Longest source file, tests aside.
const MAX_LINES: usize = 400;
/// Folders that are not source.
const SKIPPED: [&str; 5] = ["target", "dist", ".git", "node_modules", "packs"];
/// Kinds of files that people write.
const TEXT: [&str; 12] = ["rs", "wgsl", "toml", "md", "html", "css", "js", "yml", "yaml", "json", "sh", "tsv"];

/// Check every file; all findings are listed before it fails.
pub fn run() -> Result<()> {
    let root = proc::root();
    let mut findings = Vec::new();
    for path in files::below_except(&root, &SKIPPED)? {
        let name = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        let is_text = path.extension().is_some_and(|kind| TEXT.iter().any(|text| kind == *text)) || name == ".ci/run";
        if is_text {
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {name}"))?;
            findings.extend(check(&name, &text).into_iter().map(|finding| format!("{name}{finding}")));
        }
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("tidy");
    Ok(())
}

/// Findings in one file, each starting with `:line: ` or `: `.
fn check(name: &str, text: &str) -> Vec<String> {
    let mut findings = machine_paths(text);
    if Path::new(name).extension().is_some_and(|kind| kind == "rs") {
        let code = without_tests(text);
        let in_tests = name.starts_with("tests/") || name.contains("/tests/") || name.contains("/benches/");
        if code.lines().count() > MAX_LINES && !in_tests {
            findings.push(format!(": {} lines, more than {MAX_LINES}; split it by job", code.lines().count()));
        }
        findings.extend(stray_shaders(text));
        if let Some(module) = layers::module_of(name) {
            findings.extend(layers::check(module, code));
        }
    }
    findings
}

/// The part before the unit tests, which close a file by convention.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

/// WGSL lives in `.wgsl` files, where editors, naga and people find it.
fn stray_shaders(text: &str) -> Vec<String> {
    let marks =
        [concat!("@", "compute"), concat!("@", "vertex"), concat!("@", "fragment"), concat!("@", "workgroup_size")];
    let is_code = |line: &str| !line.trim_start().starts_with("//");
    let lines =
        text.lines().enumerate().filter(|(_, line)| is_code(line) && marks.iter().any(|mark| line.contains(mark)));
    lines.map(|(at, _)| format!(":{}: WGSL outside a .wgsl file", at + 1)).collect()
}

/// A path of somebody's machine works on that machine only.
fn machine_paths(text: &str) -> Vec<String> {
    let homes = [
        concat!("/", "home/"),
        concat!("/", "root/"),
        concat!("/", "Users/"),
        concat!("/", "work/"),
        concat!("C:", "\\"),
    ];
    let starts_path = |line: &str, home: &str| {
        line.match_indices(home)
            .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_.~/}".contains(c)))
    };
    let lines = text.lines().enumerate().filter(|(_, line)| homes.iter().any(|home| starts_path(line, home)));
    lines.map(|(at, _)| format!(":{}: names a path of one machine", at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn finds_what_breaks_a_rule() {
        let shader = format!("const SOURCE: &str = \"{}compute\";", '@');
        assert_eq!(check("app/src/x.rs", &shader).len(), 1);
        let path = format!("let data = \"/{}/me/data\";", "home");
        assert_eq!(check("app/src/x.rs", &path), [":1: names a path of one machine"]);
        assert_eq!(check("core/src/graph/mod.rs", &"//\n".repeat(401)).len(), 1);
        assert!(check("tests/tests/long.rs", &"//\n".repeat(401)).is_empty());
        assert!(check("core/src/graph/mod.rs", "use crate::ids::EntityId;\n").is_empty());
        assert_eq!(check("core/src/graph/mod.rs", "use crate::session::Command;\n").len(), 1);
    }
}
