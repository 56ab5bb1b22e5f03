//! A pipeline layout in Megatron's notation: `Et*3|(tt|)*29,m|L`. Stages are set apart by `|`; `E`
//! is the embedding, `t` a transformer layer, `m` an MTP layer, `L` the head with the loss.
//! Megatron-LM `megatron/core/transformer/pipeline_parallel_layer_layout.py`, `parse_str_to_list`.

/// Letters of one layout; far more than any model has layers.
const MOST_LETTERS: usize = 2_000;

/// A layout: the letters of each virtual stage, in the order of the model. Stage `i` of a pipeline
/// of PP lies on rank `i mod PP`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The letters of each stage.
    pub stages: Vec<String>,
}

/// Why a layout cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutError {
    /// A letter that stands for nothing.
    Letter(char),
    /// It unrolls to more letters than any model has layers.
    TooLong,
}

impl Layout {
    /// Reads a layout.
    ///
    /// # Errors
    /// Names the letter that stands for nothing, or says that it is too long.
    pub fn read(text: &str) -> Result<Layout, LayoutError> {
        let plain: Vec<char> = text.chars().filter(|c| *c != ',').collect();
        let unrolled = unroll(&unroll(&plain, group)?, letter)?;
        if let Some(stranger) = unrolled
            .iter()
            .find(|c| !matches!(c, 'E' | 't' | 'm' | 'L' | '|'))
        {
            return Err(LayoutError::Letter(*stranger));
        }
        Ok(Layout {
            stages: unrolled
                .split(|c| *c == '|')
                .map(|stage| stage.iter().collect())
                .collect(),
        })
    }

    /// How often a letter stands in it.
    pub fn count(&self, letter: char) -> u64 {
        self.stages.iter().map(|stage| count(stage, letter)).sum()
    }

    /// All letters in the order of the model.
    pub fn letters(&self) -> impl Iterator<Item = char> {
        self.stages.iter().flat_map(|stage| stage.chars())
    }
}

/// How often a letter stands in a stage.
pub fn count(stage: &str, letter: char) -> u64 {
    stage.chars().filter(|c| *c == letter).count() as u64
}

/// A part that may be repeated, at the start of a text: its length and what is repeated.
type Part = fn(&[char]) -> Option<(usize, &[char])>;

/// `(…)`, not empty.
fn group(text: &[char]) -> Option<(usize, &[char])> {
    let inner = text.strip_prefix(&['('])?;
    let end = inner.iter().position(|c| *c == ')')?;
    let inner = inner.get(..end).filter(|inner| !inner.is_empty())?;
    Some((end.saturating_add(2), inner))
}

/// Any one letter.
fn letter(text: &[char]) -> Option<(usize, &[char])> {
    text.get(..1).map(|one| (1, one))
}

/// Writes each `part*n` n times.
fn unroll(text: &[char], part: Part) -> Result<Vec<char>, LayoutError> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let times = part(rest).and_then(|(length, what)| {
            let (n, digits) = times(rest.get(length..)?)?;
            Some((what, n, length.saturating_add(digits)))
        });
        match times {
            Some((what, n, length)) => {
                if out.len().saturating_add(what.len().saturating_mul(n)) > MOST_LETTERS {
                    return Err(LayoutError::TooLong);
                }
                (0..n).for_each(|_| out.extend_from_slice(what));
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    Ok(out)
}

/// `*n` at the start of a text: n, and how long it stands there.
fn times(text: &[char]) -> Option<(usize, usize)> {
    let digits = text.strip_prefix(&['*'])?;
    let n = digits.iter().take_while(|c| c.is_ascii_digit()).count();
    let value = digits.iter().take(n).fold(0_usize, |value, digit| {
        let digit = digit.to_digit(10).unwrap_or(0) as usize;
        value.saturating_mul(10).saturating_add(digit)
    });
    (n > 0).then_some((value, n.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, stages: &[&str]) {
        assert_eq!(Layout::read(text).expect("a layout").stages, stages);
    }

    #[test]
    fn a_layout_unrolls_as_megatron_unrolls_it() {
        reads("Ett|tt|L", &["Ett", "tt", "L"]);
        reads("Et*3|m,L", &["Ettt", "mL"]);
        reads(
            "xy".replace("xy", "E(t|tt)*2,L").as_str(),
            &["Et", "ttt", "ttL"],
        );
        reads("Et,(tt|)*2L", &["Ettt", "tt", "L"]);
        let real = Layout::read("Et*3|(tt|)*29,m|L").expect("a layout");
        assert_eq!((real.stages.len(), real.count('t')), (32, 61));
        assert_eq!(real.letters().last(), Some('L'));
    }

    #[test]
    fn what_stands_for_nothing_is_named() {
        assert_eq!(Layout::read("Etx|L"), Err(LayoutError::Letter('x')));
        assert_eq!(Layout::read("E(t|L"), Err(LayoutError::Letter('(')));
        assert_eq!(
            Layout::read("t*99999999999999999999"),
            Err(LayoutError::TooLong)
        );
        reads("", &[""]);
        reads("(t*9)*0", &[""]);
    }
}
