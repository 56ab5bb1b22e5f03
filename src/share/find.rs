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
}

impl Found {
    /// The parts, without what is empty.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.body.split('.').filter(|part| !part.is_empty())
    }
}

/// How often a link may have been percent-encoded on its way.
const MOST_ENCODINGS: usize = 3;

/// Finds the link in a text: after a `#`, else in the query, alone or as `c` or `plan`, else the text
/// itself.
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
    // Backwards it would be code of its own to download.
    let in_fragment = plain.split('#').filter_map(found).reduce(|_, last| last);
    let in_query = || {
        let parameter = |p: &str| {
            // A wiki writes `&` as `&amp;`.
            let p = p.strip_prefix("amp;").unwrap_or(p);
            let named = p.strip_prefix("c=").or(p.strip_prefix("plan="));
            // Alone it must go on: `?v2` is what many a page is called with.
            found(named.or(p.contains('.').then_some(p))?)
        };
        plain.split(['?', '&']).skip(1).find_map(parameter)
    };
    in_fragment
        .or_else(in_query)
        .or_else(|| found(bare))
        .ok_or_else(|| LinkError::NotALink {
            text: bare.to_owned(),
        })
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
    let after = text.trim_start().strip_prefix('v')?;
    let version: String = after.chars().take_while(char::is_ascii_digit).collect();
    let rest = after.strip_prefix(version.as_str())?;
    let opens = rest.is_empty() || rest.starts_with('.');
    if version.is_empty() || version == "0" || !opens {
        return None;
    }
    Some(Found {
        version,
        body: run(rest),
    })
}

/// The characters of a link's alphabet that a text begins with. White space is skipped, for mail
/// that breaks long lines, until the end mark is reached.
fn run(text: &str) -> String {
    let mut body = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') {
            body.push(c);
        } else if !c.is_whitespace() || body.ends_with(".z") {
            break;
        }
    }
    body.trim_matches(|c| matches!(c, '-' | '.' | '_'))
        .to_owned()
}
