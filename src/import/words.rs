//! The words of a script: quotes, and variables put in.

use super::expand::Variables;
use super::shell::{Branch, Script};

/// A word of a command.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Word {
    /// Its text, with variables put in.
    pub text: String,
    /// Its line, from one.
    pub line: usize,
    /// A variable in it that the text does not set, as written.
    pub unset: Option<String>,
    /// The line of an assignment that it rests on and that may not be run.
    pub branch: Option<usize>,
}

/// Where a text is being read.
#[derive(Default)]
pub struct Place {
    pub text: Vec<char>,
    pub at: usize,
    pub line: usize,
}

/// The words that one word of the text becomes.
#[derive(Default)]
pub struct Building {
    words: Vec<Word>,
    current: Option<Word>,
}

impl Building {
    fn current(&mut self, line: usize) -> &mut Word {
        self.current.get_or_insert_with(|| Word {
            line,
            ..Word::default()
        })
    }

    pub fn end(&mut self) {
        self.words.extend(self.current.take());
    }

    /// Text that is not split.
    pub fn add(&mut self, part: &Word) {
        let word = self.current(part.line);
        word.text.push_str(&part.text);
        word.unset = word.unset.take().or(part.unset.clone());
        word.branch = word.branch.or(part.branch);
    }

    /// Text that is split where it has white space.
    pub fn split(&mut self, part: &Word) {
        let mut line = part.line;
        let mut piece = Word {
            text: String::new(),
            ..part.clone()
        };
        for c in part.text.chars() {
            if !c.is_whitespace() {
                piece.text.push(c);
                continue;
            }
            if !piece.text.is_empty() {
                self.add(&piece);
            }
            self.end();
            line += usize::from(c == '\n');
            piece.text.clear();
            piece.line = line;
        }
        if !piece.text.is_empty() {
            self.add(&piece);
        }
    }

    /// The words that were built.
    pub fn done(mut self) -> Vec<Word> {
        self.end();
        self.words
    }
}

/// How deep a text may stand in a text.
pub const DEEPEST: usize = 8;

/// A script that is being read.
pub struct Reader {
    pub place: Place,
    pub variables: Variables,
    pub script: Script,
    pub branches: Vec<Branch>,
    /// Words of the statement that is being read.
    pub statement: Vec<Word>,
    /// Whether the statement follows `&&` or `||`.
    pub conditional: bool,
    pub depth: usize,
    /// Quotes that are taken as they stand, since one of them is not closed.
    pub literal: Vec<char>,
}

impl Reader {
    pub fn line(&self) -> usize {
        self.place.line
    }

    pub fn ahead(&self, n: usize) -> Option<char> {
        self.place.text.get(self.place.at + n).copied()
    }

    pub fn peek(&self) -> Option<char> {
        self.ahead(0)
    }

    pub fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.place.at += 1;
        self.place.line += usize::from(c == '\n');
        Some(c)
    }

    pub fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    /// Whether the text goes on with some characters.
    pub fn begins(&self, with: &str) -> bool {
        with.chars()
            .enumerate()
            .all(|(i, c)| self.ahead(i) == Some(c))
    }

    pub fn rest_of_line(&mut self) -> String {
        let mut line = String::new();
        while let Some(c) = self.peek().filter(|c| *c != '\n') {
            line.push(c);
            self.next();
        }
        line
    }

    /// Reads another text in the place of this one, unless texts stand in texts too deep.
    pub fn within(&mut self, text: &str, line: usize, read: impl FnOnce(&mut Reader)) {
        if self.depth >= DEEPEST {
            return;
        }
        let inner = Place {
            text: text.chars().collect(),
            at: 0,
            line,
        };
        let outer = std::mem::replace(&mut self.place, inner);
        self.depth += 1;
        read(self);
        self.depth -= 1;
        self.place = outer;
    }

    /// Reads one word. What is not quoted is split where `splits` says so.
    pub fn word(&mut self, out: &mut Building, splits: bool) {
        while let Some(c) = self.peek() {
            match c {
                '"' | '\'' if !self.literal.contains(&c) => self.quoted(c, out),
                '\\' => {
                    self.next();
                    self.take('\r');
                    let line = self.place.line;
                    match self.next() {
                        // The line goes on, and the word with it.
                        Some('\n') | None => {}
                        Some(c) => out.current(line).text.push(c),
                    }
                }
                '$' | '`' => {
                    self.expansion(out, splits, false);
                }
                c if c.is_whitespace() => break,
                ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                c => {
                    self.next();
                    out.current(self.place.line).text.push(c);
                }
            }
        }
    }

    /// Reads all of a text as one word, such as the default of a variable.
    pub fn whole(&mut self, out: &mut Building, splits: bool, quoted: bool) {
        while let Some(c) = self.peek() {
            match c {
                '"' | '\'' if !quoted && !self.literal.contains(&c) => self.quoted(c, out),
                '$' | '`' => self.expansion(out, splits, quoted),
                c => {
                    self.next();
                    let part = Word {
                        text: c.to_string(),
                        line: self.place.line,
                        ..Word::default()
                    };
                    if splits && !quoted {
                        out.split(&part);
                    } else {
                        out.add(&part);
                    }
                }
            }
        }
    }

    pub fn quoted(&mut self, quote: char, out: &mut Building) {
        let begun = (self.place.at, self.place.line);
        self.next();
        let mut inner = Building::default();
        loop {
            let line = self.place.line;
            match self.peek() {
                None => {
                    // Nothing closes it: it is taken for a letter, and so are the others.
                    (self.place.at, self.place.line) = begun;
                    self.script.unclosed = self.script.unclosed.or(Some(begun.1));
                    self.literal.push(quote);
                    return;
                }
                Some(c) if c == quote => break,
                Some('\\') if quote == '"' => {
                    self.next();
                    match self.next() {
                        Some('\n') => inner.current(line).text.push('\n'),
                        Some(c @ ('"' | '\\' | '$' | '`')) => inner.current(line).text.push(c),
                        other => {
                            let text = &mut inner.current(line).text;
                            text.push('\\');
                            text.extend(other);
                        }
                    }
                }
                Some('$' | '`') if quote == '"' => self.expansion(&mut inner, false, true),
                Some(c) => {
                    self.next();
                    inner.current(line).text.push(c);
                }
            }
        }
        self.next();
        inner.end();
        if inner.words.is_empty() {
            out.current(begun.1);
        }
        let mut first = true;
        for part in &inner.words {
            if !first {
                out.end();
            }
            out.add(part);
            first = false;
        }
    }

    pub fn expansion(&mut self, out: &mut Building, splits: bool, quoted: bool) {
        let line = self.place.line;
        let Some(value) = self.expanded(quoted) else {
            return;
        };
        let apart = splits || value.list;
        let mut first = true;
        for part in &value.words {
            if !first {
                if apart {
                    out.end();
                } else {
                    out.current(line).text.push(' ');
                }
            }
            // What is not known stays in one piece.
            let known = part.unset.as_ref() != Some(&part.text);
            if splits && known && !quoted {
                out.split(part);
            } else {
                out.add(part);
            }
            first = false;
        }
    }
}
