//! The rank in focus: its group's outline, and the way to the cells beside it.

use super::layout::Layout;
use super::paint::Paint;
use crate::core::mesh::Dim;
use crate::diagram::bounds::Bounds;

/// An arrow key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrow {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Upwards.
    Up,
    /// Downwards.
    Down,
}

impl Layout {
    /// The rank beside another one in the grid as it is drawn; the same rank at the edge.
    pub fn beside(&self, rank: u64, arrow: Arrow) -> u64 {
        let (mut column, mut row) = self.place(rank);
        // A short last row of a node, or a last row of few nodes, is stepped over.
        for _ in 0..=self.cell_rows().max(self.cell_columns) {
            let next = match arrow {
                Arrow::Left => column.checked_sub(1).map(|column| (column, row)),
                Arrow::Right => Some((column + 1, row)),
                Arrow::Up => row.checked_sub(1).map(|row| (column, row)),
                Arrow::Down => Some((column, row + 1)),
            };
            let Some(next) = next else { break };
            (column, row) = next;
            if let Some(found) = self.rank_in(column, row) {
                return found;
            }
        }
        rank
    }
}

/// The rank in focus and all that it talks with: what is lit while the rest is dimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lit {
    /// The rank itself, which may be a missing one.
    pub rank: u64,
    /// Its group along the coloured dimension, itself among them; empty where the colours tell no
    /// group, or a group of one.
    pub group: Vec<u64>,
    /// Whether that group leaves its node or NVLink domain.
    pub crosses: bool,
    /// The members of its other groups, group by group, and itself where `group` is empty. One that
    /// is in two of them is there twice.
    pub others: Vec<u64>,
}

impl Lit {
    /// What a rank lights up.
    pub fn of(paint: &Paint, rank: u64) -> Lit {
        Lit::along(paint, rank, |_| true)
    }

    /// What it lights up of the coloured mesh alone, where the other one is drawn beside it.
    pub fn in_mesh(paint: &Paint, rank: u64) -> Lit {
        Lit::along(paint, rank, |dim| paint.mesh.axis(dim).is_some())
    }

    fn along(paint: &Paint, rank: u64, wanted: impl Fn(Dim) -> bool) -> Lit {
        let mut lit = Lit {
            rank,
            group: Vec::new(),
            crosses: false,
            others: Vec::new(),
        };
        let axis = paint.shared_axis().filter(|_| rank < paint.assigned);
        match axis {
            Some(axis) => {
                lit.group.extend(axis.members(rank));
                lit.crosses = paint.crosses(rank);
            }
            None => lit.others.push(rank),
        }
        // As `core::rank` has it: who is in no dense group is in none.
        let works = rank < paint.working;
        for grouping in paint.groupings.iter().filter(|_| works) {
            let dim = grouping.axis.dim;
            if Some(grouping.axis) == axis || rank >= grouping.ranks || !wanted(dim) {
                continue;
            }
            // Two groups of a rank in different meshes may share more than the rank.
            let is_new = |member: &u64| {
                let in_group = axis.is_some_and(|a| a.group(*member) == a.group(rank));
                *member != rank && !in_group
            };
            lit.others
                .extend(grouping.axis.members(rank).filter(is_new));
        }
        lit
    }

    /// Everyone who is lit.
    pub fn all(&self) -> impl Iterator<Item = u64> {
        self.group.iter().chain(&self.others).copied()
    }

    /// Whether the other cells are dimmed: only where the rank talks with anyone.
    pub fn dims_others(&self) -> bool {
        self.group.len() + self.others.len() > 1
    }
}

