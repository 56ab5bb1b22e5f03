//! The weight matrices of one layer in their shapes, with the lines along which TP and ETP split
//! them, and the heads on their TP ranks.

use super::colours::{CONTROL, INK, MUTED, PANEL, SUNK};
use super::experts::{experts_row, known_experts};
use super::measure::{fits, wrapped};
use super::rank_row::{Held, hue, range, ranks_row};
use super::scene::{Entry, Figure, Scene, Style, Words, hatch, rectangle, stroke};
use crate::core::layer::{Matrix, Split, matrices};
use crate::core::pipeline::Layers;
use crate::core::plan::Plan;
use crate::core::units::{counted, grouped};

const WIDTH: f64 = 720.0;
/// Width of a matrix with its words, four in a row, and the room between two.
const CELL: f64 = 171.0;
const BETWEEN: f64 = 12.0;
/// Side of the largest matrix, and the least that a side is drawn with.
const LARGEST: f64 = 165.0;
const LEAST: f64 = 6.0;
/// Parts that are drawn with their lines, and the least that a part is wide.
const MOST_PARTS: u64 = 64;
const LEAST_PART: f64 = 2.0;
/// The least that is left between the lines of two heads.
const LEAST_HEAD: f64 = 3.0;
/// How far a copy of a head stands out behind it, and how many are drawn.
const COPY: f64 = 3.0;
const MOST_COPIES: u64 = 3;
/// Between the lines of a matrix whose parts are too thin to be drawn.
const THIN: f64 = 4.0;
const SIZE: f64 = 11.0;
const LINE_HEIGHT: f64 = 15.0;
/// The matrices of one layer, and below them the experts of a model that has some.
///
/// # Errors
/// Says what is not known.
pub fn matrices_figure(plan: &Plan) -> Result<Figure, String> {
    let all = matrices(plan);
    if all.is_empty() {
        return Err(
            "The matrices cannot be drawn: the model’s hidden size and heads are not known."
                .to_owned(),
        );
    }
    let mut scene = Scene {
        width: WIDTH,
        ..Scene::default()
    };
    let sides = all.iter().map(|m| m.rows.max(m.columns));
    let scale = LARGEST / sides.max().unwrap_or(1).max(1) as f64;
    let mut y = 0.0;
    for row in all.chunks(4) {
        // The words of a row begin on one line.
        let heights = row.iter().map(|m| side(m.rows, scale) + behind(m));
        let top = heights.fold(0.0, f64::max);
        let mut bottom: f64 = y;
        for (i, matrix) in row.iter().enumerate() {
            let x = i as f64 * (CELL + BETWEEN);
            drawing(&mut scene, matrix, (x, y), scale);
            bottom = bottom.max(words(&mut scene, matrix, (x, y + top + LINE_HEIGHT)));
        }
        y = bottom + BETWEEN;
    }
    let heads = heads_row(&mut scene, &all, y + BETWEEN);
    if heads > y + BETWEEN {
        y = heads;
    }
    if let Some(experts) = known_experts(plan) {
        y = experts_row(&mut scene, plan, &experts, y + BETWEEN);
    }
    scene.height = y;
    let s = &plan.sizes;
    let (tp, etp) = (s.tensor_model_parallel_size, s.expert_tensor_parallel_size);
    let mut summary = [
        "The weight matrices of one layer, inputs down and outputs across, to scale. ",
        "Each colour is the part of one GPU of the TP group of ",
        &grouped(tp),
    ]
    .concat();
    if plan.model.moe.is_some() {
        summary.push_str(&[", and for the experts of the ETP group of ", &grouped(etp)].concat());
    }
    summary.push('.');
    Ok(Figure {
        title: "Weight matrices of one layer".to_owned(),
        summary,
        legend: legend(&all, scale),
        scene,
    })
}

fn side(length: u64, scale: f64) -> f64 {
    (length as f64 * scale).max(LEAST)
}

