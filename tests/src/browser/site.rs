//! The page on a plain static server, under any path, as built or with changed packs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::root;

/// A running server; it ends with this value.
pub struct Site {
    address: String,
    server: JoinHandle<()>,
    /// Where the files are a copy.
    _copy: Option<TempDir>,
}

impl Site {
    /// `dist/` at the root of its own origin.
    ///
    /// # Errors
    /// There is no page, or no free port.
    pub async fn built() -> Result<Self> {
        Self::start(dist()?, "/", None).await
    }

    /// `dist/` under a sub-path such as `/lladr/explorer/`.
    ///
    /// # Errors
    /// There is no page, or no free port.
    pub async fn under(prefix: &str) -> Result<Self> {
        Self::start(dist()?, prefix, None).await
    }

    /// A copy of `dist/` whose packs `change` may alter: it is given their folder.
    ///
    /// # Errors
    /// There is no page, no free port, or the change failed.
    pub async fn with_packs(change: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        let copy = tempfile::tempdir()?;
        copy_folder(&dist()?, copy.path())?;
        change(&copy.path().join("packs"))?;
        Self::start(copy.path().to_path_buf(), "/", Some(copy)).await
    }

    /// Address of the page, with a slash at its end.
    pub fn address(&self) -> &str {
        &self.address
    }

    async fn start(folder: PathBuf, prefix: &str, copy: Option<TempDir>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}/{}", listener.local_addr()?, prefix.trim_start_matches('/'));
        let prefix = prefix.to_owned();
        let server = tokio::spawn(async move {
            // It runs until the test ends; a request that fails shows in the page.
            let _ = xtask::server::serve(listener, &folder, &prefix).await;
        });
        Ok(Site { address, server, _copy: copy })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn dist() -> Result<PathBuf> {
    let dist = root().join("dist");
    ensure!(dist.join("index.html").is_file(), "there is no page in dist/; run `cargo xtask build`");
    Ok(dist)
}

/// Copy a folder with everything below it.
///
/// # Errors
/// A file that cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
