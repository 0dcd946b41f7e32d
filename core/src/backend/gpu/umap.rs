//! The layout loop of UMAP on a GPU: one dispatch of `shader/project/umap.wgsl` per epoch.
//!
//! Two position buffers take turns as source and target; an epoch is a dynamic offset into an array of
//! [`UmapEpoch`]s and one of two bind groups. Up to [`MOST_AT_ONCE`] epochs are submitted together, and nothing waits
//! until positions are read.

use super::GpuContext;
use crate::backend::umap::{UmapEpoch, UmapPlan};
use crate::error::{Error, Result};

/// The shader, for tests without a GPU.
pub const UMAP_WGSL: &str = include_str!("../../../shader/project/umap.wgsl");
/// Epochs in one submission.
const MOST_AT_ONCE: u32 = 64;
/// Distance of two epochs in their buffer: WebGPU's alignment of dynamic offsets.
const STRIDE: usize = 256;
/// Threads of a group, as in the shader.
const GROUP: u32 = 64;

/// A layout under way on a GPU: twin of [`crate::backend::cpu::CpuUmap`].
pub struct GpuUmap {
    context: GpuContext,
    /// Without its edges, which are on the device.
    plan: UmapPlan,
    pipeline: wgpu::ComputePipeline,
    /// From the first buffer to the second, and back.
    groups: [wgpu::BindGroup; 2],
    epochs: wgpu::Buffer,
    positions: [wgpu::Buffer; 2],
    done: u32,
}

impl GpuUmap {
    /// Starts at the plan's first positions.
    ///
    /// # Errors
    /// [`Error::Gpu`] when a table is larger than the device binds, or memory runs out.
    pub fn new(context: &GpuContext, plan: UmapPlan) -> Result<Self> {
        use wgpu::BufferUsages as Usage;
        let device = &context.device;
        let limits = device.limits();
        if (plan.count() as u32).div_ceil(GROUP) > limits.max_compute_workgroups_per_dimension {
            return Err(Error::Gpu(format!("{} points are more than it moves at once", plan.count())));
        }
        let make = |label: &str, bytes: &[u8], size: usize, usage: Usage| {
            let size = size.max(bytes.len()).max(16) as u64;
            if size > limits.max_storage_buffer_binding_size {
                let (mib, most) = (size >> 20, limits.max_storage_buffer_binding_size >> 20);
                return Err(Error::Gpu(format!("the {label} need {mib} MiB, this device binds {most} MiB at most")));
            }
            let usage = usage | Usage::COPY_DST | Usage::COPY_SRC;
            let buffer = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            });
            context.queue.write_buffer(&buffer, 0, bytes);
            Ok(buffer)
        };
        let epochs = make("epochs", &[], MOST_AT_ONCE as usize * STRIDE, Usage::UNIFORM)?;
        let starts = make("starts of edges", bytemuck::cast_slice(&plan.starts), 0, Usage::STORAGE)?;
        let edges = make("edges", bytemuck::cast_slice(&plan.edges), 0, Usage::STORAGE)?;
        let first = bytemuck::cast_slice(&plan.first);
        let positions =
            [make("positions", first, 0, Usage::STORAGE)?, make("next positions", first, 0, Usage::STORAGE)?];

        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("umap"),
            entries: &std::array::from_fn::<_, 5, _>(layout_entry),
        });
        let epoch = wgpu::BufferBinding {
            buffer: &epochs,
            offset: 0,
            size: wgpu::BufferSize::new(size_of::<UmapEpoch>().next_multiple_of(16) as u64),
        };
        let groups = [[0, 1], [1, 0]].map(|[from, to]: [usize; 2]| {
            let storage = [&starts, &edges, &positions[from], &positions[to]];
            let mut entries =
                vec![wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(epoch.clone()) }];
            entries.extend(
                (1..)
                    .zip(storage)
                    .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() }),
            );
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("umap"),
                layout: &layout,
                entries: &entries,
            })
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("umap"),
            source: wgpu::ShaderSource::Wgsl(UMAP_WGSL.into()),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("umap"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("umap"),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: Default::default(),
            cache: None,
        });
        context.check()?;
        let plan = UmapPlan { edges: Vec::new(), starts: Vec::new(), ..plan };
        Ok(GpuUmap { context: context.clone(), plan, pipeline, groups, epochs, positions, done: 0 })
    }

    /// Enqueues up to `epochs` more epochs; returns how many are left.
    ///
    /// # Errors
    /// [`Error::Gpu`] when the device has failed.
    pub fn advance(&mut self, epochs: u32) -> Result<u32> {
        let until = self.done.saturating_add(epochs).min(self.plan.epochs);
        while self.done < until {
            self.submit((until - self.done).min(MOST_AT_ONCE));
        }
        self.context.check()?;
        Ok(self.plan.epochs - self.done)
    }

    fn submit(&mut self, count: u32) {
        let mut bytes = vec![0u8; count as usize * STRIDE];
        for (number, bytes) in (self.done..).zip(bytes.chunks_exact_mut(STRIDE)) {
            bytes[..size_of::<UmapEpoch>()].copy_from_slice(bytemuck::bytes_of(&self.plan.epoch(number)));
        }
        self.context.queue.write_buffer(&self.epochs, 0, &bytes);
        let mut encoder = self.context.device.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&self.pipeline);
            for at in 0..count {
                let group = &self.groups[(self.done + at) as usize % 2];
                pass.set_bind_group(0, group, &[at * STRIDE as u32]);
                pass.dispatch_workgroups((self.plan.count() as u32).div_ceil(GROUP), 1, 1);
            }
        }
        self.context.queue.submit([encoder.finish()]);
        self.done += count;
    }

    /// Waits for all enqueued epochs; positions after them, x and y per point.
    ///
    /// # Errors
    /// [`Error::Gpu`] when the device is lost.
    pub async fn read_positions(&self) -> Result<Vec<f32>> {
        self.context.read(&self.positions[self.done as usize % 2], 0, 2 * self.plan.count()).await
    }
}

fn layout_entry(binding: usize) -> wgpu::BindGroupLayoutEntry {
    let ty = match binding {
        0 => wgpu::BufferBindingType::Uniform,
        _ => wgpu::BufferBindingType::Storage { read_only: binding < 4 },
    };
    wgpu::BindGroupLayoutEntry {
        binding: binding as u32,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: binding == 0, min_binding_size: None },
        count: None,
    }
}
