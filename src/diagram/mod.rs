//! The picture of a plan as plain data: where each GPU is drawn, its colour, its words, and which
//! GPU lies under a point.
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

mod bounds;
mod facts;
mod focus;
mod groups;
mod labels;
mod layout;
mod level;
mod paint;
mod shape;
mod words;

pub use bounds::Bounds;
pub use facts::{Facts, Mates};
pub use focus::{Arrow, Highlight};
pub use groups::{GroupRow, LISTED_GROUPS, group_rows};
pub use labels::{Label, cell_labels, labels_of, node_labels, unnamed_nodes};
pub use layout::Layout;
pub use level::{Detail, Level};
pub use paint::{Paint, SHADES, Shade};
pub use shape::Shape;
pub use words::{legend, mesh_words, not_drawn, note, sentence, spoken, summary, unassigned};
