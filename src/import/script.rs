//! The arguments of a launch script as a plan.

use super::names::{ALIASES, Alias, HARMLESS, IGNORED, LAUNCH, Launch, MATTERS, among};
use super::note::{Kind, Notes};
use super::shell::{self, Script, Word};
use super::{Imported, LONGEST_TEXT, Source};
use crate::core::config::{ExpertAccounting, Kind as FieldKind, Order, Unread};
use crate::core::json::Json;
use crate::core::model::layer_pattern;
use crate::core::number::{divides, quotient};
use crate::core::{Config, Field, Value, presets};
use crate::export::arguments::{ARGUMENTS, Argument, Holds, LATENT, Megatron};

/// Arguments without which Megatron does not start.
const DEMANDED: &[Field] = &[
    Field::NumLayers,
    Field::HiddenSize,
    Field::NumAttentionHeads,
    Field::SeqLength,
    Field::MaxPositionEmbeddings,
    Field::MicroBatch,
];

/// A list of layers that is longer is shortened, so that it fits into a plan.
const LONG_LIST: usize = 200;

/// Groups of Megatron Bridge's configuration that a plan has figures in.
const BRIDGE: &[&str] = &["model", "ddp", "dist", "train", "dataset"];

/// Reads a launch script, a command line, the YAML of Megatron's tests, or overrides for Megatron
/// Bridge. What it does not say is Megatron's default, and DP is Megatron's.
pub fn script(text: &str) -> Imported {
    let mut reading = Reading::default();
    reading.config.parallel.sequence_parallel = false;
    reading.config.parallel.use_distributed_optimizer = false;
    reading.config.parallel.expert_accounting = ExpertAccounting::Folded;
    if text.len() > LONGEST_TEXT {
        let parts = ["The text is too long for a launch script; nothing of it is read."];
        reading.notes.say(Kind::Unread, 0, &parts);
    } else {
        reading.script(&shell::read(text));
    }
    Imported {
        config: reading.config,
        notes: reading.notes.done(),
        source: Source::Script,
    }
}

/// Whether a text has an argument that a plan is made of.
pub fn has_arguments(text: &str) -> bool {
    text.len() <= LONGEST_TEXT
        && text
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | '(' | ','))
            .any(|word| is_known(word.trim_end_matches(':')))
}

/// Whether a name is an argument that a plan is made of.
fn is_known(name: &str) -> bool {
    let bare = name.trim_start_matches(['+', '~']);
    match name.strip_prefix("--") {
        Some(name) => !name.is_empty() && (argument(name).is_some() || alias(name).is_some()),
        None => bare.contains('.') && ARGUMENTS.iter().any(|a| a.bridge == bare),
    }
}

fn argument(name: &str) -> Option<&'static Argument> {
    ARGUMENTS
        .iter()
        .find(|a| a.megatron.name().strip_prefix("--") == Some(name))
}

fn alias(name: &str) -> Option<Alias> {
    let found = ALIASES.iter().find(|(other, _)| *other == name);
    found.map(|(_, alias)| *alias)
}

/// Whether a word is the name of an argument, and no negative number.
fn is_flag(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-')
        && chars
            .next()
            .is_some_and(|c| c == '-' || c.is_ascii_alphabetic())
}

/// The path and the value of an override such as `model.num_layers=32`.
fn override_of(text: &str) -> Option<(&str, &str)> {
    let (path, value) = text.split_once('=')?;
    let path = path.trim_start_matches(['+', '~']);
    let of_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    (path.contains('.') && path.chars().all(of_path)).then_some((path, value))
}

/// A plan in the making.
#[derive(Default)]
struct Reading {
    config: Config,
    notes: Notes,
    /// Fields that were read, with the line and the text.
    seen: Vec<(Field, Word)>,
    /// Names of arguments that are no part of a plan.
    ignored: Vec<String>,
    /// What the launcher is told.
    launch: Vec<(Launch, Word)>,
    /// Lines that stand in a branch and were told of.
    branches: Vec<usize>,
    /// `--num-layers-per-virtual-pipeline-stage`.
    chunk: Option<Word>,
    /// `--num-query-groups` that takes `--group-query-attention` to have an effect.
    groups: Option<Word>,
    takes_groups: bool,
    half_precision: bool,
    overrides: bool,
}

impl Reading {
    fn script(&mut self, script: &Script) {
        if let Some(line) = script.unclosed {
            let parts = ["A quote begins here and is not closed; it is taken as a letter."];
            self.notes.say(Kind::Unread, line, &parts);
        }
        if script.overgrown {
            let parts = ["There are too many variables, or they are too long; some are left out."];
            self.notes.say(Kind::Unread, 0, &parts);
        }
        self.arguments(&script.directives);
        let words = self.command(script);
        self.arguments(words);
        self.chunks();
        self.query_groups();
        self.defaults();
        self.world();
        self.say_ignored();
    }

