//! The batch of one step: the global batch is cut into a slice for each replica, the slice into
//! micro-batches, and after the last of them there is one step.

use super::colours::{BAD, CONTROL, Colour, HUES, INK, LINE, MUTED, ON_LIGHT, PANEL, SUNK};

use super::measure::fits;
use super::scene::{Entry, Figure, Scene, Style, Words, hatch, rectangle, stroke};
use crate::core::explain::folded;
use crate::core::number::product;
use crate::core::plan::Plan;
use crate::core::units::{counted, grouped};

const WIDTH: f64 = 720.0;
const SIZE: f64 = 12.0;
/// Height of a line of words above a row, of a row, and of the lines between two rows.
const WORDS: f64 = 20.0;
const ROW: f64 = 40.0;
const FLOW: f64 = 26.0;
/// Width of what is left over, and of the mark of what is left out.
const OVER: f64 = 96.0;

/// The batch of a plan, by Megatron's DP: those replicas load data of their own.
///
/// # Errors
/// Says why there is no batch to draw.
pub fn batch_figure(plan: &Plan) -> Result<Figure, String> {
    let batch = Batch::of(plan)?;
    let mut scene = Scene {
        width: WIDTH,
        ..Scene::default()
    };
    let sequences = |n: u64| counted(n, "sequence", "sequences");
    let title = ["Global batch: ", &sequences(batch.global)].concat();
    scene.words(Words::new(0.0, SIZE, title, INK).bold());
    let (orange, blue) = (HUES[0], HUES[1]);
    let mut y = WORDS;
    let replicas = Cells {
        name: "Replica ",
        count: batch.replicas,
        each: batch.of_replica,
        over: batch.left_over(),
        fill: orange,
    };
    let first = replicas.draw(&mut scene, y);
    y = flow(&mut scene, y + ROW, first);
    let title = [
        "Replica 0: ",
        &sequences(batch.of_replica),
        " in ",
        &counted(batch.micro_batches, "micro-batch", "micro-batches"),
        " of ",
        &grouped(batch.micro),
    ]
    .concat();
    scene.words(Words::new(0.0, y + SIZE, title, INK).bold());
    y += WORDS;
    let micro_batches = Cells {
        name: "Micro-batch ",
        count: batch.micro_batches,
        each: batch.micro,
        over: 0,
        fill: blue,
    };
    micro_batches.draw(&mut scene, y);
    y = flow(&mut scene, y + ROW, WIDTH);
    let mut path = String::new();
    rectangle(&mut path, 0.5, y + 0.5, WIDTH - 1.0, ROW - 8.0);
    scene.shape(Style::filled(SUNK).outlined(LINE, 1.0), path);
    let step = [
        "One step: gradients averaged over ",
        &counted(batch.replicas, "replica", "replicas"),
        ", then one update of the weights",
    ];
    scene.words(Words::new(WIDTH / 2.0, y + 20.0, step.concat(), INK).centred());
    scene.height = y + ROW - 7.0;
    Ok(Figure {
        title: "Batch of one step".to_owned(),
        summary: batch.summary(),
        legend: batch.legend(),
        scene,
    })
}

/// The counts of one step, in sequences and micro-batches.
struct Batch {
    global: u64,
    micro: u64,
    replicas: u64,
    micro_batches: u64,
    /// Sequences of one replica that are whole micro-batches.
    of_replica: u64,
}

impl Batch {
    fn of(plan: &Plan) -> Result<Batch, String> {
        let s = &plan.sizes;
        let (replicas, micro_batches) =
            (s.megatron_data_parallel_size, s.megatron_num_microbatches);
        if replicas == 0 {
            return Err(
                "DP 0: one replica of the model needs more GPUs than there are.".to_owned(),
            );
        }
        let micro = plan.config.batch.micro_batch_size;
        if micro_batches == 0 {
            return Err([
                "The global batch of ",
                &grouped(s.global_batch_size),
                " is smaller than one micro-batch of ",
                &grouped(micro),
                " on each of ",
                &counted(replicas, "replica", "replicas"),
                ".",
            ]
            .concat());
        }
        Ok(Batch {
            global: s.global_batch_size,
            micro,
            replicas,
            micro_batches,
            of_replica: product(&[micro, micro_batches]),
        })
    }

    /// Sequences that are no whole micro-batch of every replica.
    fn left_over(&self) -> u64 {
        self.global
            .saturating_sub(product(&[self.replicas, self.of_replica]))
    }

    fn summary(&self) -> String {
        let mut text = [
            "A global batch of ",
            &counted(self.global, "sequence", "sequences"),
            " is shared by ",
            &counted(self.replicas, "replica", "replicas"),
            ", ",
            &grouped(self.of_replica),
            " each in ",
            &counted(self.micro_batches, "micro-batch", "micro-batches"),
            " of ",
            &grouped(self.micro),
            ".",
        ]
        .concat();
        match self.left_over() {
            0 => {}
            n => text.push_str(
                &[
                    " ",
                    &counted(n, "sequence is", "sequences are"),
                    " left over: Megatron refuses the batch.",
                ]
                .concat(),
            ),
        }
        // `megatron/legacy/data/data_samplers.py`, `MegatronPretrainingSampler`.
        text.push_str(
            " The slices are shares, as the guide draws them; Megatron deals the sequences out \
             micro-batch by micro-batch.",
        );
        text
    }

