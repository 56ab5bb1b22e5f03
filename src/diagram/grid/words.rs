//! The picture in sentences: for the legend, for screen readers, for anyone who cannot see it.

use super::paint::{ColourBy, HUES, Paint};
use super::scale::Measure;
use super::shade::Shade;
use super::shape::Shape;
use crate::core::Plan;
use crate::core::mesh::Dim;
use crate::core::number::quotient_up;
use crate::core::problems::MOST_GPUS;
use crate::core::rank::Rank;
use crate::core::units::{counted, grouped};

/// Ranks that are listed one by one; of more, the first ones and the last.
pub(super) const LISTED_RANKS: u64 = 8;

/// What follows the last of eight entries when there are more.
pub(super) const MORE: &str = ", … more in these colours";

/// The shades that are used and what they mean: the first groups, or the steps of the scale. Empty
/// where no group has more than one GPU.
pub fn legend(paint: &Paint) -> Vec<(Shade, String)> {
    if let Some(scale) = &paint.scale {
        return scale.legend();
    }
    let Some(axis) = paint.shared_axis() else {
        return Vec::new();
    };
    let all = paint.crossing().groups;
    let entry = |group: u64| {
        let shade = paint.shade(super::groups::first_rank(axis, group));
        let text = match group {
            0 => [axis.dim.name(), " group 0"].concat(),
            _ => group.to_string(),
        };
        (shade, text)
    };
    let mut entries: Vec<(Shade, String)> = (0..all.min(HUES)).map(entry).collect();
    if let Some((_, last)) = entries.last_mut().filter(|_| all > HUES) {
        last.push_str(MORE);
    }
    entries
}

/// The figures in one sentence without its dot: `from 21.4 GB to 33.9 GB on a GPU`.
fn figures(paint: &Paint) -> String {
    let Some(scale) = &paint.scale else {
        return "the plan does not tell enough to say".to_owned();
    };
    if paint.by == ColourBy::Figure(Measure::Stage) {
        let stages = scale.classes.len() as u64;
        return counted(stages, "stage", "stages");
    }
    let mut text = match scale.classes.as_slice() {
        [] => return "the plan does not tell enough to say".to_owned(),
        [one] => [&one.text, " on each GPU"].concat(),
        [first, .., last] => ["from ", &first.text, " to ", &last.text, " on a GPU"].concat(),
    };
    let over = scale.too_full();
    if over > 0 {
        let need = counted(over, "GPU needs", "GPUs need");
        text.push_str(&[", and ", &need, " more than it has"].concat());
    }
    text
}

/// The groups in one sentence without its dot: `8 groups of 2, all inside a node`.
pub fn sentence(paint: &Paint) -> String {
    let ColourBy::Groups(dim) = paint.by else {
        return figures(paint);
    };
    let name = dim.name();
    if paint.assigned == 0 {
        return format!("the sizes need more GPUs than there are, so there is no {name} group");
    }
    let Some(axis) = paint.axis else {
        return format!("the model has no experts, so there is no {name} group");
    };
    if axis.size == 1 {
        return format!("{name} is 1, so every GPU is a group of its own");
    }
    let count = paint.crossing();
    let (inside, across) = if paint.domain > paint.gpus_per_node {
        let gpus = paint.domain;
        (
            format!("an NVLink domain of {gpus} GPUs"),
            format!("NVLink domains of {gpus} GPUs"),
        )
    } else {
        ("a node".to_owned(), "nodes".to_owned())
    };
    let crossing = match (count.groups, count.crossing) {
        (1, 0) => format!("inside {inside}"),
        (1, _) => format!("it crosses {across}"),
        (_, 0) => format!("all inside {inside}"),
        (all, some) if all == some => format!("all cross {across}"),
        (_, 1) => format!("1 crosses {across}"),
        (_, some) => format!("{} cross {across}", grouped(some)),
    };
    format!(
        "{} of {}, {crossing}",
        counted(count.groups, "group", "groups"),
        grouped(axis.size)
    )
}

