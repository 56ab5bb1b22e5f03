//! What follows from two plans, topic by topic.

use super::figure::{Figure, count, words};
use super::{Change, Line, Side};
use crate::core::checks::{Check, Source, Status};
use crate::core::communication::Traffic;
use crate::core::memory::Memory;
use crate::core::node_traffic::most_between_nodes;
use crate::core::pipeline::Bubble;
use crate::core::units::{MemoryUnit, counted, percent, seconds};

/// How many GPUs, replicas and micro-batches.
pub fn sizes(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let (of_a, of_b) = (&a.report.sizes, &b.report.sizes);
    let has_experts = a.plan.model.moe.is_some() || b.plan.model.moe.is_some();
    let rows = [
        ("GPUs", of_a.world_size, of_b.world_size),
        (
            "DP: replicas",
            of_a.data_parallel_size,
            of_b.data_parallel_size,
        ),
        (
            "DP in Megatron",
            of_a.megatron_data_parallel_size,
            of_b.megatron_data_parallel_size,
        ),
        (
            "EDP: replicas of the experts",
            of_a.expert_data_parallel_size,
            of_b.expert_data_parallel_size,
        ),
        (
            "Global batch, sequences",
            of_a.global_batch_size,
            of_b.global_batch_size,
        ),
        (
            "Micro-batches of a replica",
            of_a.megatron_num_microbatches,
            of_b.megatron_num_microbatches,
        ),
    ];
    let line = |(name, a, b): (&str, u64, u64)| {
        Figure {
            name,
            a: Some(a as f64),
            b: Some(b as f64),
            is_cost: false,
            say: &count,
        }
        .line()
    };
    let applies = |(name, ..): &(&str, u64, u64)| has_experts || !name.starts_with("EDP");
    rows.into_iter().filter(applies).map(line).collect()
}

/// What each GPU holds.
pub fn memory(a: Side<'_>, b: Side<'_>, unit: MemoryUnit) -> Vec<Line> {
    let (of_a, of_b) = (&a.report.memory, &b.report.memory);
    // Another way to count is no better for needing less.
    let accounting = |side: Side<'_>| side.config.parallel.expert_accounting;
    let is_comparable = same_model(a, b) && accounting(a) == accounting(b);
    let line = |name, a, b, is_cost: bool| {
        Figure {
            name,
            a,
            b,
            is_cost: is_cost && is_comparable,
            say: &|bytes| unit.text(bytes),
        }
        .line()
    };
    let parts = of_a.guide.formulas.iter().zip(&of_b.guide.formulas);
    let mut lines: Vec<Line> = parts
        .map(|(a, b)| {
            // What follows the comma says how it is counted, which may differ too.
            let kind = a.name.split(',').next().unwrap_or(a.name);
            let name = if a.name == b.name { a.name } else { kind };
            // Of a model that is told in part, a part may be nothing.
            let told = |bytes: f64| Some(bytes).filter(|bytes| *bytes > 0.0);
            line(name, told(a.bytes.0), told(b.bytes.0), true)
        })
        .collect();
    // Of a model that is told in part the sum is no total.
    let total = |side: Side<'_>| {
        let is_told = side.plan.model.is_complete();
        is_told.then_some(side.report.memory.guide.total.0)
    };
    let capacity = |of: &Memory| of.guide.capacity.map(|bytes| bytes.0);
    let fullest = |side: Side<'_>| {
        let is_told = side.plan.model.is_complete();
        side.report.memory.fullest_stage().filter(|_| is_told)
    };
    let megatron = |of: &Memory| of.megatron.total.map(|bytes| bytes.0);
    lines.extend([
        line("Total", total(a), total(b), true),
        line("Memory of a GPU", capacity(of_a), capacity(of_b), false),
        fit(a, b),
        line("The fullest pipeline stage", fullest(a), fullest(b), true),
        line(
            "Megatron-LM’s own report",
            megatron(of_a),
            megatron(of_b),
            true,
        ),
    ]);
    lines
}

