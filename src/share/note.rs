//! What is to be said of a link: notes beside a plan that was opened, and errors.

use crate::core::config::{is_shown, one_line, shown};
use crate::core::{Config, Field};
use std::fmt;

/// Something the reader of an opened plan should know of its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The link has no end mark.
    Cut {
        /// The last part that is whole.
        last: String,
        /// The part after it, which may be cut itself and is not taken.
        left_out: String,
    },
    /// A part that this version of Meshplan does not know; it is kept and changes nothing.
    Unknown {
        /// The part.
        part: String,
    },
    /// A key that stands in the link more than once; the last one counts.
    Twice {
        /// The key.
        key: String,
    },
    /// Text after the end mark, or another link in the same text, which is not taken.
    Trailing {
        /// The text.
        text: String,
    },
    /// Words of people that are longer than a plan keeps; the rest is left out.
    Shortened {
        /// What they are.
        what: &'static str,
    },
    /// Words of people with characters that hide or turn text; they are left out.
    Hidden {
        /// What they are.
        what: &'static str,
    },
    /// Entries that were too long for the link.
    TooLong {
        /// How many, as written in the link.
        entries: String,
    },
}

impl Note {
    /// That people's own words are not kept as they were written in a field.
    pub fn on_words(config: &Config, path: &'static str, text: &str) -> Option<Note> {
        let what = path.strip_prefix("about.")?;
        let kept = config.get(Field::at(path)?);
        if kept != one_line(text, usize::MAX) {
            return Some(Note::Shortened { what });
        }
        let hides = |c: char| !c.is_whitespace() && !is_shown(c);
        text.contains(hides).then_some(Note::Hidden { what })
    }

    /// The note in a sentence or two.
    pub fn message(&self) -> String {
        match self {
            Note::Cut { last, left_out } => format!(
                "The link is cut off after “{}”: “{}” may not be whole and is left out. A whole \
                 link ends in “.z”; ask for it.",
                shown(last),
                shown(left_out)
            ),
            Note::Unknown { part } => format!(
                "The link says “{}”, which this version of Meshplan does not know. It is kept \
                 and changes nothing.",
                shown(part)
            ),
            Note::Twice { key } => format!(
                "The link says “{}” more than once; the last one counts.",
                shown(key)
            ),
            Note::Trailing { text } => {
                format!("“{}” stands beside the link and is left out.", shown(text))
            }
            Note::Shortened { what } => words(what, "is longer than a plan keeps: the rest is"),
            Note::Hidden { what } => words(
                what,
                "has characters that show nothing or turn the text: they are",
            ),
            Note::TooLong { entries } => format!(
                "Entries that were too long for the link: {}. They are not in the plan.",
                shown(entries)
            ),
        }
    }
}

fn words(what: &str, are: &str) -> String {
    ["A plan’s ", what, " ", are, " left out."].concat()
}

/// Why a text gives no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkError {
    /// There is no text.
    Empty,
    /// The text is too long for a link.
    TooLong {
        /// Its bytes.
        length: usize,
    },
    /// The link has too many parts.
    TooManyParts {
        /// How many.
        parts: usize,
    },
    /// The text is no link of Meshplan's.
    NotALink {
        /// The text.
        text: String,
    },
    /// A newer version of Meshplan made the link.
    Newer {
        /// The version of the format.
        version: String,
    },
    /// The text is JSON that names nothing of a plan.
    NoFields,
    /// The link is cut off before its first part is whole.
    Cut {
        /// What is left of it.
        text: String,
    },
}

impl LinkError {
    /// The error in a sentence or two.
    pub fn message(&self) -> String {
        match self {
            LinkError::Empty => "There is no link.".to_owned(),
            LinkError::TooLong { length } => format!(
                "The text has {length} bytes; a link to a plan has at most {}.",
                super::LONGEST_TEXT
            ),
            LinkError::TooManyParts { parts } => format!(
                "The link has {parts} parts; a link to a plan has at most {}.",
                super::MOST_PARTS
            ),
            LinkError::NotALink { text } => format!(
                "“{}” is not a link to a plan. Such a link holds “#v1.”, then the plan, and ends \
                 in “.z”.",
                shown(text)
            ),
            LinkError::Newer { version } => format!(
                "The link was made by a newer version of Meshplan (format v{}). Open it where \
                 it was made, or on a newer page.",
                shown(version)
            ),
            LinkError::NoFields => {
                "The JSON is no plan: Meshplan knows none of its fields.".to_owned()
            }
            LinkError::Cut { text } if text.is_empty() => {
                "The link is cut off before its plan begins. A whole link ends in “.z”; ask for it."
                    .to_owned()
            }
            LinkError::Cut { text } => format!(
                "The link is cut off: of its plan only “{}” is left. A whole link ends in “.z”; \
                 ask for it.",
                shown(text)
            ),
        }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for LinkError {}
