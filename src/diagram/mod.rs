//! The pictures of a plan as plain data. `grid` is every GPU in its node; `schedule` the pipeline's
//! step in time; `stage_bars` the memory and `stage_strip` the layers of each of its stages; `matrices`
//! those of one layer with the experts; `batch_flow` a step's batch. `scene` is what any picture is
//! made of, and `colours` their colours; `picture` all of them by name, and `svg` their file.
//!
//! It knows plans and pixels. It must never know the web: a page, a file or a test draws what is
//! computed here.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation
    )
)]

pub mod colours;
pub mod scene;

mod batch_flow;
mod bounds;
#[cfg(test)]
mod checked;
mod chunks;
mod experts;
mod fold;
mod grid;
mod matrices;
mod measure;
mod picture;
mod rank_row;
mod schedule;
mod stage_bars;
mod stage_strip;
mod svg;

pub use batch_flow::batch_figure;
pub use bounds::Bounds;
pub use experts::experts_figure;
pub use grid::*;
pub use matrices::matrices_figure;
pub use picture::{Draw, Look, PICTURES, Picture, colour_named, picture_named};
pub use schedule::schedule_figure;
pub use stage_bars::memory_figure;
pub use stage_strip::layers_figure;
pub(crate) use svg::escaped;
pub use svg::{Document, PLAN_ELEMENT, svg};
