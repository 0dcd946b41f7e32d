//! The GPU backend: the same stages as WGSL compute shaders, six dispatches a step (eight under concatenated text).
//!
//! All buffers of a run hang on one bind group; a step is a dynamic offset into an array of `Job`s.
//! Steps are packed, uploaded and submitted together, and nothing waits until losses or rows are read.

mod context;
mod job;
mod shaders;
mod umap;

pub use context::GpuContext;
pub use job::{JOB_STRIDE, Job, most_words};
pub use shaders::{Stage, compose};
pub use umap::{GpuUmap, UMAP_WGSL};

use std::sync::Arc;

use super::{Backend, Parameters, RunData, RunSpec, StepBuffers, StepLoss};
use crate::error::{Error, Result};
use crate::plan::{CHUNK, StepPlan};
use job::{Places, fixed_words};

/// Steps in one submission.
const MOST_JOBS: usize = 64;
/// Losses kept on the device until they are read.
const LOSS_RING: u32 = 4096;

/// What the steps so far cost, apart from arithmetic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Steps encoded.
    pub steps: u64,
    /// Compute dispatches.
    pub dispatches: u64,
    /// Bytes written to the device.
    pub uploaded_bytes: u64,
    /// Bind groups made.
    pub bind_groups: u64,
    /// Waits for the device.
    pub waits: u64,
}

/// Trains on a GPU.
pub struct GpuBackend {
    context: GpuContext,
    spec: RunSpec,
    data: Arc<RunData>,
    places: Places,
    pipelines: Vec<(Stage, wgpu::ComputePipeline)>,
    group: wgpu::BindGroup,
    buffers: Buffers,
    words: Vec<u32>,
    most_words: usize,
    pending: u32,
    last: Option<(usize, usize)>,
    traffic: Traffic,
}

struct Buffers {
    jobs: wgpu::Buffer,
    rows: wgpu::Buffer,
    state: wgpu::Buffer,
    plan: wgpu::Buffer,
    queries: wgpu::Buffer,
    coefficients: wgpu::Buffer,
    results: wgpu::Buffer,
    gradients: wgpu::Buffer,
}

