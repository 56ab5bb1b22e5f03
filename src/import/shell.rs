//! A launch script as a shell would read it: commands of words, with variables put in.
//!
//! It reads what launch scripts are made of: quotes, continued lines, comments, variables,
//! arrays, `${VAR:-default}`, `$((A*B))`, `if` with a plain comparison, and lines of YAML such as
//! `--flag: value`. What it cannot know is never made up: a variable that the text does not set
//! stays in the word and is named.

use super::expand::{Value, Variables};

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

/// A script in words.
#[derive(Debug, Default)]
pub struct Script {
    /// The words of each command.
    pub commands: Vec<Vec<Word>>,
    /// What `#SBATCH` lines ask for.
    pub directives: Vec<Word>,
    /// Everything that variables and arrays hold, for a text without a command.
    pub loose: Vec<Word>,
    /// The line of a quote that is not closed.
    pub unclosed: Option<usize>,
    /// Whether variables in variables grew beyond what is read.
    pub overgrown: bool,
}

/// Reads a script.
pub fn read(text: &str) -> Script {
    let mut reader = Reader::new(text);
    reader.statements();
    reader.script.loose = reader.variables.words();
    reader.script
}

/// A branch of the script.
#[derive(Clone, Copy, PartialEq)]
enum Branch {
    /// It is run.
    Run,
    /// It is not; the next one may be.
    NotYet,
    /// Another one of the same `if` was run.
    Done,
    /// Nobody knows.
    Maybe,
}

/// Where a text is being read.
#[derive(Default)]
struct Place {
    text: Vec<char>,
    at: usize,
    line: usize,
}

/// The words that one word of the text becomes.
#[derive(Default)]
pub(super) struct Building {
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

    pub(super) fn end(&mut self) {
        self.words.extend(self.current.take());
    }

    /// Text that is not split.
    pub(super) fn add(&mut self, part: &Word) {
        let word = self.current(part.line);
        word.text.push_str(&part.text);
        word.unset = word.unset.take().or(part.unset.clone());
        word.branch = word.branch.or(part.branch);
    }

    /// Text that is split where it has white space.
    pub(super) fn split(&mut self, part: &Word) {
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
}

/// How deep a text may stand in a text.
const DEEPEST: usize = 8;

pub(super) struct Reader {
    place: Place,
    pub(super) variables: Variables,
    script: Script,
    branches: Vec<Branch>,
    /// Words of the statement that is being read.
    statement: Vec<Word>,
    /// Whether the statement follows `&&` or `||`.
    conditional: bool,
    depth: usize,
    /// Quotes that are taken as they stand, since one of them is not closed.
    literal: Vec<char>,
}

impl Reader {
    fn new(text: &str) -> Reader {
        Reader {
            place: Place {
                text: text.chars().collect(),
                at: 0,
                line: 1,
            },
            variables: Variables::default(),
            script: Script::default(),
            branches: Vec::new(),
            statement: Vec::new(),
            conditional: false,
            depth: 0,
            literal: Vec::new(),
        }
    }

    pub(super) fn line(&self) -> usize {
        self.place.line
    }

    pub(super) fn ahead(&self, n: usize) -> Option<char> {
        self.place.text.get(self.place.at + n).copied()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.ahead(0)
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.place.at += 1;
        self.place.line += usize::from(c == '\n');
        Some(c)
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    /// Whether the text goes on with some characters.
    fn begins(&self, with: &str) -> bool {
        with.chars()
            .enumerate()
            .all(|(i, c)| self.ahead(i) == Some(c))
    }

    fn rest_of_line(&mut self) -> String {
        let mut line = String::new();
        while let Some(c) = self.peek().filter(|c| *c != '\n') {
            line.push(c);
            self.next();
        }
        line
    }

    /// Reads another text in the place of this one, unless texts stand in texts too deep.
    pub(super) fn within(&mut self, text: &str, line: usize, read: impl FnOnce(&mut Reader)) {
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

    /// Whether what is read now is run.
    fn runs(&self) -> bool {
        !self
            .branches
            .iter()
            .any(|b| matches!(b, Branch::NotYet | Branch::Done))
    }

    fn statements(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                '\n' => {
                    self.next();
                    self.blanks();
                    // Lines of arguments that are pasted without a backslash belong together.
                    if !self.begins("--") {
                        self.end_statement();
                    }
                }
                '\\' if self.ahead(1) == Some('\n') || self.begins("\\\r\n") => {
                    self.next();
                    self.take('\r');
                    self.next();
                }
                '#' => self.comment(),
                '`' if self.begins("```") => {
                    self.rest_of_line();
                }
                '&' | '|' if self.ahead(1) == Some(c) => {
                    self.next();
                    self.next();
                    self.end_test();
                    self.end_statement();
                    self.conditional = true;
                }
                // Redirected output: `2>&1`, `&> log`.
                '>' | '<' => {
                    self.next();
                    self.take('&');
                }
                '&' if self.ahead(1) == Some('>') => {
                    self.next();
                }
                ';' | '&' | '|' | '(' | ')' => {
                    self.next();
                    self.end_statement();
                }
                c if c.is_whitespace() => {
                    self.next();
                }
                _ if self.yaml() || self.assignment() => {}
                _ => self.word_of_statement(),
            }
        }
        self.end_statement();
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\r')) {
            self.next();
        }
    }

