//! Which backend a session uses: probed once, with the reason in words.

use super::command::BackendChoice;
use super::event::{BackendKind, BackendReport};
#[cfg(feature = "gpu")]
use crate::backend::gpu::{GpuBackend, GpuContext};
use std::sync::Arc;

use crate::backend::{AnyBackend, Parameters, RunData, RunSpec, cpu::CpuBackend};
use crate::error::{Error, Result};
use crate::model::Arithmetic;

/// The device of a session.
pub enum Device {
    /// CPU.
    Cpu,
    /// A GPU that answered.
    #[cfg(feature = "gpu")]
    Gpu(GpuContext),
}

impl Device {
    /// Probes: a GPU where one is wanted and answers, else the CPU.
    pub async fn choose(choice: BackendChoice) -> (Device, BackendReport) {
        let cpu = |reason: String| {
            let report = BackendReport { kind: BackendKind::Cpu, device: String::new(), reason };
            (Device::Cpu, report)
        };
        if choice == BackendChoice::Cpu {
            return cpu("You asked for the CPU.".into());
        }
        #[cfg(feature = "gpu")]
        match GpuContext::request().await {
            Ok(context) => {
                let device = context.device_name();
                let reason = if choice == BackendChoice::WebGpu {
                    "You asked for WebGPU.".into()
                } else if context.is_software() {
                    "WebGPU is available here, but in software only; ?backend=cpu may well be faster.".into()
                } else {
                    "WebGPU is available here.".into()
                };
                let report = BackendReport { kind: BackendKind::WebGpu, device, reason };
                (Device::Gpu(context), report)
            }
            Err(Error::Gpu(why)) => cpu(format!("There is no usable WebGPU here ({why}), so the CPU trains.")),
            Err(error) => cpu(format!("There is no usable WebGPU here ({error}), so the CPU trains.")),
        }
        #[cfg(not(feature = "gpu"))]
        cpu("This build has no GPU support.".into())
    }

    /// Another device in place of one that failed: a GPU again where one answers, else the CPU.
    pub async fn replace(failure: &Error) -> (Device, BackendReport) {
        let (device, mut report) = Device::choose(BackendChoice::Auto).await;
        report.reason = match device {
            Device::Cpu => format!("The GPU stopped ({failure}), so training goes on on the CPU."),
            #[cfg(feature = "gpu")]
            Device::Gpu(_) => format!("The GPU was started again after a failure ({failure})."),
        };
        (device, report)
    }

    /// A backend for one run.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) when the device refuses, for example for want of memory.
    pub fn backend(&self, spec: RunSpec, data: Arc<RunData>, parameters: Parameters) -> Result<AnyBackend> {
        match self {
            Device::Cpu => Ok(AnyBackend::Cpu(CpuBackend::new(spec, Arithmetic::Fast, data, parameters))),
            #[cfg(feature = "gpu")]
            Device::Gpu(context) => Ok(AnyBackend::Gpu(GpuBackend::new(context, spec, data, parameters)?)),
        }
    }
}
