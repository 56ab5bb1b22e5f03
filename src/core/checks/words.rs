//! Sentences with the figures of a plan put in: `{tp}` is TP, `{seq,}` the sequence length with its
//! thousands set apart. Names are the fields' short forms, and a few sizes that follow from them.

use super::Status;
use crate::core::config::{Field, Value};
use crate::core::number::product;
use crate::core::plan::Plan;
use crate::core::steps::in_effect;
use crate::core::units::grouped;

/// What a rule says where it does not apply, where it is kept, and where it is not.
pub type Words = [&'static str; 3];

/// What a rule says of a plan.
pub fn say(plan: &Plan, status: Status, words: Words) -> String {
    let [apart, kept, broken] = words;
    fill(
        plan,
        match status {
            Status::NotApplicable => apart,
            Status::Pass => kept,
            Status::Warn | Status::Fail => broken,
        },
    )
}

/// A sentence with the figures of a plan put in. What names no figure stays as it is.
pub fn fill(plan: &Plan, words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for (i, part) in words.split('{').enumerate() {
        let named = part.split_once('}').filter(|_| i > 0);
        let figure = named.and_then(|(name, rest)| {
            let (name, apart) = match name.strip_suffix(',') {
                Some(name) => (name, true),
                None => (name, false),
            };
            Some((figure(plan, name)?, apart, rest))
        });
        match figure {
            Some((Value::Count(n), true, rest)) => {
                text.push_str(&grouped(n));
                text.push_str(rest);
            }
            Some((value, _, rest)) => {
                text.push_str(&said(&value));
                text.push_str(rest);
            }
            None => {
                if i > 0 {
                    text.push('{');
                }
                text.push_str(part);
            }
        }
    }
    text
}

fn said(value: &Value) -> String {
    match value {
        Value::Count(n) => n.to_string(),
        Value::Text(text) => text.clone(),
        Value::Flag(on) => on.to_string(),
        Value::Unset | Value::Real(_) => "none".to_owned(),
    }
}

fn figure(plan: &Plan, name: &str) -> Option<Value> {
    let s = &plan.sizes;
    let derived = match name {
        "world" => s.world_size,
        "dp" => s.megatron_data_parallel_size,
        "udp" => s.data_parallel_size,
        "divisor" => s.batch_divisor,
        "row" => plan.microbatches_in_a_row(),
        "each" => plan.layers_per_stage(),
        "edp" => s.expert_data_parallel_size,
        "m" => s.megatron_num_microbatches,
        "tppp" => s.model_parallel_product(crate::core::config::ExpertAccounting::Folded),
        "etpeppp" => s.expert_product(),
        "dpcp" => product(&[s.megatron_data_parallel_size, s.context_parallel_size]),
        "rest" => crate::core::number::remainder(
            s.megatron_num_microbatches,
            plan.microbatches_in_a_row(),
        ),
        _ => {
            let field = Field::ALL.iter().find(|field| field.info().short == name)?;
            return Some(in_effect(plan, *field));
        }
    };
    Some(Value::Count(derived))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::presets;

    #[test]
    fn figures_are_put_in() {
        let plan = Plan::of(&presets::opening());
        let said = fill(
            &plan,
            "TP {tp}, {seq,} tokens of {world} GPUs, {first}, {what} {",
        );
        assert_eq!(said, "TP 2, 4,096 tokens of 16 GPUs, none, {what} {");
    }
}
