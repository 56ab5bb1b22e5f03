//! The GPUs as a picture that leaves the page: the same boxes, cells and words as on it.

use super::labels::{Label, cell_labels, node_labels, rack_labels_in, unnamed_nodes};
use super::layout::Layout;
use super::level::Detail;
use super::paint::{ColourBy, Paint};
use super::shade::{MISPLACED, NODE, RACK, SHADES, Shade};
use super::shape::Shape;
use super::words::{legend, mesh_words, misplaced, not_drawn, note, summary, unassigned};
use crate::core::Plan;
use crate::diagram::colours;
use crate::diagram::scene::{Entry, Figure, Scene, Style, Words};

/// The GPUs of a plan in their nodes, coloured by their groups along a dimension or by a figure of
/// each, in a picture that is at most so many CSS pixels wide.
///
/// # Errors
/// Says why a cluster is not drawn.
pub fn grid_figure(plan: &Plan, by: ColourBy, width: i32) -> Result<Figure, String> {
    let shape = Shape::of(plan);
    let layout = Layout::of(&shape, width).ok_or_else(|| {
        not_drawn(&shape).unwrap_or_else(|| "There is no GPU to draw.".to_owned())
    })?;
    let paint = Paint::by(plan, by, || by.figures(plan));
    let further = [
        // A file can be made larger: every GPU is drawn, however small.
        unnamed_nodes(&layout, false),
        mesh_words(&paint).map(|mesh| mesh + "."),
        note(plan, &paint),
    ];
    let mut said = vec![summary(&shape, &paint)];
    said.extend(further.into_iter().flatten());
    Ok(Figure {
        title: ["GPUs by ", by.name()].concat(),
        summary: said.join(" "),
        legend: entries(&shape, &paint, &layout),
        scene: scene(&layout, &paint),
    })
}

fn scene(layout: &Layout, paint: &Paint) -> Scene {
    let racks = (0..layout.racks()).map(|rank| layout.rack(rank));
    let nodes = (0..layout.nodes).map(|node| layout.node(node));
    // A picture of few nodes ends where they end.
    let right = racks
        .filter(|_| layout.has_racks)
        .chain(nodes)
        .map(|bounds| bounds.x + bounds.width + 1);
    let mut scene = Scene {
        width: f64::from(right.max().unwrap_or(layout.width)),
        height: f64::from(layout.height),
        marks: Vec::new(),
    };
    scene.shape(RACK, layout.rack_path(layout.whole()));
    scene.shape(NODE, layout.node_path(layout.whole()));
    let large = matches!(layout.level.detail, Detail::Coordinates { .. });
    let mut names = rack_labels_in(layout, layout.whole());
    names.extend(node_labels(layout));
    for label in names {
        let size = if large { 12.5 } else { 11.0 };
        let (x, y) = (f64::from(label.x), f64::from(label.y));
        scene.words(Words::new(x, y, label.text, colours::MUTED).sized(size));
    }
    for (shade, path) in SHADES.iter().zip(paint.paths(layout)) {
        scene.shape(style(*shade, layout), path);
    }
    scene.shape(crossing(layout), paint.misplaced_path(layout));
    for label in cell_labels(layout, paint) {
        scene.words(words(label, large));
    }
    scene
}

fn words(label: Label, large: bool) -> Words {
    let (x, y) = (f64::from(label.x), f64::from(label.y));
    let words = Words::new(x, y, label.text, label.shade.words()).centred();
    match (label.small, large) {
        (true, _) => words.sized(11.0),
        (false, true) => words.sized(15.0).bold(),
        (false, false) => words.bold(),
    }
}

/// Whether cells are so small that lines would cover them.
fn is_small(layout: &Layout) -> bool {
    layout.level.header == 0
}

/// How the cells of a shade look: the smallest have no lines around them, or thin ones.
fn style(shade: Shade, layout: &Layout) -> Style {
    match shade {
        _ if !is_small(layout) => shade.style(),
        Shade::Alone => Style::filled(colours::CONTROL),
        Shade::Unassigned => Style::line(colours::CONTROL, 0.5),
        Shade::Missing => Style::line(colours::BAD, 0.5),
        Shade::Over => Style::filled(colours::BAD),
        Shade::Hue(_) | Shade::Step(_) => Style {
            stroke: None,
            ..shade.style()
        },
    }
}