impl GpuBackend {
    /// A run from these parameters.
    ///
    /// # Errors
    /// [`Error::Gpu`] when a table is larger than the device binds, or memory runs out.
    pub fn new(context: &GpuContext, spec: RunSpec, data: Arc<RunData>, parameters: Parameters) -> Result<Self> {
        use wgpu::BufferUsages as Usage;
        let device = &context.device;
        let limit = device.limits().max_storage_buffer_binding_size;
        let batch = spec.shape.batch.min(spec.shape.triples) as usize;
        let negatives = spec.shape.negatives as usize;
        let one_plan = most_words(&spec);
        // Room for many steps, but no more than 16 MiB unless one step needs it.
        let plan_words = (one_plan * MOST_JOBS).min((4 << 20).max(one_plan));
        let make = |label: &str, words: usize, usage: Usage| {
            let size = (words.max(4) * 4) as u64;
            if size > limit {
                let (mib, most) = (size >> 20, limit >> 20);
                return Err(Error::Gpu(format!(
                    "the {label} need {mib} MiB, this device binds {most} MiB at most: choose a smaller dimension or batch"
                )));
            }
            let usage = usage | Usage::COPY_DST | Usage::COPY_SRC;
            Ok(device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            }))
        };
        let places = Places::new(&spec, &data);
        let occurrences = spec.shape.most_occurrences();
        // Under concatenated text, the sums of the moved rows stay for the stage `map`.
        let most_gradients = occurrences + if spec.map_rows() > 0 { occurrences } else { 0 };
        let buffers = Buffers {
            jobs: make("jobs", MOST_JOBS * JOB_STRIDE as usize / 4, Usage::UNIFORM)?,
            rows: make("rows", parameters.rows.len() + parameters.free.len(), Usage::STORAGE)?,
            state: make("optimiser states", parameters.state.len(), Usage::STORAGE)?,
            plan: make("plans", plan_words, Usage::STORAGE)?,
            queries: make("queries", batch * spec.dim(), Usage::STORAGE)?,
            coefficients: make("scores", batch * negatives, Usage::STORAGE)?,
            results: make("losses", places.results[3] as usize + 2 * LOSS_RING as usize, Usage::STORAGE)?,
            gradients: make("gradients", most_gradients * spec.dim(), Usage::STORAGE)?,
        };
        let fixed = fixed_words(&data);
        let fixed_buffer = make("triples and text", fixed.len(), Usage::STORAGE)?;
        context.queue.write_buffer(&buffers.rows, 0, bytemuck::cast_slice(&parameters.rows));
        let at_free = (parameters.rows.len() * 4) as u64;
        context.queue.write_buffer(&buffers.rows, at_free, bytemuck::cast_slice(&parameters.free));
        context.queue.write_buffer(&buffers.state, 0, bytemuck::cast_slice(&parameters.state));
        context.queue.write_buffer(&fixed_buffer, 0, bytemuck::cast_slice(&fixed));

        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("lladr"),
            entries: &std::array::from_fn::<_, 9, _>(layout_entry),
        });
        let all = [
            &buffers.rows,
            &buffers.state,
            &fixed_buffer,
            &buffers.plan,
            &buffers.queries,
            &buffers.coefficients,
            &buffers.results,
            &buffers.gradients,
        ];
        let job_binding = wgpu::BufferBinding {
            buffer: &buffers.jobs,
            offset: 0,
            size: wgpu::BufferSize::new(size_of::<Job>() as u64),
        };
        let mut entries =
            vec![wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(job_binding) }];
        entries.extend(
            all.iter()
                .zip(1..)
                .map(|(buffer, binding)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() }),
        );
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("lladr"),
            layout: &layout,
            entries: &entries,
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("lladr"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let is_used = |stage: &Stage| spec.map_rows() > 0 || !matches!(stage, Stage::Represent | Stage::Map);
        let pipelines = Stage::ALL.into_iter().filter(is_used).map(|stage| {
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(stage.name()),
                source: wgpu::ShaderSource::Wgsl(compose(stage, &spec.settings).into()),
            });
            let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(stage.name()),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some("main"),
                compilation_options: Default::default(),
                cache: None,
            });
            (stage, pipeline)
        });
        let pipelines = pipelines.collect();
        context.check()?;
        Ok(GpuBackend {
            context: context.clone(),
            spec,
            data,
            places,
            pipelines,
            group,
            buffers,
            words: Vec::with_capacity(plan_words),
            most_words: plan_words,
            pending: 0,
            last: None,
            traffic: Traffic { bind_groups: 1, ..Traffic::default() },
        })
    }

    /// Counts of what was sent to the device.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// The arrays of the last step, for comparison with the CPU's.
    ///
    /// # Errors
    /// [`Error::Gpu`] when the device is lost.
    pub async fn read_buffers(&self) -> Result<StepBuffers> {
        let Some((batch, occurrences)) = self.last else { return Ok(StepBuffers::default()) };
        let (dim, negatives) = (self.spec.dim(), self.spec.shape.negatives as usize);
        let [losses, anchor_losses, pulls, _] = self.places.results.map(u64::from);
        Ok(StepBuffers {
            queries: self.context.read(&self.buffers.queries, 0, batch * dim).await?,
            coefficients: self.context.read(&self.buffers.coefficients, 0, batch * negatives).await?,
            positive: self.context.read(&self.buffers.results, 0, batch).await?,
            losses: self.context.read(&self.buffers.results, losses, batch).await?,
            anchor_losses: self.context.read(&self.buffers.results, anchor_losses, batch).await?,
            pulls: self.context.read(&self.buffers.results, pulls, 4 * batch).await?,
            gradients: self.context.read(&self.buffers.gradients, 0, occurrences * dim).await?,
        })
    }

    /// Uploads and submits as many of `plans` as fit together; returns how many.
    fn submit(&mut self, plans: &[StepPlan], learning_rate: f32) -> usize {
        self.words.clear();
        let mut jobs = Vec::new();
        for plan in plans.iter().take(MOST_JOBS) {
            let start = self.words.len();
            let slot = self.pending + jobs.len() as u32;
            let job = Job::pack(&self.spec, &self.data, &self.places, plan, learning_rate, slot, &mut self.words);
            if self.words.len() > self.most_words && !jobs.is_empty() {
                self.words.truncate(start);
                break;
            }
            jobs.push(job);
        }
        let queue = &self.context.queue;
        queue.write_buffer(&self.buffers.plan, 0, bytemuck::cast_slice(&self.words));
        let mut job_bytes = vec![0u8; jobs.len() * JOB_STRIDE as usize];
        for (job, bytes) in jobs.iter().zip(job_bytes.chunks_exact_mut(JOB_STRIDE as usize)) {
            bytes[..size_of::<Job>()].copy_from_slice(bytemuck::bytes_of(job));
        }
        queue.write_buffer(&self.buffers.jobs, 0, &job_bytes);

        let mut encoder = self.context.device.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            for (at, (job, plan)) in jobs.iter().zip(plans).enumerate() {
                pass.set_bind_group(0, &self.group, &[at as u32 * JOB_STRIDE as u32]);
                for (stage, pipeline) in &self.pipelines {
                    let Some([x, y, z]) = groups(*stage, job, plan) else { continue };
                    pass.set_pipeline(pipeline);
                    pass.dispatch_workgroups(x, y, z);
                    self.traffic.dispatches += 1;
                }
            }
        }
        queue.submit([encoder.finish()]);
        let done = jobs.len();
        self.pending += done as u32;
        self.traffic.steps += done as u64;
        self.traffic.uploaded_bytes += (self.words.len() * 4 + job_bytes.len()) as u64;
        self.last = plans[..done].last().map(|plan| (plan.batch(), plan.first_piece() + plan.pieces.len()));
        done
    }
}

