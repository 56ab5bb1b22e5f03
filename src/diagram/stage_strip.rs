//! The layers of each pipeline stage as a strip: embedding, dense layers, layers with experts,
//! multi-token prediction, head. As long as it has layers, so that uneven stages are seen.

use super::chunks::{Chunk, Kind, Run, chunks};
use super::colours::{INK, LINE, MUTED, PANEL};
use super::fold::{Row, fold};
use super::measure::{fits, width_of};
use super::scene::{Entry, Figure, Scene, Style, Words, rectangle};
use crate::core::pipeline::{Layers, Stage};
use crate::core::plan::Plan;
use crate::core::stage_layers::StageLayers;
use crate::core::units::{counted, grouped};

const WIDTH: f64 = 720.0;
/// Where the strips begin.
const LEFT: f64 = 84.0;
/// Width of the embedding and of the head, which are no layers.
const END: f64 = 26.0;
/// The most that a layer is wide, and the least that a line between two layers needs.
const WIDEST: f64 = 26.0;
const SEPARATE: f64 = 4.0;
/// Between two chunks.
const APART: f64 = 12.0;
/// Heights: the numbers of chunks, the strip, the numbers of layers, and the gap to the next stage.
const CHUNK: f64 = 14.0;
const STRIP: f64 = 22.0;
const NUMBERS: f64 = 13.0;
const GAP: f64 = 7.0;
const SIZE: f64 = 12.0;
const SMALL: f64 = 10.0;

/// Stages that are drawn one by one, and chunks of a stage.
const MOST: usize = 16;
const MOST_CHUNKS: usize = 8;

/// The layers of each pipeline stage.
pub fn layers_figure(plan: &Plan) -> Figure {
    let stages = Stage::all(plan);
    let mut scene = Scene {
        width: WIDTH,
        ..Scene::default()
    };
    let mut seen: Vec<Kind> = Vec::new();
    if plan.model.num_layers == 0 {
        let text = "The model’s layers are not known, so nobody can say where they lie.";
        scene.words(Words::new(0.0, SIZE, text, MUTED));
        scene.height = SIZE + GAP;
    } else {
        scene.height = draw(plan, &stages, &mut scene, &mut seen);
    }
    let legend = Kind::ALL.into_iter().filter(|kind| seen.contains(kind));
    Figure {
        title: "Layers of each pipeline stage".to_owned(),
        summary: summary(plan, &stages),
        legend: legend
            .map(|kind| {
                let (letter, name, colour, _) = kind.look();
                let style = Style::filled(colour).outlined(LINE, 1.0);
                Entry::new(style, [letter, ": ", name].concat())
            })
            .collect(),
        scene,
    }
}

/// Draws the stages below one another and tells the height of it.
fn draw(plan: &Plan, stages: &[Stage], scene: &mut Scene, seen: &mut Vec<Kind>) -> f64 {
    let like = |i: usize| {
        stages.get(i).map(|stage| {
            let layers = StageLayers::of(plan, stage);
            (layers, stage.embedding, stage.head, stage.mtp_num_layers)
        })
    };
    let rows = fold(stages.len(), MOST, None, &|a, b| like(a) == like(b));
    let vpp = plan.sizes.virtual_pipeline_model_parallel_size;
    let drawn = |row: &Row| match row {
        Row::One(i) => stages.get(*i).map(|stage| (stage, chunks(plan, stage))),
        Row::Gap(_) => None,
    };
    let unit = rows
        .iter()
        .filter_map(drawn)
        .map(|(_, chunks)| unit(&chunks))
        .fold(WIDEST, f64::min);
    let mut y = 0.0;
    let mut last = 0;
    for row in &rows {
        y = match (row, drawn(row)) {
            (Row::Gap(n), _) => {
                let mut text = ["⋮  ", &counted(*n as u64, "stage", "stages")].concat();
                let left_out = last + 1..=last + n;
                text.push_str(&if left_out.into_iter().all(|i| like(i) == like(last)) {
                    [" like stage ", &grouped(last as u64)].concat()
                } else {
                    " between".to_owned()
                });
                scene.words(Words::new(LEFT, y + SIZE, text, MUTED));
                y + SIZE + GAP + 2.0
            }
            (_, Some((stage, chunks))) => one(scene, seen, y, (stage, &chunks), unit, vpp),
            _ => y,
        };
        if let Row::One(i) = row {
            last = *i;
        }
    }
    y
}

