//! One file from beside the page, with byte progress. The bytes stay in JavaScript's memory.

use gloo_net::http::Request;
use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

/// Largest file of unknown size: `pack.json` and `index.json`.
const MOST_UNKNOWN: u32 = 4 << 20;
/// What a file gets at first.
const FIRST_BYTES: u32 = 4 << 20;

/// Fetch `address` (relative to the page). `bytes` is the expected size, if it is known. `progress` hears how
/// many bytes have just arrived.
///
/// # Errors
/// A sentence for a person.
pub async fn file(
    address: &str,
    bytes: Option<u32>,
    abort: &AbortSignal,
    progress: &dyn Fn(f64),
) -> Result<ArrayBuffer, String> {
    let name = address.rsplit('/').next().unwrap_or(address);
    let offline = |_| format!("{name} could not be fetched. Check the connection and try again.");
    let response = Request::get(address).abort_signal(Some(abort)).send().await.map_err(offline)?;
    if !response.ok() {
        return Err(match response.status() {
            404 => format!("{name} is missing (404). Check the name of the pack."),
            status => format!("the server answered {status} for {name}. Try again later."),
        });
    }
    let body = response.body().ok_or_else(|| format!("{name} is empty."))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let limit = bytes.unwrap_or(MOST_UNKNOWN);
    // A size that is only claimed reserves no memory: the buffer grows with what arrives.
    let mut buffer = Uint8Array::new_with_length(limit.min(FIRST_BYTES));
    let mut filled = 0;
    loop {
        let broken = |_| format!("the connection broke while {name} was arriving. Try again.");
        let step = JsFuture::from(reader.read()).await.map_err(broken)?;
        if Reflect::get(&step, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            break;
        }
        let chunk: Uint8Array = Reflect::get(&step, &"value".into()).map_err(broken)?.unchecked_into();
        let end = chunk.length().checked_add(filled).filter(|end| *end <= limit);
        let Some(end) = end else {
            let _ = reader.cancel();
            return Err(format!("{name} is larger than the pack says: it was altered, or belongs to another version."));
        };
        if end > buffer.length() {
            let larger = Uint8Array::new_with_length(end.saturating_mul(2).min(limit));
            larger.set(&buffer.subarray(0, filled), 0);
            buffer = larger;
        }
        buffer.set(&chunk, filled);
        progress(f64::from(chunk.length()));
        filled = end;
    }
    match bytes {
        Some(bytes) if filled < bytes => {
            Err(format!("{name} is incomplete: {filled} of {bytes} bytes arrived. Reload to try again."))
        }
        _ if filled == buffer.length() => Ok(buffer.buffer()),
        _ => Ok(buffer.slice(0, filled).buffer()),
    }
}

/// The text of a fetched file.
pub fn text(buffer: &ArrayBuffer) -> String {
    String::from_utf8_lossy(&Uint8Array::new(buffer).to_vec()).into_owned()
}
