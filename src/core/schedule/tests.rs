//! Schedules against Megatron's orders, the figures of the pipeline, and folded ones against whole
//! ones.

use super::*;
use crate::core::config::{Config, Edit, Field, Value};
use crate::core::pipeline::Pipeline;

const WHOLE: u64 = u64::MAX;

fn plan(pp: u64, vpp: u64, gbs: u64) -> Plan {
    let mut edit = Edit::count(Field::Pp, pp)
        .and(Field::GpusPerNode, Value::Count(pp))
        .and(Field::NumLayers, Value::Count(64))
        .and(Field::GlobalBatch, Value::Count(gbs));
    if vpp > 1 {
        edit = edit.and(Field::Vpp, Value::Count(vpp));
    }
    Plan::of(&edit.apply(&Config::default()))
}

fn own(plan: &Plan, room: u64) -> Schedule {
    Schedule::of(plan, Kind::of(plan), room).expect("a schedule")
}

fn row(schedule: &Schedule, stage: usize, backward: bool) -> Vec<(u64, u64)> {
    let blocks = schedule.rows[stage].iter();
    let wanted = blocks.filter(|block| block.backward == backward);
    wanted
        .map(|block| (block.chunk, block.microbatch))
        .collect()
}

/// The idle share and the peaks are those of the report, drawn in full or folded.
#[track_caller]
fn agrees(pp: u64, vpp: u64, m: u64) {
    let plan = plan(pp, vpp, m);
    let pipeline = Pipeline::of(&plan);
    for room in [0, 40, WHOLE] {
        let schedule = own(&plan, room);
        let (drawn, said) = (schedule.idle(), pipeline.bubble_fraction_of_step);
        assert!((drawn - said).abs() < 1e-12, "{drawn} is not {said}");
        for stage in &pipeline.stages {
            let peak = schedule.peak(stage.stage as usize);
            assert_eq!(peak, stage.in_flight_microbatches, "stage {}", stage.stage);
        }
        let gpipe = Schedule::of(&plan, Kind::Gpipe, room).expect("a schedule");
        let (p, m) = (pp as f64, m as f64);
        let bubble = (p - 1.0) / (m + p - 1.0);
        assert!((gpipe.idle() - bubble).abs() < 1e-12);
        for stage in 0..pp as usize {
            assert_eq!(gpipe.peak(stage) as f64, m, "GPipe holds all");
        }
    }
}

#[test]
fn idle_share_and_micro_batches_in_flight_are_those_of_the_report() {
    agrees(1, 1, 4);
    agrees(4, 1, 8);
    agrees(8, 1, 32);
    agrees(2, 1, 1);
    agrees(8, 1, 3);
    agrees(4, 1, 4096);
    agrees(16, 1, 2048);
    agrees(4, 2, 8);
    agrees(4, 4, 16);
    agrees(2, 3, 6);
    agrees(8, 2, 512);
    agrees(16, 4, 256);
    agrees(4, 2, 1024);
}

#[test]
fn gpipe_is_the_picture_of_the_guide() {
    let schedule = Schedule::of(&plan(2, 1, 4), Kind::Gpipe, WHOLE).expect("a schedule");
    assert_eq!(
        row(&schedule, 0, false),
        [(0, 0), (0, 1), (0, 2), (0, 3)],
        "F1 F2 F3 F4"
    );
    assert_eq!(
        row(&schedule, 1, true),
        [(0, 3), (0, 2), (0, 1), (0, 0)],
        "B4 B3 B2 B1"
    );
    // The last stage turns round at once; the first waits for a forward and a backward pass of it.
    assert_eq!(schedule.rows[1][4].start, 5);
    assert_eq!(schedule.rows[0][4].start, 7);
    assert_eq!(schedule.length, 15);
}

#[test]
fn phases_are_megatrons() {
    let phases = |schedule: &Schedule, stage: usize, wanted: Phase| {
        let blocks = schedule.rows[stage].iter();
        blocks.filter(|block| block.phase == wanted).count()
    };
    let schedule = own(&plan(4, 1, 8), WHOLE);
    for (stage, warm_up) in [(0, 3), (1, 2), (2, 1), (3, 0)] {
        assert_eq!(phases(&schedule, stage, Phase::WarmUp), warm_up);
        assert_eq!(phases(&schedule, stage, Phase::CoolDown), warm_up);
        assert_eq!(phases(&schedule, stage, Phase::Steady), 16 - 2 * warm_up);
    }
    // 2 · (4 − 1 − stage) + (2 − 1) · 4
    let interleaved = own(&plan(4, 2, 8), WHOLE);
    for (stage, warm_up) in [(0, 10), (1, 8), (2, 6), (3, 4)] {
        assert_eq!(phases(&interleaved, stage, Phase::WarmUp), warm_up);
    }
    let gpipe = Schedule::of(&plan(4, 1, 8), Kind::Gpipe, WHOLE).expect("a schedule");
    assert_eq!(phases(&gpipe, 0, Phase::WarmUp), 8);
    assert_eq!(phases(&gpipe, 0, Phase::CoolDown), 8);
}