/// How far the copies of a matrix's heads stand out behind it.
fn behind(matrix: &Matrix) -> f64 {
    matrix.copies().saturating_sub(1).min(MOST_COPIES) as f64 * COPY
}

/// The parts that it is split into. Of replicated heads there are fewer than GPUs: each is one part,
/// and kept more than once.
fn parts(matrix: &Matrix) -> u64 {
    match matrix.split {
        Split::Whole => 1,
        _ if matrix.copies() > 1 => matrix.heads.max(1),
        _ => matrix.ways.max(1),
    }
}

/// The parts that are drawn: all, or one where they would be too thin.
fn drawn(matrix: &Matrix, scale: f64) -> u64 {
    let along = match matrix.split {
        Split::Row => side(matrix.rows, scale),
        _ => side(matrix.columns, scale),
    };
    let parts = parts(matrix);
    if parts <= MOST_PARTS && along / parts as f64 >= LEAST_PART {
        parts
    } else {
        1
    }
}

fn drawing(scene: &mut Scene, matrix: &Matrix, (x, y): (f64, f64), scale: f64) {
    let (width, height) = (side(matrix.columns, scale), side(matrix.rows, scale));
    let down = matrix.split == Split::Row;
    let along = if down { height } else { width };
    let copies = matrix.copies();
    let (parts, drawn) = (parts(matrix), drawn(matrix, scale));
    let mut sheets = String::new();
    for copy in (1..copies.min(MOST_COPIES.saturating_add(1))).rev() {
        let out = copy as f64 * COPY;
        rectangle(&mut sheets, x + out, y + out, width, height);
    }
    scene.shape(
        Style::filled(PANEL).outlined(MUTED, 1.0).dashed("3 2"),
        sheets,
    );
    let is_split = matrix.split != Split::Whole && matrix.ways > 1;
    let split = is_split && drawn == parts;
    let step = along / drawn as f64;
    for i in 0..drawn {
        let at = i as f64 * step;
        let (left, top, across, tall) = if down {
            (x, y + at, width, step)
        } else {
            (x + at, y, step, height)
        };
        let (fill, ink) = if split { hue(i) } else { (SUNK, INK) };
        let line = if split { PANEL } else { CONTROL };
        let mut path = String::new();
        rectangle(&mut path, left, top, across, tall);
        scene.shape(Style::filled(fill).outlined(line, 1.0), path);
        let text = ranks(i, copies);
        if parts > 1 && drawn == parts && tall >= SIZE + 3.0 && fits(&text, SIZE, across) {
            let (middle, base) = (left + across / 2.0, top + tall / 2.0 + 4.0);
            scene.words(Words::new(middle, base, text, ink).sized(SIZE).centred());
        }
    }
    if is_split && !split {
        let mut lines = String::new();
        hatch(&mut lines, x, y, width, height, THIN);
        scene.shape(Style::line(MUTED, 1.0), lines);
    }
    let each = along / matrix.heads.max(1) as f64;
    if matrix.heads > drawn && each >= LEAST_HEAD {
        let mut heads = String::new();
        for head in 1..matrix.heads {
            let at = head as f64 * each;
            if down {
                stroke(&mut heads, (x, y + at), (x + width, y + at));
            } else {
                stroke(&mut heads, (x + at, y), (x + at, y + height));
            }
        }
        scene.shape(Style::line(PANEL, 0.5), heads);
    }
}

/// The TP ranks that have a part: one, or as many as keep the same head.
fn ranks(part: u64, copies: u64) -> String {
    let first = part.saturating_mul(copies);
    match copies {
        1 => grouped(part),
        _ => [
            &grouped(first),
            "–",
            &grouped(first.saturating_add(copies - 1)),
        ]
        .concat(),
    }
}

