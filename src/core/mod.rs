//! The planning core: `Config` in, `Report` out.
//!
//! It knows the guide and Megatron-LM: sizes, groups, memory, communication, pipeline, batch,
//! experts, checks and advice. It must never know the web, a clock, randomness or a file, and it
//! never fails: whatever is wrong with a plan is data in the report, with a field, a reason and a
//! fix.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation
    )
)]

pub mod accounting;
pub mod advice;
pub mod batch;
pub mod checks;
pub mod cluster;
pub mod communication;
pub mod compare;
pub mod compute;
pub mod config;
pub mod decimal;
pub mod experts;
pub mod explain;
pub mod formula;
pub mod hardware;
pub mod json;
pub mod layer;
pub mod layer_pattern;
pub mod layout;
pub mod megatron_memory;
pub mod memory;
pub mod memory_bar;
pub mod mesh;
pub mod model;
pub mod model_library;
pub mod node_traffic;
pub mod number;
pub mod overview;
pub mod pipeline;
pub mod plan;
pub mod presets;
pub mod problems;
pub mod rank;
pub mod repair;
pub mod report;
pub mod scale;
pub mod schedule;
pub mod sizes;
pub mod split;
pub mod stage_layers;
pub mod stage_memory;
pub mod steps;
mod trial;
pub mod units;
pub mod verdict;

pub use config::{Config, Edit, Field, Value};
pub use plan::Plan;
pub use report::Report;