/// Whether every stage fits, which the guide's average does not say.
fn fit(a: Side<'_>, b: Side<'_>) -> Line {
    let text = |beyond: Option<u64>| match beyond {
        None => "not told".to_owned(),
        Some(0) => "yes".to_owned(),
        Some(n) => ["no, ", &counted(n, "stage", "stages"), " too large"].concat(),
    };
    let beyond = |side: Side<'_>| side.report.memory.stages_beyond();
    let (in_a, in_b) = (beyond(a), beyond(b));
    let mut line = words("Every stage fits", text(in_a), text(in_b));
    if let (Some(in_a), Some(in_b)) = (in_a, in_b) {
        line.change = match (in_a, in_b) {
            (0, n) if n > 0 => Change::Worse,
            (n, 0) if n > 0 => Change::Better,
            _ => line.change,
        };
    }
    line
}

/// Whether both plans train the same model: another one is no better for needing or sending less.
fn same_model(a: Side<'_>, b: Side<'_>) -> bool {
    a.report.model == b.report.model
}

/// Whether a step of both plans trains the same model on as many tokens: who trains on more sends and
/// computes more, and is no worse for it.
fn same_work(a: Side<'_>, b: Side<'_>) -> bool {
    same_model(a, b) && a.report.batch.tokens_per_step == b.report.batch.tokens_per_step
}

/// The GPU that sends most to others outside of its node or NVLink domain: the figure of “Network”.
const MOST_BETWEEN_NODES: &str = "Most over links that leave a node, of any GPU";

/// What each GPU sends: between nodes, and by each collective, of the busiest stage. Sent, not the size of the
/// messages: an AllReduce and the ReduceScatter with AllGather in its place send the same.
pub fn communication(a_side: Side<'_>, b_side: Side<'_>, unit: MemoryUnit) -> Vec<Line> {
    let (of_a, of_b) = (&a_side.report.communication, &b_side.report.communication);
    let line = |name: &str, a: Option<f64>, b: Option<f64>| {
        Figure {
            name,
            a,
            b,
            is_cost: same_work(a_side, b_side),
            say: &|bytes| unit.text(bytes),
        }
        .line()
    };
    let is_told = |side: Side<'_>| side.plan.model.is_complete();
    let most = |side: Side<'_>| most_between_nodes(side.plan);
    let mut lines = vec![line(MOST_BETWEEN_NODES, most(a_side), most(b_side))];
    let key = |t: &Traffic| (t.dimension, t.operation, t.carries);
    let bytes_of = |side: Side<'_>, row: &Traffic| -> Option<f64> {
        let same = side.report.communication.iter();
        let same = same.filter(|t| key(t) == key(row));
        let sum: f64 = same.map(|t| t.sent_bytes_per_gpu_per_step.0).sum();
        Some(sum).filter(|sum| *sum > 0.0 || is_told(side))
    };
    let only_b = of_b
        .iter()
        .filter(|t| !of_a.iter().any(|of_a| key(of_a) == key(t)));
    lines.extend(of_a.iter().chain(only_b).map(|row| {
        let name = [row.dimension.name(), " ", row.operation, ", ", row.carries].concat();
        let (sent_a, sent_b) = (bytes_of(a_side, row), bytes_of(b_side, row));
        let mut line = line(&name, sent_a, sent_b);
        // One collective may stand in another's place, of the same dimension.
        let talks = |all: &[Traffic]| all.iter().any(|t| t.dimension == row.dimension);
        let is_replaced = talks(of_a) && talks(of_b) && [sent_a, sent_b].contains(&Some(0.0));
        if line.change != Change::None && is_replaced {
            line.change = Change::Other;
        }
        line
    }));
    lines
}

