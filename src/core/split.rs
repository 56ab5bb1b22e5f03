//! Which layers lie on which stage of the pipeline: evenly, with fewer on the first and the last
//! stage, with the embedding and the head counted as layers, or by a layout.
//! Megatron-LM `megatron/core/transformer/transformer_block.py`, `get_num_layers_to_build`, and
//! `transformer_layer.py`, `get_transformer_layer_offset`.

use super::config::Field;
use super::layout::{Layout, count};
use super::number::{product, quotient, quotient_up, remainder};
use super::pipeline::Layers;
use super::plan::Plan;
use super::steps::in_effect;

/// Chunks that are told apart; beyond them, layers are spread evenly and a check fails.
const MOST_CHUNKS: u64 = 1 << 16;

/// What one model chunk holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chunk {
    /// Transformer layers.
    pub layers: u64,
    /// Whether the embedding is there.
    pub embedding: bool,
    /// Whether the head is there.
    pub head: bool,
    /// MTP layers.
    pub mtp: u64,
}

/// The chunks of a plan: chunk `i` lies on stage `i mod PP`.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    chunks: Vec<(u64, Chunk)>,
    pp: u64,
}

impl Split {
    /// The chunks of a plan.
    pub fn of(plan: &Plan) -> Split {
        let mut first = 0_u64;
        let with_start = |chunk: Chunk| {
            let start = first;
            first = first.saturating_add(chunk.layers);
            (start, chunk)
        };
        Split {
            chunks: chunks(plan).into_iter().map(with_start).collect(),
            pp: plan.sizes.pipeline_model_parallel_size.max(1),
        }
    }

    /// The chunks of one stage with their layers. Empty chunks after the first are left out, as
    /// many as VPP says may be.
    pub fn stage(&self, stage: u64) -> Vec<(Layers, Chunk)> {
        let every = usize::try_from(self.pp).unwrap_or(usize::MAX);
        let start = usize::try_from(stage).unwrap_or(usize::MAX);
        let own = self.chunks.iter().skip(start).step_by(every).enumerate();
        let holds = |(i, (_, chunk)): &(usize, &(u64, Chunk))| {
            *i == 0 || chunk.layers > 0 || chunk.head || chunk.mtp > 0
        };
        own.filter(holds)
            .map(|(_, (first, chunk))| {
                let end = first.saturating_add(chunk.layers);
                (Layers { first: *first, end }, *chunk)
            })
            .collect()
    }
}

/// Every chunk, in the order of the model.
fn chunks(plan: &Plan) -> Vec<Chunk> {
    let s = &plan.sizes;
    let pp = s.pipeline_model_parallel_size.max(1);
    // Chunks beyond the layers are empty, as many as VPP says.
    let vpp = s
        .virtual_pipeline_model_parallel_size
        .clamp(1, quotient(MOST_CHUNKS, pp).max(1));
    let mtp = in_effect(plan, Field::MtpNumLayers).count().unwrap_or(0);
    if let Some(layout) = plan.layout() {
        return layout
            .stages
            .iter()
            .map(|stage| of_letters(stage))
            .collect();
    }
    let all = product(&[pp, vpp]);
    (0..all)
        .map(|chunk| Chunk {
            layers: layers_of(plan, chunk, pp, vpp),
            embedding: chunk == 0,
            head: chunk == all.saturating_sub(1),
            mtp: if chunk == all.saturating_sub(1) {
                mtp
            } else {
                0
            },
        })
        .collect()
}

fn of_letters(stage: &str) -> Chunk {
    Chunk {
        layers: count(stage, 't'),
        embedding: count(stage, 'E') > 0,
        head: count(stage, 'L') > 0,
        mtp: count(stage, 'm'),
    }
}

