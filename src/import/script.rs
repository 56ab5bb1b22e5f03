//! The arguments of a launch script as a plan.

use super::names::{ALIASES, Alias, LAUNCH, Launch, among};
use super::note::{Kind, Notes};
use super::overrides::override_of;
use super::shell::{self, Script};
use super::words::Word;
use super::{Imported, LONGEST_TEXT, Source};
use crate::core::config::ExpertAccounting;
use crate::core::{Config, Field};
use crate::export::arguments::{ARGUMENTS, Argument};

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

pub(super) fn alias(name: &str) -> Option<Alias> {
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

/// A plan in the making.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) config: Config,
    pub(super) notes: Notes,
    /// Fields that were read, with the line and the text.
    pub(super) seen: Vec<(Field, Word)>,
    /// Names of arguments that are no part of a plan.
    pub(super) ignored: Vec<String>,
    /// What the launcher is told.
    pub(super) launch: Vec<(Launch, Word)>,
    /// Lines that stand in a branch and were told of.
    pub(super) branches: Vec<usize>,
    /// `--num-layers-per-virtual-pipeline-stage`.
    pub(super) chunk: Option<Word>,
    /// `--num-query-groups` that takes `--group-query-attention` to have an effect.
    pub(super) groups: Option<Word>,
    pub(super) takes_groups: bool,
    pub(super) half_precision: bool,
    pub(super) dispatcher: bool,
    /// The router's scores are no softmax.
    pub(super) no_softmax: bool,
    pub(super) overrides: bool,
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
    pub(super) fn loose(&mut self, word: &Word) {
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

    pub(super) fn was_read(&self, field: Field) -> bool {
        self.seen.iter().any(|(other, _)| *other == field)
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

pub(super) fn with_text(word: &Word, text: &str) -> Word {
    Word {
        text: text.to_owned(),
        line: word.line,
        unset: word.unset.clone().filter(|_| text.contains(['$', '`'])),
        branch: word.branch,
    }
}
