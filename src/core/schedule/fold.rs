//! A long step told by its beginning and its end.
//!
//! The middle of a step repeats itself, so a step of many micro-batches is worked out by a shorter
//! one: where it repeats, whole repetitions are put in. A step has an exact fold only if a repetition
//! was found in it; nothing is drawn by resemblance.

use super::order::Shape;
use super::{BACKWARD, Block, FORWARD, Fold, Kind};
use crate::core::number::{product, quotient, quotient_up, remainder};

/// Where a shorter step is opened: at `at` of its own time, up to `at + skipped`.
#[derive(Debug, Clone, Copy)]
struct Cut {
    at: u64,
    skipped: u64,
    /// Time that one more group of micro-batches takes there.
    period: u64,
    /// Micro-batches in `skipped`.
    microbatches: u64,
    /// Whether micro-batches after it have the numbers of the longer step.
    renumbers: bool,
    /// What one more group adds to the micro-batches that a stage holds.
    held: i64,
}

/// A shorter step that tells the whole one, and the micro-batches left out in each of its cuts.
pub(super) struct Short {
    pub shape: Shape,
    groups: u64,
}

impl Short {
    /// The shorter step for about `room` of drawn time.
    pub fn of(shape: Shape, room: u64) -> Short {
        let shown = quotient(room, product(&[3, shape.round()]));
        let groups = match shape.kind {
            // Every stage is in forward passes, and later in backward passes, for a while.
            Kind::Gpipe => shape.stages.saturating_add(shown.max(2)),
            // Every stage is in its steady state for two rounds, after some to settle.
            _ => {
                let warm_up = shape.warm_up(0);
                let skew = quotient_up(shape.stages, shape.round());
                let least = quotient_up(warm_up, shape.round()).saturating_add(skew);
                least.saturating_add(4).saturating_add(shown)
            }
        };
        let rest = remainder(shape.microbatches, shape.in_a_row);
        let least = product(&[groups, shape.in_a_row]).saturating_add(rest);
        let microbatches = least.min(shape.microbatches);
        Short {
            shape: Shape {
                microbatches,
                ..shape
            },
            groups: quotient(
                shape.microbatches.saturating_sub(microbatches),
                shape.in_a_row,
            ),
        }
    }

    /// The whole step of which `rows` is the shorter one: its blocks outside the folds, and the
    /// folds. None where no repetition was found, or one that would save little.
    pub fn unfold(&self, rows: &[Vec<Block>], room: u64) -> Option<(Vec<Vec<Block>>, Vec<Fold>)> {
        let cuts = match self.shape.kind {
            Kind::Gpipe => self.cuts_of_gpipe(room),
            _ => vec![self.cut(rows, room)?],
        };
        let length = super::end(rows);
        let skipped = cuts.iter().map(|cut| cut.skipped).sum();
        if self.groups == 0 && product(&[4, skipped]) < length {
            return None;
        }
        let unfolded = rows.iter().map(|row| self.unfolded(row, &cuts)).collect();
        Some((unfolded, self.folds(&cuts)))
    }

    /// The times left out. Those after the first are moved by what the ones before put in.
    fn folds(&self, cuts: &[Cut]) -> Vec<Fold> {
        let mut moved: u64 = 0;
        let fold = |cut: &Cut| {
            let from = cut.at.saturating_add(moved);
            let put_in = product(&[self.groups, cut.period]);
            moved = moved.saturating_add(put_in);
            let left_out = product(&[self.groups, self.shape.in_a_row]);
            Fold {
                from,
                to: from.saturating_add(cut.skipped).saturating_add(put_in),
                microbatches: cut.microbatches.saturating_add(left_out),
                held: i64::try_from(self.groups)
                    .unwrap_or(i64::MAX)
                    .saturating_mul(cut.held),
            }
        };
        cuts.iter().map(fold).collect()
    }

    /// The blocks of one stage, in the time and with the micro-batches of the whole step.
    fn unfolded(&self, row: &[Block], cuts: &[Cut]) -> Vec<Block> {
        let left_out = product(&[self.groups, self.shape.in_a_row]);
        let place = |block: &Block| {
            let before: Vec<&Cut> = cuts.iter().filter(|cut| cut.at <= block.start).collect();
            let last = before.last();
            if last.is_some_and(|cut| block.end() <= cut.at.saturating_add(cut.skipped)) {
                return None;
            }
            let moved = before
                .iter()
                .map(|cut| product(&[self.groups, cut.period]))
                .fold(0, u64::saturating_add);
            let renumbered = last.is_some_and(|cut| cut.renumbers);
            let by = if renumbered { left_out } else { 0 };
            Some(Block {
                start: block.start.saturating_add(moved),
                microbatch: block.microbatch.saturating_add(by),
                ..*block
            })
        };
        row.iter().filter_map(place).collect()
    }

    /// GPipe repeats twice: while every stage is in forward passes, and while every stage is in
    /// backward passes, one micro-batch more is one pass more on each stage.
    fn cuts_of_gpipe(&self, room: u64) -> Vec<Cut> {
        if self.groups == 0 {
            return Vec::new();
        }
        let (stages, m) = (self.shape.stages, self.shape.microbatches);
        let fill = stages.saturating_sub(1);
        // As many micro-batches before the fold as after it, where there are some to spare.
        let spare = quotient(m.saturating_sub(stages).min(room), 2);
        let cut = |at: u64, period: u64, held: i64| Cut {
            at,
            skipped: 0,
            period,
            microbatches: 0,
            renumbers: held > 0,
            held,
        };
        let backward = m.saturating_add(fill);
        let into_backward = fill.saturating_add(spare);
        vec![
            cut(fill.saturating_add(spare), FORWARD, 1),
            cut(
                backward.saturating_add(product(&[into_backward, BACKWARD])),
                BACKWARD,
                -1,
            ),
        ]
    }