#[test]
fn micro_batches_go_through_a_chunk_as_many_in_a_row_as_the_plan_says() {
    let mut plan = plan(4, 2, 14);
    plan.config
        .parallel
        .microbatch_group_size_per_virtual_pipeline_stage = Some(5);
    let schedule = own(&plan, WHOLE);
    let order = row(&schedule, 3, false);
    let first = [0, 1, 2, 3, 4].map(|m| (0, m));
    let second = [0, 1, 2, 3, 4].map(|m| (1, m));
    assert_eq!(order[..11], [&first[..], &second, &[(0, 5)]].concat());
    // The last four are a group of their own.
    let last = [10, 11, 12, 13].map(|m| (0, m));
    let again = [10, 11, 12, 13].map(|m| (1, m));
    assert_eq!(order[20..], [last, again].concat());
    assert_eq!(schedule.rows.concat().len(), 2 * 4 * 2 * 14);
}

/// No pass begins before what it needs has ended, nor before its stage is free.
#[track_caller]
fn is_possible(schedule: &Schedule) {
    let stages = schedule.rows.len();
    let last = stages * schedule.chunks as usize - 1;
    let part = |stage: usize, block: &Block| block.chunk as usize * stages + stage;
    let find = |wanted: usize, microbatch: u64, backward: bool| {
        let blocks = schedule.rows[wanted % stages].iter();
        let mut found = blocks.filter(|b| {
            part(wanted % stages, b) == wanted
                && b.microbatch == microbatch
                && b.backward == backward
        });
        found.next().expect("every pass is there").end()
    };
    for (stage, row) in schedule.rows.iter().enumerate() {
        for pair in row.windows(2) {
            assert!(pair[0].end() <= pair[1].start);
        }
        for block in row {
            let needed = match (block.backward, part(stage, block)) {
                (false, 0) => 0,
                (false, part) => find(part - 1, block.microbatch, false),
                (true, part) if part == last => find(part, block.microbatch, false),
                (true, part) => find(part + 1, block.microbatch, true),
            };
            assert!(needed <= block.start, "stage {stage}: {block:?}");
        }
    }
}

#[test]
fn every_pass_waits_for_what_it_needs() {
    for (pp, vpp, m) in [(4, 1, 8), (3, 1, 2), (4, 2, 12), (2, 3, 6)] {
        let plan = plan(pp, vpp, m);
        is_possible(&own(&plan, WHOLE));
        is_possible(&Schedule::of(&plan, Kind::Gpipe, WHOLE).expect("a schedule"));
    }
}

/// A folded schedule is the whole one without what lies in its folds. Gives how many folds it has.
#[track_caller]
fn folds_exactly(shape: Shape, room: u64) -> usize {
    let told = format!("{shape:?} in {room} ticks");
    let whole = match Schedule::shaped(shape, WHOLE) {
        Ok(whole) => whole,
        Err(reason) => {
            assert_eq!(Schedule::shaped(shape, room), Err(reason), "{told}");
            return 0;
        }
    };
    let folded = Schedule::shaped(shape, room).expect(&told);
    assert_eq!(whole.folds, [], "{told}");
    assert_eq!(folded.length, whole.length, "{told}");
    let folds = &folded.folds;
    let hidden = |b: &&Block| folds.iter().any(|f| f.from <= b.start && b.end() <= f.to);
    for (stage, (folded, whole)) in folded.rows.iter().zip(&whole.rows).enumerate() {
        let shown = whole.iter().filter(|block| !hidden(block));
        let shown: Vec<Block> = shown.copied().collect();
        assert_eq!(*folded, shown, "stage {stage} of {told}");
    }
    for (stage, row) in whole.rows.iter().enumerate() {
        // What a fold says of itself: every stage computes as much in it, each way.
        for fold in folds {
            for backward in [false, true] {
                let begins =
                    |b: &&Block| b.backward == backward && (fold.from..fold.to).contains(&b.start);
                let count = row.iter().filter(begins).count() as u64;
                let gpipe = shape.kind == Kind::Gpipe && backward == (fold.held > 0);
                let expected = if gpipe {
                    0
                } else {
                    fold.microbatches * shape.chunks
                };
                assert_eq!(count, expected, "stage {stage} of {told}: {fold:?}");
            }
        }
        // And what is held in flight is the same at any time outside the folds.
        let at = |steps: &[(u64, u64)], time: u64| {
            let before = steps.partition_point(|(from, _)| *from <= time);
            before.checked_sub(1).map_or(0, |last| steps[last].1)
        };
        let (short, long) = (folded.held(stage), whole.held(stage));
        for time in 0..whole.length {
            if !folds.iter().any(|f| (f.from..f.to).contains(&time)) {
                assert_eq!(at(&short, time), at(&long, time), "at {time} of {told}");
            }
        }
    }
    folds.len()
}