/// How groups look that should stay in a node and leave it.
fn crossing(layout: &Layout) -> Style {
    if is_small(layout) {
        Style::line(colours::BAD, 1.0)
    } else {
        MISPLACED
    }
}

fn entries(shape: &Shape, paint: &Paint, layout: &Layout) -> Vec<Entry> {
    let entry = |(shade, text)| Entry::new(style(shade, layout), text);
    let mut entries: Vec<Entry> = legend(paint).into_iter().map(entry).collect();
    if misplaced(paint).is_some() {
        let beyond = if paint.domain > paint.gpus_per_node {
            " leaves its NVLink domain"
        } else {
            " leaves its node"
        };
        let dims: Vec<&str> = paint.misplaced.iter().map(|g| g.axis.dim.name()).collect();
        let text = [&dims.join(" or "), beyond].concat();
        entries.push(Entry::new(crossing(layout), text));
    }
    if shape.missing > 0 {
        entries.push(Entry::new(style(Shade::Missing, layout), "Missing"));
    }
    if unassigned(shape, paint).is_some() {
        let unused = style(Shade::Unassigned, layout);
        entries.push(Entry::new(unused, "In no group"));
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Edit, Field, Value};
    use crate::core::mesh::Dim;
    use crate::core::presets;
    use crate::diagram::scene::Mark;

    fn plan(nodes: u64, tp: u64) -> Plan {
        let config = Edit::count(Field::NumNodes, nodes)
            .and(Field::Tp, Value::Count(tp))
            .apply(&presets::opening());
        Plan::of(&config)
    }

    fn figure(nodes: u64, tp: u64) -> Figure {
        grid_figure(&plan(nodes, tp), ColourBy::Groups(Dim::Tp), 960).expect("a picture")
    }

    #[track_caller]
    fn explains(figure: &Figure, expected: &[&str]) {
        let texts: Vec<&str> = figure.legend.iter().map(|entry| &*entry.text).collect();
        assert_eq!(texts, expected);
    }

    fn said(figure: &Figure) -> Vec<&str> {
        let words = figure.scene.marks.iter().filter_map(|mark| match mark {
            Mark::Words(words) => Some(words.text.as_str()),
            Mark::Shape(..) => None,
        });
        words.collect()
    }

    #[test]
    fn the_picture_says_nodes_ranks_and_coordinates() {
        let figure = figure(2, 2);
        assert_eq!(figure.title, "GPUs by TP");
        let words = said(&figure);
        for expected in ["Node 1", "5", "tp 1 · dp 2"] {
            assert!(words.contains(&expected), "{words:?}");
        }
        assert!(
            figure
                .summary
                .starts_with("16 GPUs on 2 nodes, coloured by TP: ")
        );
    }

    #[test]
    fn the_legend_says_what_every_look_means() {
        explains(&figure(1, 4), &["TP group 0", "1"]);
        explains(
            &figure(2, 2),
            &["TP group 0", "1", "2", "3", "4", "5", "6", "7"],
        );
        let last = "7, … more in these colours";
        explains(
            &figure(4, 2),
            &["TP group 0", "1", "2", "3", "4", "5", "6", last],
        );
        explains(&figure(2, 16), &["TP group 0", "TP leaves its node"]);
        let left = [
            "TP group 0",
            "1",
            "2",
            "3",
            "4",
            "TP leaves its node",
            "In no group",
        ];
        explains(&figure(2, 3), &left);
    }

    #[test]
    fn a_cluster_that_is_not_drawn_says_why() {
        let refused = grid_figure(&plan(1 << 20, 2), ColourBy::Groups(Dim::Tp), 960);
        assert!(
            refused.is_err_and(|why| why.starts_with("More than 1,048,576 GPUs are not drawn"))
        );
    }
}
