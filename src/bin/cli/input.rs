//! A plan from a link, a file or standard input: JSON, a launch script, or a model's configuration.

use meshplan::core::Config;
use meshplan::core::json::Json;
use meshplan::share::{self, LinkError, Note, Opened};
use meshplan::{export, import};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;

/// A plan that was read.
pub struct Input {
    /// The plan; A of two.
    pub config: Config,
    /// B, where a link holds two plans.
    pub other: Option<Config>,
    /// What is to be said of the text that it came from.
    pub notes: Vec<String>,
    /// Whether the link left something of the plan out.
    pub incomplete: bool,
    /// The page that the link leads to, where it is a whole address.
    pub page: Option<String>,
}

/// What is said of a link that holds two plans, where one is asked for.
pub const FIRST_OF_TWO: &str = "the link holds two plans; this is the first, A.";

/// Two plans that were read.
pub struct Both {
    /// A.
    pub a: Config,
    /// B.
    pub b: Config,
    /// What is to be said of the texts that they came from.
    pub notes: Vec<String>,
    /// Whether the link of A, and that of B, left something of the plan out.
    pub incomplete: [bool; 2],
    /// The page that a link leads to, where one is a whole address.
    pub page: Option<String>,
}

/// Reads the plans that two words name, or the two of one link.
pub fn read_two(word: &OsStr, other: Option<&OsStr>) -> Result<Both, String> {
    let Some(other) = other else {
        let input = read(word)?;
        let two = "“meshplan compare” needs two plans, or a link that holds two.";
        return Ok(Both {
            a: input.config,
            b: input.other.ok_or(two)?,
            notes: input.notes,
            incomplete: [input.incomplete; 2],
            page: input.page,
        });
    };
    if word == "-" && other == "-" {
        return Err("only one of two plans can come from standard input.".to_owned());
    }
    let (a, b) = (read(word)?, read(other)?);
    let notes = |input: &Input, name: &str| -> Vec<String> {
        let two = "the link holds two plans; the first of them is taken.";
        let first = input.other.is_some().then_some(two);
        let all = input.notes.iter().map(String::as_str).chain(first);
        all.map(|note| [name, note].concat()).collect()
    };
    Ok(Both {
        notes: [notes(&a, "A: "), notes(&b, "B: ")].concat(),
        incomplete: [a.incomplete, b.incomplete],
        page: a.page.or(b.page),
        a: a.config,
        b: b.config,
    })
}

/// Reads the plan that a word names.
pub fn read(word: &OsStr) -> Result<Input, String> {
    let name = word.to_string_lossy();
    if name == "-" {
        let mut bytes = Vec::new();
        io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| format!("standard input cannot be read: {error}."))?;
        return from_bytes(bytes, "standard input");
    }
    if Path::new(word).exists() {
        let bytes =
            std::fs::read(word).map_err(|error| format!("“{name}” cannot be read: {error}."))?;
        return from_bytes(bytes, &format!("“{name}”"));
    }
    match share::decode(&name) {
        Ok(opened) => from_link(opened, &name),
        Err(LinkError::NotALink { .. } | LinkError::Empty) => {
            Err(format!("“{name}” is neither a file nor a link to a plan."))
        }
        Err(error) => Err(error.message()),
    }
}

/// Reads a picture or a text.
fn from_bytes(bytes: Vec<u8>, source: &str) -> Result<Input, String> {
    if import::is_picture(&bytes) {
        let link = import::link_of(&bytes).ok_or(format!("{source}: {}", import::NO_PLAN))?;
        let opened = share::decode(&link).map_err(|error| error.message())?;
        return from_link(opened, &link);
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| format!("{source} cannot be read: {}.", error.utf8_error()))?;
    from_text(&text, source)
}

/// Reads JSON, a script, or a link that was saved or piped.
fn from_text(text: &str, source: &str) -> Result<Input, String> {
    let json = serde_json::from_str::<Json>(text);
    if json
        .as_ref()
        .is_ok_and(|json| !matches!(json, Json::Object(_)))
    {
        return Err(format!(
            "{source} is JSON, but no object: a plan is written in braces."
        ));
    }
    match (import::any(text, json.as_ref().ok()), json) {
        (Ok(import::Opened::Import(imported)), _) => Ok(Input {
            config: imported.config,
            other: None,
            notes: imported.notes.iter().map(import::Note::message).collect(),
            incomplete: false,
            page: None,
        }),
        (Ok(import::Opened::Link(opened)), _) => from_link(*opened, text),
        (Err(error @ (LinkError::Cut { .. } | LinkError::Newer { .. })), _) => Err(error.message()),
        (Err(_), Err(reason)) => Err(format!(
            "{source} is not JSON: {reason}. It is no launch script with arguments of Megatron-LM, \
             and no link."
        )),
        (Err(error), Ok(_)) => Err(error.message()),
    }
}

fn from_link(opened: Opened, text: &str) -> Result<Input, String> {
    let cut = opened
        .notes
        .iter()
        .find(|note| matches!(note, Note::Cut { .. }));
    if let Some(cut) = cut {
        return Err(cut.message());
    }
    Ok(Input {
        config: opened.config,
        other: opened.other,
        incomplete: opened
            .notes
            .iter()
            .any(|note| matches!(note, Note::TooLong { .. })),
        notes: opened.notes.iter().map(Note::message).collect(),
        page: export::page_of(text).map(str::to_owned),
    })
}
