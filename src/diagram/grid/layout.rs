//! Where every node and cell is drawn, and which rank lies under a point.

use super::level::Level;
use super::shape::Shape;
use crate::core::number::quotient_up;
use crate::diagram::bounds::Bounds;

/// Space around the picture, for the lines of its outermost boxes.
const MARGIN: i32 = 1;

/// Narrower and wider boxes than these are drawn as if they were so wide.
const WIDTHS: (i32, i32) = (200, 4096);

/// Where every cell is drawn, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The level of detail.
    pub level: Level,
    /// Width of the picture.
    pub width: i32,
    /// Height of the picture.
    pub height: i32,
    /// Nodes that are drawn.
    pub nodes: u64,
    /// GPUs of one node.
    pub gpus_per_node: u64,
    /// Nodes of one row.
    pub node_columns: u64,
    /// Cells of one row of a node.
    pub cell_columns: u64,
    cell_width: i32,
}

impl Layout {
    /// The layout of a cluster in a box of some width: the most detailed level at which the
    /// picture is not too tall, with the GPUs of a node in as few rows as fit. None for a cluster
    /// that is not drawn.
    pub fn of(shape: &Shape, width: i32) -> Option<Layout> {
        if shape.drawn_nodes == 0 {
            return None;
        }
        let width = width.clamp(WIDTHS.0, WIDTHS.1);
        let columns = cell_columns(shape.gpus_per_node);
        for levels in Level::candidates(shape) {
            let tries = columns
                .iter()
                .flat_map(|columns| levels.iter().map(move |level| (*columns, *level)));
            for (cell_columns, level) in tries {
                if cell_columns < level.least_columns.min(shape.gpus_per_node) {
                    continue;
                }
                let layout = Layout::at(shape, level, cell_columns, width);
                if layout.is_some_and(|layout| layout.height <= level.max_height) {
                    return layout;
                }
            }
        }
        None
    }

    /// The layout at one level with some cells to a row; none where they are too wide.
    fn at(shape: &Shape, level: Level, cell_columns: u64, width: i32) -> Option<Layout> {
        let cells = i32::try_from(cell_columns).ok()?;
        let inner = width - 2 * MARGIN;
        let around = 2 * level.pad + (cells - 1) * level.gap;
        let least = around + cells * level.min_width;
        if least > inner {
            return None;
        }
        let mut fitting = (inner + level.node_gap) / (least + level.node_gap);
        // At distances of seven most hues are the same: nodes below each other would look like
        // one group.
        if fitting % 7 == 0 {
            fitting -= 1;
        }
        let node_columns = shape.drawn_nodes.min(u64::try_from(fitting).ok()?);
        let n = i32::try_from(node_columns).ok()?;
        let node_width = (inner - (n - 1) * level.node_gap) / n;
        let mut layout = Layout {
            level,
            width,
            height: 0,
            nodes: shape.drawn_nodes,
            gpus_per_node: shape.gpus_per_node,
            node_columns,
            cell_columns,
            cell_width: ((node_width - around) / cells).min(level.max_width),
        };
        let rows = i32::try_from(quotient_up(layout.nodes, node_columns)).ok()?;
        layout.height = (rows * layout.node_pitch().1).saturating_sub(level.node_gap) + 2 * MARGIN;
        Some(layout)
    }

    /// GPUs that are drawn; their ranks are those below.
    pub fn gpus(&self) -> u64 {
        self.nodes.saturating_mul(self.gpus_per_node)
    }

    /// Whether a rank is drawn.
    pub fn draws(&self, rank: u64) -> bool {
        rank < self.gpus()
    }

    /// The box of a node.
    pub fn node(&self, node: u64) -> Bounds {
        let (pitch_x, pitch_y) = self.node_pitch();
        let (column, row) = (node % self.node_columns, node / self.node_columns);
        Bounds {
            x: MARGIN + pixels(column) * pitch_x,
            y: MARGIN + pixels(row) * pitch_y,
            width: pitch_x - self.level.node_gap,
            height: pitch_y - self.level.node_gap,
            radius: self.level.radius,
        }
    }

