//! Everything that any view, export or API shows of a plan.

use super::accounting::Accounting;
use super::advice::Advice;
use super::batch::BatchReport;
use super::checks::Check;
use super::cluster::Cluster;
use super::communication::{Traffic, communication};
use super::compute::Compute;
use super::config::Config;
use super::experts::Experts;
use super::layer::{Matrix, matrices};
use super::memory::Memory;
use super::model::Model;
use super::overview::Overview;
use super::pipeline::Pipeline;
use super::plan::Plan;
use super::problems::{Problem, settled};
use super::sizes::Sizes;
use super::units::MemoryUnit;
use super::verdict::Verdict;
use serde::Serialize;

/// The report on one plan. Scripts may rely on the paths that the README lists.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The one line that says it all.
    pub verdict: Verdict,
    /// What cannot be taken as it was written.
    pub problems: Vec<Problem>,
    /// Every size.
    pub sizes: Sizes,
    /// What changes when DP is counted as Megatron counts it; none where it is the same.
    pub accounting: Option<Accounting>,
    /// What each rule says.
    pub checks: Vec<Check>,
    /// Memory of each GPU.
    pub memory: Memory,
    /// What each dimension sends.
    pub communication: Vec<Traffic>,
    /// What each GPU computes.
    pub compute: Compute,
    /// Stages and bubble.
    pub pipeline: Pipeline,
    /// The global batch.
    pub batch: BatchReport,
    /// The experts; none for a dense model.
    pub experts: Option<Experts>,
    /// The weight matrices of one layer and how they are split.
    pub matrices: Vec<Matrix>,
    /// The guide's five steps, and repairs.
    pub advice: Advice,
    /// The model with every figure filled in.
    pub model: Model,
    /// The cluster with every figure filled in.
    pub cluster: Cluster,
}

impl Report {
    /// The report on a configuration, with memory in GB.
    pub fn of(config: &Config) -> Report {
        Report::in_unit(config, MemoryUnit::default())
    }

    /// The report on a configuration, with memory in sentences in one unit.
    pub fn in_unit(config: &Config, unit: MemoryUnit) -> Report {
        let plan = Plan {
            unit,
            ..Plan::of(config)
        };
        Report::of_plan(config, &plan)
    }

    /// The report on a plan that is filled in already; `config` is what was said.
    pub fn of_plan(config: &Config, plan: &Plan) -> Report {
        let Overview {
            mut verdict,
            problems,
            sizes,
            accounting,
            checks,
            repairs,
            ..
        } = Overview::of(config, plan);
        let pipeline = Pipeline::of(plan);
        let mut advice = Advice::of(plan, repairs);
        advice.edit = advice.edit.map(|edit| settled(edit, plan, &problems));
        let memory = Memory::with_stages(plan, &pipeline.stages);
        if let Some(beyond) = memory.beyond(plan.unit) {
            verdict.text.push_str(&[" · but ", &beyond].concat());
        }
        Report {
            verdict,
            sizes,
            accounting,
            communication: communication(plan),
            compute: Compute::of(plan),
            batch: BatchReport::of(plan),
            experts: Experts::of(plan),
            matrices: matrices(plan),
            advice,
            model: plan.model.clone(),
            cluster: plan.cluster.clone(),
            problems,
            checks,
            memory,
            pipeline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::presets;

    #[track_caller]
    fn says(change: impl FnOnce(&mut Config), end: &str) {
        let mut config = presets::opening();
        change(&mut config);
        let report = Report::of(&config);
        assert_eq!(report.memory.guide.fits, Some(true));
        let text = &report.verdict.text;
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn the_verdict_tells_stages_that_do_not_fit_where_the_average_does() {
        says(|_| (), "checks");
        let full = |config: &mut Config| {
            config.batch.micro_batch_size = 4;
            config.parallel.pipeline_model_parallel_size = 2;
            config.parallel.num_layers_in_first_pipeline_stage = Some(24);
        };
        says(
            full,
            " · but 1 of 2 stages does not fit, the fullest needs 54.35 GB",
        );
        let deep = |config: &mut Config| {
            config.batch.micro_batch_size = 16;
            config.parallel.tensor_model_parallel_size = 4;
            config.parallel.pipeline_model_parallel_size = 4;
        };
        says(
            deep,
            " · but 3 of 4 stages do not fit, the fullest needs 97.17 GB",
        );
    }
}
