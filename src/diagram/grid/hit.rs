//! Which rank lies under a point, and which nodes a window shows: the way back from the picture.

use super::layout::{Layout, MARGIN};
use crate::core::number::{quotient, quotient_up};
use crate::diagram::bounds::Bounds;

impl Layout {
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
    use crate::diagram::grid::layout::samples::{SAMPLES, layout, zooms};

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
}
