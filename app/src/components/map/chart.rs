//! The map's drawing: a scene, a view, and a painter.
//!
//! Everything that changes goes through [`update`]; one animation frame then uploads what is stale and
//! draws. While marks glide between two layouts the next frame is requested from the last.

use std::cell::RefCell;
use std::collections::BTreeMap;

use leptos::prelude::window;
use lladr_core::predict::LinkStatus;
use lladr_core::scatter::palette::Theme;
use lladr_core::scatter::{Frame, Highlight, Renderer, Scene, Viewport, pick};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ResizeObserver};

use super::flat::Flat;
use super::overlay;
use super::painter::{Painter, canvas, context_2d, find_gpu};
use crate::ui::live::prefers_less_motion;

/// Time marks take from one layout to the next.
const GLIDE_MS: f64 = 450.0;
/// With more marks than this the 2-D canvas does not glide: a frame takes too long.
const MOST_GLIDING: usize = 20_000;

thread_local! {
    static CHART: RefCell<Chart> = RefCell::new(Chart::new());
    static ON_FRAME: Closure<dyn FnMut(f64)> = Closure::new(|now| {
        let again = CHART.with_borrow_mut(|chart| {
            chart.is_requested = false;
            chart.frame(now)
        });
        if again {
            update(&|_| ());
        }
    });
}

/// A line from the disease to a drug.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The drug.
    pub drug: u32,
    /// Solid, dotted or dashed.
    pub status: LinkStatus,
}

/// What is drawn.
pub struct Chart {
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
    is_requested: bool,
}

/// Change something, and draw with the next animation frame.
pub fn update(change: &dyn Fn(&mut Chart)) {
    let is_new = CHART.with_borrow_mut(|chart| {
        change(chart);
        !std::mem::replace(&mut chart.is_requested, true)
    });
    if is_new {
        ON_FRAME.with(|on_frame| {
            let _ = window().request_animation_frame(on_frame.as_ref().unchecked_ref());
        });
    }
}

/// Look at something.
pub fn read<T>(look: impl FnOnce(&Chart) -> T) -> T {
    CHART.with_borrow(look)
}

/// Put canvases into `container`, follow its size, and find a painter.
pub fn attach(container: &HtmlElement, wants_cpu: bool) {
    update(&|chart| {
        chart.marks = canvas(container, "map-marks");
        chart.words = canvas(container, "map-words").as_ref().and_then(context_2d);
        chart.container = Some(container.clone());
        chart.measure();
    });
    let resized = Closure::<dyn FnMut()>::new(|| update(&Chart::measure));
    if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
        observer.observe(container);
    }
    resized.forget();
    let (canvas, pixels) = read(|chart| (chart.marks.clone(), chart.pixels()));
    leptos::task::spawn_local(async move {
        let gpu = match canvas.filter(|_| !wants_cpu) {
            Some(canvas) => find_gpu(canvas, pixels).await,
            None => None,
        };
        CHART.with_borrow_mut(|chart| match gpu {
            Some(renderer) => chart.paint_with_gpu(renderer),
            None => chart.paint_flat(),
        });
        update(&|_| ());
    });
}

impl Chart {
    fn new() -> Self {
        Chart {
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
            is_requested: false,
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
        let first = self.is_empty();
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

    /// What is lit.
    pub fn set_highlight(&mut self, highlight: Highlight) {
        if *self.scene.highlight() != highlight {
            self.scene.set_highlight(highlight);
            self.paints_stale = true;
        }
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

    /// Whether no layout has arrived yet.
    pub fn is_empty(&self) -> bool {
        self.scene.places().iter().all(|place| *place == [0.0; 4])
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

    /// A canvas that has been asked for a GPU gives no 2-D context: take a new one, below the words.
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
            self.painter = Painter::Flat(Flat::new(context));
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
            let left = 1.0 - ((now - since) / GLIDE_MS).clamp(0.0, 1.0) as f32;
            // Fast first, then gently to rest.
            self.glide = 1.0 - left * left * left;
            if left == 0.0 {
                self.glide_from = None;
            }
        }
        if matches!(&self.painter, Painter::Gpu(renderer) if renderer.is_lost()) {
            self.paint_flat();
        }
        self.fit_canvases();
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
            Painter::Flat(flat) => flat.draw(&self.scene, &self.view, self.ratio, self.glide, self.theme),
        }
        if let Some(words) = &self.words {
            overlay::draw(words, self, self.ratio);
        }
        self.glide_from.is_some()
    }

    fn fit_canvases(&mut self) {
        let [width, height] = self.pixels();
        let words = self.words.as_ref().and_then(CanvasRenderingContext2d::canvas);
        for canvas in [&self.marks, &words].into_iter().flatten() {
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
