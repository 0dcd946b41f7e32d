//! A process that is killed leaves the old pack or the new one, whole, whenever it dies.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "a test measures wall time")]

mod toy;

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use toy::{Outcome, lladr, names, words};

/// Moments at which a process is killed, spread over its run.
const MOMENTS: u32 = 12;

/// A table whose entities tell which one it is.
fn table(count: u32, kind: &str) -> String {
    let mut text = String::new();
    for at in 0..count {
        let _ = writeln!(text, "Compound::{kind}{}\tr{}\tDisease::{}", at % 5000, at % 7, (at * 31) % 3001);
    }
    text
}

/// Hash of a pack that is whole.
fn verified(pack: &Path) -> Outcome<String> {
    let output = lladr(&["pack", "verify", "--json", "-"]).arg(pack).output()?;
    assert!(output.status.success(), "{}", words(&output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok(found["hash"].as_str().ok_or("no hash")?.to_owned())
}

/// Runs `command`, which replaces `out`, killing it at moments from its start to its end.
fn kill(command: impl Fn() -> Command, old: &Path, out: &Path) -> Outcome {
    let home = out.parent().ok_or("no parent")?;
    let place_old = || -> Outcome {
        let output = lladr(&["pack", "--layout", "none", "--pack"]).arg(old).arg("--out").arg(out).output()?;
        assert!(output.status.success(), "{}", words(&output));
        Ok(())
    };
    place_old()?;
    let before = verified(out)?;
    let started = Instant::now();
    let output = command().output()?;
    let whole = started.elapsed();
    assert!(output.status.success(), "{}", words(&output));
    let after = verified(out)?;
    assert_ne!(before, after);
    place_old()?;
    let (mut olds, mut killed) = (0, 0);
    for at in 0..MOMENTS {
        let mut child = command().stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // The last moments lie near the end, where the folders change places.
        let share = 1.0 - (1.0 - f64::from(at) / f64::from(MOMENTS - 1)).powi(2);
        std::thread::sleep(whole.mul_f64(share));
        child.kill()?;
        killed += u32::from(child.wait()?.code().is_none());
        let now = verified(out)?;
        assert!(
            now == before || now == after,
            "after {share:.2} of the run the pack is neither the old nor the new one"
        );
        if now == before {
            olds += 1;
        } else {
            place_old()?;
        }
    }
    assert!(olds > 0 && killed > 0, "no kill came before the end");
    // The next run puts away what killed ones left.
    let output = command().output()?;
    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(verified(out)?, after);
    let left: Vec<String> = names(home)?.into_iter().filter(|name| name.starts_with(".lladr-")).collect();
    assert!(left.is_empty(), "{left:?} stay");
    Ok(())
}

#[test]
fn a_killed_import_leaves_a_whole_pack() -> Outcome {
    let home = tempfile::tempdir()?;
    let (old_table, new_table) = (home.path().join("old.tsv"), home.path().join("new.tsv"));
    std::fs::write(&old_table, table(2000, "old"))?;
    std::fs::write(&new_table, table(120_000, "new"))?;
    let import = |table: &Path, out: &Path| {
        let mut command = lladr(&["import", "tsv", "--licence", "CC0-1.0"]);
        command.arg(table).arg("--out").arg(out);
        command
    };
    let old = home.path().join("old");
    assert!(import(&old_table, &old).status()?.success());
    let out = home.path().join("packs/pack");
    std::fs::create_dir(home.path().join("packs"))?;
    kill(|| import(&new_table, &out), &old, &out)
}

#[test]
fn a_killed_pack_leaves_a_whole_pack() -> Outcome {
    let home = tempfile::tempdir()?;
    for (name, rows) in [("old", 2000), ("new", 60_000)] {
        let file = home.path().join(format!("{name}.tsv"));
        std::fs::write(&file, table(rows, name))?;
        let output = lladr(&["import", "tsv", "--licence", "CC0-1.0", "--out"])
            .arg(home.path().join(name))
            .arg(&file)
            .output()?;
        assert!(output.status.success(), "{}", words(&output));
    }
    let out = home.path().join("packs/pack");
    std::fs::create_dir(home.path().join("packs"))?;
    let make = || {
        let mut command = lladr(&["pack", "--layout", "none", "--pack"]);
        command.arg(home.path().join("new")).arg("--out").arg(&out);
        command
    };
    kill(make, &home.path().join("old"), &out)
}

/// What another process is still writing is not put away.
#[test]
fn a_folder_in_use_stays() -> Outcome {
    let home = tempfile::tempdir()?;
    let table_file = home.path().join("t.tsv");
    std::fs::write(&table_file, table(10, "a"))?;
    let fresh = home.path().join(".lladr-fresh");
    std::fs::create_dir(&fresh)?;
    let lock = std::fs::File::create(fresh.join("lock"))?;
    lock.lock()?;
    let stale = home.path().join(".lladr-stale");
    std::fs::create_dir_all(stale.join("pack"))?;
    std::fs::write(stale.join("lock"), "")?;
    std::fs::write(stale.join("pack/entities.tsv"), "half")?;
    // Nor is what this program did not make.
    std::fs::create_dir(home.path().join(".lladr-mine"))?;
    std::fs::write(home.path().join(".lladr-mine/notes.txt"), "mine")?;
    // What one leaves that dies before it has a lock, or while it removes its folder.
    std::fs::create_dir(home.path().join(".lladr-empty"))?;
    std::fs::create_dir_all(home.path().join(".lladr-half/pack"))?;
    std::fs::write(home.path().join(".lladr-half/pack/entities.tsv"), "half")?;
    // The only copy of an old pack, where a system cannot exchange folders.
    for name in ["pack", "old"] {
        std::fs::create_dir_all(home.path().join(".lladr-only").join(name))?;
    }
    let output = lladr(&["import", "tsv", "--out"]).arg(home.path().join("pack")).arg(&table_file).output()?;
    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(names(home.path())?, [".lladr-fresh", ".lladr-mine", ".lladr-only", "pack", "t.tsv"]);
    Ok(())
}

/// Processes that begin at one moment do not put away each other's folders.
#[test]
fn many_write_side_by_side() -> Outcome {
    let home = tempfile::tempdir()?;
    let table_file = home.path().join("t.tsv");
    std::fs::write(&table_file, table(10, "a"))?;
    for _ in 0..5 {
        let start = |at: usize| {
            let mut command = lladr(&["import", "tsv", "--out"]);
            command.arg(home.path().join(format!("pack{at}"))).arg(&table_file);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
        };
        let children = (0..8).map(start).collect::<std::io::Result<Vec<_>>>()?;
        for child in children {
            let output = child.wait_with_output()?;
            assert!(output.status.success(), "{}", words(&output));
        }
    }
    assert_eq!(names(home.path())?.len(), 9, "eight packs and a table");
    Ok(())
}
