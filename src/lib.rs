//! Meshplan plans how the training of a large language model is spread over GPUs.
pub mod core;
#[cfg(target_arch = "wasm32")]
pub mod ui;
