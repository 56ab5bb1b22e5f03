//! What follows from all arguments together: sizes that are said in another way, Megatron's
//! defaults, nodes and GPUs.

use super::names::Launch;
use super::note::Kind;
use super::script::{Reading, with_text};
use super::words::Word;
use crate::core::config::Recompute;
use crate::core::number::{divides, quotient};
use crate::core::{Field, Value};
use crate::export::arguments::{ARGUMENTS, Argument, Holds};

/// Megatron's defaults for multi-latent attention: `megatron/training/arguments.py`,
/// `_add_mla_args`. Queries are not compressed.
const LATENT: &[(Field, u64)] = &[
    (Field::KvLoraRank, 32),
    (Field::QkHeadDim, 128),
    (Field::QkPosEmbHeadDim, 64),
    (Field::VHeadDim, 128),
];

/// Arguments without which Megatron does not start.
const DEMANDED: &[Field] = &[
    Field::NumLayers,
    Field::HiddenSize,
    Field::NumAttentionHeads,
    Field::SeqLength,
    Field::MaxPositionEmbeddings,
    Field::MicroBatch,
];

/// What Megatron refuses beside `--num-layers-per-virtual-pipeline-stage`.
const APART: &[Field] = &[
    Field::Vpp,
    Field::FirstStageLayers,
    Field::LastStageLayers,
    Field::PipelineLayout,
];

impl Reading {
    /// VPP from the layers of a chunk: `megatron/training/arguments.py`, `validate_args`.
    pub(super) fn chunks(&mut self) {
        let Some(value) = self.chunk.take() else {
            return;
        };
        let flag = with_text(&value, "--num-layers-per-virtual-pipeline-stage");
        let beside = |argument: &&Argument| matches!(argument.holds, Holds::As(field) if APART.contains(&field) && self.was_read(field));
        if let Some(argument) = ARGUMENTS.iter().find(beside) {
            let parts = [
                "Megatron refuses ",
                &flag.text,
                " beside ",
                argument.megatron.name(),
                ".",
            ];
            self.notes.say(Kind::Assumed, value.line, &parts);
        }
        let p = &self.config.parallel;
        let counted = [
            p.account_for_embedding_in_pipeline_split,
            p.account_for_loss_in_pipeline_split,
        ];
        let extra = counted.iter().filter(|counts| **counts).count() as u64;
        let layers = self
            .config
            .model
            .num_layers
            .unwrap_or(0)
            .saturating_add(extra);
        let stages = p.pipeline_model_parallel_size;
        let stage = quotient(layers, stages);
        match value.text.parse::<u64>() {
            Ok(chunk)
                if value.unset.is_none() && divides(stages, layers) && divides(chunk, stage) =>
            {
                let chunks = quotient(stage, chunk).to_string();
                // Megatron takes one chunk for none.
                if chunks != "1" {
                    self.take(Field::Vpp, &flag, &with_text(&value, &chunks));
                }
            }
            _ => {
                let said = [&value.text, " layers a chunk"].concat();
                self.take(Field::Vpp, &flag, &with_text(&value, &said));
            }
        }
    }

    /// Megatron takes no notice of groups without `--group-query-attention`, and one group where
    /// it is told of none.
    pub(super) fn query_groups(&mut self) {
        let flag = "--group-query-attention";
        match self.groups.take() {
            Some(groups) if !self.takes_groups => {
                self.config.set(Field::NumQueryGroups, Value::Unset);
                let parts = [
                    "--num-query-groups ",
                    &groups.text,
                    " has no effect without ",
                    flag,
                    ".",
                ];
                self.notes.say(Kind::Assumed, groups.line, &parts);
            }
            None if self.takes_groups && !self.was_read(Field::NumQueryGroups) => {
                self.config.set(Field::NumQueryGroups, Value::Count(1));
                let parts = ["--num-query-groups is not said: Megatron’s default, 1, is taken."];
                self.notes.say(Kind::Assumed, 0, &parts);
            }
            _ => {}
        }
    }