    /// The box of a rank's cell.
    pub fn cell(&self, rank: u64) -> Bounds {
        let node = self.node(rank / self.gpus_per_node);
        let slot = rank % self.gpus_per_node;
        let (pitch_x, pitch_y) = self.cell_pitch();
        let (column, row) = (slot % self.cell_columns, slot / self.cell_columns);
        Bounds {
            x: node.x + self.level.pad + pixels(column) * pitch_x,
            y: node.y + self.top() + pixels(row) * pitch_y,
            width: self.cell_width,
            height: self.level.height,
            radius: self.level.radius,
        }
    }

    /// The rank under a point. The space beside a cell counts as the cell before it, so that a
    /// pointer that moves over small cells does not flicker.
    pub fn rank_at(&self, x: f64, y: f64) -> Option<u64> {
        let margin = f64::from(MARGIN);
        let (node_x, node_y) = self.node_pitch();
        let (column, x) = step(x - margin, node_x)?;
        let (row, y) = step(y - margin, node_y)?;
        let (cell_x, cell_y) = self.cell_pitch();
        let (cell_column, _) = step(x - f64::from(self.level.pad), cell_x)?;
        let (cell_row, _) = step(y - f64::from(self.top()), cell_y)?;
        if column >= self.node_columns || cell_column >= self.cell_columns {
            return None;
        }
        let node = row.saturating_mul(self.node_columns) + column;
        let slot = cell_row.saturating_mul(self.cell_columns) + cell_column;
        (node < self.nodes && slot < self.gpus_per_node).then(|| node * self.gpus_per_node + slot)
    }

    /// Column and row of a rank in the grid of all cells.
    pub(super) fn place(&self, rank: u64) -> (u64, u64) {
        let (node, slot) = (rank / self.gpus_per_node, rank % self.gpus_per_node);
        (
            node % self.node_columns * self.cell_columns + slot % self.cell_columns,
            node / self.node_columns * self.cell_rows() + slot / self.cell_columns,
        )
    }

    /// The rank at a column and row of the grid of all cells.
    pub(super) fn rank_in(&self, column: u64, row: u64) -> Option<u64> {
        let node_column = column / self.cell_columns;
        let node = row / self.cell_rows() * self.node_columns + node_column;
        let slot = row % self.cell_rows() * self.cell_columns + column % self.cell_columns;
        let there =
            node_column < self.node_columns && node < self.nodes && slot < self.gpus_per_node;
        there.then(|| node * self.gpus_per_node + slot)
    }

    /// The lines around all nodes, as the data of one SVG path.
    pub fn node_path(&self) -> String {
        let mut path = String::new();
        for node in 0..self.nodes {
            self.node(node).push_to(&mut path);
        }
        path
    }

    /// Rows of cells in a node.
    pub(super) fn cell_rows(&self) -> u64 {
        quotient_up(self.gpus_per_node, self.cell_columns).max(1)
    }

    /// From a node's top to its cells.
    fn top(&self) -> i32 {
        self.level.header + self.level.pad
    }

    fn cell_pitch(&self) -> (i32, i32) {
        (
            self.cell_width + self.level.gap,
            self.level.height + self.level.gap,
        )
    }

    fn node_pitch(&self) -> (i32, i32) {
        let level = &self.level;
        let (cell_x, cell_y) = self.cell_pitch();
        (
            pixels(self.cell_columns) * cell_x - level.gap + 2 * level.pad + level.node_gap,
            pixels(self.cell_rows()) * cell_y - level.gap + level.pad + self.top() + level.node_gap,
        )
    }
}

