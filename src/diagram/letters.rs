//! How wide words are, roughly: enough to see whether they fit, and to break a sentence in lines.

/// Width of a letter by its height, a little more than system fonts take on average.
const WIDTH: f64 = 0.58;

/// The width of a line of words of a height, CSS pixels.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * WIDTH
}

/// Whether words of a height fit in a width, with a little room on both sides.
pub fn fits(text: &str, size: f64, room: f64) -> bool {
    width(text, size) + 4.0 <= room
}

/// A sentence in lines of at most a width; a word that is wider stands alone.
pub fn lines(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + size * WIDTH <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_breaks_between_words() {
        assert!(fits("Stage 0", 12.0, 60.0) && !fits("Stage 0", 12.0, 50.0));
        assert_eq!(lines("one two three", 10.0, 45.0), ["one two", "three"]);
        assert_eq!(lines("unbreakable", 10.0, 5.0), ["unbreakable"]);
    }
}
