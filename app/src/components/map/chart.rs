//! The map's drawing: a scene, a view, and a painter (WebGPU, or the 2-D canvas where there is none).
//!
//! Everything that changes calls [`Chart::request`]; one animation frame then uploads what is stale and
//! draws. While marks glide between two layouts the next frame is requested from the last.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use leptos::prelude::{document, window};
use lladr_core::predict::LinkStatus;
use lladr_core::scatter::palette::Theme;
use lladr_core::scatter::{Frame, Highlight, Renderer, Scene, Viewport, pick};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ResizeObserver};

use super::{flat, overlay};
use crate::hooks::prefers_less_motion;

/// Time marks take from one layout to the next.
const GLIDE_MS: f64 = 450.0;
/// With more marks than this the 2-D canvas does not glide: a frame takes too long.
const MOST_GLIDING: usize = 20_000;

/// A line from the disease to a drug.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The drug.
    pub drug: u32,
    /// Solid, dotted or dashed.
    pub status: LinkStatus,
}

/// A handle on the map's drawing.
#[derive(Clone)]
pub struct Chart {
    inner: Rc<RefCell<Inner>>,
    is_requested: Rc<Cell<bool>>,
    on_frame: Rc<RefCell<Option<Closure<dyn FnMut(f64)>>>>,
}

/// How the marks are drawn.
enum Painter {
    None,
    Gpu(Box<Renderer>),
    Flat(CanvasRenderingContext2d),
}

/// What is drawn.
pub struct Inner {
    /// Where the map is looked at from.
    pub view: Viewport,
    /// The marks.
    pub scene: Scene,
    /// Lines to the lit drugs.
    pub links: Vec<Link>,
    /// Names of what is lit.
    pub names: BTreeMap<u32, String>,
    /// The mark under the pointer, and its name once it is known.
    pub hover: Option<(u32, Option<String>)>,
    /// Light or dark.
    pub theme: Theme,
    painter: Painter,
    container: Option<HtmlElement>,
    marks: Option<HtmlCanvasElement>,
    words: Option<CanvasRenderingContext2d>,
    ratio: f32,
    glide_from: Option<f64>,
    glide: f32,
    places_stale: bool,
    paints_stale: bool,
}

impl Chart {
    /// An empty map, not yet in the document.
    pub fn new() -> Self {
        let chart =
            Chart { inner: Rc::new(RefCell::new(Inner::new())), is_requested: Rc::default(), on_frame: Rc::default() };
        let weak = Rc::downgrade(&chart.inner);
        let (requested, frames) = (chart.is_requested.clone(), Rc::downgrade(&chart.on_frame));
        *chart.on_frame.borrow_mut() = Some(Closure::new(move |now: f64| {
            requested.set(false);
            let (Some(inner), Some(on_frame)) = (weak.upgrade(), frames.upgrade()) else { return };
            let again = inner.borrow_mut().frame(now);
            if again {
                request(&requested, &on_frame);
            }
        }));
        chart
    }

    /// Change something and draw.
    pub fn update(&self, change: &dyn Fn(&mut Inner)) {
        change(&mut self.inner.borrow_mut());
        self.request();
    }

    /// Look at something.
    pub fn read<T>(&self, look: impl FnOnce(&Inner) -> T) -> T {
        look(&self.inner.borrow())
    }

    /// Draw with the next animation frame.
    pub fn request(&self) {
        request(&self.is_requested, &self.on_frame);
    }

