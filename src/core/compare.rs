//! Two plans side by side: what was said of each, and what follows from it. A is the plan at hand,
//! B the one that it is compared with; every change is that from A to B.

use super::checks::{Check, Source, Status};
use super::cluster::Link;
use super::communication::Traffic;
use super::config::{Config, Field, Value};
use super::json::Json;
use super::memory::Memory;
use super::number::rounded;
use super::plan::Plan;
use super::report::Report;
use super::units::{MemoryUnit, grouped, percent, seconds};

/// What is compared of each of two plans.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// What was said.
    pub config: &'a Config,
    /// The plan, filled in.
    pub plan: &'a Plan,
    /// The report on it.
    pub report: &'a Report,
}

/// Whether a change is for the better, where that can be said of one figure alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing changes.
    None,
    /// B has less of what is scarce.
    Better,
    /// B has more of it.
    Worse,
    /// They differ.
    Other,
}

/// One thing that is said of both plans.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// What it is in A, with its unit.
    pub a: String,
    /// What it is in B, with its unit.
    pub b: String,
    /// What changes from A to B, with its unit and as a share; empty where that is not a number.
    pub by: String,
    /// Whether that is for the better.
    pub change: Change,
    /// The field that was said, which one plan may take over from the other.
    pub field: Option<Field>,
}

/// Lines under a title.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// What they are about.
    pub title: &'static str,
    /// The lines, also those that are the same in both plans.
    pub lines: Vec<Line>,
}

/// Compares two plans: what was said, sizes, memory, communication, pipeline, checks. Memory is in
/// the unit of A.
pub fn compare(a: Side<'_>, b: Side<'_>) -> Vec<Topic> {
    let topic = |title, lines| Topic { title, lines };
    let unit = a.plan.unit;
    vec![
        topic("What was said", said(a, b)),
        topic("Sizes", sizes(a, b)),
        topic("Memory of each GPU, by the guide", memory(a, b, unit)),
        topic(
            "Communication of each GPU in a step",
            communication(a, b, unit),
        ),
        topic("Pipeline and compute", pipeline(a, b)),
        topic("Checks", checks(a, b)),
    ]
}

/// A line of words.
fn words(name: &str, a: String, b: String) -> Line {
    let change = if a == b { Change::None } else { Change::Other };
    Line {
        name: name.to_owned(),
        a,
        b,
        by: String::new(),
        change,
        field: None,
    }
}

/// A figure of both plans; `None` where a plan does not tell it.
struct Figure<'a> {
    name: &'a str,
    a: Option<f64>,
    b: Option<f64>,
    /// Whether less of it is better.
    is_cost: bool,
    /// It as text.
    say: fn(MemoryUnit, f64) -> String,
    unit: MemoryUnit,
}

impl Figure<'_> {
    fn line(self) -> Line {
        let text = |figure: Option<f64>| {
            figure.map_or_else(|| "not told".to_owned(), |x| (self.say)(self.unit, x))
        };
        let mut line = words(self.name, text(self.a), text(self.b));
        let (Some(a), Some(b)) = (self.a, self.b) else {
            return line;
        };
        if a.total_cmp(&b).is_eq() {
            line.change = Change::None;
            return line;
        }
        let more = b > a;
        let sign = if more { "+" } else { "−" };
        line.by = [sign, &(self.say)(self.unit, (b - a).abs())].concat();
        // A share of a share confuses, and of nothing there is none.
        let is_share = line.a.ends_with('%') || line.b.ends_with('%');
        if a > 0.0 && b > 0.0 && !is_share {
            let share = percent(((b - a) / a).abs());
            line.by.push_str(&[" (", sign, &share, ")"].concat());
        }
        line.change = match (self.is_cost, more) {
            (false, _) => Change::Other,
            (true, true) => Change::Worse,
            (true, false) => Change::Better,
        };
        line
    }
}

fn bytes(unit: MemoryUnit, x: f64) -> String {
    unit.text(x)
}

