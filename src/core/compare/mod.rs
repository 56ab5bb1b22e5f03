//! Two plans side by side: what was said of each, and what follows from it. A is the plan at hand,
//! B the one that it is compared with; every change is that from A to B.

mod figure;
mod topics;

use super::config::{Config, Field};
use super::plan::Plan;
use super::report::Report;
use topics::{checks, communication, memory, pipeline, said, sizes};

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
