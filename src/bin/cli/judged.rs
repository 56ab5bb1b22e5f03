//! A plan with its report, what is said of it on standard error, and the exit status that follows.

use super::{UNREADABLE, say};
use meshplan::core::checks::Status;
use meshplan::core::problems::unreadable;
use meshplan::core::{Config, Plan, Report};

/// The plan fails a check.
const FAILS: u8 = 1;

/// A plan that was read, and the report on it.
pub struct Judged<'a> {
    /// What was said.
    pub config: &'a Config,
    /// The plan, filled in.
    pub plan: Plan,
    /// The report on it.
    pub report: Report,
    /// Whether something of it could not be read.
    pub partly_read: bool,
}

impl Judged<'_> {
    /// The report on a plan; `incomplete` where its link left something out.
    pub fn of(config: &Config, incomplete: bool) -> Judged<'_> {
        let plan = Plan::of(config);
        let report = Report::of_plan(config, &plan);
        Judged {
            config,
            plan,
            report,
            partly_read: unreadable(config) || incomplete,
        }
    }

    /// The exit status.
    pub fn code(&self) -> u8 {
        match self.report.verdict.status {
            _ if self.partly_read => UNREADABLE,
            Status::Fail => FAILS,
            _ => 0,
        }
    }

    /// Says on standard error what is wrong, a line each. `whose` is empty, or tells which of two
    /// plans it is: `A: `.
    pub fn explain(&self, whose: &str) {
        for problem in &self.report.problems {
            let kind = if problem.status == Status::Fail {
                "error"
            } else {
                "warning"
            };
            let (field, message, would_do) = (&problem.field, &problem.message, &problem.would_do);
            say(&format!("{kind}: {whose}{field}: {message} {would_do}"));
        }
        for check in &self.report.checks {
            if check.status == Status::Fail {
                say(&format!(
                    "error: {whose}{}: {}.",
                    check.fields.join(", "),
                    check.message
                ));
            }
        }
    }
}
