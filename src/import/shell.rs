//! A launch script as a shell would read it: commands of words, with variables put in.
//!
//! It reads what launch scripts are made of: quotes, continued lines, comments, variables,
//! arrays, `${VAR:-default}`, `$((A*B))`, `if` with a plain comparison, and lines of YAML such as
//! `--flag: value`. What it cannot know is never made up: a variable that the text does not set
//! stays in the word and is named.

use super::expand::{Value, Variables};
use super::words::{Building, DEEPEST, Place, Reader, Word};

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
    reader.script.overgrown = reader.variables.is_full();
    reader.script.loose = reader.variables.words();
    reader.script
}

/// A branch of the script.
#[derive(Clone, Copy, PartialEq)]
pub enum Branch {
    /// It is run.
    Run,
    /// It is not; the next one may be.
    NotYet,
    /// Another one of the same `if` was run.
    Done,
    /// Nobody knows.
    Maybe,
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
            built.done()
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
        self.variables.set(&name, value, adds);
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
        built.done()
    }

    fn word_of_statement(&mut self) {
        let mut built = Building::default();
        let quoted = self.peek().is_some_and(|c| matches!(c, '"' | '\''));
        self.word(&mut built, true);
        let mut words = built.done();
        let first = self.statement.is_empty() && !quoted;
        let handled = match words.as_slice() {
            [word] if first => self.keyword(&word.text),
            _ => false,
        };
        if !handled {
            self.statement.append(&mut words);
        }
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
            _ => {
                let order = number(a)?.cmp(&number(b)?);
                match *sign {
                    "-eq" => Some(order.is_eq()),
                    "-ne" => Some(order.is_ne()),
                    "-gt" => Some(order.is_gt()),
                    "-ge" => Some(order.is_ge()),
                    "-lt" => Some(order.is_lt()),
                    "-le" => Some(order.is_le()),
                    _ => None,
                }
            }
        },
        ["[" | "[[", "-z", a, "]" | "]]"] => Some(a.is_empty()),
        ["[" | "[[", "-n", a, "]" | "]]"] => Some(!a.is_empty()),
        _ => None,
    }
}
