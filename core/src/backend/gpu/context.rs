//! The device: asked for once, shared by all runs of a session.

use std::sync::{Arc, Mutex};

use crate::error::{Error, Result};

/// A GPU that answered.
#[derive(Clone)]
pub struct GpuContext {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    name: String,
    is_software: bool,
    failure: Arc<Mutex<Option<String>>>,
}

impl GpuContext {
    /// Asks for an adapter and a device with WebGPU's default limits, but buffers as large as the adapter has them.
    ///
    /// # Errors
    /// [`Error::Gpu`] when there is none, in a few words.
    pub async fn request() -> Result<Self> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(descriptor);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(|_| Error::Gpu("no adapter answered".into()))?;
        let offered = adapter.limits();
        let required_limits = wgpu::Limits {
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            max_buffer_size: offered.max_buffer_size,
            ..Default::default()
        };
        let descriptor = wgpu::DeviceDescriptor { label: Some("lladr"), required_limits, ..Default::default() };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| Error::Gpu(format!("the adapter gave no device: {error}")))?;

        // A device may fail at any time and between calls: the first failure is kept and told at the next wait.
        let failure = Arc::new(Mutex::new(None));
        let keep = |failure: &Arc<Mutex<Option<String>>>, text: String| {
            if let Ok(mut first) = failure.lock() {
                first.get_or_insert(text);
            }
        };
        let uncaptured = failure.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| keep(&uncaptured, error.to_string())));
        let lost = failure.clone();
        device.set_device_lost_callback(move |reason, text| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                keep(&lost, format!("the device was lost: {text}"));
            }
        });
        let info = adapter.get_info();
        let is_software = info.device_type == wgpu::DeviceType::Cpu;
        Ok(GpuContext { device, queue, name: info.name, is_software, failure })
    }

    /// What the driver calls it; may be empty in a browser.
    pub fn device_name(&self) -> String {
        self.name.clone()
    }

    /// Whether the driver computes on the CPU (a fallback adapter): correct, but slower than the CPU backend.
    pub fn is_software(&self) -> bool {
        self.is_software
    }

    /// # Errors
    /// [`Error::Gpu`] when the device has failed since it was made.
    pub(super) fn check(&self) -> Result<()> {
        match self.failure.lock() {
            Ok(failure) => failure.as_ref().map_or(Ok(()), |text| Err(Error::Gpu(text.clone()))),
            Err(_) => Err(Error::Gpu("its error handler failed".into())),
        }
    }

    /// Copies part of a buffer to the host, as `f32`, after all work submitted so far.
    ///
    /// # Errors
    /// [`Error::Gpu`] when the device is lost or out of memory.
    pub(super) async fn read(&self, buffer: &wgpu::Buffer, from: u64, count: usize) -> Result<Vec<f32>> {
        let size = (count * 4) as u64;
        if size == 0 {
            return Ok(Vec::new());
        }
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read"),
            size,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(buffer, from * 4, &staging, 0, size);
        self.queue.submit([encoder.finish()]);
        let (send, receive) = futures_channel::oneshot::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |result| {
            // The receiver is gone only when the wait was given up.
            let _ = send.send(result);
        });
        // In a browser this does nothing: the event loop polls.
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| Error::Gpu(error.to_string()))?;
        self.check()?;
        let mapped = receive.await.map_err(|_| Error::Gpu("the device went away".into()))?;
        mapped.map_err(|error| Error::Gpu(error.to_string()))?;
        let numbers = {
            let view = staging.get_mapped_range(..).map_err(|error| Error::Gpu(error.to_string()))?;
            let (words, _) = view.as_chunks::<4>();
            words.iter().map(|word| f32::from_le_bytes(*word)).collect()
        };
        staging.unmap();
        self.check()?;
        Ok(numbers)
    }
}
