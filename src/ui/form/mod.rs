//! The form: model, cluster, parallelism, batch and training, one row a field.

mod issues;
mod menu;
mod number;

use super::details;
use super::place;
use super::state::App;
use crate::core::checks::sizes_in_words;
use crate::core::config::{Config, Field, Kind, Value};
use crate::core::steps::in_effect;
use crate::core::units::{grouped, short};
use crate::core::{hardware, model_library, presets};
use crate::dom::{Element, Str, button, div, el, span};
use crate::ui::show::show_in;
use issues::{fails, issue_list};
use leptos::prelude::*;
use menu::{Part, choice_row, menu};
use number::number_row;
use wasm_bindgen::JsCast;

/// The ids of the groups, in the order of the page.
const GROUPS: [&str; 5] = [
    "form-model",
    "form-cluster",
    "form-parallel",
    "form-batch",
    "form-about",
];

/// The rows of the model's shape.
const ARCHITECTURE: &[Field] = &[
    Field::FfnHiddenSize,
    Field::NumAttentionHeads,
    Field::NumQueryGroups,
    Field::KvChannels,
    Field::VocabSize,
    Field::MoeRouterTopk,
    Field::MoeFfnHiddenSize,
    Field::MoeSharedExpert,
    Field::MoeLayerFreq,
    Field::MoeRouterPreSoftmax,
    Field::Mla,
    Field::QLoraRank,
    Field::KvLoraRank,
    Field::QkHeadDim,
    Field::QkPosEmbHeadDim,
    Field::VHeadDim,
    Field::MtpNumLayers,
    Field::VocabDivisor,
    Field::MaxPositionEmbeddings,
    Field::Swiglu,
    Field::AddBiasLinear,
    Field::AddQkvBias,
    Field::QkLayernorm,
    Field::Untie,
    Field::NormalizationKind,
    Field::PositionEmbeddingType,
];

/// Those of them that speak of experts.
const EXPERTS: &[Field] = &[
    Field::MoeRouterTopk,
    Field::MoeFfnHiddenSize,
    Field::MoeSharedExpert,
    Field::MoeLayerFreq,
    Field::MoeRouterPreSoftmax,
];

/// Those of them that speak of multi-latent attention.
const LATENT: &[Field] = &[
    Field::QLoraRank,
    Field::KvLoraRank,
    Field::QkHeadDim,
    Field::QkPosEmbHeadDim,
    Field::VHeadDim,
];

/// The rows of the GPU's and the links' figures.
const LINKS: &[Field] = &[
    Field::PeakTflops,
    Field::IntraNode,
    Field::InterNode,
    Field::NvlinkDomain,
];

/// The rows of parallelism that most plans leave alone.
const MORE: &[Field] = &[
    Field::Accounting,
    Field::Vpp,
    Field::Etp,
    Field::RankOrder,
    Field::FirstStageLayers,
    Field::LastStageLayers,
    Field::AccountEmbedding,
    Field::AccountLoss,
    Field::PipelineLayout,
    Field::MicrobatchGroup,
    Field::DistOptInstances,
    Field::RecomputeGranularity,
    Field::RecomputeHow,
    Field::RecomputeNumLayers,
    Field::RecomputeModules,
];

/// The places of the groups, which never change.
pub fn frame() -> Element {
    el("form")
        .class("form")
        .attr("aria-label", "Plan")
        .on("submit", |event| event.prevent_default())
        .children(GROUPS.map(|id| place("fieldset", id, "card group")))
}

/// Shows the form.
pub fn show_form(app: App) {
    let parts: [fn(App) -> Vec<Element>; 5] = [model, cluster, parallelism, batch, about];
    for (id, part) in GROUPS.iter().zip(parts) {
        show_in(id, move || part(app));
    }
}

/// The head of a group, with what has changed in it, and its rows.
fn group(
    app: App,
    title: &'static str,
    name: &'static str,
    aside: Vec<Element>,
    rows: Vec<Element>,
) -> Vec<Element> {
    vec![
        el("legend").class("visually-hidden").text(title),
        div("group-head")
            .child(el("h2").attr("aria-hidden", "true").text(title))
            .child(
                div("group-aside")
                    .children(changed(app, name))
                    .children(aside),
            ),
        div("rows").children(rows),
    ]
}

