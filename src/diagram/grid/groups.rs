//! The groups as rows of a table: the same facts without colour.

use super::paint::Paint;
use super::scale::Class;
use super::words::{LISTED_RANKS, ranks};
use crate::core::Plan;
use crate::core::cluster::Link;
use crate::core::mesh::Axis;
use crate::core::units::grouped;

/// Groups that the table lists.
pub const LISTED_GROUPS: u64 = 64;

/// One group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// Its number, counted by first rank.
    pub group: u64,
    /// Its ranks: `0, 1`, or the first and the last of many.
    pub ranks: String,
    /// Its node, or the first and the last of several.
    pub nodes: String,
    /// The slowest link between its ranks; empty for a single rank.
    pub link: &'static str,
    /// Whether it leaves its node or NVLink domain.
    pub crosses: bool,
}

/// Groups of a plan along the dimension that is coloured, [`LISTED_GROUPS`] of them from one on.
pub fn group_rows(plan: &Plan, paint: &Paint, from: u64) -> Vec<GroupRow> {
    let Some(axis) = paint.axis else {
        return Vec::new();
    };
    let cluster = &plan.cluster;
    let end = from.saturating_add(LISTED_GROUPS);
    (from..paint.crossing().groups.min(end))
        .map(|group| {
            let first = first_rank(axis, group);
            let span = axis.size.saturating_sub(1).saturating_mul(axis.stride);
            let last = first.saturating_add(span);
            let (from, to) = (cluster.node_of(first), cluster.node_of(last));
            let crosses = paint.crosses(first);
            let link = if crosses {
                Link::InterNode
            } else {
                Link::IntraNode
            };
            GroupRow {
                group,
                ranks: ranks(axis.members(first), axis.size, last),
                nodes: if from == to {
                    from.to_string()
                } else {
                    format!("{from} to {to}")
                },
                link: if axis.size > 1 {
                    cluster.link_name(link)
                } else {
                    ""
                },
                crosses,
            }
        })
        .collect()
}

/// The figures of the GPUs from the lowest to the highest, [`LISTED_GROUPS`] of them from one on: the
/// figure, how many GPUs have it, and their ranks, the first and the last of many.
pub fn figure_rows(paint: &Paint, from: u64) -> Vec<[String; 3]> {
    let Some(scale) = &paint.scale else {
        return Vec::new();
    };
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let listed = usize::try_from(LISTED_GROUPS).unwrap_or(usize::MAX);
    let row = |class: &Class| Row {
        class: class.clone(),
        ranks: Vec::new(),
        count: 0,
        last: 0,
    };
    let mut rows: Vec<Row> = scale
        .classes
        .iter()
        .skip(from)
        .take(listed)
        .map(row)
        .collect();
    for (rank, class) in (0..).zip(&scale.of_rank) {
        let place = usize::from(*class).checked_sub(from);
        if let Some(row) = place.and_then(|place| rows.get_mut(place)) {
            if row.count < LISTED_RANKS {
                row.ranks.push(rank);
            }
            row.count = row.count.saturating_add(1);
            row.last = rank;
        }
    }
    let text = |row: Row| {
        let ranks = ranks(row.ranks.into_iter(), row.count, row.last);
        [row.class.text, grouped(row.count), ranks]
    };
    rows.into_iter().map(text).collect()
}

/// The GPUs of one figure.
struct Row {
    class: Class,
    /// The first of them.
    ranks: Vec<u64>,
    count: u64,
    last: u64,
}

/// The first rank of a group, the inverse of [`Axis::group`].
pub(super) fn first_rank(axis: Axis, group: u64) -> u64 {
    let stride = axis.stride.max(1);
    let block = stride.saturating_mul(axis.size);
    (group / stride).saturating_mul(block) + group % stride
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::mesh::Dim;
    use crate::core::presets;

    #[test]
    fn the_first_rank_of_a_group_is_in_the_group() {
        for size in [1, 2, 3, 8] {
            for stride in [1, 2, 6] {
                let dim = Dim::Tp;
                let axis = Axis { dim, size, stride };
                for group in 0..50 {
                    let first = first_rank(axis, group);
                    assert_eq!((axis.group(first), axis.coordinate(first)), (group, 0));
                }
            }
        }
    }

    #[test]
    fn the_groups_of_the_opening_plan() {
        let plan = Plan::of(&presets::opening());
        let rows = |dim| group_rows(&plan, &Paint::of(&plan, dim), 0);
        let tp = rows(Dim::Tp);
        assert_eq!(tp.len(), 8);
        assert_eq!((tp[4].ranks.as_str(), tp[4].nodes.as_str()), ("8, 9", "1"));
        assert_eq!((tp[4].link, tp[4].crosses), ("NVLink", false));
        let dp = rows(Dim::Dp);
        assert_eq!(dp[1].ranks, "1, 3, 5, 7, 9, 11, 13, 15");
        assert_eq!((dp[1].nodes.as_str(), dp[1].link), ("0 to 1", "EFA"));
    }
}