fn count(_: MemoryUnit, x: f64) -> String {
    grouped(rounded(x))
}

fn share(_: MemoryUnit, x: f64) -> String {
    percent(x)
}

fn time(_: MemoryUnit, x: f64) -> String {
    seconds(x)
}

/// The fields that were said in one plan at least, and what could not be read of either.
fn said(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let default = Config::default();
    let is_said = |field: &Field| {
        let values = [a.config.get(*field), b.config.get(*field)];
        values.iter().any(|value| *value != default.get(*field))
    };
    let field_line = |field: Field| {
        let text = |value: &Value| match value {
            Value::Unset => "not said".to_owned(),
            Value::Flag(on) => if *on { "on" } else { "off" }.to_owned(),
            Value::Count(n) if field.typed_unit().0.is_empty() => grouped(*n),
            value => field.said(value),
        };
        let (from, to) = (a.config.get(field), b.config.get(field));
        Line {
            field: Some(field),
            ..words(field.info().label, text(&from), text(&to))
        }
    };
    let mut lines: Vec<Line> = Field::ALL
        .iter()
        .copied()
        .filter(is_said)
        .map(field_line)
        .collect();
    let mut unread: Vec<&str> = Vec::new();
    for entry in a.config.unread.iter().chain(&b.config.unread) {
        if !unread.contains(&entry.path.as_str()) {
            unread.push(&entry.path);
        }
    }
    let at = |config: &Config, path: &str| {
        let entry = config.unread.iter().find(|entry| entry.path == path);
        entry.map_or_else(|| "—".to_owned(), |entry| written(&entry.value))
    };
    lines.extend(unread.into_iter().map(|path| {
        let name = ["Not read: ", path].concat();
        words(&name, at(a.config, path), at(b.config, path))
    }));
    lines
}

fn written(value: &Json) -> String {
    ["“", &value.to_string(), "”"].concat()
}

fn sizes(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
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
            say: count,
            unit: MemoryUnit::Gb,
        }
        .line()
    };
    let applies = |(name, ..): &(&str, u64, u64)| has_experts || !name.starts_with("EDP");
    rows.into_iter().filter(applies).map(line).collect()
}

fn memory(a: Side<'_>, b: Side<'_>, unit: MemoryUnit) -> Vec<Line> {
    let (of_a, of_b) = (&a.report.memory, &b.report.memory);
    let line = |name, a, b, is_cost| {
        Figure {
            name,
            a,
            b,
            is_cost,
            say: bytes,
            unit,
        }
        .line()
    };
    let parts = of_a.guide.formulas.iter().zip(&of_b.guide.formulas);
    let mut lines: Vec<Line> = parts
        .map(|(a, b)| {
            // What follows the comma says how it is counted, which may differ too.
            let kind = a.name.split(',').next().unwrap_or(a.name);
            let name = if a.name == b.name { a.name } else { kind };
            line(name, Some(a.bytes.0), Some(b.bytes.0), true)
        })
        .collect();
    let total = |of: &Memory| Some(of.guide.total.0);
    let capacity = |of: &Memory| of.guide.capacity.map(|bytes| bytes.0);
    let fullest = |of: &Memory| {
        let totals = of.stages.iter().map(|stage| stage.total.0);
        Some(totals.fold(0.0, f64::max)).filter(|bytes| *bytes > 0.0)
    };
    let megatron = |of: &Memory| of.megatron.total.map(|bytes| bytes.0);
    lines.extend([
        line("Total", total(of_a), total(of_b), true),
        line("Memory of a GPU", capacity(of_a), capacity(of_b), false),
        line(
            "The fullest pipeline stage",
            fullest(of_a),
            fullest(of_b),
            true,
        ),
        line(
            "Megatron-LM’s own report",
            megatron(of_a),
            megatron(of_b),
            true,
        ),
    ]);
    lines
}

