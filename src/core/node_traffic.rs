//! What each GPU sends in one step to GPUs outside of its node or NVLink domain.
//!
//! The traffic of each dimension (`communication.rs`) is that of its busiest stage, and does not ask
//! where the receiver is. Here each GPU counts what it sends itself, and of that what leaves. Around a
//! ring only some of a group's links leave; collectives use several rings that begin at other GPUs
//! (NCCL's channels), so that the leaving links' load is shared by the group: each of its GPUs is
//! charged the same.

use super::communication::{Reach, Traffic, axes_of, communication, stage_shares};
use super::mesh::{Axis, Dim, offsets};
use super::number::{product, quotient};
use super::plan::Plan;
use super::problems::MOST_GPUS;
use super::stage_layers::StageLayers;

/// Bytes that each of the first `most` GPUs sends in one step to GPUs outside of its node or NVLink
/// domain; GPUs in no group send none.
pub fn sent_between_nodes(plan: &Plan, most: u64) -> Vec<f64> {
    let dense = plan.dense_mesh();
    let ranks = plan.cluster.world_size.min(most);
    let mut sent = vec![0.0; usize::try_from(ranks).unwrap_or(0)];
    let Some(pipeline) = dense.axis(Dim::Pp) else {
        return sent;
    };
    let stages = StageLayers::of_stages(plan);
    let all = communication(plan);
    // What goes along one dimension to the same GPUs is one walk through them.
    for same in all.chunk_by(|t, next| (t.dimension, t.reach) == (next.dimension, next.reach)) {
        let Some(traffic) = same.first() else {
            continue;
        };
        let Some(axes) = axes_of(plan, traffic.dimension) else {
            continue;
        };
        let shares = stage_shares(plan, traffic.dimension, &stages);
        // Most dimensions send the same from every stage: there a rank's stage need not be known.
        let differ = shares.iter().any(|share| *share != 1.0);
        let bytes: f64 = same.iter().map(|t| t.sent_bytes_per_gpu_per_step.0).sum();
        let mut add = |rank: u64, share: f64| {
            let of_stage = || {
                let stage = usize::try_from(pipeline.coordinate(rank)).ok()?;
                shares.get(stage).copied()
            };
            let of_stage = if differ { of_stage() } else { None };
            let place = usize::try_from(rank).ok();
            if let Some(sent) = place.and_then(|place| sent.get_mut(place)) {
                *sent += bytes * share * of_stage.unwrap_or(1.0);
            }
        };
        match traffic.reach {
            Reach::Ring | Reach::Everyone => in_groups(plan, traffic, &axes, ranks, &mut add),
            Reach::Next | Reach::Previous => {
                let to_next = traffic.reach == Reach::Next;
                for rank in 0..ranks.min(dense.ranks) {
                    add(rank, to_neighbour(plan, pipeline, rank, to_next));
                }
            }
        }
    }
    sent
}

/// The most that any GPU sends in one step to GPUs outside of its node or NVLink domain, bytes: the
/// highest figure of [`sent_between_nodes`]. `None` where the plan does not tell enough, or has more
/// GPUs than are counted one by one.
pub fn most_between_nodes(plan: &Plan) -> Option<f64> {
    let ranks = plan.cluster.world_size.min(plan.dense_mesh().ranks);
    let is_told = plan.model.is_complete() && ranks <= MOST_GPUS;
    let sent = is_told.then(|| sent_between_nodes(plan, ranks))?;
    sent.into_iter().reduce(f64::max)
}

