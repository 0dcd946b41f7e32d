//! `lladr fetch`: published files, checked by their MD5.
//!
//! A download grows as `NAME.part` beside its place, and goes on where it was cut, by a range request, in the same run
//! or a later one. It takes its name once its MD5 is right, so that a file under its name is whole.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use indicatif::ProgressBar;
use md5::{Digest, Md5};
use serde_json::json;
use ureq::Agent;

use crate::output::Output;
use crate::progress;

/// DRKG's archive, as its authors' README gives it (github.com/gnn4dr/DRKG).
const DRKG_URL: &str = "https://dgl-data.s3-us-west-2.amazonaws.com/dataset/DRKG/drkg.tar.gz";
/// Its MD5. The authors publish none; this one is from users of TorchDrug, who load the same address.
const DRKG_MD5: &str = "40519020c906ffa9c821fa53cd294a76";

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// DRKG's archive (drkg.tar.gz, about 220 MB): the triples, and the embeddings of its authors.
    ///
    /// Most of DRKG's sources are licensed for non-commercial use only; `lladr import drkg` writes the licence of each
    /// into the pack.
    Drkg {
        /// Folder that receives drkg.tar.gz.
        #[arg(long, value_name = "DIR", default_value = ".")]
        to: PathBuf,
        /// An archive at hand: it is checked and copied, and nothing is downloaded.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// Another address, such as a mirror.
        #[arg(long, value_name = "URL", default_value = DRKG_URL)]
        url: String,
        /// The MD5 that the archive must have; `any` takes every archive.
        #[arg(long, value_name = "HEX", default_value = DRKG_MD5)]
        md5: String,
        /// How often a download that breaks off is taken up again.
        #[arg(long, value_name = "N", default_value_t = 5)]
        retries: u32,
        #[command(flatten)]
        output: Output,
    },
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let What::Drkg { to, from, url, md5, retries, output } = &args.what;
    let wanted = md5.to_ascii_lowercase();
    let is_md5 = wanted.len() == 32 && wanted.bytes().all(|byte| byte.is_ascii_hexdigit());
    ensure!(is_md5 || wanted == "any", "--md5 takes 32 hexadecimal digits, or the word any; not {md5:?}");
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let place = to.join("drkg.tar.gz");
    let is_right = |path: &Path| Ok::<_, anyhow::Error>(wanted == "any" || md5_of(path)? == wanted);
    let next = |what: &str| {
        output.say(format!("{what:<9} {}", place.display()));
        output.say(format!("next      lladr import drkg {} --out DIR", place.display()));
        output.write(&json!({ "file": place, "md5": md5_of(&place)? }))
    };

    if let Some(from) = from {
        ensure!(is_right(from)?, "{} has the MD5 {}, not {wanted}", from.display(), md5_of(from)?);
        if from.canonicalize().ok() != place.canonicalize().ok() || !place.exists() {
            let part = part_of(&place);
            std::fs::copy(from, &part)
                .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
            std::fs::rename(&part, &place).with_context(|| format!("cannot write {}", place.display()))?;
        }
        return next("checked");
    }
    if place.exists() && is_right(&place)? {
        return next("there");
    }
    let part = part_of(&place);
    let began_with = part.metadata().map_or(0, |known| known.len());
    download(url, &part, *retries)?;
    if !is_right(&part)? && began_with > 0 {
        // What was there may be of another file: once more, from the start.
        std::fs::remove_file(&part).with_context(|| format!("cannot remove {}", part.display()))?;
        download(url, &part, *retries)?;
    }
    if !is_right(&part)? {
        let found = md5_of(&part)?;
        std::fs::remove_file(&part).with_context(|| format!("cannot remove {}", part.display()))?;
        bail!("{url} gave a file with the MD5 {found}, not {wanted}; --md5 {found} takes it if you trust it");
    }
    std::fs::rename(&part, &place).with_context(|| format!("cannot write {}", place.display()))?;
    next("fetched")
}

fn part_of(place: &Path) -> PathBuf {
    place.with_extension("gz.part")
}

