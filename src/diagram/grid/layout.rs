//! Where every rack, node and cell is drawn. How they are arranged is chosen in `arrange.rs`; which
//! rank lies under a point, in `hit.rs`.

use super::level::Level;
use crate::core::number::{quotient, quotient_up};
use crate::diagram::bounds::Bounds;

/// Space around the picture, for the lines of its outermost boxes.
pub(super) const MARGIN: i32 = 1;

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
    pub(super) cell_width: i32,
}

impl Layout {
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
    pub(super) fn top(&self) -> i32 {
        self.level.header + self.level.pad
    }

    /// Around the nodes of a rack.
    pub(super) fn rack_pad(&self) -> i32 {
        if self.has_racks {
            self.level.rack_pad
        } else {
            0
        }
    }

    /// From a rack's top to its nodes.
    pub(super) fn rack_top(&self) -> i32 {
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

    pub(super) fn full_height(&self) -> Option<i32> {
        let rows = i32::try_from(quotient_up(self.racks(), self.rack_columns)).ok()?;
        let all = if rows == 1 {
            self.rack(0).height
        } else {
            rows.checked_mul(self.rack_pitch().1)? - self.level.rack_gap
        };
        all.checked_add(2 * MARGIN)
    }

    pub(super) fn cell_pitch(&self) -> (i32, i32) {
        (
            self.cell_width + self.level.gap,
            self.level.height + self.level.gap,
        )
    }

    pub(super) fn node_pitch(&self) -> (i32, i32) {
        let level = &self.level;
        let (cell_x, cell_y) = self.cell_pitch();
        (
            pixels(self.cell_columns) * cell_x - level.gap + 2 * level.pad + level.node_gap,
            pixels(self.cell_rows()) * cell_y - level.gap + level.pad + self.top() + level.node_gap,
        )
    }

    pub(super) fn rack_pitch(&self) -> (i32, i32) {
        let level = &self.level;
        let across = pixels(self.node_columns) * self.node_pitch().0 - level.node_gap;
        (
            across + 2 * self.rack_pad() + level.rack_gap,
            self.rack_height(self.node_rows())
                .saturating_add(level.rack_gap),
        )
    }
}

/// A count of cells or nodes in a row or a column.
pub(super) fn pixels(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
pub(super) mod samples {
    //! Clusters that the tests of this folder draw.

    use super::Layout;
    use crate::diagram::Shape;

    /// Nodes, GPUs of one, width.
    pub const SAMPLES: [(u64, u64, i32); 10] = [
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

    /// A cluster without racks.
    pub fn shape(num_nodes: u64, gpus_per_node: u64) -> Shape {
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

    /// Its layout.
    pub fn layout(num_nodes: u64, gpus_per_node: u64, width: i32) -> Layout {
        Layout::of(&shape(num_nodes, gpus_per_node), width).expect("a layout")
    }

    /// Every zoom of some samples, and of racks.
    pub fn zooms() -> Vec<Layout> {
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
}

#[cfg(test)]
mod tests {
    use super::samples::{SAMPLES, layout, shape};
    use super::*;
    use crate::diagram::Shape;

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
}
