//! Draws a [`Scene`](super::Scene) with one instanced call of six vertices per mark.
//!
//! Three storage buffers: places (16 bytes per entity), paint words (4) and the order (4); one uniform
//! ([`Frame`]). A frame writes only the uniform. Shapes are signed distances, smoothed over one device pixel.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytemuck::{Pod, Zeroable};

use super::palette::{Group, Theme};
use super::viewport::Viewport;
use crate::{Error, Result};

/// What changes from frame to frame; the same layout as `Frame` in `points.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Frame {
    /// World to clip: scale x, scale y, offset x, offset y.
    pub to_clip: [f32; 4],
    /// Device pixels: width, height.
    pub pixels: [f32; 2],
    /// Device pixels per CSS pixel times the growth of marks with the zoom.
    pub size: f32,
    /// Share of the way from the last layout to the current one, eased.
    pub glide: f32,
    /// Colours by group, then [`Frame::ACCENT`] and [`Frame::PAPER`]; 0 to 1.
    pub colours: [[f32; 4]; 16],
}

impl Frame {
    /// Row of the accent colour.
    pub const ACCENT: usize = 14;
    /// Row of the page's colour.
    pub const PAPER: usize = 15;

    /// A frame of `view` on a canvas with `ratio` device pixels per CSS pixel.
    pub fn new(view: &Viewport, ratio: f32, glide: f32, theme: Theme) -> Self {
        let mut colours = [[0.0; 4]; 16];
        let float =
            |rgb: [u8; 3]| [f32::from(rgb[0]) / 255.0, f32::from(rgb[1]) / 255.0, f32::from(rgb[2]) / 255.0, 1.0];
        for group in Group::ALL {
            colours[group as usize] = float(group.colour(theme));
        }
        colours[Self::ACCENT] = float(theme.accent());
        colours[Self::PAPER] = float(theme.paper());
        let [width, height] = view.size();
        Frame {
            to_clip: view.to_clip(),
            pixels: [width * ratio, height * ratio],
            size: ratio * view.growth(),
            glide,
            colours,
        }
    }
}

/// The map's surface and buffers.
pub struct Renderer {
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    frame: wgpu::Buffer,
    /// Places, paint words, order.
    tables: [wgpu::Buffer; 3],
    bindings: wgpu::BindGroup,
    count: u32,
    lost: Arc<AtomicBool>,
}

impl Renderer {
    /// Ask for an adapter that can present to `target`, in device pixels.
    ///
    /// # Errors
    /// [`Error::Gpu`] where there is no adapter, device or usable surface.
    pub async fn new(target: wgpu::SurfaceTarget<'static>, pixels: [u32; 2]) -> Result<Self> {
        let gpu = |what: &str| Error::Gpu(what.to_owned());
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let surface = instance.create_surface(target).map_err(|_| gpu("the canvas gives no GPU surface"))?;
        let options = wgpu::RequestAdapterOptions { compatible_surface: Some(&surface), ..Default::default() };
        let adapter = instance.request_adapter(&options).await.map_err(|_| gpu("no adapter for the map"))?;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor::default())
            .await
            .map_err(|_| gpu("the adapter gives no device"))?;
        let mut config = surface
            .get_default_config(&adapter, pixels[0].max(1), pixels[1].max(1))
            .ok_or_else(|| gpu("the adapter cannot draw on the canvas"))?;
        // Colours are blended as they are written, like the 2-D canvas does.
        config.format = config.format.remove_srgb_suffix();
        surface.configure(&device, &config);
        let lost = Arc::new(AtomicBool::new(false));
        let flag = lost.clone();
        device.set_device_lost_callback(move |_, _| flag.store(true, Ordering::Relaxed));