/// Transformer layers of a chunk without a layout.
fn layers_of(plan: &Plan, chunk: u64, pp: u64, vpp: u64) -> u64 {
    let p = &plan.config.parallel;
    let all = plan.model.num_layers;
    if all == 0 {
        return 0;
    }
    let (stage, turn) = (remainder(chunk, pp), quotient(chunk, pp));
    let (first, last) = (
        p.num_layers_in_first_pipeline_stage,
        p.num_layers_in_last_pipeline_stage,
    );
    if first.is_some() || last.is_some() {
        let on_stage = match (stage, first, last) {
            (0, Some(first), _) => first.min(all),
            (stage, _, Some(last)) if stage.saturating_add(1) == pp => {
                last.min(all.saturating_sub(first.unwrap_or(0)))
            }
            _ => {
                let set = u64::from(first.is_some()).saturating_add(u64::from(last.is_some()));
                let middle = all
                    .saturating_sub(first.unwrap_or(0))
                    .saturating_sub(last.unwrap_or(0));
                let at = stage.saturating_sub(u64::from(first.is_some()));
                share(middle, pp.saturating_sub(set).max(1), at)
            }
        };
        return share(on_stage, vpp, turn);
    }
    // The embedding and the head take the place of a layer where they are counted as one.
    let embedding = u64::from(p.account_for_embedding_in_pipeline_split);
    let loss = u64::from(p.account_for_loss_in_pipeline_split);
    let parts = product(&[pp, vpp]);
    let counted = all.saturating_add(embedding).saturating_add(loss);
    if remainder(counted, parts) != 0 {
        return share(all, parts, chunk);
    }
    let taken = if chunk == 0 { embedding } else { 0 }.saturating_add(
        if chunk.saturating_add(1) == parts {
            loss
        } else {
            0
        },
    );
    share(counted, parts, chunk).saturating_sub(taken)
}

/// The part of `n` layers that falls to one of `parts`: equal parts where they divide, else the
/// first parts hold one more, and a check fails.
fn share(n: u64, parts: u64, part: u64) -> u64 {
    quotient(n, parts).saturating_add(u64::from(part < remainder(n, parts)))
}

impl Plan {
    /// Layers of the fullest stage.
    pub fn layers_per_stage(&self) -> u64 {
        let p = &self.config.parallel;
        let (layers, pp) = (
            self.model.num_layers,
            self.sizes.pipeline_model_parallel_size.max(1),
        );
        if let Some(layout) = self.layout() {
            let on = |stage: u64| -> u64 {
                let own = layout
                    .stages
                    .iter()
                    .zip(0_u64..)
                    .filter(|(_, i)| remainder(*i, pp) == stage);
                own.map(|(letters, _)| count(letters, 't')).sum()
            };
            return (0..pp.min(layout.stages.len() as u64))
                .map(on)
                .max()
                .unwrap_or(0);
        }
        let (first, last) = (
            p.num_layers_in_first_pipeline_stage,
            p.num_layers_in_last_pipeline_stage,
        );
        if first.is_some() || last.is_some() {
            let set = u64::from(first.is_some()).saturating_add(u64::from(last.is_some()));
            let (first, last) = (
                first.unwrap_or(0).min(layers),
                last.unwrap_or(0).min(layers),
            );
            let middle = layers.saturating_sub(first).saturating_sub(last);
            return first
                .max(last)
                .max(quotient_up(middle, pp.saturating_sub(set)));
        }
        let embedding = u64::from(p.account_for_embedding_in_pipeline_split);
        let loss = u64::from(p.account_for_loss_in_pipeline_split);
        let each = quotient_up(layers.saturating_add(embedding).saturating_add(loss), pp);
        // Where there is no stage between the first and the last, theirs are the fullest.
        each.saturating_sub(match pp {
            1 => embedding.saturating_add(loss),
            2 => embedding.min(loss),
            _ => 0,
        })
    }

    /// The pipeline layout, where one is set that can be read and that fills whole stages.
    pub fn layout(&self) -> Option<Layout> {
        let text = self
            .config
            .parallel
            .pipeline_model_parallel_layout
            .as_deref()?;
        let layout = Layout::read(text).ok()?;
        let pp = self.sizes.pipeline_model_parallel_size;
        (remainder(layout.stages.len() as u64, pp) == 0).then_some(layout)
    }
}
