//! One error enum. Each variant says what failed, where, and what a person can do about it.

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong in the core.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A setting out of its limits.
    #[error("{0}")]
    Settings(String),
    /// A pack file that is missing, altered or makes no sense.
    #[error("{file}: {what}")]
    Pack {
        /// File inside the pack.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// Something asked for does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The GPU refused, or went away.
    #[error("the GPU failed: {0}")]
    Gpu(String),
    /// Training left the finite numbers.
    #[error(
        "training diverged at step {step}: the loss is no longer a finite number. Try a smaller learning rate, then reset."
    )]
    Diverged {
        /// The first step with a loss that is not finite.
        step: u32,
    },
}

impl Error {
    /// A [`Error::Pack`] about `file`.
    pub fn pack(file: impl Into<String>, what: impl Into<String>) -> Self {
        Error::Pack { file: file.into(), what: what.into() }
    }
}
