//! A plain static server for the built page, the kind any host offers.
//!
//! `cargo xtask serve` and the browser tests use this same code. Files come with their MIME types
//! (`application/wasm` among them: browsers refuse to stream-compile anything else), a missing file
//! is a 404, a path cannot leave the folder, and `Cache-Control: no-cache` makes a reload show the
//! latest build. There is no rewriting and no special header: what works here works on any host.

use std::io;
use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, header};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// Routes that serve the folder `root` under `prefix`: `/`, or a sub-path such as `/lladr/explorer`.
pub fn router(root: &Path, prefix: &str) -> Router {
    let files = ServeDir::new(root);
    let prefix = prefix.trim_end_matches('/');
    let routes = if prefix.is_empty() {
        Router::new().fallback_service(files)
    } else {
        Router::new().nest_service(prefix, files)
    };
    routes.layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
}

/// Serve the folder `root` under `prefix` until the task is dropped.
pub async fn serve(listener: TcpListener, root: &Path, prefix: &str) -> io::Result<()> {
    axum::serve(listener, router(root, prefix)).await
}