/// The width of a layer that a stage has room for.
fn unit(chunks: &[Chunk]) -> f64 {
    let shown = || {
        places(chunks.len())
            .into_iter()
            .flatten()
            .filter_map(|i| chunks.get(i))
    };
    let mut fixed = 0.0;
    let mut layers = 0.0;
    for run in shown().flat_map(|chunk| &chunk.runs) {
        match run.kind {
            Kind::Embedding | Kind::Head => fixed += END,
            _ => layers += run.count as f64,
        }
    }
    let gaps = places(chunks.len()).len().saturating_sub(1) as f64 * APART;
    // A mark of chunks that are left out.
    let mark = if chunks.len() > MOST_CHUNKS {
        90.0
    } else {
        0.0
    };
    let room = WIDTH - LEFT - fixed - gaps - mark;
    if layers > 0.0 { room / layers } else { WIDEST }
}

/// The chunks of a stage to draw, and a gap.
fn places(n: usize) -> Vec<Option<usize>> {
    if n <= MOST_CHUNKS {
        return (0..n).map(Some).collect();
    }
    let mut places: Vec<Option<usize>> = (0..MOST_CHUNKS - 2).map(Some).collect();
    places.extend([None, Some(n.saturating_sub(1))]);
    places
}

/// Draws a stage and tells where the next begins.
fn one(
    scene: &mut Scene,
    seen: &mut Vec<Kind>,
    y: f64,
    (stage, chunks): (&Stage, &[Chunk]),
    unit: f64,
    vpp: u64,
) -> f64 {
    let top = if vpp > 1 { y + CHUNK } else { y };
    let name = ["Stage ", &grouped(stage.stage)].concat();
    scene.words(Words::new(0.0, top + STRIP - 7.0, name, INK).bold());
    let mut x = LEFT;
    for place in places(chunks.len()) {
        let Some((i, chunk)) = place.and_then(|i| Some((i, chunks.get(i)?))) else {
            let n = chunks.len().saturating_sub(MOST_CHUNKS - 1);
            let text = ["… ", &counted(n as u64, "chunk", "chunks")].concat();
            scene.words(Words::new(x, top + STRIP - 7.0, text, MUTED));
            x += 90.0 + APART;
            continue;
        };
        // Where empty chunks are left out, nobody can count on the numbers.
        if vpp > 1 && chunks.len() as u64 == vpp {
            let text = ["chunk ", &grouped(i as u64)].concat();
            let text = if fits(&text, SMALL, length(chunk, unit) + APART) {
                text
            } else {
                grouped(i as u64)
            };
            scene.words(Words::new(x, top - 4.0, text, MUTED).sized(SMALL));
        }
        let start = x;
        let mut layers = None;
        for run in &chunk.runs {
            let (x0, x1) = (x, x + run_width(*run, unit));
            block(scene, *run, (x0, top), unit);
            if !seen.contains(&run.kind) {
                seen.push(run.kind);
            }
            if matches!(run.kind, Kind::Dense | Kind::Moe | Kind::Mixed) {
                layers = Some((layers.map_or(x0, |(from, _)| from), x1));
            }
            x = x1;
        }
        if chunk.runs.is_empty() {
            scene.words(Words::new(x, top + STRIP - 7.0, "no layer", MUTED));
            x += width_of("no layer", SIZE, false);
        }
        numbers(
            scene,
            chunk.layers,
            layers.unwrap_or((start, x)),
            top + STRIP,
        );
        x += APART;
    }
    top + STRIP + NUMBERS + GAP
}

fn run_width(run: Run, unit: f64) -> f64 {
    match run.kind {
        Kind::Embedding | Kind::Head => END,
        _ => run.count as f64 * unit,
    }
}

