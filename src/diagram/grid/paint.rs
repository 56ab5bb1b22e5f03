//! Which colour each cell has: the groups along one dimension in eight hues, or a figure of each
//! GPU on a scale.

use super::layout::Layout;
use super::scale::{Measure, Scale};
use super::shade::{SHADES, Shade};
use crate::core::Plan;
use crate::core::mesh::{Axis, Crossing, Dim, Mesh, crossing};
use crate::core::number::quotient;
use crate::core::problems::MOST_GPUS;
use crate::diagram::bounds::Bounds;

/// Number of hues: Okabe and Ito's palette, which people with any colour vision tell apart.
pub(super) const HUES: u64 = 8;

/// What the colours tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourBy {
    /// The groups along a dimension.
    Groups(Dim),
    /// A figure of each GPU.
    Figure(Measure),
}

impl ColourBy {
    /// Every choice by its name on the command line, in the order of the page's buttons.
    pub const ALL: [ColourBy; 11] = [
        ColourBy::Groups(Dim::Tp),
        ColourBy::Groups(Dim::Pp),
        ColourBy::Groups(Dim::Dp),
        ColourBy::Groups(Dim::Ep),
        ColourBy::Groups(Dim::Cp),
        ColourBy::Groups(Dim::Etp),
        ColourBy::Groups(Dim::Edp),
        ColourBy::Figure(Measure::Stage),
        ColourBy::Figure(Measure::Memory),
        ColourBy::Figure(Measure::Parameters),
        ColourBy::Figure(Measure::Network),
    ];

    /// The name on a button: `TP`, `Memory`.
    pub fn name(self) -> &'static str {
        match self {
            ColourBy::Groups(dim) => dim.name(),
            ColourBy::Figure(measure) => measure.name(),
        }
    }

    /// The name on the command line: `tp`, `memory`.
    pub fn word(self) -> &'static str {
        match self {
            ColourBy::Groups(dim) => dim.short(),
            ColourBy::Figure(measure) => measure.word(),
        }
    }

    /// The figures of a plan's GPUs, where figures are what it tells.
    pub fn figures(self, plan: &Plan) -> Option<Scale> {
        match self {
            ColourBy::Groups(_) => None,
            ColourBy::Figure(measure) => Scale::of(plan, measure, MOST_GPUS),
        }
    }

    /// Whether it colours the experts' mesh, which a model without experts has not.
    pub fn is_expert(self) -> bool {
        matches!(self, ColourBy::Groups(Dim::Ep | Dim::Etp | Dim::Edp))
    }
}

/// The groups, or the figures, by which the cells are coloured.
#[derive(Debug, Clone, PartialEq)]
pub struct Paint {
    /// What the colours tell.
    pub by: ColourBy,
    /// Whether the model has experts.
    pub has_experts: bool,
    /// The mesh that is coloured.
    pub mesh: Mesh,
    /// The axis of the groups in the mesh; none for a figure, and for an expert dimension of a
    /// model without experts.
    pub axis: Option<Axis>,
    /// The figures of each GPU; none for groups.
    pub scale: Option<Scale>,
    /// Ranks that are in a coloured group; those after them are in none.
    pub assigned: u64,
    /// Ranks that are in any group.
    pub working: u64,
    /// GPUs that there are; those after them are missing.
    pub world_size: u64,
    /// GPUs that share a node's link: a node's, or those of its NVLink domain.
    pub domain: u64,
    /// GPUs of one node.
    pub gpus_per_node: u64,
    /// The groups of more than one GPU in both meshes, the coloured ones first. PP is the dense mesh's.
    pub groupings: Vec<Grouping>,
    /// Those of them that should stay in a node, or its NVLink domain, and leave it: TP and ETP
    /// (guide, "Tensor Parallelism", "Key Rule"), and EP ("Expert Parallelism": its messages need
    /// "high-bandwidth interconnect").
    pub misplaced: Vec<Grouping>,
}

/// The groups along an axis: the two meshes may cover different GPUs where the sizes do not multiply
/// to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// The axis.
    pub axis: Axis,
    /// GPUs that are in such a group; those after them are in none.
    pub ranks: u64,
}

/// Dimensions whose groups should stay in a node.
const LOCAL: [Dim; 3] = [Dim::Tp, Dim::Etp, Dim::Ep];

/// Which bits of a cell's byte are its shade, by its place in [`SHADES`].
pub(super) const SHADE: u8 = 0x1f;
/// The bit of a cell that is in focus, or in a group with the GPU in focus.
pub(super) const LIT: u8 = 0x20;
/// The bit of a cell whose group leaves a node and should not.
pub(super) const MISPLACED: u8 = 0x80;

