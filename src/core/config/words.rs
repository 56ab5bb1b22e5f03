//! People's own words in a plan: one line, without what hides or turns the text around it.

use super::Value;

/// Whether a character shows something, or is the space between words. Control characters and those
/// that change the direction of what follows them are how one text poses as another.
pub fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}'
        )
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        && !matches!(c, '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Foreign text as it may stand in a sentence: short, and without what hides or turns what follows it.
pub fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut plain = text.chars().filter(|c| is_shown(*c));
    let mut short: String = plain.by_ref().take(MOST).collect();
    if plain.next().is_some() {
        short.push('…');
    }
    short
}

/// A text as one line of at most `most` bytes; unset where nothing is left of it.
pub fn one_line(text: &str, most: usize) -> Value {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| is_shown(*c)).collect();
        if !line.is_empty() && !word.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    while line.len() > most {
        line.pop();
    }
    match line.trim_end() {
        "" => Value::Unset,
        line => Value::Text(line.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn kept(text: &str, expected: &str) {
        assert_eq!(one_line(text, 12), Value::Text(expected.to_owned()));
        assert_eq!(one_line(expected, 12), one_line(text, 12));
    }

    #[test]
    fn words_are_one_line_without_what_hides_or_turns() {
        kept("Run 7", "Run 7");
        kept("  Run\r\n\t 7 ", "Run 7");
        kept("a\u{202e}b\u{2066}c\u{200b}d\u{0}e", "abcd e");
        kept("<b>&amp;", "<b>&amp;");
        assert_eq!(one_line(" \u{202e}\n", 12), Value::Unset);
        assert_eq!(one_line("", 12), Value::Unset);
    }

    #[test]
    fn words_are_cut_between_characters() {
        kept("0123456789 abc", "0123456789 a");
        kept("0123456789a bc", "0123456789a");
        kept("日本語日本語", "日本語日");
    }
}