fn length(chunk: &Chunk, unit: f64) -> f64 {
    chunk.runs.iter().map(|run| run_width(*run, unit)).sum()
}

/// The first and the last layer of a chunk, below its strip.
fn numbers(scene: &mut Scene, layers: Layers, (from, to): (f64, f64), top: f64) {
    let Some(last) = layers
        .end
        .checked_sub(1)
        .filter(|last| *last >= layers.first)
    else {
        return;
    };
    let base = top + NUMBERS - 3.0;
    let small = |x: f64, text: String| Words::new(x, base, text, MUTED).sized(SMALL);
    let (first, end) = (grouped(layers.first), grouped(last));
    if layers.first == last {
        scene.words(small(from, first));
    } else if width_of(&first, SMALL, false) + width_of(&end, SMALL, false) + 6.0 <= to - from {
        scene.words(small(from, first));
        scene.words(small(to, end).ending());
    } else {
        scene.words(small(from, [&first, "–", &end].concat()));
    }
}

/// Draws blocks of one kind: each on its own where there is room, else as one.
fn block(scene: &mut Scene, run: Run, (x, top): (f64, f64), unit: f64) {
    let (letter, _, colour, ink) = run.kind.look();
    let ends = matches!(run.kind, Kind::Embedding | Kind::Head);
    let each = if ends { END } else { unit };
    let style = Style::filled(colour).outlined(PANEL, 1.0);
    let whole = run_width(run, unit);
    let size = if letter.len() > 1 { SMALL } else { 11.0 };
    let word = |text: String, middle: f64| {
        let words = Words::new(middle, top + STRIP - 7.0, text, ink);
        words.sized(size).centred()
    };
    let separate = run.kind != Kind::Mixed && each >= SEPARATE;
    let mut path = String::new();
    let blocks = if separate { run.count } else { 1 };
    let step = whole / blocks.max(1) as f64;
    for i in 0..blocks {
        rectangle(&mut path, x + i as f64 * step, top, step, STRIP);
    }
    scene.shape(style, path);
    if fits(letter, size, each) {
        for i in 0..run.count {
            scene.words(word(letter.to_owned(), x + (i as f64 + 0.5) * each));
        }
        return;
    }
    let many = [letter, " × ", &grouped(run.count)].concat();
    let text = if run.count > 1 && fits(&many, size, whole) {
        many
    } else {
        letter.to_owned()
    };
    if fits(&text, size, whole) {
        scene.words(word(text, x + whole / 2.0));
    }
}

