//! The rules that a plan must keep, as a table, and what they say of one plan.

mod depth;
mod experts;
mod fixes;
mod guide;
mod layout;
mod megatron;
mod shapes;
mod stages;
mod training;
mod words;

pub use fixes::sound_value;
pub use megatron::BATCH_REFUSAL;
pub use words::fill;

pub use guide::{sizes_in_words, valid_tp as guide_valid_tp};
pub use stages::valid_vpp;

use super::config::{Edit, Field};
use super::plan::Plan;
use serde::Serialize;

/// How a plan stands to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It keeps it.
    Pass,
    /// It can run, but should not be left so.
    Warn,
    /// It breaks it.
    Fail,
    /// The rule does not speak of such a plan.
    NotApplicable,
}

/// Whose rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The guide.
    Guide,
    /// Megatron-LM's start-up.
    Megatron,
}

/// When Megatron-LM stops over a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Enforced {
    /// At start-up.
    StartUp,
    /// When training runs: in the first step.
    Training,
    /// Never: it is advice.
    No,
}

/// A rule. Its functions read the same plan; the judgement is apart from the words so that a
/// search can judge thousands of plans.
pub struct Rule {
    /// A name that stays.
    pub id: &'static str,
    /// Whose rule it is.
    pub source: Source,
    /// When Megatron-LM stops over it.
    pub enforced: Enforced,
    /// Where it is written.
    pub reference: &'static str,
    /// The fields it speaks of.
    pub fields: &'static [Field],
    /// How a plan stands to it.
    pub judge: fn(&Plan) -> Status,
    /// That in a sentence.
    pub say: fn(&Plan, Status) -> String,
    /// An edit after which the rule is kept, where one can be told.
    pub fix: fn(&Plan) -> Option<Edit>,
}

/// What a rule says of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The rule's name.
    pub id: &'static str,
    /// How the plan stands to it.
    pub status: Status,
    /// Whose rule it is.
    pub source: Source,
    /// When Megatron-LM stops over it.
    pub enforced: Enforced,
    /// Where it is written.
    pub reference: &'static str,
    /// Paths of the fields it speaks of.
    pub fields: Vec<&'static str>,
    /// How the plan stands to it, in a sentence.
    pub message: String,
    /// An edit after which the rule is kept.
    pub fix: Option<Edit>,
}

/// Every rule: the guide's checklist first, then Megatron's start-up.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    guide::RULES
        .iter()
        .chain(megatron::RULES)
        .chain(shapes::RULES)
        .chain(stages::RULES)
        .chain(experts::RULES)
        .chain(training::RULES)
}

/// What every rule says of a plan.
pub fn checks(plan: &Plan) -> Vec<Check> {
    rules()
        .map(|rule| {
            let status = (rule.judge)(plan);
            Check {
                id: rule.id,
                status,
                source: rule.source,
                enforced: rule.enforced,
                reference: rule.reference,
                fields: rule.fields.iter().map(|field| field.info().path).collect(),
                message: (rule.say)(plan, status),
                fix: match status {
                    Status::Fail | Status::Warn => fixes::fix(rule, plan),
                    Status::Pass | Status::NotApplicable => None,
                },
            }
        })
        .collect()
}

/// Whether a plan breaks no rule. Warnings do not count.
pub fn passes(plan: &Plan) -> bool {
    rules().all(|rule| (rule.judge)(plan) != Status::Fail)
}

/// Whether a plan breaks no rule and leaves no warning.
pub fn passes_without_warning(plan: &Plan) -> bool {
    rules().all(|rule| !matches!((rule.judge)(plan), Status::Fail | Status::Warn))
}

/// `Pass` or `Fail`.
fn pass_if(kept: bool) -> Status {
    if kept { Status::Pass } else { Status::Fail }
}

/// For rules that no single edit mends.
fn no_fix(_: &Plan) -> Option<Edit> {
    None
}
