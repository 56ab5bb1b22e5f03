//! The memory of each pipeline stage as stacked bars against the GPU's capacity.

use super::colours::{BAD, Colour, INK, MEMORY, MUTED, ON_DARK, ON_LIGHT, PANEL, SUNK};
use super::fold::{Row, fold};
use super::measure::fits;
use super::scene::{Entry, Figure, Scene, Style, Words, hatch, rectangle, stroke};
use crate::core::plan::Plan;
use crate::core::stage_memory::StageMemory;
use crate::core::units::{counted, grouped};

/// Narrow enough for half a page, and for a phone without letters too small to read.
const WIDTH: f64 = 400.0;
/// Height of the name of the capacity, of a stage's words, of its bar, and between two stages.
const HEAD: f64 = 22.0;
const WORDS: f64 = 18.0;
const BAR: f64 = 16.0;
const GAP: f64 = 9.0;
/// Height of the mark of stages that are left out.
const FOLDED: f64 = 20.0;
/// How far the line of the capacity stands out of a bar.
const OUT: f64 = 2.5;
const SIZE: f64 = 12.0;

/// Bars that are drawn one by one.
const MOST: usize = 24;

/// The parts with their letter, their name, and the colour of words on them.
const PARTS: [(&str, &str, Option<Colour>); 5] = [
    ("W", "weights", Some(ON_DARK)),
    ("G", "gradients", Some(ON_LIGHT)),
    ("O", "optimizer", Some(ON_LIGHT)),
    ("A", "activations", Some(ON_LIGHT)),
    // Always the last part: it needs no letter.
    ("", "buffers and overhead, last", None),
];

/// The memory of each pipeline stage, the fullest named.
pub fn memory_figure(plan: &Plan) -> Figure {
    let stages = StageMemory::of_stages(plan);
    let drawing = Drawing::of(plan, &stages);
    let mut scene = Scene {
        width: WIDTH,
        ..Scene::default()
    };
    let head = drawing.capacity_words();
    let mut y = HEAD;
    scene.words(head);
    for row in drawing.rows() {
        y = match row {
            Row::Gap(n) => drawing.gap(&mut scene, y, n),
            Row::One(i) => match stages.get(i) {
                Some(stage) => drawing.stage(&mut scene, y, stage),
                None => y,
            },
        };
    }
    scene.height = y;
    Figure {
        title: "Memory of each pipeline stage".to_owned(),
        summary: drawing.summary(),
        legend: drawing.legend(),
        scene,
    }
}

struct Drawing<'a> {
    plan: &'a Plan,
    stages: &'a [StageMemory],
    /// Bytes of the GPU, where known.
    capacity: Option<f64>,
    /// The fullest stage; the first of several.
    fullest: Option<&'a StageMemory>,
    /// Pixels of a byte.
    scale: f64,
}

