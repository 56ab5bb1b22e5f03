//! What the picture of a schedule says in words.

use super::rows::PHASES;
use super::{BACKWARD, FORWARD, IN_FLIGHT};
use crate::core::Plan;
use crate::core::decimal::trimmed;
use crate::core::pipeline::{Bubble, Stage};
use crate::core::schedule::{Kind, Phase, Schedule};
use crate::core::units::{counted, grouped, percent};
use crate::diagram::colours::{CONTROL, ON_LIGHT, SUNK};
use crate::diagram::scene::{Entry, Style};

/// The names of a phase, longest first.
pub fn phase(kind: Kind, phase: Phase) -> &'static [&'static str] {
    match (phase, kind) {
        (Phase::WarmUp, Kind::Gpipe) => &["warm-up: all forward passes", "warm-up"],
        (Phase::WarmUp, _) => &["warm-up: forward passes", "warm-up"],
        (Phase::Steady, _) => &[
            "steady state: one forward, one backward",
            "steady state",
            "steady",
        ],
        (Phase::CoolDown, Kind::Gpipe) => &["cool-down: all backward passes", "cool-down"],
        (Phase::CoolDown, _) => &["cool-down: backward passes", "cool-down"],
    }
}

/// A time in forward passes of a stage: `1,546.5`.
pub fn passes(ticks: u64, schedule: &Schedule) -> String {
    let chunks = schedule.chunks.max(1);
    let part = (ticks % chunks) as f64 / chunks as f64;
    // The part begins with the zero before its point, and never becomes one by rounding.
    let part = trimmed(part.min(0.99), 2);
    [&grouped(ticks / chunks), part.trim_start_matches('0')].concat()
}

/// What the looks mean.
pub fn legend(schedule: &Schedule, together: bool, tells_chunks: bool) -> Vec<Entry> {
    let forward = Style::filled(FORWARD);
    let backward = Style::filled(BACKWARD);
    let [warm_up, steady, cool_down] = PHASES;
    let mut entries = if together {
        vec![
            Entry::new(forward, "forward passes"),
            Entry::new(backward, "backward passes, twice as long"),
        ]
    } else {
        vec![
            Entry::new(forward, "forward pass, dark number"),
            Entry::new(backward, "backward pass, twice as long, white number"),
        ]
    };
    if together && schedule.kind != Kind::Gpipe {
        let text = "forward above backward: one of each in turn, too short to draw singly";
        entries.push(Entry::new(forward.outlined(BACKWARD, 2.0), text));
    }
    if tells_chunks {
        let style = forward.outlined(ON_LIGHT, 2.0);
        entries.push(Entry::new(style, chunks(schedule.chunks)));
    }
    let idle = Entry::new(
        Style::filled(SUNK).outlined(CONTROL, 1.0),
        "idle: the bubble; the longest wait in forward passes",
    );
    entries.push(Entry {
        hatched: true,
        ..idle
    });
    let held = if schedule.chunks > 1 {
        "in flight, in chunks of micro-batches"
    } else {
        "micro-batches in flight"
    };
    let held = [held, ", the most at the right"].concat();
    entries.push(Entry::new(Style::filled(IN_FLIGHT), held));
    entries.push(Entry::new(warm_up, "warm-up"));
    if schedule.kind != Kind::Gpipe {
        entries.push(Entry::new(steady, "steady state"));
    }
    entries.push(Entry::new(cool_down, "cool-down"));
    entries
}

fn chunks(chunks: u64) -> String {
    let last = chunks.saturating_sub(1).to_string();
    [
        "a bar tells the chunk, c0 the lowest, c",
        &last,
        " the highest",
    ]
    .concat()
}

/// What the picture shows.
pub fn summary(schedule: &Schedule, plan: &Plan) -> String {
    let stages = plan.sizes.pipeline_model_parallel_size;
    let m = schedule.num_microbatches;
    let name = match schedule.kind {
        Kind::Interleaved => [
            "Interleaved schedule with ",
            &grouped(schedule.chunks),
            " chunks a stage",
        ]
        .concat(),
        kind => kind.label().to_owned(),
    };
    let mut text = [
        &name,
        ": ",
        &counted(m, "micro-batch", "micro-batches"),
        " through ",
        &counted(stages, "stage", "stages"),
        " in the time of ",
        &passes(schedule.length, schedule),
        " forward passes of a stage. ",
        &bubble(schedule, plan),
        &in_flight(schedule, plan),
    ]
    .concat();
    text.push_str(
        " Drawn as if all stages took the same time, a backward pass twice that of a forward pass, \
         and sending none.",
    );
    text
}