/// The cells of some ranks that a window shows, as the data of one SVG path.
pub fn cells_path(layout: &Layout, window: Bounds, ranks: impl Iterator<Item = u64>) -> String {
    let mut path = String::new();
    for rank in ranks.filter(|rank| layout.draws(*rank)) {
        let cell = layout.cell(rank);
        if cell.touches(window) {
            cell.push_to(&mut path);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Plan;
    use crate::core::config::{Edit, Field, Value};
    use crate::core::presets;
    use crate::diagram::Shape;

    fn plan(nodes: u64, gpus: u64) -> Plan {
        let config = Edit::count(Field::NumNodes, nodes)
            .and(Field::GpusPerNode, Value::Count(gpus))
            .apply(&presets::opening());
        Plan::of(&config)
    }

    fn layout(nodes: u64, gpus: u64, width: i32) -> Layout {
        Layout::of(&Shape::of(&plan(nodes, gpus)), width).expect("a layout")
    }

    #[track_caller]
    fn walk(layout: &Layout, from: u64, arrow: Arrow, to: u64) {
        assert_eq!(layout.beside(from, arrow), to, "{layout:?}");
    }

    #[test]
    fn arrows_move_in_the_grid_as_it_is_drawn() {
        // Two nodes below each other, eight cells in a row.
        let wide = layout(2, 8, 760);
        walk(&wide, 0, Arrow::Right, 1);
        walk(&wide, 7, Arrow::Right, 7);
        walk(&wide, 5, Arrow::Down, 13);
        walk(&wide, 13, Arrow::Up, 5);
        walk(&wide, 8, Arrow::Left, 8);
        // On a phone a node has two rows of four.
        let phone = layout(2, 8, 310);
        walk(&phone, 1, Arrow::Down, 5);
        walk(&phone, 5, Arrow::Down, 9);
        walk(&phone, 3, Arrow::Right, 3);
    }

    #[test]
    fn arrows_lead_to_the_node_beside() {
        let rows = layout(128, 8, 760);
        assert_eq!((rows.node_columns, rows.cell_columns), (12, 4));
        walk(&rows, 7, Arrow::Right, 12);
        walk(&rows, 12, Arrow::Left, 7);
        walk(&rows, 0, Arrow::Down, 4);
        walk(&rows, 4, Arrow::Down, 96);
    }

    #[test]
    fn arrows_step_over_a_short_row() {
        // Seven GPUs in rows of four and three.
        let uneven = layout(2, 7, 310);
        assert_eq!(uneven.cell_columns, 4);
        walk(&uneven, 3, Arrow::Down, 10);
        walk(&uneven, 10, Arrow::Up, 3);
    }

    #[test]
    fn a_way_back_leads_back() {
        let grid = layout(20, 8, 600);
        for rank in 0..160 {
            for (there, back) in [(Arrow::Right, Arrow::Left), (Arrow::Down, Arrow::Up)] {
                let next = grid.beside(rank, there);
                assert!(next == rank || grid.beside(next, back) == rank, "{rank}");
            }
        }
    }

    #[track_caller]
    fn lights(dim: Dim, group: &[u64], others: &[u64], crosses: bool) {
        let mut lit = Lit::of(&Paint::of(&plan(2, 8), dim), 5);
        lit.others.sort_unstable();
        assert_eq!(
            (lit.group.as_slice(), lit.others.as_slice(), lit.crosses),
            (group, others, crosses)
        );
        assert!(lit.dims_others());
    }

    #[test]
    fn the_groups_of_the_focus_are_lit() {
        let (tp, dp) = ([4, 5], [1, 3, 5, 7, 9, 11, 13, 15]);
        lights(Dim::Tp, &tp, &[1, 3, 7, 9, 11, 13, 15], false);
        lights(Dim::Dp, &dp, &[4], true);
        lights(Dim::Pp, &[], &[1, 3, 4, 5, 7, 9, 11, 13, 15], false);
    }

    #[test]
    fn beside_the_other_mesh_a_picture_lights_its_own_groups() {
        let preset = presets::PLANS
            .iter()
            .find(|plan| plan.id == "guide-64x3b-128");
        let plan = Plan::of(&preset.expect("a preset").config());
        // TP 2 and DP 64; ETP 2, EP 8 and EDP 8.
        let count = |dim| Lit::in_mesh(&Paint::of(&plan, dim), 0).all().count();
        assert_eq!((count(Dim::Tp), count(Dim::Ep)), (2 + 63, 8 + 1 + 7));
    }

    #[test]
    fn a_gpu_without_work_lights_itself_alone() {
        let config = Edit::count(Field::Tp, 3).apply(&presets::opening());
        let lit = Lit::of(&Paint::of(&Plan::of(&config), Dim::Tp), 15);
        assert_eq!((lit.group, lit.others), (vec![], vec![15]));
    }

    #[test]
    fn only_what_a_window_shows_is_drawn() {
        let layout = layout(2, 8, 760);
        let node = layout.node(1);
        let path = cells_path(&layout, node, [0, 7, 8, 9].into_iter());
        assert_eq!(path.matches('M').count(), 2);
    }
}
