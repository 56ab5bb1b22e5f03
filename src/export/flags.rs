//! What to paste into a launch script, in the form of each tool.

use super::arguments::{ARGUMENTS, Argument, Megatron, Nemo, Setting};
use super::one_line;
use crate::core::checks::{Source, Status};
use crate::core::config::ExpertAccounting;
use crate::core::layer_pattern;
use crate::core::{Plan, Report, presets};

/// The tool that takes the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Megatron-LM's command line.
    Megatron,
    /// NeMo 2.0's Python.
    Nemo,
    /// Overrides for a recipe of Megatron Bridge.
    Bridge,
}

/// What to paste into a launch script for a plan. `report` is the report on it: where it fails a
/// check, comments at the top say so.
pub fn flags(plan: &Plan, report: &Report, format: Format) -> String {
    let mut text = String::new();
    if format == Format::Nemo {
        // Python takes the encoding of a file from a comment in its first two lines. Said here,
        // it is not what a name in the next line says, under which text may turn into code.
        text.push_str("# -*- coding: utf-8 -*-\n");
    }
    comments(plan, report, &mut text);
    if format == Format::Bridge {
        text.push_str("# Set RECIPE to the recipe that the overrides belong to.\n");
    }
    if format != Format::Nemo && plan.cluster.num_nodes > 1 {
        text.push_str("# Run it on every node, with NODE_RANK and MASTER_ADDR set.\n");
    }
    match format {
        Format::Megatron => megatron(plan, &mut text),
        Format::Nemo => nemo(plan, &mut text),
        Format::Bridge => bridge(plan, &mut text),
    }
    text
}

fn comments(plan: &Plan, report: &Report, text: &mut String) {
    let mut say = |line: &str| {
        text.push_str("# ");
        text.push_str(&one_line(line));
        text.push('\n');
    };
    let failed = |status: &Status| *status == Status::Fail;
    let problems = report.problems.iter().filter(|p| failed(&p.status));
    let checks = report.checks.iter().filter(|c| failed(&c.status));
    let mut reasons: Vec<&str> = problems.map(|p| p.message.as_str()).collect();
    reasons.extend(checks.map(|c| c.message.as_str()));
    if !reasons.is_empty() {
        say("WARNING: this plan is not valid. Mend it before you launch it:");
        for reason in reasons {
            say(&format!("- {}.", reason.trim_end_matches('.')));
        }
    }
    // The checks go by the guide's figure for all stages.
    if let Some(beyond) = report.memory.beyond(plan.unit) {
        say(&format!(
            "WARNING: memory fits by the guide's figure, but {beyond}."
        ));
    }
    for check in &report.checks {
        if check.status == Status::Warn && check.source == Source::Megatron {
            say(&format!(
                "WARNING: {}.",
                check.message.trim_end_matches('.')
            ));
        }
    }
    let s = &plan.sizes;
    let multiplied = plan.config.parallel.expert_accounting == ExpertAccounting::Multiplied;
    if multiplied && s.expert_model_parallel_size > 1 {
        say(&format!(
            "Megatron takes EP from the data-parallel ranks: its DP is {}, where the plan counts \
             DP {} beside EP {}.",
            s.megatron_data_parallel_size, s.data_parallel_size, s.expert_model_parallel_size
        ));
    }
    if !plan.model.is_complete() || plan.model.num_attention_heads == 0 {
        say("The plan does not tell the whole architecture: add what is missing.");
    }
    let preset = plan.config.model.preset.as_deref();
    let note = preset.and_then(presets::model).map_or("", |m| m.note);
    if !note.is_empty() {
        say(&format!("{}: {note}", plan.model.name));
    }
    // After the warnings, which no name may push out of sight.
    let about = &plan.config.about;
    if about.name.is_some() {
        say(&plan.title());
    }
    if let Some(note) = &about.note {
        say(note);
    }
    say("Add what is no part of the plan: data, tokenizer, rotary base, optimizer settings.");
}

/// The launcher, up to the script.
fn torchrun(plan: &Plan, text: &mut String) {
    let s = &plan.sizes;
    // `CUDA_DEVICE_MAX_CONNECTIONS`: `megatron/training/arguments.py`, `validate_args`, which
    // asks for it on GPUs before Blackwell.
    let blackwell = plan
        .cluster
        .compute_capability
        .is_some_and(|major| major >= 10);
    if !blackwell && (s.tensor_model_parallel_size > 1 || s.context_parallel_size > 1) {
        text.push_str("export CUDA_DEVICE_MAX_CONNECTIONS=1\n");
    }
    let (nodes, gpus) = (plan.cluster.num_nodes, plan.cluster.gpus_per_node);
    text.push_str(&format!(
        "torchrun --nnodes {nodes} --nproc-per-node {gpus} "
    ));
    if nodes > 1 {
        text.push_str("--node-rank \"$NODE_RANK\" --master-addr \"$MASTER_ADDR\" \\\n  ");
    }
}

fn megatron(plan: &Plan, text: &mut String) {
    torchrun(plan, text);
    text.push_str("pretrain_gpt.py \\\n");
    for argument in ARGUMENTS {
        let setting = argument.setting(plan);
        let on = setting == Setting::Flag(true);
        let said = match argument.megatron {
            Megatron::Nothing => false,
            Megatron::WhenOn(_) => on,
            Megatron::WhenOff(_) => setting == Setting::Flag(false),
            Megatron::Unless(_, default) => setting != Setting::Number(default),
            Megatron::Value(_) => true,
        };
        let value = match setting {
            Setting::Untold | Setting::Unset => continue,
            Setting::Number(n) => n.to_string(),
            Setting::Word(word) | Setting::Layers(word) => in_shell(&word),
            Setting::Words(words) => {
                let words: Vec<String> = names(&words).map(in_shell).collect();
                words.join(" ")
            }
            Setting::Flag(_) | Setting::Function(_) => String::new(),
        };
        if said {
            let line = format!("  {} {value}", argument.megatron.name());
            text.push_str(line.trim_end());
            text.push_str(" \\\n");
        }
    }
    text.push_str("  --bf16\n");
}

