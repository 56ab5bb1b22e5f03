//! Which layers have experts: Megatron's `--moe-layer-freq`, a number or a list of 0 and 1 as
//! Python writes it (`megatron/training/arguments.py`, `moe_freq_type`).

use super::checks::Status;
use super::config::{Edit, Field, Value as Said, shown};
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
    let mut number = Reader {
        rest: text.as_bytes(),
    };
    match (number.number(), number.next()) {
        (Some(1), None) => return (Some(LayerPattern::After(0)), None),
        (Some(n), None) if n > 0 => return (Some(LayerPattern::Every(n)), None),
        _ => {}
    }
    let Some(mut items) = parse(text) else {
        return (None, Some(Mistake::NotUnderstood));
    };
    let last = items.last().copied().unwrap_or(1);
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
            format!("{} “{}” {message}", field.info().label, shown(text)),
        )
    })
}

/// A list of 0 and 1 for each layer.
fn parse(text: &str) -> Option<Vec<u64>> {
    let rest = text.as_bytes();
    let mut reader = Reader { rest };
    // Deep nesting must not exhaust the stack.
    let list = (rest.len() <= LONGEST).then(|| reader.sum())??;
    let sound = !list.is_empty() && list.iter().all(|n| *n < 2);
    (sound && reader.next().is_none()).then_some(list)
}

/// Reads lists, their sums and their multiples.
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

    /// `[0]*3+[1]*58`
    fn sum(&mut self) -> Option<Vec<u64>> {
        let mut all = self.multiple()?;
        while self.take(b'+') {
            all.extend(self.multiple()?);
        }
        Some(all)
    }

    /// `[1]*58`, `58*[1]`
    fn multiple(&mut self) -> Option<Vec<u64>> {
        let mut times = 1;
        if let Some(n) = self.number() {
            times = self.take(b'*').then_some(n)?;
        }
        let list = self.list()?;
        while self.take(b'*') {
            times = self.number()?.saturating_mul(times);
        }
        let most = MOST.checked_div(list.len()).unwrap_or(MOST);
        let times = usize::try_from(times).ok().filter(|n| *n <= most)?;
        let mut all = Vec::new();
        for _ in 0..times {
            all.extend_from_slice(&list);
        }
        Some(all)
    }

    /// `[0,1,1]`, or a sum in parentheses.
    fn list(&mut self) -> Option<Vec<u64>> {
        if self.take(b'(') {
            let inner = self.sum()?;
            return self.take(b')').then_some(inner);
        }
        let mut list = Vec::new();
        if !self.take(b'[') {
            return None;
        }
        while !self.take(b']') {
            list.push(self.number()?);
            if !self.take(b',') && self.next() != Some(b']') {
                return None;
            }
        }
        Some(list)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = None;
        while let Some(digit @ b'0'..=b'9') = self.next() {
            self.take(digit);
            let so_far = number.unwrap_or(0_u64).saturating_mul(10);
            number = Some(so_far.saturating_add(u64::from(digit.saturating_sub(b'0'))));
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
        reads("[1]*2*2+[0]", "11110");
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
