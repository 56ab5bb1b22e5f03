//! A plan from what people have at hand: a launch script or command line, the YAML of a test, the
//! overrides of a recipe, or the `config.json` of a model on Hugging Face.
//!
//! It knows how such texts are written. It must never know the page or the command line, and
//! never guess in silence: what a text leaves open is Megatron's default, and what was not
//! understood is in the notes, with its line.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod defaults;
mod expand;
mod fields;
mod hugging_face;
mod names;
mod note;
mod overrides;
mod picture;
mod script;
mod shell;
mod words;

pub use hugging_face::hugging_face;
pub use note::{Kind, Note};
pub use picture::{NO_PLAN, is_picture, link_of};
pub use script::script;

use crate::core::config::Unread;
use crate::core::json::Json;
use crate::core::{Config, Field};
use crate::share::{self, LinkError};

/// The longest text that is read, in bytes. A launch script has a few thousand.
pub const LONGEST_TEXT: usize = 128 * 1024;

/// A plan that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The plan. Of a figure that could not be read the text is in its `unread`.
    pub config: Config,
    /// What its reader should know, most important first.
    pub notes: Vec<Note>,
    /// What was read: of a model's configuration only the model is told.
    pub source: Source,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The JSON of a plan.
    Plan,
    /// A model's `config.json`.
    Model,
    /// A launch script, a command line, YAML, or overrides.
    Script,
}

/// What a text turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// A link.
    Link(Box<share::Opened>),
    /// Anything else that gives a plan.
    Import(Box<Imported>),
}

/// Reads a text, whatever it is. `json` is the text as JSON, where it is JSON.
///
/// # Errors
/// Says why the text is no link, when it is nothing else either.
pub fn any(text: &str, json: Option<&Json>) -> Result<Opened, LinkError> {
    let imported = match json {
        Some(json) if hugging_face::is_config(json) => hugging_face(json),
        Some(json) => plan(json)?,
        None if script::has_arguments(text) => script(text),
        None => return share::decode(text).map(|opened| Opened::Link(Box::new(opened))),
    };
    Ok(Opened::Import(Box::new(imported)))
}

/// The plan of its own JSON. JSON that names nothing of a plan is none: it would leave an empty one in
/// the place of the reader's.
fn plan(json: &Json) -> Result<Imported, LinkError> {
    let config = Config::from_json(json);
    let fields = Config {
        unread: Vec::new(),
        ..config.clone()
    };
    // A misspelt field of a group is told by its name.
    let is_of_a_plan = |entry: &Unread| {
        let group = entry.path.split('.').next();
        Field::ALL
            .iter()
            .any(|field| group == Some(field.info().group()))
    };
    let is_foreign = fields == Config::default()
        && !config.unread.is_empty()
        && !config.unread.iter().any(is_of_a_plan);
    if !matches!(json, Json::Object(_)) || is_foreign {
        return Err(LinkError::NoFields);
    }
    let words = ["about.name", "about.note"].into_iter().filter_map(|path| {
        let (group, name) = path.split_once('.')?;
        match json.get(group)?.get(name)? {
            Json::Text(text) => share::Note::on_words(&config, path, text),
            _ => None,
        }
    });
    let note = |note: share::Note| Note {
        kind: Kind::Left,
        line: None,
        text: note.message(),
    };
    Ok(Imported {
        notes: words.map(note).collect(),
        config,
        source: Source::Plan,
    })
}
