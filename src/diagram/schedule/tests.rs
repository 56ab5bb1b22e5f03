//! What is drawn of a schedule: how many blocks, where, and which words.

use super::*;
use crate::core::config::{Config, Edit, Field, Value};
use crate::core::pipeline::Pipeline;
use crate::diagram::colours::{ON_DARK, ON_LIGHT};
use crate::diagram::scene::{Anchor, Mark};

fn plan(pp: u64, vpp: u64, gbs: u64) -> Plan {
    let mut edit = Edit::count(Field::Pp, pp)
        .and(Field::GpusPerNode, Value::Count(pp))
        .and(Field::NumLayers, Value::Count(256))
        .and(Field::GlobalBatch, Value::Count(gbs));
    if vpp > 1 {
        edit = edit.and(Field::Vpp, Value::Count(vpp));
    }
    Plan::of(&edit.apply(&Config::default()))
}

#[track_caller]
fn own(pp: u64, vpp: u64, m: u64) -> Figure {
    let plan = plan(pp, vpp, m);
    schedule_figure(&plan, Kind::of(&plan)).expect("a schedule")
}

#[track_caller]
fn gpipe(pp: u64, vpp: u64, m: u64) -> Figure {
    schedule_figure(&plan(pp, vpp, m), Kind::Gpipe).expect("a schedule")
}

/// The figures that the rest is tested on: few and many micro-batches, stages and chunks.
const PLANS: [(u64, u64, u64); 12] = [
    (2, 1, 4),
    (4, 1, 8),
    (4, 1, 1),
    (8, 1, 3),
    (4, 2, 8),
    (8, 2, 512),
    (16, 1, 2048),
    (16, 4, 64),
    (64, 4, 256),
    (64, 1, 4096),
    (64, 4, 4096),
    (2, 1, 1_000_000),
];

fn words(figure: &Figure) -> Vec<&Words> {
    let words = |mark| match mark {
        Mark::Words(words) => Some(words),
        Mark::Shape(..) => None,
    };
    figure.scene.marks.iter().filter_map(words).collect()
}

fn texts(figure: &Figure) -> Vec<&str> {
    words(figure).into_iter().map(|w| w.text.as_str()).collect()
}

/// Shapes of one fill.
fn filled(figure: &Figure, fill: Colour) -> Vec<&str> {
    let path = |mark| match mark {
        Mark::Shape(style, path) if style.fill == Some(fill) => Some(path.as_str()),
        _ => None,
    };
    figure.scene.marks.iter().filter_map(path).collect()
}

fn rectangles(figure: &Figure, fill: Colour) -> usize {
    let paths = filled(figure, fill).into_iter();
    paths.map(|path| path.matches('M').count()).sum()
}

#[track_caller]
fn draws_every_block(figure: &Figure, passes: usize) {
    assert_eq!(rectangles(figure, FORWARD), passes, "forward");
    assert_eq!(rectangles(figure, BACKWARD), passes, "backward");
}

#[track_caller]
fn numbers_every_block(figure: &Figure, passes: usize) {
    for colour in [ON_LIGHT, ON_DARK] {
        let numbers = words(figure).into_iter().filter(|w| w.colour == colour);
        assert_eq!(numbers.count(), passes);
    }
}

#[test]
fn few_micro_batches_are_drawn_in_full_with_their_numbers() {
    draws_every_block(&own(2, 1, 4), 2 * 4);
    draws_every_block(&own(4, 1, 8), 4 * 8);
    draws_every_block(&gpipe(4, 1, 8), 4 * 8);
    draws_every_block(&own(4, 2, 8), 4 * 8 * 2);
    numbers_every_block(&own(2, 1, 4), 2 * 4);
    numbers_every_block(&own(4, 1, 8), 4 * 8);
    numbers_every_block(&own(4, 2, 8), 4 * 8 * 2);
    // The chunk is told by a bar in every block, and in words where there is room.
    let figure = own(4, 2, 8);
    assert_eq!(rectangles(&figure, ON_LIGHT), 4 * 8 * 2);
    assert_eq!(rectangles(&figure, ON_DARK), 4 * 8 * 2);
    assert!(texts(&figure).contains(&"7 c1"));
    assert_eq!(rectangles(&own(4, 1, 8), ON_LIGHT), 0);
}

#[test]
fn a_backward_pass_is_twice_as_long_as_a_forward_pass() {
    let figure = own(4, 1, 8);
    let width = |fill| -> f64 {
        let path = filled(&figure, fill)[0];
        let rest = path.split_once('h').expect("a rectangle").1;
        rest.split_once('v')
            .expect("a rectangle")
            .0
            .parse()
            .expect("a width")
    };
    assert!((width(BACKWARD) - 2.0 * width(FORWARD)).abs() < 0.2);
}

