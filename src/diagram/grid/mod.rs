//! The GPUs of a plan in their nodes: where each is drawn, its colour, its words, and which GPU
//! lies under a point.

mod facts;
mod figure;
mod focus;
mod groups;
mod labels;
mod layout;
mod level;
mod paint;
mod shape;
mod words;

pub use facts::{Facts, Mates};
pub use figure::grid_figure;
pub use focus::{Arrow, Highlight};
pub use groups::{GroupRow, LISTED_GROUPS, group_rows};
pub use labels::{Label, cell_labels, labels_of, node_labels, unnamed_nodes};
pub use layout::Layout;
pub use level::{Detail, Level};
pub use paint::{Paint, SHADES, Shade};
pub use shape::Shape;
pub use words::{legend, mesh_words, not_drawn, note, sentence, spoken, summary, unassigned};
