//! Which layers have experts: Megatron's `--moe-layer-freq`, a number or a list of 0 and 1 as
//! Python writes it (`megatron/training/arguments.py`, `moe_freq_type`).

use super::checks::Status;
use super::config::{Edit, Field, Value as Said};
use super::number::{divides, product, quotient_up};
use super::plan::Plan;
use super::problems::Problem;
use std::sync::Arc;

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

/// Which layers have experts. A search asks this of thousands of plans, so the usual patterns
/// name no layer of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerPattern {
    /// Every n-th layer, from the first on; n is two or more.
    Every(u64),
    /// All layers after the first n.
    After(u64),
    /// Layer by layer.
    List(Arc<[bool]>),
}

impl LayerPattern {
    /// Whether a layer has experts.
    pub fn has_experts(&self, layer: u64) -> bool {
        match self {
            LayerPattern::Every(n) => divides(*n, layer),
            LayerPattern::After(dense) => layer >= *dense,
            LayerPattern::List(layers) => usize::try_from(layer)
                .ok()
                .and_then(|layer| layers.get(layer))
                .copied()
                .unwrap_or(false),
        }
    }

    /// How many of the first layers have experts.
    pub fn count(&self, num_layers: u64) -> u64 {
        match self {
            LayerPattern::Every(n) => quotient_up(num_layers, *n),
            LayerPattern::After(dense) => num_layers.saturating_sub(*dense),
            LayerPattern::List(_) => self
                .layers(num_layers)
                .iter()
                .map(|has| u64::from(*has))
                .sum(),
        }
    }

    fn layers(&self, num_layers: u64) -> Vec<bool> {
        (0..num_layers)
            .map(|layer| self.has_experts(layer))
            .collect()
    }

    /// The pattern as Megatron takes it: a number, or a list of each layer.
    pub fn text(&self, num_layers: u64) -> String {
        match self {
            LayerPattern::After(0) => "1".to_owned(),
            LayerPattern::Every(n) => n.to_string(),
            _ => list(&self.layers(num_layers)),
        }
    }
}

/// Reads a pattern. A list of another length than the model's is fitted: cut, or continued as it
/// ends.
pub fn read(text: &str, num_layers: u64) -> (Option<LayerPattern>, Option<Mistake>) {
    let list = match parse(text) {
        None => return (None, Some(Mistake::NotUnderstood)),
        Some(Value::Number(1)) => return (Some(LayerPattern::After(0)), None),
        Some(Value::Number(every)) => return (Some(LayerPattern::Every(every)), None),
        Some(Value::List(list)) => list,
    };
    let named = list.len() as u64;
    let fits = num_layers == 0 || named == num_layers;
    let last = list.last().copied().unwrap_or(1);
    let own = list.into_iter().chain(std::iter::repeat(last));
    let layers: Vec<bool> = (0..num_layers).zip(own).map(|(_, n)| n == 1).collect();
    let dense = layers.iter().take_while(|has| !**has).count();
    let pattern = if layers.iter().skip(dense).all(|has| *has) {
        LayerPattern::After(dense as u64)
    } else {
        LayerPattern::List(layers.into())
    };
    (Some(pattern), (!fits).then_some(Mistake::Names(named)))
}

/// The pattern as a list that names each layer: `([0]*3+[1]*58)`.
pub fn list(layers: &[bool]) -> String {
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

/// A pattern of layers that Megatron would not take.
pub fn problem(plan: &Plan) -> Option<Problem> {
    let text = plan.config.model.moe_layer_freq.as_deref()?;
    let model = &plan.model;
    let layers = if model.moe.is_some() {
        model.num_layers
    } else {
        0
    };
    let (message, fix) = match read(text, layers) {
        (_, None) => return None,
        (_, Some(Mistake::NotUnderstood)) => (
            "is no pattern. Figures are computed as if it were not set.".to_owned(),
            Said::Unset,
        ),
        (fitted, Some(Mistake::Names(named))) => {
            let fitted = fitted.map_or_else(String::new, |fitted| list(&fitted.layers(layers)));
            (
                format!(
                    "is for {named} layers, the model has {layers}. Megatron would stop: “Invalid \
                     length of moe_layer_pattern: {named}, expected {layers}”. Figures are computed \
                     with {fitted}."
                ),
                Said::Text(fitted),
            )
        }
    };
    let field = Field::MoeLayerFreq;
    Some(Problem {
        would_do: "It takes a whole number above zero, or a list of 0 and 1 for each layer, such \
                   as ([0]*3+[1]*58)."
            .to_owned(),
        fix: Some(Edit::one(field, fix)),
        ..Problem::new(
            field,
            text.to_owned(),
            Status::Fail,
            format!("{} “{text}” {message}", field.info().label),
        )
    })
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
    use crate::core::config::Config;

    /// The layers with experts of a pattern, over as many layers as `expected` has.
    #[track_caller]
    fn reads(text: &str, expected: &str) {
        let named = expected.len() as u64;
        let (pattern, mistake) = read(text, named);
        let pattern = pattern.expect("a pattern");
        let digit = |has: bool| if has { '1' } else { '0' };
        let found: String = pattern.layers(named).into_iter().map(digit).collect();
        assert_eq!(pattern.count(named), found.matches('1').count() as u64);
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
        assert_eq!(read("[0,1]", 4).0, Some(LayerPattern::After(1)));
        assert_eq!(read("[0]*5", 2).0, Some(LayerPattern::After(2)));
    }

    #[track_caller]
    fn written(pattern: &str, num_layers: u64, expected: &str) {
        let (read, mistake) = read(pattern, num_layers);
        assert_eq!(mistake, None);
        assert_eq!(read.expect("a pattern").text(num_layers), expected);
    }

    #[test]
    fn a_pattern_is_written_as_megatron_takes_it() {
        written("1", 61, "1");
        written("[1]*61", 61, "1");
        written("3", 61, "3");
        written("[0,0,0]+[1]*58", 61, "([0]*3+[1]*58)");
        written("[1,0,1]", 3, "([1]+[0]+[1])");
        written("[0]*4", 4, "([0]*4)");
    }

    #[track_caller]
    fn pattern_fix(pattern: &str, message: &str, fix: Said) {
        let json =
            format!(r#"{{"model": {{"preset": "deepseek-v3", "moe_layer_freq": {pattern}}}}}"#);
        let config: Config = serde_json::from_str(&json).expect("JSON");
        let p = problem(&Plan::of(&config)).expect("a problem");
        assert_eq!(p.field, "model.moe_layer_freq");
        assert!(p.message.contains(message), "{}", p.message);
        assert_eq!(p.fix.expect("a fix").set, [(Field::MoeLayerFreq, fix)]);
    }

    #[test]
    fn a_pattern_of_layers_is_mended() {
        pattern_fix(r#""[0,2]""#, "is no pattern", Said::Unset);
        pattern_fix("0", "is no pattern", Said::Unset);
        let fitted = Said::Text("([0]+[1]*60)".into());
        pattern_fix(
            "[0, 1]",
            "Invalid length of moe_layer_pattern: 2, expected 61",
            fitted,
        );
    }
}
