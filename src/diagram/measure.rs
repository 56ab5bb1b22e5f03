//! How wide words are, by estimate: a file is read with fonts that nobody knows here. The estimate
//! is that of a wide font, so that words end before their place does.

/// The width of a character, in heights of the letters. Of the system fonts that a file names, DejaVu
/// Sans is the widest; its widths, rounded up by class.
fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | 'J' | ' ' | '.' | ',' | ':' | ';' | '\'' | '’' | '|' | '!'
        | '·' => 0.34,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '-' | '/' | '\\' | '"' => 0.46,
        'm' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        'w' | '+' | '=' | '<' | '>' | '×' | '÷' | '−' | '&' | '#' | '~' | '^' => 0.84,
        'A'..='Z' => 0.79,
        '\u{0}'..='\u{7f}' | '“' | '”' | '–' => 0.64,
        '\u{300}'..='\u{36f}' => 0.0,
        // Signs of East Asia fill a square; small pictures are wider still.
        '\u{1f000}'.. => 1.4,
        '\u{1100}'.. => 1.0,
        _ => 0.84,
    }
}

/// How much wider bold letters are.
const BOLD: f64 = 1.15;

/// The width of a line of words whose letters are `size` high, in the unit of `size`.
pub fn width_of(text: &str, size: f64, bold: bool) -> f64 {
    let width = text.chars().map(advance).sum::<f64>() * size;
    if bold { width * BOLD } else { width }
}

/// Whether words of a height fit in a width.
pub fn fits(text: &str, size: f64, room: f64) -> bool {
    width_of(text, size, false) <= room
}

/// Words in lines that are no wider than there is room: broken at spaces, and within a word that is
/// wider than the room by itself. Every line has at least a character.
pub fn wrapped(text: &str, size: f64, bold: bool, room: f64) -> Vec<String> {
    let width = |text: &str| width_of(text, size, bold);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let space = if line.is_empty() { "" } else { " " };
        if width(&line) + width(space) + width(word) <= room {
            line.push_str(space);
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut used = 0.0;
        for c in word.chars() {
            let wide = width(c.encode_utf8(&mut [0; 4]));
            if used + wide > room && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            used += wide;
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn breaks(text: &str, room: f64, expected: &[&str]) {
        assert_eq!(wrapped(text, 10.0, false, room), expected);
    }

    #[test]
    fn words_fit_where_a_wide_font_does() {
        assert!(fits("Stage 0", 12.0, 50.0) && !fits("Stage 0", 12.0, 40.0));
    }

    #[test]
    fn lines_break_at_spaces() {
        breaks("one two three", 1000.0, &["one two three"]);
        breaks("one two three", 60.0, &["one two", "three"]);
        breaks("  one\ntwo  ", 1000.0, &["one two"]);
        breaks("", 1000.0, &[]);
    }

    #[test]
    fn a_word_without_spaces_is_broken_where_it_must_be() {
        breaks("a 0123456789", 33.0, &["a", "01234", "56789"]);
        breaks("WW", 1.0, &["W", "W"]);
    }

    #[test]
    fn no_line_is_wider_than_the_room() {
        let text = "16 GPUs on 2 nodes, coloured by TP: WWWWWWWWWWWWWWWWWWWWWWWWWWWW 漢字漢字漢字漢字漢字.";
        for room in [40.0, 80.0, 200.0] {
            for line in wrapped(text, 12.0, true, room) {
                assert!(width_of(&line, 12.0, true) <= room, "{line}");
            }
        }
    }
}
