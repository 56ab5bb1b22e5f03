//! Overrides of Megatron Bridge's configuration, such as `model.num_layers=32`.

use super::fields::{shortened, unquoted};
use super::note::Kind;
use super::script::{Reading, with_text};
use super::words::Word;
use crate::core::config::Order;
use crate::core::{Field, Value, presets};
use crate::export::arguments::{ARGUMENTS, Holds};

/// Groups of Megatron Bridge's configuration that a plan has figures in.
const BRIDGE: &[&str] = &["model", "ddp", "dist", "train", "dataset"];

impl Reading {
    /// An override of Megatron Bridge.
    pub(super) fn overridden(&mut self, path: &str, value: &Word) {
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

    /// A recipe of Megatron Bridge, such as `llama3_8b_pretrain_config`, starts from a model.
    pub(super) fn recipe(&mut self, value: &Word) {
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
}

/// The path and the value of an override such as `model.num_layers=32`.
pub(super) fn override_of(text: &str) -> Option<(&str, &str)> {
    let (path, value) = text.split_once('=')?;
    let path = path.trim_start_matches(['+', '~']);
    let of_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    (path.contains('.') && path.chars().all(of_path)).then_some((path, value))
}
