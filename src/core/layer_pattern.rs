//! Which layers have experts: Megatron's `--moe-layer-freq`, a number or a list of 0 and 1 as
//! Python writes it (`megatron/training/arguments.py`, `moe_freq_type`).

use super::checks::Status;
use super::config::{Edit, Field, Value as Said};
use super::number::quotient_up;
use super::plan::Plan;
use super::problems::Problem;

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
    /// Layer by layer, 1 for experts.
    List(Vec<u64>),
}

impl LayerPattern {
    /// How many layers of a half-open range have experts.
    pub fn count(&self, first: u64, end: u64) -> u64 {
        let before = |layers: u64| match self {
            LayerPattern::Every(n) => quotient_up(layers, *n),
            LayerPattern::After(dense) => layers.saturating_sub(*dense),
            LayerPattern::List(_) => 0,
        };
        match self {
            LayerPattern::List(list) => {
                let at = |layer| usize::try_from(layer).unwrap_or(usize::MAX).min(list.len());
                let range = list.get(at(first)..at(end)).unwrap_or_default();
                range.iter().sum()
            }
            _ => before(end).saturating_sub(before(first)),
        }
    }

    /// Whether a layer has experts.
    pub fn has_experts(&self, layer: u64) -> bool {
        self.count(layer, layer.saturating_add(1)) > 0
    }

    /// The pattern as Megatron takes it: a number, or a list of each layer.
    pub fn text(&self, num_layers: u64) -> String {
        match self {
            LayerPattern::After(0) => "1".to_owned(),
            LayerPattern::Every(n) => n.to_string(),
            _ => self.list(num_layers),
        }
    }

    /// The pattern as a list that names each layer: `([0]*3+[1]*58)`.
    fn list(&self, num_layers: u64) -> String {
        let mut text = String::new();
        let mut run = 0_u64;
        for layer in 0..num_layers {
            run = run.saturating_add(1);
            let (kind, next) = (self.has_experts(layer), layer.saturating_add(1));
            if next == num_layers || self.has_experts(next) != kind {
                text.push_str(if text.is_empty() { "(" } else { "+" });
                text.push_str(if kind { "[1]" } else { "[0]" });
                if run > 1 {
                    text.push('*');
                    text.push_str(&run.to_string());
                }
                run = 0;
            }
        }
        text.push(')');
        text
    }
}

/// Reads a pattern. A list of another length than the model's is fitted: cut, or continued as it
/// ends.
pub fn read(text: &str, num_layers: u64) -> (Option<LayerPattern>, Option<Mistake>) {
    let Some(Value { is_list, mut items }) = parse(text) else {
        return (None, Some(Mistake::NotUnderstood));
    };
    let last = items.last().copied().unwrap_or(1);
    if !is_list {
        let pattern = match last {
            1 => LayerPattern::After(0),
            n => LayerPattern::Every(n),
        };
        return (Some(pattern), None);
    }
    let named = items.len() as u64;
    let fits = num_layers == 0 || named == num_layers;
    items.resize(usize::try_from(num_layers).unwrap_or(MOST).min(MOST), last);
    let dense = items.iter().take_while(|n| **n == 0).count();
    let pattern = if items.iter().skip(dense).all(|n| *n == 1) {
        LayerPattern::After(dense as u64)
    } else {
        LayerPattern::List(items)
    };
    (Some(pattern), (!fits).then_some(Mistake::Names(named)))
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
            let fitted = fitted.map_or_else(String::new, |fitted| fitted.list(layers));
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

/// What a part of a pattern comes to: a list, or a number as its only item.
struct Value {
    is_list: bool,
    items: Vec<u64>,
}

/// A number above zero, or a list of 0 and 1.
fn parse(text: &str) -> Option<Value> {
    if text.len() > LONGEST {
        return None;
    }
    let mut reader = Reader {
        rest: text.as_bytes(),
    };
    // Megatron takes arithmetic inside a list alone.
    let is_list = text.contains('[');
    let value = if is_list {
        reader.sum()?
    } else {
        reader.number()?
    };
    let sound = value.is_list == is_list
        && !value.items.is_empty()
        && value
            .items
            .iter()
            .all(|n| if is_list { *n < 2 } else { *n > 0 });
    (sound && reader.next().is_none()).then_some(value)
}

/// Reads the sums and products of lists and numbers that Python's `eval` would take.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// The next character that is no space.
    fn next(&mut self) -> Option<u8> {
        while let Some((b' ', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.next() == Some(wanted);
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    fn sum(&mut self) -> Option<Value> {
        let mut all = self.product()?;
        while self.take(b'+') {
            let more = self.product()?;
            match (all.items.first_mut(), more.items.first()) {
                _ if all.is_list != more.is_list => return None,
                (Some(sum), Some(n)) if !all.is_list => *sum = sum.saturating_add(*n),
                _ => all.items.extend(more.items),
            }
        }
        Some(all)
    }

    fn product(&mut self) -> Option<Value> {
        let mut all = self.part()?;
        while self.take(b'*') {
            let other = self.part()?;
            let (list, times) = if other.is_list {
                (other, all)
            } else {
                (all, other)
            };
            let n = *times.items.first()?;
            all = match (list.is_list, times.is_list) {
                (_, true) => return None,
                (true, _) => {
                    let times = usize::try_from(n).ok().filter(|n| *n <= MOST)?;
                    let length = list.items.len().saturating_mul(times);
                    let items = (length <= MOST).then(|| list.items.repeat(times))?;
                    Value { items, ..list }
                }
                _ => Value {
                    items: vec![list.items.first()?.saturating_mul(n)],
                    ..list
                },
            };
        }
        Some(all)
    }

    fn part(&mut self) -> Option<Value> {
        if self.take(b'(') {
            let inner = self.sum()?;
            return self.take(b')').then_some(inner);
        }
        if !self.take(b'[') {
            return self.number();
        }
        let mut items = Vec::new();
        while !self.take(b']') {
            let item = self.sum().filter(|item| !item.is_list)?;
            items.extend(item.items);
            if !self.take(b',') && self.next() != Some(b']') {
                return None;
            }
        }
        Some(Value {
            is_list: true,
            items,
        })
    }

    fn number(&mut self) -> Option<Value> {
        let mut number = None;
        while let Some(digit @ b'0'..=b'9') = self.next() {
            let digit = u64::from(digit.saturating_sub(b'0'));
            number = Some(
                number
                    .unwrap_or(0_u64)
                    .saturating_mul(10)
                    .saturating_add(digit),
            );
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        number.map(|n| Value {
            is_list: false,
            items: vec![n],
        })
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
        let found: String = (0..named)
            .map(|layer| digit(pattern.has_experts(layer)))
            .collect();
        assert_eq!(pattern.count(0, named), found.matches('1').count() as u64);
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
