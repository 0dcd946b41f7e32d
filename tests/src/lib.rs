//! Shared by the tests.

#[cfg(feature = "browser")]
pub mod browser;