impl<'a> Drawing<'a> {
    fn of(plan: &'a Plan, stages: &'a [StageMemory]) -> Drawing<'a> {
        let capacity = plan.cluster.gpu_memory_bytes.map(|bytes| bytes as f64);
        let fullest = stages.iter().reduce(|fullest, stage| {
            if stage.total > fullest.total {
                stage
            } else {
                fullest
            }
        });
        let most = fullest.map_or(0.0, |stage| stage.total.0);
        // A little longer, so that the line of the capacity is seen.
        let longest = capacity.unwrap_or(0.0).max(most) * 1.02;
        Drawing {
            plan,
            stages,
            capacity,
            fullest,
            scale: if longest > 0.0 { WIDTH / longest } else { 0.0 },
        }
    }

    fn rows(&self) -> Vec<Row> {
        // Stages that hold as much differ in their micro-batches in flight alone.
        // Where the memory is enough on one side of a stage, both sides are shown.
        let capacity = self.capacity.unwrap_or(f64::INFINITY);
        let holds = |i: usize| {
            let stage = self.stages.get(i)?;
            Some((stage.parameters, stage.total.0 < capacity))
        };
        let fullest = self
            .fullest
            .and_then(|stage| usize::try_from(stage.stage).ok());
        fold(self.stages.len(), MOST, fullest, &|a, b| {
            holds(a) == holds(b)
        })
    }

    /// The name of the capacity, where its line is.
    fn capacity_words(&self) -> Words {
        let Some(capacity) = self.capacity else {
            let text = "The GPU’s memory is not known: no line is drawn for it.";
            return Words::new(0.0, SIZE, text, MUTED);
        };
        let name = self.plan.cluster.gpu_name.as_str();
        let text = [name, ", ", &self.plan.unit.text(capacity)].concat();
        let x = capacity * self.scale;
        // On the side of the line that has more room.
        if x > WIDTH / 2.0 {
            Words::new(x, SIZE, text, MUTED).ending()
        } else {
            Words::new(x, SIZE, text, MUTED)
        }
    }

    fn stage(&self, scene: &mut Scene, y: f64, stage: &StageMemory) -> f64 {
        let name = ["Stage ", &grouped(stage.stage)].concat();
        let base = y + SIZE;
        scene.words(Words::new(0.0, base, name, INK).bold());
        let (words, bad) = self.words(stage);
        let colour = if bad { BAD } else { INK };
        scene.words(Words::new(WIDTH, base, words, colour).ending());
        let top = y + WORDS;
        let mut whole = String::new();
        rectangle(&mut whole, 0.0, top, WIDTH, BAR);
        scene.shape(Style::filled(SUNK), whole);
        let line = self.capacity.map_or(WIDTH, |bytes| bytes * self.scale);
        let mut x = 0.0;
        for (((_, bytes), colour), (letter, _, ink)) in
            stage.parts().into_iter().zip(MEMORY).zip(PARTS)
        {
            let width = bytes * self.scale;
            let mut part = String::new();
            rectangle(&mut part, x, top, width, BAR);
            scene.shape(Style::filled(colour).outlined(PANEL, 1.0), part);
            // No letter on the hatching, where it could not be read.
            let plain = (line - x).min(width);
            if let Some(ink) = ink.filter(|_| fits(letter, 11.0, plain)) {
                let middle = x + plain / 2.0;
                scene.words(
                    Words::new(middle, top + BAR - 4.0, letter, ink)
                        .sized(11.0)
                        .centred(),
                );
            }
            x += width;
        }
        if self.capacity.is_some() {
            let mut beyond = String::new();
            rectangle(&mut beyond, line, top, x - line, BAR);
            hatch(&mut beyond, line, top, x - line, BAR, 6.0);
            scene.shape(Style::line(BAD, 1.5), beyond);
            let mut mark = String::new();
            stroke(&mut mark, (line, top - OUT), (line, top + BAR + OUT));
            scene.shape(Style::line(INK, 2.0).dashed("4 3"), mark);
        }
        top + BAR + GAP
    }

    fn gap(&self, scene: &mut Scene, y: f64, n: usize) -> f64 {
        let text = ["⋮  ", &counted(n as u64, "stage", "stages"), " between"].concat();
        scene.words(Words::new(0.0, y + SIZE, text, MUTED));
        y + FOLDED
    }

    /// The total of a stage and whether it fits, in words; and whether it does not.
    fn words(&self, stage: &StageMemory) -> (String, bool) {
        let unit = self.plan.unit;
        if !self.plan.model.is_complete() {
            return ("unknown".to_owned(), false);
        }
        let total = unit.text(stage.total.0);
        match self.capacity {
            None => (total, false),
            Some(capacity) if stage.total.0 < capacity => ([&total, ", fits"].concat(), false),
            Some(capacity) => {
                let over = unit.text(stage.total.0 - capacity);
                ([&total, ", ", &over, " too much"].concat(), true)
            }
        }
    }

    fn summary(&self) -> String {
        let all = counted(
            self.stages.len() as u64,
            "pipeline stage",
            "pipeline stages",
        );
        let is_told = self.plan.model.is_complete();
        let Some(fullest) = self.fullest.filter(|_| is_told) else {
            return [&all, ": their memory is unknown."].concat();
        };
        let (words, _) = self.words(fullest);
        let stage = grouped(fullest.stage);
        let mut text = [
            "Memory on each GPU of ",
            &all,
            " by the guide’s bytes. Stage ",
            &stage,
            " is the fullest: ",
            &words,
            ".",
        ]
        .concat();
        if let Some(capacity) = self.capacity {
            let fit = self.stages.iter().filter(|s| s.total.0 < capacity).count();
            if self.stages.len() > 1 {
                let fit = match self.stages.len().saturating_sub(fit) {
                    0 => "All".to_owned(),
                    n if n == self.stages.len() => "None".to_owned(),
                    _ => [&grouped(fit as u64), " of ", &all].concat(),
                };
                text.push_str(
                    &[" ", &fit, " fit in ", &self.plan.unit.text(capacity), "."].concat(),
                );
            }
        } else {
            text.push_str(" The GPU’s memory is not known.");
        }
        text
    }

    fn legend(&self) -> Vec<Entry> {
        let mut legend: Vec<Entry> = MEMORY
            .into_iter()
            .zip(PARTS)
            .map(|(colour, (letter, name, _))| {
                let text = if letter.is_empty() {
                    name.to_owned()
                } else {
                    [letter, ": ", name].concat()
                };
                Entry::new(Style::filled(colour), text)
            })
            .collect();
        if let Some(capacity) = self.capacity {
            let line = Style::line(INK, 2.0).dashed("4 3");
            legend.push(Entry::new(line, "capacity"));
            if self.stages.iter().any(|stage| stage.total.0 > capacity) {
                legend.push(Entry {
                    hatched: true,
                    ..Entry::new(Style::line(BAD, 1.5), "beyond the capacity")
                });
            }
        }
        legend
    }
}