#[test]
fn many_micro_batches_are_folded_with_a_mark() {
    for (figure, marks) in [
        (own(8, 2, 512), vec!["… 488 micro-batches more …"]),
        (gpipe(8, 2, 512), vec!["… 482 micro-batches more …"; 2]),
        (own(4, 1, 8), vec![]),
    ] {
        let more = texts(&figure).into_iter().filter(|t| t.contains("more"));
        assert_eq!(more.collect::<Vec<_>>(), marks);
    }
    // The end of the step is the end of the whole one.
    assert!(texts(&own(16, 1, 2048)).contains(&"6,189 forward passes in all"));
    assert!(texts(&own(8, 2, 512)).contains(&"1,546.5 forward passes in all"));
}

#[track_caller]
fn figures_are_those_of_the_report(pp: u64, vpp: u64, m: u64) {
    let plan = plan(pp, vpp, m);
    let pipeline = Pipeline::of(&plan);
    let figure = schedule_figure(&plan, Kind::of(&plan)).expect("a schedule");
    let right = |x: f64| {
        words(&figure)
            .into_iter()
            .filter(move |w| w.x == x && w.y > HEAD)
    };
    let idle: Vec<&str> = right(IDLE).map(|w| w.text.as_str()).collect();
    let said = percent(pipeline.bubble_fraction_of_step);
    assert_eq!(idle, vec![said.as_str(); pipeline.stages.len() + 1]);
    let peaks: Vec<&str> = right(WIDTH).map(|w| w.text.as_str()).collect();
    let stages = pipeline.stages.iter();
    let held: Vec<String> = stages.map(|s| grouped(s.in_flight_microbatches)).collect();
    assert_eq!(peaks, held);
    let guide = percent(pipeline.bubble_fraction);
    assert!(
        figure.summary.contains(&[" / m = ", &guide].concat()),
        "{}",
        figure.summary
    );
}

#[test]
fn idle_shares_and_peaks_are_those_of_the_report() {
    figures_are_those_of_the_report(2, 1, 4);
    figures_are_those_of_the_report(4, 1, 8);
    figures_are_those_of_the_report(8, 1, 3);
    figures_are_those_of_the_report(16, 1, 2048);
    figures_are_those_of_the_report(4, 2, 8);
    figures_are_those_of_the_report(8, 2, 512);
    figures_are_those_of_the_report(16, 4, 64);
}

/// The points of a path, as far as pictures of schedules use the language of paths.
fn points(path: &str) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    let (mut x, mut y) = (0.0, 0.0);
    let starts: Vec<usize> = path
        .match_indices(|c: char| c.is_ascii_alphabetic())
        .map(|(i, _)| i)
        .collect();
    for (n, &start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).copied().unwrap_or(path.len());
        let numbers: Vec<f64> = path[start + 1..end]
            .split_whitespace()
            .map(|number| number.parse().expect("a number"))
            .collect();
        (x, y) = match (&path[start..=start], numbers.as_slice()) {
            ("M" | "L", &[to_x, to_y]) => (to_x, to_y),
            ("H", &[to]) => (to, y),
            ("V", &[to]) => (x, to),
            ("h", &[by]) => (x + by, y),
            ("v", &[by]) => (x, y + by),
            ("z", &[]) => (x, y),
            other => panic!("{other:?} in a path"),
        };
        found.push((x, y));
    }
    found
}

/// Where a line of words is: left, right, top and bottom.
fn extent(words: &Words) -> [f64; 4] {
    let width = text_width(&words.text, words.size);
    let left = match words.anchor {
        Anchor::Start => words.x,
        Anchor::Middle => words.x - width / 2.0,
        Anchor::End => words.x - width,
    };
    [left, left + width, words.y - words.size * 0.75, words.y]
}

