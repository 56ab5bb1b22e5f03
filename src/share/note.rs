//! What is to be said of a link: notes beside a plan that was opened, and errors.

use crate::core::config::shown;
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
    /// Text after the end mark, which is not taken.
    Trailing {
        /// The text.
        text: String,
    },
    /// Words of people that are taken without what was too long or hides or turns text.
    Shortened {
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
            Note::Trailing { text } => format!(
                "“{}” follows the end of the link and is left out.",
                shown(text)
            ),
            Note::Shortened { what } => [
                "The plan’s ",
                what,
                " in the link is longer than a plan keeps, or has characters that hide or turn text: \
                 those are left out.",
            ]
            .concat(),
            Note::TooLong { entries } => format!(
                "Entries that were too long for the link: {}. They are not in the plan.",
                shown(entries)
            ),
        }
    }
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