/// The names in a list that people part by spaces or commas.
fn names(words: &str) -> impl Iterator<Item = &str> {
    words
        .split([' ', ',', '[', ']', '"', '\''])
        .filter(|name| !name.is_empty())
}

/// A word as a shell takes it: what is more than a name or a number is quoted. A plan may come
/// from anyone's link, and a shell runs what it is given.
fn in_shell(word: &str) -> String {
    let word = one_line(word);
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '=' | ',');
    if word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.chars().all(plain) {
        return word;
    }
    // A quote ends the quoted text, stands for itself, and begins it again.
    let parts: Vec<&str> = word.split('\'').collect();
    format!("'{}'", parts.join("'\\''"))
}

/// Which layers have experts, as Megatron Core takes it: a number, or a list of 0 and 1. Only the
/// command line of Megatron-LM reads a list that is to be computed.
fn listed(plan: &Plan, pattern: &str) -> Option<String> {
    if pattern.parse::<u64>().is_ok() {
        return Some(pattern.to_owned());
    }
    let num_layers = plan.model.num_layers;
    let layers = layer_pattern::read(pattern, num_layers).0?;
    let digit = |layer| if layers.has_experts(layer) { "1" } else { "0" };
    let digits: Vec<&str> = (0..num_layers).map(digit).collect();
    (!digits.is_empty()).then(|| format!("[{}]", digits.join(",")))
}

/// Text in the quotes of Python and of Hydra.
fn in_quotes(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in one_line(text).chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

fn bridge(plan: &Plan, text: &mut String) {
    torchrun(plan, text);
    text.push_str("scripts/training/run_recipe.py --recipe \"$RECIPE\" --mode pretrain \\\n");
    for argument in ARGUMENTS.iter().filter(|a| !a.bridge.is_empty()) {
        let value = match argument.setting(plan) {
            Setting::Untold => continue,
            Setting::Unset => "null".to_owned(),
            Setting::Number(n) => n.to_string(),
            Setting::Word(word) if word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                word
            }
            Setting::Word(word) => in_quotes(&word),
            Setting::Words(words) => {
                let words: Vec<String> = names(&words).map(in_quotes).collect();
                format!("[{}]", words.join(","))
            }
            Setting::Layers(layers) => match listed(plan, &layers) {
                Some(list) => list,
                None => continue,
            },
            Setting::Function(word) => word.to_owned(),
            Setting::Flag(on) => on.to_string(),
        };
        let setting = format!("{}={value}", argument.bridge);
        text.push_str(&format!("  {} \\\n", in_shell(&setting)));
    }
    text.push_str("  mixed_precision=bf16_mixed\n");
}

fn nemo(plan: &Plan, text: &mut String) {
    text.push_str(
        "import torch.nn.functional as F\n\
         from megatron.core.optimizer import OptimizerConfig\n\
         from nemo.collections import llm\n\
         from nemo.lightning import MegatronMixedPrecision, MegatronStrategy, Trainer\n\n",
    );
    call(
        "strategy = MegatronStrategy",
        plan,
        Nemo::Strategy,
        "",
        text,
    );
    call(
        "optimizer = OptimizerConfig",
        plan,
        Nemo::Optimizer,
        "    bf16=True,\n",
        text,
    );
    call("data = llm.MockDataModule", plan, Nemo::Data, "", text);
    // Only this class has the figures of multi-latent attention.
    let class = if plan.model.mla.is_some() {
        "model_config = llm.DeepSeekConfig"
    } else {
        "model_config = llm.GPTConfig"
    };
    call(class, plan, Nemo::Model, "", text);
    text.push_str(&format!(
        "trainer = Trainer(\n    num_nodes={},\n    devices={},\n    strategy=strategy,\n    \
         plugins=MegatronMixedPrecision(precision=\"bf16-mixed\"),\n)\n",
        plan.cluster.num_nodes, plan.cluster.gpus_per_node
    ));
}

/// One call of NeMo with the arguments that it takes.
fn call(opening: &str, plan: &Plan, place: Nemo, more: &str, text: &mut String) {
    text.push_str(opening);
    text.push_str("(\n");
    for argument in ARGUMENTS.iter().filter(|a| a.nemo == place) {
        if let Some(value) = python(argument, plan) {
            text.push_str(&format!("    {}={value},\n", argument.name()));
        }
    }
    text.push_str(more);
    text.push_str(")\n");
}

/// An argument as Python takes it. What is not set is left out, which means the same.
fn python(argument: &Argument, plan: &Plan) -> Option<String> {
    match argument.setting(plan) {
        Setting::Untold | Setting::Unset => None,
        Setting::Number(n) => Some(n.to_string()),
        Setting::Word(word) => Some(in_quotes(&word)),
        Setting::Words(words) => {
            let words: Vec<String> = names(&words).map(in_quotes).collect();
            Some(format!("[{}]", words.join(", ")))
        }
        Setting::Layers(layers) => listed(plan, &layers),
        Setting::Function(name) => Some(format!("F.{name}")),
        Setting::Flag(on) => Some(if on { "True" } else { "False" }.to_owned()),
    }
}