/// What a reader should know besides: which DP is drawn where the guide counts another.
pub fn note(plan: &Plan, paint: &Paint) -> Option<String> {
    let sizes = &plan.sizes;
    let (said, drawn) = (sizes.data_parallel_size, sizes.megatron_data_parallel_size);
    match paint.by {
        ColourBy::Groups(Dim::Dp) if said != drawn => {}
        ColourBy::Figure(Measure::Memory) if sizes.pipeline_model_parallel_size > 1 => {
            return Some(
                "By the guide’s bytes, with the layers that each stage holds and the micro-batches \
                 that it keeps in flight. The guide’s own figure counts an even share of the \
                 parameters, and one micro-batch in the layers of the largest stage."
                    .to_owned(),
            );
        }
        ColourBy::Figure(Measure::Network) => {
            return Some(
                "What a GPU sends in one step to GPUs outside of its node or NVLink domain. Around a \
                 ring a group shares the load of its links that leave; with sequence parallelism a \
                 GPU sends its own part of what stages exchange."
                    .to_owned(),
            );
        }
        _ => return None,
    }
    Some({
        format!(
            "These are the ranks that share the dense layers: Megatron’s DP {drawn}. The guide \
             counts DP {said}, because it takes EP out of it; the experts are shared by EDP {}.",
            sizes.expert_data_parallel_size
        )
    })
}

/// The mesh that is coloured, with its sizes: `Expert mesh: ETP 1 · EP 8 · EDP 2 · PP 1`. None for
/// a model without experts, whose groups are all of one mesh.
pub fn mesh_words(paint: &Paint) -> Option<String> {
    if !paint.has_experts {
        return None;
    }
    let sizes: Vec<String> = paint
        .mesh
        .axes
        .iter()
        .map(|axis| format!("{} {}", axis.dim.name(), grouped(axis.size)))
        .collect();
    let name = if paint.is_expert() { "Expert" } else { "Dense" };
    Some(format!("{name} mesh: {}", sizes.join(" · ")))
}

/// The whole picture in some sentences, for its accessible name.
pub fn summary(shape: &Shape, paint: &Paint) -> String {
    let by = match paint.by {
        ColourBy::Groups(dim) => dim.name(),
        ColourBy::Figure(measure) => measure.words(),
    };
    let racks = shape.rack_nodes.map(|nodes| {
        let racks = quotient_up(shape.num_nodes, nodes);
        [" in ", &counted(racks, "NVLink domain", "NVLink domains")].concat()
    });
    let mut text = format!(
        "{} on {}{}, coloured by {by}: {}.",
        counted(shape.world_size, "GPU", "GPUs"),
        counted(shape.num_nodes, "node", "nodes"),
        racks.unwrap_or_default(),
        sentence(paint),
    );
    for more in [misplaced(paint), unassigned(shape, paint), not_drawn(shape)]
        .into_iter()
        .flatten()
    {
        text.push(' ');
        text.push_str(&more);
    }
    text
}

/// Which groups leave a node and should not, in a sentence.
pub fn misplaced(paint: &Paint) -> Option<String> {
    if paint.misplaced.is_empty() {
        return None;
    }
    let place = if paint.domain > paint.gpus_per_node {
        "NVLink domain"
    } else {
        "node"
    };
    let parts: Vec<String> = paint
        .misplaced
        .iter()
        .map(|grouping| {
            let count = grouping.crossing(paint.domain);
            format!(
                "{} leaves its {place} in {} of {}",
                grouping.axis.dim.name(),
                grouped(count.crossing),
                counted(count.groups, "group", "groups")
            )
        })
        .collect();
    Some([&parts.join(", "), "."].concat())
}