/// Writes the words of a matrix and tells where they end.
fn words(scene: &mut Scene, matrix: &Matrix, (x, y): (f64, f64)) -> f64 {
    let name = [matrix.block, ": ", matrix.name].concat();
    let mut base = y - LINE_HEIGHT;
    for line in wrapped(&name, SIZE, true, CELL) {
        base += LINE_HEIGHT;
        scene.words(Words::new(x, base, line, INK).sized(SIZE).bold());
    }
    let mut whole = shape(matrix.rows, matrix.columns);
    if matrix.heads > 0 {
        whole.push_str(&[", ", &counted(matrix.heads, "head", "heads")].concat());
    }
    let mut texts = vec![(whole, INK), (split(matrix), INK)];
    texts.extend(matrix.note.clone().map(|note| (note, MUTED)));
    for (text, colour) in texts {
        for line in wrapped(&text, SIZE, false, CELL) {
            base += LINE_HEIGHT;
            scene.words(Words::new(x, base, line, colour).sized(SIZE));
        }
    }
    base + 4.0
}

fn shape(rows: u64, columns: u64) -> String {
    [&grouped(rows), " × ", &grouped(columns)].concat()
}

fn split(matrix: &Matrix) -> String {
    let what = match matrix.split {
        Split::Whole => return "whole on every GPU".to_owned(),
        _ if matrix.ways < 2 => return "whole on each GPU".to_owned(),
        Split::Column => "columns over ",
        Split::Row => "rows over ",
    };
    let uneven = if matrix.even {
        ""
    } else {
        ", which does not divide evenly"
    };
    let each = shape(matrix.rows_per_gpu, matrix.columns_per_gpu);
    [what, &grouped(matrix.ways), ": ", &each, " on each", uneven].concat()
}

fn legend(all: &[Matrix], scale: f64) -> Vec<Entry> {
    let mut legend = Vec::new();
    let is_split = |m: &&Matrix| m.split != Split::Whole && m.ways > 1;
    let are_drawn = |m: &Matrix| drawn(m, scale) == parts(m);
    if all.iter().filter(is_split).any(are_drawn) {
        let part = Style::filled(hue(0).0);
        legend.push(Entry::new(part, "the part of one GPU, with its rank"));
    }
    if all.iter().filter(is_split).any(|m| !are_drawn(m)) {
        legend.push(Entry {
            style: Style::filled(SUNK).outlined(MUTED, 1.0),
            hatched: true,
            text: "split into parts too thin to draw".to_owned(),
        });
    }
    if all.iter().any(|m| m.split == Split::Whole || m.ways < 2) {
        let whole = Style::filled(SUNK).outlined(CONTROL, 1.0);
        legend.push(Entry::new(whole, "whole on each GPU"));
    }
    if all.iter().any(|m| m.copies() > 1) {
        let copy = Style::filled(PANEL).outlined(MUTED, 1.0).dashed("3 2");
        legend.push(Entry::new(copy, "the same heads on further GPUs"));
    }
    legend
}