impl Paint {
    /// The groups of a plan along a dimension, in the mesh that has it.
    pub fn of(plan: &Plan, dim: Dim) -> Paint {
        Paint::by(plan, ColourBy::Groups(dim), || None)
    }

    /// What the colours tell of a plan. Figures come from `scale`; without them, since they may not be
    /// there yet, no GPU has a colour. Of the experts' dimensions a model without experts has EP alone,
    /// which says that it has none.
    pub fn by(plan: &Plan, by: ColourBy, scale: impl FnOnce() -> Option<Scale>) -> Paint {
        match by {
            ColourBy::Groups(Dim::Etp | Dim::Edp) if plan.model.moe.is_none() => {
                Paint::new(plan, ColourBy::Groups(Dim::Ep), None)
            }
            ColourBy::Groups(_) => Paint::new(plan, by, None),
            ColourBy::Figure(_) => Paint::new(plan, by, scale()),
        }
    }

    fn new(plan: &Plan, by: ColourBy, scale: Option<Scale>) -> Paint {
        let (dense, expert) = (plan.dense_mesh(), plan.expert_mesh());
        let has_experts = plan.model.moe.is_some();
        let world_size = plan.cluster.world_size;
        // As `core::rank` has it: a GPU outside the dense mesh is in no group at all.
        let in_dense = world_size.min(dense.ranks);
        let in_expert = in_dense.min(expert.ranks);
        let grouping = |ranks: u64| move |axis: &Axis| Grouping { axis: *axis, ranks };
        let mut groupings: Vec<Grouping> = dense.axes.iter().map(grouping(in_dense)).collect();
        if has_experts {
            let of_experts = expert.axes.iter().filter(|axis| axis.dim != Dim::Pp);
            groupings.extend(of_experts.map(grouping(in_expert)));
        }
        groupings.retain(|grouping| grouping.axis.size > 1);
        let (mesh, assigned) = if by.is_expert() && has_experts {
            (expert, in_expert)
        } else {
            (dense, in_dense)
        };
        let axis = match by {
            ColourBy::Groups(dim) => mesh.axis(dim).filter(|axis| axis.size > 0),
            ColourBy::Figure(_) => None,
        };
        let domain = plan.cluster.nvlink_domain_gpus.max(1);
        let is_misplaced = |grouping: &&Grouping| {
            LOCAL.contains(&grouping.axis.dim) && grouping.crossing(domain).crossing > 0
        };
        let misplaced = groupings.iter().filter(is_misplaced).copied().collect();
        Paint {
            by,
            has_experts,
            mesh,
            axis,
            scale,
            assigned,
            working: in_dense,
            world_size,
            domain,
            gpus_per_node: plan.cluster.gpus_per_node.max(1),
            groupings,
            misplaced,
        }
    }

    /// The groups along a dimension, where they have more than one GPU.
    pub fn grouping(&self, dim: Dim) -> Option<Grouping> {
        let mut all = self.groupings.iter();
        all.find(|grouping| grouping.axis.dim == dim).copied()
    }

    /// Whether the groups are those of the experts.
    pub fn is_expert(&self) -> bool {
        self.by.is_expert()
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
        self.shared_axis()
            .is_some_and(|axis| axis.leaves(rank, self.domain))
    }

    /// How a rank's cell is filled.
    pub fn shade(&self, rank: u64) -> Shade {
        if rank >= self.world_size {
            return Shade::Missing;
        }
        if rank >= self.assigned {
            return Shade::Unassigned;
        }
        match (&self.scale, self.axis) {
            (Some(scale), _) => scale.shade(rank),
            (None, Some(axis)) if axis.size > 1 => Shade::Hue(hue(axis.group(rank))),
            _ => Shade::Alone,
        }
    }

    /// A byte for each rank below `gpus`: its shade, and whether it is misplaced.
    pub fn cells(&self, gpus: u64) -> Vec<u8> {
        let mut cells: Vec<u8> = Vec::with_capacity(usize::try_from(gpus).unwrap_or(0));
        let assigned = self.assigned.min(gpus);
        match (&self.scale, self.shared_axis()) {
            (Some(scale), _) => cells.extend((0..assigned).map(|rank| scale.shade(rank).index())),
            // Groups follow each other in a pattern: without a division for each GPU this is some
            // ten times as fast.
            (None, Some(axis)) => {
                let (stride, size) = (axis.stride.max(1), axis.size);
                let blocks = quotient(assigned, stride.saturating_mul(size)).saturating_add(1);
                let mut hues: Vec<u8> = Vec::new();
                for block in 0..blocks {
                    let first = block.saturating_mul(stride);
                    hues.clear();
                    hues.extend((first..first.saturating_add(stride.min(assigned))).map(hue));
                    for _ in 0..size {
                        if count(&cells) < assigned {
                            cells.extend_from_slice(&hues);
                        }
                    }
                }
                cells.truncate(usize::try_from(assigned).unwrap_or(usize::MAX));
            }
            (None, None) => cells.extend((0..assigned).map(|_| Shade::Alone.index())),
        }
        cells.extend((assigned..self.world_size.min(gpus)).map(|_| Shade::Unassigned.index()));
        cells.extend((count(&cells)..gpus).map(|_| Shade::Missing.index()));
        for Grouping { axis, ranks } in &self.misplaced {
            // A group that is longer than a domain leaves it wherever it begins.
            let span = axis.size.saturating_sub(1).saturating_mul(axis.stride);
            let all = span >= self.domain;
            for (rank, cell) in (0..*ranks).zip(&mut cells) {
                if all || axis.leaves(rank, self.domain) {
                    *cell |= MISPLACED;
                }
            }
        }
        cells
    }

