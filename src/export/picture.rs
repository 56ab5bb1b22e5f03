//! Pictures of a plan as a file.

use super::one_line;
use crate::core::Plan;
use crate::diagram::colours::Theme;
use crate::diagram::scene::Figure;
use crate::diagram::{ColourBy, Document, Look, PICTURES, Picture, picture_named, svg};

/// The name under which every picture is asked for.
pub const ALL: &str = "all";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish<'a> {
    /// The name of a picture, or [`ALL`].
    pub picture: &'a str,
    /// How it looks.
    pub look: Look,
    /// Light or dark.
    pub theme: Theme,
    /// The link of the plan, alone or as a whole address.
    pub link: &'a str,
}

/// A file.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The text of an SVG file.
    pub svg: String,
    /// Pictures that the plan does not have, and why.
    pub left_out: Vec<String>,
}

/// The pictures of a plan that are asked for. `verdict` is the line of the report.
///
/// # Errors
/// Says why there is none.
pub fn picture(plan: &Plan, verdict: &str, wish: &Wish) -> Result<Drawn, String> {
    let asked: &[Picture] = match picture_named(wish.picture) {
        Some(picture) => std::slice::from_ref(picture),
        None if wish.picture == ALL => PICTURES,
        None => {
            let there: Vec<&str> = PICTURES.iter().map(|picture| picture.name).collect();
            let there = there.join(", ");
            return Err([
                "There is no picture of this name; there are ",
                &there,
                " and all.",
            ]
            .concat());
        }
    };
    let mut figures: Vec<Figure> = Vec::new();
    let mut left_out = Vec::new();
    for picture in asked {
        match (picture.draw)(plan, wish.look) {
            Ok(figure) => figures.push(figure),
            Err(why) => left_out.push([picture.title, ": ", &why].concat()),
        }
    }
    if figures.is_empty() {
        return Err(left_out.join(" "));
    }
    let text = svg(&Document {
        title: &one_line(&plan.title()),
        verdict: &one_line(verdict),
        link: wish.link,
        theme: wish.theme,
        figures: &figures,
    });
    Ok(Drawn {
        svg: text,
        left_out,
    })
}

/// The name of a file without its ending, in letters, digits and hyphens:
/// `meshplan-llama3-8b-16-gpus-tp`. Of the GPUs it says the colour, of another picture its name.
pub fn file_name(plan: &Plan, picture: &str, colour: ColourBy) -> String {
    // What a preset is called by is shorter than its name.
    let model = plan.config.model.preset.as_ref();
    let by = ["by ", colour.word()].concat();
    let of = match (picture, colour) {
        ("grid", ColourBy::Groups(_)) => colour.word(),
        // There is a picture of the memory of each stage, too.
        ("grid", ColourBy::Figure(_)) => by.as_str(),
        _ => picture,
    };
    let gpus = plan.cluster.world_size.to_string();
    let model = slug(model.unwrap_or(&plan.model.name));
    let parts = ["meshplan", &model, &gpus, "gpus", &slug(of)];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

/// A text in small letters, digits and single hyphens, of a length that a file's name has room for.
fn slug(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut slug = String::new();
    for c in text.chars().take(LONGEST) {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::mesh::Dim;
    use crate::core::presets;

    #[track_caller]
    fn named(config: &Config, picture: &str, expected: &str) {
        assert_eq!(
            file_name(&Plan::of(config), picture, ColourBy::Groups(Dim::Tp)),
            expected
        );
    }

    #[test]
    fn a_file_is_named_after_its_plan() {
        let opening = presets::opening();
        let model =
            |id: &str| Edit::one(Field::ModelPreset, Value::Text(id.to_owned())).apply(&opening);
        named(&opening, "grid", "meshplan-guide-7b-16-gpus-tp");
        named(&opening, "schedule", "meshplan-guide-7b-16-gpus-schedule");
        named(&model("llama3-8b"), "grid", "meshplan-llama3-8b-16-gpus-tp");
        named(
            &model("../Ä \u{202e} b\\c"),
            "all",
            "meshplan-b-c-16-gpus-all",
        );
    }

    #[test]
    fn a_picture_that_is_not_there_names_those_that_are() {
        let plan = Plan::of(&presets::opening());
        let wish = Wish {
            picture: "map",
            look: Look::coloured(ColourBy::Groups(Dim::Tp)),
            theme: Theme::Light,
            link: "",
        };
        let refused = picture(&plan, "", &wish).expect_err("no picture");
        assert!(refused.contains("there are grid"), "{refused}");
    }
}
