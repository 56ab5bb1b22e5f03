//! The communicator groups of a plan, where Megatron would form any.

use crate::core::checks::{Check, Status};
use crate::core::config::{ExpertAccounting, Field, Order};
use crate::core::mesh::Groups;
use crate::core::number::divides;
use crate::core::problems::{MOST_GPUS, Problem};
use crate::core::{Plan, Report};

/// The groups, or why there are none.
///
/// # Errors
/// Names the field and says why Megatron forms no groups.
pub fn groups(plan: &Plan, report: &Report) -> Result<Groups, String> {
    has_groups(plan, report)?;
    Ok(Groups::of(&plan.dense_mesh(), &plan.expert_mesh()))
}

/// Whether the ranks of a plan form groups. What is refused here,
/// `megatron/core/parallel_state.py`, `initialize_model_parallel` refuses; what the guide says of
/// a plan does not matter, since ranks and groups are always Megatron's.
///
/// # Errors
/// Names the field and says why Megatron forms no groups.
pub(super) fn has_groups(plan: &Plan, report: &Report) -> Result<(), String> {
    let s = &plan.sizes;
    let unknown = |field: &str| field.starts_with("parallel.") && Field::at(field).is_none();
    // A field of parallelism that is not known may ask for other groups than these.
    let guessed = |problem: &&Problem| {
        problem.status == Status::Fail && decides(plan, problem) || unknown(&problem.field)
    };
    if let Some(problem) = report.problems.iter().find(guessed) {
        return Err(format!("{}: {}", problem.field, problem.message));
    }
    if s.world_size > MOST_GPUS {
        return Err(format!(
            "cluster.num_nodes: {} GPUs are more than the {MOST_GPUS} whose groups are listed.",
            s.world_size
        ));
    }
    if !s.fill_the_world(ExpertAccounting::Folded) {
        return Err(format!(
            "parallel: {} GPUs do not divide by TP {} · PP {} · CP {}.",
            s.world_size,
            s.tensor_model_parallel_size,
            s.pipeline_model_parallel_size,
            s.context_parallel_size
        ));
    }
    if !divides(s.expert_product(), s.world_size) {
        return Err(format!(
            "parallel: {} GPUs do not divide by ETP {} · EP {} · PP {}.",
            s.world_size,
            s.expert_tensor_parallel_size,
            s.expert_model_parallel_size,
            s.pipeline_model_parallel_size
        ));
    }
    let one_stage = s.pipeline_model_parallel_size == 1;
    if one_stage
        && plan
            .config
            .parallel
            .virtual_pipeline_model_parallel_size
            .is_some()
    {
        return Err(
            "parallel.virtual_pipeline_model_parallel_size: the interleaved schedule needs PP \
             above 1."
                .to_owned(),
        );
    }
    let same = s.expert_data_parallel_size == s.megatron_data_parallel_size;
    if plan.config.parallel.order == Order::TpCpEpPpDp && !one_stage && !same {
        return Err(format!(
            "parallel.order: unless the order ends in pp, the DP of attention and experts must \
             be the same; they are {} and {}.",
            s.megatron_data_parallel_size, s.expert_data_parallel_size
        ));
    }
    let refused =
        |check: &&Check| check.id == "megatron_optimizer_instances" && check.status == Status::Fail;
    if let Some(check) = report.checks.iter().find(refused) {
        return Err(format!("{}: {}.", check.fields.join(", "), check.message));
    }
    Ok(())
}

/// Whether a problem lies in a figure that groups depend on, which is then held in its range or
/// guessed.
fn decides(plan: &Plan, problem: &Problem) -> bool {
    match problem.field.as_str() {
        "cluster.num_nodes" | "cluster.gpus_per_node" => true,
        // Without a known name, nobody told the GPUs of a node.
        "cluster.node" | "cluster.gpu" => plan.config.cluster.gpus_per_node.is_none(),
        field => field.starts_with("parallel."),
    }
}
