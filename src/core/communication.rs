//! What each dimension sends in one step: which collective, how often, how much, over which link.
//!
//! `bytes_per_call` is the guide's volume, the size of the message. `sent_bytes_per_gpu_per_step`
//! is what leaves one GPU by the usual algorithm (ring, or direct exchange for all-to-all).

use super::cluster::Link;
use super::config::Recompute;
use super::decimal::trimmed;
use super::mesh::{Axis, Crossing, Dim, Mesh, crossings};
use super::number::{Bytes, product};
use super::plan::Plan;
use super::stage_layers::StageLayers;
use serde::Serialize;

/// Bytes of an activation or a gradient in BF16.
const BF16: f64 = 2.0;

/// One line of traffic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Traffic {
    /// The dimension whose groups talk.
    pub dimension: Dim,
    /// GPUs of one group.
    pub group_size: u64,
    /// The collective.
    pub operation: &'static str,
    /// What it carries.
    pub carries: &'static str,
    /// Calls in one step, on one GPU.
    pub count_per_step: u64,
    /// How the count comes about.
    pub count_formula: String,
    /// Size of one message.
    pub bytes_per_call: Bytes,
    /// How the size comes about.
    pub bytes_formula: String,
    /// Count times size.
    pub bytes_per_gpu_per_step: Bytes,
    /// What leaves one GPU in one step.
    pub sent_bytes_per_gpu_per_step: Bytes,
    /// The slowest link that a group of this dimension uses.
    pub link: Link,
    /// The name of that link.
    pub link_name: &'static str,
    /// Groups, and how many of them leave a node (or NVLink domain).
    #[serde(flatten)]
    pub crossing: Crossing,
    /// `bytes_per_gpu_per_step` at the link's full rate, were this GPU alone on it.
    pub seconds_at_link_rate: Option<f64>,
    /// `sent_bytes_per_gpu_per_step` when all GPUs of a node share the node's network; the same
    /// rate for everyone inside a node.
    pub seconds_shared: Option<f64>,
    /// What a reader should know.
    pub note: Option<String>,
    /// Document and section.
    pub source: &'static str,
    /// Whom a GPU sends to.
    #[serde(skip)]
    pub reach: Reach,
}

/// Whom a GPU sends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The next GPU of its group, around a ring.
    Ring,
    /// Every other GPU of its group, the same to each.
    Everyone,
    /// The stage after its own.
    Next,
    /// The stage before its own.
    Previous,
}

/// The axes of a plan whose ranks form the groups that a dimension's traffic stays in.
pub fn axes_of(plan: &Plan, dim: Dim) -> Option<Vec<Axis>> {
    let (dense, expert) = (plan.dense_mesh(), plan.expert_mesh());
    match dim {
        // Gradients are shared by every rank that holds the same weights: DP and CP together
        // (`megatron/core/parallel_state.py`, the `dp-cp` group).
        Dim::Dp => Some(vec![dense.axis(Dim::Cp)?, dense.axis(Dim::Dp)?]),
        dim => Some(vec![dense.axis(dim).or_else(|| expert.axis(dim))?]),
    }
}

/// How much of a message leaves one GPU.
#[derive(Clone, Copy)]
enum Algorithm {
    /// Reduce and gather around a ring: 2 (n − 1) / n.
    AllReduce,
    /// Half of it: (n − 1) / n.
    OneWay,
    /// The whole message.
    Send,
}

impl Algorithm {
    fn share(self, n: u64) -> f64 {
        let others = n.saturating_sub(1) as f64 / n.max(1) as f64;
        match self {
            Algorithm::AllReduce => 2.0 * others,
            Algorithm::OneWay => others,
            Algorithm::Send => 1.0,
        }
    }
}

/// One kind of message before it meets the cluster.
struct Message {
    dim: Dim,
    operation: &'static str,
    carries: &'static str,
    algorithm: Algorithm,
    count: u64,
    count_formula: String,
    bytes: f64,
    bytes_formula: String,
    note: Option<String>,
    source: &'static str,
    /// The part of the message that one GPU sends.
    own_part: f64,
    reach: Reach,
}

/// Everything that a plan sends in one step, by dimension.
pub fn communication(plan: &Plan) -> Vec<Traffic> {
    let (dense, expert) = (plan.dense_mesh(), plan.expert_mesh());
    let mut messages = Vec::new();
    let stages = StageLayers::of_stages(plan);
    tensor(plan, &stages, &mut messages);
    context(plan, &stages, &mut messages);
    pipeline(plan, &mut messages);
    experts(plan, &stages, &mut messages);
    data(plan, &mut messages);
    messages
        .into_iter()
        .filter(|message| message.count > 0 && message.bytes > 0.0)
        .filter_map(|message| on_cluster(plan, &dense, &expert, message))
        .collect()
}

