//! What follows from two plans, topic by topic.

use super::figure::{Figure, count, words};
use super::{Change, Line, Side};
use crate::core::checks::{Check, Source, Status};
use crate::core::cluster::Link;
use crate::core::communication::Traffic;
use crate::core::memory::Memory;
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

/// What each GPU sends: over each kind of link, and by each collective. Sent, not the size of the
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
    let over = |side: Side<'_>, link: Link| -> Option<f64> {
        let on_link = side.report.communication.iter().filter(|t| t.link == link);
        let sum = on_link.map(|t| t.sent_bytes_per_gpu_per_step.0).sum();
        is_told(side).then_some(sum)
    };
    let mut lines = vec![
        line(
            "All over links that leave a node",
            over(a_side, Link::InterNode),
            over(b_side, Link::InterNode),
        ),
        line(
            "All over links inside a node",
            over(a_side, Link::IntraNode),
            over(b_side, Link::IntraNode),
        ),
    ];
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
        // One collective may stand in another's place: the sums above judge.
        if line.change != Change::None && (sent_a == Some(0.0) || sent_b == Some(0.0)) {
            line.change = Change::Other;
        }
        line
    }));
    lines
}

/// The schedule, its idle time, and how long the GPUs compute.
pub fn pipeline(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let (of_a, of_b) = (&a.report.pipeline, &b.report.pipeline);
    let line = |name, a, b, say: &dyn Fn(f64) -> String| {
        Figure {
            name,
            a,
            b,
            is_cost: true,
            say,
        }
        .line()
    };
    let (computing_a, computing_b) = (
        a.report.compute.seconds_at_peak,
        b.report.compute.seconds_at_peak,
    );
    vec![
        words(
            "Schedule",
            of_a.schedule.to_owned(),
            of_b.schedule.to_owned(),
        ),
        line(
            "Bubble, of the whole step",
            Some(of_a.bubble_fraction_of_step),
            Some(of_b.bubble_fraction_of_step),
            &percent,
        ),
        line(
            "Bubble by the guide, of the computing time",
            Some(of_a.bubble_fraction),
            Some(of_b.bubble_fraction),
            &percent,
        ),
        Line {
            // A larger batch computes longer, and is no worse for it.
            change: match computing_a.partial_cmp(&computing_b) {
                Some(std::cmp::Ordering::Equal) => Change::None,
                _ => Change::Other,
            },
            ..line(
                "Compute of a step at a GPU’s peak",
                computing_a,
                computing_b,
                &seconds,
            )
        },
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
