//! The words in the picture: names of nodes, ranks and coordinates.

use super::layout::Layout;
use super::level::{COORDINATE_LINE, Detail};
use super::paint::Paint;
use super::shade::Shade;
use crate::core::units::counted;
use crate::diagram::bounds::Bounds;

/// A text in the picture, centred at `x` or, for a node's name, beginning there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where it is centred or begins.
    pub x: i32,
    /// Its base line.
    pub y: i32,
    /// What it says.
    pub text: String,
    /// Whether it is small: a coordinate, not a rank.
    pub small: bool,
    /// The shade below it.
    pub shade: Shade,
}

/// Width of a character 11 px high.
const CHAR: i32 = 7;

/// The names of the nodes above their cells, as far as a window shows them: `Node 12`, or `12` in
/// little room. None where there is no room for names.
pub fn node_labels_in(layout: &Layout, window: Bounds) -> Vec<Label> {
    let level = &layout.level;
    let Some(word) = node_word(layout) else {
        return Vec::new();
    };
    let label = |node: u64| {
        let bounds = layout.node(node);
        heading(
            bounds.x + level.pad,
            bounds.y,
            level.header + level.pad,
            word,
            node,
        )
    };
    layout.nodes_in(window).into_iter().map(label).collect()
}

/// The names of all nodes.
pub fn node_labels(layout: &Layout) -> Vec<Label> {
    node_labels_in(layout, layout.whole())
}

/// The names of the racks that a window shows, above their nodes; none where there is no room for
/// names, or no rack.
pub fn rack_labels_in(layout: &Layout, window: Bounds) -> Vec<Label> {
    let Some(word) = rack_word(layout) else {
        return Vec::new();
    };
    let level = &layout.level;
    let mut labels = Vec::new();
    for rack in 0..layout.racks() {
        let bounds = layout.rack(rack);
        if bounds.touches(window) {
            let height = level.rack_header + level.rack_pad;
            labels.push(heading(
                bounds.x + level.rack_pad,
                bounds.y,
                height,
                word,
                rack,
            ));
        }
    }
    labels
}

fn rack_word(layout: &Layout) -> Option<&'static str> {
    let level = &layout.level;
    let room = layout.rack(0).width - 2 * level.rack_pad;
    let is_named = level.rack_header > 0 && layout.has_racks;
    name(["NVLink domain ", "Rack "], layout.racks(), room).filter(|_| is_named)
}

fn node_word(layout: &Layout) -> Option<&'static str> {
    let level = &layout.level;
    let room = layout.node(0).width - 2 * level.pad;
    name(["Node ", ""], layout.nodes, room).filter(|_| level.header > 0)
}