    /// The cells in a window of each shade, as the data of one SVG path a shade. Where cells touch, a
    /// node of one shade is one box.
    pub fn paths_in(&self, layout: &Layout, window: Bounds) -> [String; SHADES.len()] {
        let mut paths: [String; SHADES.len()] = Default::default();
        for node in layout.nodes_in(window) {
            let bounds = layout.node(node);
            let first = node.saturating_mul(layout.gpus_per_node);
            let ranks = first..first.saturating_add(layout.gpus_per_node);
            let shade = self.shade(first);
            if layout.level.draws_nodes() && ranks.clone().all(|rank| self.shade(rank) == shade) {
                if let Some(path) = paths.get_mut(usize::from(shade.index())) {
                    bounds.push_to(path);
                }
                continue;
            }
            for (slot, rank) in (0..).zip(ranks) {
                let shade = self.shade(rank).index();
                if let Some(path) = paths.get_mut(usize::from(shade)) {
                    layout.cell_in(bounds, slot).push_to(path);
                }
            }
        }
        paths
    }

    /// All cells of each shade, as the data of one SVG path a shade.
    pub fn paths(&self, layout: &Layout) -> [String; SHADES.len()] {
        self.paths_in(layout, layout.whole())
    }

    /// Whether some groups that should stay in a node leave it.
    pub fn is_misplaced(&self) -> bool {
        !self.misplaced.is_empty()
    }

    /// Whether a rank is in a group that leaves its node and should not.
    pub fn is_misplaced_at(&self, rank: u64) -> bool {
        let leaves =
            |grouping: &Grouping| rank < grouping.ranks && grouping.axis.leaves(rank, self.domain);
        self.misplaced.iter().any(leaves)
    }

    /// What marks groups that leave a node and should not, in a window, as the data of one SVG path:
    /// their cells where they are coloured, else their nodes, which leaves the cells legible.
    pub fn misplaced_path_in(&self, layout: &Layout, window: Bounds) -> String {
        let mut path = String::new();
        if !self.is_misplaced() {
            return path;
        }
        let mut misplaced = self.misplaced.iter();
        let are_coloured = misplaced.any(|grouping| Some(grouping.axis) == self.axis);
        for node in layout.nodes_in(window) {
            let first = node.saturating_mul(layout.gpus_per_node);
            for rank in first..first.saturating_add(layout.gpus_per_node) {
                if !self.is_misplaced_at(rank) {
                    continue;
                }
                if are_coloured {
                    layout.cell(rank).push_to(&mut path);
                } else {
                    layout.node(node).push_to(&mut path);
                    break;
                }
            }
        }
        path
    }

    /// All of them.
    pub fn misplaced_path(&self, layout: &Layout) -> String {
        self.misplaced_path_in(layout, layout.whole())
    }
}

impl Grouping {
    /// Groups, and how many of them leave a node, or domain, of so many GPUs.
    pub fn crossing(&self, domain: u64) -> Crossing {
        crossing(self.axis, self.ranks, domain)
    }
}

fn count(cells: &[u8]) -> u64 {
    cells.len() as u64
}

/// The hue of a group: the sum of its digits to the base 8. Neighbours differ, and so do groups
/// that are 8 or 64 apart, which often lie below each other.
pub(super) fn hue(group: u64) -> u8 {
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

    fn hues(plan: &Plan, dim: Dim, ranks: u64) -> Vec<u8> {
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
        let edp: Vec<u8> = (0..16).map(|rank| rank % 8).collect();
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
        // Coloured by anything else, the three nodes are marked.
        let plan = plan(3, 3, 1);
        let layout = Layout::of(&Shape::of(&plan), 760).expect("a layout");
        let nodes = Paint::of(&plan, Dim::Dp).misplaced_path(&layout);
        assert_eq!(nodes.matches('M').count(), 3);
    }
}
