//! The pictures of a plan as plain data. `grid` is every GPU in its node,
//! `schedule` the pipeline's step in time; `scene` what any picture is
//! made of, and `colours` their colours.
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

mod bounds;
mod grid;
mod schedule;

pub use bounds::Bounds;
pub use grid::*;
pub use schedule::schedule_figure;
