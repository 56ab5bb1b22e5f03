//! Which colour each cell has: the groups along one dimension, in eight hues.

use super::layout::Layout;
use crate::core::Plan;
use crate::core::mesh::{Axis, Crossing, Dim, Mesh, crossing};
use crate::diagram::colours::{self, Colour};
use crate::diagram::scene::Style;

/// Number of hues: Okabe and Ito's palette, which people with any colour vision tell apart.
pub(super) const HUES: u64 = 8;

/// How a cell is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// One of the hues.
    Hue(u8),
    /// No hue: every GPU is a group of its own.
    Alone,
    /// Hollow: the GPU is in no group.
    Unassigned,
}

/// Every shade, in the order of [`Paint::paths`].
pub const SHADES: [Shade; 10] = [
    Shade::Hue(0),
    Shade::Hue(1),
    Shade::Hue(2),
    Shade::Hue(3),
    Shade::Hue(4),
    Shade::Hue(5),
    Shade::Hue(6),
    Shade::Hue(7),
    Shade::Alone,
    Shade::Unassigned,
];

impl Shade {
    /// The name of the shade in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Shade::Hue(0) => "hue0",
            Shade::Hue(1) => "hue1",
            Shade::Hue(2) => "hue2",
            Shade::Hue(3) => "hue3",
            Shade::Hue(4) => "hue4",
            Shade::Hue(5) => "hue5",
            Shade::Hue(6) => "hue6",
            Shade::Hue(_) => "hue7",
            Shade::Alone => "alone",
            Shade::Unassigned => "unassigned",
        }
    }

    /// How its cells look. A pale line around each keeps neighbours of like lightness apart.
    pub fn style(self) -> Style {
        match self {
            Shade::Hue(hue) => {
                let colour = colours::HUES.get(usize::from(hue));
                let fill = Style::filled(*colour.unwrap_or(&colours::CONTROL));
                fill.outlined(colours::INK, 1.0).pale(0.3)
            }
            Shade::Alone => Style::filled(colours::PANEL).outlined(colours::CONTROL, 1.0),
            Shade::Unassigned => Style::line(colours::CONTROL, 1.0).dashed("3 2"),
        }
    }

    /// The colour of words on it.
    pub fn words(self) -> Colour {
        match self {
            Shade::Hue(3) => colours::ON_DARK,
            Shade::Hue(_) => colours::ON_LIGHT,
            Shade::Alone | Shade::Unassigned => colours::INK,
        }
    }

    /// The place of the shade in [`SHADES`].
    fn index(self) -> usize {
        match self {
            Shade::Hue(hue) => usize::from(hue),
            Shade::Alone => 8,
            Shade::Unassigned => 9,
        }
    }
}

/// The groups by which the cells are coloured.
#[derive(Debug, Clone, PartialEq)]
pub struct Paint {
    /// The dimension.
    pub dim: Dim,
    /// Whether the model has experts.
    pub has_experts: bool,
    /// The mesh that has the dimension.
    pub mesh: Mesh,
    /// Its axis in the mesh; none for an expert dimension of a model without experts.
    pub axis: Option<Axis>,
    /// Ranks that are in a group; those after them are in none.
    pub assigned: u64,
    /// GPUs that share a node's link: a node's, or those of its NVLink domain.
    pub domain: u64,
    /// GPUs of one node.
    pub gpus_per_node: u64,
}

impl Paint {
    /// The groups of a plan along a dimension, in the mesh that has it.
    pub fn of(plan: &Plan, dim: Dim) -> Paint {
        let of_experts = matches!(dim, Dim::Ep | Dim::Etp | Dim::Edp);
        let dense = plan.dense_mesh();
        let mesh = match (of_experts, &plan.model.moe) {
            (true, Some(_)) => plan.expert_mesh(),
            _ => dense,
        };
        let world = plan.cluster.world_size;
        // As `core::rank` has it: a GPU outside the dense mesh is in no group at all.
        let assigned = world.min(mesh.ranks).min(plan.dense_mesh().ranks);
        Paint {
            dim,
            has_experts: plan.model.moe.is_some(),
            axis: mesh.axis(dim).filter(|axis| axis.size > 0),
            mesh,
            assigned,
            domain: plan.cluster.nvlink_domain_gpus,
            gpus_per_node: plan.cluster.gpus_per_node,
        }
    }

    /// Whether the groups are those of the experts.
    pub fn is_expert(&self) -> bool {
        matches!(self.dim, Dim::Ep | Dim::Etp | Dim::Edp)
    }

    /// The axis, where its groups have more than one GPU.
    pub fn shared_axis(&self) -> Option<Axis> {
        self.axis.filter(|axis| axis.size > 1)
    }

    /// Groups, and how many of them leave a node or its NVLink domain.
    pub fn crossing(&self) -> Crossing {
        match self.axis {
            Some(axis) => crossing(axis, self.assigned, self.domain),
            None => Crossing {
                groups: 0,
                crossing: 0,
            },
        }
    }

    /// Whether a rank's group leaves its node or NVLink domain.
    pub fn crosses(&self, rank: u64) -> bool {
        let last = |axis: Axis| {
            let span = axis.size.saturating_sub(1).saturating_mul(axis.stride);
            axis.first_of_group(rank).saturating_add(span)
        };
        self.shared_axis().is_some_and(|axis| {
            axis.first_of_group(rank) / self.domain.max(1) != last(axis) / self.domain.max(1)
        })
    }

    /// How a rank's cell is filled.
    pub fn shade(&self, rank: u64) -> Shade {
        match self.axis {
            _ if rank >= self.assigned => Shade::Unassigned,
            Some(axis) if axis.size > 1 => Shade::Hue(hue(axis.group(rank))),
            _ => Shade::Alone,
        }
    }