/// Rows that are not needed for most plans.
/// They open by themselves while one of them fails.
/// Closed, they are not made: most of the form's rows are here, and each costs at every key press.
fn more(
    app: App,
    title: &'static str,
    fields: &[Field],
    rows: impl FnOnce() -> Vec<Element>,
) -> Element {
    let fails = fields.iter().any(|field| fails(app, *field));
    let is_open = fails || app.chosen(|choices| choices.opened_rows.contains(&title));
    let toggled = move |event: web_sys::Event| {
        let details = event.current_target();
        let details = details.map(|d| d.unchecked_into::<web_sys::HtmlDetailsElement>());
        let open = details.is_some_and(|details| details.open());
        if app.chosen_now(|choices| choices.opened_rows.contains(&title)) != open {
            app.choose(|choices| {
                choices.opened_rows.retain(|known| *known != title);
                choices.opened_rows.extend(open.then_some(title));
            });
        }
    };
    el("details")
        .class("more")
        .flag("open", is_open)
        .on("toggle", toggled)
        .child(el("summary").text(title))
        .child(div("more-rows").children(if is_open { rows() } else { Vec::new() }))
}

fn rows(app: App, fields: &[Field]) -> Vec<Element> {
    fields.iter().map(|field| row(app, *field)).collect()
}

/// One row for a field, by its kind.
fn row(app: App, field: Field) -> Element {
    match field.info().kind {
        Kind::Flag => switch_row(app, field),
        Kind::Choice(words) => choice_row(app, field, words),
        _ => number_row(app, field),
    }
}

/// The row of an on-or-off field.
fn switch_row(app: App, field: Field) -> Element {
    let info = field.info();
    let id = field_id(field);
    let input = el("input")
        .attr("id", id.clone())
        .attr("type", "checkbox")
        .checked(shown(app, field) == Value::Flag(true))
        .on("change", move |event| {
            let on = event_target_checked(&event);
            app.update(|config| {
                config.set(field, Value::Flag(on));
            });
        });
    div("row")
        .child(
            el("label")
                .class("row-label")
                .attr("for", id)
                .text(info.label),
        )
        .child(span("switch").child(input))
        .child(issue_list(app, field))
}

/// How many fields of a group differ from what they were opened with, and a way back.
fn changed(app: App, group: &'static str) -> Option<Element> {
    let opened = app.chosen(|choices| choices.opened.clone());
    let fields: Vec<Field> = app.plan.with(|planned| {
        let config = &planned.config;
        let differs = |f: &Field| f.info().group() == group && config.get(*f) != opened.get(*f);
        Field::ALL.iter().copied().filter(differs).collect()
    });
    (!fields.is_empty()).then(|| {
        let label = format!("{} changed · reset", fields.len());
        button("link changed", label, move || {
            app.update(|config| {
                for field in &fields {
                    config.set(*field, opened.get(*field));
                }
            });
        })
        .attr("title", "Back to the plan as it was opened")
    })
}

/// Whether a row of the model's shape has something to say: without experts or MLA, their rows are
/// left out unless something was entered there.
fn of_this_model(app: App, field: Field) -> bool {
    app.plan.with(|planned| {
        let has = |fields: &[Field], part: bool| part || !fields.contains(&field);
        let entered =
            planned.config.get(field) != Value::Unset || planned.config.unread_at(field).is_some();
        let model = &planned.plan.model;
        entered || has(EXPERTS, model.moe.is_some()) && has(LATENT, model.mla.is_some())
    })
}

fn note(text: impl Into<Str>) -> Element {
    el("p").class("note").text(text)
}

fn model(app: App) -> Vec<Element> {
    use Field as F;
    let guide = presets::GUIDE_MODELS
        .iter()
        .map(|m| (m.id, m.name))
        .collect();
    let library = model_library::MODELS
        .iter()
        .map(|m| (m.id, m.name))
        .collect();
    let preset = menu(
        app,
        F::ModelPreset,
        "Preset",
        vec![
            Part {
                label: "",
                options: vec![("", "Own figures")],
            },
            Part {
                label: "The guide's models",
                options: guide,
            },
            Part {
                label: "Public models",
                options: library,
            },
        ],
        Some(Config::keep_only_model_preset),
    );
    let about = app.plan.with(|planned| {
        let preset = planned
            .config
            .model
            .preset
            .as_deref()
            .and_then(presets::model);
        let counted = match planned.plan.model.counted_parameters {
            0 => String::new(),
            n => format!("The architecture counts {} parameters. ", grouped(n)),
        };
        let prediction = match planned.plan.model.mtp_parameters {
            0 => String::new(),
            n => format!("{} are of multi-token prediction. ", grouped(n)),
        };
        let (note, source) = preset.map_or(("", ""), |p| (p.note, p.source));
        [&counted, &prediction, note, " ", source].concat()
    });
    let mut all = vec![preset];
    all.extend(rows(
        app,
        &[F::NumParameters, F::NumLayers, F::HiddenSize, F::NumExperts],
    ));
    all.push(more(app, "Architecture", ARCHITECTURE, || {
        let of_it = ARCHITECTURE
            .iter()
            .filter(|field| of_this_model(app, **field));
        let mut architecture: Vec<Element> = of_it.map(|field| row(app, *field)).collect();
        architecture.push(note(about));
        architecture
    }));
    group(app, "Model", "model", Vec::new(), all)
}

