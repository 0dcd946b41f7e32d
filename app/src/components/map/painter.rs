//! How the marks get on the screen: WebGPU, or the 2-D canvas where there is none.

use leptos::prelude::document;
use lladr_core::scatter::Renderer;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};

use super::flat::Flat;

/// What draws the marks.
pub enum Painter {
    /// Not known yet.
    None,
    /// The core's renderer.
    Gpu(Box<Renderer>),
    /// A 2-D canvas.
    Flat(Flat),
}

/// A renderer on `canvas`, if the browser has an adapter for it.
#[cfg(target_arch = "wasm32")]
pub async fn find_gpu(canvas: HtmlCanvasElement, pixels: [u32; 2]) -> Option<Renderer> {
    let navigator = web_sys::window()?.navigator();
    let has_gpu = js_sys::Reflect::get(&navigator, &"gpu".into()).is_ok_and(|gpu| gpu.is_truthy());
    if !has_gpu {
        return None;
    }
    Renderer::new(lladr_core::scatter::SurfaceTarget::Canvas(canvas), pixels).await.ok()
}

/// Canvases exist in browsers only.
#[cfg(not(target_arch = "wasm32"))]
pub async fn find_gpu(_: HtmlCanvasElement, _: [u32; 2]) -> Option<Renderer> {
    None
}

/// A new canvas at the end of `container`.
pub fn canvas(container: &HtmlElement, class: &str) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_class_name(class);
    let _ = canvas.set_attribute("aria-hidden", "true");
    container.append_child(&canvas).ok()?;
    Some(canvas)
}

/// Its 2-D context.
pub fn context_2d(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}