    /// All cells of each shade, as the data of one SVG path a shade.
    pub fn paths(&self, layout: &Layout) -> [String; SHADES.len()] {
        let mut paths: [String; SHADES.len()] = Default::default();
        for rank in 0..layout.gpus() {
            if let Some(path) = paths.get_mut(self.shade(rank).index()) {
                layout.cell(rank).push_to(path);
            }
        }
        paths
    }

    /// Whether weights are split beyond a node: TP and ETP should stay within one (guide,
    /// "Tensor Parallelism", "Key Rule").
    pub fn is_misplaced(&self) -> bool {
        matches!(self.dim, Dim::Tp | Dim::Etp) && self.crossing().crossing > 0
    }

    /// The cells whose weights are split beyond a node, as the data of one SVG path.
    pub fn misplaced_path(&self, layout: &Layout) -> String {
        let mut path = String::new();
        if self.is_misplaced() {
            for rank in (0..layout.gpus().min(self.assigned)).filter(|rank| self.crosses(*rank)) {
                layout.cell(rank).push_to(&mut path);
            }
        }
        path
    }
}

/// The hue of a group: the sum of its digits to the base 8. Neighbours differ, and so do groups
/// that are 8 or 64 apart, which often lie below each other.
fn hue(group: u64) -> u8 {
    let (mut rest, mut sum) = (group, 0);
    while rest > 0 {
        sum += rest;
        rest /= HUES;
        sum %= HUES;
    }
    u8::try_from(sum).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;
    use crate::diagram::Shape;

    fn plan(nodes: u64, tp: u64, pp: u64) -> Plan {
        let config = Edit::count(Field::NumNodes, nodes)
            .and(Field::Tp, Value::Count(tp))
            .and(Field::Pp, Value::Count(pp))
            .apply(&presets::opening());
        Plan::of(&config)
    }

    fn preset(id: &str) -> Config {
        let preset = presets::PLANS.iter().find(|plan| plan.id == id);
        preset.expect("a preset").config()
    }

    fn hues(plan: &Plan, dim: Dim, ranks: u64) -> Vec<usize> {
        let paint = Paint::of(plan, dim);
        (0..ranks).map(|rank| paint.shade(rank).index()).collect()
    }

    #[test]
    fn each_group_has_one_hue() {
        let plan = plan(2, 2, 1);
        assert_eq!(hues(&plan, Dim::Tp, 8), [0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(hues(&plan, Dim::Dp, 8), [0, 1, 0, 1, 0, 1, 0, 1]);
    }

    #[test]
    fn groups_of_one_have_no_hue() {
        assert_eq!(hues(&plan(2, 2, 1), Dim::Pp, 2), [8, 8]);
        assert_eq!(hues(&plan(2, 2, 1), Dim::Ep, 2), [8, 8]);
    }

    #[test]
    fn expert_groups_follow_the_expert_mesh() {
        let plan = Plan::of(&preset("guide-8x3b-16"));
        assert_eq!(hues(&plan, Dim::Ep, 16), [[0; 8], [1; 8]].concat());
        let edp: Vec<usize> = (0..16).map(|rank| rank % 8).collect();
        assert_eq!(hues(&plan, Dim::Edp, 16), edp);
    }

    #[test]
    fn gpus_beyond_the_mesh_are_unassigned() {
        // 16 GPUs in groups of 3: the last one is left over.
        let plan = plan(2, 3, 1);
        assert_eq!(hues(&plan, Dim::Tp, 16)[13..], [4, 4, 9]);
        // More GPUs are asked for than there are.
        assert_eq!(
            hues(
                &Plan {
                    ..self::plan(1, 16, 1)
                },
                Dim::Tp,
                2
            ),
            [9, 9]
        );
    }

    #[test]
    fn neighbouring_groups_differ_in_hue() {
        for group in 0..100_000 {
            for apart in [1, 8, 64] {
                assert_ne!(hue(group), hue(group + apart), "{group} and {apart} more");
            }
        }
    }

    #[test]
    fn few_nodes_below_each_other_have_one_hue() {
        for nodes in 9..=200 {
            let plan = plan(nodes, 8, 1);
            let layout = Layout::of(&Shape::of(&plan), 760).expect("a layout");
            let paint = Paint::of(&plan, Dim::Tp);
            let pairs = nodes - layout.node_columns;
            let alike = |node: &u64| {
                let below = node + layout.node_columns;
                paint.shade(node * 8) == paint.shade(below * 8)
            };
            let alike = (0..pairs).filter(alike).count() as u64;
            assert!(alike * 2 <= pairs, "{alike} of {pairs}, {nodes} nodes");
        }
    }

    #[test]
    fn one_path_a_shade_holds_every_cell_once() {
        let plan = plan(128, 2, 1);
        let layout = Layout::of(&Shape::of(&plan), 760).expect("a layout");
        let paths = Paint::of(&plan, Dim::Tp).paths(&layout);
        let cells: usize = paths.iter().map(|path| path.matches('M').count()).sum();
        assert_eq!(cells, 1024);
        assert_eq!(paths.iter().filter(|path| !path.is_empty()).count(), 8);
    }

    #[test]
    fn tp_that_crosses_a_node_is_marked() {
        let marked = |tp| {
            let plan = plan(3, tp, 1);
            let layout = Layout::of(&Shape::of(&plan), 760).expect("a layout");
            let path = Paint::of(&plan, Dim::Tp).misplaced_path(&layout);
            path.matches('M').count()
        };
        // Of groups of three on nodes of eight, ranks 6 to 8 and 15 to 17 stand on two.
        assert_eq!((marked(2), marked(3), marked(16)), (0, 6, 16));
    }
}
