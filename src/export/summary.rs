//! The words that the report has in every form: statuses, and the sizes of a plan by name.

use crate::core::Plan;
use crate::core::checks::{Source, Status};
use crate::core::units::{counted, grouped};

/// The word for how a plan stands to a rule.
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Warn => "warn",
        Status::Fail => "FAIL",
        Status::NotApplicable => "n/a",
    }
}

/// The word for whose rule it is.
pub fn source_word(source: Source) -> &'static str {
    match source {
        Source::Guide => "guide",
        Source::Megatron => "Megatron",
    }
}

/// What people call the plan, model and cluster in a line each, then the sizes.
pub fn summary(plan: &Plan) -> Vec<(&'static str, String)> {
    let (s, c, p) = (&plan.sizes, &plan.cluster, &plan.config.parallel);
    let about = &plan.config.about;
    let words = [("Name", &about.name), ("Note", &about.note)];
    let told = |(row, words): (_, &Option<String>)| words.clone().map(|words| (row, words));
    let mut sizes: Vec<_> = words.into_iter().filter_map(told).collect();
    sizes.extend([
        ("Model", plan.model.name.clone()),
        (
            "Cluster",
            format!(
                "{} of {} × {}, {}",
                counted(c.num_nodes, "node", "nodes"),
                c.gpus_per_node,
                c.gpu_name,
                counted(s.world_size, "GPU", "GPUs")
            ),
        ),
        (
            "Tensor parallel (TP)",
            grouped(s.tensor_model_parallel_size),
        ),
        (
            "Pipeline parallel (PP)",
            grouped(s.pipeline_model_parallel_size),
        ),
    ]);
    let mut above_one = |name, n: u64| {
        if n > 1 {
            sizes.push((name, grouped(n)));
        }
    };
    above_one(
        "Virtual pipeline (VPP)",
        s.virtual_pipeline_model_parallel_size,
    );
    above_one("Context parallel (CP)", s.context_parallel_size);
    if plan.model.moe.is_some() || s.expert_model_parallel_size > 1 {
        sizes.push((
            "Expert parallel (EP)",
            grouped(s.expert_model_parallel_size),
        ));
        sizes.push((
            "Expert tensor parallel (ETP)",
            grouped(s.expert_tensor_parallel_size),
        ));
        sizes.push((
            "Expert data parallel (EDP)",
            grouped(s.expert_data_parallel_size),
        ));
    }
    sizes.push(("Data parallel (DP)", grouped(s.data_parallel_size)));
    if s.megatron_data_parallel_size != s.data_parallel_size {
        sizes.push((
            "Data parallel in Megatron",
            grouped(s.megatron_data_parallel_size),
        ));
    }
    let on = |on: bool| if on { "on" } else { "off" }.to_owned();
    sizes.push(("Sequence parallel (SP)", on(plan.sequence_parallel())));
    sizes.push(("Distributed optimizer", on(p.use_distributed_optimizer)));
    sizes.push(("Sequence length", grouped(plan.config.batch.seq_length)));
    sizes.push(("Micro batch", grouped(plan.config.batch.micro_batch_size)));
    sizes.push(("Global batch", grouped(s.global_batch_size)));
    if let Some(recompute) = plan.config.training.recompute_granularity {
        sizes.push(("Recompute", recompute.word().to_owned()));
    }
    sizes
}
