//! The pictures of the plan as files: saved as SVG or PNG, or copied, with the link of the plan inside.

use super::super::takeaway::{Form as TextForm, text_of};
use super::super::{Shown, page, state};
use super::{Section, choice, paragraph};
use meshplan::core::json::Json;
use meshplan::core::mesh::Dim;
use meshplan::diagram::colours::Theme;
use meshplan::diagram::{ColourBy, Look, PICTURES, colour_named};
use meshplan::dom::{Element, button, el, span};
use meshplan::export::{self, Wish};
use meshplan::js::value;
use wasm_bindgen::prelude::*;

/// The colours of a file: of now, or always the same.
const THEMES: [(&str, Option<Theme>); 3] = [
    ("As the page", None),
    ("Light", Some(Theme::Light)),
    ("Dark", Some(Theme::Dark)),
];

/// What becomes of a picture.
const FORMS: [(&str, Form); 3] = [
    ("SVG", Form::Svg),
    ("PNG", Form::Png),
    ("Copy SVG", Form::Copy),
];

const NOT_SAVED: &str = "The browser does not let this page save a file. Open the page in a window of \
    its own and try again.";
const NOT_RASTERIZED: &str = "The browser does not turn the picture into a PNG. The SVG holds the same \
    picture.";
const NOT_COPIED_AS_PNG: &str = "The browser does not let this page copy a PNG. It can be saved as a file, \
    under Pictures.";
const NOT_COPIED: &str = "The browser does not let this page copy. The SVG can be saved as a file.";

#[derive(Clone, Copy)]
enum Form {
    Svg,
    Png,
    Copy,
    CopyPng,
}

/// Buttons that copy the picture of the GPUs.
pub fn copies(shown: &Shown) -> Vec<Element> {
    let copies = [
        ("SVG of the GPUs", Form::Copy),
        ("PNG of the GPUs", Form::CopyPng),
    ];
    let grid = PICTURES.first().map_or("", |picture| picture.name);
    let copies =
        copies.map(|(label, form)| button("", shown.of_a(label), move || take(grid, form)));
    copies.into()
}

/// The pictures.
pub fn section(shown: &Shown) -> Section {
    let themes = THEMES.iter().map(|(name, theme)| {
        let pressed = *theme == shown.choices.theme;
        choice(["", ""], pressed, (*name).to_owned(), move || {
            state::choose(|choices| choices.theme = *theme)
        })
    });
    let header = span("seg")
        .children(themes)
        .attr("role", "group")
        .attr("aria-label", "Colours of the file");
    let mut rows: Vec<Element> = PICTURES.iter().map(|p| row(p.name, p.title)).collect();
    if PICTURES.len() > 1 {
        rows.push(row(export::ALL, "All in one file"));
    }
    let opens = match shown.other {
        None => "A file holds the link of its plan: dropped on this page, it opens the plan again.",
        Some(_) => {
            "The pictures are of A. A file holds the link of both plans: dropped on this page, it opens \
             the comparison again."
        }
    };
    let body = vec![
        paragraph(
            "sub",
            [opens, " The GPUs are coloured as they are above."].concat(),
        ),
        el("ul").class("rows").children(rows),
        paragraph("sub", shown.told.clone()).attr("role", "status"),
        paragraph("on-paper", shown.url()),
    ];
    (vec![header], body)
}

fn row(name: &'static str, title: &'static str) -> Element {
    let buttons = FORMS.iter().map(|(label, form)| {
        button("btn small", *label, move || take(name, *form))
            .attr("aria-label", [*label, " of ", title].concat())
    });
    let row = span("amount")
        .child(span("").text(title))
        .child(span("picture-forms").children(buttons));
    el("li").child(row)
}

/// Draws a picture and asks the browser to save or copy it, or says why there is none.
fn take(name: &'static str, form: Form) {
    match state::read(|shown| drawn(shown, name, form)) {
        Some(Ok(file)) => state::ask("meshplan:picture", &value(&file)),
        Some(Err(reason)) => state::tell(reason),
        None => {}
    }
}

/// A picture as `boot.js` takes it, with what is to be said when it is done, and when the browser
/// refuses.
fn drawn(shown: &Shown, picture: &str, form: Form) -> Result<Json, String> {
    let plan = &shown.plan;
    let colour = page::pressed_colour().and_then(|name| colour_named(&name));
    let look = Look::coloured(colour.unwrap_or(ColourBy::Groups(Dim::Tp)));
    let link = shown.url();
    let wish = Wish {
        picture,
        look,
        theme: shown.choices.theme.unwrap_or_else(page::theme),
        link: &link,
    };
    let drawn = export::picture(plan, &shown.report.verdict.text, &wish)?;
    let (form, ending, refused) = match form {
        Form::Svg => ("save", ".svg", NOT_SAVED),
        Form::Png => ("png", ".png", NOT_RASTERIZED),
        Form::Copy => ("copy", "", NOT_COPIED),
        Form::CopyPng => ("copy-png", "", NOT_COPIED_AS_PNG),
    };
    let name = file_name(shown, picture, look.colour, true, ending);
    let done = match ending {
        "" => "Copied.".to_owned(),
        _ => ["The browser saves ", &name, "."].concat(),
    };
    let done = std::iter::once(done).chain(drawn.left_out);
    let fields = [
        ("form", form.to_owned()),
        ("text", drawn.svg),
        ("type", "image/svg+xml".to_owned()),
        ("name", name),
        ("title", plan.title()),
        ("link", link),
        ("done", done.collect::<Vec<_>>().join(" ")),
        ("refused", refused.to_owned()),
    ];
    let fields = fields.map(|(key, text)| (key.to_owned(), Json::Text(text)));
    Ok(Json::Object(fields.into()))
}

/// The name of a file, which says where it is of A alone.
fn file_name(shown: &Shown, what: &str, colour: ColourBy, of_one: bool, ending: &str) -> String {
    let whose = match of_one && shown.other.is_some() {
        true => "-of-a",
        false => "",
    };
    [&export::file_name(&shown.plan, what, colour), whose, ending].concat()
}

/// Asks the browser to save the plan as text.
pub fn save_text(form: &TextForm) {
    let file = state::read(|shown| {
        let colour = ColourBy::Groups(Dim::Tp);
        let name = file_name(shown, form.name, colour, form.of_one, form.ending);
        let done = ["The browser saves ", &name, "."].concat();
        let fields = [
            ("form", "save".to_owned()),
            ("text", text_of(shown, form.name).ok()?),
            ("type", "text/plain".to_owned()),
            ("name", name),
            ("done", done),
            ("refused", NOT_SAVED.to_owned()),
        ];
        let fields = fields.map(|(key, text)| (key.to_owned(), Json::Text(text)));
        Some(Json::Object(fields.into()))
    });
    if let Some(file) = file.flatten() {
        state::ask("meshplan:picture", &value(&file));
    }
}

/// A PNG with the link of its plan inside; what is no PNG stays as it is.
#[wasm_bindgen(js_name = withLink)]
pub fn with_link(png: Vec<u8>, title: &str, link: &str) -> Vec<u8> {
    export::png::with_link(&png, title, link).unwrap_or(png)
}
