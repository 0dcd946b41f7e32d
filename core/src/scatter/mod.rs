//! The map: pure viewport, picking and palette, and its wgpu renderer.