fn cluster(app: App) -> Vec<Element> {
    use Field as F;
    let nodes = hardware::NODES.iter().map(|n| (n.id, n.name)).collect();
    let gpus = hardware::GPUS.iter().map(|g| (g.id, g.name)).collect();
    let node = menu(
        app,
        F::Node,
        "Node type",
        vec![
            Part {
                label: "",
                options: vec![("", "Not named")],
            },
            Part {
                label: "Node types",
                options: nodes,
            },
        ],
        Some(Config::keep_only_node),
    );
    let gpu = menu(
        app,
        F::Gpu,
        "GPU",
        vec![
            Part {
                label: "",
                options: vec![("", "As the node type")],
            },
            Part {
                label: "GPUs",
                options: gpus,
            },
        ],
        None,
    );
    let (about, sources) = app.plan.with(|planned| {
        let cluster = &planned.plan.cluster;
        let link = |name: &str, rate: Option<f64>| {
            rate.map_or(String::new(), |rate| {
                format!(" · {name} {} GB/s", short(rate))
            })
        };
        let about = format!(
            "{}{}{}",
            cluster.gpu_name,
            link(cluster.intra_node_link, cluster.intra_node_gb_per_s),
            link(cluster.inter_node_link, cluster.inter_node_gb_per_s),
        );
        // Of a GPU that is not told there is nothing to say.
        let about = if about == "GPU" { String::new() } else { about };
        (about, cluster.sources.join(". "))
    });
    let mut all = vec![node];
    all.extend(rows(app, &[F::NumNodes, F::GpusPerNode, F::GpuMemory]));
    all.push(note(about));
    all.push(more(app, "GPU and links", LINKS, || {
        let mut links = vec![gpu];
        links.extend(rows(app, LINKS));
        links.push(note(sources));
        links
    }));
    group(app, "Cluster", "cluster", Vec::new(), all)
}

fn parallelism(app: App) -> Vec<Element> {
    use Field as F;
    let (replicas, formula, other) = app.report.with(|report| {
        let check = report
            .checks
            .iter()
            .find(|check| check.id == "data_parallel_size");
        (
            report.sizes.data_parallel_size,
            check.map_or_else(String::new, |check| check.message.clone()),
            report.accounting.clone(),
        )
    });
    let other = other.map(|other| {
        note(other.message).child(button("link", "Count as Megatron does", move || {
            app.apply(&other.edit)
        }))
    });
    let (label, link) = app.chosen(|choices| choices.advised.clone());
    let advise = (!link.is_empty()).then(|| {
        button("link", "Advise", move || details::follow(app, &link)).attr("title", label)
    });
    let of = app.plan.with(|planned| {
        let plan = &planned.plan;
        format!(
            " = {} / ({})",
            grouped(plan.sizes.world_size),
            sizes_in_words(plan)
        )
    });
    let derived = div("row wide")
        .attr("title", formula)
        .child(span("row-label").child(el("b").text("DP")).text(" data"))
        .child(
            el("output")
                .class("derived")
                .child(el("b").text(grouped(replicas)))
                .text(of),
        );
    let mut all = rows(app, &[F::Tp, F::Pp, F::Ep, F::Cp]);
    all.push(derived);
    all.extend(other);
    all.extend(rows(app, &[F::Sp, F::DistOpt]));
    all.push(more(app, "More", MORE, || rows(app, MORE)));
    group(
        app,
        "Parallelism",
        "parallel",
        advise.into_iter().collect(),
        all,
    )
}

fn batch(app: App) -> Vec<Element> {
    use Field as F;
    let about = app.plan.with(|planned| {
        let sizes = &planned.plan.sizes;
        format!(
            "Multiples of {}: micro batch {} · DP {}",
            grouped(sizes.batch_divisor),
            planned.plan.config.batch.micro_batch_size,
            grouped(sizes.data_parallel_size),
        )
    });
    let mut all = rows(app, &[F::SeqLength, F::MicroBatch, F::GlobalBatch]);
    all.push(note(about));
    group(app, "Batch", "batch", Vec::new(), all)
}

fn about(app: App) -> Vec<Element> {
    let all = rows(app, &[Field::PlanName, Field::PlanNote]);
    group(app, "About", "about", Vec::new(), all)
}

/// The id of a field's input.
fn field_id(field: Field) -> String {
    format!("field-{}", field.info().short)
}

/// The value that the form shows for a field: what was said, else what is in effect.
fn shown(app: App, field: Field) -> Value {
    app.plan.with(|planned| match planned.config.get(field) {
        Value::Unset => in_effect(&planned.plan, field),
        value => value,
    })
}
