//! The schedule of a plan's pipeline, drawn to scale: time to the right, a row a stage.

mod rows;
mod runs;
mod time;
mod words;

use super::colours::{CONTROL, Colour, HUES, INK, MEMORY, MUTED, PANEL};
use super::measure::width_of;
use super::scene::{Figure, Scene, Style, Words, rectangle, stroke, tenth};
use crate::core::Plan;
use crate::core::schedule::{Kind, Phase, Schedule};
use crate::core::units::{counted, grouped, percent};
use rows::{Heights, Rows};
use time::{FOLD, Span, Time};

/// Width of the picture, of the names at its left, and of the figures at its right, CSS pixels.
const WIDTH: f64 = 1000.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 146.0;

/// Where the idle shares end; what is in flight ends at the right side.
const IDLE: f64 = WIDTH - 70.0;

/// Above the first row: what is left out, the axis, the words of the phases.
const HEAD: f64 = 54.0;

/// The base line of the axis's numbers; the axis is just below.
const AXIS: f64 = HEAD - 23.0;

/// Below the last row: the length of the step.
const FOOT: f64 = 22.0;

/// Forward passes that are drawn before a step is folded.
const ROOM: u64 = 66;

/// Rows that are drawn at the most.
const MOST_ROWS: usize = 24;

/// Height of the mark for stages that are left out.
const BETWEEN: f64 = 22.0;

const FORWARD: Colour = HUES[1];
const BACKWARD: Colour = HUES[3];
const IN_FLIGHT: Colour = MEMORY[3];

/// The schedule of a plan in an order, or why there is none, in a sentence.
pub fn schedule_figure(plan: &Plan, kind: Kind) -> Result<Figure, String> {
    if plan.sizes.pipeline_model_parallel_size < 2 {
        return Err("There is one stage, so there is no pipeline to draw.".to_owned());
    }
    let schedule = Schedule::of(plan, kind, ROOM)?;
    let time = Time::of(&schedule, LEFT, WIDTH - LEFT - RIGHT);
    let heights = Heights::of(schedule.rows.len().min(MOST_ROWS));
    let mut rows = Rows::new(&schedule, &time, heights);
    let mut scene = Scene {
        width: WIDTH,
        ..Scene::default()
    };
    let bottom = stages(&mut scene, &mut rows, &schedule, heights);
    let legend = words::legend(&schedule, Rows::together(&time), rows.tells_chunks());
    scene.height = bottom + FOOT;
    phases(&mut scene, &schedule, &time);
    axis(&mut scene, &schedule, &time);
    rows.draw(&mut scene);
    folds(&mut scene, &schedule, &time, bottom);
    length(&mut scene, &schedule, &time, bottom + FOOT / 2.0);
    Ok(Figure {
        title: ["Schedule, ", schedule.kind.label()].concat(),
        summary: words::summary(&schedule, plan),
        legend,
        scene,
    })
}

/// About how wide a text is at the most.
fn text_width(text: &str, size: f64) -> f64 {
    width_of(text, size, false)
}

/// The rows of the stages; of many, the first and the last. Gives where they end.
fn stages(scene: &mut Scene, rows: &mut Rows, schedule: &Schedule, heights: Heights) -> f64 {
    let stages = schedule.rows.len();
    let half = MOST_ROWS / 2;
    let left_out = stages.saturating_sub(MOST_ROWS);
    let mut y = HEAD;
    for stage in 0..stages {
        if left_out > 0 && stage == half {
            let text = ["… ", &grouped(left_out as u64), " stages more …"].concat();
            scene.words(Words::new(0.0, y + BETWEEN * 0.6, text, MUTED));
            y += BETWEEN;
        }
        if left_out == 0 || stage < half || stage >= half + left_out {
            rows.add(stage, y);
            beside(scene, schedule, stage, y + heights.middle());
            y += heights.row();
        }
    }
    y
}

/// The name of a stage, its idle share, and the most that it holds.
fn beside(scene: &mut Scene, schedule: &Schedule, stage: usize, base: f64) {
    let name = ["Stage ", &stage.to_string()].concat();
    scene.words(Words::new(0.0, base, name, INK));
    let idle = Words::new(IDLE, base, percent(schedule.idle()), INK);
    scene.words(idle.ending().sized(11.0));
    let peak = Words::new(WIDTH, base, grouped(schedule.peak(stage)), INK);
    scene.words(peak.ending().sized(11.0));
}

/// The words of the phases above the first stage's line, where they have room.
fn phases(scene: &mut Scene, schedule: &Schedule, time: &Time) {
    for phase in Phase::ALL {
        let Some((from, to)) = schedule.lasts(0, phase) else {
            continue;
        };
        // Where it lasts on after a fold, on its longer side.
        let longer = |a: Span, b: Span| if b.ticks > a.ticks { b } else { a };
        let Some(span) = time.spans(from, to).reduce(longer) else {
            continue;
        };
        let fits = |text: &&&str| text_width(text, 11.0) <= span.width;
        if let Some(text) = words::phase(schedule.kind, phase).iter().find(fits) {
            let words = Words::new(span.x + 1.0, HEAD - 5.0, *text, MUTED);
            scene.words(words.sized(11.0));
        }
    }
}

