//! Which ranks form which groups: Megatron Core's dense and expert meshes over the same GPUs.
//!
//! Dense: TP · CP · DP · PP. Expert: ETP · EP · EDP · PP. Both in the plan's rank order, leftmost
//! fastest (`megatron/core/parallel_state.py`, `RankGenerator`).

use super::config::Order;
use super::number::{lcm, product, quotient, remainder};
use super::sizes::Sizes;
use serde::Serialize;

/// One dimension of a mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dim {
    /// Tensor parallel.
    Tp,
    /// Context parallel.
    Cp,
    /// Data parallel of the dense layers.
    Dp,
    /// Pipeline parallel, the same in both meshes.
    Pp,
    /// Expert tensor parallel.
    Etp,
    /// Expert parallel.
    Ep,
    /// Data parallel of the experts.
    Edp,
}

impl Dim {
    /// Every dimension.
    pub const ALL: &'static [Dim] = &[
        Dim::Tp,
        Dim::Cp,
        Dim::Dp,
        Dim::Pp,
        Dim::Etp,
        Dim::Ep,
        Dim::Edp,
    ];

    /// The short name: `tp`.
    pub fn short(self) -> &'static str {
        match self {
            Dim::Tp => "tp",
            Dim::Cp => "cp",
            Dim::Dp => "dp",
            Dim::Pp => "pp",
            Dim::Etp => "etp",
            Dim::Ep => "ep",
            Dim::Edp => "edp",
        }
    }

    /// The name in tables: `TP`.
    pub fn name(self) -> &'static str {
        match self {
            Dim::Tp => "TP",
            Dim::Cp => "CP",
            Dim::Dp => "DP",
            Dim::Pp => "PP",
            Dim::Etp => "ETP",
            Dim::Ep => "EP",
            Dim::Edp => "EDP",
        }
    }
}

/// One axis of a mesh: neighbours along it are `stride` ranks apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// The dimension.
    pub dim: Dim,
    /// Ranks along it.
    pub size: u64,
    /// Ranks between neighbours.
    pub stride: u64,
}

impl Axis {
    /// The place of a rank along the axis.
    pub fn coordinate(self, rank: u64) -> u64 {
        remainder(quotient(rank, self.stride), self.size)
    }

    /// The first rank of a rank's group: all other coordinates the same.
    pub fn first_of_group(self, rank: u64) -> u64 {
        rank.saturating_sub(product(&[self.coordinate(rank), self.stride]))
    }

    /// The number of a rank's group, counted by first rank.
    pub fn group(self, rank: u64) -> u64 {
        let block = product(&[self.stride, self.size]);
        let low = remainder(rank, self.stride);
        product(&[quotient(rank, block), self.stride]).saturating_add(low)
    }

    /// Whether a rank's group has ranks in more than one node, or domain, of `per_node` GPUs.
    pub fn leaves(self, rank: u64, per_node: u64) -> bool {
        let first = self.first_of_group(rank);
        let span = product(&[self.size.saturating_sub(1), self.stride]);
        quotient(first, per_node) != quotient(first.saturating_add(span), per_node)
    }

    /// The ranks of a rank's group, ascending.
    pub fn members(self, rank: u64) -> impl Iterator<Item = u64> + Clone {
        let first = self.first_of_group(rank);
        (0..self.size).map(move |i| first.saturating_add(product(&[i, self.stride])))
    }
}

/// The four axes of one mesh, fastest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Mesh {
    /// The axes, fastest first.
    pub axes: [Axis; 4],
    /// Ranks that the mesh covers: the product of its sizes.
    pub ranks: u64,
}

impl Mesh {
    /// The mesh of attention and dense MLPs.
    pub fn dense(sizes: &Sizes, order: Order) -> Mesh {
        let tp = (Dim::Tp, sizes.tensor_model_parallel_size);
        let cp = (Dim::Cp, sizes.context_parallel_size);
        let dp = (Dim::Dp, sizes.megatron_data_parallel_size);
        let pp = (Dim::Pp, sizes.pipeline_model_parallel_size);
        Mesh::new(match order {
            Order::TpCpEpDpPp => [tp, cp, dp, pp],
            Order::TpCpEpPpDp => [tp, cp, pp, dp],
        })
    }