/// The schedule, its idle time, and how long the GPUs compute.
pub fn pipeline(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let (of_a, of_b) = (&a.report.pipeline, &b.report.pipeline);
    let bubble = |name, share: fn(Bubble) -> f64| {
        let told = |side: Side<'_>| Bubble::told(side.plan).map(share);
        Figure {
            name,
            a: told(a),
            b: told(b),
            is_cost: true,
            say: &percent,
        }
        .line()
    };
    vec![
        words(
            "Schedule",
            of_a.schedule.to_owned(),
            of_b.schedule.to_owned(),
        ),
        bubble("Bubble, of the whole step", |bubble| bubble.of_step),
        bubble("Bubble by the guide, of the computing time", |bubble| {
            bubble.of_computing
        }),
        Figure {
            name: "Compute of a step at a GPU’s peak",
            a: a.report.compute.seconds_at_peak,
            b: b.report.compute.seconds_at_peak,
            // A larger batch computes longer, and is no worse for it.
            is_cost: false,
            say: &seconds,
        }
        .line(),
    ]
}

/// The verdict, and how each plan stands to each rule.
pub fn checks(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let (of_a, of_b) = (&a.report, &b.report);
    let mut verdict = words(
        "Verdict",
        of_a.verdict.headline.to_owned(),
        of_b.verdict.headline.to_owned(),
    );
    verdict.change = judged(
        rank(of_a.verdict.status),
        rank(of_b.verdict.status),
        verdict.change,
    );
    let mut lines = vec![verdict];
    let figure = |name, a: usize, b: usize| {
        Figure {
            name,
            a: Some(a as f64),
            b: Some(b as f64),
            is_cost: true,
            say: &count,
        }
        .line()
    };
    lines.push(figure(
        "Checks and entries that fail",
        of_a.verdict.failed,
        of_b.verdict.failed,
    ));
    lines.push(figure(
        "Checks and entries that warn",
        of_a.verdict.warned,
        of_b.verdict.warned,
    ));
    // Both hold every rule, in one order.
    let pairs = of_a.checks.iter().zip(&of_b.checks);
    lines.extend(pairs.map(|(a, b)| {
        let mut line = words(&name_of(a), standing(a), standing(b));
        // Of the same standing, what `words` has found: the reasons may differ.
        line.change = judged(rank(a.status), rank(b.status), line.change);
        line
    }));
    lines
}

/// A rule by its name, and whose it is.
fn name_of(check: &Check) -> String {
    let whose = match check.source {
        Source::Guide => " (guide)",
        Source::Megatron => " (Megatron)",
    };
    let name = check.id.strip_prefix("megatron_").unwrap_or(check.id);
    [&name.replace('_', " "), whose].concat()
}

/// How a plan stands to a rule: in a word, and why it does not pass.
fn standing(check: &Check) -> String {
    match check.status {
        Status::Pass => "passes".to_owned(),
        Status::NotApplicable => "does not apply".to_owned(),
        Status::Warn => ["warns: ", &check.message].concat(),
        Status::Fail => ["fails: ", &check.message].concat(),
    }
}

/// Whether a change of standing is for the better; `same` where the standing does not change.
fn judged(a: u8, b: u8, same: Change) -> Change {
    match (a, b) {
        (a, b) if a == b => same,
        (0, 1 | 2) | (1 | 2, 0) => Change::Other,
        (a, b) if b < a => Change::Better,
        _ => Change::Worse,
    }
}

