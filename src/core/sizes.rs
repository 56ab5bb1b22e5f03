//! Parallel sizes: the guide's master formula, and Megatron Core's two meshes over the same
//! GPUs.

use super::config::{Config, ExpertAccounting};
use super::layout::Layout;
use super::number::{divides, lcm, product, quotient};
use serde::Serialize;

/// Every size of a plan. Sizes that do not divide the GPUs are rounded down, and a check fails.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sizes {
    /// GPUs in all.
    pub world_size: u64,
    /// TP.
    pub tensor_model_parallel_size: u64,
    /// PP.
    pub pipeline_model_parallel_size: u64,
    /// VPP; 1 without the interleaved schedule.
    pub virtual_pipeline_model_parallel_size: u64,
    /// CP.
    pub context_parallel_size: u64,
    /// EP.
    pub expert_model_parallel_size: u64,
    /// ETP; Megatron's default is TP.
    pub expert_tensor_parallel_size: u64,
    /// DP by the plan's accounting.
    pub data_parallel_size: u64,
    /// DP by the guide: world / (TP · PP · CP · EP). Guide, "The Master Formula".
    pub guide_data_parallel_size: u64,
    /// DP by Megatron Core: world / (TP · PP · CP). `megatron/training/arguments.py`,
    /// `validate_args`.
    pub megatron_data_parallel_size: u64,
    /// EDP: world / (ETP · EP · PP). `megatron/core/parallel_state.py`,
    /// `initialize_model_parallel`.
    pub expert_data_parallel_size: u64,
    /// Sequences of one step.
    pub global_batch_size: u64,
    /// Micro-batches that each replica computes in one step, by the plan's accounting.
    pub num_microbatches: u64,
    /// Micro-batches that each GPU computes in one step, by Megatron's DP: what the pipeline and
    /// the traffic are made of. Fewer than a replica's where the guide counts EP apart from DP.
    pub megatron_num_microbatches: u64,
    /// Sequences that every replica's one micro-batch adds up to: micro batch · DP.
    pub batch_divisor: u64,
}

impl Sizes {
    /// The sizes of a plan on `world_size` GPUs.
    pub fn of(config: &Config, world_size: u64) -> Sizes {
        let p = &config.parallel;
        let (tp, pp, cp, ep) = (
            p.tensor_model_parallel_size,
            p.pipeline_model_parallel_size,
            p.context_parallel_size,
            p.expert_model_parallel_size,
        );
        let etp = p.expert_tensor_parallel_size.unwrap_or(tp);
        let guide = quotient(world_size, product(&[tp, pp, cp, ep]));
        let megatron = quotient(world_size, product(&[tp, pp, cp]));
        let dp = match p.expert_accounting {
            ExpertAccounting::Multiplied => guide,
            ExpertAccounting::Folded => megatron,
        };
        let micro = config.batch.micro_batch_size;
        let batch_divisor = product(&[micro, dp.max(1)]);
        // Megatron's default is micro batch · its own DP, a multiple of the guide's divisor.
        let megatron_divisor = product(&[micro, megatron.max(1)]);
        let global = config
            .batch
            .global_batch_size
            .unwrap_or(lcm(batch_divisor, megatron_divisor));
        Sizes {
            world_size,
            tensor_model_parallel_size: tp,
            pipeline_model_parallel_size: pp,
            virtual_pipeline_model_parallel_size: p
                .virtual_pipeline_model_parallel_size
                .or_else(|| layout_chunks(p))
                .unwrap_or(1),
            context_parallel_size: cp,
            expert_model_parallel_size: ep,
            expert_tensor_parallel_size: etp,
            data_parallel_size: dp,
            guide_data_parallel_size: guide,
            megatron_data_parallel_size: megatron,
            expert_data_parallel_size: quotient(world_size, product(&[etp, ep, pp])),
            global_batch_size: global,
            num_microbatches: quotient(global, batch_divisor),
            megatron_num_microbatches: quotient(global, megatron_divisor),
            batch_divisor,
        }
    }

    /// TP · PP · CP, times EP by the guide's accounting: what must divide the GPUs.
    pub fn model_parallel_product(&self, accounting: ExpertAccounting) -> u64 {
        let ep = match accounting {
            ExpertAccounting::Multiplied => self.expert_model_parallel_size,
            ExpertAccounting::Folded => 1,
        };
        product(&[
            self.tensor_model_parallel_size,
            self.pipeline_model_parallel_size,
            self.context_parallel_size,
            ep,
        ])
    }

    /// ETP · EP · PP, which Megatron's expert mesh needs to divide the GPUs.
    pub fn expert_product(&self) -> u64 {
        product(&[
            self.expert_tensor_parallel_size,
            self.expert_model_parallel_size,
            self.pipeline_model_parallel_size,
        ])
    }

    /// Whether the sizes multiply to the GPUs.
    pub fn fill_the_world(&self, accounting: ExpertAccounting) -> bool {
        divides(self.model_parallel_product(accounting), self.world_size)
    }
}

/// The chunks of each stage that a pipeline layout asks for.
fn layout_chunks(p: &super::config::Parallel) -> Option<u64> {
    let layout = Layout::read(p.pipeline_model_parallel_layout.as_deref()?).ok()?;
    let (stages, pp) = (layout.stages.len() as u64, p.pipeline_model_parallel_size);
    divides(pp, stages).then(|| quotient(stages, pp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Edit, Field, Value};

    #[test]
    fn guide_and_megatron_count_the_replicas_of_a_moe_model() {
        // The worked MoE example: world 16, TP 2, PP 2, EP 4, ETP 1.
        let guide = Edit::count(Field::Tp, 2)
            .and(Field::Pp, Value::Count(2))
            .and(Field::Ep, Value::Count(4))
            .and(Field::Etp, Value::Count(1))
            .apply(&Config::default());
        let sizes = Sizes::of(&guide, 16);
        assert_eq!(
            (
                sizes.guide_data_parallel_size,
                sizes.megatron_data_parallel_size
            ),
            (1, 4)
        );
        assert_eq!(
            (sizes.data_parallel_size, sizes.expert_data_parallel_size),
            (1, 2)
        );
        let folded = Edit::one(Field::Accounting, Value::Text("folded".into())).apply(&guide);
        assert_eq!(Sizes::of(&folded, 16).data_parallel_size, 4);
    }

    #[test]
    fn the_global_batch_defaults_to_one_micro_batch_of_each_replica() {
        let config = Edit::count(Field::MicroBatch, 2).apply(&Config::default());
        let sizes = Sizes::of(&config, 16);
        assert_eq!((sizes.global_batch_size, sizes.num_microbatches), (32, 1));
        // Megatron counts EP among the replicas, and so does its default.
        let experts = Edit::count(Field::Ep, 8).apply(&config);
        let sizes = Sizes::of(&experts, 16);
        assert_eq!(sizes.global_batch_size, 32);
        assert_eq!(
            (sizes.num_microbatches, sizes.megatron_num_microbatches),
            (8, 1)
        );
    }
}
