//! The experts of one layer on their EP ranks, each split over ETP.

use super::rank_row::{Held, WIDTH, range, ranks_row};
use super::scene::{Figure, Scene};
use crate::core::experts::Experts;
use crate::core::plan::Plan;
use crate::core::units::{counted, grouped};

/// The experts of one layer on their EP ranks.
///
/// # Errors
/// Says why there is nothing to draw.
pub fn experts_figure(plan: &Plan) -> Result<Figure, String> {
    let ep = plan.sizes.expert_model_parallel_size;
    let Some(moe) = &plan.model.moe else {
        return Err("The model is dense: it has no experts.".to_owned());
    };
    let Some(experts) = known_experts(plan) else {
        let all = grouped(moe.num_experts);
        return Err(["EP ", &grouped(ep), " does not divide ", &all, " experts."].concat());
    };
    let mut scene = Scene {
        width: WIDTH,
        ..Scene::default()
    };
    scene.height = experts_row(&mut scene, plan, &experts, 0.0);
    let etp = plan.sizes.expert_tensor_parallel_size;
    let split = if etp > 1 {
        [
            "; each is split over the ",
            &grouped(etp),
            " GPUs of an ETP group",
        ]
        .concat()
    } else {
        String::new()
    };
    let summary = [
        "The ",
        &counted(experts.num_experts, "expert", "experts"),
        " of one layer on ",
        &counted(ep, "EP rank", "EP ranks"),
        " in order, ",
        &grouped(experts.experts_per_gpu),
        " on each",
        &split,
        ".",
    ];
    Ok(Figure {
        title: "Experts of one layer".to_owned(),
        summary: summary.concat(),
        legend: Vec::new(),
        scene,
    })
}

/// The experts of a plan, where EP shares them out evenly.
pub fn known_experts(plan: &Plan) -> Option<Experts> {
    Experts::of(plan).filter(|experts| experts.experts_per_gpu > 0)
}

/// Draws the experts of each EP rank and tells where they end.
pub fn experts_row(scene: &mut Scene, plan: &Plan, experts: &Experts, top: f64) -> f64 {
    let (ep, etp) = (
        plan.sizes.expert_model_parallel_size,
        plan.sizes.expert_tensor_parallel_size,
    );
    let all = counted(experts.num_experts, "expert", "experts");
    let mut title = [&all, " of one layer over EP ", &grouped(ep)].concat();
    if etp > 1 {
        title.push_str(&[", each split over ETP ", &grouped(etp)].concat());
    }
    ranks_row(scene, top, (title, ep), &|rank| Held {
        name: ["EP rank ", &grouped(rank)].concat(),
        on: experts.on(rank),
        hue: Some(rank),
        parts: etp,
        words: vec![range(["expert", "experts"], experts.on(rank))],
    })
}

#[cfg(test)]
mod tests {
    use super::super::checked::{is_sound, words};
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets::models;

    fn plan(model: &str, set: &[(Field, u64)]) -> Plan {
        let start = Edit::one(Field::ModelPreset, Value::Text(model.into()));
        let edit = set
            .iter()
            .fold(start, |edit, (field, n)| edit.and(*field, Value::Count(*n)));
        Plan::of(&edit.apply(&Config::default()))
    }

    #[track_caller]
    fn experts_say(model: &str, set: &[(Field, u64)], texts: &[&str]) {
        let figure = experts_figure(&plan(model, set)).expect("experts");
        is_sound(&figure);
        let all = words(&figure).join(" ");
        for text in texts {
            assert!(all.contains(text), "{text} in {all}");
        }
    }

    #[test]
    fn experts_lie_on_their_ranks() {
        experts_say(
            "mixtral-8x7b",
            &[(Field::Ep, 4)],
            &["EP rank 3", "experts 6 to 7"],
        );
        experts_say("mixtral-8x7b", &[(Field::Ep, 8)], &["expert 7"]);
        experts_say(
            "deepseek-v3",
            &[(Field::Ep, 64), (Field::Etp, 2)],
            &["59 more", "252 to 255", "each split over ETP 2"],
        );
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        assert!(experts_figure(&plan("llama3-8b", &[])).is_err());
        let uneven = experts_figure(&plan("mixtral-8x7b", &[(Field::Ep, 3)]));
        assert_eq!(uneven, Err("EP 3 does not divide 8 experts.".to_owned()));
    }

    #[test]
    fn the_experts_of_every_model_are_drawn_inside_their_picture() {
        let with_experts = models().filter(|model| model.moe.is_some());
        let mut drawn = 0;
        for model in with_experts {
            for (ep, etp) in [(1, 1), (2, 200), (8, 4)] {
                let plan = plan(model.id, &[(Field::Ep, ep), (Field::Etp, etp)]);
                is_sound(&experts_figure(&plan).expect("experts"));
                drawn += 1;
            }
        }
        assert!(drawn > 20);
    }
}