    /// The mesh of the experts.
    pub fn expert(sizes: &Sizes, order: Order) -> Mesh {
        let etp = (Dim::Etp, sizes.expert_tensor_parallel_size);
        let ep = (Dim::Ep, sizes.expert_model_parallel_size);
        let edp = (Dim::Edp, sizes.expert_data_parallel_size);
        let pp = (Dim::Pp, sizes.pipeline_model_parallel_size);
        Mesh::new(match order {
            Order::TpCpEpDpPp => [etp, ep, edp, pp],
            Order::TpCpEpPpDp => [etp, ep, pp, edp],
        })
    }

    fn new(sizes: [(Dim, u64); 4]) -> Mesh {
        let mut stride = 1_u64;
        let axes = sizes.map(|(dim, size)| {
            let axis = Axis { dim, size, stride };
            stride = stride.saturating_mul(size);
            axis
        });
        Mesh {
            axes,
            ranks: stride,
        }
    }

    /// The axis of a dimension, if the mesh has it.
    pub fn axis(&self, dim: Dim) -> Option<Axis> {
        self.axes.iter().copied().find(|axis| axis.dim == dim)
    }

    /// The place of a rank along a dimension; zero where the mesh has none.
    pub fn coordinate(&self, rank: u64, dim: Dim) -> u64 {
        self.axis(dim).map_or(0, |axis| axis.coordinate(rank))
    }

    /// The groups along one or more dimensions, each ascending, sorted by first rank.
    pub fn groups(&self, dims: &[Dim]) -> Vec<Vec<u64>> {
        let (along, across): (Vec<Axis>, Vec<Axis>) =
            self.axes.iter().partition(|axis| dims.contains(&axis.dim));
        let within = offsets(&along);
        offsets(&across)
            .into_iter()
            .map(|first| {
                within
                    .iter()
                    .map(|offset| first.saturating_add(*offset))
                    .collect()
            })
            .collect()
    }
}

/// Every sum of `coordinate · stride` over some axes of a mesh, ascending: a step along an axis is
/// longer than all axes before it together.
pub(super) fn offsets(axes: &[Axis]) -> Vec<u64> {
    let mut offsets = vec![0_u64];
    for axis in axes.iter().rev() {
        offsets = offsets
            .iter()
            .flat_map(|base| {
                (0..axis.size).map(move |i| base.saturating_add(product(&[i, axis.stride])))
            })
            .collect();
    }
    offsets
}

/// How many groups along an axis leave a node (or NVLink domain) of `per_node` GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Crossing {
    /// Groups in all.
    pub groups: u64,
    /// Groups with ranks on more than one node.
    pub crossing: u64,
}

/// [`crossings`] of the groups along a single axis.
pub fn crossing(axis: Axis, ranks: u64, per_node: u64) -> Crossing {
    crossings(&[axis], ranks, per_node)
}

/// Counts the groups along some axes together that leave a node of `per_node` GPUs. The pattern of groups
/// and nodes repeats, so one period is enough however many GPUs there are.
pub fn crossings(axes: &[Axis], ranks: u64, per_node: u64) -> Crossing {
    /// Beyond this a period is too long to walk; such sizes divide nothing and every group that
    /// is seen stands for the others.
    const LONGEST: u64 = 1 << 16;
    let sizes: Vec<u64> = axes.iter().map(|axis| axis.size).collect();
    let groups = quotient(ranks, product(&sizes));
    let reach = |axis: &Axis| product(&[axis.size.saturating_sub(1), axis.stride]);
    let span = axes.iter().map(reach).fold(0, u64::saturating_add);
    if span == 0 || groups == 0 || per_node == 0 {
        return Crossing {
            groups,
            crossing: 0,
        };
    }
    if span >= per_node {
        return Crossing {
            groups,
            crossing: groups,
        };
    }
    let block = |axis: &Axis| product(&[axis.size, axis.stride]);
    let period = axes.iter().map(block).fold(per_node, lcm);
    let leaves =
        |first: u64| quotient(first, per_node) != quotient(first.saturating_add(span), per_node);
    let firsts = (0..period.min(ranks).min(LONGEST))
        .filter(|rank| axes.iter().all(|axis| axis.coordinate(*rank) == 0));
    let (mut seen, mut crossed) = (0_u64, 0_u64);
    for first in firsts {
        seen = seen.saturating_add(1);
        crossed = crossed.saturating_add(u64::from(leaves(first)));
    }
    let crossing = if seen >= groups {
        crossed
    } else {
        // Whole periods count in proportion; a part of a period at the end is rounded up.
        quotient(
            product(&[groups, crossed])
                .saturating_add(seen)
                .saturating_sub(1),
            seen,
        )
    };
    Crossing { groups, crossing }
}

