//! Pictures as files: well-formed, without anything that a viewer would refuse, with the plan inside,
//! and the same as before. `MESHPLAN_DRAW=1 cargo test --test pictures` writes the pictures of
//! `tests/pictures/` anew; look at them before you keep them.
#![cfg(not(target_arch = "wasm32"))]

use meshplan::core::mesh::Dim;
use meshplan::core::{Config, Plan, Report, presets};
use meshplan::diagram::colours::{self, Theme};
use meshplan::diagram::scene::{Entry, Figure, Scene, Style, Words, rectangle};
use meshplan::diagram::{ColourBy, Document, Look, PICTURES, grid_figure, svg};
use meshplan::export::{self, Wish};
use meshplan::{import, share};
use roxmltree::Node;
use std::path::Path;

const TP_ACROSS_NODES: &str = "v1.m-guide-70b.node-p4d-24xlarge.nodes-2.tp-16.z";
const NOT_MULTIPLIED: &str = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-3.mbs-2.gbs-512.z";
const MIXTURE: &str = "v1.m-guide-8x3b.node-p4d-24xlarge.nodes-2.ep-8.gbs-256.z";
const GPUS_128: &str = "v1.m-guide-70b.node-p5-48xlarge.nodes-16.tp-8.pp-4.gbs-1024.z";
const GPUS_4096: &str = "v1.m-guide-70b.node-p5-48xlarge.nodes-512.tp-8.pp-4.gbs-1024.z";
const GPUS_131072: &str = "v1.m-guide-70b.node-p5-48xlarge.nodes-16384.tp-16.pp-4.gbs-1024.z";

fn config(link: &str) -> Config {
    share::decode(link).expect("a plan").config
}

/// The file of a plan's GPUs, as the command line writes it.
fn drawn(config: &Config, colour: Dim, theme: Theme) -> String {
    picture(config, "grid", ColourBy::Groups(colour), theme).expect("a picture")
}

/// The file of a picture of a plan, or why there is none.
fn picture(
    config: &Config,
    picture: &str,
    colour: ColourBy,
    theme: Theme,
) -> Result<String, String> {
    let plan = Plan::of(config);
    let wish = Wish {
        picture,
        look: Look::coloured(colour),
        theme,
        link: &share::encode(config),
    };
    let report = Report::of_plan(config, &plan);
    let drawn = export::picture(&plan, &report.verdict.text, &wish)?;
    sound(&drawn.svg);
    Ok(drawn.svg)
}

/// What may stand in a file, and which attributes each element may have: no script, no style, nothing
/// that leads elsewhere.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "svg",
        &["width", "height", "viewBox", "role", "font-family"],
    ),
    ("title", &[]),
    ("desc", &[]),
    ("metadata", &[]),
    ("plan", &[]),
    ("source", &[]),
    ("rect", &["width", "height", "fill"]),
    ("g", &["transform"]),
    (
        "path",
        &[
            "fill",
            "stroke",
            "stroke-width",
            "stroke-opacity",
            "stroke-dasharray",
            "d",
        ],
    ),
    (
        "text",
        &["x", "y", "font-size", "fill", "text-anchor", "font-weight"],
    ),
];

/// A file is well-formed, of allowed elements alone, and nothing stands out of it.
#[track_caller]
fn sound(svg: &str) {
    let file = roxmltree::Document::parse(svg).expect("well-formed XML");
    let root = file.root_element();
    let size = ["width", "height"].map(|name| number(root, name));
    for node in file.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let row = ALLOWED.iter().find(|(known, _)| *known == name);
        let (_, attributes) = row.unwrap_or_else(|| panic!("an element {name}"));
        for attribute in node.attributes() {
            assert!(attributes.contains(&attribute.name()), "{attribute:?}");
        }
        match name {
            "text" => inside(node, size),
            "path" => assert!(
                node.attribute("d").is_some_and(|d| d
                    .chars()
                    .all(|c| c.is_ascii_digit() || "MLHVhvaz -.".contains(c))),
                "{node:?}"
            ),
            _ => {}
        }
    }
}

