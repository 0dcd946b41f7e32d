//! What reaches outside the program: files beside the page, and what the browser remembers.

pub mod fetch;
pub mod pack;
pub mod storage;
