//! Pictures as the text of an SVG file, with the link of the plan inside.
//!
//! A file must look the same in every program that shows one: it has neither script nor style sheet
//! nor anything from elsewhere, only shapes and words with their looks. Words of a plan are written as
//! text and can never become markup.

use super::colours::{self, Colour, Theme};
use super::measure::{width_of, wrapped};
use super::scene::{Anchor, Entry, Figure, Mark, Scene, Style, Words, hatch, rectangle, tenth};
use crate::core::config::is_shown;
use crate::core::decimal::trimmed;

/// The element of a file's metadata that holds the link, as it stands in the text.
pub const PLAN_ELEMENT: &str = "meshplan:plan";

/// What the file is about, and its pictures.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The plan's name.
    pub title: &'a str,
    /// The plan's verdict in a line; empty for none.
    pub verdict: &'a str,
    /// The link of the plan, alone or as a whole address; empty for none.
    pub link: &'a str,
    /// Light or dark.
    pub theme: Theme,
    /// The pictures, one below the other.
    pub figures: &'a [Figure],
}

/// Space around everything.
const MARGIN: f64 = 20.0;
/// A file is at least so wide inside its margin, or its words would be broken into many lines.
const LEAST_WIDTH: f64 = 560.0;
/// Side of a sample in a legend.
const SAMPLE: f64 = 12.0;
/// Fonts that every system has, first the reader's own.
const FONTS: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

/// A kind of text.
struct Type {
    size: f64,
    bold: bool,
    colour: Colour,
    /// From one base line to the next.
    leading: f64,
}

const TITLE: Type = kind(17.0, true, colours::INK, 23.0);
const VERDICT: Type = kind(13.0, false, colours::MUTED, 18.0);
const HEADING: Type = kind(13.0, true, colours::INK, 18.0);
const TEXT: Type = kind(12.0, false, colours::MUTED, 17.0);

const fn kind(size: f64, bold: bool, colour: Colour, leading: f64) -> Type {
    Type {
        size,
        bold,
        colour,
        leading,
    }
}

/// The text of a file. The same document gives the same bytes.
pub fn svg(document: &Document) -> String {
    let extents = document.figures.iter().map(|figure| extent(&figure.scene));
    let mut page = Page {
        body: String::new(),
        theme: document.theme,
        room: extents.map(Extent::width).fold(LEAST_WIDTH, f64::max),
        y: MARGIN,
    };
    page.paragraph(document.title, &TITLE);
    page.y += 2.0;
    page.paragraph(document.verdict, &VERDICT);
    for figure in document.figures {
        page.figure(figure);
    }
    let (width, height) = (
        tenth((page.room + 2.0 * MARGIN).ceil()),
        tenth((page.y + MARGIN).ceil()),
    );
    let mut text = [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"",
        &width,
        "\" height=\"",
        &height,
        "\" viewBox=\"0 0 ",
        &width,
        " ",
        &height,
        "\" role=\"img\" font-family=\"",
        FONTS,
        "\">\n",
    ]
    .concat();
    element(&mut text, "title", document.title);
    element(&mut text, "desc", &description(document));
    if !document.link.is_empty() {
        metadata(&mut text, document.link);
    }
    let ground = colours::PANEL.hex(document.theme);
    for part in [
        "<rect width=\"",
        &width,
        "\" height=\"",
        &height,
        "\" fill=\"",
        ground,
        "\"/>\n",
        &page.body,
        "</svg>\n",
    ] {
        text.push_str(part);
    }
    text
}

/// What the file says to those who do not see it.
fn description(document: &Document) -> String {
    let mut sentences = Vec::new();
    if !document.verdict.is_empty() {
        sentences.push([document.verdict, "."].concat());
    }
    for figure in document.figures {
        sentences.push([&figure.title, ": ", &figure.summary].concat());
    }
    if !document.link.is_empty() {
        sentences.push(["Plan: ", document.link].concat());
    }
    sentences.join(" ")
}

/// The link where programs find it: in an element of Meshplan's own, and as the source of the picture
/// in Dublin Core's.
fn metadata(text: &mut String, link: &str) {
    text.push_str("<metadata>\n<");
    text.push_str(PLAN_ELEMENT);
    text.push_str(" xmlns:meshplan=\"urn:meshplan:plan\">");
    escaped(text, link);
    text.push_str("</");
    text.push_str(PLAN_ELEMENT);
    text.push_str(">\n<dc:source xmlns:dc=\"http://purl.org/dc/elements/1.1/\">");
    escaped(text, link);
    text.push_str("</dc:source>\n</metadata>\n");
}

fn element(text: &mut String, tag: &str, words: &str) {
    for part in ["<", tag, ">"] {
        text.push_str(part);
    }
    escaped(text, words);
    for part in ["</", tag, ">\n"] {
        text.push_str(part);
    }
}

/// Adds words as text: markup becomes letters. What XML has no place for, and signs that turn the
/// direction of the words around them, are left out.
pub fn escaped(text: &mut String, words: &str) {
    for c in words.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if is_shown(c) => text.push(c),
            _ => {}
        }
    }
}

/// What a scene covers: words may stand out of it.
#[derive(Clone, Copy)]
struct Extent {
    left: f64,
    right: f64,
    bottom: f64,
}

impl Extent {
    fn width(self) -> f64 {
        self.right - self.left
    }
}