/// A count of cells or nodes, of which at most some thousands are drawn.
fn pixels(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Numbers of cells that a row of a node may have, the best first: rows of one length, the
/// longest first; then rows of which only the last is shorter.
fn cell_columns(gpus_per_node: u64) -> Vec<u64> {
    let mut even = Vec::new();
    let mut uneven = Vec::new();
    for columns in (1..=gpus_per_node).rev() {
        let rows = quotient_up(gpus_per_node, columns);
        if gpus_per_node.is_multiple_of(columns) {
            even.push(columns);
        } else if quotient_up(gpus_per_node, rows) == columns {
            uneven.push(columns);
        }
    }
    even.extend(uneven);
    even
}

/// Divides a distance into whole steps and the rest; none for what lies before the first step.
fn step(distance: f64, pitch: i32) -> Option<(u64, f64)> {
    let pitch = f64::from(pitch);
    if !(0.0..1e9).contains(&distance) || pitch <= 0.0 {
        return None;
    }
    let steps = (distance / pitch).floor();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some((steps as u64, distance - steps * pitch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::Detail;

    fn shape(num_nodes: u64, gpus_per_node: u64) -> Shape {
        Shape {
            world_size: num_nodes * gpus_per_node,
            num_nodes,
            gpus_per_node,
            drawn_nodes: num_nodes,
            coordinates: 2,
            coordinate_chars: 4,
        }
    }

    fn layout(num_nodes: u64, gpus_per_node: u64, width: i32) -> Layout {
        Layout::of(&shape(num_nodes, gpus_per_node), width).expect("a layout")
    }

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
        drawn(2048, 760, 29, 4, Detail::Colour);
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
    fn every_cell_lies_in_its_node_and_every_node_in_the_picture() {
        for (nodes, gpus, width) in SAMPLES {
            let layout = layout(nodes, gpus, width);
            for rank in 0..layout.gpus() {
                let (cell, node) = (layout.cell(rank), layout.node(rank / gpus));
                assert!(inside(cell, node), "{rank} {cell:?} {node:?}");
                assert!(node.x >= 0 && node.x + node.width <= layout.width);
                assert!(node.y >= 0 && node.y + node.height <= layout.height);
            }
        }
    }

    fn inside(cell: Bounds, node: Bounds) -> bool {
        cell.x >= node.x
            && cell.y >= node.y
            && cell.x + cell.width <= node.x + node.width
            && cell.y + cell.height <= node.y + node.height
    }

    /// Nodes, GPUs of one, width.
    const SAMPLES: [(u64, u64, i32); 10] = [
        (1, 1, 760),
        (2, 8, 760),
        (2, 8, 310),
        (3, 6, 310),
        (5, 7, 500),
        (2, 5, 200),
        (128, 8, 760),
        (18, 4, 900),
        (1, 1021, 310),
        (2048, 8, 310),
    ];

    #[test]
    fn the_centre_of_every_cell_hits_its_rank() {
        for (nodes, gpus, width) in SAMPLES {
            let layout = layout(nodes, gpus, width);
            for rank in 0..layout.gpus() {
                let (x, y) = layout.cell(rank).centre();
                assert_eq!(layout.rank_at(x, y), Some(rank), "{layout:?}");
            }
        }
    }

    #[test]
    fn every_corner_of_a_cell_hits_its_rank() {
        let layout = layout(5, 7, 500);
        for rank in 0..layout.gpus() {
            let cell = layout.cell(rank);
            let (x, y) = (f64::from(cell.x), f64::from(cell.y));
            let far = (x + f64::from(cell.width), y + f64::from(cell.height));
            assert_eq!(layout.rank_at(x, y), Some(rank));
            assert_eq!(layout.rank_at(far.0, far.1), Some(rank));
        }
    }

    #[test]
    fn points_beside_the_cells_hit_nothing() {
        let layout = layout(2, 8, 760);
        for (x, y) in [
            (-1.0, 50.0),
            (5.0, 50.0),
            (50.0, 5.0),
            (50.0, 1e12),
            (f64::NAN, 5.0),
        ] {
            assert_eq!(layout.rank_at(x, y), None, "{x} {y}");
        }
        let below = f64::from(layout.height) + 1.0;
        assert_eq!(layout.rank_at(50.0, below), None);
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