    fn comment(&mut self) {
        if self.begins("#SBATCH") && self.statement.is_empty() {
            self.word_of_statement();
        } else {
            self.rest_of_line();
        }
    }

    /// A line of YAML such as `--num-layers: 12`. What is true is a flag alone.
    fn yaml(&mut self) -> bool {
        if !self.begins("--") {
            return false;
        }
        let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let mut length = 0;
        while self.ahead(length).is_some_and(of_name) {
            length += 1;
        }
        let colon = self.ahead(length) == Some(':');
        if !(colon && self.ahead(length + 1).is_none_or(char::is_whitespace)) {
            return false;
        }
        let line = self.place.line;
        let name: String = (0..length).filter_map(|_| self.next()).collect();
        self.next();
        let rest = self.rest_of_line();
        let mut value = String::new();
        for c in rest.trim().chars() {
            if c == '#' && value.ends_with(' ') {
                break;
            }
            value.push(c);
        }
        let value = value.trim().trim_matches(['"', '\'']);
        if matches!(value, "" | "false" | "False" | "null" | "~") {
            return true;
        }
        let word = |text: &str| Word {
            text: text.to_owned(),
            line,
            unset: text.contains('$').then(|| text.to_owned()),
            branch: None,
        };
        self.statement.push(word(&name));
        if !matches!(value, "true" | "True") {
            self.statement.push(word(value));
        }
        true
    }

    /// `NAME=value`, `NAME+=value` or `NAME=( … )`, where a statement begins.
    fn assignment(&mut self) -> bool {
        let begins = |word: &Word| {
            word.text.starts_with('-')
                || matches!(
                    word.text.as_str(),
                    "export" | "declare" | "local" | "readonly" | "typeset" | "env"
                )
        };
        let is_name = |c: char| c == '_' || c.is_ascii_alphanumeric();
        let mut length = 0;
        while self.ahead(length).is_some_and(is_name) {
            length += 1;
        }
        let adds = self.ahead(length) == Some('+');
        let sign = self.ahead(length + usize::from(adds)) == Some('=');
        if length == 0 || !sign || !self.statement.iter().all(begins) {
            return false;
        }
        let name: String = (0..length).filter_map(|_| self.next()).collect();
        if adds {
            self.next();
        }
        self.next();
        let line = self.place.line;
        let list = self.take('(');
        let mut words = if list {
            self.list()
        } else {
            let mut built = Building::default();
            self.word(&mut built, false);
            built.end();
            built.words
        };
        if !self.runs() {
            return true;
        }
        if self.conditional || self.branches.contains(&Branch::Maybe) {
            for word in &mut words {
                word.branch = Some(line);
            }
        }
        let value = Value { list, words };
        self.script.overgrown |= !self.variables.set(&name, value, adds);
        true
    }