/// The order of standings; 0 for a rule that does not apply.
fn rank(status: Status) -> u8 {
    match status {
        Status::NotApplicable => 0,
        Status::Pass => 1,
        Status::Warn => 2,
        Status::Fail => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::{Plan, Report, presets};

    /// The lines of a topic of two plans.
    fn lines(a: &Config, b: &Config, topic: impl Fn(Side<'_>, Side<'_>) -> Vec<Line>) -> Vec<Line> {
        let plans = [a, b].map(Plan::of);
        let reports = [Report::of_plan(a, &plans[0]), Report::of_plan(b, &plans[1])];
        let side = |config, i: usize| Side {
            config,
            plan: &plans[i],
            report: &reports[i],
        };
        topic(side(a, 0), side(b, 1))
    }

    fn sends(a: &Config, b: &Config) -> Vec<Line> {
        lines(a, b, |a, b| communication(a, b, MemoryUnit::Gb))
    }

    #[track_caller]
    fn says(lines: &[Line], name: &str, [a, b, by]: [&str; 3], change: Change) {
        let line = lines.iter().find(|line| line.name.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no “{name}” in {lines:?}"));
        assert_eq!((&*line.a, &*line.b, &*line.by), (a, b, by), "{name}");
        assert_eq!(line.change, change, "{name}");
    }

    /// A plan of four nodes of eight GPUs.
    fn of_four_nodes(model: &str, node: &str, counts: &[(Field, u64)]) -> Config {
        let text = |word: &str| Value::Text(word.to_owned());
        let edit = Edit::one(Field::ModelPreset, text(model))
            .and(Field::Node, text(node))
            .and(Field::NumNodes, Value::Count(4));
        let edit = counts.iter().fold(edit, |edit, (field, count)| {
            edit.and(*field, Value::Count(*count))
        });
        edit.apply(&Config::default())
    }

    #[test]
    fn between_nodes_a_ring_sends_over_the_links_that_leave_alone() {
        // Around a ring of TP 16 on two nodes, 2 of 16 links leave.
        let wide = [(Field::Tp, 16), (Field::GlobalBatch, 64)];
        let wide = of_four_nodes("guide-7b", "p4d-24xlarge", &wide);
        let most = ["33.09 GB", "33.09 GB", ""];
        says(&sends(&wide, &wide), MOST_BETWEEN_NODES, most, Change::None);
    }

    #[test]
    fn between_nodes_a_pipeline_sends_each_way_from_another_gpu() {
        // Two stages share a node: its second sends on, and its first back.
        let staged = [
            (Field::Tp, 4),
            (Field::Pp, 8),
            (Field::MicroBatch, 1),
            (Field::SeqLength, 8192),
            (Field::GlobalBatch, 256),
        ];
        let staged = of_four_nodes("llama3-70b", "p5-48xlarge", &staged);
        let alone = Edit::count(Field::NumNodes, 1)
            .and(Field::Pp, Value::Count(2))
            .apply(&staged);
        let most = ["8.59 GB", "0 GB", "−8.59 GB (−100 %)"];
        says(
            &sends(&staged, &alone),
            MOST_BETWEEN_NODES,
            most,
            Change::Better,
        );
    }

    #[test]
    fn a_dimension_that_falls_silent_is_judged_and_one_collective_for_another_is_not() {
        let opening = presets::opening();
        let alone = Edit::count(Field::Tp, 1).apply(&opening);
        let all = sends(&opening, &alone);
        let tensor = all.iter().find(|line| line.name.starts_with("TP"));
        assert_eq!(tensor.map(|line| line.change), Some(Change::Better));
        let other = Edit::one(Field::DistOpt, Value::Flag(false)).apply(&opening);
        let data = sends(&opening, &other);
        let data: Vec<_> = data.iter().filter(|l| l.name.starts_with("DP")).collect();
        assert!(data.len() > 1, "{data:?}");
        assert!(data.iter().all(|line| line.change == Change::Other));
    }

    #[test]
    fn a_bubble_without_micro_batches_or_replicas_is_not_told() {
        let staged = Edit::count(Field::Pp, 2).apply(&presets::opening());
        for (field, count) in [(Field::Pp, 10_000), (Field::GlobalBatch, 1)] {
            let invalid = Edit::count(field, count).apply(&staged);
            for line in lines(&staged, &invalid, pipeline) {
                if line.name.starts_with("Bubble") {
                    assert_eq!((&*line.b, &*line.by), ("not told", ""), "{line:?}");
                    assert_ne!(line.a, "not told");
                }
            }
        }
        // One stage is never idle, whatever the batch.
        let one = Edit::count(Field::GlobalBatch, 1).apply(&presets::opening());
        let same = ["0 %", "0 %", ""];
        says(&lines(&one, &one, pipeline), "Bubble", same, Change::None);
    }
}
