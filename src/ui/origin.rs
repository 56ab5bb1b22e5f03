//! A figure's origin, one click below it: its formula, the values put in, its source.

use crate::core::formula::Formula;
use leptos::prelude::*;

/// A row of figures that opens to where they come from. `class` lays out the figures.
pub fn opening(class: &'static str, figures: AnyView, origin: AnyView) -> AnyView {
    view! {
        <details class="origin">
            <summary><span class=class>{figures}</span></summary>
            {origin}
        </details>
    }
    .into_any()
}

/// A formula in names, with the values put in, and its source.
pub fn formula(formula: &Formula) -> AnyView {
    lines(
        vec![named(&formula.formula), with_result(&formula.with_values)],
        formula.source,
    )
}

/// Lines of an origin, above its source.
pub fn lines(lines: Vec<AnyView>, source: &'static str) -> AnyView {
    view! { <div class="formula">{lines}<span class="source">{source}</span></div> }.into_any()
}

/// A line of an origin as it stands.
pub fn named(text: &str) -> AnyView {
    view! { <span class="line">{text.to_owned()}</span> }.into_any()
}

/// A line of an origin whose result, after the last `=`, stands out.
pub fn with_result(text: &str) -> AnyView {
    let (values, result) = text
        .rsplit_once(" = ")
        .map_or((text, None), |(v, r)| (v, Some(r)));
    let result = result.map(|result| view! { " = "<b>{result.to_owned()}</b> }.into_any());
    view! { <span class="line">{values.to_owned()}{result}</span> }.into_any()
}
