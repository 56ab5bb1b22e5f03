//! The chunks of a pipeline stage as blocks of one kind: embedding, layers, multi-token prediction,
//! head.

use super::colours::{Colour, HUES, INK, ON_DARK, ON_LIGHT, SUNK};
use crate::core::pipeline::{Layers, Stage};
use crate::core::plan::Plan;

/// Runs of like layers that are told apart in a chunk.
const MOST_RUNS: usize = 48;

/// What a block of the strip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The embedding.
    Embedding,
    /// A layer with a dense MLP.
    Dense,
    /// A layer with experts.
    Moe,
    /// A layer of multi-token prediction.
    Mtp,
    /// The head.
    Head,
    /// Layers of both kinds, too many to draw by turns.
    Mixed,
}

impl Kind {
    /// Every kind, in the order of the model.
    pub const ALL: [Kind; 6] = [
        Kind::Embedding,
        Kind::Dense,
        Kind::Moe,
        Kind::Mtp,
        Kind::Head,
        Kind::Mixed,
    ];

    /// Its letter, its name, its colour, and that of words on it.
    pub fn look(self) -> (&'static str, &'static str, Colour, Colour) {
        let [orange, light, green, dark, _, pink, ..] = HUES;
        match self {
            Kind::Embedding => ("E", "embedding", orange, ON_LIGHT),
            Kind::Dense => ("D", "dense layer", light, ON_LIGHT),
            Kind::Moe => ("M", "layer with experts", dark, ON_DARK),
            Kind::Mtp => ("MTP", "multi-token prediction", green, ON_LIGHT),
            Kind::Head => ("H", "head", pink, ON_LIGHT),
            Kind::Mixed => ("D and M", "both kinds of layers by turns", SUNK, INK),
        }
    }
}

/// Blocks of one kind in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The kind.
    pub kind: Kind,
    /// How many there are.
    pub count: u64,
}

/// One chunk of a stage: the layers it holds, and its blocks in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// Its layers.
    pub layers: Layers,
    /// Its blocks in order.
    pub runs: Vec<Run>,
}

/// The chunks of a stage with their blocks. Multi-token prediction and the head are at the end of
/// the last, the embedding at the start of the first.
pub fn chunks(plan: &Plan, stage: &Stage) -> Vec<Chunk> {
    let last = stage.chunks.len().saturating_sub(1);
    let end = |kind: Kind, count: u64| (count > 0).then_some(Run { kind, count });
    let all = stage.chunks.iter().enumerate();
    all.map(|(i, layers)| {
        let mut runs = Vec::new();
        if i == 0 {
            runs.extend(end(Kind::Embedding, u64::from(stage.embedding)));
        }
        runs.extend(layer_runs(plan, *layers));
        if i == last {
            runs.extend(end(Kind::Mtp, stage.mtp_num_layers));
            runs.extend(end(Kind::Head, u64::from(stage.head)));
        }
        Chunk {
            layers: *layers,
            runs,
        }
    })
    .collect()
}

/// Layers in runs of one kind; both kinds as one run where they change too often to be drawn.
fn layer_runs(plan: &Plan, layers: Layers) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for layer in layers.first..layers.end {
        let kind = match plan.model.moe_layers(layer, layer.saturating_add(1)) {
            0 => Kind::Dense,
            _ => Kind::Moe,
        };
        match runs.last_mut() {
            Some(run) if run.kind == kind => run.count = run.count.saturating_add(1),
            _ => runs.push(Run { kind, count: 1 }),
        }
        if runs.len() > MOST_RUNS {
            let count = layers.end.saturating_sub(layers.first);
            return vec![Run {
                kind: Kind::Mixed,
                count,
            }];
        }
    }
    runs
}
