//! Who may call whom inside the core.
//!
//! `session -> {train, evaluate, calibrate, predict, explain, experiment, project} -> backend ->
//! {plan, model, loss, optimizer, sampling, settings, anchor} -> graph -> ids`, and `session -> pack ->
//! {model, settings, graph}`: left may use right, never the reverse. `scatter` stands alone. Found by reading `crate::…` paths in the text, which is
//! how modules of the core name each other.

/// Modules that any other may use; they use none.
const BASE: [&str; 4] = ["error", "ids", "maths", "rng"];

/// Each layer may use itself and those after it.
const LAYERS: [&[&str]; 5] = [
    &["session"],
    &["train", "evaluate", "calibrate", "predict", "explain", "experiment", "project"],
    &["backend"],
    &["plan", "model", "loss", "optimizer", "sampling", "settings", "anchor"],
    &["graph"],
];

/// The core's module that a file belongs to; `None` for files outside it and for its root.
pub fn module_of(name: &str) -> Option<&str> {
    let path = name.strip_prefix("core/src/")?;
    let module = path.split('/').next()?.trim_end_matches(".rs");
    (module != "lib").then_some(module)
}

/// Findings in a file of `module`.
pub fn check(module: &str, code: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let is_placed = BASE.contains(&module) || module == "pack" || module == "scatter" || layer(module).is_some();
    if !is_placed {
        findings.push(format!(": module `{module}` has no layer; give it one in xtask/src/tidy/layers.rs"));
    }
    for (line, used) in uses(code) {
        if is_placed && !may_use(module, &used) {
            findings.push(format!(":{line}: `{module}` must not use `{used}`"));
        }
    }
    // Only the backend and the map's renderer speak to a GPU.
    if module != "backend" && module != "scatter" && module != "error" {
        let lines = code.lines().enumerate().filter(|(_, line)| is_code(line) && line.contains("wgpu::"));
        findings.extend(lines.map(|(at, _)| format!(":{}: `{module}` must not name wgpu", at + 1)));
    }
    findings
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn may_use(module: &str, used: &str) -> bool {
    if used == module || BASE.contains(&used) {
        return true;
    }
    match (module, used) {
        ("session", "pack") | ("pack", "graph" | "model" | "settings") => true,
        _ => match (layer(module), layer(used)) {
            (Some(user), Some(used)) => user <= used,
            _ => false,
        },
    }
}

/// Modules named as `crate::module` or in `crate::{module::…, …}`, with the line.
fn uses(code: &str) -> Vec<(usize, String)> {
    let bare: String = code.lines().map(|line| if is_code(line) { line } else { "" }).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (at, mark) in bare.match_indices("crate::") {
        let line = bare[..at].matches('\n').count() + 1;
        let rest = &bare[at + mark.len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => top_level(group),
            None => vec![rest],
        };
        let word =
            |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let is_module = |name: &String| name.starts_with(|c: char| c.is_ascii_lowercase());
        found.extend(names.into_iter().map(word).filter(is_module).map(|name| (line, name)));
    }
    found
}

/// The entries of `a::b, c::{d, e}, f}…` up to the brace that closes them.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut entries) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                entries.push(&group[start..at]);
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    entries
}

fn is_code(line: &str) -> bool {
    !line.trim_start().starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::{check, uses};

    #[test]
    fn reads_groups_and_ignores_comments() {
        let code = "//! see crate::session\nuse crate::{ids::EntityId, graph::{Triple, Side},\n model};\nlet x = crate::rng::hash(1);";
        let names: Vec<_> = uses(code).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["ids", "graph", "model", "rng"]);
    }

    #[test]
    fn allows_right_and_forbids_left() {
        assert!(check("session", "use crate::train::Trainer; use crate::pack::Pack; use crate::ids::A;").is_empty());
        assert!(check("pack", "use crate::graph::KnowledgeGraph; use crate::error::Error;").is_empty());
        assert_eq!(check("graph", "use crate::backend::Backend;"), [":1: `graph` must not use `backend`"]);
        assert_eq!(check("scatter", "\nuse crate::graph::Triple;"), [":2: `scatter` must not use `graph`"]);
        assert_eq!(check("train", "let device: wgpu::Device;").len(), 1);
        assert_eq!(check("newcomer", "").len(), 1);
    }
}
