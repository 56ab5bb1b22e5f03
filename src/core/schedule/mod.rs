//! When each stage computes which micro-batch: GPipe, 1F1B, and the interleaved schedule with VPP.
//!
//! A forward pass takes one unit of time and a backward pass two, on every stage alike, and what is
//! sent takes none. Time is counted in whole ticks, so it is exact: a forward pass of one chunk is one
//! tick, that of a whole stage as many as it has chunks.

mod fold;
mod order;
mod place;

use super::number::product;
use super::plan::Plan;
use fold::Short;
use order::Shape;

/// Blocks that are worked out at the most.
const MOST_BLOCKS: u64 = 400_000;

/// Ticks of a forward pass of one chunk.
const FORWARD: u64 = 1;

/// Ticks of a backward pass of one chunk.
const BACKWARD: u64 = 2;

/// In which order the stages compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All forward passes, then all backward passes: the guide's picture of the bubble.
    Gpipe,
    /// One forward and one backward pass in turn, after a warm-up.
    OneFOneB,
    /// The same with several chunks a stage.
    Interleaved,
}

/// What a stage is at, as Megatron-LM's schedules name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Forward passes before the first pair.
    WarmUp,
    /// Pairs of a forward and a backward pass.
    Steady,
    /// Backward passes after the last pair.
    CoolDown,
}

/// One pass of one micro-batch through one chunk of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The model chunk of the stage; 0 without VPP.
    pub chunk: u64,
    /// The micro-batch, from 0.
    pub microbatch: u64,
    /// Backward or forward.
    pub backward: bool,
    /// What its stage is at.
    pub phase: Phase,
    /// Start, in ticks.
    pub start: u64,
    /// Length, in ticks.
    pub length: u64,
}

/// A time that is left out because all stages go on in it as they did before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// Its beginning, in ticks.
    pub from: u64,
    /// Its end, in ticks.
    pub to: u64,
    /// Micro-batches that every stage computes in it.
    pub microbatches: u64,
    /// What is added in it to the micro-batches that each stage holds.
    pub held: i64,
}

/// The schedule of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The order.
    pub kind: Kind,
    /// The blocks of each stage in time, first stage to last, but for those that lie in a fold.
    pub rows: Vec<Vec<Block>>,
    /// The times left out, in their order.
    pub folds: Vec<Fold>,
    /// Chunks of a stage, which are also the ticks of a forward pass of the whole stage.
    pub chunks: u64,
    /// Micro-batches of the step.
    pub num_microbatches: u64,
    /// Ticks of the whole step.
    pub length: u64,
}

impl Kind {
    /// The order of a plan: interleaved with VPP, else 1F1B.
    pub fn of(plan: &Plan) -> Kind {
        if plan.sizes.virtual_pipeline_model_parallel_size > 1 {
            Kind::Interleaved
        } else {
            Kind::OneFOneB
        }
    }

    /// Its name in a text.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Gpipe => "GPipe",
            Kind::OneFOneB => "1F1B",
            Kind::Interleaved => "Interleaved",
        }
    }
}

impl Phase {
    /// The phases in their order.
    pub const ALL: [Phase; 3] = [Phase::WarmUp, Phase::Steady, Phase::CoolDown];
}

impl Block {
    /// When it ends, in ticks.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.length)
    }
}

impl Fold {
    /// How long it is, in ticks.
    pub fn length(&self) -> u64 {
        self.to.saturating_sub(self.from)
    }
}

