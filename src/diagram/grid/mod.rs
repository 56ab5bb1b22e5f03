//! The GPUs of a plan in their nodes: where each is drawn, its colour, its words, and which GPU
//! lies under a point.

mod arrange;
mod facts;
mod figure;
mod focus;
mod gesture;
mod groups;
mod hit;
mod labels;
mod layout;
mod level;
mod paint;
mod pixels;
mod raster;
mod scale;
mod scope;
mod search;
mod shade;
mod shape;
mod words;

pub use facts::{Facts, Mates};
pub use figure::grid_figure;
pub use focus::{Arrow, Lit, cells_path};
pub use gesture::{Gesture, Pointers};
pub use groups::{GroupRow, LISTED_GROUPS, figure_rows, group_rows};
pub use labels::{
    Label, cell_labels, cell_labels_in, labels_of, node_labels, node_labels_in, rack_labels_in,
    unnamed_nodes,
};
pub use layout::Layout;
pub use level::{Detail, Level};
pub use paint::{ColourBy, Grouping, Paint};
pub use pixels::{Raster, Rgba};
pub use raster::{Palette, View, light};
pub use scale::{Class, Measure, Scale};
pub use scope::{Scope, Zoom};
pub use search::{Found, HINT, find};
pub use shade::{MISPLACED, NODE, RACK, SHADES, Shade};
pub use shape::Shape;
pub use words::{
    legend, mesh_words, misplaced, not_drawn, note, sentence, spoken, summary, unassigned,
};
