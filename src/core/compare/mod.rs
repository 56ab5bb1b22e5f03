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
            "Bytes that each GPU sends in a step",
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
        both(|_| (), change)
    }

    /// The opening plan after two changes.
    fn both(to_a: impl FnOnce(&mut Config), to_b: impl FnOnce(&mut Config)) -> Vec<Topic> {
        let (mut a, mut b) = (presets::opening(), presets::opening());
        to_a(&mut a);
        to_b(&mut b);
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
        assert!(bubble.by.starts_with('+') && bubble.by.ends_with(" points"));
        let sends = all[3].lines.iter().find(|line| line.name.starts_with("PP"));
        let sends = sends.expect("what the stages send");
        assert_eq!((&*sends.a, sends.change), ("0 GB", Change::Other));
    }

    #[test]
    fn what_is_sent_is_compared_and_not_the_size_of_messages() {
        let all = topics(|b| b.parallel.use_distributed_optimizer = false);
        let network = ["12.25 GB", "12.25 GB", ""];
        says(
            &all,
            "All over links that leave a node",
            network,
            Change::None,
        );
    }

    #[test]
    fn who_trains_on_more_is_no_worse_for_sending_more() {
        let all = topics(|b| b.batch.global_batch_size = Some(1024));
        let inside = line(&all, "All over links inside a node");
        assert_eq!(inside.change, Change::Other, "{inside:?}");
        assert!(inside.by.starts_with('+'));
    }

    #[test]
    fn another_model_is_no_better_for_being_smaller() {
        let all = topics(|b| {
            b.model.preset = Some("guide-13b".to_owned());
            b.parallel.tensor_model_parallel_size = 8;
        });
        assert_eq!(line(&all, "Total").change, Change::Other);
    }

    #[test]
    fn a_stage_that_does_not_fit_is_said() {
        let all = topics(|b| b.parallel.tensor_model_parallel_size = 1);
        says(
            &all,
            "Every stage fits",
            ["yes", "no, 1 stage too large", ""],
            Change::Worse,
        );
        assert_eq!(line(&all, "Verdict").change, Change::Worse);
    }

    #[test]
    fn a_check_that_fails_in_both_for_other_reasons_differs() {
        let fails = |mbs| {
            move |c: &mut Config| {
                c.parallel.tensor_model_parallel_size = 1;
                c.batch.micro_batch_size = mbs;
            }
        };
        let all = both(fails(2), fails(8));
        let memory = line(&all, "memory fits (guide)");
        assert_eq!(memory.change, Change::Other, "{memory:?}");
        assert_ne!(memory.a, memory.b);
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
        assert_eq!(line(&all, "Checks and entries that fail").a, "0");
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
