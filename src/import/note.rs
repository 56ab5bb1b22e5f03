//! What is to be said of a text that a plan was read from.

use crate::core::config::shown;

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A figure of the plan that could not be read.
    Unread,
    /// Something that would change the plan, but that Meshplan does not read or know.
    Left,
    /// Something that was taken for granted.
    Assumed,
    /// Something that is no part of a plan.
    Ignored,
}

/// Something the reader of a plan should know of the text that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: Kind,
    /// The line of the text, where it is about one.
    pub line: Option<usize>,
    /// What is to be said, in a sentence.
    pub text: String,
}

impl Note {
    /// The note in a sentence, with its line.
    pub fn message(&self) -> String {
        match self.line {
            Some(line) => ["Line ", &line.to_string(), ": ", &self.text].concat(),
            None => self.text.clone(),
        }
    }
}

/// Notes in the making.
#[derive(Default)]
pub struct Notes {
    all: Vec<Note>,
    more: usize,
}

/// The most notes that help anybody.
const MOST: usize = 60;

impl Notes {
    /// Adds a sentence, made of parts. Parts in even places are Meshplan's words, the others
    /// foreign text.
    pub fn say(&mut self, kind: Kind, line: usize, parts: &[&str]) {
        if self.all.len() >= MOST {
            self.more += 1;
            return;
        }
        let mut text = String::new();
        for (i, part) in parts.iter().enumerate() {
            if i % 2 == 0 {
                text.push_str(part);
            } else {
                text.push_str(&shown(part));
            }
        }
        let line = Some(line).filter(|line| *line > 0);
        let note = Note { kind, line, text };
        if !self.all.contains(&note) {
            // In the order of importance, and of the lines.
            let after = self.all.iter().take_while(|n| n.kind <= kind).count();
            self.all.insert(after, note);
        }
    }

    /// The notes.
    pub fn done(mut self) -> Vec<Note> {
        if self.more > 0 {
            let text = ["And ", &self.more.to_string(), " more like these."].concat();
            let (kind, line) = (Kind::Left, None);
            self.all.push(Note { kind, line, text });
        }
        self.all
    }
}
