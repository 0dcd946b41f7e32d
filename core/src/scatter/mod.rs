//! The map of all entities: what is pure about it, and its wgpu renderer.
//!
//! [`Scene`] holds one place and one packed [`Paint`] word per entity and the order they are drawn in;
//! [`Viewport`] turns world units into pixels; [`pick`] finds the mark under a pointer;
//! [`palette`] gives every entity type a shape and two colours; [`labels`] keeps names from overlapping.
//! `Renderer` (feature `gpu`) draws a scene with one instanced call; where there is no WebGPU, [`Raster`] paints
//! the same scene by the same words into pixels, and the page's 2-D canvas puts what is lit on top.
//!
//! World units: every layout is centred and scaled so that it fills `[-1, 1]` on its longer axis, y up.

pub mod labels;
pub mod paint;
pub mod palette;
pub mod pick;
pub mod raster;
#[cfg(feature = "gpu")]
mod renderer;
pub mod scene;
pub mod shape;
pub mod viewport;

pub use paint::Paint;
pub use palette::{Group, Mark};
pub use raster::Raster;
#[cfg(feature = "gpu")]
pub use renderer::{Frame, Renderer};
pub use scene::{Highlight, Scene};
pub use shape::Shape;
pub use viewport::Viewport;
#[cfg(feature = "gpu")]
pub use wgpu::SurfaceTarget;

/// The shader of the points, for the renderer and for its validity test.
pub const POINTS_WGSL: &str = include_str!("../../shader/scatter/points.wgsl");
