//! The global batch: what it must be a multiple of, which sizes are valid, and what happens when
//! nodes come or go. Guide, "Quick Batch Size Calculator".

use super::config::{Edit, ExpertAccounting, Field, Value};
use super::number::{divides, lcm, nearest_multiple, product, quotient};
use super::plan::Plan;
use super::sizes::Sizes;
use serde::Serialize;

/// The multiples that the guide's script prints.
const MULTIPLES: [u64; 6] = [1, 2, 4, 8, 16, 32];

/// The batch of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchReport {
    /// Sequences of one step.
    pub global_batch_size: u64,
    /// Micro batch · DP, which must divide the global batch.
    pub divisor: u64,
    /// Micro batch · DP by Megatron's DP, where it differs.
    pub megatron_divisor: u64,
    /// The divisor times 1, 2, 4, 8, 16 and 32.
    pub valid_global_batch_sizes: Vec<u64>,
    /// The valid size that is nearest to the plan's own.
    pub nearest_valid: u64,
    /// Sequences that one replica computes in one step.
    pub sequences_per_replica: u64,
    /// Tokens of one step.
    pub tokens_per_step: u64,
    /// The same plan on more or fewer nodes.
    pub node_changes: Vec<NodeChange>,
}

/// The same plan on another number of nodes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeChange {
    /// Nodes.
    pub num_nodes: u64,
    /// GPUs.
    pub world_size: u64,
    /// Whether the parallel sizes still divide the GPUs.
    pub sizes_fit: bool,
    /// DP by the plan's accounting; zero where the sizes do not fit.
    pub data_parallel_size: u64,
    /// Micro batch · DP.
    pub divisor: u64,
    /// Whether the plan's global batch is still valid.
    pub global_batch_is_valid: bool,
    /// The valid global batch that is nearest to the plan's.
    pub nearest_valid: u64,
    /// The change that leads there; none where the sizes do not fit.
    pub edit: Option<Edit>,
}

impl Plan {
    /// What the global batch must be a multiple of: micro batch · DP by the plan's accounting.
    /// Under Megatron's accounting nothing else counts; by the guide's, a batch that Megatron
    /// takes too is proposed.
    pub fn proposed_divisor(&self) -> u64 {
        proposed_divisor(self, &self.sizes)
    }
}

fn proposed_divisor(plan: &Plan, sizes: &Sizes) -> u64 {
    lcm(sizes.batch_divisor, megatron_divisor(plan, sizes))
}

fn megatron_divisor(plan: &Plan, sizes: &Sizes) -> u64 {
    product(&[
        plan.config.batch.micro_batch_size,
        sizes.megatron_data_parallel_size.max(1),
    ])
}

impl BatchReport {
    /// The batch of a plan.
    pub fn of(plan: &Plan) -> BatchReport {
        let s = &plan.sizes;
        BatchReport {
            global_batch_size: s.global_batch_size,
            divisor: s.batch_divisor,
            megatron_divisor: megatron_divisor(plan, s),
            valid_global_batch_sizes: MULTIPLES
                .iter()
                .map(|multiple| s.batch_divisor.saturating_mul(*multiple))
                .filter(|gbs| Edit::count(Field::GlobalBatch, *gbs).is_in_range())
                .collect(),
            nearest_valid: nearest_multiple(s.global_batch_size, s.batch_divisor),
            sequences_per_replica: quotient(s.global_batch_size, s.data_parallel_size.max(1)),
            tokens_per_step: product(&[s.global_batch_size, plan.config.batch.seq_length]),
            node_changes: nearby(plan.cluster.num_nodes)
                .into_iter()
                .map(|nodes| on_nodes(plan, nodes))
                .collect(),
        }
    }

    /// The sequences of one step that a replica computes, as a half-open range.
    pub fn slice(&self, replica: u64) -> (u64, u64) {
        let first = product(&[replica, self.sequences_per_replica]);
        (first, first.saturating_add(self.sequences_per_replica))
    }
}

/// Node counts that a plan may have to move to: half, one or two fewer or more, twice as many.
fn nearby(nodes: u64) -> Vec<u64> {
    let (less, more) = (|n| nodes.saturating_sub(n), |n| nodes.saturating_add(n));
    let mut counts: Vec<u64> = Vec::new();
    // Ascending but for small counts, where the ends fall between the others.
    for n in [
        quotient(nodes, 2),
        less(2),
        less(1),
        nodes,
        more(1),
        more(2),
        more(nodes),
    ] {
        if n > counts.last().copied().unwrap_or(0) {
            counts.push(n);
        }
    }
    counts
}

fn on_nodes(plan: &Plan, num_nodes: u64) -> NodeChange {
    let world_size = product(&[num_nodes, plan.cluster.gpus_per_node]);
    // The batch stays what it was, even where it followed from DP.
    let mut config = plan.config.clone();
    config.batch.global_batch_size = Some(plan.sizes.global_batch_size);
    let sizes = Sizes::of(&config, world_size);
    let accounting = plan.config.parallel.expert_accounting;
    let sizes_fit = sizes.fill_the_world(accounting)
        && sizes.fill_the_world(ExpertAccounting::Folded)
        && divides(sizes.expert_product(), world_size)
        && sizes.data_parallel_size > 0;
    let global_batch_is_valid = sizes_fit && divides(sizes.batch_divisor, sizes.global_batch_size);
    let nearest_valid = if global_batch_is_valid {
        sizes.global_batch_size
    } else {
        nearest_multiple(sizes.global_batch_size, proposed_divisor(plan, &sizes))
    };
    let mut edit = Edit::count(Field::NumNodes, num_nodes);
    if plan.config.batch.global_batch_size != Some(nearest_valid) {
        edit = edit.and(Field::GlobalBatch, Value::Count(nearest_valid));
    }
    NodeChange {
        num_nodes,
        world_size,
        sizes_fit,
        data_parallel_size: if sizes_fit {
            sizes.data_parallel_size
        } else {
            0
        },
        divisor: sizes.batch_divisor,
        global_batch_is_valid,
        nearest_valid,
        edit: Some(edit).filter(|edit| sizes_fit && edit.is_in_range()),
    }
}