fn on_cluster(plan: &Plan, dense: &Mesh, expert: &Mesh, message: Message) -> Option<Traffic> {
    let cluster = &plan.cluster;
    let mesh = if expert.axis(message.dim).is_some() && message.dim != Dim::Pp {
        expert
    } else {
        dense
    };
    let axes = axes_of(plan, message.dim)?;
    let group_size = product(&axes.iter().map(|axis| axis.size).collect::<Vec<_>>());
    if group_size < 2 {
        return None;
    }
    let ranks = mesh.ranks.min(cluster.world_size.max(1));
    let crossing = crossings(&axes, ranks, cluster.nvlink_domain_gpus);
    // A group that no node can hold leaves it, also where there is no whole group.
    let link = if crossing.crossing > 0 || group_size > cluster.nvlink_domain_gpus {
        Link::InterNode
    } else {
        Link::IntraNode
    };
    let bytes = message.count as f64 * message.bytes;
    let sent = bytes * message.algorithm.share(group_size) * message.own_part;
    let rate = cluster.bytes_per_s(link);
    let sharers = match link {
        Link::IntraNode => 1.0,
        Link::InterNode => cluster.gpus_per_node as f64,
    };
    Some(Traffic {
        dimension: message.dim,
        group_size,
        operation: message.operation,
        carries: message.carries,
        count_per_step: message.count,
        count_formula: message.count_formula,
        bytes_per_call: Bytes(message.bytes),
        bytes_formula: message.bytes_formula,
        bytes_per_gpu_per_step: Bytes(bytes),
        sent_bytes_per_gpu_per_step: Bytes(sent),
        link,
        link_name: cluster.link_name(link),
        crossing,
        seconds_at_link_rate: rate.map(|rate| bytes / rate),
        seconds_shared: rate.map(|rate| sent * sharers / rate),
        note: message.note,
        source: message.source,
        reach: message.reach,
    })
}

/// Experts are split over ETP. Where that is not TP, TP has the attention of a layer alone.
fn experts_apart(plan: &Plan) -> bool {
    let s = &plan.sizes;
    plan.model.moe.is_some() && s.expert_tensor_parallel_size != s.tensor_model_parallel_size
}

/// What the layers of a stage are worth to the traffic of a dimension.
fn worth(plan: &Plan, dim: Dim) -> fn(&StageLayers) -> u64 {
    match dim {
        Dim::Tp if experts_apart(plan) => {
            |layers| layers.dense.saturating_mul(2).saturating_add(layers.moe)
        }
        Dim::Ep => |layers| layers.moe,
        _ => |layers| layers.all(),
    }
}

/// The layers of the stage that talks most along a dimension.
fn busiest(plan: &Plan, dim: Dim, stages: &[StageLayers]) -> StageLayers {
    let busiest = stages.iter().copied().max_by_key(worth(plan, dim));
    busiest.unwrap_or_default()
}

/// What each stage sends along a dimension, as a share of what the stage sends that is told: the
/// busiest, where layers decide; every stage the same, where they do not.
pub fn stage_shares(plan: &Plan, dim: Dim, stages: &[StageLayers]) -> Vec<f64> {
    let worth = worth(plan, dim);
    let most = worth(&busiest(plan, dim, stages));
    let share = |layers: &StageLayers| match dim {
        Dim::Tp | Dim::Cp | Dim::Ep if most > 0 => worth(layers) as f64 / most as f64,
        _ => 1.0,
    };
    stages.iter().map(share).collect()
}

/// Forward passes of a layer in one step: full recomputation does each again, with what it sends.
fn forward_passes(plan: &Plan) -> u64 {
    match plan.config.training.recompute_granularity {
        Some(Recompute::Full) => 2,
        _ => 1,
    }
}

/// Bytes of the activations between two layers, and how they come about.
fn hidden_state(plan: &Plan) -> (f64, String) {
    let b = &plan.config.batch;
    let cp = plan.sizes.context_parallel_size;
    let split = if cp > 1 {
        format!(" / CP {cp}")
    } else {
        String::new()
    };
    (
        plan.tokens_per_gpu() * plan.model.hidden_size as f64 * BF16,
        format!(
            "batch {} · seq {}{split} · hidden {} · 2 bytes",
            b.micro_batch_size, b.seq_length, plan.model.hidden_size
        ),
    )
}

