//! Where every rack, node and cell is drawn, and which rank lies under a point.

use super::level::Level;
use super::shape::Shape;
use crate::core::number::{divisors, quotient, quotient_up};
use crate::diagram::bounds::Bounds;

/// Space around the picture, for the lines of its outermost boxes.
const MARGIN: i32 = 1;

/// Narrower and wider boxes than these are drawn as if they were so wide.
const WIDTHS: (i32, i32) = (200, 4096);

/// Where every cell is drawn, in CSS pixels: cells in nodes, nodes in racks, racks in rows. A
/// cluster without racks is one rack without a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The level of detail.
    pub level: Level,
    /// Width of the picture.
    pub width: i32,
    /// Height of the picture.
    pub height: i32,
    /// Nodes that are drawn, those that are missing among them.
    pub nodes: u64,
    /// GPUs of one node.
    pub gpus_per_node: u64,
    /// Nodes of one rack; all of them where there are no racks.
    pub rack_nodes: u64,
    /// Racks of one row.
    pub rack_columns: u64,
    /// Nodes of one row of a rack.
    pub node_columns: u64,
    /// Cells of one row of a node.
    pub cell_columns: u64,
    /// Whether racks have a box.
    pub has_racks: bool,
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
                let tries = racks.iter().map(|nodes| {
                    Layout::at(shape, level, cell_columns, *nodes, width).filter(fits)
                });
                if let Some(layout) = tries.flatten().next() {
                    return Some(layout);
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

    /// Racks that are drawn; one where there are none.
    pub fn racks(&self) -> u64 {
        quotient_up(self.nodes, self.rack_nodes).max(1)
    }

    /// GPUs that are drawn; their ranks are those below.
    pub fn gpus(&self) -> u64 {
        self.nodes.saturating_mul(self.gpus_per_node)
    }

    /// Whether a rank is drawn.
    pub fn draws(&self, rank: u64) -> bool {
        rank < self.gpus()
    }

    /// The box of a rack.
    pub fn rack(&self, rack: u64) -> Bounds {
        let (pitch_x, pitch_y) = self.rack_pitch();
        let (column, row) = (rack % self.rack_columns, rack / self.rack_columns);
        // The last rack may be short.
        let nodes = self.rack_nodes.min(
            self.nodes
                .saturating_sub(rack.saturating_mul(self.rack_nodes)),
        );
        let rows = quotient_up(nodes, self.node_columns);
        Bounds {
            x: MARGIN + pixels(column) * pitch_x,
            y: MARGIN + pixels(row) * pitch_y,
            width: pitch_x - self.level.rack_gap,
            height: self.rack_height(rows),
            radius: self.level.radius,
        }
    }

    /// The box of a node.
    pub fn node(&self, node: u64) -> Bounds {
        let rack = self.rack(quotient(node, self.rack_nodes));
        let (pitch_x, pitch_y) = self.node_pitch();
        let in_rack = node % self.rack_nodes.max(1);
        let (column, row) = (in_rack % self.node_columns, in_rack / self.node_columns);
        Bounds {
            x: rack.x + self.rack_pad() + pixels(column) * pitch_x,
            y: rack.y + self.rack_top() + pixels(row) * pitch_y,
            width: pitch_x - self.level.node_gap,
            height: pitch_y - self.level.node_gap,
            radius: self.level.radius,
        }
    }

    /// The box of a rank's cell.
    pub fn cell(&self, rank: u64) -> Bounds {
        self.cell_in(
            self.node(rank / self.gpus_per_node),
            rank % self.gpus_per_node,
        )
    }

    /// The box of the cell in a slot of a node's box.
    pub(super) fn cell_in(&self, node: Bounds, slot: u64) -> Bounds {
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

    /// The rank under a point. The space beside a cell counts as the cell before it, and so does
    /// the space beside a node whose cells are tiny, so that a pointer that moves over them does not
    /// flicker.
    pub fn rank_at(&self, x: f64, y: f64) -> Option<u64> {
        let margin = f64::from(MARGIN);
        let (rack_x, rack_y) = self.rack_pitch();
        let (rack_column, x) = step(x - margin, rack_x)?;
        let (rack_row, y) = step(y - margin, rack_y)?;
        let (node_x, node_y) = self.node_pitch();
        let (column, x) = step(x - f64::from(self.rack_pad()), node_x)?;
        let (row, y) = step(y - f64::from(self.rack_top()), node_y)?;
        let (cell_x, cell_y) = self.cell_pitch();
        let (mut cell_column, _) = step(x - f64::from(self.level.pad), cell_x)?;
        let (mut cell_row, _) = step(y - f64::from(self.top()), cell_y)?;
        if self.level.is_tiny() {
            cell_column = cell_column.min(self.cell_columns.saturating_sub(1));
            cell_row = cell_row.min(self.cell_rows() - 1);
        }
        let beside = rack_column >= self.rack_columns
            || column >= self.node_columns
            || cell_column >= self.cell_columns;
        if beside {
            return None;
        }
        let rack = rack_row.saturating_mul(self.rack_columns) + rack_column;
        let in_rack = row.saturating_mul(self.node_columns) + column;
        let slot = cell_row.saturating_mul(self.cell_columns) + cell_column;
        if in_rack >= self.rack_nodes || slot >= self.gpus_per_node {
            return None;
        }
        let node = rack.saturating_mul(self.rack_nodes).saturating_add(in_rack);
        (node < self.nodes).then(|| node * self.gpus_per_node + slot)
    }

    /// Column and row of a rank in the grid of all cells.
    pub(super) fn place(&self, rank: u64) -> (u64, u64) {
        let (node, slot) = (rank / self.gpus_per_node, rank % self.gpus_per_node);
        let (rack, in_rack) = (
            quotient(node, self.rack_nodes),
            node % self.rack_nodes.max(1),
        );
        let column = rack % self.rack_columns * self.node_columns + in_rack % self.node_columns;
        let row = rack / self.rack_columns * self.node_rows() + in_rack / self.node_columns;
        (
            column * self.cell_columns + slot % self.cell_columns,
            row * self.cell_rows() + slot / self.cell_columns,
        )
    }

    /// The rank at a column and row of the grid of all cells.
    pub(super) fn rank_in(&self, column: u64, row: u64) -> Option<u64> {
        let (node_column, node_row) = (column / self.cell_columns, row / self.cell_rows());
        let rack_column = node_column / self.node_columns;
        let rack = node_row / self.node_rows() * self.rack_columns + rack_column;
        let in_rack =
            node_row % self.node_rows() * self.node_columns + node_column % self.node_columns;
        let slot = row % self.cell_rows() * self.cell_columns + column % self.cell_columns;
        let node = rack.saturating_mul(self.rack_nodes).saturating_add(in_rack);
        let there = rack_column < self.rack_columns
            && in_rack < self.rack_nodes
            && node < self.nodes
            && slot < self.gpus_per_node;
        there.then(|| node * self.gpus_per_node + slot)
    }

    /// The nodes that a window shows a part of, rack by rack and row by row.
    pub fn nodes_in(&self, window: Bounds) -> Vec<u64> {
        let (rack_x, rack_y) = self.rack_pitch();
        let across = span(window.x - MARGIN, window.width, rack_x, self.rack_columns);
        let rows = quotient_up(self.racks(), self.rack_columns);
        let mut nodes = Vec::new();
        for row in span(window.y - MARGIN, window.height, rack_y, rows) {
            for column in across.clone() {
                let rack = row.saturating_mul(self.rack_columns) + column;
                if rack < self.racks() {
                    self.add_nodes_of(rack, window, &mut nodes);
                }
            }
        }
        nodes
    }

    fn add_nodes_of(&self, rack: u64, window: Bounds, nodes: &mut Vec<u64>) {
        let bounds = self.rack(rack);
        let (node_x, node_y) = self.node_pitch();
        let left = window.x - bounds.x - self.rack_pad();
        let top = window.y - bounds.y - self.rack_top();
        let across = span(left, window.width, node_x, self.node_columns);
        let first = rack.saturating_mul(self.rack_nodes);
        for row in span(top, window.height, node_y, self.node_rows()) {
            for column in across.clone() {
                let in_rack = row.saturating_mul(self.node_columns) + column;
                let node = first.saturating_add(in_rack);
                if in_rack < self.rack_nodes && node < self.nodes {
                    nodes.push(node);
                }
            }
        }
    }

    /// The boxes of the racks that a window shows, as the data of one SVG path; empty where there
    /// are no racks.
    pub fn rack_path(&self, window: Bounds) -> String {
        let mut path = String::new();
        for rack in (0..self.racks()).filter(|_| self.has_racks) {
            let bounds = self.rack(rack);
            if bounds.touches(window) {
                bounds.push_to(&mut path);
            }
        }
        path
    }

    /// The boxes of the nodes that a window shows, as the data of one SVG path.
    pub fn node_path(&self, window: Bounds) -> String {
        let mut path = String::new();
        for node in self.nodes_in(window) {
            self.node(node).push_to(&mut path);
        }
        path
    }

    /// The whole picture.
    pub fn whole(&self) -> Bounds {
        Bounds {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
            radius: 0,
        }
    }

    /// Rows of cells in a node.
    pub(super) fn cell_rows(&self) -> u64 {
        quotient_up(self.gpus_per_node, self.cell_columns).max(1)
    }

    /// Rows of nodes in a rack.
    pub(super) fn node_rows(&self) -> u64 {
        quotient_up(self.rack_nodes, self.node_columns).max(1)
    }

    /// From a node's top to its cells.
    fn top(&self) -> i32 {
        self.level.header + self.level.pad
    }

    /// Around the nodes of a rack.
    fn rack_pad(&self) -> i32 {
        if self.has_racks {
            self.level.rack_pad
        } else {
            0
        }
    }

    /// From a rack's top to its nodes.
    fn rack_top(&self) -> i32 {
        let header = if self.has_racks {
            self.level.rack_header
        } else {
            0
        };
        header + self.rack_pad()
    }

    fn rack_height(&self, rows: u64) -> i32 {
        let nodes = pixels(rows).saturating_mul(self.node_pitch().1);
        nodes.saturating_sub(self.level.node_gap) + self.rack_top() + self.rack_pad()
    }

    fn full_height(&self) -> Option<i32> {
        let rows = i32::try_from(quotient_up(self.racks(), self.rack_columns)).ok()?;
        let all = if rows == 1 {
            self.rack(0).height
        } else {
            rows.checked_mul(self.rack_pitch().1)? - self.level.rack_gap
        };
        all.checked_add(2 * MARGIN)
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

    fn rack_pitch(&self) -> (i32, i32) {
        let level = &self.level;
        let across = pixels(self.node_columns) * self.node_pitch().0 - level.node_gap;
        (
            across + 2 * self.rack_pad() + level.rack_gap,
            self.rack_height(self.node_rows())
                .saturating_add(level.rack_gap),
        )
    }
}

/// How many boxes of a width fit beside each other; none where not even one does.
fn fitting(room: i32, width: i32, gap: i32) -> Option<u64> {
    if width > room {
        return None;
    }
    u64::try_from((room + gap) / (width + gap).max(1)).ok()
}

/// The places of a row that a window from `start` touches, of `count` places.
fn span(start: i32, length: i32, pitch: i32, count: u64) -> std::ops::Range<u64> {
    let pitch = i64::from(pitch.max(1));
    let first = i64::from(start).div_euclid(pitch).max(0);
    let end = (i64::from(start) + i64::from(length)).div_euclid(pitch) + 1;
    let first = u64::try_from(first).unwrap_or(0).min(count);
    let end = u64::try_from(end).unwrap_or(0).min(count);
    first..end.max(first)
}

/// A count of cells or nodes in a row or a column.
fn pixels(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
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
            missing: 0,
            rack_nodes: None,
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
    fn racks_stand_beside_each_other() {
        // 18 nodes of 4 GPUs in each NVLink domain.
        let racks = |nodes: u64, width: i32| {
            let shape = Shape {
                rack_nodes: Some(18),
                ..shape(nodes, 4)
            };
            Layout::of(&shape, width).expect("a layout")
        };
        let two = racks(36, 760);
        assert_eq!((two.racks(), two.rack_columns, two.cell_columns), (2, 2, 4));
        assert!(two.rack(1).x > two.rack(0).x && two.rack(0).height <= 760);
        // The last of three is half full.
        let short = racks(45, 760);
        assert!(short.rack(2).height < short.rack(0).height, "{short:?}");
        for layout in [two, short, racks(18 * 1820, 590)] {
            for node in 0..layout.nodes {
                let rack = layout.rack(node / 18);
                assert!(inside(layout.node(node), rack), "{node} {layout:?}");
                assert!(
                    rack.y + rack.height <= layout.height && rack.x + rack.width <= layout.width
                );
            }
        }
    }

    /// Every zoom of some samples, and of racks.
    fn zooms() -> Vec<Layout> {
        let mut all = Vec::new();
        for (nodes, gpus, width) in SAMPLES {
            for rack_nodes in [None, Some(3), Some(18)] {
                let shape = Shape {
                    rack_nodes,
                    ..shape(nodes, gpus)
                };
                let fit = Layout::of(&shape, width).expect("a layout");
                all.extend((0..=fit.steps(&shape)).map(|steps| fit.zoomed(&shape, steps)));
            }
        }
        all
    }

    #[test]
    fn the_centre_of_every_cell_hits_its_rank_at_every_zoom() {
        for layout in zooms() {
            // All of few, else one of each thousand and the last.
            let each = usize::try_from(layout.gpus() / 2000 + 1).expect("a step");
            for rank in (0..layout.gpus()).step_by(each).chain([layout.gpus() - 1]) {
                let (x, y) = layout.cell(rank).centre();
                assert_eq!(layout.rank_at(x, y), Some(rank), "{layout:?}");
                let (column, row) = layout.place(rank);
                assert_eq!(layout.rank_in(column, row), Some(rank), "{layout:?}");
            }
        }
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
    fn a_window_has_the_nodes_that_it_touches() {
        for layout in zooms() {
            let window = Bounds {
                x: layout.width / 3,
                y: layout.height / 3,
                width: 90,
                height: 70,
                radius: 0,
            };
            let mut found = layout.nodes_in(window);
            found.sort_unstable();
            let touched = |node: &u64| layout.node(*node).touches(window);
            // What lies in the gap beside a node may come along.
            assert!(
                (0..layout.nodes)
                    .filter(touched)
                    .all(|node| found.binary_search(&node).is_ok()),
                "{layout:?}"
            );
            assert!(found.len() as u64 <= layout.nodes);
            let mut all = layout.nodes_in(layout.whole());
            all.sort_unstable();
            assert!(all.into_iter().eq(0..layout.nodes), "{layout:?}");
        }
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
    fn every_point_between_tiny_cells_hits_a_cell() {
        let layout = layout(16_384, 8, 590);
        let node = layout.node(1234);
        for x in 0..node.width + layout.level.node_gap {
            for y in 0..node.height + layout.level.node_gap {
                let hit = layout.rank_at(f64::from(node.x + x) + 0.5, f64::from(node.y + y) + 0.5);
                assert_eq!(hit.map(|rank| rank / 8), Some(1234), "{x} {y}");
            }
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
