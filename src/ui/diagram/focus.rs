//! The panel beside the picture: what the GPU in focus is and whom it talks to.

use super::picture::Picture;
use crate::diagram::{Facts, Mates};
use leptos::prelude::*;

/// The panel.
pub fn focus_panel(picture: Picture) -> AnyView {
    let facts = Memo::new(move |_| {
        let rank = picture.focus.get()?;
        let memory = picture.app.report.with(|report| report.memory.guide.total.0);
        picture.with_plan(|plan| Facts::of(plan, memory, rank))
    });
    view! {
        <aside class="focus" aria-label="The GPU in focus"
            hidden=move || picture.layout.with(Option::is_none)>
            {move || facts.get().map_or_else(hint, told)}
        </aside>
    }
    .into_any()
}

fn hint() -> AnyView {
    view! {
        <h3>"No GPU in focus"</h3>
        <p class="sub">
            "Point at a GPU to see what it holds and whom it talks to; click or tap it to keep it "
            "in focus."
        </p>
        <p class="sub">
            "Or with the keys: Tab to the picture, then the arrow keys, Home and End. "
            "1 to 5 change the colour, Escape lets go."
        </p>
    }
    .into_any()
}

fn told(facts: Facts) -> AnyView {
    let row = |(name, value): (String, String)| {
        view! { <dt>{name}</dt><dd>{value}</dd> }.into_any()
    };
    let mates = if facts.assigned {
        talks_with(facts.mates)
    } else {
        view! {
            <p class="warn">
                "This GPU is in no group and has no work, because the sizes do not multiply to the "
                "cluster."
            </p>
        }
        .into_any()
    };
    view! {
        <h3>{facts.title}</h3>
        <dl>{facts.rows.into_iter().map(row).collect::<Vec<AnyView>>()}</dl>
        {mates}
    }
    .into_any()
}

fn talks_with(mates: Vec<Mates>) -> AnyView {
    if mates.is_empty() {
        return view! { <p class="sub">"It talks with no other GPU."</p> }.into_any();
    }
    let row = |group: Mates| {
        view! {
            <dt><b>{group.dim.name()}</b>" "{group.ranks}</dt>
            <dd>{group.link}</dd>
        }
        .into_any()
    };
    view! {
        <h3>"Talks with"</h3>
        <dl class="mates">{mates.into_iter().map(row).collect::<Vec<AnyView>>()}</dl>
    }
    .into_any()
}