impl Schedule {
    /// The schedule of a plan, folded where it is longer than `room` forward passes of a stage and
    /// where that leaves out much; or why there is none, in a sentence. GPipe and 1F1B have one chunk
    /// a stage, whatever the plan's VPP.
    pub fn of(plan: &Plan, kind: Kind, room: u64) -> Result<Schedule, &'static str> {
        let s = &plan.sizes;
        let (chunks, in_a_row) = match kind {
            Kind::Interleaved => (
                s.virtual_pipeline_model_parallel_size,
                plan.microbatches_in_a_row(),
            ),
            _ => (1, 1),
        };
        Schedule::shaped(
            Shape {
                // With one chunk there is nothing to interleave.
                kind: if kind == Kind::Interleaved && chunks < 2 {
                    Kind::OneFOneB
                } else {
                    kind
                },
                stages: s.pipeline_model_parallel_size,
                chunks,
                microbatches: s.megatron_num_microbatches,
                in_a_row: if chunks < 2 { 1 } else { in_a_row },
            },
            product(&[room, chunks]),
        )
    }

    fn shaped(shape: Shape, room: u64) -> Result<Schedule, &'static str> {
        if shape.passes() == 0 {
            return Err(
                "The global batch is smaller than a micro-batch of every replica, so there is no \
                 schedule to draw.",
            );
        }
        let made = |rows: Vec<Vec<Block>>, folds: Vec<Fold>| Schedule {
            kind: shape.kind,
            length: end(&rows),
            rows,
            folds,
            chunks: shape.chunks,
            num_microbatches: shape.microbatches,
        };
        // The least that a step can take.
        let busy = product(&[FORWARD.saturating_add(BACKWARD), shape.passes()]);
        let short = Short::of(shape, room);
        if busy > room && short.shape.blocks() <= MOST_BLOCKS {
            let rows = place::place(short.shape);
            if let Some((rows, folds)) = rows.as_ref().and_then(|rows| short.unfold(rows, room)) {
                return Ok(made(rows, folds));
            }
            if let (Some(rows), true) = (rows, short.shape == shape) {
                return Ok(made(rows, Vec::new()));
            }
        }
        if shape.blocks() > MOST_BLOCKS {
            return Err(
                "The schedule of so many passes is not worked out. Fewer stages or chunks are.",
            );
        }
        let rows = place::place(shape).ok_or(
            "In this order the stages wait for each other for ever, so there is no schedule to \
             draw.",
        )?;
        Ok(made(rows, Vec::new()))
    }

    /// Idle share of the step. Every stage computes for the same time, so it is that of each.
    pub fn idle(&self) -> f64 {
        let passes = product(&[self.num_microbatches, self.chunks]);
        let busy = product(&[FORWARD.saturating_add(BACKWARD), passes]);
        match self.length {
            0 => 0.0,
            length => length.saturating_sub(busy) as f64 / length as f64,
        }
    }

    /// From which tick to which a stage is in a phase.
    pub fn lasts(&self, stage: usize, phase: Phase) -> Option<(u64, u64)> {
        let row = self.rows.get(stage)?;
        let of = |block: &&Block| block.phase == phase;
        Some((row.iter().find(of)?.start, row.iter().rfind(of)?.end()))
    }

    /// A time as forward passes of a whole stage.
    pub fn forward_passes(&self, ticks: u64) -> f64 {
        ticks as f64 / self.chunks.max(1) as f64
    }

    /// How many micro-batches a stage holds from which tick on: from the beginning of a forward pass
    /// until its backward pass has ended. With VPP each counts once for every chunk.
    pub fn held(&self, stage: usize) -> Vec<(u64, u64)> {
        // What ends as a fold begins lies before it, and what ends with it in it.
        let hidden = |block: &Block| {
            let in_fold = |fold: &Fold| {
                if block.backward {
                    fold.from < block.end() && block.end() <= fold.to
                } else {
                    fold.from <= block.start && block.start < fold.to
                }
            };
            self.folds.iter().any(in_fold)
        };
        let blocks = self.rows.get(stage).map(Vec::as_slice).unwrap_or_default();
        let mut steps: Vec<(u64, u64)> = Vec::new();
        let mut now: i64 = 0;
        let mut step = |time: u64, by: i64| {
            now = now.saturating_add(by);
            let held = u64::try_from(now).unwrap_or(0);
            match steps.last_mut() {
                Some(last) if last.0 == time => last.1 = held,
                _ => steps.push((time, held)),
            }
        };
        // A stage does one thing after the other, so what changes is in the order of time.
        let mut folds = self.folds.iter().peekable();
        for block in blocks.iter().filter(|block| !hidden(block)) {
            let (time, by) = if block.backward {
                (block.end(), -1)
            } else {
                (block.start, 1)
            };
            while let Some(fold) = folds.next_if(|fold| fold.to <= time) {
                step(fold.to, fold.held);
            }
            step(time, by);
        }
        steps
    }

    /// The most micro-batches that a stage holds at once.
    pub fn peak(&self, stage: usize) -> u64 {
        let held = self.held(stage).into_iter().map(|(_, held)| held);
        held.max().unwrap_or(0)
    }
}

/// When the last block ends.
fn end(rows: &[Vec<Block>]) -> u64 {
    let last = rows.iter().filter_map(|row| row.last());
    last.map(Block::end).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
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
}
