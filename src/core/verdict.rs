//! The one line that says it all.

use super::checks::{Check, Status};
use super::memory::Estimate;
use super::pipeline::Bubble;
use super::plan::Plan;
use super::problems::Problem;
use super::units::percent;
use serde::Serialize;

/// What is to be thought of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// `pass`, `warn` or `fail`.
    pub status: Status,
    /// The status in a word or three.
    pub headline: &'static str,
    /// Everything in a line.
    pub text: String,
    /// Rules that are kept.
    pub passed: usize,
    /// Rules that speak of such a plan.
    pub applicable: usize,
    /// Rules that are broken, and entries that cannot be taken.
    pub failed: usize,
    /// Warnings.
    pub warned: usize,
}

impl Verdict {
    /// The verdict on a plan.
    pub fn of(plan: &Plan, problems: &[Problem], checks: &[Check]) -> Verdict {
        let count = |status: Status| checks.iter().filter(|c| c.status == status).count();
        let problem = |status: Status| problems.iter().filter(|p| p.status == status).count();
        let applicable = checks.len().saturating_sub(count(Status::NotApplicable));
        let failed = count(Status::Fail).saturating_add(problem(Status::Fail));
        let warned = count(Status::Warn).saturating_add(problem(Status::Warn));
        let (status, headline) = match (failed, warned) {
            (0, 0) => (Status::Pass, "Valid"),
            (0, _) => (Status::Warn, "Valid, with warnings"),
            _ => (Status::Fail, "Not valid"),
        };
        let passed = count(Status::Pass);
        Verdict {
            status,
            headline,
            text: text(plan, headline, (passed, applicable), problem(Status::Fail)),
            passed,
            applicable,
            failed,
            warned,
        }
    }
}

fn text(
    plan: &Plan,
    headline: &str,
    (passed, applicable): (usize, usize),
    unread: usize,
) -> String {
    let (total, unit) = (Estimate::of(plan).total(), plan.unit);
    let of = match plan.cluster.gpu_memory_bytes {
        _ if !plan.model.is_complete() => "memory unknown".to_owned(),
        Some(capacity) => format!(
            "{} of {} on each GPU",
            unit.number(total),
            unit.text(capacity as f64)
        ),
        None => format!("{} on each GPU", unit.text(total)),
    };
    let bubble = match (plan.sizes.pipeline_model_parallel_size, Bubble::told(plan)) {
        (1, _) => "no pipeline bubble".to_owned(),
        (_, None) => "pipeline bubble unknown".to_owned(),
        (_, Some(bubble)) => format!("bubble {} of the step", percent(bubble.of_step)),
    };
    let entries = match unread {
        0 => String::new(),
        1 => " · 1 entry to mend".to_owned(),
        n => format!(" · {n} entries to mend"),
    };
    format!(
        "{headline} · {of} · DP {} · {bubble} · {passed} of {applicable} checks{entries}",
        plan.sizes.data_parallel_size
    )
}
