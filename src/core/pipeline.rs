//! The pipeline: which layers each stage holds, how many micro-batches are in flight, and the
//! bubble.

use super::formula::Formula;
use super::number::{divides, product};
use super::plan::Plan;
use super::split::Split;
use super::units::percent;
use serde::Serialize;

/// The pipeline of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pipeline {
    /// Micro-batches that go through it in one step: those of one GPU.
    pub num_microbatches: u64,
    /// Idle time as a share of the computing time, by the guide: (PP − 1) / micro-batches,
    /// divided by VPP when interleaved. Zero micro-batches leave it at zero.
    pub bubble_fraction: f64,
    /// Idle time as a share of the whole step: (PP − 1) / (micro-batches + PP − 1).
    pub bubble_fraction_of_step: f64,
    /// The two shares where the plan tells them. JSON has a zero instead.
    #[serde(skip)]
    pub bubble: Option<Bubble>,
    /// Where the two shares come from.
    pub formulas: [Formula; 2],
    /// `none`, `1f1b` or `interleaved`.
    pub schedule: &'static str,
    /// Each stage, first to last.
    pub stages: Vec<Stage>,
}

/// One stage of the pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    /// Its number.
    pub stage: u64,
    /// The layers of each of its chunks, as half-open ranges; one chunk without VPP. Empty chunks
    /// after the first are left out.
    pub chunks: Vec<Layers>,
    /// Layers in all.
    pub num_layers: u64,
    /// Whether it holds the embedding.
    pub embedding: bool,
    /// Whether it holds the head.
    pub head: bool,
    /// MTP layers.
    pub mtp_num_layers: u64,
    /// Micro-batches whose activations it holds at the peak; with VPP in units of one chunk.
    pub in_flight_microbatches: u64,
}

/// A half-open range of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Layers {
    /// The first layer.
    pub first: u64,
    /// The layer after the last.
    pub end: u64,
}

/// Idle time of the pipeline. Zero micro-batches leave it at zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bubble {
    /// As a share of the computing time, by the guide.
    pub of_computing: f64,
    /// As a share of the whole step.
    pub of_step: f64,
}

impl Bubble {
    /// The bubble of a plan; see the formulas of [`Pipeline`].
    pub fn of(plan: &Plan) -> Bubble {
        let s = &plan.sizes;
        let m = s.megatron_num_microbatches;
        // Idle steps, in units of one micro-batch through one stage.
        let idle = s.pipeline_model_parallel_size.saturating_sub(1) as f64
            / s.virtual_pipeline_model_parallel_size as f64;
        let share = |of: f64| if m == 0 { 0.0 } else { idle / of };
        Bubble {
            of_computing: share(m as f64),
            of_step: share(m as f64 + idle),
        }
    }

    /// The bubble of a plan that tells one: of several stages without a whole micro-batch, or without
    /// the GPUs of one replica, it is unknown.
    pub fn told(plan: &Plan) -> Option<Bubble> {
        let s = &plan.sizes;
        let is_told = s.pipeline_model_parallel_size == 1
            || (s.megatron_num_microbatches > 0 && s.megatron_data_parallel_size > 0);
        is_told.then(|| Bubble::of(plan))
    }

    /// One of the two shares as text.
    pub fn text(told: Option<Bubble>, share: fn(Bubble) -> f64) -> String {
        told.map_or_else(|| "unknown".to_owned(), |bubble| percent(share(bubble)))
    }
}