#[test]
fn a_folded_schedule_is_the_whole_one_outside_its_folds() {
    let mut folded = [0; 3];
    for stages in [1, 2, 3, 4, 5, 8, 11] {
        for microbatches in [1, 2, 3, 5, 8, 13, 20, 33, 48, 61, 96, 150] {
            for room in [0, 12, 40, 66] {
                for (at, kind) in [(0, Kind::Gpipe), (1, Kind::OneFOneB)] {
                    let shape = Shape {
                        kind,
                        stages,
                        chunks: 1,
                        microbatches,
                        in_a_row: 1,
                    };
                    folded[at] += usize::from(folds_exactly(shape, room) > 0);
                }
            }
        }
    }
    for stages in [1, 2, 3, 4, 6] {
        for chunks in [2, 3, 4] {
            for in_a_row in [1, 2, 3, 4, 5, 6, 7, 9, 12] {
                for microbatches in [1, 2, 3, 6, 7, 16, 24, 31, 48, 66, 85] {
                    for room in [0, 40, 130] {
                        let shape = Shape {
                            kind: Kind::Interleaved,
                            stages,
                            chunks,
                            microbatches,
                            in_a_row,
                        };
                        folded[2] += usize::from(folds_exactly(shape, room) > 0);
                    }
                }
            }
        }
    }
    // Not by drawing everything in full.
    assert!(
        folded[0] > 100 && folded[1] > 100 && folded[2] > 500,
        "{folded:?}"
    );
}

#[test]
fn a_long_step_is_folded_to_about_its_room() {
    for (pp, vpp, m, most) in [
        (2, 1, 4096, 70),
        (4, 1, 256, 80),
        (16, 1, 2048, 130),
        (8, 2, 512, 120),
    ] {
        let plan = plan(pp, vpp, m);
        let schedule = own(&plan, 66);
        assert_eq!(schedule.folds.len(), 1);
        let hidden: u64 = schedule.folds.iter().map(Fold::length).sum();
        let shown = schedule.forward_passes(schedule.length - hidden);
        assert!(shown <= f64::from(most), "PP {pp}: {shown} are shown");
        let gpipe = Schedule::of(&plan, Kind::Gpipe, 66).expect("a schedule");
        assert_eq!(gpipe.folds.len(), 2);
    }
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let mut none = plan(4, 1, 8);
    none.sizes.megatron_num_microbatches = 0;
    let none = Schedule::of(&none, Kind::OneFOneB, 66);
    assert!(none.is_err_and(|reason| reason.starts_with("The global batch")));
    let mut large = plan(64, 1, 64);
    large.sizes.pipeline_model_parallel_size = 100_000;
    let large = Schedule::of(&large, Kind::OneFOneB, 66);
    assert!(large.is_err_and(|reason| reason.starts_with("The schedule of so many")));
}
#[test]
fn groups_of_too_few_micro_batches_never_end() {
    // Megatron refuses groups of fewer micro-batches than stages.
    for (stages, chunks, in_a_row) in [(4, 2, 1), (4, 2, 2), (8, 2, 6), (8, 4, 5), (12, 3, 10)] {
        let shape = Shape {
            kind: Kind::Interleaved,
            stages,
            chunks,
            microbatches: 6 * in_a_row,
            in_a_row,
        };
        let stuck = Schedule::shaped(shape, 66);
        assert!(stuck.is_err_and(|reason| reason.contains("wait for each other for ever")));
    }
}
