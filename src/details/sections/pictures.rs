//! The pictures of the plan as files: saved as SVG or PNG, or copied, with the link of the plan inside.

use super::super::{Shown, files, state};
use super::{Section, choice, paragraph};
use meshplan::core::mesh::Dim;

use meshplan::diagram::colours::Theme;
use meshplan::diagram::{Look, PICTURES, colour_named};
use meshplan::dom::{Element, button, el, span};
use meshplan::export::{self, Wish};
use meshplan::share;
use wasm_bindgen_futures::spawn_local;

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

#[derive(Clone, Copy)]
enum Form {
    Svg,
    Png,
    Copy,
}

/// The pictures.
pub fn section(shown: &Shown) -> Section {
    let themes = THEMES.iter().map(|(name, theme)| {
        let pressed = *theme == shown.theme;
        choice(["", ""], pressed, (*name).to_owned(), move || {
            state::choose_theme(*theme)
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
    let body = vec![
        paragraph(
            "sub",
            "A file holds the link of its plan: dropped on this page, it opens the plan again. The GPUs \
             are coloured as they are above.",
        ),
        el("ul").class("rows").children(rows),
        paragraph("sub", shown.told.clone()).attr("role", "status"),
        paragraph("on-paper", share::url(&files::address(), &shown.config)),
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

/// A file that was asked for.
struct File {
    name: String,
    svg: String,
    title: String,
    link: String,
    left_out: Vec<String>,
}

/// Saves or copies a picture, and says what became of it.
fn take(name: &'static str, form: Form) {
    let drawn = state::read(|shown| draw(shown, name));
    match drawn {
        None => {}
        Some(Err(reason)) => state::tell(reason),
        Some(Ok(file)) => spawn_local(async move {
            let said = match form {
                Form::Svg => files::save(file.svg.as_bytes(), "image/svg+xml", &file.name, ".svg"),
                Form::Copy => files::copy(&file.svg).await,
                Form::Png => png(&file).await,
            };
            let said = said.unwrap_or_else(|reason| reason.to_owned());
            let sentences: Vec<String> = std::iter::once(said).chain(file.left_out).collect();
            state::tell(sentences.join(" "));
        }),
    }
}

async fn png(file: &File) -> files::Said {
    let pixels = files::rasterized(&file.svg).await?;
    let png = export::png::with_link(&pixels, &file.title, &file.link);
    let png = png.ok_or("The browser gives no PNG. The SVG holds the same picture.")?;
    files::save(&png, "image/png", &file.name, ".png")
}

fn draw(shown: &Shown, name: &str) -> Result<File, String> {
    let (config, plan) = (&shown.config, &shown.plan);
    let colour = files::pressed_colour().and_then(|name| colour_named(&name));
    let look = Look::coloured(colour.unwrap_or(Dim::Tp));
    let link = share::url(&files::address(), config);
    let wish = Wish {
        picture: name,
        look,
        theme: shown.theme.unwrap_or_else(files::theme_of_page),
        link: &link,
    };
    let drawn = export::picture(plan, &shown.report.verdict.text, &wish)?;
    Ok(File {
        name: export::file_name(plan, name, look.colour),
        svg: drawn.svg,
        title: plan.title(),
        left_out: drawn.left_out,
        link,
    })
}