/// Draws the heads of each TP rank and tells where they end; nothing where TP does not share them
/// out evenly, or there is nothing to share. A KV head that several ranks keep has one colour.
fn heads_row(scene: &mut Scene, all: &[Matrix], top: f64) -> f64 {
    let with = |name: &str| all.iter().find(|m| m.name == name && m.heads > 0);
    let (Some(query), Some(key)) = (with("Q"), with("K")) else {
        return top;
    };
    let (tp, copies) = (query.ways, key.copies());
    if tp < 2 || !query.even || !key.even || query.heads < tp {
        return top;
    }
    let share = |heads: u64, ways: u64, rank: u64| {
        let each = heads / ways.max(1);
        let first = rank.saturating_mul(each);
        Layers {
            first,
            end: first.saturating_add(each),
        }
    };
    let title = [
        &counted(query.heads, "query head", "query heads"),
        " and ",
        &counted(key.heads, "KV head", "KV heads"),
        " over TP ",
        &grouped(tp),
    ];
    ranks_row(scene, top, (title.concat(), tp), &|rank| {
        let on = match copies {
            1 => share(key.heads, tp, rank),
            _ => share(key.heads, key.heads, rank / copies),
        };
        Held {
            name: ["TP rank ", &grouped(rank)].concat(),
            on,
            hue: Some(rank / copies.max(1)),
            parts: 1,
            words: vec![
                range(["KV head", "KV heads"], on),
                range(["Q head", "Q heads"], share(query.heads, tp, rank)),
            ],
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::checked::{is_sound, words};
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets::models;

    fn plan(model: &str, set: &[(Field, u64)]) -> Plan {
        let start = Edit::one(Field::ModelPreset, Value::Text(model.into()));
        let edit = set
            .iter()
            .fold(start, |edit, (field, n)| edit.and(*field, Value::Count(*n)));
        Plan::of(&edit.apply(&Config::default()))
    }

    #[track_caller]
    fn says(figure: &Figure, texts: &[&str]) {
        is_sound(figure);
        let all = words(figure).join(" ");
        for text in texts {
            assert!(all.contains(text), "{text} in {all}");
        }
    }

    #[track_caller]
    fn matrices_say(model: &str, set: &[(Field, u64)], texts: &[&str]) {
        says(
            &matrices_figure(&plan(model, set)).expect("matrices"),
            texts,
        );
    }

    #[test]
    fn every_matrix_has_its_shape_and_its_part() {
        matrices_say(
            "llama3-8b",
            &[(Field::Tp, 2)],
            &[
                "Attention: Q",
                "4,096 × 4,096, 32 heads",
                "4,096 × 1,024, 8 heads",
                "columns over 2: 4,096 × 512 on each",
                "MLP: Gate",
                "rows over 2: 7,168 × 4,096 on",
            ],
        );
        matrices_say(
            "deepseek-v3",
            &[(Field::Tp, 4)],
            &["Attention: KV up", "whole on every GPU", "MoE: Router"],
        );
    }

    #[test]
    fn replicated_heads_are_drawn_behind_one_another() {
        let copied = matrices_figure(&plan("llama3-8b", &[(Field::Tp, 16)])).expect("matrices");
        says(&copied, &["each head is kept on 2 GPUs."]);
        assert!(
            copied
                .legend
                .iter()
                .any(|entry| entry.text.contains("further GPUs"))
        );
        let once = matrices_figure(&plan("llama3-8b", &[(Field::Tp, 8)])).expect("matrices");
        assert!(
            !once
                .legend
                .iter()
                .any(|entry| entry.text.contains("further GPUs"))
        );
    }

    #[test]
    fn query_heads_go_with_their_kv_heads() {
        matrices_say(
            "llama3-8b",
            &[(Field::Tp, 4)],
            &[
                "32 query heads and 8 KV heads over TP 4",
                "TP rank 3",
                "KV heads 6 to 7 Q heads 24 to 31",
            ],
        );
        // Two ranks keep each KV head.
        matrices_say(
            "llama3-8b",
            &[(Field::Tp, 16)],
            &["TP rank 3 1 KV head 1 Q heads 6 to 7"],
        );
        let odd = matrices_figure(&plan("llama3-8b", &[(Field::Tp, 3)])).expect("matrices");
        assert!(!words(&odd).iter().any(|w| w.contains("query heads")));
    }

    #[test]
    fn experts_lie_below_the_matrices() {
        matrices_say(
            "mixtral-8x7b",
            &[(Field::Ep, 2)],
            &["8 experts of one layer over EP 2", "Each expert: Up"],
        );
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        assert!(matrices_figure(&Plan::of(&Config::default())).is_err());
    }

    #[test]
    fn every_model_is_drawn_inside_its_picture() {
        for model in models() {
            for tp in [1, 3, 8, 200] {
                let plan = plan(model.id, &[(Field::Tp, tp), (Field::Ep, 8)]);
                is_sound(&matrices_figure(&plan).expect("matrices"));
            }
        }
    }
}
