//! Two plans side by side: A, the plan of the page, and B, which it is compared with.

use super::read::plan_in;
use super::state::{Other, Shown, ask, choose, read};
use super::{page, tools};
use meshplan::core::Config;
use meshplan::core::compare::{Change, Line, Side, Topic, compare};
use meshplan::core::config::{Edit, Field};
use meshplan::dom::{
    Element, Node, Str, button, cell, choice, div, el, paragraph, scrolling, span,
};
use meshplan::share;
use wasm_bindgen::JsCast;

/// Where the text of B is pasted.
const TEXT: &str = "compare-text";

/// The id of the card's title, which takes the focus when a comparison begins.
const TITLE: &str = "compare-title";

/// The comparison; nothing where the plan is compared with none.
pub fn card(shown: &Shown) -> Vec<Element> {
    let Some(other) = &shown.other else {
        return Vec::new();
    };
    let header = el("header")
        .child(
            el("h2")
                .attr("id", TITLE)
                .attr("tabindex", "-1")
                .text("Compare"),
        )
        .child(span("sub").text("changes are from A to B"))
        .child(span("grow"))
        .children(actions(shown));
    let card = el("section")
        .class("card compare")
        .attr("aria-labelledby", TITLE)
        .child(header)
        .child(div("in").children(body(shown, other)));
    vec![card]
}

/// What is done with both plans.
fn actions(shown: &Shown) -> Vec<Element> {
    let only = shown.choices.only_differences;
    let differences = choice(
        ["btn small quiet", "btn small"],
        only,
        "Only differences".to_owned(),
        move || choose(|choices| choices.only_differences = !only),
    );
    let mut actions = vec![differences];
    if page::can_edit() {
        actions.extend([
            button("btn small", "Swap A and B", || put(|a, b| (b, Some(a)))),
            button("btn small", "Make A like B", || {
                put(|_, b| (b.clone(), Some(b)))
            }),
            button("btn small", "Make B like A", || {
                put(|a, _| (a.clone(), Some(a)))
            }),
            button("btn small", "Stop comparing", toggle),
        ]);
    }
    actions
}

fn body(shown: &Shown, other: &Other) -> Vec<Element> {
    let (a, b) = (shown.side(), other.side());
    let verdict = |name: &'static str, side: Side<'_>| {
        let title = [name, ": ", &side.plan.title()].concat();
        div("side")
            .child(el("b").text(title))
            .child(paragraph("sub", side.report.verdict.text.clone()))
    };
    let only = shown.choices.only_differences;
    let table = table(compare(a, b), only).unwrap_or_else(|| {
        let words = "A and B are the same. Change A with the form, or paste another plan as B.";
        paragraph("", words)
    });
    let mut all = vec![
        div("sides").child(verdict("A", a)).child(verdict("B", b)),
        div("").child(table),
    ];
    if page::can_edit() {
        all.push(another(&shown.choices.said_of_b));
    }
    all
}

/// The topics as one table; none where there is nothing to show.
fn table(topics: Vec<Topic>, only_differences: bool) -> Option<Element> {
    let shown = |line: &&Line| !only_differences || line.change != Change::None;
    let topics: Vec<Element> = topics
        .iter()
        .filter(|topic| topic.lines.iter().any(|line| shown(&line)))
        .map(|topic| {
            let title = el("th").attr("scope", "rowgroup").attr("colspan", "4");
            el("tbody")
                .child(el("tr").class("topic").child(title.text(topic.title)))
                .children(topic.lines.iter().filter(shown).map(row))
        })
        .collect();
    let head = ["A", "B", "A → B"].map(|name| el("th").attr("scope", "col").text(name));
    (!topics.is_empty()).then(|| {
        let table = el("table")
            .class("figures")
            .child(el("thead").child(el("tr").child(el("td")).children(head)))
            .children(topics);
        scrolling()
            .attr("aria-label", "Comparison")
            .attr("role", "group")
            .child(table)
    })
}