/// Every communicator group of a plan, each a sorted list of lists of ranks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Groups {
    /// Tensor parallel.
    pub tp: Vec<Vec<u64>>,
    /// Pipeline parallel.
    pub pp: Vec<Vec<u64>>,
    /// Context parallel.
    pub cp: Vec<Vec<u64>>,
    /// Data parallel of the dense layers.
    pub dp: Vec<Vec<u64>>,
    /// Data and context parallel: who shares gradients and optimizer state.
    pub dp_cp: Vec<Vec<u64>>,
    /// Expert parallel.
    pub ep: Vec<Vec<u64>>,
    /// Expert tensor parallel.
    pub etp: Vec<Vec<u64>>,
    /// Data parallel of the experts.
    pub edp: Vec<Vec<u64>>,
    /// First and last stage of each pipeline, which share tied embeddings.
    pub embedding: Vec<Vec<u64>>,
}

impl Groups {
    /// The groups of the two meshes.
    pub fn of(dense: &Mesh, expert: &Mesh) -> Groups {
        let pp = dense.groups(&[Dim::Pp]);
        let embedding = pp
            .iter()
            .map(|stages| match (stages.first(), stages.last()) {
                (Some(first), Some(last)) if first != last => vec![*first, *last],
                _ => stages.clone(),
            })
            .collect();
        Groups {
            tp: dense.groups(&[Dim::Tp]),
            cp: dense.groups(&[Dim::Cp]),
            dp: dense.groups(&[Dim::Dp]),
            dp_cp: dense.groups(&[Dim::Dp, Dim::Cp]),
            ep: expert.groups(&[Dim::Ep]),
            etp: expert.groups(&[Dim::Etp]),
            edp: expert.groups(&[Dim::Edp]),
            pp,
            embedding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(size: u64, stride: u64) -> Axis {
        Axis {
            dim: Dim::Tp,
            size,
            stride,
        }
    }

    #[test]
    fn a_rank_knows_its_group() {
        let dp = axis(4, 2);
        assert_eq!(dp.members(13).collect::<Vec<_>>(), [9, 11, 13, 15]);
        assert_eq!((dp.coordinate(13), dp.group(13), dp.group(9)), (2, 3, 3));
    }

    /// Counts crossing groups one by one, as plainly as it can be said.
    fn counted(axis: Axis, ranks: u64, per_node: u64) -> Crossing {
        let firsts = (0..ranks).filter(|r| axis.coordinate(*r) == 0);
        let leaves = |r: &u64| axis.members(*r).any(|m| m / per_node != r / per_node);
        Crossing {
            groups: firsts.clone().count() as u64,
            crossing: firsts.filter(leaves).count() as u64,
        }
    }

    #[test]
    fn crossings_are_counted_by_period() {
        for per_node in [1, 2, 3, 4, 6, 8, 12, 72] {
            for size in [1, 2, 3, 4, 5, 8, 16] {
                for stride in [1, 2, 4, 6] {
                    let axis = axis(size, stride);
                    let ranks = size * stride * per_node;
                    let expected = counted(axis, ranks, per_node);
                    assert_eq!(
                        crossing(axis, ranks, per_node),
                        expected,
                        "{axis:?} on {per_node}"
                    );
                }
            }
        }
    }
}
