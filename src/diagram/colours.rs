//! The colours of every picture, by the names that `style/tokens.css` gives them. The page takes
//! them from there, so that a picture follows its theme; a file has none and takes the values here.
//! A test compares the two.

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark words on a light ground.
    Light,
    /// Light words on a dark ground.
    Dark,
}

/// A colour by its meaning: its name in the style sheet, and its values in light and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// As the value of an attribute on the page: `var(--ink)`.
    pub css: &'static str,
    light: &'static str,
    dark: &'static str,
}

const fn colour(css: &'static str, light: &'static str, dark: &'static str) -> Colour {
    Colour { css, light, dark }
}

/// The ground of a card, and of a file.
pub const PANEL: Colour = colour("var(--panel)", "#fff", "#1b1b19");
/// The ground of a box.
pub const SUNK: Colour = colour("var(--sunk)", "#f1f1ed", "#161614");
/// Words and lines that matter.
pub const INK: Colour = colour("var(--ink)", "#1c1c19", "#ecebe5");
/// Words beside the matter.
pub const MUTED: Colour = colour("var(--muted)", "#5f5f58", "#a9a89f");
/// The line around a box.
pub const LINE: Colour = colour("var(--line-strong)", "#c9c8c0", "#46453f");
/// The line around what is nearly empty.
pub const CONTROL: Colour = colour("var(--control)", "#8b8b83", "#807f77");
/// What is wrong.
pub const BAD: Colour = colour("var(--bad)", "#ad2418", "#ff9488");
/// Words on a light hue.
pub const ON_LIGHT: Colour = colour("var(--on-light)", "#111", "#111");
/// Words on a dark hue.
pub const ON_DARK: Colour = colour("var(--on-dark)", "#fff", "#fff");
/// The hues of groups: Okabe and Ito's palette, which people with any colour vision tell apart.
pub const HUES: [Colour; 8] = [
    colour("var(--h0)", "#e69f00", "#e69f00"),
    colour("var(--h1)", "#56b4e9", "#56b4e9"),
    colour("var(--h2)", "#009e73", "#009e73"),
    colour("var(--h3)", "#0072b2", "#0072b2"),
    colour("var(--h4)", "#d55e00", "#d55e00"),
    colour("var(--h5)", "#cc79a7", "#cc79a7"),
    colour("var(--h6)", "#f0e442", "#f0e442"),
    colour("var(--h7)", "#999999", "#999999"),
];
/// The steps of a scale from few to much, ever darker in both themes: their lightness alone tells
/// them apart.
pub const STEPS: [Colour; 6] = [
    colour("var(--s0)", "#dceaf6", "#dceaf6"),
    colour("var(--s1)", "#b3d1ea", "#b3d1ea"),
    colour("var(--s2)", "#82b4db", "#82b4db"),
    colour("var(--s3)", "#5296cb", "#5296cb"),
    colour("var(--s4)", "#2270ad", "#2270ad"),
    colour("var(--s5)", "#0b4a82", "#0b4a82"),
];
/// The parts of memory, in the order weights, gradients, optimizer, activations, overhead.
pub const MEMORY: [Colour; 5] = [
    colour("var(--m-weights)", "#0072b2", "#0072b2"),
    colour("var(--m-gradients)", "#56b4e9", "#56b4e9"),
    colour("var(--m-optimizer)", "#009e73", "#009e73"),
    colour("var(--m-activations)", "#e69f00", "#e69f00"),
    colour("var(--m-overhead)", "#a8a79e", "#6f6e66"),
];

impl Colour {
    /// The colour in a file of a theme: `#1c1c19`.
    pub fn hex(self, theme: Theme) -> &'static str {
        match theme {
            Theme::Light => self.light,
            Theme::Dark => self.dark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a token in the style sheet: one for both themes, or `light-dark(…, …)`.
    #[track_caller]
    fn stands_in_the_sheet(colour: Colour) {
        let sheet = include_str!("../../style/tokens.css");
        let name = colour.css.trim_start_matches("var(").trim_end_matches(')');
        let value = if colour.light == colour.dark {
            format!("{name}: {};", colour.light)
        } else {
            format!("{name}: light-dark({}, {});", colour.light, colour.dark)
        };
        assert!(sheet.contains(&value), "tokens.css has no “{value}”");
    }

    #[test]
    fn files_have_the_colours_of_the_page() {
        let named = [
            PANEL, SUNK, INK, MUTED, LINE, CONTROL, BAD, ON_LIGHT, ON_DARK,
        ];
        for colour in named.into_iter().chain(HUES).chain(STEPS).chain(MEMORY) {
            stands_in_the_sheet(colour);
        }
    }
}