    /// Put canvases into `container`, follow its size, and find a painter.
    pub fn attach(&self, container: &HtmlElement, wants_cpu: bool) {
        {
            let mut inner = self.inner.borrow_mut();
            inner.container = Some(container.clone());
            inner.marks = canvas(container, "map-marks");
            inner.words = canvas(container, "map-words").as_ref().and_then(context_2d);
            inner.measure();
        }
        let chart = self.clone();
        let resized = Closure::<dyn FnMut()>::new(move || chart.update(&|inner| inner.measure()));
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(container);
        }
        resized.forget();
        let chart = self.clone();
        leptos::task::spawn_local(async move {
            let gpu = if wants_cpu { None } else { chart.find_gpu().await };
            let mut inner = chart.inner.borrow_mut();
            match gpu {
                Some(renderer) => inner.paint_with_gpu(renderer),
                None => inner.paint_flat(),
            }
            drop(inner);
            chart.request();
        });
    }

    async fn find_gpu(&self) -> Option<Renderer> {
        #[cfg(target_arch = "wasm32")]
        {
            let navigator = window().navigator();
            let gpu = js_sys::Reflect::get(&navigator, &"gpu".into()).ok()?;
            if !gpu.is_truthy() {
                return None;
            }
            let (canvas, pixels) = self.read(|inner| (inner.marks.clone(), inner.pixels()));
            return Renderer::new(lladr_core::scatter::SurfaceTarget::Canvas(canvas?), pixels).await.ok();
        }
        #[cfg(not(target_arch = "wasm32"))]
        None
    }
}

fn request(requested: &Cell<bool>, on_frame: &RefCell<Option<Closure<dyn FnMut(f64)>>>) {
    if !requested.replace(true) {
        if let Some(on_frame) = &*on_frame.borrow() {
            let _ = window().request_animation_frame(on_frame.as_ref().unchecked_ref());
        }
    }
}

impl Inner {
    fn new() -> Self {
        Inner {
            view: Viewport::new([600.0, 400.0]),
            scene: Scene::new(&[], Vec::new()),
            links: Vec::new(),
            names: BTreeMap::new(),
            hover: None,
            theme: Theme::Light,
            painter: Painter::None,
            container: None,
            marks: None,
            words: None,
            ratio: 1.0,
            glide_from: None,
            glide: 1.0,
            places_stale: true,
            paints_stale: true,
        }
    }

    /// Other entities.
    pub fn set_entities(&mut self, types: &[&str], kinds: &[u8]) {
        self.scene = Scene::new(types, kinds.to_vec());
        self.view.fit();
        self.hover = None;
        (self.glide, self.glide_from) = (1.0, None);
        (self.places_stale, self.paints_stale) = (true, true);
    }

    /// Another layout: marks glide there, unless less motion is wanted or they come out of nowhere.
    pub fn set_layout(&mut self, positions: &[f32]) {
        let first = self.scene.places().iter().all(|place| *place == [0.0; 4]);
        self.scene.glide_to(positions, self.glide);
        let slow = matches!(self.painter, Painter::Flat(_)) && self.scene.places().len() > MOST_GLIDING;
        let jumps = first || slow || prefers_less_motion();
        self.glide = if jumps { 1.0 } else { 0.0 };
        self.glide_from = if jumps { None } else { window().performance().map(|clock| clock.now()) };
        self.places_stale = true;
    }

    /// Which types are hidden.
    pub fn set_hidden(&mut self, hidden: &[bool]) {
        self.scene.set_hidden(hidden);
        self.paints_stale = true;
    }

    /// What is lit, and how it is called.
    pub fn set_highlight(&mut self, highlight: Highlight, links: Vec<Link>, names: BTreeMap<u32, String>) {
        if *self.scene.highlight() != highlight {
            self.scene.set_highlight(highlight);
            self.paints_stale = true;
        }
        (self.links, self.names) = (links, names);
    }

    /// The mark under the pointer.
    pub fn set_hover(&mut self, entity: Option<u32>, name: Option<String>) {
        self.hover = entity.map(|entity| {
            let name = name.or_else(|| self.names.get(&entity).cloned());
            (entity, name)
        });
    }