/// The GPUs that are in no group, and those that are missing, in a sentence.
pub fn unassigned(shape: &Shape, paint: &Paint) -> Option<String> {
    if shape.missing > 0 {
        let are = counted(shape.missing, "GPU is", "GPUs are");
        let needs = shape.world_size.saturating_add(shape.missing);
        let mut text = format!(
            "{are} missing: one replica of the model needs {}.",
            grouped(needs)
        );
        let drawn = shape.drawn_gpus().saturating_sub(shape.world_size);
        if drawn < shape.missing {
            text.push_str(&[" ", &grouped(drawn), " of them are drawn."].concat());
        }
        return Some(text);
    }
    let left = shape.world_size.saturating_sub(paint.assigned);
    (left > 0).then(|| {
        let are = counted(left, "GPU is", "GPUs are");
        format!("{are} in no group, because the sizes do not multiply to the cluster.")
    })
}

/// That a cluster is not drawn, in a sentence.
pub fn not_drawn(shape: &Shape) -> Option<String> {
    (shape.drawn_nodes == 0).then(|| {
        format!(
            "More than {} GPUs are not drawn; the figures hold.",
            grouped(MOST_GPUS)
        )
    })
}

/// A rank and its place, for a screen reader: `Rank 5, node 0, slot 5. TP rank 1 of 2, DP rank 2 of 8.`
pub fn spoken(plan: &Plan, rank: u64) -> String {
    let Some(rank) = Rank::of(plan, rank) else {
        return String::new();
    };
    let mut text = format!(
        "Rank {}, node {}, slot {}.",
        rank.rank, rank.node, rank.slot
    );
    let Some(place) = &rank.place else {
        text.push_str(" It is in no group.");
        return text;
    };
    let shared = place.groups.iter().filter(|group| group.size > 1);
    if shared.clone().next().is_none() {
        text.push_str(" It shares nothing with another GPU.");
        return text;
    }
    for (i, group) in shared.enumerate() {
        let name = group.dimension.name();
        text.push_str(if i == 0 { " " } else { ", " });
        text.push_str(&format!(
            "{name} rank {} of {}",
            group.coordinate, group.size
        ));
    }
    text.push('.');
    text
}

