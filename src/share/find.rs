//! Where in a text a link stands: chats, mails and wikis wrap, encode and decorate it.

use super::LinkError;
use super::escape::percent_decoded;

/// A link as it stands in a text.
#[derive(Debug)]
pub struct Found {
    /// The version of its format, digits.
    pub version: String,
    /// The parts after the version, joined by dots.
    pub body: String,
    /// Another link in the same text; empty for none.
    pub beside: String,
}

impl Found {
    /// The parts, without what is empty.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.body.split('.').filter(|part| !part.is_empty())
    }

    /// The link alone, as it came.
    pub fn text(&self) -> String {
        ["v", &self.version, ".", &self.body].concat()
    }
}

/// How often a link may have been percent-encoded on its way.
const MOST_ENCODINGS: usize = 3;

/// Finds the link in a text: a whole one before one that is cut, one after a `#` or at the start before one
/// in the query, alone or as `c` or `plan`, that before one among words, and of two alike the first.
pub fn link(text: &str) -> Result<Found, LinkError> {
    let mut plain = text.to_owned();
    for _ in 0..MOST_ENCODINGS {
        if plain.contains('%') {
            plain = percent_decoded(&plain);
        }
    }
    let bare = plain.trim_start_matches(is_wrapping);
    if bare.is_empty() {
        return Err(LinkError::Empty);
    }
    let mut links = Vec::new();
    // What a text begins with may be cut, as what follows a `#` may.
    let mut before = '#';
    for (at, c) in bare.char_indices() {
        let (head, rest) = bare.split_at_checked(at).unwrap_or_default();
        let place = match std::mem::replace(&mut before, c) {
            '#' => 0,
            // A wiki writes `&` as `&amp;`.
            '?' | '&' | ';' => 1,
            '=' if head.ends_with("c=") || head.ends_with("plan=") => 1,
            '_' => continue,
            before if is_wrapping(before) => 2,
            _ => continue,
        };
        let Some(link) = found(rest) else { continue };
        let rank = match (is_whole(&link.body), link.body.is_empty()) {
            (true, _) => place,
            // Among words it may be a version of anything, and `?v2` is what many a page is called with.
            (false, false) if place < 2 => place + 10,
            (false, true) if place < 1 => 20,
            _ => continue,
        };
        links.push((rank, link));
    }
    let best = (links.iter().enumerate()).min_by_key(|(_, (rank, _))| *rank);
    let Some(best) = best.map(|(at, _)| at) else {
        return Err(LinkError::NotALink {
            text: bare.to_owned(),
        });
    };
    let (_, mut link) = links.swap_remove(best);
    // A page shows the beginning of the link that it leads to.
    let other = links
        .iter()
        .find(|(_, other)| !link.body.starts_with(&other.body));
    link.beside = other.map_or_else(String::new, |(_, other)| other.text());
    Ok(link)
}

/// What may stand before a link and is no part of it.
fn is_wrapping(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '#' | '<' | '(' | '[' | '"' | '\'' | '`' | '*' | '_')
        || matches!(c, '“' | '‘' | '«' | '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// The link that a text begins with.
fn found(text: &str) -> Option<Found> {
    let (version, rest) = version(text)?;
    Some(Found {
        version: version.to_owned(),
        body: run(rest),
        beside: String::new(),
    })
}

/// The version that a text begins with, where a link may follow it, and what follows.
fn version(text: &str) -> Option<(&str, &str)> {
    let after = text.strip_prefix('v')?;
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let (version, rest) = after.split_at_checked(digits)?;
    let opens = rest.is_empty() || rest.starts_with('.');
    (opens && !["", "0"].contains(&version)).then_some((version, rest))
}

/// The characters of a link's alphabet that a text begins with. White space is skipped, for mail that
/// breaks long lines, where that leads to the end mark; a link that is cut ends at it, so that the words
/// after it cannot make its last part look whole.
fn run(text: &str) -> String {
    const MARKS: [char; 3] = ['-', '.', '_'];
    let mut body = String::new();
    let mut word = None;
    let (mut is_spaced, mut has_ended) = (false, false);
    for (at, c) in text.char_indices() {
        let is_mark = MARKS.contains(&c);
        if is_mark || c.is_ascii_alphanumeric() {
            if is_spaced && version(text.get(at..).unwrap_or_default()).is_some() {
                break;
            }
            is_spaced = false;
            body.push(c);
            has_ended = body.ends_with(".z") || has_ended && is_mark;
        } else if c.is_whitespace() && !has_ended {
            is_spaced = true;
            word.get_or_insert(body.len());
        } else {
            break;
        }
    }
    if !is_whole(&body) {
        body.truncate(word.unwrap_or(body.len()));
    }
    body.trim_matches(MARKS).to_owned()
}

/// Whether the end mark is among the parts.
fn is_whole(body: &str) -> bool {
    body.split('.').any(|part| part == "z")
}