fn number(node: Node, name: &str) -> f64 {
    let text = node
        .attribute(name)
        .unwrap_or_else(|| panic!("{name} of {node:?}"));
    text.parse().expect("a number")
}

/// Words end before the picture does, in a font of usual width; the browser tests measure real ones.
#[track_caller]
fn inside(node: Node, [width, height]: [f64; 2]) {
    let moved = node.parent().and_then(|g| g.attribute("transform"));
    let moved = moved.map_or([0.0, 0.0], |text| {
        let numbers = text.trim_start_matches("translate(").trim_end_matches(')');
        let (x, y) = numbers.split_once(' ').expect("two numbers");
        [x, y].map(|number| number.parse().expect("a number"))
    });
    let chars = node.text().unwrap_or_default().chars().count();
    let wide = chars as f64 * number(node, "font-size") * 0.45;
    let x = moved[0] + number(node, "x");
    let left = match node.attribute("text-anchor") {
        Some("middle") => x - wide / 2.0,
        Some("end") => x - wide,
        _ => x,
    };
    let y = moved[1] + number(node, "y");
    let there = left >= 0.0 && left + wide <= width && y > 0.0 && y < height;
    assert!(there, "{node:?} in {width} by {height}");
}

/// The file is the one that was looked at and kept.
#[track_caller]
fn kept(name: &str, svg: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pictures")
        .join(name)
        .with_extension("svg");
    if std::env::var_os("MESHPLAN_DRAW").is_some() {
        std::fs::write(&path, svg).expect("a file");
    }
    let before = std::fs::read_to_string(&path).expect("a picture");
    assert!(
        before == svg,
        "{name} differs; if it should, run MESHPLAN_DRAW=1 cargo test --test pictures"
    );
}

#[test]
fn pictures_are_those_that_were_kept() {
    let opening = drawn(&presets::opening(), Dim::Tp, Theme::Light);
    kept("opening-plan", &opening);
    let across = drawn(&config(TP_ACROSS_NODES), Dim::Tp, Theme::Light);
    kept("tp-across-nodes", &across);
    let left = drawn(&config(NOT_MULTIPLIED), Dim::Tp, Theme::Dark);
    kept("sizes-that-do-not-multiply", &left);
    kept("mixture", &drawn(&config(MIXTURE), Dim::Ep, Theme::Light));
    kept("128-gpus", &drawn(&config(GPUS_128), Dim::Pp, Theme::Dark));
    kept(
        "4096-gpus",
        &drawn(&config(GPUS_4096), Dim::Tp, Theme::Light),
    );
}

#[test]
fn every_plan_of_the_guide_is_drawn_in_every_colour() {
    for preset in presets::PLANS {
        for by in ColourBy::ALL {
            picture(&preset.config(), "grid", by, Theme::Light).expect("a picture");
        }
    }
}

#[test]
fn every_picture_of_every_plan_of_the_guide_is_sound_or_says_why_there_is_none() {
    let names = PICTURES.iter().map(|picture| picture.name).chain(["all"]);
    for name in names {
        let mut found = 0;
        for preset in presets::PLANS {
            let by = ColourBy::Groups(Dim::Tp);
            match picture(&preset.config(), name, by, Theme::Dark) {
                Ok(_) => found += 1,
                Err(why) => assert!(why.ends_with('.'), "{name} of {}: {why}", preset.id),
            }
        }
        assert!(found > 2, "{name}");
    }
}

#[test]
fn a_picture_opens_its_plan() {
    for link in [TP_ACROSS_NODES, NOT_MULTIPLIED, MIXTURE, GPUS_128] {
        let svg = drawn(&config(link), Dim::Dp, Theme::Dark);
        assert_eq!(import::link_of(svg.as_bytes()).as_deref(), Some(link));
    }
}