#[cfg(test)]
mod tests {
    use super::super::checked::{is_sound, words};
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;

    /// The guide's 7B model over some stages of an 8-GPU node, with other fields.
    fn figure(set: &[(Field, u64)]) -> Figure {
        let edit = set.iter().fold(Edit::default(), |edit, (field, n)| {
            edit.and(*field, Value::Count(*n))
        });
        let figure = memory_figure(&Plan::of(&edit.apply(&presets::opening())));
        is_sound(&figure);
        figure
    }

    #[track_caller]
    fn says(figure: &Figure, text: &str) {
        let all = words(figure);
        assert!(all.iter().any(|w| w.contains(text)), "{text} in {all:?}");
    }

    #[test]
    fn every_stage_says_its_total_and_whether_it_fits() {
        let fits = figure(&[(Field::Pp, 4)]);
        for stage in ["Stage 0", "Stage 1", "Stage 2", "Stage 3"] {
            says(&fits, stage);
        }
        says(&fits, "NVIDIA A100 SXM 40GB, 40 GB");
        assert_eq!(
            words(&fits)
                .iter()
                .filter(|w| w.ends_with("GB, fits"))
                .count(),
            4
        );
        assert!(!fits.legend.iter().any(|entry| entry.hatched));
        assert!(
            fits.summary.contains("Stage 0 is the fullest")
                && fits.summary.contains("All fit in 40 GB")
        );
    }

    #[test]
    fn of_a_model_that_is_not_told_in_full_no_stage_has_a_total() {
        let all = figure(&[(Field::Pp, 2)]);
        let unset = Edit::count(Field::Pp, 2).and(Field::ModelPreset, Value::Unset);
        let none = memory_figure(&Plan::of(&unset.apply(&presets::opening())));
        is_sound(&none);
        says(&none, "unknown");
        assert!(!words(&none).iter().any(|w| w.ends_with("fits")) && all.summary != none.summary);
        assert_eq!(none.summary, "2 pipeline stages: their memory is unknown.");
    }

    #[test]
    fn what_does_not_fit_is_hatched_and_said() {
        let over = figure(&[
            (Field::Pp, 4),
            (Field::Tp, 1),
            (Field::MicroBatch, 8),
            (Field::GpuMemory, 55_000_000_000),
        ]);
        says(&over, "too much");
        says(&over, "fits");
        assert!(over.legend.iter().any(|entry| entry.hatched));
        assert!(
            over.summary.contains("of 4 pipeline stages fit in 55 GB"),
            "{}",
            over.summary
        );
    }

    #[test]
    fn a_plan_that_fits_on_average_need_not_fit_on_every_stage() {
        // The first stage keeps four micro-batches, the guide counts one: 34.57 GB and 18.12 GB.
        let set = [
            (Field::Pp, 4),
            (Field::MicroBatch, 4),
            (Field::GpuMemory, 30_000_000_000),
        ];
        let edit = set.iter().fold(Edit::default(), |edit, (field, n)| {
            edit.and(*field, Value::Count(*n))
        });
        let plan = Plan::of(&edit.apply(&presets::opening()));
        let guide = crate::core::memory::Memory::of(&plan).guide;
        assert_eq!(guide.fits, Some(true));
        assert!(
            figure(&set)
                .summary
                .contains("3 of 4 pipeline stages fit in 30 GB."),
            "{}",
            figure(&set).summary
        );
        let none = [(Field::Pp, 4), (Field::GpuMemory, 10_000_000_000)];
        assert!(figure(&none).summary.ends_with("None fit in 10 GB."));
    }

    #[test]
    fn an_unknown_capacity_is_said_and_not_drawn() {
        let bare = Edit::count(Field::Pp, 2)
            .and(Field::ModelPreset, Value::Text("llama2-7b".into()))
            .and(Field::GpusPerNode, Value::Count(8));
        let unknown = memory_figure(&Plan::of(&bare.apply(&Config::default())));
        is_sound(&unknown);
        says(&unknown, "not known");
        assert_eq!(unknown.legend.len(), 5);
        assert!(!words(&unknown).iter().any(|w| w.contains("fits")));
    }

    #[test]
    fn many_stages_are_folded_and_the_fullest_stays() {
        let many = figure(&[
            (Field::Pp, 64),
            (Field::NumLayers, 128),
            (Field::NumNodes, 64),
        ]);
        says(&many, "stages between");
        says(&many, "Stage 63");
        let bars = words(&many)
            .iter()
            .filter(|w| w.starts_with("Stage "))
            .count();
        assert!(bars <= MOST + 1, "{bars}");
        assert!(figure(&[(Field::Pp, 10_000)]).scene.height < 1200.0);
    }
}