/// The axis of time above the rows, with the names of the columns beside it.
fn axis(scene: &mut Scene, schedule: &Schedule, time: &Time) {
    let forward_pass = time.tick * schedule.chunks as f64;
    let (mut step, mut factors) = (1_u64, [2, 5, 10].iter().cycle());
    let mut power = 1_u64;
    let widest = words::passes(schedule.length, schedule);
    let apart = text_width(&widest, 11.0) + 16.0;
    while step as f64 * forward_pass < apart && step < u64::MAX / 100 {
        let factor = factors.next().copied().unwrap_or(10);
        step = power * factor;
        if factor == 10 {
            power = step;
        }
    }
    let mut line = String::new();
    for piece in &time.pieces {
        stroke(
            &mut line,
            (piece.x, AXIS + 3.0),
            (time.end(piece), AXIS + 3.0),
        );
        let ticks = step.saturating_mul(schedule.chunks).max(1);
        let first = piece.from.div_ceil(ticks);
        let last = piece.to / ticks;
        for tick in (first..=last).map(|n| n.saturating_mul(ticks)) {
            let x = time.at(piece, tick);
            stroke(&mut line, (x, AXIS + 3.0), (x, AXIS + 7.0));
            let label = grouped(tick / schedule.chunks.max(1));
            scene.words(Words::new(x, AXIS, label, MUTED).centred().sized(11.0));
        }
    }
    scene.shape(Style::line(CONTROL, 1.0), line);
    for (x, text) in [(IDLE, "Idle"), (WIDTH, "In flight")] {
        scene.words(Words::new(x, AXIS, text, MUTED).ending().sized(11.0));
    }
    scene.words(Words::new(0.0, AXIS, "Time", MUTED).sized(11.0));
}

/// The marks of the folds: a torn band across all rows, with what is left out above it.
fn folds(scene: &mut Scene, schedule: &Schedule, time: &Time, bottom: f64) {
    let top = AXIS + 1.0;
    for (fold, piece) in schedule.folds.iter().zip(&time.pieces) {
        let x = time.end(piece);
        let mut band = String::new();
        rectangle(&mut band, x, top, FOLD, bottom - top);
        scene.shape(Style::filled(PANEL), band);
        let mut torn = String::new();
        torn_line(&mut torn, x + 5.0, top, bottom);
        torn_line(&mut torn, x + FOLD - 5.0, top, bottom);
        scene.shape(Style::line(CONTROL, 1.0), torn);
        let more = counted(fold.microbatches, "micro-batch", "micro-batches");
        let text = ["… ", &more, " more …"].concat();
        let words = Words::new(x + FOLD / 2.0, 12.0, text, INK);
        scene.words(words.centred().sized(11.0));
    }
}

/// A zigzag down the picture.
fn torn_line(path: &mut String, x: f64, top: f64, bottom: f64) {
    path.push_str(&["M", &tenth(x), " ", &tenth(top)].concat());
    let (mut y, mut side) = (top, 3.0);
    while y < bottom {
        y = (y + 6.0).min(bottom);
        path.push_str(&["L", &tenth(x + side), " ", &tenth(y)].concat());
        side = -side;
    }
}

/// The length of the whole step below the rows.
fn length(scene: &mut Scene, schedule: &Schedule, time: &Time, y: f64) {
    let (Some(first), Some(last)) = (time.pieces.first(), time.pieces.last()) else {
        return;
    };
    let (left, right) = (first.x, time.end(last));
    let text = [
        &words::passes(schedule.length, schedule),
        " forward passes in all",
    ]
    .concat();
    let room = text_width(&text, 12.0) / 2.0 + 6.0;
    let middle = (left + right) / 2.0;
    let mut line = String::new();
    stroke(&mut line, (left, y), (middle - room, y));
    stroke(&mut line, (middle + room, y), (right, y));
    for x in [left, right] {
        stroke(&mut line, (x, y - 4.0), (x, y + 4.0));
    }
    scene.shape(Style::line(MUTED, 1.0), line);
    scene.words(Words::new(middle, y + 4.0, text, INK).centred());
    scene.words(Words::new(0.0, y + 4.0, "Whole step", INK));
    let idle = Words::new(IDLE, y + 4.0, percent(schedule.idle()), INK);
    scene.words(idle.ending().bold().sized(11.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::pipeline::Pipeline;
    use crate::diagram::colours::{ON_DARK, ON_LIGHT};
    use crate::diagram::scene::{Anchor, Mark};

    pub(super) fn plan(pp: u64, vpp: u64, gbs: u64) -> Plan {
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
    pub(super) fn own(pp: u64, vpp: u64, m: u64) -> Figure {
        let plan = plan(pp, vpp, m);
        schedule_figure(&plan, Kind::of(&plan)).expect("a schedule")
    }

    #[track_caller]
    pub(super) fn gpipe(pp: u64, vpp: u64, m: u64) -> Figure {
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

    fn words<'a>(figure: &'a Figure) -> Vec<&'a Words> {
        let words = |mark: &'a Mark| match mark {
            Mark::Words(words) => Some(words),
            Mark::Shape(..) => None,
        };
        figure.scene.marks.iter().filter_map(words).collect()
    }

    fn texts(figure: &Figure) -> Vec<&str> {
        words(figure).into_iter().map(|w| w.text.as_str()).collect()
    }

    /// Shapes of one fill.
    fn filled<'a>(figure: &'a Figure, fill: Colour) -> Vec<&'a str> {
        let path = |mark: &'a Mark| match mark {
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
                            let inside = x >= -0.05
                                && x <= scene.width + 0.05
                                && y >= 0.0
                                && y <= scene.height;
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
}
