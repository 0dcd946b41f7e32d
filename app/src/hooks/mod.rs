//! The page's ties to the browser: theme, shortcuts, the address bar.

pub mod address;
pub mod shortcuts;
pub mod theme;
