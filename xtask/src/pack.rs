//! `cargo xtask pack`: `public/packs/starter`, rebuilt byte for byte from `packs/starter`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::report::step;
use crate::{files, proc};

const TABLES: &str = "packs/starter";
const PACK: &str = "public/packs/starter";

/// Options of `pack`.
#[derive(clap::Args)]
pub struct Args {
    /// Build elsewhere and compare with what is there, byte for byte
    #[arg(long)]
    check: bool,
}

/// Rebuild the pack, or check it.
pub fn run(args: Args) -> Result<()> {
    if args.check { check() } else { build(Path::new(PACK)) }
}

/// The pack in the repository is what its tables give.
pub fn check() -> Result<()> {
    let root = proc::root();
    let fresh = root.join("target/xtask/starter");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).with_context(|| format!("removing {}", fresh.display()))?;
    }
    build(&fresh)?;
    let (stored, rebuilt) = (contents(&root.join(PACK))?, contents(&fresh)?);
    for (name, bytes) in &rebuilt {
        match stored.iter().find(|(other, _)| other == name) {
            None => bail!("{PACK}/{} is missing; run `cargo xtask pack`", name.display()),
            Some((_, other)) if other != bytes => {
                bail!("{PACK}/{} differs from what the tables give; run `cargo xtask pack`", name.display())
            }
            Some(_) => {}
        }
    }
    if let Some((name, _)) = stored.iter().find(|(name, _)| rebuilt.iter().all(|(other, _)| other != name)) {
        bail!("{PACK}/{} is not made from the tables; remove it", name.display());
    }
    println!("    {} files, the same bytes", rebuilt.len());
    Ok(())
}

fn build(out: &Path) -> Result<()> {
    step(&format!("{TABLES} -> {PACK}"), || {
        // Selected like the tests, so that what they compiled serves here too; the bytes are the same
        // under any profile.
        let mut cargo = proc::cargo();
        cargo.args(["build", "--quiet", "--workspace", "--features", "lladr-tests/browser", "--bin", "lladr"]);
        proc::run(&mut cargo)?;
        // Cargo puts it beside this program.
        let name = format!("lladr{}", std::env::consts::EXE_SUFFIX);
        let program = std::env::current_exe().context("this program does not know where it is")?.with_file_name(name);
        proc::run(proc::command(program).args(["pack-starter", "--tables", TABLES, "--out"]).arg(out))?;
        Ok("built".into())
    })
}

/// Files below a folder: relative path and bytes.
fn contents(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let paths = files::below(folder)?.into_iter();
    paths.map(|path| Ok((path.strip_prefix(folder)?.to_path_buf(), files::read(&path)?))).collect()
}
