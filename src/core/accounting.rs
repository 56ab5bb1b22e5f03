//! What changes when DP is counted as Megatron counts it: EP is then taken from the data-parallel
//! ranks. Ranks, groups and figures stay; what is called DP and the batch rule that decides change.

use super::checks::{BATCH_REFUSAL, fill};
use super::config::{Edit, ExpertAccounting, Field, Value};
use super::number::{divides, nearest_multiple, product};
use super::plan::Plan;
use serde::Serialize;

/// The other count of DP, for a plan that counts EP apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accounting {
    /// What changes, in sentences.
    pub message: String,
    /// The same plan with Megatron's count.
    pub edit: Edit,
}

impl Accounting {
    /// What changes under Megatron's count; none where both counts are the same.
    pub fn of(plan: &Plan) -> Option<Accounting> {
        let s = &plan.sizes;
        let multiplied = plan.config.parallel.expert_accounting == ExpertAccounting::Multiplied;
        if !multiplied || s.expert_model_parallel_size == 1 {
            return None;
        }
        let edit = Edit::one(
            Field::Accounting,
            Value::Text(ExpertAccounting::Folded.word().to_owned()),
        );
        let divisor = product(&[
            plan.config.batch.micro_batch_size,
            s.megatron_data_parallel_size.max(1),
        ]);
        let mut message = fill(
            plan,
            "Megatron takes EP from the data-parallel ranks: its DP is {dp}, and its experts have EDP \
             {edp}. Each GPU computes {m} micro-batches a step. ",
        );
        if divides(divisor, s.global_batch_size) {
            message.push_str("Nothing that runs changes.");
            return Some(Accounting { message, edit });
        }
        message.push_str(&fill(plan, BATCH_REFUSAL));
        message.push('.');
        let near = nearest_multiple(s.global_batch_size, divisor);
        Some(Accounting {
            message,
            edit: edit.and(Field::GlobalBatch, Value::Count(near)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::Config;
    use crate::core::presets;

    /// The worked example of MoE: world 16, TP 2, PP 2, EP 4, ETP 1.
    fn worked() -> Config {
        Edit::one(Field::ModelPreset, Value::Text("mixtral-8x7b".into()))
            .and(Field::NumNodes, Value::Count(2))
            .and(Field::GpusPerNode, Value::Count(8))
            .and(Field::Tp, Value::Count(2))
            .and(Field::Pp, Value::Count(2))
            .and(Field::Ep, Value::Count(4))
            .and(Field::Etp, Value::Count(1))
            .and(Field::GlobalBatch, Value::Count(62))
            .apply(&Config::default())
    }

    #[test]
    fn the_other_count_is_one_edit_away() {
        let plan = Plan::of(&worked());
        let other = Accounting::of(&plan).expect("another count");
        assert!(
            other
                .message
                .contains("its DP is 4, and its experts have EDP 2"),
            "{}",
            other.message
        );
        assert!(
            other
                .message
                .contains("global batch size (62) is not divisible"),
            "{}",
            other.message
        );
        let folded = Plan::of(&other.edit.apply(&worked()));
        assert_eq!(
            (
                folded.sizes.data_parallel_size,
                folded.sizes.global_batch_size
            ),
            (4, 64)
        );
        assert_eq!(Accounting::of(&folded), None);
    }

    #[test]
    fn a_dense_model_has_one_count() {
        assert_eq!(Accounting::of(&Plan::of(&presets::opening())), None);
    }
}
