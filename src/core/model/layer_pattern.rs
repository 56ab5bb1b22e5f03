//! Which layers have experts: Megatron's `--moe-layer-freq`, a number or a list of 0 and 1 as
//! Python writes it (`megatron/training/arguments.py`, `moe_freq_type`).

use crate::core::number::{divides, product};

/// The most layers that a list may name.
const MOST: usize = 10_000;

/// A longer text is no pattern.
const LONGEST: usize = 1024;

/// Why a pattern cannot be taken as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// It is neither a number above zero nor a list of 0 and 1.
    NotUnderstood,
    /// The list names another number of layers than the model has.
    Names(u64),
}

/// Reads a pattern: for each layer whether it has experts. A list of another length is fitted:
/// cut, or continued as it ends.
pub fn read(text: &str, num_layers: u64) -> (Option<Vec<bool>>, Option<Mistake>) {
    let Some(pattern) = parse(text) else {
        return (None, Some(Mistake::NotUnderstood));
    };
    let (list, mistake) = match pattern {
        Value::Number(every) => return (Some(every_nth(every, num_layers)), None),
        Value::List(list) => {
            let named = list.len() as u64;
            let fits = num_layers == 0 || named == num_layers;
            (list, (!fits).then_some(Mistake::Names(named)))
        }
    };
    let last = list.last().copied().unwrap_or(1);
    let own = list.into_iter().chain(std::iter::repeat(last));
    let layers = (0..num_layers).zip(own).map(|(_, n)| n == 1).collect();
    (Some(layers), mistake)
}

/// Experts in every n-th layer, from the first on.
pub fn every_nth(n: u64, num_layers: u64) -> Vec<bool> {
    (0..num_layers).map(|layer| divides(n, layer)).collect()
}

/// The pattern as Megatron takes it: `1` for all layers, else a list such as `([0]*3+[1]*58)`.
pub fn text(layers: &[bool]) -> String {
    if !layers.contains(&false) {
        return "1".to_owned();
    }
    let mut runs: Vec<(bool, u64)> = Vec::new();
    for &layer in layers {
        match runs.last_mut() {
            Some((kind, length)) if *kind == layer => *length = length.saturating_add(1),
            _ => runs.push((layer, 1)),
        }
    }
    let mut text = String::new();
    for (kind, length) in runs {
        text.push_str(if text.is_empty() { "(" } else { "+" });
        text.push_str(if kind { "[1]" } else { "[0]" });
        if length > 1 {
            text.push('*');
            text.push_str(&length.to_string());
        }
    }
    text.push(')');
    text
}

/// What a part of a pattern comes to.
enum Value {
    Number(u64),
    List(Vec<u64>),
}

/// A number above zero, or a list of 0 and 1.
fn parse(text: &str) -> Option<Value> {
    if text.len() > LONGEST {
        return None;
    }
    let rest: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).rev().collect();
    let mut reader = Reader { rest };
    // Megatron takes arithmetic inside a list alone.
    let value = if text.contains('[') {
        reader.sum()?
    } else {
        Value::Number(reader.number()?)
    };
    let sound = match &value {
        Value::Number(n) => *n > 0 && !text.contains('['),
        Value::List(list) => !list.is_empty() && list.iter().all(|n| *n < 2),
    };
    (sound && reader.rest.is_empty()).then_some(value)
}

/// Reads the sums and products of lists and numbers that Python's `eval` would take.
struct Reader {
    /// What is not read yet, the next character last.
    rest: Vec<char>,
}