#[test]
fn the_largest_clusters_make_a_file_of_some_megabytes_at_most() {
    for dim in [Dim::Tp, Dim::Dp, Dim::Pp] {
        let bytes = drawn(&config(GPUS_131072), dim, Theme::Light).len();
        assert!(bytes < 4_000_000, "{dim:?}: {bytes}");
    }
}

#[test]
fn light_and_dark_differ_in_colours_alone() {
    let of = |theme| drawn(&presets::opening(), Dim::Tp, theme);
    let without_colours = |svg: String| {
        let parts = svg.split('#').map(|part| {
            let colour = part.chars().take_while(char::is_ascii_hexdigit).count();
            part[colour..].to_owned()
        });
        parts.collect::<Vec<_>>()
    };
    assert!(of(Theme::Light) != of(Theme::Dark));
    assert_eq!(
        without_colours(of(Theme::Light)),
        without_colours(of(Theme::Dark))
    );
}

/// A picture with a text in every place that takes one.
fn figure(text: &str) -> Figure {
    let mut scene = Scene {
        width: 100.0,
        height: 40.0,
        marks: Vec::new(),
    };
    let mut area = String::new();
    rectangle(&mut area, 0.0, 0.0, 10.0, 10.0);
    scene.shape(Style::filled(colours::BAD), area);
    scene.words(Words::new(95.0, 30.0, text, colours::INK));
    scene.words(Words::new(5.0, 30.0, text, colours::INK).centred().bold());
    let mut hatched = Entry::new(Style::line(colours::BAD, 1.0), text);
    hatched.hatched = true;
    Figure {
        title: text.to_owned(),
        summary: text.to_owned(),
        legend: vec![Entry::new(Style::filled(colours::INK), text), hatched],
        scene,
    }
}

fn with_text(text: &str) -> String {
    let figures = [figure(text), figure(text)];
    let svg = svg(&Document {
        title: text,
        verdict: text,
        link: text,
        theme: Theme::Light,
        figures: &figures,
    });
    sound(&svg);
    svg
}

#[test]
fn no_text_becomes_markup() {
    let attack = "</text><script>alert(1)</script><a href='x'>\"&amp; ]]> <!-- <![CDATA[ <?x";
    let svg = with_text(attack);
    for markup in ["<script", "<a ", "<!--", "<![CDATA[", "<?"] {
        assert!(!svg.contains(markup), "{svg}");
    }
    let file = roxmltree::Document::parse(&svg).expect("XML");
    let title = file.descendants().find(|node| node.has_tag_name("title"));
    let title = title.or_else(|| {
        file.descendants()
            .find(|node| node.tag_name().name() == "title")
    });
    assert_eq!(title.and_then(|node| node.text()), Some(attack));
}

#[test]
fn what_xml_has_no_place_for_is_left_out() {
    let svg = with_text("a\0b\u{1b}[31mc\u{202e}d\u{ffff}e\u{7f}f\u{85}g");
    assert!(svg.contains(">ab[31mcdefg</title>"), "{svg}");
}

#[test]
fn long_texts_are_broken_and_stay_inside() {
    with_text(&"parallel ".repeat(60));
    with_text("漢字 🚀 é");
    with_text("");
}

#[test]
fn nothing_is_drawn_beyond_a_word_without_end() {
    let file = svg(&Document {
        title: &"W".repeat(400),
        verdict: &"x".repeat(400),
        link: "",
        theme: Theme::Dark,
        figures: &[],
    });
    sound(&file);
    assert!(!file.contains("<metadata>"));
}

#[test]
fn a_grid_is_as_wide_as_it_is_asked_to_be_at_most() {
    let plan = Plan::of(&presets::opening());
    for width in [320, 760, 1600] {
        let figure = grid_figure(&plan, ColourBy::Groups(Dim::Tp), width).expect("a picture");
        assert!(figure.scene.width <= f64::from(width));
    }
}
