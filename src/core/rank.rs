//! What is to be known of one GPU: where it is, what it holds, whom it talks to.

use super::cluster::Link;
use super::experts::Experts;
use super::mesh::{Axis, Dim};
use super::number::remainder;
use super::pipeline::{Layers, Stage};
use super::plan::Plan;
use serde::Serialize;

/// One rank of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rank {
    /// The global rank.
    pub rank: u64,
    /// Its node.
    pub node: u64,
    /// Its place on the node.
    pub slot: u64,
    /// Its place in both meshes; none for a GPU that no mesh covers.
    pub place: Option<Place>,
}

/// The place of a rank in both meshes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// Its place along each dimension, with the size of the dimension and its group.
    pub groups: Vec<Membership>,
    /// The layers it computes, chunk by chunk.
    pub layers: Vec<Layers>,
    /// Whether its stage holds the embedding.
    pub embedding: bool,
    /// Whether its stage holds the head.
    pub head: bool,
    /// The experts it holds of each MoE layer.
    pub experts: Option<Layers>,
    /// Its part of the sequences of one step, as a half-open range.
    pub sequences: Layers,
}

/// A rank's part in one dimension.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Membership {
    /// The dimension.
    pub dimension: Dim,
    /// The rank's place in its group.
    pub coordinate: u64,
    /// Ranks of the group.
    pub size: u64,
    /// The first members, ascending; all of them up to eight.
    pub members: Vec<u64>,
    /// The last member.
    pub last: u64,
    /// The slowest link between members.
    pub link: Link,
    /// Its name.
    pub link_name: &'static str,
}

/// Members of a group that are listed.
const LISTED: usize = 8;

impl Rank {
    /// A rank of a plan; none beyond the last GPU.
    pub fn of(plan: &Plan, rank: u64) -> Option<Rank> {
        let cluster = &plan.cluster;
        (rank < cluster.world_size).then(|| Rank {
            rank,
            node: cluster.node_of(rank),
            slot: remainder(rank, cluster.gpus_per_node),
            place: Place::of(plan, rank),
        })
    }
}

impl Place {
    fn of(plan: &Plan, rank: u64) -> Option<Place> {
        let (dense, expert) = (plan.dense_mesh(), plan.expert_mesh());
        if rank >= dense.ranks {
            return None;
        }
        let in_expert_mesh = rank < expert.ranks && plan.model.moe.is_some();
        let stage = Stage::of(plan, dense.coordinate(rank, Dim::Pp));
        let has_experts = in_expert_mesh && stage.holds_experts(plan);
        let axes = dense.axes.iter().chain(
            expert
                .axes
                .iter()
                .filter(|axis| in_expert_mesh && axis.dim != Dim::Pp),
        );
        let replica = dense.coordinate(rank, Dim::Dp);
        let per_replica = super::number::quotient(
            plan.sizes.global_batch_size,
            plan.sizes.megatron_data_parallel_size,
        );
        let first = replica.saturating_mul(per_replica);
        Some(Place {
            groups: axes.map(|axis| membership(plan, *axis, rank)).collect(),
            layers: stage.chunks,
            embedding: stage.embedding,
            head: stage.head,
            experts: Experts::of(plan)
                .filter(|_| has_experts)
                .map(|experts| experts.on(expert.coordinate(rank, Dim::Ep))),
            sequences: Layers {
                first,
                end: first.saturating_add(per_replica),
            },
        })
    }
}

fn membership(plan: &Plan, axis: Axis, rank: u64) -> Membership {
    let cluster = &plan.cluster;
    let first = axis.first_of_group(rank);
    let last = first.saturating_add(axis.size.saturating_sub(1).saturating_mul(axis.stride));
    let leaves = axis.leaves(rank, cluster.nvlink_domain_gpus);
    let link = if leaves {
        Link::InterNode
    } else {
        Link::IntraNode
    };
    Membership {
        dimension: axis.dim,
        coordinate: axis.coordinate(rank),
        size: axis.size,
        members: axis.members(rank).take(LISTED).collect(),
        last,
        link,
        link_name: cluster.link_name(link),
    }
}