impl Reader {
    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest.last() == Some(&wanted);
        if found {
            self.rest.pop();
        }
        found
    }

    fn sum(&mut self) -> Option<Value> {
        let mut all = self.product()?;
        while self.take('+') {
            all = match (all, self.product()?) {
                (Value::Number(a), Value::Number(b)) => Value::Number(a.saturating_add(b)),
                (Value::List(mut a), Value::List(b)) => {
                    a.extend(b);
                    Value::List(a)
                }
                _ => return None,
            };
        }
        Some(all)
    }

    fn product(&mut self) -> Option<Value> {
        let mut all = self.part()?;
        while self.take('*') {
            all = match (all, self.part()?) {
                (Value::Number(a), Value::Number(b)) => Value::Number(product(&[a, b])),
                (Value::List(list), Value::Number(n)) | (Value::Number(n), Value::List(list)) => {
                    let times = usize::try_from(n).ok()?;
                    let length = list.len().saturating_mul(times);
                    (length <= MOST).then(|| Value::List(list.repeat(times)))?
                }
                _ => return None,
            };
        }
        Some(all)
    }

    fn part(&mut self) -> Option<Value> {
        if self.take('(') {
            let inner = self.sum()?;
            return self.take(')').then_some(inner);
        }
        if !self.take('[') {
            return self.number().map(Value::Number);
        }
        let mut list = Vec::new();
        while !self.take(']') {
            match self.sum()? {
                Value::Number(n) => list.push(n),
                Value::List(_) => return None,
            }
            if !self.take(',') && self.rest.last() != Some(&']') {
                return None;
            }
        }
        Some(Value::List(list))
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = None;
        while let Some(digit) = self.rest.last().and_then(|c| c.to_digit(10)) {
            let so_far = number.unwrap_or(0_u64).checked_mul(10)?;
            number = Some(so_far.checked_add(u64::from(digit))?);
            self.rest.pop();
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layers with experts of a pattern, over as many layers as `expected` has.
    #[track_caller]
    fn reads(text: &str, expected: &str) {
        let (layers, mistake) = read(text, expected.len() as u64);
        let digits = |l: Vec<bool>| l.iter().map(|x| if *x { '1' } else { '0' }).collect();
        let found: String = layers.map_or_else(String::new, digits);
        assert_eq!((found.as_str(), mistake), (expected, None), "{text}");
    }

    #[track_caller]
    fn mistaken(text: &str, mistake: Mistake) {
        assert_eq!(read(text, 4).1, Some(mistake), "{text}");
    }

    #[test]
    fn numbers_and_lists_are_read_as_megatron_reads_them() {
        reads("1", "11111");
        reads("2", "10101");
        reads("3", "1001001");
        reads("[0,1,1]", "011");
        reads("[0, 1, 1,]", "011");
        reads("([0]*3+[1]*4)", "0001111");
        reads("[0]*1+[1]*3", "0111");
        reads("2*[0,1]", "0101");
        reads("([0]+[1]*2)*2", "011011");
        reads("[1]*(1+2)+[0]", "1110");
    }

    #[test]
    fn what_is_no_pattern_says_so() {
        for text in [
            "",
            "0",
            "-1",
            "1.5",
            "(2)",
            "x",
            "[",
            "[]",
            "[2]",
            "[[1]]",
            "[1]+1",
            "[1]*[1]",
            "[1]*99999999999999999999",
            "[1]*20000",
            "[1] [1]x",
            "([1]*4",
            "[1,,1]",
            "[1]*4)",
            "[0,1]*0",
        ] {
            mistaken(text, Mistake::NotUnderstood);
        }
        mistaken(&"(".repeat(5000), Mistake::NotUnderstood);
        mistaken(&format!("{}[1]", "(".repeat(1000)), Mistake::NotUnderstood);
    }

    #[test]
    fn a_list_of_another_length_is_fitted_and_named() {
        mistaken("[0,1]", Mistake::Names(2));
        mistaken("[1]*5", Mistake::Names(5));
        assert_eq!(read("[0,1]", 4).0, Some(vec![false, true, true, true]));
        assert_eq!(read("[0]*5", 2).0, Some(vec![false, false]));
    }

    #[test]
    fn a_pattern_is_written_as_it_is_read() {
        for pattern in ["1", "([0]*3+[1]*58)", "([1]+[0]+[1])", "([0]*4)"] {
            let layers = match read(pattern, 61) {
                (Some(layers), None) => layers,
                _ => read(pattern, if pattern.contains('4') { 4 } else { 3 })
                    .0
                    .expect("layers"),
            };
            assert_eq!(text(&layers), pattern);
        }
    }
}
