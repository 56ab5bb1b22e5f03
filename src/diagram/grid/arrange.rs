//! How nodes and cells are arranged: the most detailed level at which the picture is taken in at a
//! glance, and the same arrangement made larger.

use super::layout::{Layout, MARGIN, pixels};
use super::level::Level;
use super::shape::Shape;
use crate::core::number::{divisors, quotient_up};

/// Narrower and wider boxes than these are drawn as if they were so wide.
const WIDTHS: (i32, i32) = (200, 4096);

impl Layout {
    /// The layout of a cluster in a box of some width: the most detailed level at which the
    /// picture is not too tall, with the GPUs of a node in as few rows as fit. None for a cluster
    /// that is not drawn.
    pub fn of(shape: &Shape, width: i32) -> Option<Layout> {
        if shape.drawn_nodes == 0 {
            return None;
        }
        let width = width.clamp(WIDTHS.0, WIDTHS.1);
        let racks = node_columns(shape);
        for levels in Level::candidates(shape) {
            let Some(columns) = levels
                .first()
                .map(|level| cell_columns(shape.gpus_per_node, level))
            else {
                continue;
            };
            let tries = columns
                .iter()
                .flat_map(|columns| levels.iter().map(move |level| (*columns, *level)));
            for (cell_columns, level) in tries {
                if cell_columns < level.least_columns.min(shape.gpus_per_node) {
                    continue;
                }
                let fits = |layout: &Layout| layout.height <= level.max_height;
                let mut tries = racks
                    .iter()
                    .filter_map(|nodes| Layout::at(shape, level, cell_columns, *nodes, width));
                let found = if level.max_height == i32::MAX {
                    // Nothing is smaller: the lowest picture.
                    tries.min_by_key(|layout| layout.height)
                } else {
                    tries.find(fits)
                };
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// The layout at one level with some cells to a row, and some nodes to a row of a rack where
    /// there are racks; none where they are too wide.
    fn at(
        shape: &Shape,
        level: Level,
        cell_columns: u64,
        rack_row: Option<u64>,
        width: i32,
    ) -> Option<Layout> {
        let cells = i32::try_from(cell_columns).ok()?;
        let inner = width - 2 * MARGIN;
        let around = 2 * level.pad + (cells - 1) * level.gap;
        let least = around + cells * level.min_width;
        let mut layout = Layout {
            level,
            width,
            height: 0,
            nodes: shape.drawn_nodes,
            gpus_per_node: shape.gpus_per_node,
            rack_nodes: shape.rack_nodes.unwrap_or(shape.drawn_nodes),
            rack_columns: 1,
            node_columns: 1,
            cell_columns,
            has_racks: shape.rack_nodes.is_some(),
            cell_width: level.min_width,
        };
        match rack_row {
            Some(columns) => {
                let nodes = i32::try_from(columns).ok()?;
                let least = nodes * (least + level.node_gap) - level.node_gap + 2 * level.rack_pad;
                let fitting = fitting(inner, least, level.rack_gap)?;
                layout.node_columns = columns;
                layout.rack_columns = layout.racks().min(fitting);
            }
            None => {
                let mut fitting = fitting(inner, least, level.node_gap)?;
                // At distances of seven most hues are the same: nodes below each other would look
                // like one group.
                if fitting.is_multiple_of(7) {
                    fitting -= 1;
                }
                layout.node_columns = shape.drawn_nodes.min(fitting);
            }
        }
        // What is left of the width widens the cells.
        let racks = pixels(layout.rack_columns);
        let nodes = pixels(layout.node_columns);
        let of_rack = (inner - (racks - 1) * level.rack_gap) / racks - 2 * layout.rack_pad();
        let of_node = (of_rack - (nodes - 1) * level.node_gap) / nodes;
        layout.cell_width = ((of_node - around) / cells).clamp(level.min_width, level.max_width);
        layout.height = layout.full_height()?;
        Some(layout)
    }

    /// The same arrangement at a more detailed level: larger than its box, so that a part of it is
    /// seen.
    pub fn zoomed(&self, shape: &Shape, steps: u32) -> Layout {
        if steps == 0 {
            return *self;
        }
        let levels = Level::all(shape);
        let now = levels.iter().position(|level| *level == self.level);
        let steps = usize::try_from(steps).unwrap_or(usize::MAX);
        let wanted = now.unwrap_or(0).saturating_sub(steps);
        let Some(level) = levels.get(wanted) else {
            return *self;
        };
        let mut zoomed = Layout {
            level: *level,
            cell_width: level.zoomed_width,
            ..*self
        };
        let columns = pixels(self.rack_columns);
        zoomed.width = columns * zoomed.rack_pitch().0 - level.rack_gap + 2 * MARGIN;
        match zoomed.full_height() {
            Some(height) => Layout { height, ..zoomed },
            None => *self,
        }
    }

    /// How many steps of detail there are beyond this level.
    pub fn steps(&self, shape: &Shape) -> u32 {
        let levels = Level::all(shape);
        let now = levels.iter().position(|level| *level == self.level);
        u32::try_from(now.unwrap_or(0)).unwrap_or(0)
    }
}

/// How many boxes of a width fit beside each other; none where not even one does.
fn fitting(room: i32, width: i32, gap: i32) -> Option<u64> {
    if width > room {
        return None;
    }
    u64::try_from((room + gap) / (width + gap).max(1)).ok()
}

/// Numbers of nodes that a row of a rack may have, the tallest rack first: a rack stands. Where
/// there are no racks, the width decides.
fn node_columns(shape: &Shape) -> Vec<Option<u64>> {
    match shape.rack_nodes {
        None => vec![None],
        Some(nodes) => divisors(nodes).into_iter().map(Some).collect(),
    }
}

/// Numbers of cells that a row of a node may have, the best first: rows of one length, the
/// longest first; then rows of which only the last is shorter. Where cells are tiny, a node is
/// easiest to tell from the next when it is about a square.
fn cell_columns(gpus_per_node: u64, level: &Level) -> Vec<u64> {
    let mut even = Vec::new();
    let mut uneven = Vec::new();
    let mut columns = gpus_per_node;
    while columns > 0 {
        if gpus_per_node.is_multiple_of(columns) {
            even.push(columns);
        } else {
            uneven.push(columns);
        }
        if columns == 1 {
            break;
        }
        // The next smaller number that needs one row more, and no more cells than that row needs.
        let rows = quotient_up(gpus_per_node, columns - 1);
        columns = quotient_up(gpus_per_node, rows);
    }
    if level.is_tiny() {
        let (width, height) = (
            u64::try_from(level.min_width + level.gap).unwrap_or(1),
            u64::try_from(level.height + level.gap).unwrap_or(1),
        );
        let skew = |columns: &u64| {
            let across = columns.saturating_mul(width);
            across.abs_diff(quotient_up(gpus_per_node, *columns).saturating_mul(height))
        };
        // The first is taken, as tiny levels fit whatever their rows: no sorting is needed.
        if let Some(best) = even.iter().copied().min_by_key(skew) {
            even.insert(0, best);
        }
    }
    even.extend(uneven);
    even
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::Detail;
    use crate::diagram::grid::layout::samples::{layout, shape};

    #[track_caller]
    fn drawn(nodes: u64, width: i32, node_columns: u64, cell_columns: u64, detail: Detail) {
        let layout = layout(nodes, 8, width);
        assert_eq!(
            (
                layout.node_columns,
                layout.cell_columns,
                layout.level.detail
            ),
            (node_columns, cell_columns, detail),
            "{layout:?}"
        );
    }

    const TWO: Detail = Detail::Coordinates { per_line: 2 };
    const ONE: Detail = Detail::Coordinates { per_line: 1 };

    #[test]
    fn detail_follows_the_number_of_gpus_and_the_width() {
        drawn(2, 760, 1, 8, TWO);
        drawn(2, 310, 1, 4, ONE);
        drawn(8, 760, 2, 4, TWO);
        drawn(16, 760, 2, 8, Detail::Rank);
        drawn(32, 760, 4, 4, Detail::Rank);
        drawn(128, 760, 12, 4, Detail::Colour);
        drawn(2048, 760, 40, 4, Detail::Colour);
        drawn(16_384, 590, 117, 4, Detail::Colour);
    }

    #[test]
    fn a_node_keeps_one_row_where_narrower_cells_allow_it() {
        let wide = Shape {
            coordinate_chars: 5,
            ..shape(2, 8)
        };
        let layout = Layout::of(&wide, 746).expect("a layout");
        assert_eq!((layout.cell_columns, layout.level.detail), (8, ONE));
    }

    #[test]
    fn zooming_keeps_the_arrangement_and_ends_with_coordinates() {
        let shape = shape(16_384, 8);
        let fit = Layout::of(&shape, 590).expect("a layout");
        assert!(fit.level.draws_nodes());
        let mut before = fit;
        for steps in 1..=fit.steps(&shape) {
            let now = fit.zoomed(&shape, steps);
            assert_eq!(
                (now.node_columns, now.cell_columns),
                (fit.node_columns, fit.cell_columns)
            );
            assert!(now.level.height >= before.level.height && now.width > before.width);
            before = now;
        }
        assert!(matches!(before.level.detail, Detail::Coordinates { .. }));
        assert_eq!(fit.zoomed(&shape, 99), before);
    }

    #[test]
    fn a_million_gpus_of_one_node_have_a_layout_at_once() {
        let layout = layout(1, 1 << 20, 590);
        assert_eq!(layout.gpus(), 1 << 20);
    }

    #[test]
    fn any_cluster_that_is_drawn_has_a_layout() {
        for (nodes, gpus) in [(1, 1), (1, 1021), (16, 1024), (16_384, 1), (2048, 8)] {
            for width in [0, 200, 360, 5000] {
                assert_eq!(layout(nodes, gpus, width).gpus(), nodes * gpus);
            }
        }
    }

    #[test]
    fn no_picture_of_some_nodes_is_taller_than_a_glance() {
        for nodes in 1..=256 {
            assert!(layout(nodes, 8, 760).height <= 760, "{nodes}");
        }
    }

    #[test]
    fn a_cluster_that_is_not_drawn_has_no_layout() {
        let none = Shape {
            drawn_nodes: 0,
            ..shape(1 << 40, 8)
        };
        assert_eq!(Layout::of(&none, 760), None);
    }
}