/// Guide, "Tensor Parallelism": 2 AllReduce a layer in the forward pass, and 2 in the backward.
/// With SP each becomes an AllGather and a ReduceScatter of the same total.
fn tensor(plan: &Plan, stages: &[StageLayers], messages: &mut Vec<Message>) {
    let micro = plan.sizes.megatron_num_microbatches;
    let (bytes, bytes_formula) = hidden_state(plan);
    let (operation, note) = if plan.sequence_parallel() {
        (
            "AllGather + ReduceScatter",
            "With sequence parallelism each AllReduce becomes an AllGather and a ReduceScatter, \
             which together move the same bytes.",
        )
    } else {
        (
            "AllReduce",
            "The guide's figure is 2 a layer for each pass: one for attention, one for the MLP.",
        )
    };
    let etp = plan.sizes.expert_tensor_parallel_size;
    let forward = forward_passes(plan);
    let (calls, words, apart) = if experts_apart(plan) {
        let apart = format!(
            " The guide counts 2 a layer; with ETP {etp} the experts' half is not split over TP. \
             What an ETP group exchanges for itself is not counted."
        );
        let layers = busiest(plan, Dim::Tp, stages);
        let words = match layers.dense {
            0 => format!("({forward} forward + 1 backward) · {} layers", layers.moe),
            dense => format!(
                "({forward} forward + 1 backward) · ({} MoE + 2 · {dense} dense layers)",
                layers.moe
            ),
        };
        (worth(plan, Dim::Tp)(&layers), words, apart)
    } else {
        let layers = busiest(plan, Dim::Tp, stages).all();
        let words = format!(
            "({} forward + 2 backward) · {layers} layers",
            forward.saturating_mul(2)
        );
        (layers.saturating_mul(2), words, String::new())
    };
    messages.push(Message {
        dim: Dim::Tp,
        operation,
        carries: "activations and their gradients",
        algorithm: Algorithm::AllReduce,
        count: product(&[calls, micro, forward.saturating_add(1)]),
        count_formula: format!("{words} · {micro} micro-batches"),
        bytes,
        bytes_formula,
        note: Some(format!("{note}{apart}")),
        source: "Guide, \"Tensor Parallelism\" and \"Sequence Parallelism (SP)\"",
        own_part: 1.0,
        reach: Reach::Ring,
    });
}

/// Guide, "Context Parallelism": ring attention passes keys and values around the CP group; the
/// backward pass passes them again with their gradients.
fn context(plan: &Plan, stages: &[StageLayers], messages: &mut Vec<Message>) {
    let layers = busiest(plan, Dim::Cp, stages).all();
    let s = &plan.sizes;
    let micro = s.megatron_num_microbatches;
    let (cp, tp) = (s.context_parallel_size, s.tensor_model_parallel_size);
    let hops = cp.saturating_sub(1);
    let model = &plan.model;
    // Every head of multi-latent attention has keys and values of its own, once they are no
    // longer compressed (`megatron/core/transformer/multi_latent_attention.py`).
    let (groups, key_value) = match &model.mla {
        Some(mla) => (
            model.num_attention_heads,
            mla.query_width().saturating_add(mla.v_head_dim),
        ),
        None => (model.num_query_groups, model.kv_channels.saturating_mul(2)),
    };
    // KV heads are split over TP and replicated when there are fewer.
    let heads = groups as f64 / (tp.min(groups.max(1)) as f64);
    let width = heads * key_value as f64;
    messages.push(Message {
        dim: Dim::Cp,
        operation: "Send/Recv ring",
        carries: "keys, values and their gradients",
        algorithm: Algorithm::Send,
        count: product(&[layers, micro, hops, forward_passes(plan).saturating_add(2)]),
        count_formula: format!(
            "({} forward + 2 backward) · (CP {cp} − 1) hops · {layers} layers · {micro} micro-batches",
            forward_passes(plan)
        ),
        bytes: plan.tokens_per_gpu() * width * BF16,
        bytes_formula: format!(
            "batch {} · seq {} / CP {cp} · {} channels of K and V a TP rank · 2 bytes",
            plan.config.batch.micro_batch_size,
            plan.config.batch.seq_length,
            trimmed(width, 1)
        ),
        note: Some(
            "The backward pass sends keys and values again, and their gradients beside them."
                .to_owned(),
        ),
        source: "Guide, \"Context Parallelism (CP)\"",
        own_part: 1.0,
        reach: Reach::Ring,
    });
}