    /// The command that trains: the one with the most arguments, or everything that variables
    /// hold where there is none.
    fn command<'a>(&mut self, script: &'a Script) -> &'a [Word] {
        let score = |words: &[Word]| {
            let name = |word: &Word| {
                let name = word.text.split('=').next().unwrap_or_default();
                is_known(name.trim_end_matches(','))
            };
            words.iter().filter(|word| name(word)).count()
        };
        let mut best: (usize, &[Word]) = (0, &[]);
        let mut others = 0;
        for words in &script.commands {
            let found = score(words);
            others += usize::from(found > 0);
            if found > 0 && found >= best.0 {
                best = (found, words);
            }
        }
        let line = best.1.first().map_or(0, |word| word.line);
        if others > 1 {
            let parts = ["Several commands have arguments of a plan; the one here is read."];
            self.notes.say(Kind::Assumed, line, &parts);
        }
        if best.0 > 0 {
            return best.1;
        }
        let parts = if score(&script.loose) == 0 {
            "No argument of Megatron-LM was found."
        } else {
            "No command was found that takes the arguments; those of all variables are read."
        };
        self.notes.say(Kind::Assumed, 0, &[parts]);
        &script.loose
    }

    fn arguments(&mut self, words: &[Word]) {
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            let text = word.text.trim_end_matches(',');
            if !is_flag(text) {
                match override_of(text) {
                    Some((path, value)) => self.overridden(path, &with_text(word, value)),
                    None => self.loose(word),
                }
                continue;
            }
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(with_text(word, value))),
                None => (text, None),
            };
            let mut values: Vec<Word> = value.into_iter().collect();
            let is_value = |next: &Word| !is_flag(&next.text) && override_of(&next.text).is_none();
            while let Some(next) = words.next_if(|next| is_value(next)) {
                values.push(next.clone());
            }
            self.flag(&with_text(word, name), &values);
        }
    }

    /// A word that belongs to no argument. A variable may hold arguments.
    fn loose(&mut self, word: &Word) {
        if let Some(name) = word.unset.as_ref().filter(|name| **name == word.text) {
            let parts = [
                "",
                name,
                " is not set in the text; what it holds is not read.",
            ];
            self.notes.say(Kind::Left, word.line, &parts);
        }
    }

    /// An argument with the words behind it.
    fn flag(&mut self, flag: &Word, values: &[Word]) {
        let nothing = with_text(flag, "");
        let value = values.first().unwrap_or(&nothing);
        let dashed: String = flag
            .text
            .chars()
            .map(|c| if c == '_' { '-' } else { c })
            .collect();
        if let Some((_, launch)) = LAUNCH.iter().find(|(name, _)| *name == dashed) {
            self.launch.push((*launch, value.clone()));
            values.iter().skip(1).for_each(|word| self.loose(word));
            return;
        }
        let Some(name) = flag.text.strip_prefix("--").filter(|name| !name.is_empty()) else {
            // `-u` and its like are for launchers.
            values.iter().for_each(|word| self.loose(word));
            return;
        };
        let taken = match (argument(name), alias(name)) {
            (Some(argument), _) => self.argument(argument, flag, values),
            (None, Some(alias)) => self.alias(alias, flag, value),
            (None, None) => {
                self.other(&dashed, flag, value);
                // Some take a list, of paths for the most part.
                let list = among("data-* train-* valid-* test-*", name);
                let all = values.iter().take_while(|word| word.text != "$@").count();
                if list { all } else { 1 }
            }
        };
        values.iter().skip(taken).for_each(|word| self.loose(word));
    }

    /// An argument of the table; how many of the words behind it are its own.
    fn argument(&mut self, argument: &Argument, flag: &Word, values: &[Word]) -> usize {
        let nothing = with_text(flag, "");
        let value = values.first().unwrap_or(&nothing);
        let (field, on) = match argument.holds {
            Holds::As(field) => (field, true),
            Holds::Opposite(field) => (field, false),
            Holds::Order => {
                self.config.parallel.order = Order::TpCpEpPpDp;
                return 0;
            }
            Holds::Nothing => {
                return match alias(flag.text.trim_start_matches('-')) {
                    Some(alias) => self.alias(alias, flag, value),
                    None => 0,
                };
            }
        };
        let is_on = match argument.megatron {
            Megatron::WhenOn(_) => on,
            Megatron::WhenOff(_) => !on,
            _ if field == Field::RecomputeModules => {
                let texts: Vec<&str> = values.iter().map(|word| word.text.as_str()).collect();
                let mut all = with_text(value, &texts.join(" "));
                all.text.retain(|c| !matches!(c, '[' | ']' | ','));
                self.take(field, flag, &all);
                return values.len();
            }
            _ => {
                if field == Field::NumQueryGroups {
                    self.groups = Some(value.clone());
                }
                self.take(field, flag, value);
                return 1;
            }
        };
        let word = if is_on { "true" } else { "false" };
        self.take(field, flag, &with_text(flag, word));
        0
    }

    /// An argument of another name; how many of the words behind it are its own.
    fn alias(&mut self, alias: Alias, flag: &Word, value: &Word) -> usize {
        match alias {
            Alias::Named(field) => self.take(field, flag, value),
            Alias::LayersPerChunk => self.chunk = Some(value.clone()),
            Alias::Means(fields) => {
                for (field, text) in fields {
                    self.take(*field, flag, &with_text(flag, text));
                }
                return 0;
            }
            Alias::Recipe => self.recipe(value),
            Alias::Groups => {
                self.takes_groups = true;
                return 0;
            }
            Alias::HalfPrecision => {
                self.half_precision = true;
                return 0;
            }
            Alias::Dispatcher => {
                if value.text != "alltoall" {
                    let parts = [
                        "",
                        &flag.text,
                        " is ",
                        &value.text,
                        "; the traffic of EP is counted for alltoall.",
                    ];
                    self.notes.say(Kind::Left, flag.line, &parts);
                }
            }
        }
        1
    }

    /// A recipe of Megatron Bridge, such as `llama3_8b_pretrain_config`, starts from a model.
    fn recipe(&mut self, value: &Word) {
        let name: String = value
            .text
            .chars()
            .map(|c| if c == '_' { '-' } else { c })
            .collect();
        let is_of = |id: &str| {
            let rest = name.strip_prefix(id);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let found = presets::models().filter(|model| is_of(model.id));
        if let Some(model) = found.max_by_key(|model| model.id.len()) {
            self.config.model.preset = Some(model.id.to_owned());
            let parts = [
                "The model of the recipe is taken for ",
                "",
                model.name,
                "",
                ".",
            ];
            self.notes.say(Kind::Assumed, value.line, &parts);
        }
    }

    /// An argument that no field holds.
    fn other(&mut self, name: &str, flag: &Word, value: &Word) {
        let name = name.trim_start_matches('-');
        let harmless = HARMLESS.contains(&value.text.as_str());
        let matters = among(MATTERS, name);
        if (matters && harmless) || (!matters && among(IGNORED, name)) {
            let text = flag.text.as_str();
            if !self.ignored.iter().any(|other| other == text) {
                self.ignored.push(text.to_owned());
            }
            return;
        }
        let said = if matters {
            " would change the plan, but Meshplan does not read it."
        } else {
            " is no argument that Meshplan knows."
        };
        self.notes
            .say(Kind::Left, flag.line, &["", &flag.text, said]);
    }

    /// An override of Megatron Bridge.
    fn overridden(&mut self, path: &str, value: &Word) {
        let flag = with_text(value, path);
        let own = if path == "dataset.sequence_length" {
            "dataset.seq_length"
        } else {
            path
        };
        let Some(argument) = ARGUMENTS.iter().find(|a| a.bridge == own) else {
            let (group, name) = path.split_once('.').unwrap_or_default();
            let name: String = name
                .chars()
                .map(|c| if c == '_' { '-' } else { c })
                .collect();
            if BRIDGE.contains(&group) {
                self.other(&name, &flag, value);
            } else {
                self.ignored.push(path.to_owned());
            }
            return;
        };
        self.overrides = true;
        let text = unquoted(&value.text);
        let on = matches!(text.as_str(), "true" | "True" | "1");
        match argument.holds {
            Holds::Nothing => {}
            Holds::Order if on => self.config.parallel.order = Order::TpCpEpPpDp,
            Holds::Order => self.config.parallel.order = Order::default(),
            Holds::Opposite(field) => {
                let word = if on { "false" } else { "true" };
                self.take(field, &flag, &with_text(value, word));
            }
            Holds::As(field) if matches!(text.as_str(), "null" | "None") => {
                self.config.set(field, Value::Unset);
                self.seen.push((field, value.clone()));
            }
            Holds::As(Field::RecomputeModules) => {
                let mut names = with_text(value, "");
                for c in text
                    .chars()
                    .filter(|c| !matches!(c, '[' | ']' | '"' | '\''))
                {
                    names.text.push(if c == ',' { ' ' } else { c });
                }
                self.take(Field::RecomputeModules, &flag, &names);
            }
            Holds::As(Field::MoeLayerFreq) => {
                self.take(
                    Field::MoeLayerFreq,
                    &flag,
                    &with_text(value, &shortened(&text)),
                );
            }
            Holds::As(field) => self.take(field, &flag, &with_text(value, &text)),
        }
    }

    /// Reads a value into a field; what cannot be read is kept with the plan.
    fn take(&mut self, field: Field, flag: &Word, value: &Word) {
        let path = field.info().path;
        let text = match unquoted(&value.text).as_str() {
            // Rotary too, as far as parameters go.
            "mrope" | "yarn" if field == Field::PositionEmbeddingType => "rope".to_owned(),
            list if field == Field::MoeLayerFreq && list.len() > LONG_LIST => shortened(list),
            text if field.info().kind == FieldKind::Flag => text.to_ascii_lowercase(),
            // Lists of other languages part their words by commas.
            text if field.info().kind != FieldKind::Pattern => unquoted(text.trim_end_matches(',')),
            text => text.to_owned(),
        };
        let before = self.seen.iter().rev().find(|(other, _)| *other == field);
        if before.is_some_and(|(_, before)| unquoted(&before.text) != unquoted(&value.text)) {
            let parts = [
                "",
                &flag.text,
                " stands in the text before; the last one counts, ",
                &text,
                ".",
            ];
            self.notes.say(Kind::Assumed, flag.line, &parts);
        }
        self.seen.push((field, value.clone()));
        self.config.unread.retain(|unread| unread.path != path);
        let json = Json::Text(text.clone());
        match (&value.unset, field.read(&json)) {
            (None, Ok(read)) => {
                self.config.set(field, read);
            }
            (unset, _) => {
                let value = json;
                let path = path.to_owned();
                self.config.unread.push(Unread { path, value });
                let why = match unset {
                    Some(_) => ", which the text does not set.",
                    None => ", which cannot be read.",
                };
                let parts = ["", &flag.text, " is ", &text, why];
                self.notes.say(Kind::Unread, flag.line, &parts);
            }
        }
        if let Some(line) = flag.branch.or(value.branch) {
            if !self.branches.contains(&line) {
                self.branches.push(line);
                let parts = ["What is set here may not be run; it is taken as if it was."];
                self.notes.say(Kind::Assumed, line, &parts);
            }
        }
    }

    fn was_read(&self, field: Field) -> bool {
        self.seen.iter().any(|(other, _)| *other == field)
    }

    /// VPP from the layers of a chunk: `megatron/training/arguments.py`, `validate_args`.
    fn chunks(&mut self) {
        let Some(value) = self.chunk.take() else {
            return;
        };
        let flag = with_text(&value, "--num-layers-per-virtual-pipeline-stage");
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
    fn query_groups(&mut self) {
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
    fn defaults(&mut self) {
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

    /// Nodes and GPUs, from what the launcher is told.
    fn world(&mut self) {
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

    fn say_ignored(&mut self) {
        let count = self.ignored.len().to_string();
        let some: Vec<&str> = self.ignored.iter().take(3).map(String::as_str).collect();
        let some = some.join(", ");
        if !some.is_empty() {
            let parts = [
                "Arguments that are no part of a plan: ",
                &count,
                ", such as ",
                &some,
                ".",
            ];
            self.notes.say(Kind::Ignored, 0, &parts);
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

fn with_text(word: &Word, text: &str) -> Word {
    Word {
        text: text.to_owned(),
        line: word.line,
        unset: word.unset.clone().filter(|_| text.contains(['$', '`'])),
        branch: word.branch,
    }
}

/// Text without the quotes that it may have kept, for Hydra or for another shell.
fn unquoted(text: &str) -> String {
    let inner = |quote: char| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        Some((quote, inner))
    };
    let Some((quote, inner)) = inner('"').or(inner('\'')) else {
        return text.to_owned();
    };
    let mut plain = String::new();
    let mut escaped = false;
    for c in inner.chars() {
        escaped = c == '\\' && quote == '"' && !escaped;
        if !escaped {
            plain.push(c);
        }
    }
    plain
}

/// A list of layers in its shortest form, so that one of a hundred layers fits into a link.
fn shortened(list: &str) -> String {
    let layers = list.split(',').count() as u64;
    let plain = list
        .chars()
        .all(|c| matches!(c, '[' | ']' | ',' | '0' | '1' | ' '));
    match layer_pattern::read(list, layers) {
        (Some(layers), None) if plain && layers.len() > 2 => layer_pattern::text(&layers),
        _ => list.to_owned(),
    }
}
