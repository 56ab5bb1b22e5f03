//! What must hold of any text that is taken for a link. The tests and the fuzz target share it.

use meshplan::core::Config;
use meshplan::share::{LONGEST_LINK, Note, carried, carry_both, decode, encode_both};

/// Checks what becomes of a text, and gives the plan that it opens, if it opens one.
///
/// # Panics
/// When something does not hold.
pub fn check(text: &str) -> Option<Config> {
    let opened = match decode(text) {
        Ok(opened) => opened,
        Err(error) => {
            sentence(&error.message(), text);
            return None;
        }
    };
    for note in &opened.notes {
        sentence(&note.message(), text);
    }
    let other = opened.other.as_ref();
    let link = encode_both(&opened.config, other);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    assert!(link.len() <= LONGEST_LINK, "{text:?} becomes {link}");
    assert!(link.bytes().all(plain), "{text:?} becomes {link}");
    let again = decode(&link).unwrap_or_else(|error| panic!("{text:?} becomes {link}: {error}"));
    let mut lost = false;
    for note in &again.notes {
        match note {
            Note::Unknown { .. } => {}
            Note::TooLong { .. } => lost = true,
            other => panic!("{text:?} becomes {link}: {}", other.message()),
        }
    }
    let whole = match lost {
        false => again,
        // What an address has no room for, the programs of the page hand on all the same.
        true => carried(&carry_both(&opened.config, other))
            .unwrap_or_else(|error| panic!("{text:?}: {error}")),
    };
    assert_eq!(whole.config, opened.config, "{text:?} becomes {link}");
    assert_eq!(whole.other, opened.other, "{text:?} becomes {link}");
    Some(opened.config)
}

/// Messages are short, begin and end like a sentence, and hold nothing that hides or turns what
/// follows it.
fn sentence(message: &str, text: &str) {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let begins = message.starts_with(|c: char| c.is_ascii_uppercase() || c == '“');
    assert!(begins && message.ends_with('.'), "{text:?}: {message:?}");
    assert!(message.chars().count() <= 300, "{text:?}: {message:?}");
    assert!(!message.contains(hides), "{text:?}: {message:?}");
}
