//! What the layout depends on: how many nodes of how many GPUs, and what each cell has to say.

use crate::core::Plan;
use crate::core::mesh::{Dim, Mesh};
use crate::core::number::{divides, product, quotient, quotient_up};
use crate::core::problems::MOST_GPUS;

/// The most GPUs that are missing and drawn all the same; more are counted in words.
const MOST_MISSING: u64 = 1 << 10;

/// The cluster as the layout sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// GPUs in all.
    pub world_size: u64,
    /// Nodes in all.
    pub num_nodes: u64,
    /// GPUs of one node.
    pub gpus_per_node: u64,
    /// Nodes that are drawn, those of missing GPUs among them; none of a cluster of more than
    /// [`MOST_GPUS`](crate::core::problems::MOST_GPUS).
    pub drawn_nodes: u64,
    /// GPUs that one replica of the model needs beyond those that there are.
    pub missing: u64,
    /// Nodes of one rack, where an NVLink domain is several whole nodes.
    pub rack_nodes: Option<u64>,
    /// Coordinates that a cell tells: dimensions of more than one GPU, of the mesh with more.
    pub coordinates: i32,
    /// Characters of the longest coordinate, such as `dp 15`.
    pub coordinate_chars: i32,
}

impl Shape {
    /// The shape of a plan.
    pub fn of(plan: &Plan) -> Shape {
        let cluster = &plan.cluster;
        let mut shape = Shape {
            world_size: cluster.world_size,
            num_nodes: cluster.num_nodes,
            gpus_per_node: cluster.gpus_per_node.max(1),
            drawn_nodes: 0,
            missing: 0,
            rack_nodes: None,
            coordinates: 0,
            coordinate_chars: 0,
        };
        let domain = cluster.nvlink_domain_gpus;
        if divides(shape.gpus_per_node, domain) && domain > shape.gpus_per_node {
            shape.rack_nodes = Some(quotient(domain, shape.gpus_per_node));
        }
        let s = &plan.sizes;
        let dense = product(&[
            s.tensor_model_parallel_size,
            s.context_parallel_size,
            s.pipeline_model_parallel_size,
        ]);
        let experts = plan.model.moe.as_ref().map_or(0, |_| s.expert_product());
        shape.missing = dense.max(experts).saturating_sub(cluster.world_size);
        if cluster.world_size <= MOST_GPUS {
            let missing = quotient_up(shape.missing.min(MOST_MISSING), shape.gpus_per_node);
            shape.drawn_nodes = cluster.num_nodes.saturating_add(missing);
        }
        shape.tell(&plan.dense_mesh());
        if plan.model.moe.is_some() {
            shape.tell(&plan.expert_mesh());
        }
        shape
    }

    /// GPUs that are drawn.
    pub fn drawn_gpus(&self) -> u64 {
        self.drawn_nodes.saturating_mul(self.gpus_per_node)
    }

    /// Makes room for the coordinates of a mesh, so that the cells stay where they are when
    /// another mesh is coloured.
    fn tell(&mut self, mesh: &Mesh) {
        let mut count = 0;
        for axis in mesh.axes.iter().filter(|axis| axis.size > 1) {
            count += 1;
            let name = if axis.dim == Dim::Etp || axis.dim == Dim::Edp {
                4
            } else {
                3
            };
            let digits = (axis.size - 1).ilog10() + 1;
            let chars = i32::try_from(digits).unwrap_or(0) + name;
            self.coordinate_chars = self.coordinate_chars.max(chars);
        }
        self.coordinates = self.coordinates.max(count);
    }
}
