//! What is seen first of a plan: the verdict and what it rests on. The rest of the report, which
//! tells where figures come from, takes longer to read and to download.

use super::accounting::Accounting;
use super::checks::{Check, checks};
use super::config::{Config, Edit};
use super::memory::Estimate;
use super::pipeline::Bubble;
use super::plan::Plan;
use super::problems::{Problem, problems, settled};
use super::repair;
use super::sizes::Sizes;
use super::verdict::Verdict;

/// What is seen first of a plan. The report holds the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
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
    /// Up to three smallest edits that make a failing plan valid.
    pub repairs: Vec<Edit>,
    /// Memory of each GPU by the guide.
    pub memory: Estimate,
    /// Whether it fits; unknown where the GPU's memory or a part of the model is.
    pub fits: Option<bool>,
    /// Idle time of the pipeline, where the plan tells it.
    pub bubble: Option<Bubble>,
}

impl Overview {
    /// The overview of a plan; `config` is what was said.
    pub fn of(config: &Config, plan: &Plan) -> Overview {
        let problems = problems(config, plan);
        let checks = checks(plan);
        let memory = Estimate::of(plan);
        Overview {
            verdict: Verdict::of(plan, &problems, &checks),
            sizes: plan.sizes.clone(),
            accounting: Accounting::of(plan),
            repairs: repair::repairs(plan)
                .into_iter()
                .map(|edit| settled(edit, plan, &problems))
                .collect(),
            fits: memory.fits(plan),
            memory,
            bubble: Bubble::told(plan),
            problems,
            checks,
        }
    }
}