fn extent(scene: &Scene) -> Extent {
    let mut extent = Extent {
        left: 0.0,
        right: scene.width,
        bottom: scene.height,
    };
    for mark in &scene.marks {
        if let Mark::Words(words) = mark {
            let width = width_of(&words.text, words.size, words.bold);
            let left = match words.anchor {
                Anchor::Start => words.x,
                Anchor::Middle => words.x - width / 2.0,
                Anchor::End => words.x - width,
            };
            extent.left = extent.left.min(left);
            extent.right = extent.right.max(left + width);
            extent.bottom = extent.bottom.max(words.y + words.size * 0.3);
        }
    }
    extent
}

/// The file as it is written, from top to bottom.
struct Page {
    body: String,
    theme: Theme,
    /// Width inside the margin.
    room: f64,
    /// Where the next thing begins.
    y: f64,
}

impl Page {
    fn add(&mut self, parts: &[&str]) {
        for part in parts {
            self.body.push_str(part);
        }
    }

    /// Words in as many lines as they need; nothing for none.
    fn paragraph(&mut self, text: &str, kind: &Type) {
        for line in wrapped(text, kind.size, kind.bold, self.room) {
            let y = self.y + kind.size;
            self.line(line, MARGIN, y, kind);
            self.y += kind.leading;
        }
    }

    fn line(&mut self, text: String, x: f64, y: f64, kind: &Type) {
        let words = Words::new(x, y, text, kind.colour).sized(kind.size);
        self.words(&if kind.bold { words.bold() } else { words });
    }

    /// A picture: its name, the scene, its legend, and what it shows.
    fn figure(&mut self, figure: &Figure) {
        self.y += 14.0;
        self.paragraph(&figure.title, &HEADING);
        self.y += 6.0;
        let extent = extent(&figure.scene);
        let (x, y) = (tenth(MARGIN - extent.left), tenth(self.y));
        self.add(&["<g transform=\"translate(", &x, " ", &y, ")\">\n"]);
        for mark in &figure.scene.marks {
            match mark {
                Mark::Shape(style, path) => self.shape(style, path),
                Mark::Words(words) => self.words(words),
            }
        }
        self.add(&["</g>\n"]);
        self.y += extent.bottom + 10.0;
        self.legend(&figure.legend);
        self.paragraph(&figure.summary, &TEXT);
    }

    /// Samples with their words, as many to a line as there is room for.
    fn legend(&mut self, entries: &[Entry]) {
        // Space behind a sample and behind an entry.
        const AFTER: (f64, f64) = (6.0, 12.0);
        let mut used = 0.0;
        for entry in entries {
            let lines = wrapped(
                &entry.text,
                TEXT.size,
                TEXT.bold,
                self.room - SAMPLE - AFTER.0,
            );
            let widths = lines
                .iter()
                .map(|line| width_of(line, TEXT.size, TEXT.bold));
            let width = SAMPLE + AFTER.0 + widths.fold(0.0, f64::max);
            if used > 0.0 && used + width > self.room {
                self.y += TEXT.leading;
                used = 0.0;
            }
            let x = MARGIN + used;
            self.sample(entry, x, self.y + 1.0);
            for (i, line) in lines.into_iter().enumerate() {
                if i > 0 {
                    self.y += TEXT.leading;
                }
                let y = self.y + TEXT.size;
                self.line(line, x + SAMPLE + AFTER.0, y, &TEXT);
            }
            used += width + AFTER.1;
        }
        if used > 0.0 {
            self.y += TEXT.leading + 4.0;
        }
    }

    fn sample(&mut self, entry: &Entry, x: f64, y: f64) {
        let (x, y, side) = (x + 1.0, y + 1.0, SAMPLE - 2.0);
        let mut area = String::new();
        rectangle(&mut area, x, y, side, side);
        self.shape(&entry.style, &area);
        if entry.hatched {
            let mut lines = String::new();
            hatch(&mut lines, x, y, side, side, 4.0);
            let style = Style {
                fill: None,
                ..entry.style
            };
            self.shape(&style, &lines);
        }
    }

    fn shape(&mut self, style: &Style, path: &str) {
        let theme = self.theme;
        let fill = style.fill.map_or("none", |fill| fill.hex(theme));
        self.add(&["<path fill=\"", fill, "\""]);
        if let Some(stroke) = style.stroke {
            let width = tenth(style.width);
            self.add(&[" stroke=\"", stroke.hex(theme), "\""]);
            self.add(&[" stroke-width=\"", &width, "\""]);
            if style.opacity < 1.0 {
                let opacity = trimmed(style.opacity, 2);
                self.add(&[" stroke-opacity=\"", &opacity, "\""]);
            }
            if !style.dash.is_empty() {
                self.add(&[" stroke-dasharray=\"", style.dash, "\""]);
            }
        }
        self.add(&[" d=\"", path, "\"/>\n"]);
    }

    fn words(&mut self, words: &Words) {
        let (x, y, size) = (tenth(words.x), tenth(words.y), tenth(words.size));
        let fill = words.colour.hex(self.theme);
        self.add(&["<text x=\"", &x, "\" y=\"", &y, "\" font-size=\"", &size]);
        self.add(&["\" fill=\"", fill, "\""]);
        match words.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.add(&[" text-anchor=\"middle\""]),
            Anchor::End => self.add(&[" text-anchor=\"end\""]),
        }
        if words.bold {
            self.add(&[" font-weight=\"600\""]);
        }
        self.add(&[">"]);
        escaped(&mut self.body, &words.text);
        self.add(&["</text>\n"]);
    }
}
