//! Variables of a script: their values, `${VAR:-default}` and `$((A*B))`.

use super::words::{Building, Reader, Word};

/// What a variable holds.
#[derive(Debug, Clone, Default)]
pub struct Value {
    /// Whether it is an array.
    pub list: bool,
    /// The words of the array, or the one text.
    pub words: Vec<Word>,
}

/// The most variables that are kept, and the most characters that are put in for all of them.
const MOST_VARIABLES: usize = 2_000;
const MOST_TEXT: usize = 1 << 18;

/// The longest `${…}` or `$(…)` that is looked for, in characters.
const LONGEST: usize = 400;

/// The variables that a script has set so far.
#[derive(Debug, Default)]
pub struct Variables {
    all: Vec<(String, Value)>,
    /// Characters that were put in or kept.
    used: usize,
}

/// What Slurm sets for what a script asks of it.
const SLURM: &[(&str, &[&str])] = &[
    ("--nodes", &["SLURM_NNODES", "SLURM_JOB_NUM_NODES"]),
    ("-N", &["SLURM_NNODES", "SLURM_JOB_NUM_NODES"]),
    ("--ntasks-per-node", &["SLURM_NTASKS_PER_NODE"]),
    (
        "--gpus-per-node",
        &["SLURM_GPUS_PER_NODE", "SLURM_GPUS_ON_NODE"],
    ),
    ("--ntasks", &["SLURM_NTASKS"]),
    ("-n", &["SLURM_NTASKS"]),
];

impl Variables {
    fn get(&self, name: &str) -> Option<&Value> {
        let found = self.all.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value)
    }

    /// Sets a variable or adds to it, unless there are too many or they are too long.
    pub fn set(&mut self, name: &str, value: Value, adds: bool) {
        self.used += size(&value);
        if self.used > MOST_TEXT {
            return;
        }
        let Some((_, old)) = self.all.iter_mut().find(|(n, _)| n == name) else {
            if self.all.len() < MOST_VARIABLES {
                self.all.push((name.to_owned(), value));
            }
            return;
        };
        match (adds, old.list || value.list) {
            (false, _) => *old = value,
            (true, true) => {
                old.list = true;
                old.words.extend(value.words);
            }
            (true, false) => {
                let mut built = Building::default();
                for word in old.words.iter().chain(&value.words) {
                    built.add(word);
                }
                old.words = built.done();
            }
        }
    }

    /// What Slurm tells a job of what it asked for.
    pub fn set_slurm(&mut self, directives: &[Word]) {
        let nothing = Word::default();
        let next = directives.iter().skip(1).chain([&nothing]);
        for (word, next) in directives.iter().zip(next) {
            // `--nodes=4` or `--nodes 4`.
            let split = word.text.split_once('=');
            let (name, value) = split.unwrap_or((&word.text, &next.text));
            let names = SLURM.iter().find(|(n, _)| *n == name).map(|(_, all)| *all);
            for name in names.unwrap_or_default() {
                let words = vec![Word {
                    text: value.to_owned(),
                    ..word.clone()
                }];
                self.set(name, Value { list: false, words }, false);
            }
        }
    }

    /// Whether there was more than is kept.
    pub fn is_full(&self) -> bool {
        self.used > MOST_TEXT || self.all.len() >= MOST_VARIABLES
    }

    /// Every word of every variable.
    pub fn words(&self) -> Vec<Word> {
        let mut built = Building::default();
        for word in self.all.iter().flat_map(|(_, value)| &value.words) {
            built.split(word);
            built.end();
        }
        built.done()
    }
}

impl Reader {
    /// What stands for `$…` or a command in backticks; none for a mere dollar, which is left.
    pub fn expanded(&mut self, quoted: bool) -> Option<Value> {
        let line = self.line();
        let unset = |text: String| {
            let words = vec![Word {
                unset: Some(text.clone()),
                text,
                line,
                branch: None,
            }];
            Some(Value { list: false, words })
        };
        if self.peek() == Some('`') {
            let inner = self.enclosed(0, '`', '`')?;
            return unset(["`", &inner, "`"].concat());
        }
        match self.ahead(1) {
            Some('(') if self.ahead(2) == Some('(') => {
                let inner = self.enclosed(1, '(', ')')?;
                match self.computed(&inner) {
                    Some(value) => Some(value),
                    None => unset(["$(", &inner, ")"].concat()),
                }
            }
            Some('(') => {
                let inner = self.enclosed(1, '(', ')')?;
                unset(["$(", &inner, ")"].concat())
            }
            Some('{') => {
                let inner = self.enclosed(1, '{', '}')?;
                match self.braced(&inner, quoted) {
                    Some(value) => Some(value),
                    None => unset(["${", &inner, "}"].concat()),
                }
            }
            Some(c) if is_name(c) || matches!(c, '@' | '*') => {
                self.next();
                let mut name = String::new();
                while let Some(c) = self.peek() {
                    // `$1` and `$@` are one character long.
                    let one = name.is_empty() && !(c == '_' || c.is_ascii_alphabetic());
                    if !is_name(c) && !one {
                        break;
                    }
                    name.push(c);
                    self.next();
                    if one {
                        break;
                    }
                }
                match self.value(&name) {
                    Some(value) => Some(value),
                    None => unset(["$", &name].concat()),
                }
            }
            _ => {
                self.next();
                let text = "$".to_owned();
                let words = vec![Word {
                    text,
                    line,
                    ..Word::default()
                }];
                Some(Value { list: false, words })
            }
        }
    }