/// The share of its messages that each GPU of every group sends outside.
fn in_groups(
    plan: &Plan,
    traffic: &Traffic,
    axes: &[Axis],
    ranks: u64,
    add: &mut dyn FnMut(u64, f64),
) {
    if traffic.crossing.crossing == 0 {
        return;
    }
    let sizes: Vec<u64> = axes.iter().map(|axis| axis.size).collect();
    if product(&sizes) > ranks {
        return;
    }
    let domain = plan.cluster.nvlink_domain_gpus;
    let within = offsets(axes);
    let n = within.len() as f64;
    let block = |axis: &Axis| product(&[axis.size, axis.stride]);
    let whole = axes.iter().map(block).max().unwrap_or(0);
    // Only whole groups talk.
    let end = product(&[quotient(ranks, whole), whole]);
    // Members ascend, so those of one domain stand beside each other.
    let share_a_domain = |first: u64, one: u64, next: u64| {
        let of = |offset: u64| quotient(first.saturating_add(offset), domain);
        next.saturating_sub(one) < domain && of(one) == of(next)
    };
    let mut first = 0_u64;
    while first < end {
        // The members of a first rank's group lie in the rest of its block, and are no first ranks.
        if let Some(axis) = axes.iter().find(|axis| axis.coordinate(first) != 0) {
            let block = block(axis);
            first = product(&[quotient(first, block).saturating_add(1), block]);
            continue;
        }
        let parts: Vec<&[u64]> = within
            .chunk_by(|one, next| share_a_domain(first, *one, *next))
            .collect();
        let around = parts.len() as f64 / n;
        for members in parts.iter().filter(|members| members.len() < within.len()) {
            let share = match traffic.reach {
                Reach::Everyone => (n - members.len() as f64) / (n - 1.0),
                _ => around,
            };
            for offset in *members {
                add(first.saturating_add(*offset), share);
            }
        }
        first = first.saturating_add(1);
    }
}

