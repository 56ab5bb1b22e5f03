//! Clusters that the tests of this folder draw.

use super::layout::Layout;
use super::shape::Shape;

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
