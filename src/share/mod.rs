//! A plan as a link, and a link as a plan.
//!
//! It knows every format of link that ever shipped, each in a file of its own that is never
//! changed again: its keys, its defaults, how it is read. It must never know the page, and it
//! must never open another plan than the one that was shared without saying so: any text gives a
//! plan with notes, or an error that says what is wrong.
//!
//! `v1.m-guide-7b.nodes-2.tp-2.z`: the format, then the parts, then `z`, the mark of a whole
//! link. The letters, digits, `-`, `.` and `_` are all it uses, so that no chat, mail or wiki
//! breaks it.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod escape;
mod find;
pub mod history;
mod note;
mod tree;
mod v1;

pub use note::{LinkError, Note};

use crate::core::Config;

/// The longest text that is looked at, in bytes.
pub const LONGEST_TEXT: usize = 8 * 1024;

/// The longest fragment that is written, in characters: it works in every tool that shortens or
/// stores links.
pub const LONGEST_LINK: usize = 1_990;

/// The most parts of a link, with its end mark: several times what the keys of every field need. Each
/// part is compared with those before it, so many would take long.
pub const MOST_PARTS: usize = 256;

/// A plan that was opened from a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The plan; A of two.
    pub config: Config,
    /// B, the plan that it is compared with, where the link holds two.
    pub other: Option<Config>,
    /// What its reader should know of the link.
    pub notes: Vec<Note>,
}

impl Opened {
    /// What stands for it in an address, without `#`: the plans as a link; where they are in doubt the link
    /// that they were opened from, which says so again.
    pub fn fragment(&self, link: &str) -> String {
        match self.doubt() {
            Some(_) => as_it_came(link),
            None => encode_both(&self.config, self.other.as_ref()),
        }
    }

    /// Why the plan may be another one than was shared, where it may be: the link was not read whole, or
    /// says two things.
    pub fn doubt(&self) -> Option<&Note> {
        self.notes.iter().find(|note| {
            matches!(
                note,
                Note::Cut { .. }
                    | Note::TooLong { .. }
                    | Note::Twice { .. }
                    | Note::Trailing { .. }
            )
        })
    }
}

/// The plan as the fragment of an address, without `#`.
pub fn encode(config: &Config) -> String {
    encode_both(config, None)
}

/// A plan, and the one that it is compared with, as the fragment of an address, without `#`.
pub fn encode_both(config: &Config, other: Option<&Config>) -> String {
    v1::write(config, other, LONGEST_LINK, MOST_PARTS)
}

/// The plan as a link of any length, which leaves nothing out: for handing it from one program to
/// another, never for an address. [`carried`] reads it.
pub fn carry(config: &Config) -> String {
    carry_both(config, None)
}

/// A plan, and the one that it is compared with, as a link of any length.
pub fn carry_both(config: &Config, other: Option<&Config>) -> String {
    v1::write(config, other, usize::MAX, usize::MAX)
}

/// The plan as a whole address. A fragment that `base` has is replaced.
pub fn url(base: &str, config: &Config) -> String {
    url_both(base, config, None)
}

/// A plan, and the one that it is compared with, as a whole address.
pub fn url_both(base: &str, config: &Config, other: Option<&Config>) -> String {
    let page = base.split('#').next().unwrap_or_default();
    [page, "#", &encode_both(config, other)].concat()
}

/// That a link, as it is written here, has no room for all of its plan, or of both; none where it has.
pub fn left_out(link: &str) -> Option<String> {
    let mut parts = link.split('.');
    let entries = parts.clone().find_map(|part| part.strip_prefix("lost-"))?;
    let (plan, elsewhere) = match parts.any(|part| part == "vs") {
        false => ("this plan", " The JSON of the plan has them."),
        true => ("both plans", ""),
    };
    Some(format!(
        "A link has no room for all of {plan}. Entries that it leaves out: {entries}.{elsewhere}"
    ))
}

/// Reads a link: a fragment or a whole address, as chats, mails and wikis leave it.
///
/// # Errors
/// Says what is wrong with a text that holds no plan.
pub fn decode(text: &str) -> Result<Opened, LinkError> {
    if text.len() > LONGEST_TEXT {
        return Err(LinkError::TooLong { length: text.len() });
    }
    let link = find::link(text)?;
    match link.parts().count() {
        0..=MOST_PARTS => read(&link),
        parts => Err(LinkError::TooManyParts { parts }),
    }
}

/// Reads a link of any length, as [`carry`] writes it.
///
/// # Errors
/// Says what is wrong with a text that holds no plan.
pub fn carried(text: &str) -> Result<Opened, LinkError> {
    read(&find::link(text)?)
}

/// The link in a text as it came, without what stands around it; empty for none.
pub fn as_it_came(text: &str) -> String {
    find::link(text).map_or_else(|_| String::new(), |link| link.text())
}

fn read(link: &find::Found) -> Result<Opened, LinkError> {
    let mut opened = match link.version.as_str() {
        "1" => v1::read(link)?,
        version => {
            return Err(LinkError::Newer {
                version: version.to_owned(),
            });
        }
    };
    if !link.beside.is_empty() {
        let text = link.beside.clone();
        opened.notes.push(Note::Trailing { text });
    }
    Ok(opened)
}