impl Backend for GpuBackend {
    fn train(&mut self, plans: &[StepPlan], learning_rate: f32) -> Result<()> {
        if self.pending as usize + plans.len() > LOSS_RING as usize {
            return Err(Error::Gpu(format!("more than {LOSS_RING} steps without reading the losses")));
        }
        let mut rest = plans;
        while !rest.is_empty() {
            let done = self.submit(rest, learning_rate);
            rest = &rest[done..];
        }
        self.context.check()
    }

    async fn read_losses(&mut self) -> Result<Vec<StepLoss>> {
        let ring = u64::from(self.places.results[3]);
        let count = std::mem::take(&mut self.pending) as usize;
        self.traffic.waits += 1;
        let numbers = self.context.read(&self.buffers.results, ring, 2 * count).await?;
        Ok(numbers.as_chunks::<2>().0.iter().map(|&[link, anchor]| StepLoss { link, anchor }).collect())
    }

    async fn read_parameters(&mut self) -> Result<Parameters> {
        self.traffic.waits += 1;
        let numbers = self.spec.row_count() * self.spec.dim();
        let free = if self.spec.map_rows() > 0 { self.spec.shape.entities as usize * self.spec.dim() } else { 0 };
        let mut parameters = Parameters {
            rows: self.context.read(&self.buffers.rows, 0, numbers).await?,
            state: self.context.read(&self.buffers.state, 0, self.spec.state_len()).await?,
            free: self.context.read(&self.buffers.rows, numbers as u64, free).await?,
        };
        parameters.represent(&self.spec, &self.data);
        Ok(parameters)
    }
}

/// Thread groups of a stage; `None` where it has nothing to do.
fn groups(stage: Stage, job: &Job, plan: &StepPlan) -> Option<[u32; 3]> {
    let chunks = plan.chunks() as u32;
    let rows = job.batch.min(CHUNK as u32).div_ceil(16);
    let columns = job.dim.div_ceil(2).div_ceil(32);
    let across = |rows: u32| [job.groups_across, rows.div_ceil(job.groups_across), 1];
    Some(match stage {
        Stage::Represent => across(job.entity_rows),
        Stage::Prep => [job.batch, 1, 1],
        Stage::Score => [rows, chunks, 1],
        Stage::GradQuery => [rows, columns, chunks],
        Stage::GradNegative => [job.negatives.div_ceil(16), columns, chunks],
        Stage::Sum if plan.pieces.is_empty() => return None,
        Stage::Sum => [plan.pieces.len() as u32, 1, 1],
        Stage::Update => across(job.row_count + 1),
        Stage::Map => [job.dim, 1, 1],
    })
}

fn layout_entry(binding: usize) -> wgpu::BindGroupLayoutEntry {
    let ty = match binding {
        0 => wgpu::BufferBindingType::Uniform,
        3 | 4 => wgpu::BufferBindingType::Storage { read_only: true },
        _ => wgpu::BufferBindingType::Storage { read_only: false },
    };
    wgpu::BindGroupLayoutEntry {
        binding: binding as u32,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: binding == 0, min_binding_size: None },
        count: None,
    }
}
