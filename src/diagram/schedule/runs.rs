//! What of a stage's row is drawn as one: a block, or blocks of one kind where single ones would be
//! hair lines.

use crate::core::schedule::{Block, Phase};

/// A piece of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Its beginning and its end, in ticks.
    pub from: u64,
    pub to: u64,
    /// The chunk of its forward passes, and of its backward passes. With both it is one of each in
    /// turn.
    pub forward: Option<u64>,
    pub backward: Option<u64>,
    /// The micro-batch, where it is one block.
    pub microbatch: Option<u64>,
}

impl From<&Block> for Run {
    fn from(block: &Block) -> Run {
        let chunk = |wanted| (block.backward == wanted).then_some(block.chunk);
        Run {
            from: block.start,
            to: block.end(),
            forward: chunk(false),
            backward: chunk(true),
            microbatch: Some(block.microbatch),
        }
    }
}

impl Run {
    /// The pair that a forward pass of the steady state is in, with the backward pass after it.
    fn pair(forward: &Block, backward: &Block) -> Option<Run> {
        let steady = |block: &Block| block.phase == Phase::Steady;
        let pair = steady(forward) && steady(backward) && !forward.backward && backward.backward;
        (pair && forward.end() == backward.start).then_some(Run {
            from: forward.start,
            to: backward.end(),
            forward: Some(forward.chunk),
            backward: Some(backward.chunk),
            microbatch: None,
        })
    }

    /// Whether another goes on as it does.
    fn goes_on(&self, next: &Run) -> bool {
        self.to == next.from && (self.forward, self.backward) == (next.forward, next.backward)
    }
}

/// The blocks of a row one by one.
pub fn single(row: &[Block]) -> Vec<Run> {
    row.iter().map(Run::from).collect()
}

/// The blocks of a row with those of one kind together.
pub fn together(row: &[Block]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut blocks = row.iter().peekable();
    while let Some(block) = blocks.next() {
        let pair = blocks.peek().and_then(|next| Run::pair(block, next));
        if pair.is_some() {
            blocks.next();
        }
        let run = pair.unwrap_or(Run {
            microbatch: None,
            ..Run::from(block)
        });
        match runs.last_mut() {
            Some(last) if last.goes_on(&run) => last.to = run.to,
            _ => runs.push(run),
        }
    }
    runs
}