impl Pipeline {
    /// The pipeline of a plan.
    pub fn of(plan: &Plan) -> Pipeline {
        let s = &plan.sizes;
        let (pp, m) = (s.pipeline_model_parallel_size, s.megatron_num_microbatches);
        let vpp = s.virtual_pipeline_model_parallel_size;
        let Bubble {
            of_computing: guide,
            of_step: step,
        } = Bubble::of(plan);
        let chunks = if vpp > 1 {
            format!(" / VPP {vpp}")
        } else {
            String::new()
        };
        let names = if vpp > 1 { " / VPP" } else { "" };
        let bubble = Bubble::told(plan);
        let result = |share: f64| match m {
            0 => "unknown, there is no whole micro-batch".to_owned(),
            _ if bubble.is_none() => {
                "unknown, one replica needs more GPUs than there are".to_owned()
            }
            _ if m == s.num_microbatches => percent(share),
            _ => format!(
                "{}, with the {m} micro-batches of Megatron's DP {}",
                percent(share),
                s.megatron_data_parallel_size
            ),
        };
        Pipeline {
            num_microbatches: m,
            bubble_fraction: guide,
            bubble_fraction_of_step: step,
            bubble,
            formulas: [
                Formula::new(
                    format!("(PP − 1){names} / num_microbatches"),
                    format!("({pp} − 1){chunks} / {m} = {}", result(guide)),
                    if vpp > 1 {
                        "Guide, \"The Pipeline Bubble\", with VPP by Narayanan et al. 2021, section 2.2"
                    } else {
                        "Guide, \"The Pipeline Bubble\": idle time against computing time"
                    },
                ),
                Formula::new(
                    format!("b / (num_microbatches + b), with b = (PP − 1){names}"),
                    format!("b = ({pp} − 1){chunks}; b / ({m} + b) = {}", result(step)),
                    "Narayanan et al. 2021, section 2.2: idle time against the whole step",
                ),
            ],
            schedule: match (pp, vpp) {
                (1, _) => "none",
                (_, 1) => "1f1b",
                _ => "interleaved",
            },
            stages: Stage::all(plan),
        }
    }
}

impl Stage {
    /// One stage of a plan.
    pub fn of(plan: &Plan, stage: u64) -> Stage {
        Stage::from(plan, &Split::of(plan), stage)
    }

    /// Every stage of a plan, first to last.
    pub fn all(plan: &Plan) -> Vec<Stage> {
        let split = Split::of(plan);
        (0..plan.sizes.pipeline_model_parallel_size)
            .map(|stage| Stage::from(plan, &split, stage))
            .collect()
    }

    fn from(plan: &Plan, split: &Split, stage: u64) -> Stage {
        let held = split.stage(stage);
        Stage {
            stage,
            num_layers: held.iter().map(|(_, chunk)| chunk.layers).sum(),
            embedding: held.iter().any(|(_, chunk)| chunk.embedding),
            head: held.iter().any(|(_, chunk)| chunk.head),
            mtp_num_layers: held.iter().map(|(_, chunk)| chunk.mtp).sum(),
            chunks: held.into_iter().map(|(layers, _)| layers).collect(),
            in_flight_microbatches: in_flight(plan, stage),
        }
    }
}

/// Micro-batches in flight at the peak: warm-up plus one. Megatron-LM
/// `megatron/core/pipeline_parallel/schedules.py`, `get_pp_rank_microbatches`.
fn in_flight(plan: &Plan, stage: u64) -> u64 {
    let s = &plan.sizes;
    let (pp, vpp, m) = (
        s.pipeline_model_parallel_size,
        s.virtual_pipeline_model_parallel_size,
        s.megatron_num_microbatches,
    );
    let after = pp.saturating_sub(stage).saturating_sub(1);
    let warm_up = if vpp > 1 {
        let in_a_row = plan.microbatches_in_a_row();
        product(&[2, after]).saturating_add(product(&[vpp.saturating_sub(1), in_a_row]))
    } else {
        after
    };
    warm_up.saturating_add(1).min(product(&[m, vpp]))
}

impl Plan {
    /// Whether every stage, and with VPP every chunk, holds the same number of layers.
    pub fn stages_are_even(&self) -> bool {
        let s = &self.sizes;
        let parts = product(&[
            s.pipeline_model_parallel_size,
            s.virtual_pipeline_model_parallel_size,
        ]);
        divides(parts, self.model.num_layers)
    }

    /// Whether the layers are spread otherwise than evenly, as the plan asks for it.
    pub fn stages_are_set(&self) -> bool {
        let p = &self.config.parallel;
        p.num_layers_in_first_pipeline_stage.is_some()
            || p.num_layers_in_last_pipeline_stage.is_some()
            || p.account_for_embedding_in_pipeline_split
            || p.account_for_loss_in_pipeline_split
            || p.pipeline_model_parallel_layout.is_some()
    }

    /// Micro-batches that a chunk computes in a row under the interleaved schedule; PP unless it
    /// is told.
    pub fn microbatches_in_a_row(&self) -> u64 {
        self.config
            .parallel
            .microbatch_group_size_per_virtual_pipeline_stage
            .unwrap_or(self.sizes.pipeline_model_parallel_size)
    }
}
