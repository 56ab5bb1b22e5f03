//! The rank in focus: its group's outline, and the way to the cells beside it.

use super::layout::Layout;
use super::paint::{Paint, Shade};

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

/// What is drawn over the cells for the rank in focus.
#[derive(Debug, Clone, PartialEq)]
pub struct Highlight {
    /// The shade of the group.
    pub shade: Shade,
    /// The members that are drawn, the rank itself among them; all of them in full colour.
    pub members: Vec<u64>,
    /// The cells of the members, as the data of one SVG path.
    pub group: String,
    /// The cell of the rank, as the data of an SVG path; empty if it is not drawn.
    pub cell: String,
    /// Whether the group leaves its node or NVLink domain.
    pub crosses: bool,
    /// Whether the other cells are dimmed: only where the group has more than one GPU.
    pub dims_others: bool,
}

impl Highlight {
    /// The highlight of a rank.
    pub fn of(layout: &Layout, paint: &Paint, rank: u64) -> Highlight {
        let shade = paint.shade(rank);
        let axis = paint.shared_axis().filter(|_| shade != Shade::Unassigned);
        let members: Vec<u64> = match axis {
            Some(axis) => axis
                .members(rank)
                .take_while(|member| layout.draws(*member))
                .collect(),
            None => Some(rank)
                .filter(|r| layout.draws(*r))
                .into_iter()
                .collect(),
        };
        let (mut group, mut cell) = (String::new(), String::new());
        for member in &members {
            layout.cell(*member).push_to(&mut group);
        }
        if layout.draws(rank) {
            layout.cell(rank).push_to(&mut cell);
        }
        Highlight {
            shade,
            members,
            group,
            cell,
            crosses: axis.is_some() && paint.crosses(rank),
            dims_others: axis.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Plan;
    use crate::core::config::{Edit, Field, Value};
    use crate::core::mesh::Dim;
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

    #[test]
    fn the_group_of_the_focus_is_highlighted() {
        let plan = plan(2, 8);
        let layout = layout(2, 8, 760);
        let of = |dim| Highlight::of(&layout, &Paint::of(&plan, dim), 5);
        assert_eq!(
            (of(Dim::Tp).members, of(Dim::Tp).crosses),
            (vec![4, 5], false)
        );
        assert_eq!(of(Dim::Dp).members, [1, 3, 5, 7, 9, 11, 13, 15]);
        assert!(of(Dim::Dp).crosses && of(Dim::Dp).dims_others);
        assert_eq!(
            (of(Dim::Pp).members, of(Dim::Pp).dims_others),
            (vec![5], false)
        );
    }
}