fn communication(a: Side<'_>, b: Side<'_>, unit: MemoryUnit) -> Vec<Line> {
    let (of_a, of_b) = (&a.report.communication, &b.report.communication);
    let line = |name: &str, a: f64, b: f64| {
        Figure {
            name,
            a: Some(a),
            b: Some(b),
            is_cost: true,
            say: bytes,
            unit,
        }
        .line()
    };
    let over = |traffic: &[Traffic], link: Link| -> f64 {
        let on_link = traffic.iter().filter(|t| t.link == link);
        on_link.map(|t| t.bytes_per_gpu_per_step.0).sum()
    };
    let mut lines = vec![
        line(
            "All over links that leave a node",
            over(of_a, Link::InterNode),
            over(of_b, Link::InterNode),
        ),
        line(
            "All over links inside a node",
            over(of_a, Link::IntraNode),
            over(of_b, Link::IntraNode),
        ),
    ];
    let key = |t: &Traffic| (t.dimension, t.operation, t.carries);
    let bytes_of = |traffic: &[Traffic], row: &Traffic| -> f64 {
        let same = traffic.iter().filter(|t| key(t) == key(row));
        same.map(|t| t.bytes_per_gpu_per_step.0).sum()
    };
    let only_b = of_b
        .iter()
        .filter(|t| !of_a.iter().any(|of_a| key(of_a) == key(t)));
    lines.extend(of_a.iter().chain(only_b).map(|row| {
        let name = [row.dimension.name(), " ", row.operation, ", ", row.carries].concat();
        line(&name, bytes_of(of_a, row), bytes_of(of_b, row))
    }));
    lines
}

fn pipeline(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let (of_a, of_b) = (&a.report.pipeline, &b.report.pipeline);
    let line = |name, a, b, say| {
        Figure {
            name,
            a,
            b,
            is_cost: true,
            say,
            unit: MemoryUnit::Gb,
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
            share,
        ),
        line(
            "Bubble by the guide, of the computing time",
            Some(of_a.bubble_fraction),
            Some(of_b.bubble_fraction),
            share,
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
                time,
            )
        },
    ]
}

