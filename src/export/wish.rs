//! What is asked of a picture in words, as the command line and scripts ask.

use super::picture::{ALL, Wish};
use crate::core::mesh::Dim;
use crate::diagram::colours::Theme;
use crate::diagram::{ColourBy, Look, PICTURES, colour_named};

/// A word that an option does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// The option: `color`.
    pub option: &'static str,
    /// The word.
    pub word: String,
    /// The words that there are: `light, dark`.
    pub there: String,
}

impl UnknownWord {
    fn new(option: &'static str, word: &str, there: &[&str]) -> UnknownWord {
        UnknownWord {
            option,
            word: word.to_owned(),
            there: there.join(", "),
        }
    }

    /// The same as a sentence.
    pub fn message(&self) -> String {
        let UnknownWord { word, there, .. } = self;
        ["“", word, "” is not known; there are ", there, "."].concat()
    }
}

/// What a picture, a colour and a theme ask for by their names; without a name the GPUs, by TP, in
/// light. The link is left empty.
///
/// # Errors
/// Names the option whose word is not known.
pub fn wish(
    picture: Option<&str>,
    color: Option<&str>,
    theme: Option<&str>,
) -> Result<Wish<'static>, UnknownWord> {
    let pictures: Vec<&'static str> = PICTURES.iter().map(|picture| picture.name).collect();
    let pictures = [&*pictures, &[ALL]].concat();
    let wanted = picture.or(pictures.first().copied()).unwrap_or(ALL);
    let picture = pictures.iter().find(|known| **known == wanted);
    let picture = picture.ok_or_else(|| UnknownWord::new("picture", wanted, &pictures))?;
    let colour = match color {
        None => ColourBy::Groups(Dim::Tp),
        Some(name) => colour_named(name)
            .ok_or_else(|| UnknownWord::new("color", name, &ColourBy::ALL.map(ColourBy::word)))?,
    };
    let theme = match theme {
        None | Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        Some(name) => return Err(UnknownWord::new("theme", name, &["light", "dark"])),
    };
    Ok(Wish {
        picture,
        look: Look::coloured(colour),
        theme,
        link: "",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_and_colour_is_asked_for_by_its_name() {
        for name in PICTURES.iter().map(|picture| picture.name).chain([ALL]) {
            assert_eq!(wish(Some(name), None, None).map(|w| w.picture), Ok(name));
        }
        for by in ColourBy::ALL {
            let colour = wish(None, Some(by.word()), None).map(|w| w.look.colour);
            assert_eq!(colour, Ok(by));
        }
        assert_eq!(
            wish(None, None, None),
            wish(Some("grid"), Some("TP"), Some("light"))
        );
        assert_eq!(
            wish(None, None, Some("dark")).map(|w| w.theme),
            Ok(Theme::Dark)
        );
    }

    #[test]
    fn a_word_that_is_not_known_names_its_option_and_those_that_are() {
        let dusk = wish(None, None, Some("dusk")).expect_err("no theme");
        assert_eq!(dusk.option, "theme");
        assert_eq!(
            dusk.message(),
            "“dusk” is not known; there are light, dark."
        );
        let map = wish(Some("map"), None, None).expect_err("no picture");
        assert_eq!(
            (map.option, map.there.starts_with("grid, ")),
            ("picture", true)
        );
        let rank = wish(None, Some("rank"), None).expect_err("no colour");
        assert_eq!(
            (rank.option, rank.there.ends_with("network")),
            ("color", true)
        );
    }
}