/// The bubble, against the guide's and the report's.
fn bubble(schedule: &Schedule, plan: &Plan) -> String {
    let idle = percent(schedule.idle());
    let chunks = schedule.chunks as f64;
    let fill = plan.sizes.pipeline_model_parallel_size.saturating_sub(1) as f64 / chunks;
    let m = schedule.num_microbatches as f64;
    let whole = fill / (m + fill);
    if (whole - schedule.idle()).abs() > 1e-9 {
        // Only where Megatron would refuse the number of micro-batches.
        let said = percent(Bubble::of(plan).of_step);
        return [
            "The bubble is ",
            &idle,
            " of the step, more than the ",
            &said,
            " of whole groups of micro-batches, because stages wait for each other within a group \
             too. ",
        ]
        .concat();
    }
    let formula = if schedule.chunks > 1 {
        "(PP − 1) / VPP / m = "
    } else {
        "(PP − 1) / m = "
    };
    [
        "The bubble is ",
        &idle,
        " of the step; against the computing time, as the guide counts, it is ",
        formula,
        &percent(fill / m),
        ". ",
    ]
    .concat()
}

/// What stages hold, and how the other order compares.
fn in_flight(schedule: &Schedule, plan: &Plan) -> String {
    let m = schedule.num_microbatches;
    let peak = schedule.peak(0);
    let all = grouped(m);
    match schedule.kind {
        Kind::Gpipe => {
            let own = Stage::of(plan, 0).in_flight_microbatches;
            let share = own as f64 / plan.sizes.virtual_pipeline_model_parallel_size.max(1) as f64;
            let name = if Kind::of(plan) == Kind::Interleaved {
                "the interleaved schedule of this plan"
            } else {
                "1F1B"
            };
            [
                "Every stage holds the activations of all ",
                &all,
                " before its first backward pass; with ",
                name,
                ", the first stage holds those of ",
                &trimmed(share, 2),
                " at most.",
            ]
            .concat()
        }
        Kind::OneFOneB => {
            let text = "The first stage holds the activations of at most ";
            let held = counted(peak, "micro-batch", "micro-batches");
            if peak == m {
                [text, &held, ", all of them, as with GPipe."].concat()
            } else {
                [
                    text,
                    &held,
                    "; with GPipe, every stage would hold all ",
                    &all,
                    ".",
                ]
                .concat()
            }
        }
        Kind::Interleaved => [
            "The first stage holds the activations of at most ",
            &grouped(peak),
            " chunks of micro-batches, as much as ",
            &trimmed(peak as f64 / schedule.chunks as f64, 2),
            " whole ones; with GPipe, every stage would hold all ",
            &all,
            ".",
        ]
        .concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::schedule_figure;
    use super::super::tests::{gpipe, own, plan};
    use super::*;
    use crate::diagram::scene::{Figure, Mark};

    fn texts<'a>(figure: &'a Figure) -> Vec<&'a str> {
        let text = |mark: &'a Mark| match mark {
            Mark::Words(words) => Some(words.text.as_str()),
            Mark::Shape(..) => None,
        };
        figure.scene.marks.iter().filter_map(text).collect()
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

    #[test]
    fn times_are_told_to_a_hundredth() {
        let plan = plan(4, 2, 8);
        let mut schedule = Schedule::of(&plan, Kind::Interleaved, 66).expect("a schedule");
        assert_eq!(passes(3093, &schedule), "1,546.5");
        assert_eq!(passes(12, &schedule), "6");
        schedule.chunks = 3;
        assert_eq!(passes(4, &schedule), "1.33");
        schedule.chunks = 1000;
        assert_eq!(passes(4999, &schedule), "4.99");
    }

    #[test]
    fn sizes_of_any_kind_give_a_picture_or_a_sentence() {
        let mut plan = plan(4, 1, 8);
        for pp in [2, 7, 1000, 1 << 20] {
            for vpp in [1, 2, 1000] {
                for m in [1, 9, 1 << 40, u64::MAX] {
                    plan.sizes.pipeline_model_parallel_size = pp;
                    plan.sizes.virtual_pipeline_model_parallel_size = vpp;
                    plan.sizes.megatron_num_microbatches = m;
                    for kind in [Kind::Gpipe, Kind::OneFOneB, Kind::Interleaved] {
                        match schedule_figure(&plan, kind) {
                            Ok(figure) => assert!(figure.scene.height < 1000.0),
                            Err(reason) => assert!(reason.ends_with('.')),
                        }
                    }
                }
            }
        }
    }
}