        let layout = bind_group_layout(&device);
        let pipeline = pipeline(&device, &layout, config.format);
        let frame = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("map frame"),
            size: size_of::<Frame>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let tables = [table(&device, 16), table(&device, 4), table(&device, 4)];
        let bindings = bind(&device, &layout, &frame, &tables);
        Ok(Renderer { surface, config, device, queue, pipeline, layout, frame, tables, bindings, count: 0, lost })
    }

    /// Whether the device went away; the caller then draws another way.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// A canvas of another size, in device pixels.
    pub fn resize(&mut self, pixels: [u32; 2]) {
        let (width, height) = (pixels[0].max(1), pixels[1].max(1));
        if (self.config.width, self.config.height) != (width, height) {
            (self.config.width, self.config.height) = (width, height);
            self.surface.configure(&self.device, &self.config);
        }
    }

    /// New places: `[from x, from y, to x, to y]` per entity.
    pub fn set_places(&mut self, places: &[[f32; 4]]) {
        self.write(0, bytemuck::cast_slice(places));
    }

    /// New paint words and order of drawing.
    pub fn set_paints(&mut self, paints: &[u32], order: &[u32]) {
        self.write(1, bytemuck::cast_slice(paints));
        self.write(2, bytemuck::cast_slice(order));
        self.count = order.len() as u32;
    }

    /// Draw and present. Skips the frame where the surface is not ready.
    pub fn draw(&mut self, frame: &Frame) {
        self.queue.write_buffer(&self.frame, 0, bytemuck::bytes_of(frame));
        let texture = match self.surface.get_current_texture() {
            wgpu::CurrentSurfaceTexture::Success(texture) | wgpu::CurrentSurfaceTexture::Suboptimal(texture) => texture,
            wgpu::CurrentSurfaceTexture::Outdated => return self.surface.configure(&self.device, &self.config),
            wgpu::CurrentSurfaceTexture::Lost => return self.lost.store(true, Ordering::Relaxed),
            _ => return,
        };
        let view = texture.texture.create_view(&wgpu::TextureViewDescriptor::default());
        // The page's own colour: surfaces need not be transparent.
        let [r, g, b, a] = frame.colours[Frame::PAPER].map(f64::from);
        let clear = wgpu::Color { r, g, b, a };
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("map") });
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("map"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations { load: wgpu::LoadOp::Clear(clear), store: wgpu::StoreOp::Store },
                })],
                ..Default::default()
            });
            if self.count > 0 {
                pass.set_pipeline(&self.pipeline);
                pass.set_bind_group(0, &self.bindings, &[]);
                pass.draw(0..6, 0..self.count);
            }
        }
        self.queue.submit([encoder.finish()]);
        self.queue.present(texture);
    }

    fn write(&mut self, row: usize, bytes: &[u8]) {
        if self.tables[row].size() < bytes.len() as u64 {
            self.tables[row] = table(&self.device, bytes.len() as u64);
            self.bindings = bind(&self.device, &self.layout, &self.frame, &self.tables);
        }
        if !bytes.is_empty() {
            self.queue.write_buffer(&self.tables[row], 0, bytes);
        }
    }
}

fn table(device: &wgpu::Device, size: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("map table"),
        size,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

fn bind_group_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry =
        |binding: u32, ty: wgpu::BufferBindingType, visibility: wgpu::ShaderStages| wgpu::BindGroupLayoutEntry {
            binding,
            visibility,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
    let table = wgpu::BufferBindingType::Storage { read_only: true };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("map"),
        entries: &[
            entry(0, wgpu::BufferBindingType::Uniform, wgpu::ShaderStages::VERTEX_FRAGMENT),
            entry(1, table, wgpu::ShaderStages::VERTEX),
            entry(2, table, wgpu::ShaderStages::VERTEX),
            entry(3, table, wgpu::ShaderStages::VERTEX),
        ],
    })
}

fn bind(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    frame: &wgpu::Buffer,
    tables: &[wgpu::Buffer; 3],
) -> wgpu::BindGroup {
    let [places, paints, order] = tables;
    let entry = |(binding, buffer): (u32, &wgpu::Buffer)| (binding, buffer.clone());
    let buffers = [(0, frame), (1, places), (2, paints), (3, order)].map(entry);
    let entries = buffers
        .each_ref()
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding: *binding, resource: buffer.as_entire_binding() });
    device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("map"), layout, entries: &entries })
}

fn pipeline(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("map points"),
        source: wgpu::ShaderSource::Wgsl(super::POINTS_WGSL.into()),
    });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("map"),
        bind_group_layouts: &[Some(layout)],
        ..Default::default()
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("map points"),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some("place_corner"),
            compilation_options: Default::default(),
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some("paint_mark"),
            compilation_options: Default::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format,
                blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn frame_has_the_layout_of_the_shader() {
        assert_eq!(offset_of!(Frame, to_clip), 0);
        assert_eq!(offset_of!(Frame, pixels), 16);
        assert_eq!(offset_of!(Frame, size), 24);
        assert_eq!(offset_of!(Frame, glide), 28);
        assert_eq!(offset_of!(Frame, colours), 32);
        assert_eq!(size_of::<Frame>(), 288);
    }
}
