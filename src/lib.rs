//! Meshplan plans how the training of a large language model is spread over GPUs.
//!
//! The rooms, each with one door, its `mod.rs`:
//! - [`core`]: the planning core. A [`Config`](core::Config) in, a [`Report`](core::Report) out.
//! - [`diagram`]: the picture of a plan as plain data.
//! - [`share`]: a plan as a link, and a link as a plan.
//! - [`export`]: a plan as flags and groups, a report as text and Markdown.
//! - [`import`]: a launch script or a model's configuration as a plan.
//! - `dom`: elements as plain data, and the screen. It exists on wasm32 alone, as do the next four.
//! - `ui`: the page.
//! - `js`: JavaScript's values as the core's JSON and back, for the next two.
//! - `details`: the sections below the picture, and texts that are read and taken away, in a program
//!   of their own that the page loads after itself (`src/bin/meshplan-details.rs`).
//! - `api`: the JavaScript API for scripts, in a program of its own (`src/bin/meshplan-api.rs`).
//!
//! What holds between them:
//! - Arrows point one way: `ui`, `details`, `api` and the command line → `import` → `export`, `diagram`,
//!   `share` → `core`.
//! - `core`, `share`, `diagram`, `export` and `import` are pure: no browser, no clock, no file, no
//!   randomness. They name no crate of the browser and are tested natively.
//! - `core` never fails: whatever is wrong with a plan is data in its report.
//! - Reading a link never fails silently: any text gives a plan with notes, or an error in words.
//! - A figure on the screen or in an export has one source: the report, or a function of `core`.
pub mod core;
pub mod diagram;
#[cfg(target_arch = "wasm32")]
pub mod dom;
pub mod export;
pub mod import;
#[cfg(target_arch = "wasm32")]
pub mod js;
pub mod share;
#[cfg(target_arch = "wasm32")]
pub mod ui;

/// The allocator of the programs that are downloaded: less code than the standard library's, and one heap
/// that grows as a whole, so that what a large plan has left serves the next.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