fn checks(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let (of_a, of_b) = (&a.report, &b.report);
    let mut lines = vec![words(
        "Verdict",
        of_a.verdict.headline.to_owned(),
        of_b.verdict.headline.to_owned(),
    )];
    let figure = |name, a: usize, b: usize| {
        Figure {
            name,
            a: Some(a as f64),
            b: Some(b as f64),
            is_cost: true,
            say: count,
            unit: MemoryUnit::Gb,
        }
        .line()
    };
    lines.push(figure(
        "Checks that fail",
        of_a.verdict.failed,
        of_b.verdict.failed,
    ));
    lines.push(figure(
        "Checks that warn",
        of_a.verdict.warned,
        of_b.verdict.warned,
    ));
    // Both hold every rule, in one order.
    let pairs = of_a.checks.iter().zip(&of_b.checks);
    lines.extend(pairs.map(|(a, b)| {
        let mut line = words(&name_of(a), standing(a), standing(b));
        line.change = match (rank(a), rank(b)) {
            _ if a.status == b.status => Change::None,
            (0, _) | (_, 0) => Change::Other,
            (a, b) if b < a => Change::Better,
            _ => Change::Worse,
        };
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

/// The order of standings; 0 for a rule that does not apply.
fn rank(check: &Check) -> u8 {
    match check.status {
        Status::NotApplicable => 0,
        Status::Pass => 1,
        Status::Warn => 2,
        Status::Fail => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::presets;

    /// The opening plan, and what it becomes by a change.
    fn topics(change: impl FnOnce(&mut Config)) -> Vec<Topic> {
        let a = presets::opening();
        let mut b = a.clone();
        change(&mut b);
        let plans = [Plan::of(&a), Plan::of(&b)];
        let reports = [
            Report::of_plan(&a, &plans[0]),
            Report::of_plan(&b, &plans[1]),
        ];
        let side = |config, i: usize| Side {
            config,
            plan: &plans[i],
            report: &reports[i],
        };
        compare(side(&a, 0), side(&b, 1))
    }

    #[track_caller]
    fn line(topics: &[Topic], name: &str) -> Line {
        let all = topics.iter().flat_map(|topic| &topic.lines);
        all.clone()
            .find(|line| line.name == name)
            .unwrap_or_else(|| panic!("no “{name}” in {:?}", all.map(|l| &l.name)))
            .clone()
    }

    #[track_caller]
    fn says(topics: &[Topic], name: &str, [a, b, by]: [&str; 3], change: Change) {
        let line = line(topics, name);
        assert_eq!((&*line.a, &*line.b, &*line.by), (a, b, by), "{name}");
        assert_eq!(line.change, change, "{name}");
    }

    #[test]
    fn a_plan_does_not_differ_from_itself() {
        for topic in topics(|_| ()) {
            assert!(!topic.lines.is_empty(), "{}", topic.title);
            for line in topic.lines {
                assert_eq!(
                    (line.change, &*line.by),
                    (Change::None, ""),
                    "{}",
                    line.name
                );
                assert_eq!(line.a, line.b, "{}", line.name);
            }
        }
    }

    #[test]
    fn twice_the_tensor_parallel_size_halves_the_weights() {
        let all = topics(|b| b.parallel.tensor_model_parallel_size = 4);
        says(&all, "TP tensor", ["2", "4", ""], Change::Other);
        assert_eq!(line(&all, "TP tensor").field, Some(Field::Tp));
        says(
            &all,
            "DP: replicas",
            ["8", "4", "−4 (−50 %)"],
            Change::Other,
        );
        let weights = ["7 GB", "3.50 GB", "−3.50 GB (−50 %)"];
        says(&all, "Weights, BF16", weights, Change::Better);
        assert!(all[2].lines.iter().any(|line| line.name == "Total"));
    }

    #[test]
    fn a_part_that_is_counted_otherwise_has_the_name_that_both_share() {
        let all = topics(|b| b.parallel.use_distributed_optimizer = false);
        let optimizer = ["5.25 GB", "42 GB", "+36.75 GB (+700 %)"];
        says(&all, "Optimizer", optimizer, Change::Worse);
    }

    #[test]
    fn stages_bring_a_bubble_and_what_they_send() {
        let all = topics(|b| b.parallel.pipeline_model_parallel_size = 2);
        let bubble = line(&all, "Bubble, of the whole step");
        assert_eq!((&*bubble.a, bubble.change), ("0 %", Change::Worse));
        assert!(bubble.by.starts_with('+') && !bubble.by.contains('('));
        let sends = all[3].lines.iter().find(|line| line.name.starts_with("PP"));
        let sends = sends.expect("what the stages send");
        assert_eq!((&*sends.a, sends.change), ("0 GB", Change::Worse));
    }

    #[test]
    fn a_check_that_fails_in_one_plan_says_why() {
        let all = topics(|b| b.parallel.tensor_model_parallel_size = 3);
        let worse: Vec<_> = all[5]
            .lines
            .iter()
            .filter(|line| line.change == Change::Worse && line.b.starts_with("fails: "))
            .collect();
        assert!(!worse.is_empty());
        assert!(worse.iter().all(|line| line.a == "passes"));
        assert_eq!(line(&all, "Checks that fail").a, "0");
    }

    #[test]
    fn what_is_not_said_or_not_read_is_named() {
        let all = topics(|b| {
            b.batch.global_batch_size = None;
            b.type_into(Field::Pp, "two");
        });
        says(&all, "Global batch", ["512", "not said", ""], Change::Other);
        let name = "Not read: parallel.pipeline_model_parallel_size";
        says(&all, name, ["—", "“two”", ""], Change::Other);
    }

    #[test]
    fn what_a_plan_does_not_tell_has_no_change() {
        let all = topics(|b| b.cluster.node = None);
        let capacity = line(&all, "Memory of a GPU");
        assert_eq!((&*capacity.b, &*capacity.by), ("not told", ""));
    }
}