/// Ranks in words: all of up to eight, else the first three and the last.
pub(super) fn ranks(members: impl Iterator<Item = u64>, size: u64, last: u64) -> String {
    let all = size <= LISTED_RANKS;
    let listed: Vec<String> = members
        .take(if all { 8 } else { 3 })
        .map(|rank| rank.to_string())
        .collect();
    let text = listed.join(", ");
    if all {
        text
    } else {
        format!("{text}, … {last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;

    fn preset(id: &str) -> Config {
        let preset = presets::PLANS.iter().find(|plan| plan.id == id);
        preset.expect("a preset").config()
    }

    fn with(field: Field, n: u64) -> Config {
        Edit::count(field, n).apply(&presets::opening())
    }

    #[track_caller]
    fn says(config: &Config, dim: Dim, expected: &str) {
        assert_eq!(sentence(&Paint::of(&Plan::of(config), dim)), expected);
    }

    #[track_caller]
    fn sums_up(config: &Config, expected: &str) {
        let plan = Plan::of(config);
        let text = summary(&Shape::of(&plan), &Paint::of(&plan, Dim::Tp));
        assert_eq!(text, expected);
    }

    #[test]
    fn the_groups_of_a_dimension_in_a_sentence() {
        let opening = presets::opening();
        says(&opening, Dim::Tp, "8 groups of 2, all inside a node");
        says(&opening, Dim::Dp, "2 groups of 8, all cross nodes");
        says(
            &opening,
            Dim::Pp,
            "PP is 1, so every GPU is a group of its own",
        );
        says(
            &opening,
            Dim::Ep,
            "the model has no experts, so there is no EP group",
        );
        says(
            &with(Field::Tp, 16),
            Dim::Tp,
            "1 group of 16, it crosses nodes",
        );
        says(
            &with(Field::NumNodes, 1),
            Dim::Tp,
            "4 groups of 2, all inside a node",
        );
        says(
            &with(Field::Tp, 3),
            Dim::Tp,
            "5 groups of 3, 1 crosses nodes",
        );
        says(
            &preset("guide-8x3b-8"),
            Dim::Ep,
            "1 group of 8, inside a node",
        );
        let none = "the sizes need more GPUs than there are, so there is no TP group";
        says(&with(Field::Tp, 32), Dim::Tp, none);
    }

    #[test]
    fn a_rack_is_one_nvlink_domain() {
        let rack = Edit::one(Field::Gpu, Value::Text("gb200-186gb".into()))
            .and(Field::Node, Value::Unset)
            .and(Field::NumNodes, Value::Count(36))
            .and(Field::Tp, Value::Count(8))
            .apply(&presets::opening());
        says(
            &rack,
            Dim::Tp,
            "18 groups of 8, all inside an NVLink domain of 72 GPUs",
        );
        says(
            &rack,
            Dim::Dp,
            "8 groups of 18, all cross NVLink domains of 72 GPUs",
        );
    }

    #[test]
    fn the_picture_in_a_sentence() {
        sums_up(
            &presets::opening(),
            "16 GPUs on 2 nodes, coloured by TP: 8 groups of 2, all inside a node.",
        );
        sums_up(
            &with(Field::Tp, 3),
            "16 GPUs on 2 nodes, coloured by TP: 5 groups of 3, 1 crosses nodes. TP leaves its node \
             in 1 of 5 groups. 1 GPU is in no group, because the sizes do not multiply to the \
             cluster.",
        );
        sums_up(
            &with(Field::NumNodes, 4096),
            "32,768 GPUs on 4,096 nodes, coloured by TP: 16,384 groups of 2, all inside a node.",
        );
        sums_up(
            &with(Field::Tp, 32),
            "16 GPUs on 2 nodes, coloured by TP: the sizes need more GPUs than there are, so there \
             is no TP group. 16 GPUs are missing: one replica of the model needs 32.",
        );
        sums_up(
            &with(Field::NumNodes, 1 << 20),
            "8,388,608 GPUs on 1,048,576 nodes, coloured by TP: 4,194,304 groups of 2, all inside \
             a node. More than 1,048,576 GPUs are not drawn; the figures hold.",
        );
    }

    #[test]
    fn the_legend_names_the_first_groups() {
        let plan = Plan::of(&presets::opening());
        let entries = |dim| legend(&Paint::of(&plan, dim));
        assert_eq!(entries(Dim::Tp).len(), 8);
        let two = [(Shade::Hue(0), "DP group 0"), (Shade::Hue(1), "1")];
        assert_eq!(
            entries(Dim::Dp),
            two.map(|(shade, text)| (shade, text.to_owned()))
        );
        let wide = Plan::of(&with(Field::NumNodes, 4));
        let last = legend(&Paint::of(&wide, Dim::Tp)).pop();
        assert_eq!(last.expect("an entry").1, "7, … more in these colours");
        assert!(entries(Dim::Pp).is_empty());
    }

    #[test]
    fn the_dp_of_a_moe_model_is_explained() {
        let plan = Plan::of(&preset("guide-64x3b-64"));
        let text = note(&plan, &Paint::of(&plan, Dim::Dp)).expect("a note");
        assert!(text.contains("DP 64") && text.contains("DP 8") && text.contains("EDP 8"));
        assert_eq!(note(&plan, &Paint::of(&plan, Dim::Tp)), None);
        let mesh = |dim| mesh_words(&Paint::of(&plan, dim)).expect("a mesh");
        assert_eq!(mesh(Dim::Dp), "Dense mesh: TP 1 · CP 1 · DP 64 · PP 1");
        assert_eq!(mesh(Dim::Ep), "Expert mesh: ETP 1 · EP 8 · EDP 8 · PP 1");
        let dense = Plan::of(&presets::opening());
        assert_eq!(note(&dense, &Paint::of(&dense, Dim::Dp)), None);
    }

    #[test]
    fn a_rank_is_spoken_with_its_coordinates() {
        let plan = Plan::of(&presets::opening());
        assert_eq!(
            spoken(&plan, 5),
            "Rank 5, node 0, slot 5. TP rank 1 of 2, DP rank 2 of 8."
        );
        let plan = Plan::of(&with(Field::Tp, 3));
        assert_eq!(
            spoken(&plan, 15),
            "Rank 15, node 1, slot 7. It is in no group."
        );
    }
}
