//! The edit that a rule offers: of those that mend it, the one that leaves the fewest other rules
//! broken, with what follows from it.

use super::{Rule, Status, rules};
use crate::core::config::{Edit, Field, Kind, Value};
use crate::core::plan::Plan;
use crate::core::repair::with_what_follows;
use crate::core::steps::step;

/// Steps that are tried up and down from a value.
const STEPS: u32 = 2;

/// The fix of a rule that is not kept; none where no figure in range mends it.
pub fn fix(rule: &Rule, plan: &Plan) -> Option<Edit> {
    let mends = |plan: &Plan| matches!((rule.judge)(plan), Status::Pass | Status::NotApplicable);
    let mut tried = Vec::new();
    tried.extend((rule.fix)(plan));
    for &field in rule.fields {
        // A model or a cluster is changed only where the rule itself proposes it.
        if !matches!(field.info().group(), "model" | "cluster") {
            tried.extend(
                values(plan, field)
                    .into_iter()
                    .map(|value| Edit::one(field, value)),
            );
        }
    }
    // What mends one rule and breaks two others leads nowhere.
    let before = broken(plan).max(1);
    soundest(plan, tried, mends).filter(|edit| broken(&plan.resized(edit)) <= before)
}

/// The value that is offered for a field with an entry that cannot be taken: the given one, or one
/// a few steps from it that fewer rules refuse.
pub fn sound_value(plan: &Plan, field: Field, near: Value) -> Edit {
    let start = plan.resized(&Edit::one(field, near.clone()));
    let mut tried = vec![Edit::one(field, near.clone())];
    tried.extend(
        values(&start, field)
            .into_iter()
            .map(|value| Edit::one(field, value)),
    );
    soundest(plan, tried, |_| true).unwrap_or_else(|| Edit::one(field, near))
}

/// The first of the edits that leaves the fewest rules broken, among those that reach a goal.
fn soundest(plan: &Plan, edits: Vec<Edit>, reached: impl Fn(&Plan) -> bool) -> Option<Edit> {
    let mut best: Option<(usize, Edit)> = None;
    for edit in edits {
        if best.as_ref().is_some_and(|(least, _)| *least == 0) {
            break;
        }
        if !edit.is_in_range() {
            continue;
        }
        let after = plan.resized(&edit);
        if !reached(&after) {
            continue;
        }
        let alone = broken(&after);
        if alone > 0 {
            let whole = with_what_follows(after, edit.clone());
            let after = plan.resized(&whole);
            if whole.is_in_range() && reached(&after) {
                offer(&mut best, broken(&after), whole);
            }
        }
        offer(&mut best, alone, edit);
    }
    best.map(|(_, edit)| edit)
}

/// Takes an edit that leaves fewer rules broken than the best so far.
fn offer(best: &mut Option<(usize, Edit)>, broken: usize, edit: Edit) {
    let is_better = match best {
        None => true,
        // Of two that leave as many, the one that changes less.
        Some((least, known)) => {
            broken < *least || broken == *least && edit.set.len() < known.set.len()
        }
    };
    if is_better {
        *best = Some((broken, edit));
    }
}

fn broken(plan: &Plan) -> usize {
    rules()
        .filter(|rule| (rule.judge)(plan) == Status::Fail)
        .count()
}

/// Other values of a field, the nearest first.
fn values(plan: &Plan, field: Field) -> Vec<Value> {
    let now = plan.config.get(field);
    let mut values = Vec::new();
    match field.info().kind {
        Kind::Flag => values.push(Value::Flag(now != Value::Flag(true))),
        Kind::Choice(words) => {
            values.extend(words.iter().map(|word| Value::Text((*word).to_owned())));
        }
        Kind::Count { .. } => {
            let (mut down, mut up) = (Some(plan.clone()), Some(plan.clone()));
            for _ in 0..STEPS {
                for (side, is_up) in [(&mut down, false), (&mut up, true)] {
                    let next = side.as_ref().and_then(|plan| step(plan, field, is_up));
                    *side = next.map(|n| plan.resized(&Edit::count(field, n)));
                    values.extend(next.map(Value::Count));
                }
            }
        }
        _ => {}
    }
    if field.info().optional {
        values.push(Value::Unset);
    }
    values.retain(|value| *value != now);
    values
}