/// Fills `part` with what `url` gives, going on where it stands.
fn download(url: &str, part: &Path, retries: u32) -> Result<()> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .user_agent(concat!("lladr/", env!("CARGO_PKG_VERSION")));
    let agent: Agent = config.build().into();
    let bar = progress::bytes("fetching", 0);
    let mut tries = 0;
    loop {
        match once(&agent, url, part, &bar) {
            Ok(()) => break,
            Err(Broken::Final(error)) => return Err(error),
            Err(Broken::Again(error)) if tries == retries => {
                return Err(error.context(format!(
                    "{url} broke off {} times; the same command goes on from {} MB",
                    tries + 1,
                    part.metadata().map_or(0, |known| known.len()) / 1_000_000
                )));
            }
            Err(Broken::Again(error)) => {
                tries += 1;
                let wait = Duration::from_millis(500 << tries.min(6));
                bar.println(format!("{error:#}; trying again in {} s", wait.as_secs()));
                std::thread::sleep(wait);
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

enum Broken {
    Final(anyhow::Error),
    Again(anyhow::Error),
}

fn once(agent: &Agent, url: &str, part: &Path, bar: &ProgressBar) -> Result<(), Broken> {
    let on_disk = |error: std::io::Error| {
        Broken::Final(anyhow::Error::new(error).context(format!("cannot write {}", part.display())))
    };
    let mut file = File::options().append(true).create(true).open(part).map_err(on_disk)?;
    let have = file.metadata().map_err(on_disk)?.len();
    let mut request = agent.get(url);
    if have > 0 {
        request = request.header("Range", format!("bytes={have}-"));
    }
    let response = request.call().map_err(|error| match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            Broken::Final(anyhow::Error::new(error).context(url.to_owned()))
        }
        error => Broken::Again(anyhow::Error::new(error).context(format!("no answer from {url}"))),
    })?;
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let have = match response.status().as_u16() {
        // Nothing is left to send: what is there is whole, or is found out by its MD5.
        416 => return Ok(()),
        206 if header("content-range").is_some_and(|range| range.starts_with(&format!("bytes {have}-"))) => have,
        200 | 206 => {
            // A server that knows no ranges sends everything again.
            file.set_len(0).map_err(on_disk)?;
            if response.status() == 206 {
                return Err(Broken::Again(anyhow::anyhow!("{url} sent another range than was asked for")));
            }
            0
        }
        status @ (408 | 425 | 429 | 500..=599) => {
            return Err(Broken::Again(anyhow::anyhow!("{url} answered {status}")));
        }
        status => return Err(Broken::Final(anyhow::anyhow!("{url} answered {status}"))),
    };
    let length = header("content-length").and_then(|length| length.parse::<u64>().ok());
    bar.set_length(have + length.unwrap_or(0));
    bar.set_position(have);
    let mut body = response.into_body().into_with_config().limit(u64::MAX).reader();
    let (mut buffer, mut taken) = (vec![0; 1 << 16], 0);
    loop {
        let read = body.read(&mut buffer).map_err(|error| {
            Broken::Again(anyhow::Error::new(error).context(format!("{url} broke off after {} bytes", have + taken)))
        })?;
        if read == 0 {
            break;
        }
        file.write_all(&buffer[..read]).map_err(on_disk)?;
        taken += read as u64;
        bar.inc(read as u64);
    }
    match length {
        Some(length) if taken < length => {
            Err(Broken::Again(anyhow::anyhow!("{url} broke off after {} bytes", have + taken)))
        }
        _ => Ok(()),
    }
}

/// MD5 of a file, as hexadecimal digits.
fn md5_of(path: &Path) -> Result<String> {
    let failed = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(failed)?;
    let bar = progress::bytes("checking", file.metadata().with_context(failed)?.len());
    let mut reader = bar.wrap_read(file);
    let (mut hash, mut buffer) = (Md5::new(), vec![0; 1 << 16]);
    loop {
        let read = reader.read(&mut buffer).with_context(failed)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    bar.finish_and_clear();
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
