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
    pub label: &'static str,
    /// How the name of its file ends.
    pub ending: &'static str,
}

const fn form(name: &'static str, label: &'static str, ending: &'static str) -> Form {
    Form {
        name,
        label,
        ending,
    }
}

/// The forms, in the order of the menu.
pub const FORMS: [Form; 10] = [
    form("link", "Link", ".txt"),
    form("markdown-link", "Markdown link", ".md"),
    form("markdown", "Markdown table", ".md"),
    form("megatron", "Megatron flags", ".sh"),
    form("nemo", "NeMo", ".txt"),
    form("bridge", "Megatron Bridge", ".txt"),
    form("json", "Plan JSON", ".json"),
    form("csv", "CSV of ranks", ".csv"),
    form("iframe", "Embed: iframe", ".html"),
    form("element", "Embed: element", ".html"),
];

/// What is shown first.
pub const FIRST: &str = "megatron";

/// The view that an embedded plan opens with.
const VIEW: &str = "full";

/// A plan with what is said of it, to be written as text.
struct Subject<'a> {
    a: Side<'a>,
    b: Option<Side<'a>>,
    /// The address of the page alone.
    page: &'a str,
}

impl Subject<'_> {
    fn link(&self) -> String {
        share::url_both(self.page, self.a.config, self.b.map(|b| b.config))
    }

    fn text(&self, form: &str) -> Result<String, String> {
        let Side {
            config,
            plan,
            report,
        } = self.a;
        let fragment = || share::encode_both(config, self.b.map(|b| b.config));
        Ok(match (form, format_named(form)) {
            (_, Some(format)) => export::flags(plan, report, format),
            ("link", None) => self.link(),
            ("markdown-link", None) => export::markdown_link(plan, report, &self.link()),
            ("markdown", None) => {
                let link = self.link();
                match self.b {
                    None => export::markdown(plan, report, Some(&link)),
                    Some(b) => {
                        let titles = [plan.title(), b.plan.title()];
                        let titles = [titles[0].as_str(), titles[1].as_str()];
                        export::comparison(&compare(self.a, b), titles, Some(&link))
                    }
                }
            }
            ("json", None) => text(&config.to_json()).map_err(|_| "The plan is too long.")?,
            ("csv", None) => export::ranks_csv(plan, report)?,
            ("iframe", None) => export::embed_iframe(self.page, &fragment(), &plan.title(), VIEW),
            ("element", None) => export::embed_element(self.page, &fragment(), VIEW),
            _ => return Err("There is no such form.".to_owned()),
        })
    }
}

/// A plan in a form, with the address of the page alone, or why there is none.
fn text_at(shown: &Shown, form: &str, page: &str) -> Result<String, String> {
    let b = shown.other.as_ref().map(|other| other.side());
    let a = shown.side();
    Subject { a, b, page }.text(form)
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
    let shown = Shown::of(opened.config, opened.other, unit);
    let text = text_at(&shown, form, page);
    text.map(JsValue::from)
        .map_err(|reason| error("form", &reason))
}