/// Guide, "Pipeline Parallelism": activations forward, gradients backward, once per micro-batch
/// and stage boundary.
fn pipeline(plan: &Plan, messages: &mut Vec<Message>) {
    let s = &plan.sizes;
    let (bytes, bytes_formula) = hidden_state(plan);
    let chunks = s.virtual_pipeline_model_parallel_size;
    // With SP the GPUs of a TP group hold, and send, a part of the sequence each.
    let own_part = match plan.sequence_parallel() {
        true => 1.0 / s.tensor_model_parallel_size as f64,
        false => 1.0,
    };
    let each = if chunks > 1 {
        format!(" · VPP {chunks}")
    } else {
        String::new()
    };
    for (carries, reach) in [
        ("activations forward", Reach::Next),
        ("gradients backward", Reach::Previous),
    ] {
        messages.push(Message {
            dim: Dim::Pp,
            operation: "Send/Recv",
            carries,
            algorithm: Algorithm::Send,
            count: s.megatron_num_microbatches.saturating_mul(chunks),
            count_formula: format!(
                "{} micro-batches{each}, at each stage boundary",
                s.megatron_num_microbatches
            ),
            bytes,
            bytes_formula: bytes_formula.clone(),
            note: plan.sequence_parallel().then(|| {
                format!(
                    "The guide's volume is that of a whole TP group: with sequence parallelism \
                     each of its {} GPUs sends its own part of it, which is what counts when the \
                     node's network is shared.",
                    s.tensor_model_parallel_size
                )
            }),
            source: "Guide, \"Pipeline Parallelism\"",
            own_part,
            reach,
        });
    }
}

/// Guide, "Expert Parallelism": dispatch and combine in each MoE layer, forward and backward.
fn experts(plan: &Plan, stages: &[StageLayers], messages: &mut Vec<Message>) {
    let Some(moe) = &plan.model.moe else { return };
    let micro = plan.sizes.megatron_num_microbatches;
    let layers = busiest(plan, Dim::Ep, stages).moe;
    let tp = plan.sizes.tensor_model_parallel_size;
    let (share, split) = if plan.sequence_parallel() {
        (1.0 / tp as f64, format!(" / TP {tp}"))
    } else {
        (1.0, String::new())
    };
    let cp = plan.sizes.context_parallel_size;
    let cp_split = if cp > 1 {
        format!(" / CP {cp}")
    } else {
        String::new()
    };
    messages.push(Message {
        dim: Dim::Ep,
        operation: "AllToAll",
        carries: "tokens to their experts and back",
        algorithm: Algorithm::OneWay,
        count: product(&[layers, micro, 2, forward_passes(plan).saturating_add(1)]),
        count_formula: format!(
            "(dispatch + combine) · ({} forward + 1 backward) · {layers} MoE layers · {micro} micro-batches",
            forward_passes(plan)
        ),
        bytes: plan.tokens_per_gpu()
            * share
            * moe.moe_router_topk as f64
            * plan.model.hidden_size as f64
            * BF16,
        bytes_formula: format!(
            "batch {} · seq {}{cp_split}{split} · top-{} · hidden {} · 2 bytes",
            plan.config.batch.micro_batch_size,
            plan.config.batch.seq_length,
            moe.moe_router_topk,
            plan.model.hidden_size
        ),
        note: Some("Counted for tokens that spread evenly over the experts.".to_owned()),
        source: "Guide, \"Expert Parallelism (EP)\"",
        own_part: 1.0,
        reach: Reach::Everyone,
    });
}

/// Guide, "Data Parallelism": gradients once a step; the distributed optimizer reduces them to
/// its shards and gathers the weights.
fn data(plan: &Plan, messages: &mut Vec<Message>) {
    let params = plan.parameters_per_gpu();
    let distributed = plan.config.parallel.use_distributed_optimizer;
    let gradients = "It can overlap with the backward pass. The guide counts BF16 gradients; \
                     Megatron's are FP32 by default, twice as many bytes.";
    let weights = "The updated BF16 weights come back from the shards; it can overlap with the \
                   forward pass.";
    let lines: &[(&str, &str, Algorithm, &str)] = if distributed {
        &[
            ("ReduceScatter", "gradients", Algorithm::OneWay, gradients),
            ("AllGather", "weights", Algorithm::OneWay, weights),
        ]
    } else {
        &[("AllReduce", "gradients", Algorithm::AllReduce, gradients)]
    };
    for (dim, count, what) in [
        (Dim::Dp, params.dense, "parameters"),
        (Dim::Edp, params.experts, "expert parameters"),
    ] {
        for (operation, carries, algorithm, note) in lines {
            messages.push(Message {
                dim,
                operation,
                carries,
                algorithm: *algorithm,
                count: 1,
                count_formula: "once a step".to_owned(),
                bytes: count * BF16,
                bytes_formula: format!(
                    "{} {what} a GPU · 2 bytes",
                    super::units::parameters(count)
                ),
                note: Some((*note).to_owned()),
                source: "Guide, \"Data Parallelism\"",
                own_part: 1.0,
                reach: Reach::Ring,
            });
        }
    }
}
