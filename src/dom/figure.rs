//! Pictures on the page: a scene's marks as elements of a drawing, with the colours of the page.

use super::{Element, div, el, paragraph, scrolling, span, svg};
use crate::core::decimal::trimmed;
use crate::diagram::scene::{
    Anchor, Entry, Figure, Mark, Scene, Style, Words, hatch, rectangle, tenth,
};

/// Side of a sample in a legend, CSS pixels.
const SAMPLE: f64 = 12.0;

/// A picture with its legend and, below it, what it shows. A picture that is wider than the page
/// scrolls.
pub fn figure(figure: Figure) -> Vec<Element> {
    let drawing = drawing(&figure.scene)
        .attr("role", "img")
        .attr("aria-label", figure.summary.clone());
    let frame = if figure.scene.width > WIDE {
        scrolling()
            .attr("role", "group")
            .attr("aria-label", figure.title)
    } else {
        div("scroll")
    };
    let legend = figure.legend.into_iter().map(entry);
    vec![
        frame.child(drawing),
        el("p").class("legend").children(legend),
        paragraph("sub", figure.summary),
    ]
}

/// Pictures that are wider than this are not made smaller than `style/sections.css` says: words in
/// them would be too small to read.
const WIDE: f64 = 600.0;

/// A scene in its own size, and smaller where there is less room.
fn drawing(scene: &Scene) -> Element {
    let (width, height) = (tenth(scene.width), tenth(scene.height));
    svg("svg")
        .class(if scene.width > WIDE {
            "figure wide"
        } else {
            "figure"
        })
        .attr("viewBox", ["0 0 ", &width, " ", &height].concat())
        .attr("width", width)
        .attr("height", height)
        .children(marks(&scene.marks))
}

/// The marks of a scene.
pub fn marks(marks: &[Mark]) -> Vec<Element> {
    let mark = |mark: &Mark| match mark {
        Mark::Shape(style, path) => svg_path(style, path.clone()),
        Mark::Words(words) => line(words),
    };
    marks.iter().map(mark).collect()
}

/// Shapes of one look; `path` is the data of an SVG path.
pub fn svg_path(style: &Style, path: String) -> Element {
    let mut shape = svg("path")
        .attr("d", path)
        .attr("fill", style.fill.map_or("none", |fill| fill.css));
    if let Some(stroke) = style.stroke {
        shape = shape
            .attr("stroke", stroke.css)
            .attr("stroke-width", tenth(style.width));
        if style.opacity < 1.0 {
            shape = shape.attr("stroke-opacity", trimmed(style.opacity, 2));
        }
        if !style.dash.is_empty() {
            shape = shape.attr("stroke-dasharray", style.dash);
        }
    }
    shape
}

fn line(words: &Words) -> Element {
    let line = svg("text")
        .attr("x", tenth(words.x))
        .attr("y", tenth(words.y))
        .attr("fill", words.colour.css)
        .attr("font-size", tenth(words.size))
        .text(words.text.clone());
    let line = match words.anchor {
        Anchor::Start => line,
        Anchor::Middle => line.attr("text-anchor", "middle"),
        Anchor::End => line.attr("text-anchor", "end"),
    };
    if words.bold {
        line.attr("font-weight", "600")
    } else {
        line
    }
}

fn entry(entry: Entry) -> Element {
    let sample = sample(&entry.style, entry.hatched);
    span("entry").child(sample).text(entry.text)
}

/// A look in small, for a legend.
pub fn sample(style: &Style, hatched: bool) -> Element {
    let mut area = String::new();
    rectangle(&mut area, 1.0, 1.0, SAMPLE - 2.0, SAMPLE - 2.0);
    let mut sample = svg("svg")
        .attr("width", tenth(SAMPLE))
        .attr("height", tenth(SAMPLE))
        .attr("aria-hidden", "true")
        .child(svg_path(style, area));
    if hatched {
        let mut lines = String::new();
        hatch(&mut lines, 1.0, 1.0, SAMPLE - 2.0, SAMPLE - 2.0, 4.0);
        let stroke = Style {
            fill: None,
            ..*style
        };
        sample = sample.child(svg_path(&stroke, lines));
    }
    sample
}