    /// The words of an array, up to its bracket.
    fn list(&mut self) -> Vec<Word> {
        let mut built = Building::default();
        loop {
            match self.peek() {
                None => break,
                Some(')') => {
                    self.next();
                    break;
                }
                Some('#') => {
                    self.rest_of_line();
                }
                Some('\\') if self.ahead(1) == Some('\n') => {
                    self.next();
                    self.next();
                }
                Some(c) if c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | '<' | '>') => {
                    self.next();
                }
                Some(_) => {
                    self.word(&mut built, true);
                    built.end();
                }
            }
        }
        built.words
    }

    fn word_of_statement(&mut self) {
        let mut built = Building::default();
        let quoted = self.peek().is_some_and(|c| matches!(c, '"' | '\''));
        self.word(&mut built, true);
        built.end();
        if let (true, false, [word]) = (self.statement.is_empty(), quoted, &built.words[..]) {
            if self.keyword(&word.text) {
                return;
            }
        }
        self.statement.append(&mut built.words);
    }

    /// Words that begin or end a branch and stand before a command.
    fn keyword(&mut self, word: &str) -> bool {
        match word {
            "then" | "do" | "{" | "}" | "!" => {}
            "fi" | "esac" | "done" => {
                self.branches.pop();
            }
            "else" => {
                if let Some(branch) = self.branches.last_mut() {
                    *branch = match branch {
                        Branch::NotYet => Branch::Run,
                        Branch::Maybe => Branch::Maybe,
                        Branch::Run | Branch::Done => Branch::Done,
                    };
                }
            }
            _ => return false,
        }
        true
    }

    /// Of a test of two parts nothing is known.
    fn end_test(&mut self) {
        let first = self.statement.first().map(|word| word.text.as_str());
        if matches!(first, Some("if" | "elif")) {
            self.statement.truncate(1);
        }
    }

    fn end_statement(&mut self) {
        let words = std::mem::take(&mut self.statement);
        self.conditional = false;
        let Some((first, rest)) = words.split_first() else {
            return;
        };
        let known = |holds: Option<bool>| match holds {
            Some(true) => Branch::Run,
            Some(false) => Branch::NotYet,
            None => Branch::Maybe,
        };
        match first.text.as_str() {
            "if" => self.branches.push(known(test(rest))),
            "elif" => {
                if let Some(branch) = self.branches.last_mut() {
                    *branch = match branch {
                        Branch::NotYet => known(test(rest)),
                        Branch::Maybe => Branch::Maybe,
                        Branch::Run | Branch::Done => Branch::Done,
                    };
                }
            }
            "case" | "for" | "while" | "until" | "select" => self.branches.push(Branch::Maybe),
            _ if !self.runs() => {}
            "#SBATCH" => {
                self.variables.set_slurm(rest);
                self.script.directives.extend_from_slice(rest);
            }
            _ => {
                let words = self.opened(words);
                self.script.commands.push(words);
            }
        }
    }

    /// The words of a command, with those of a command that is handed on as one word:
    /// `bash -c "torchrun … --flag"`.
    fn opened(&mut self, words: Vec<Word>) -> Vec<Word> {
        let is_command = |word: &Word| {
            let mut parts = word.text.split(char::is_whitespace);
            // What another command prints is not known.
            let printed =
                word.text.starts_with(['`', '$']) && word.unset.as_ref() == Some(&word.text);
            !printed && parts.next().is_some() && parts.any(|part| part.starts_with("--"))
        };
        let mut all = Vec::new();
        for word in words {
            if !is_command(&word) || self.depth >= DEEPEST {
                all.push(word);
                continue;
            }
            let outer = std::mem::take(&mut self.script.commands);
            let branches = self.branches.clone();
            self.within(&word.text, word.line, Reader::statements);
            self.branches = branches;
            let inner = std::mem::replace(&mut self.script.commands, outer);
            for mut part in inner.into_iter().flatten() {
                part.branch = part.branch.or(word.branch);
                all.push(part);
            }
        }
        all
    }

    /// Reads one word. What is not quoted is split where `splits` says so.
    fn word(&mut self, out: &mut Building, splits: bool) {
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
    pub(super) fn whole(&mut self, out: &mut Building, splits: bool, quoted: bool) {
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

    fn quoted(&mut self, quote: char, out: &mut Building) {
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

    fn expansion(&mut self, out: &mut Building, splits: bool, quoted: bool) {
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

impl Building {
    /// The words that were built.
    pub(super) fn done(mut self) -> Vec<Word> {
        self.end();
        self.words
    }
}

/// What a test such as `[ "$A" = b ]` comes to, where that is known.
fn test(words: &[Word]) -> Option<bool> {
    if words.iter().any(|word| word.unset.is_some()) {
        return None;
    }
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let number = |text: &str| text.parse::<i64>().ok();
    match texts.as_slice() {
        ["[" | "[[", a, sign, b, "]" | "]]"] => match *sign {
            // A pattern may match what is not equal.
            _ if b.contains(['*', '?', '[']) => None,
            "=" | "==" => Some(a == b),
            "!=" => Some(a != b),
            "-eq" => Some(number(a)? == number(b)?),
            "-ne" => Some(number(a)? != number(b)?),
            "-gt" => Some(number(a)? > number(b)?),
            "-ge" => Some(number(a)? >= number(b)?),
            "-lt" => Some(number(a)? < number(b)?),
            "-le" => Some(number(a)? <= number(b)?),
            _ => None,
        },
        ["[" | "[[", "-z", a, "]" | "]]"] => Some(a.is_empty()),
        ["[" | "[[", "-n", a, "]" | "]]"] => Some(!a.is_empty()),
        _ => None,
    }
}