/// The share of its messages that a GPU sends to the stage after its own, or before it, if that is
/// outside. With VPP the last stage sends on to the first from every chunk but its last, and back the
/// same way.
fn to_neighbour(plan: &Plan, pipeline: Axis, rank: u64, to_next: bool) -> f64 {
    let stage = pipeline.coordinate(rank);
    let last = pipeline.size.saturating_sub(1);
    let chunks = plan.sizes.virtual_pipeline_model_parallel_size.max(1) as f64;
    let onward = (chunks - 1.0) / chunks;
    let (neighbour, share) = match (to_next, stage) {
        (true, stage) if stage == last => (0, onward),
        (true, stage) => (stage.saturating_add(1), 1.0),
        (false, 0) => (last, onward),
        (false, stage) => (stage.saturating_sub(1), 1.0),
    };
    let far = product(&[neighbour.abs_diff(stage), pipeline.stride]);
    let neighbour = if neighbour > stage {
        rank.saturating_add(far)
    } else {
        rank.saturating_sub(far)
    };
    let domain = plan.cluster.nvlink_domain_gpus;
    if far < domain && quotient(rank, domain) == quotient(neighbour, domain) {
        0.0
    } else {
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;

    fn preset(id: &str) -> Config {
        let preset = presets::PLANS.iter().find(|plan| plan.id == id);
        preset.expect("a preset").config()
    }

    /// What one GPU of the busiest stage sends along a dimension, wherever it goes, bytes.
    fn all(config: &Config, dim: Dim, reach: Reach) -> f64 {
        let traffic = communication(&Plan::of(config));
        let of_dim = traffic
            .iter()
            .filter(|t| t.dimension == dim && t.reach == reach);
        of_dim.map(|t| t.sent_bytes_per_gpu_per_step.0).sum()
    }

    #[track_caller]
    fn sends(config: &Config, rank: usize, expected: f64) {
        let sent = sent_between_nodes(&Plan::of(config), 1 << 20);
        assert!(
            (sent[rank] - expected).abs() <= expected.abs() * 1e-12,
            "{} and not {expected}",
            sent[rank]
        );
    }

    #[test]
    fn around_a_ring_only_the_links_between_nodes_count() {
        // DP 8 on two nodes: of eight links from GPU to GPU, two leave.
        let opening = presets::opening();
        let dp = all(&opening, Dim::Dp, Reach::Ring);
        assert!(dp > 0.0);
        sends(&opening, 0, dp * 2.0 / 8.0);
        sends(&opening, 15, dp * 2.0 / 8.0);
        let alone = Edit::count(Field::NumNodes, 1).apply(&opening);
        sends(&alone, 3, 0.0);
    }

    #[test]
    fn the_most_is_the_highest_figure_of_any_gpu() {
        for id in ["guide-70b-32", "guide-64x3b-64"] {
            let plan = Plan::of(&preset(id));
            let sent = sent_between_nodes(&plan, MOST_GPUS);
            let highest = sent.into_iter().max_by(f64::total_cmp);
            assert_eq!(most_between_nodes(&plan), highest, "{id}");
        }
        let beyond = Edit::count(Field::NumNodes, MOST_GPUS).apply(&presets::opening());
        assert_eq!(most_between_nodes(&Plan::of(&beyond)), None);
        assert_eq!(most_between_nodes(&Plan::of(&Config::default())), None);
    }

    #[test]
    fn of_groups_only_those_that_leave_count() {
        // Of groups of three on nodes of eight, 6 to 8 stand on two nodes; 15 is in none.
        let three = Edit::count(Field::Tp, 3).apply(&presets::opening());
        let sent = sent_between_nodes(&Plan::of(&three), 1 << 20);
        let tp = all(&three, Dim::Tp, Reach::Ring);
        let dp = sent[0];
        assert!(
            (sent[6] - dp - tp * 2.0 / 3.0).abs() < 1.0 && sent[6] == sent[7] && sent[7] == sent[8]
        );
        assert_eq!((sent[9], sent[15]), (dp, 0.0));
    }

    #[test]
    fn to_everyone_the_peers_outside_count() {
        // 64 experts over EP 16: a group of 16 on two nodes of eight, or with ETP 2 on four.
        let mixture = Edit::count(Field::Ep, 16).apply(&preset("guide-64x3b-64"));
        let (ep, dp) = (
            all(&mixture, Dim::Ep, Reach::Everyone),
            all(&mixture, Dim::Dp, Reach::Ring),
        );
        let edp = all(&mixture, Dim::Edp, Reach::Ring);
        // DP: 64 GPUs on 8 nodes. EDP: 4 GPUs, each in a node of its own.
        sends(&mixture, 0, ep * 8.0 / 15.0 + dp * 8.0 / 64.0 + edp);
    }

    #[test]
    fn the_first_stage_sends_forward_and_the_last_back() {
        // TP 8 and PP 4 on four nodes: every stage is a node.
        let staged = preset("guide-70b-32");
        let (forward, back) = (
            all(&staged, Dim::Pp, Reach::Next),
            all(&staged, Dim::Pp, Reach::Previous),
        );
        sends(&staged, 0, forward);
        sends(&staged, 8, forward + back);
        sends(&staged, 31, back);
    }

    #[test]
    fn with_virtual_stages_the_ends_send_on_to_each_other_but_for_one_chunk() {
        let staged = Edit::one(Field::Vpp, Value::Count(2)).apply(&preset("guide-70b-32"));
        let (forward, back) = (
            all(&staged, Dim::Pp, Reach::Next),
            all(&staged, Dim::Pp, Reach::Previous),
        );
        sends(&staged, 0, forward + back / 2.0);
        sends(&staged, 16, forward + back);
        sends(&staged, 31, forward / 2.0 + back);
    }

    #[test]
    fn a_stage_without_moe_layers_sends_no_tokens_to_experts() {
        let deep = Edit::one(Field::ModelPreset, Value::Text("deepseek-v2-lite".into()))
            .and(Field::Pp, Value::Count(27))
            .and(Field::Ep, Value::Count(16))
            .and(Field::GpusPerNode, Value::Count(8))
            .and(Field::NumNodes, Value::Count(54))
            .and(Field::GlobalBatch, Value::Count(64))
            .apply(&Config::default());
        let plan = Plan::of(&deep);
        let stages = StageLayers::of_stages(&plan);
        assert_eq!((stages[0].moe, stages[1].moe), (0, 1));
        assert_eq!(stage_shares(&plan, Dim::Ep, &stages)[..2], [0.0, 1.0]);
        let sent = sent_between_nodes(&plan, 1 << 20);
        let ep = all(&deep, Dim::Ep, Reach::Everyone);
        let (first, second) = (
            sent[0],
            sent[plan.dense_mesh().axis(Dim::Pp).unwrap().stride as usize],
        );
        // The second stage sends tokens to the eight of fifteen peers that are outside, and back what
        // the first does not.
        assert!(
            second - first > ep * 8.0 / 15.0 * 0.99,
            "{first} {second} {ep}"
        );
    }
}