#[test]
fn nothing_is_drawn_outside_the_picture_and_no_words_over_others() {
    for (pp, vpp, m) in PLANS {
        for figure in [own(pp, vpp, m), gpipe(pp, vpp, m)] {
            let scene = &figure.scene;
            let told = format!("PP {pp}, VPP {vpp}, {m} micro-batches");
            for mark in &scene.marks {
                if let Mark::Shape(_, path) = mark {
                    for (x, y) in points(path) {
                        let inside =
                            x >= -0.05 && x <= scene.width + 0.05 && y >= 0.0 && y <= scene.height;
                        assert!(inside, "({x}, {y}) in {told}");
                    }
                }
            }
            let words = words(&figure);
            for (i, one) in words.iter().enumerate() {
                let [left, right, top, bottom] = extent(one);
                assert!(
                    left >= -0.1
                        && right <= scene.width + 0.1
                        && top >= 0.0
                        && bottom <= scene.height,
                    "“{}” in {told}",
                    one.text
                );
                for other in &words[i + 1..] {
                    let [l, r, t, b] = extent(other);
                    assert!(
                        right <= l + 0.1 || r <= left + 0.1 || bottom <= t || b <= top,
                        "“{}” over “{}” in {told}",
                        one.text,
                        other.text
                    );
                }
            }
        }
    }
}

#[test]
fn of_many_stages_the_first_and_the_last_are_drawn() {
    let figure = own(64, 1, 4096);
    let texts = texts(&figure);
    let stages = texts.iter().filter(|t| t.starts_with("Stage "));
    assert_eq!(stages.count(), MOST_ROWS);
    for text in [
        "Stage 0",
        "Stage 11",
        "… 40 stages more …",
        "Stage 52",
        "Stage 63",
    ] {
        assert!(texts.contains(&text), "{text}");
    }
    let all = own(16, 1, 2048);
    assert!(!words(&all).iter().any(|w| w.text.contains("stages more")));
}

#[test]
fn phases_are_named_in_words() {
    for phase in ["warm-up", "steady state", "cool-down"] {
        for (pp, vpp, m) in [(4, 1, 8), (8, 2, 512), (16, 1, 2048), (64, 4, 256)] {
            let figure = own(pp, vpp, m);
            let named = |t: &&str| t.starts_with(phase);
            assert!(texts(&figure).iter().any(named), "{phase} at PP {pp}");
            let entry = |e: &crate::diagram::scene::Entry| e.text == phase;
            assert!(figure.legend.iter().any(entry), "{phase} in the legend");
        }
    }
    let guide = gpipe(4, 1, 8);
    assert!(texts(&guide).contains(&"warm-up: all forward passes"));
    assert!(texts(&guide).contains(&"cool-down: all backward passes"));
    assert!(
        !guide
            .legend
            .iter()
            .any(|entry| entry.text == "steady state")
    );
}

#[track_caller]
fn says(figure: &Figure, words: &str) {
    assert!(figure.summary.contains(words), "{}", figure.summary);
}

#[test]
fn the_summary_compares_the_orders() {
    says(
        &own(4, 1, 8),
        "1F1B: 8 micro-batches through 4 stages in the time of 33 forward passes",
    );
    says(&own(4, 1, 8), "(PP − 1) / m = 37.5 %");
    says(
        &own(4, 1, 8),
        "at most 4 micro-batches; with GPipe, every stage would hold all 8.",
    );
    says(&own(4, 1, 1), "all of them, as with GPipe");
    says(
        &gpipe(4, 1, 8),
        "holds the activations of all 8 before its first backward pass",
    );
    says(
        &gpipe(4, 1, 8),
        "with 1F1B, the first stage holds those of 4 at most",
    );
    says(
        &own(4, 2, 8),
        "at most 11 chunks of micro-batches, as much as 5.5 whole ones",
    );
    says(
        &gpipe(4, 2, 8),
        "interleaved schedule of this plan, the first stage holds those of 5.5",
    );
}

#[test]
fn an_order_that_waits_within_a_group_says_so() {
    // Megatron refuses both: a last group of fewer micro-batches than stages, and groups of so few.
    let mut plan = plan(4, 2, 12);
    let row = &mut plan
        .config
        .parallel
        .microbatch_group_size_per_virtual_pipeline_stage;
    *row = Some(5);
    let figure = schedule_figure(&plan, Kind::Interleaved).expect("a schedule");
    says(
        &figure,
        "16.3 % of the step, more than the 11.1 % of whole groups",
    );
}

#[track_caller]
fn refuses(plan: &Plan, words: &str) {
    let refused = schedule_figure(plan, Kind::of(plan)).expect_err("no schedule");
    assert!(refused.contains(words), "{refused}");
}

#[test]
fn what_cannot_be_drawn_is_said_in_words() {
    refuses(&plan(1, 1, 8), "There is one stage");
    let mut none = plan(4, 1, 8);
    none.sizes.megatron_num_microbatches = 0;
    refuses(&none, "no schedule to draw");
    let mut few = plan(4, 2, 3000);
    let row = &mut few
        .config
        .parallel
        .microbatch_group_size_per_virtual_pipeline_stage;
    *row = Some(2);
    refuses(&few, "wait for each other for ever");
}