/// The longer word, where it fits before the largest number, or the shorter one.
fn name(words: [&'static str; 2], count: u64, room: i32) -> Option<&'static str> {
    let digits = count.saturating_sub(1).to_string().len();
    let fits = |word: &&&str| i32::try_from(word.len() + digits).is_ok_and(|n| n * CHAR <= room);
    words.iter().find(fits).copied()
}

/// A name at the head of a box.
fn heading(x: i32, y: i32, height: i32, word: &str, number: u64) -> Label {
    Label {
        x,
        y: y + height / 2 + 4,
        text: format!("{word}{number}"),
        small: false,
        shade: Shade::Alone,
    }
}

/// What the boxes are, where they have no word above them. `by_nodes` says that nodes are drawn as
/// one box where their cells are too small.
pub fn unnamed_nodes(layout: &Layout, by_nodes: bool) -> Option<String> {
    let is_named = node_word(layout).is_some_and(|word| !word.is_empty());
    (!is_named).then(|| {
        let gpus = counted(layout.gpus_per_node, "GPU", "GPUs");
        let mut text = format!("Each box is a node of {gpus}");
        if by_nodes && layout.level.draws_nodes() {
            text.push_str(
                ", which are too many to draw one by one: a box has one colour where they are \
                 alike, else it is striped, or chequered in the colour of its first GPU. Zoom in to \
                 see each",
            );
        }
        if layout.has_racks && rack_word(layout).is_none() {
            let nodes = counted(layout.rack_nodes, "node", "nodes");
            text.push_str(&format!("; each larger box is an NVLink domain of {nodes}"));
        }
        text.push('.');
        text
    })
}

/// The texts in the cells that a window shows; none where the cells are too small.
pub fn cell_labels_in(layout: &Layout, paint: &Paint, window: Bounds) -> Vec<Label> {
    if layout.level.detail == Detail::Colour {
        return Vec::new();
    }
    let mut labels = Vec::new();
    for node in layout.nodes_in(window) {
        let first = node.saturating_mul(layout.gpus_per_node);
        for rank in first..first.saturating_add(layout.gpus_per_node) {
            labels.extend(labels_of(layout, paint, rank));
        }
    }
    labels
}

/// The texts in all cells.
pub fn cell_labels(layout: &Layout, paint: &Paint) -> Vec<Label> {
    cell_labels_in(layout, paint, layout.whole())
}

/// The texts in a rank's cell: the rank, and below it its coordinates in the mesh that is
/// coloured.
pub fn labels_of(layout: &Layout, paint: &Paint, rank: u64) -> Vec<Label> {
    let cell = layout.cell(rank);
    let rank_line = |baseline: i32| Label {
        x: cell.x + cell.width / 2,
        y: cell.y + baseline,
        text: rank.to_string(),
        small: false,
        shade: paint.shade(rank),
    };
    match layout.level.detail {
        Detail::Colour => Vec::new(),
        Detail::Rank => vec![rank_line(16)],
        Detail::Coordinates { per_line } => {
            let rank_line = rank_line(25);
            let mut labels = vec![rank_line.clone()];
            let texts = coordinates(paint, rank);
            let per_line = usize::try_from(per_line).unwrap_or(1).max(1);
            let mut y = rank_line.y + 3;
            for line in texts.chunks(per_line) {
                y += COORDINATE_LINE;
                labels.push(Label {
                    y,
                    text: line.join(" · "),
                    small: true,
                    ..rank_line.clone()
                });
            }
            labels
        }
    }
}

/// The coordinates of a rank along the dimensions of more than one GPU, or its figure where the
/// colours tell figures.
fn coordinates(paint: &Paint, rank: u64) -> Vec<String> {
    if rank >= paint.world_size {
        return vec!["missing".to_owned()];
    }
    if rank >= paint.assigned {
        return vec!["unused".to_owned()];
    }
    if let Some(text) = paint.scale.as_ref().and_then(|scale| scale.text(rank)) {
        return vec![text.to_owned()];
    }
    let shared = paint.mesh.axes.iter().filter(|axis| axis.size > 1);
    shared
        .map(|axis| format!("{} {}", axis.dim.short(), axis.coordinate(rank)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Plan;
    use crate::core::config::{Edit, Field, Value};
    use crate::core::mesh::Dim;
    use crate::core::presets;
    use crate::diagram::Shape;

    fn texts(nodes: u64, tp: u64, width: i32, rank: u64) -> Vec<String> {
        let config = Edit::count(Field::NumNodes, nodes)
            .and(Field::Tp, Value::Count(tp))
            .apply(&presets::opening());
        let plan = Plan::of(&config);
        let layout = Layout::of(&Shape::of(&plan), width).expect("a layout");
        let labels = labels_of(&layout, &Paint::of(&plan, Dim::Tp), rank);
        labels.into_iter().map(|label| label.text).collect()
    }

    #[test]
    fn a_cell_tells_what_it_has_room_for() {
        assert_eq!(texts(2, 2, 760, 5), ["5", "tp 1 · dp 2"]);
        assert_eq!(texts(2, 2, 310, 5), ["5", "tp 1", "dp 2"]);
        assert_eq!(texts(32, 2, 760, 255), ["255"]);
        assert!(texts(128, 2, 760, 5).is_empty());
    }

    #[test]
    fn a_gpu_in_no_group_says_so() {
        assert_eq!(texts(2, 3, 760, 15), ["15", "unused"]);
    }

    #[test]
    fn texts_stay_inside_their_cells() {
        for (nodes, width) in [(1, 310), (2, 310), (2, 760), (4, 500), (8, 760)] {
            let config = Edit::count(Field::NumNodes, nodes).apply(&presets::opening());
            let plan = Plan::of(&config);
            let layout = Layout::of(&Shape::of(&plan), width).expect("a layout");
            let paint = Paint::of(&plan, Dim::Tp);
            for rank in 0..layout.gpus() {
                let cell = layout.cell(rank);
                for label in labels_of(&layout, &paint, rank) {
                    let chars = i32::try_from(label.text.chars().count()).unwrap();
                    assert!(chars * 6 <= cell.width, "{label:?} {cell:?}");
                    assert!(label.y + 4 <= cell.y + cell.height, "{label:?} {cell:?}");
                }
            }
        }
    }

    #[test]
    fn nodes_have_names_where_there_is_room() {
        let layout = |nodes| {
            let config = Edit::count(Field::NumNodes, nodes).apply(&presets::opening());
            Layout::of(&Shape::of(&Plan::of(&config)), 760).expect("a layout")
        };
        let names = |nodes| node_labels(&layout(nodes));
        assert_eq!(unnamed_nodes(&layout(2), true), None);
        let boxes = Some("Each box is a node of 8 GPUs.".to_owned());
        assert_eq!(
            (
                unnamed_nodes(&layout(128), true),
                unnamed_nodes(&layout(2048), true)
            ),
            (boxes.clone(), boxes)
        );
        assert_eq!(names(2)[1].text, "Node 1");
        assert_eq!(names(16)[15].text, "Node 15");
        assert_eq!(names(128)[127].text, "127");
        assert!(names(2048).is_empty());
    }
}