    fn legend(&self) -> Vec<Entry> {
        let mut legend = vec![
            Entry::new(Style::filled(HUES[0]), "the slice of one replica"),
            Entry::new(Style::filled(HUES[1]), "one micro-batch"),
        ];
        if self.left_over() > 0 {
            legend.push(Entry {
                hatched: true,
                ..Entry::new(Style::line(BAD, 1.5), "left over")
            });
        }
        legend
    }
}

/// A row of cells of as many sequences each, and what is left over.
struct Cells {
    name: &'static str,
    count: u64,
    each: u64,
    over: u64,
    fill: Colour,
}

impl Cells {
    /// Draws the row and tells the width of the first cell.
    fn draw(&self, scene: &mut Scene, y: f64) -> f64 {
        let places = folded(self.count);
        let over = if self.over > 0 { OVER } else { 0.0 };
        let width = (WIDTH - over) / places.len().max(1) as f64;
        for (i, place) in places.into_iter().enumerate() {
            let x = i as f64 * width;
            match place {
                Some(n) => self.cell(scene, (x, y), width, n),
                None => {
                    let text = ["… ", &grouped(self.count.saturating_sub(5)), " more"].concat();
                    let words = Words::new(x + width / 2.0, y + ROW / 2.0 + 4.0, text, MUTED);
                    scene.words(words.centred());
                }
            }
        }
        if self.over > 0 {
            let x = WIDTH - OVER;
            let mut path = String::new();
            rectangle(&mut path, x + 3.0, y + 1.0, OVER - 4.0, 16.0);
            hatch(&mut path, x + 3.0, y + 1.0, OVER - 4.0, 16.0, 6.0);
            scene.shape(Style::line(BAD, 1.5), path);
            let text = [&grouped(self.over), " left over"].concat();
            let words = Words::new(WIDTH - 1.0, y + ROW - 6.0, text, BAD);
            scene.words(words.ending());
        }
        width
    }

    fn cell(&self, scene: &mut Scene, (x, y): (f64, f64), width: f64, n: u64) {
        let mut path = String::new();
        rectangle(&mut path, x, y, width, ROW);
        scene.shape(Style::filled(self.fill).outlined(PANEL, 2.0), path);
        let first = product(&[n, self.each]);
        let end = first.saturating_add(self.each);
        let slice = ["[", &first.to_string(), ":", &end.to_string(), "]"].concat();
        let long = [self.name, &grouped(n)].concat();
        let name = if fits(&long, SIZE, width) {
            long
        } else {
            grouped(n)
        };
        let middle = x + width / 2.0;
        let size = if fits(&slice, SIZE, width) {
            SIZE
        } else {
            10.0
        };
        scene.words(
            Words::new(middle, y + 17.0, name, ON_LIGHT)
                .centred()
                .bold(),
        );
        if fits(&slice, size, width) {
            let slice = Words::new(middle, y + 32.0, slice, ON_LIGHT);
            scene.words(slice.sized(size).centred());
        }
    }
}

/// Draws the lines from a part of a row to the whole of the next, and tells where that begins.
fn flow(scene: &mut Scene, y: f64, width: f64) -> f64 {
    let mut path = String::new();
    stroke(&mut path, (1.0, y + 2.0), (1.0, y + FLOW - 4.0));
    stroke(
        &mut path,
        (width - 1.0, y + 2.0),
        (WIDTH - 1.0, y + FLOW - 4.0),
    );
    scene.shape(Style::line(CONTROL, 1.0).dashed("4 3"), path);
    y + FLOW
}

#[cfg(test)]
mod tests {
    use super::super::checked::{is_sound, words};
    use super::*;
    use crate::core::config::{Edit, Field};
    use crate::core::presets;

    fn figure(edit: &Edit) -> Result<Figure, String> {
        let figure = batch_figure(&Plan::of(&edit.apply(&presets::opening())));
        figure.iter().for_each(is_sound);
        figure
    }

    #[track_caller]
    fn says(edit: &Edit, texts: &[&str]) {
        let figure = figure(edit).expect("a batch");
        let all = [words(&figure).join("; "), figure.summary.clone()].join("; ");
        for text in texts {
            assert!(all.contains(text), "{text} in {all}");
        }
    }

    #[test]
    fn the_guides_batch() {
        says(
            &Edit::default(),
            &[
                "Global batch: 512 sequences",
                "Replica 7; [448:512]",
                "Replica 0: 64 sequences in 32 micro-batches of 2",
                "… 27 more",
                "[62:64]",
                "averaged over 8 replicas",
            ],
        );
        assert_eq!(figure(&Edit::default()).expect("a batch").legend.len(), 2);
    }

    #[test]
    fn a_remainder_is_hatched_and_said() {
        let uneven = Edit::count(Field::GlobalBatch, 100);
        says(
            &uneven,
            &[
                "4 left over",
                "4 sequences are left over: Megatron refuses",
                "Replica 0: 12 sequences",
            ],
        );
        assert!(
            figure(&uneven)
                .expect("a batch")
                .legend
                .iter()
                .any(|entry| entry.hatched)
        );
    }

    #[test]
    fn many_replicas_are_folded() {
        let many = Edit::count(Field::NumNodes, 4096)
            .and(Field::GlobalBatch, crate::core::Value::Count(1 << 20));
        says(&many, &["more", "Replica 0"]);
    }

    #[test]
    fn no_batch_is_said_in_words() {
        assert!(figure(&Edit::count(Field::Tp, 64)).is_err());
        let small = figure(&Edit::count(Field::GlobalBatch, 4)).expect_err("too small");
        assert!(small.contains("smaller than one micro-batch of 2 on each of 8 replicas"));
    }
}