fn summary(plan: &Plan, stages: &[Stage]) -> String {
    let model = &plan.model;
    let vpp = plan.sizes.virtual_pipeline_model_parallel_size;
    let moe = model.moe_layers(0, model.num_layers);
    let layers = if model.num_layers == 0 {
        "An unknown number of layers".to_owned()
    } else if moe == 0 {
        counted(model.num_layers, "layer", "layers")
    } else {
        [
            &counted(model.num_layers, "layer", "layers"),
            ", ",
            &grouped(moe),
            " of them with experts,",
        ]
        .concat()
    };
    let on = counted(stages.len() as u64, "pipeline stage", "pipeline stages");
    let mut text = [&layers, " on ", &on].concat();
    if vpp > 1 {
        text.push_str(&[" in ", &grouped(vpp), " chunks each"].concat());
    }
    text.push_str(". ");
    let counts = stages.iter().map(|stage| stage.num_layers);
    let (least, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
    if stages.len() > 1 && model.num_layers > 0 {
        text.push_str(&if least == most {
            ["Each holds ", &counted(most, "layer", "layers"), "."].concat()
        } else {
            let most = counted(most, "layer", "layers");
            [
                "They hold between ",
                &grouped(least),
                " and ",
                &most,
                " each.",
            ]
            .concat()
        });
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::checked::{is_sound, words};
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};

    fn plan(model: &str, set: &[(Field, Value)]) -> Plan {
        let start = Edit::one(Field::ModelPreset, Value::Text(model.into()));
        let edit = set.iter().fold(start, |edit, (field, value)| {
            edit.and(*field, value.clone())
        });
        Plan::of(&edit.apply(&Config::default()))
    }

    fn count(field: Field, n: u64) -> (Field, Value) {
        (field, Value::Count(n))
    }

    /// The letters of each stage, chunk by chunk: `E D×3 M×13`.
    #[track_caller]
    fn strips(plan: &Plan, expected: &[&str]) {
        let figure = layers_figure(plan);
        is_sound(&figure);
        let found: Vec<String> = Stage::all(plan)
            .iter()
            .map(|stage| {
                let chunks = chunks(plan, stage);
                let chunks = chunks.iter().map(|chunk| {
                    let runs = chunk.runs.iter().map(|run| match run.count {
                        1 => run.kind.look().0.to_owned(),
                        n => format!("{}×{n}", run.kind.look().0),
                    });
                    runs.collect::<Vec<_>>().join(" ")
                });
                chunks.collect::<Vec<_>>().join(" | ")
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_kind_of_layer_has_its_place() {
        strips(
            &plan("llama2-7b", &[count(Field::Pp, 2)]),
            &["E D×16", "D×16 H"],
        );
        strips(
            &plan("deepseek-v3", &[count(Field::Pp, 4)]),
            &["E D×3 M×13", "M×15", "M×15", "M×15 MTP H"],
        );
    }

    #[test]
    fn uneven_stages_and_layouts() {
        strips(
            &plan(
                "deepseek-v3",
                &[
                    count(Field::Pp, 4),
                    count(Field::FirstStageLayers, 10),
                    count(Field::LastStageLayers, 9),
                ],
            ),
            &["E D×3 M×7", "M×21", "M×21", "M×9 MTP H"],
        );
        let layout = Value::Text("Et*3|(tt|)*29,m|L".into());
        let staged = plan(
            "deepseek-v3",
            &[count(Field::Pp, 4), (Field::PipelineLayout, layout)],
        );
        let figure = layers_figure(&staged);
        is_sound(&figure);
        assert!(
            figure.summary.contains("8 chunks each"),
            "{}",
            figure.summary
        );
        let said = words(&figure);
        assert!(
            said.contains(&"chunk 0") && said.contains(&"MTP"),
            "{said:?}"
        );
    }

    #[test]
    fn virtual_chunks_lie_apart() {
        strips(
            &plan("llama2-7b", &[count(Field::Pp, 2), count(Field::Vpp, 4)]),
            &["E D×4 | D×4 | D×4 | D×4", "D×4 | D×4 | D×4 | D×4 H"],
        );
        let figure = layers_figure(&plan(
            "llama2-7b",
            &[count(Field::Pp, 2), count(Field::Vpp, 2)],
        ));
        let said = words(&figure);
        for number in ["0", "7", "16", "23", "8", "15", "24", "31"] {
            assert!(said.contains(&number), "{number} in {said:?}");
        }
    }

    #[test]
    fn many_stages_chunks_and_layers_are_folded() {
        for (pp, vpp, layers) in [
            (64, 1, 128),
            (10_000, 1, 10_000),
            (2, 5000, 10_000),
            (1, 1, 10_000),
        ] {
            let many = plan(
                "llama2-7b",
                &[
                    count(Field::Pp, pp),
                    count(Field::Vpp, vpp),
                    count(Field::NumLayers, layers),
                ],
            );
            let figure = layers_figure(&many);
            is_sound(&figure);
            assert!(figure.scene.height < 1200.0 && figure.scene.marks.len() < 2000);
        }
        let turns = (Field::MoeLayerFreq, Value::Text("2".into()));
        strips(
            &plan("deepseek-v3", &[turns, count(Field::NumLayers, 400)]),
            &["E D and M×400 MTP H"],
        );
    }

    #[test]
    fn unknown_layers_are_said() {
        let figure = layers_figure(&Plan::of(&Config::default()));
        is_sound(&figure);
        assert!(figure.legend.is_empty());
    }
}
