//! What an argument of a script says of a plan: the field it sets, or that none holds it.

use super::names::{Alias, HARMLESS, IGNORED, MATTERS, among};
use super::note::Kind;
use super::script::{Reading, alias, with_text};
use super::words::Word;
use crate::core::Field;
use crate::core::config::{Kind as FieldKind, Order, Unread};
use crate::core::json::Json;
use crate::core::layer_pattern;
use crate::export::arguments::{Argument, Holds, Megatron};

/// A list of layers that is longer is shortened, so that it fits into a plan.
const LONG_LIST: usize = 200;

impl Reading {
    /// An argument of the table; how many of the words behind it are its own.
    pub(super) fn argument(&mut self, argument: &Argument, flag: &Word, values: &[Word]) -> usize {
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
    pub(super) fn alias(&mut self, alias: Alias, flag: &Word, value: &Word) -> usize {
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
                self.dispatcher = true;
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

    /// An argument that no field holds.
    pub(super) fn other(&mut self, name: &str, flag: &Word, value: &Word) {
        let name = name.trim_start_matches('-');
        let router = matches!(
            name,
            "moe-router-load-balancing-type" | "moe-router-score-function"
        );
        self.no_softmax |= router && matches!(value.text.as_str(), "sinkhorn" | "sigmoid");
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

    /// Reads a value into a field; what cannot be read is kept with the plan.
    pub(super) fn take(&mut self, field: Field, flag: &Word, value: &Word) {
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
        let branch = flag.branch.or(value.branch);
        if let Some(line) = branch.filter(|line| !self.branches.contains(line)) {
            self.branches.push(line);
            let parts = ["What is set here may not be run; it is taken as if it was."];
            self.notes.say(Kind::Assumed, line, &parts);
        }
    }
}

/// Text without the quotes that it may have kept, for Hydra or for another shell.
pub(super) fn unquoted(text: &str) -> String {
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
pub(super) fn shortened(list: &str) -> String {
    let layers = list.split(',').count() as u64;
    let plain = list
        .chars()
        .all(|c| matches!(c, '[' | ']' | ',' | '0' | '1' | ' '));
    match layer_pattern::read(list, layers) {
        (Some(pattern), None) if plain && layers > 2 => pattern.text(layers),
        _ => list.to_owned(),
    }
}
