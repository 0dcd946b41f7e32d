//! `cargo xtask serve`: set up, build, serve.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::{Context, Result, bail};
use xtask::server;

use crate::report::Stopwatch;
use crate::tools::PageTools;
use crate::{build, proc};

/// Options of `serve`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask serve                 http://127.0.0.1:8080
  cargo xtask serve --open          and open it in the browser
  cargo xtask serve --port 9000     on another port
  cargo xtask serve --debug         unoptimised, rebuilt whenever a file is saved")]
pub struct Args {
    /// Port on 127.0.0.1
    #[arg(long, short, default_value_t = 8080)]
    port: u16,
    /// Open the page in the default browser
    #[arg(long)]
    open: bool,
    /// Unoptimised build that is rebuilt whenever a file is saved
    #[arg(long)]
    debug: bool,
    /// Build even if nothing changed
    #[arg(long)]
    force: bool,
}

/// Serve until interrupted.
pub fn run(args: Args) -> Result<()> {
    let watch = Stopwatch::start();
    // Taken before the build: a port in use should be told now, not after minutes.
    let listener = listen(args.port)?;
    if args.debug {
        drop(listener);
        return watch_and_serve(&args);
    }
    let dist = build::run(&build::Args { force: args.force, ..Default::default() })?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("\nready after {watch}: {address}   (Ctrl+C stops)");
    if args.open {
        open(&address);
    }
    serve(listener, &dist)
}

fn listen(port: u16) -> Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!(
                "port {port} is in use; stop what uses it, or choose another with `--port {}`",
                port.wrapping_add(1).max(1024)
            )
        }
        Err(error) => bail!("port {port} cannot be used ({error}); choose another with `--port 8080`"),
    }
}

fn serve(listener: TcpListener, dist: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        server::serve(listener, dist, "/").await.context("the server stopped")
    })
}

/// Trunk's own server: it watches the sources and builds again.
fn watch_and_serve(args: &Args) -> Result<()> {
    let mut trunk = PageTools::set_up()?.trunk()?;
    trunk.args(["serve", "--public-url", "/", "--dist", "target/debug-dist", "--port", &args.port.to_string()]);
    if args.open {
        trunk.arg("--open");
    }
    proc::run(&mut trunk)
}

/// Opening a browser is a convenience: where it fails, the address on the screen does.
fn open(address: &str) {
    let mut command = match std::env::consts::OS {
        "macos" => proc::command("open"),
        "windows" => proc::command("explorer"),
        _ => proc::command("xdg-open"),
    };
    if command.arg(address).spawn().is_err() {
        println!("no browser could be opened; open {address} yourself");
    }
}
