//! Two plans side by side: what was said of each, and what follows from it. A is the plan at hand,
//! B the one that it is compared with; every change is that from A to B.

mod figure;
mod said;
mod topics;

use super::config::{Config, Field};
use super::plan::Plan;
use super::report::Report;
use said::{filled, said};
use topics::{checks, communication, memory, pipeline, sizes};

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

/// Compares two plans: what was said, what that leaves to presets and defaults, sizes,
/// memory, communication, pipeline, checks. Memory is in
/// the unit of A.
pub fn compare(a: Side<'_>, b: Side<'_>) -> Vec<Topic> {
    let topic = |title, lines| Topic { title, lines };
    let unit = a.plan.unit;
    vec![
        topic("What was said", said(a, b)),
        topic("Filled in from presets and defaults", filled(a, b)),
        topic("Sizes", sizes(a, b)),
        topic("Memory of each GPU, by the guide", memory(a, b, unit)),
        topic(
            "Bytes that each GPU sends in a step, in rings",
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
    fn topic<'a>(topics: &'a [Topic], title: &str) -> &'a [Line] {
        let topic = topics.iter().find(|topic| topic.title.starts_with(title));
        &topic.expect("a topic").lines
    }

    /// The names of the lines of a topic that differ.
    #[track_caller]
    fn differing<'a>(topics: &'a [Topic], title: &str) -> Vec<&'a str> {
        let lines = topic(topics, title).iter();
        let differ = lines.filter(|line| line.change != Change::None);
        differ.map(|line| line.name.as_str()).collect()
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
        assert!(
            topic(&all, "Memory")
                .iter()
                .any(|line| line.name == "Total")
        );
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
        let sends = topic(&all, "Bytes that")
            .iter()
            .find(|line| line.name.starts_with("PP"));
        let sends = sends.expect("what the stages send");
        assert_eq!((&*sends.a, sends.change), ("0 GB", Change::Worse));
    }

    #[test]
    fn what_is_sent_is_compared_and_not_the_size_of_messages() {
        let all = topics(|b| b.parallel.use_distributed_optimizer = false);
        // 12.25 GB around a ring of eight GPUs, of whose links two leave.
        let network = ["3.06 GB", "3.06 GB", ""];
        says(
            &all,
            "Most over links that leave a node, of any GPU",
            network,
            Change::None,
        );
    }

    #[test]
    fn who_trains_on_more_is_no_worse_for_sending_more() {
        let all = topics(|b| b.batch.global_batch_size = Some(1024));
        let sends = topic(&all, "Bytes that").iter();
        let mut sends = sends.filter(|line| line.name.starts_with("TP"));
        let tensor = sends.next().expect("what TP sends");
        assert_eq!(tensor.change, Change::Other, "{tensor:?}");
        assert!(tensor.by.starts_with('+'));
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
        let worse: Vec<_> = topic(&all, "Checks")
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
        says(
            &all,
            "Global batch",
            ["512", "16 (not said)", ""],
            Change::Other,
        );
        let name = "Not read: parallel.pipeline_model_parallel_size";
        says(&all, name, ["—", "“two”", ""], Change::Other);
    }

    #[test]
    fn an_entry_of_a_table_has_the_name_that_the_form_shows() {
        let all = topics(|b| {
            b.model.preset = Some("guide-70b".to_owned());
            b.cluster.node = Some("p5-48xlarge".to_owned());
            b.cluster.gpu = Some("h200-sxm-141gb".to_owned());
        });
        let model = ["7B dense", "70B dense", ""];
        says(&all, "Model preset", model, Change::Other);
        let node = ["p4d.24xlarge", "p5.48xlarge", ""];
        says(&all, "Node type", node, Change::Other);
        let gpu = [
            "NVIDIA A100 SXM 40GB (not said)",
            "NVIDIA H200 SXM 141GB",
            "",
        ];
        says(&all, "GPU", gpu, Change::Other);
    }

    #[test]
    fn an_id_that_no_table_has_stays_as_it_was_written() {
        let all = topics(|b| b.model.preset = Some("my-7b".to_owned()));
        says(
            &all,
            "Model preset",
            ["7B dense", "my-7b", ""],
            Change::Other,
        );
        let same_words = topics(|b| b.model.preset = Some("7B dense".to_owned()));
        assert_eq!(line(&same_words, "Model preset").change, Change::Other);
        let long = topics(|b| b.model.preset = Some("a\u{202e}".repeat(99)));
        let shown = ["a".repeat(60), "…".to_owned()].concat();
        assert_eq!(line(&long, "Model preset").b, shown);
    }

    #[test]
    fn what_another_preset_brings_along_differs() {
        let all = topics(|b| b.model.preset = Some("guide-70b".to_owned()));
        assert_eq!(differing(&all, "What was said"), ["Model preset"]);
        assert_eq!(
            differing(&all, "Filled in"),
            [
                "Parameters",
                "Layers",
                "Hidden size",
                "MLP width",
                "Attention heads",
                "Query groups",
            ]
        );
        let layers = ["32", "80", "+48 (+150 %)"];
        says(&all, "Layers", layers, Change::Other);
        let parameters = ["7 B", "70 B", "+63 B (+900 %)"];
        says(&all, "Parameters", parameters, Change::Other);
    }

    #[test]
    fn what_another_node_type_brings_along_differs() {
        let all = topics(|b| b.cluster.node = Some("p5-48xlarge".to_owned()));
        assert_eq!(
            differing(&all, "Filled in"),
            [
                "GPU",
                "Peak BF16 rate",
                "Link inside a node",
                "Link between nodes"
            ]
        );
        let rate = ["312 TFLOP/s", "989.5 TFLOP/s", "+677.5 TFLOP/s (+217.1 %)"];
        says(&all, "Peak BF16 rate", rate, Change::Other);
        let memory = ["40 GB", "80 GB", "+40 GB (+100 %)"];
        says(&all, "Memory of a GPU", memory, Change::Other);
    }

    #[test]
    fn experts_that_one_model_alone_has_differ() {
        let all = topics(|b| b.model.preset = Some("guide-8x3b".to_owned()));
        says(&all, "Experts", ["—", "8", ""], Change::Other);
        says(&all, "Layers with experts", ["—", "1", ""], Change::Other);
    }

    #[test]
    fn a_figure_that_one_plan_says_stands_beside_the_other_ones_preset() {
        let all = topics(|b| b.model.num_layers = Some(40));
        says(&all, "Layers", ["32 (not said)", "40", ""], Change::Other);
        assert!(!differing(&all, "Filled in").contains(&"Layers"));
        let typed = both(
            |a| a.model.preset = None,
            |b| {
                b.model.preset = None;
                b.model.num_layers = Some(32);
            },
        );
        let layers = ["not said", "32", ""];
        says(&typed, "Layers", layers, Change::Other);
    }

    #[test]
    fn no_field_has_two_lines() {
        let all = both(
            |a| a.model.hidden_size = Some(8192),
            |b| {
                b.cluster.node = None;
                b.cluster.gpu = Some("gb200-186gb".to_owned());
                b.model.preset = Some("deepseek-v3".to_owned());
            },
        );
        let entries = topic(&all, "What was said").iter();
        let mut names: Vec<_> = entries
            .chain(topic(&all, "Filled in"))
            .map(|line| &line.name)
            .collect();
        let lines = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), lines);
        says(
            &all,
            "Node type",
            [
                "p4d.24xlarge",
                "NVIDIA DGX GB200 compute tray (not said)",
                "",
            ],
            Change::Other,
        );
    }

    #[test]
    fn another_model_is_no_better_for_sending_less() {
        let all = both(|a| a.model.preset = Some("guide-13b".to_owned()), |_| ());
        let network = line(&all, "Most over links that leave a node, of any GPU");
        assert_eq!(network.change, Change::Other, "{network:?}");
    }

    #[test]
    fn whether_stages_fit_is_not_told_of_half_a_model() {
        let all = topics(|b| b.model.preset = None);
        says(
            &all,
            "Every stage fits",
            ["yes", "not told", ""],
            Change::Other,
        );
        for name in [
            "Weights, BF16",
            "Activations",
            "Total",
            "Most over links that leave a node, of any GPU",
            "DP AllGather, weights",
        ] {
            assert_eq!(line(&all, name).b, "not told", "{name}");
        }
        assert_eq!(line(&all, "The fullest pipeline stage").b, "not told");
    }

    #[test]
    fn of_hundreds_of_unknown_entries_those_that_differ_are_told_and_the_rest_is_counted() {
        let unknown = |of: std::ops::Range<u32>| {
            let entries: Vec<String> = of.map(|i| format!(r#""x{i}": 1"#)).collect();
            let json = ["{", &entries.join(","), "}"].concat();
            let config: Config = serde_json::from_str(&json).expect("JSON");
            move |to: &mut Config| to.unread = config.unread
        };
        let all = both(unknown(0..300), unknown(0..301));
        says(&all, "Not read: x300", ["—", "“1”", ""], Change::Other);
        let rest = "Not read: further entries";
        says(&all, rest, ["281", "281", ""], Change::None);
        let apart = both(unknown(0..0), unknown(0..301));
        says(&apart, rest, ["0", "281", ""], Change::Other);
        assert!(topic(&apart, "What was said").len() < 50);
    }

    #[test]
    fn long_entries_that_begin_alike_differ() {
        let unread = |value: &str| {
            let json = [r#"{"x": ""#, &"y".repeat(99), value, r#""}"#].concat();
            let config: Config = serde_json::from_str(&json).expect("JSON");
            move |to: &mut Config| to.unread = config.unread
        };
        let all = both(unread("1"), unread("2"));
        let line = line(&all, "Not read: x");
        assert_eq!((line.change, &line.a), (Change::Other, &line.b));
    }

    #[test]
    fn what_a_plan_does_not_tell_has_no_change() {
        let all = topics(|b| b.cluster.node = None);
        let capacity = line(&all, "Memory of a GPU");
        assert_eq!((&*capacity.b, &*capacity.by), ("not told", ""));
    }
}