    /// What Megatron takes for what it is not told, where that is not a plan's default.
    pub(super) fn defaults(&mut self) {
        let model = &self.config.model;
        if model.vocab_size.is_none() && model.preset.is_none() {
            let parts = [
                "The vocabulary is the tokenizer’s, which is not read: embedding and head are not \
                 counted until you give it.",
            ];
            self.notes.say(Kind::Left, 0, &parts);
        }
        let own = !self.overrides && model.hidden_size.is_some();
        if own && model.position_embedding_type.is_none() {
            let learned = Value::Text("learned_absolute".to_owned());
            self.config.set(Field::PositionEmbeddingType, learned);
        }
        if self.config.model.multi_latent_attention == Some(true) {
            for (field, default) in LATENT {
                if !self.was_read(*field) {
                    self.config.set(*field, Value::Count(*default));
                    let name = field.info().name();
                    let (name, default) = (name, default.to_string());
                    let parts = [
                        "",
                        name,
                        " is not said: Megatron’s default, ",
                        &default,
                        ", is taken.",
                    ];
                    self.notes.say(Kind::Assumed, 0, &parts);
                }
            }
        }
        self.one_expert();
        let full = self.config.training.recompute_granularity == Some(Recompute::Full);
        let told = self.was_read(Field::RecomputeHow) && self.was_read(Field::RecomputeNumLayers);
        if full && !told {
            let parts = [
                "Megatron refuses full recomputation without --recompute-method and \
                 --recompute-num-layers; uniform and 1 are taken.",
            ];
            self.notes.say(Kind::Assumed, 0, &parts);
        }
        // Megatron's default lets every GPU gather all tokens.
        let p = &self.config.parallel;
        let spread = self.was_read(Field::NumExperts) && p.expert_model_parallel_size > 1;
        if spread && !self.dispatcher && !self.overrides {
            let parts = [
                "Without --moe-token-dispatcher-type Megatron gathers all tokens; the traffic of \
                 EP is counted for alltoall.",
            ];
            self.notes.say(Kind::Left, 0, &parts);
        }
        if self.overrides {
            let parts = [
                "Overrides change a recipe. What else the recipe says is not in the text; \
                 Megatron’s defaults are taken for it.",
            ];
            self.notes.say(Kind::Assumed, 0, &parts);
            return;
        }
        let mut missing = String::new();
        for field in DEMANDED.iter().filter(|field| !self.was_read(**field)) {
            if !missing.is_empty() {
                missing.push_str(", ");
            }
            missing.push_str(field.info().name());
        }
        if !missing.is_empty() {
            let parts = [
                "Megatron demands what the text does not say: ",
                "",
                &missing,
                "",
                ".",
            ];
            self.notes.say(Kind::Assumed, 0, &parts);
        }
        if !self.half_precision {
            let parts = ["Without --bf16 Megatron trains in FP32; figures here are for BF16."];
            self.notes.say(Kind::Assumed, 0, &parts);
        }
    }

    /// Only a router that scores by softmax needs `--moe-router-pre-softmax` for one expert a
    /// token: `megatron/core/transformer/transformer_config.py`, `__post_init__`.
    fn one_expert(&mut self) {
        let model = &self.config.model;
        let one = self.no_softmax && model.moe_router_topk == Some(1);
        if !one || model.moe_router_pre_softmax == Some(true) {
            return;
        }
        self.config
            .set(Field::MoeRouterPreSoftmax, Value::Flag(true));
        let parts = [
            "This router needs no --moe-router-pre-softmax for one expert a token. Meshplan has no \
             field for it and takes the flag, which changes nothing here.",
        ];
        self.notes.say(Kind::Assumed, 0, &parts);
    }

    /// Nodes and GPUs, from what the launcher is told.
    pub(super) fn world(&mut self) {
        let launch = std::mem::take(&mut self.launch);
        let mut told = |kind: Launch| {
            // What stands closest to the training script comes last.
            let mut words = launch.iter().rev().filter(|(other, _)| *other == kind);
            let number = words.clone().find_map(|(_, word)| launched(kind, word));
            if let (None, Some((_, word))) = (number, words.next()) {
                let text = &word.text;
                let parts = [
                    "The launcher is told “",
                    text,
                    "”, which is no number here.",
                ];
                self.notes.say(Kind::Unread, word.line, &parts);
            }
            number
        };
        let nodes = told(Launch::Nodes);
        let tasks = told(Launch::Tasks).filter(|n| *n > 1);
        let all = told(Launch::AllTasks).map(|all| quotient(all, nodes.unwrap_or(1)));
        let gpus = told(Launch::Processes)
            .or(tasks)
            .or(told(Launch::Gpus))
            .or(all.filter(|n| *n > 1));
        if let Some(nodes) = nodes {
            self.config.set(Field::NumNodes, Value::Count(nodes));
        }
        match gpus {
            Some(gpus) => {
                self.config.set(Field::GpusPerNode, Value::Count(gpus));
            }
            None => {
                let parts = ["The text does not say how many GPUs a node has; 8 are taken."];
                self.notes.say(Kind::Assumed, 0, &parts);
            }
        }
        if nodes.is_none() && (gpus.is_none() || !launch.is_empty()) {
            let parts = ["The text does not say how many nodes there are; 1 is taken."];
            self.notes.say(Kind::Assumed, 0, &parts);
        }
    }
}

/// A number that a launcher is told; `gpu:h100:8` is for Slurm, `1:4` a range of nodes.
fn launched(kind: Launch, word: &Word) -> Option<u64> {
    let mut parts = word.text.rsplit(':');
    let number = parts.next()?.parse::<u64>().ok()?;
    let range = kind == Launch::Nodes && parts.next().is_some();
    (number > 0 && !range && word.unset.is_none()).then_some(number)
}