    /// Where 1F1B and the interleaved schedule repeat: the first round of the steady state after
    /// which each stage does the same one period later with the next group of micro-batches.
    ///
    /// One repetition is enough. Passes start as soon as they can, so the times of a round are sums
    /// and maxima of those of the rounds before. Counted as in [`Short::round_of`], a pass needs
    /// nothing of a later round, and nothing of more than one round before it. So once a round is the
    /// one before it moved by a period, all that follow are, as long as the order repeats.
    fn cut(&self, rows: &[Vec<Block>], room: u64) -> Option<Cut> {
        let shape = self.shape;
        if shape.kind == Kind::Interleaved && shape.in_a_row < shape.stages.saturating_sub(1) {
            // A pass may need one of a later round.
            return None;
        }
        let rounds = quotient(shape.passes(), shape.round());
        let first = (0..rounds).find(|n| self.period(rows, *n).is_some())?;
        let period = self.period(rows, first)?;
        let same = |n: &u64| self.period(rows, *n) == Some(period);
        let repeats = u64::try_from((first..rounds).take_while(same).count()).unwrap_or(0);
        let least = self.starts(rows, first)?;
        let length = super::end(rows);
        // As much before the fold as after it, with a little of what repeats, and at least one
        // repetition in the fold.
        let half = quotient(room, 2);
        let little = quotient(room, product(&[8, period]));
        let early = quotient(half.saturating_sub(least), period).max(little);
        let early = early.min(repeats.saturating_sub(1));
        let at = least.saturating_add(product(&[early, period]));
        let left = repeats.saturating_sub(early);
        let after = |n: u64| {
            let opened = at.saturating_add(product(&[n, period]));
            length.saturating_sub(opened)
        };
        let most = left.saturating_sub(little);
        let skipped = (1..=most).rev().find(|n| after(*n) >= half).unwrap_or(1);
        Some(Cut {
            at,
            skipped: product(&[skipped, period]),
            period,
            microbatches: product(&[skipped, shape.in_a_row]),
            renumbers: true,
            held: 0,
        })
    }

    /// The pairs of round `n` of a stage, in its row. Rounds of the interleaved schedule begin later
    /// on later stages: counted so, what comes from a neighbour is always of an earlier pair.
    fn round_of<'a>(&self, row: &'a [Block], stage: u64, n: u64) -> Option<&'a [Block]> {
        let skew = match self.shape.kind {
            Kind::Interleaved => self.shape.after(stage),
            _ => 0,
        };
        let round = self.shape.round();
        let first = product(&[n, round]).checked_sub(skew)?;
        let begin = self
            .shape
            .warm_up(stage)
            .saturating_add(product(&[2, first]));
        let end = begin.saturating_add(product(&[2, round]));
        let pairs = row.get(usize::try_from(begin).ok()?..usize::try_from(end).ok()?)?;
        let steady = |block: &Block| block.phase == super::Phase::Steady;
        pairs.iter().all(steady).then_some(pairs)
    }

    /// When the last stage to do so begins round `n`.
    fn starts(&self, rows: &[Vec<Block>], n: u64) -> Option<u64> {
        let begin = |(stage, row): (u64, &Vec<Block>)| {
            let first = self.round_of(row, stage, n)?.first()?;
            Some(first.start)
        };
        let starts: Option<Vec<u64>> = (0_u64..).zip(rows).map(begin).collect();
        starts?.into_iter().max()
    }

    /// The time by which round `n + 1` is round `n` again on every stage, with the next micro-batches.
    fn period(&self, rows: &[Vec<Block>], n: u64) -> Option<u64> {
        let next = n.saturating_add(1);
        let mut period = None;
        for (stage, row) in (0_u64..).zip(rows) {
            let now = self.round_of(row, stage, n)?;
            let then = self.round_of(row, stage, next)?;
            for (a, b) in now.iter().zip(then) {
                let later = b.start.checked_sub(a.start)?;
                let moved = Block {
                    start: b.start,
                    microbatch: a.microbatch.saturating_add(self.shape.in_a_row),
                    ..*a
                };
                if moved != *b || *period.get_or_insert(later) != later {
                    return None;
                }
            }
        }
        period.filter(|period| *period > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Schedule;
    use super::*;

    const WHOLE: u64 = u64::MAX;

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
                    let begins = |b: &&Block| {
                        b.backward == backward && (fold.from..fold.to).contains(&b.start)
                    };
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
        for stages in [1, 2, 4, 6] {
            for chunks in [2, 3, 4] {
                for in_a_row in [1, 2, 3, 4, 5, 6, 7, 9, 12] {
                    for microbatches in [1, 2, 6, 7, 16, 31, 48, 85] {
                        for room in [0, 130] {
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
            folded[0] > 100 && folded[1] > 100 && folded[2] > 200,
            "{folded:?}"
        );
    }

    #[test]
    fn groups_of_too_few_micro_batches_never_end() {
        // Megatron refuses groups of fewer micro-batches than stages.
        for (stages, chunks, in_a_row) in [(4, 2, 1), (4, 2, 2), (8, 2, 6), (8, 4, 5), (12, 3, 10)]
        {
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
}