    /// Light or dark.
    pub fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
    }

    /// Zoom around the middle.
    pub fn zoom(&mut self, factor: f32) {
        let [width, height] = self.view.size();
        self.view.zoom_at(factor, [width / 2.0, height / 2.0]);
    }

    /// The mark at a place, within `reach` pixels.
    pub fn pick(&self, at: [f32; 2], reach: f32) -> Option<u32> {
        pick::nearest(&self.scene, &self.view, self.glide, at, reach)
    }

    /// Where an entity is on the screen right now.
    pub fn screen(&self, entity: u32) -> [f32; 2] {
        self.view.to_screen(self.scene.position(entity, self.glide))
    }

    fn pixels(&self) -> [u32; 2] {
        self.view.size().map(|side| (side * self.ratio).round().max(1.0) as u32)
    }

    fn measure(&mut self) {
        let Some(container) = &self.container else { return };
        let size = [container.client_width() as f32, container.client_height() as f32];
        // A panel behind another tab has no size; it keeps its old one.
        if size[0] > 0.0 && size[1] > 0.0 {
            self.view.resize(size);
        }
    }

    fn paint_with_gpu(&mut self, renderer: Renderer) {
        self.painter = Painter::Gpu(Box::new(renderer));
        (self.places_stale, self.paints_stale) = (true, true);
        self.tell_painter("webgpu");
    }

    /// A canvas that has been asked for a GPU gives no 2-D context: take a new one.
    fn paint_flat(&mut self) {
        let Some(container) = &self.container else { return };
        if let Some(old) = self.marks.take() {
            old.remove();
        }
        self.marks = canvas(container, "map-marks");
        if let (Some(new), Some(first)) = (&self.marks, container.first_child()) {
            let _ = container.insert_before(new, Some(&first));
        }
        if let Some(context) = self.marks.as_ref().and_then(context_2d) {
            self.painter = Painter::Flat(context);
        }
        self.tell_painter("canvas");
    }

    fn tell_painter(&self, name: &str) {
        if let Some(container) = &self.container {
            let _ = container.set_attribute("data-painter", name);
        }
    }

    /// Draw; whether another frame is needed.
    fn frame(&mut self, now: f64) -> bool {
        self.ratio = (window().device_pixel_ratio() as f32).clamp(0.5, 4.0);
        if let Some(since) = self.glide_from {
            let share = ((now - since) / GLIDE_MS).clamp(0.0, 1.0);
            // Fast first, then gently to rest.
            self.glide = 1.0 - (1.0 - share as f32).powi(3);
            if share >= 1.0 {
                (self.glide, self.glide_from) = (1.0, None);
            }
        }
        self.fit_canvases();
        if matches!(&self.painter, Painter::Gpu(renderer) if renderer.is_lost()) {
            self.paint_flat();
            self.fit_canvases();
        }
        match &mut self.painter {
            Painter::None => {}
            Painter::Gpu(renderer) => {
                if std::mem::take(&mut self.places_stale) {
                    renderer.set_places(self.scene.places());
                }
                if std::mem::take(&mut self.paints_stale) {
                    renderer.set_paints(self.scene.paints(), self.scene.order());
                }
                renderer.draw(&Frame::new(&self.view, self.ratio, self.glide, self.theme));
            }
            Painter::Flat(context) => {
                flat::draw(context, &self.scene, &self.view, self.ratio, self.glide, self.theme);
            }
        }
        if let Some(words) = &self.words {
            overlay::draw(words, self, self.ratio);
        }
        self.glide_from.is_some()
    }

    fn fit_canvases(&mut self) {
        let [width, height] = self.pixels();
        let words = self.words.as_ref().and_then(CanvasRenderingContext2d::canvas);
        for canvas in self.marks.iter().chain(words.iter()) {
            if (canvas.width(), canvas.height()) != (width, height) {
                canvas.set_width(width);
                canvas.set_height(height);
            }
        }
        if let Painter::Gpu(renderer) = &mut self.painter {
            renderer.resize([width, height]);
        }
    }
}

fn canvas(container: &HtmlElement, class: &str) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_class_name(class);
    let _ = canvas.set_attribute("aria-hidden", "true");
    container.append_child(&canvas).ok()?;
    Some(canvas)
}

fn context_2d(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}