fn row(line: &Line) -> Element {
    let (class, judgement) = match line.change {
        Change::None => ("sub", ""),
        Change::Better => ("ok", " better"),
        Change::Worse => ("bad", " worse"),
        Change::Other => ("", ""),
    };
    let data = |class: &'static str, node: Node| el("td").class(class).child(node);
    let by: Str = match (line.change, line.by.is_empty()) {
        (Change::None, _) => "the same".into(),
        (_, true) => "differs".into(),
        (_, false) => line.by.clone().into(),
    };
    let takes = line
        .field
        .filter(|_| line.change != Change::None && page::can_edit());
    let take = takes.map(|field| {
        let label = ["Take B’s ", &field.info().spoken(), " into A"].concat();
        button("link", "Take B’s", move || take(field)).attr("aria-label", label)
    });
    el("tr")
        .child(el("th").attr("scope", "row").text(line.name.clone()))
        .child(data("", cell(line.a.clone())))
        .child(data("", cell(line.b.clone())))
        .child(
            el("td")
                .child(span(class).text(by).text(judgement))
                .children(take),
        )
}

/// Where another plan is pasted as B.
fn another(said: &str) -> Element {
    let open = |event: web_sys::Event| {
        event.prevent_default();
        let area =
            page::element(TEXT).map(|area| area.unchecked_into::<web_sys::HtmlTextAreaElement>());
        use_as_b(&area.map(|area| area.value()).unwrap_or_default());
    };
    el("details")
        .class("notes")
        .child(el("summary").text("Compare with another plan"))
        .child(
            el("form")
                .class("another")
                .on("submit", open)
                .child(el("label").attr("for", TEXT).text(
                    "Paste a link, a launch script, a config.json or the JSON of a plan: it becomes B.",
                ))
                .child(
                    el("textarea")
                        .attr("id", TEXT)
                        .attr("rows", "4")
                        .attr("spellcheck", "false"),
                )
                .child(el("p").attr("role", "status").text(said.to_owned()))
                .child(
                    el("button")
                        .attr("type", "submit")
                        .class("btn")
                        .text("Use as B"),
                ),
        )
}

/// Takes a pasted plan as B, or says why it is none. A text that tells a model alone says nothing of
/// the rest, which is A's.
fn use_as_b(text: &str) {
    let said = match plan_in(text) {
        Ok(pasted) => {
            let mut notes = pasted.notes;
            if pasted.other.is_some() {
                notes.push("The link holds two plans; the first of them is B now.".to_owned());
            }
            let model_only = pasted.model_only;
            if model_only {
                notes.push("B is A with this model.".to_owned());
            }
            put(move |a, _| {
                let b = match model_only {
                    true => a.clone().with_model_of(pasted.config),
                    false => pasted.config,
                };
                (a, Some(b))
            });
            notes.join(" ")
        }
        Err(reason) => reason,
    };
    choose(|choices| choices.said_of_b = said);
}

/// Takes one entry of B into A.
fn take(field: Field) {
    put(|a, b| {
        let value = b.get(field);
        (Edit::one(field, value).apply(&a), Some(b))
    });
}

/// Begins a comparison of the plan with itself as it is now, or ends the one there is.
pub fn toggle() {
    let starts = read(|shown| shown.other.is_none()) == Some(true);
    if starts {
        put(|a, _| (a.clone(), Some(a)));
        choose(|choices| choices.goes_to = Some(TITLE));
    } else {
        put(|a, _| (a, None));
        choose(|choices| choices.goes_to = Some(tools::COMPARE));
    }
}

/// Asks the page for other plans in the place of A and B. Without a B it is A.
fn put(make: impl FnOnce(Config, Config) -> (Config, Option<Config>)) {
    let now = read(|shown| {
        let a = shown.config.clone();
        let b = shown.other().unwrap_or(&a).clone();
        (a, b)
    });
    if let Some((a, b)) = now {
        let (a, b) = make(a, b);
        let link = share::carry_both(&a, b.as_ref());
        ask("meshplan:apply", &link.into());
    }
}
