//! Passes put in time.

use super::order::{Pass, Shape};
use super::{BACKWARD, Block, FORWARD};
use crate::core::number::product;

/// What has not ended yet.
const NEVER: u64 = u64::MAX;

/// When each pass of each part of the model ends.
struct Ends {
    shape: Shape,
    ends: Vec<u64>,
}

impl Ends {
    fn index(&self, part: u64, microbatch: u64, backward: bool) -> usize {
        let at = product(&[part, self.shape.microbatches]).saturating_add(microbatch);
        usize::try_from(product(&[at, 2]).saturating_add(u64::from(backward))).unwrap_or(usize::MAX)
    }

    fn at(&self, part: u64, microbatch: u64, backward: bool) -> u64 {
        let index = self.index(part, microbatch, backward);
        self.ends.get(index).copied().unwrap_or(NEVER)
    }

    /// When what a pass of a part needs is there: the forward pass of the part before, the backward
    /// pass of the part after, and for the last part its own forward pass.
    fn needed(&self, part: u64, pass: Pass) -> u64 {
        let parts = product(&[self.shape.stages, self.shape.chunks]);
        let next = part.saturating_add(1);
        match (pass.backward, part.checked_sub(1)) {
            (false, None) => 0,
            (false, Some(before)) => self.at(before, pass.microbatch, false),
            (true, _) if next == parts => self.at(part, pass.microbatch, false),
            (true, _) => self.at(next, pass.microbatch, true),
        }
    }
}

/// The blocks of each stage: every pass at the earliest time at which its stage is free and what it
/// needs is there. None where the stages wait for each other for ever.
pub(super) fn place(shape: Shape) -> Option<Vec<Vec<Block>>> {
    let orders: Vec<Vec<Pass>> = (0..shape.stages).map(|stage| shape.order(stage)).collect();
    let size = usize::try_from(shape.blocks()).ok()?;
    let mut ends = Ends {
        shape,
        ends: vec![NEVER; size],
    };
    let mut rows: Vec<Vec<Block>> = orders
        .iter()
        .map(|order| Vec::with_capacity(order.len()))
        .collect();
    loop {
        let mut moved = false;
        for ((stage, order), row) in (0_u64..).zip(&orders).zip(&mut rows) {
            while let Some(&pass) = order.get(row.len()) {
                // A chunk of a later round of the stages is a later part of the model.
                let part = product(&[pass.chunk, shape.stages]).saturating_add(stage);
                let needed = ends.needed(part, pass);
                if needed == NEVER {
                    break;
                }
                let block = Block {
                    chunk: pass.chunk,
                    microbatch: pass.microbatch,
                    backward: pass.backward,
                    phase: pass.phase,
                    start: row.last().map_or(0, Block::end).max(needed),
                    length: if pass.backward { BACKWARD } else { FORWARD },
                };
                let index = ends.index(part, pass.microbatch, pass.backward);
                if let Some(end) = ends.ends.get_mut(index) {
                    *end = block.end();
                }
                row.push(block);
                moved = true;
            }
        }
        if !moved {
            let all = rows.iter().zip(&orders);
            let done = all.into_iter().all(|(row, order)| row.len() == order.len());
            return done.then_some(rows);
        }
    }
}