    /// What stands between brackets, the first of which is `skip` characters ahead. Where nothing
    /// closes them, the first character is passed over.
    fn enclosed(&mut self, skip: usize, open: char, close: char) -> Option<String> {
        let mut inner = String::new();
        let mut depth = 0_usize;
        for n in skip..LONGEST {
            let Some(c) = self.ahead(n) else { break };
            if c == close && depth > 0 {
                depth -= 1;
                if depth == 0 {
                    for _ in 0..=n {
                        self.next();
                    }
                    return Some(inner);
                }
            } else if c == open {
                depth += 1;
                if depth == 1 {
                    continue;
                }
            }
            inner.push(c);
        }
        self.next();
        None
    }

    /// The value of a variable, as its own copy.
    fn value(&mut self, name: &str) -> Option<Value> {
        let length = size(self.variables.get(name)?);
        self.variables.used += length;
        if self.variables.used > MOST_TEXT {
            return None;
        }
        self.variables.get(name).cloned()
    }

    /// `${NAME}`, `${NAME[@]}` and `${NAME:-default}`; none for what is not known.
    fn braced(&mut self, inner: &str, quoted: bool) -> Option<Value> {
        let end = inner.chars().position(|c| !is_name(c));
        let (name, rest) = inner.split_at_checked(end.unwrap_or(inner.len()))?;
        if matches!(rest, "" | "[@]" | "[*]") {
            return self.value(name);
        }
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let default = rest.strip_prefix(['-', '='])?;
        let empty = |value: &Value| value.words.iter().all(|word| word.text.is_empty());
        if let Some(value) = self.value(name).filter(|value| !empty(value)) {
            return Some(value);
        }
        let mut built = Building::default();
        let line = self.line();
        self.within(default, line, |reader| {
            reader.whole(&mut built, !quoted, quoted)
        });
        let value = Value {
            list: false,
            words: built.done(),
        };
        if rest.starts_with('=') {
            self.variables.set(name, value.clone(), false);
        }
        Some(value)
    }

    /// What a sum comes to.
    fn computed(&mut self, text: &str) -> Option<Value> {
        let mut word = Word {
            line: self.line(),
            ..Word::default()
        };
        let plain = text.chars().filter(|c| !matches!(c, '$' | '{' | '}' | ' '));
        let mut sum = Sum {
            rest: plain.rev().collect(),
            reader: self,
            branch: None,
        };
        let n = sum.sum(0)?;
        let whole = sum.rest.is_empty();
        word.branch = sum.branch;
        word.text = n.to_string();
        let words = vec![word];
        whole.then_some(Value { list: false, words })
    }
}

/// What a value takes of the room for all: its characters, and some for each word.
fn size(value: &Value) -> usize {
    let sizes = value.words.iter().map(|word| word.text.len() + 16);
    sizes.sum()
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

/// A sum in the making.
struct Sum<'a> {
    /// What is not read yet, the next character last.
    rest: Vec<char>,
    reader: &'a mut Reader,
    branch: Option<usize>,
}

impl Sum<'_> {
    fn take(&mut self, signs: &[char]) -> Option<char> {
        let sign = *self.rest.last()?;
        signs.contains(&sign).then(|| {
            self.rest.pop();
            sign
        })
    }

    fn sum(&mut self, depth: usize) -> Option<i64> {
        let mut all = self.product(depth)?;
        while let Some(sign) = self.take(&['+', '-']) {
            let next = self.product(depth)?;
            all = if sign == '+' {
                all.checked_add(next)?
            } else {
                all.checked_sub(next)?
            };
        }
        Some(all)
    }

    fn product(&mut self, depth: usize) -> Option<i64> {
        let mut all = self.part(depth)?;
        while let Some(sign) = self.take(&['*', '/', '%']) {
            let next = self.part(depth)?;
            all = match sign {
                '*' => all.checked_mul(next)?,
                '/' => all.checked_div(next)?,
                _ => all.checked_rem(next)?,
            };
        }
        Some(all)
    }

    fn part(&mut self, depth: usize) -> Option<i64> {
        if self.take(&['(']).is_some() {
            let inner = (depth < 20).then(|| self.sum(depth + 1))??;
            self.take(&[')'])?;
            return Some(inner);
        }
        let mut name = String::new();
        while let Some(c) = self.rest.last().copied().filter(|c| is_name(*c)) {
            name.push(c);
            self.rest.pop();
        }
        if let Ok(number) = name.parse() {
            return Some(number);
        }
        let value = self.reader.value(&name)?;
        let [word] = value.words.as_slice() else {
            return None;
        };
        self.branch = self.branch.or(word.branch);
        word.text.trim().parse().ok()
    }
}
