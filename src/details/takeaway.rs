//! What the page takes away of a plan. Unlike the API it refuses nothing that stands in
//! the plan: while someone types, half a plan is the normal case, and the texts say what is wrong.

use super::page;
use super::state::{self, Shown};
use meshplan::core::compare::{Side, compare};
use meshplan::core::units::MemoryUnit;
use meshplan::js::{Answer, error, format_named, text};
use meshplan::{export, share};
use wasm_bindgen::prelude::*;

/// The id of the element that shows the text.
pub const TEXT: &str = "takeaway-text";

/// The attribute that it has where it shows the beginning alone.
pub const PART: &str = "data-part";

/// A form of the plan as text.
pub struct Form {
    /// Its name.
    pub name: &'static str,
    /// How the page calls it.
    label: &'static str,
    /// How the name of its file ends.
    pub ending: &'static str,
    /// Whether it is of A alone where two plans are compared.
    pub of_one: bool,
}

impl Form {
    /// How the page calls it now.
    pub fn label(&self, shown: &Shown) -> String {
        match self.of_one {
            true => shown.of_a(self.label),
            false => self.label.to_owned(),
        }
    }
}

const fn form(name: &'static str, label: &'static str, ending: &'static str) -> Form {
    Form {
        name,
        label,
        ending,
        of_one: false,
    }
}

const fn of_one(name: &'static str, label: &'static str, ending: &'static str) -> Form {
    Form {
        of_one: true,
        ..form(name, label, ending)
    }
}

/// The forms, in the order of the menu.
pub static FORMS: [Form; 10] = [
    form("link", "Link", ".txt"),
    form("markdown-link", "Markdown link", ".md"),
    form("markdown", "Markdown table", ".md"),
    of_one("megatron", "Megatron flags", ".sh"),
    of_one("nemo", "NeMo", ".txt"),
    of_one("bridge", "Megatron Bridge", ".txt"),
    of_one("json", "Plan JSON", ".json"),
    of_one("csv", "CSV of ranks", ".csv"),
    form("iframe", "Embed: iframe", ".html"),
    form("element", "Embed: element", ".html"),
];

/// What is shown first.
pub const FIRST: &str = "megatron";

/// The first line of a script where two plans are compared. Python takes the encoding of a file from the
/// line after it, too.
const OF_A: &str = "# This is plan A, of two that are compared.\n";

/// The view that an embedded plan opens with.
const VIEW: &str = "full";

/// A plan with what is said of it, to be written as text.
struct Subject<'a> {
    a: Side<'a>,
    b: Option<Side<'a>>,
    /// The link to both, after “#”.
    fragment: &'a str,
    /// The address of the page alone.
    page: &'a str,
}

impl Subject<'_> {
    fn link(&self) -> String {
        [self.page, "#", self.fragment].concat()
    }

    fn text(&self, form: &str) -> Result<String, String> {
        let Side {
            config,
            plan,
            report,
        } = self.a;
        let sides: Vec<Side<'_>> = std::iter::once(self.a).chain(self.b).collect();
        Ok(match (form, format_named(form)) {
            (_, Some(format)) => {
                let whose = self.b.map_or("", |_| OF_A);
                [whose, &export::flags(plan, report, format)].concat()
            }
            ("link", None) => self.link(),
            ("markdown-link", None) => export::markdown_link(&sides, &self.link()),
            ("markdown", None) => {
                let link = self.link();
                match self.b {
                    None => export::markdown(plan, report, Some(&link)),
                    Some(b) => export::comparison(&compare(self.a, b), [self.a, b], Some(&link)),
                }
            }
            ("json", None) => text(&config.to_json()).map_err(|_| "The plan is too long.")?,
            ("csv", None) => export::ranks_csv(plan, report)?,
            ("iframe", None) => {
                let titles: Vec<String> = sides.iter().map(|side| side.plan.title()).collect();
                let title = titles.join(export::COMPARED_WITH);
                export::embed_iframe(self.page, self.fragment, &title, VIEW)
            }
            ("element", None) => export::embed_element(self.page, self.fragment, VIEW),
            _ => return Err("There is no such form.".to_owned()),
        })
    }
}

/// A plan in a form, with the address of the page alone, or why there is none.
fn text_at(shown: &Shown, form: &str, page: &str) -> Result<String, String> {
    let b = shown.other.as_ref().map(|other| other.side());
    let subject = Subject {
        a: shown.side(),
        b,
        fragment: &shown.fragment,
        page,
    };
    subject.text(form)
}

/// The plan that is shown in a form, or why there is none.
pub fn text_of(shown: &Shown, form: &str) -> Result<String, String> {
    text_at(shown, form, &page::address())
}

/// The plan of now in a form, or why there is none.
pub fn text_now(form: &str) -> Result<String, String> {
    let text = state::read(|shown| text_of(shown, form));
    text.unwrap_or_else(|| Err("There is no plan yet.".to_owned()))
}

/// A text of the plan that `link` carries, or of both, in a form of [`FORMS`]. `gib` says memory in
/// GiB; `page` is the page's address, for the link in the text.
#[wasm_bindgen(js_name = takeAway)]
pub fn take_away(link: &str, form: &str, gib: bool, page: &str) -> Answer {
    let opened = share::carried(link).map_err(|reason| error("link", &reason.message()))?;
    let unit = if gib { MemoryUnit::Gib } else { MemoryUnit::Gb };
    let shown = Shown::of(opened, link, unit);
    let text = text_at(&shown, form, page);
    text.map(JsValue::from)
        .map_err(|reason| error("form", &reason))
}
