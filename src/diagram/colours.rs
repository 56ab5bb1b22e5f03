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
/// The hues of groups: Okabe and Ito’s palette with a grey in place of black, which people with any
/// colour vision tell apart.
pub const HUES: [Colour; 8] = [
    colour("var(--h0)", "#e69f00", "#e69f00"),
    colour("var(--h1)", "#56b4e9", "#56b4e9"),
    colour("var(--h2)", "#009e73", "#009e73"),
    colour("var(--h3)", "#0072b2", "#0072b2"),
    colour("var(--h4)", "#d55e00", "#d55e00"),
    colour("var(--h5)", "#cc79a7", "#cc79a7"),
    colour("var(--h6)", "#f0e442", "#f0e442"),
    colour("var(--h7)", "#686868", "#686868"),
];
/// The colour of words on a hue, by its place.
pub const fn on_hue(at: usize) -> Colour {
    match at {
        3 | 7 => ON_DARK,
        _ => ON_LIGHT,
    }
}

/// The steps of a scale from few to much, ever darker in both themes: their lightness alone tells
/// them apart.
pub const STEPS: [Colour; 6] = [
    colour("var(--s0)", "#e9f2fa", "#e9f2fa"),
    colour("var(--s1)", "#b6d3eb", "#b6d3eb"),
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
    use crate::diagram::SHADES;

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

    type Three = [f64; 3];

    /// How a dichromat sees linear light: Machado, Oliveira and Fernandes, "A physiologically-based
    /// model for simulation of color vision deficiency" (2009), severity 1.0.
    const VISIONS: [(&str, [Three; 3]); 4] = [
        ("full", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protan",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deutan",
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
        ),
        (
            "tritan",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];

    fn times(matrix: &[Three; 3], v: Three) -> Three {
        std::array::from_fn(|row| (0..3).map(|i| matrix[row][i] * v[i]).sum())
    }

    /// Linear light of `#rrggbb`.
    fn linear(hex: &str) -> Three {
        std::array::from_fn(|i| {
            let part = u8::from_str_radix(&hex[1 + 2 * i..3 + 2 * i], 16).expect("a colour");
            let c = f64::from(part) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// CIE L*a*b* under D65.
    fn lab(light: Three) -> Three {
        let light = light.map(|c| c.clamp(0.0, 1.0));
        let xyz = times(
            &[
                [0.412_456, 0.357_576, 0.180_438],
                [0.212_673, 0.715_152, 0.072_175],
                [0.019_334, 0.119_192, 0.950_304],
            ],
            light,
        );
        let f = |t: f64| {
            if t > 0.008_856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        let [x, y, z] = [f(xyz[0] / 0.950_47), f(xyz[1]), f(xyz[2] / 1.088_83)];
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// CIEDE2000 (Sharma, Wu and Dalal, 2005).
    fn difference(one: Three, two: Three) -> f64 {
        let chroma = |lab: Three| lab[1].hypot(lab[2]);
        let mean = f64::midpoint(chroma(one), chroma(two)).powi(7);
        let g = 0.5 * (1.0 - (mean / (mean + 25_f64.powi(7))).sqrt());
        let bent = |lab: Three| {
            let (a, b) = (lab[1] * (1.0 + g), lab[2]);
            let hue = if a == 0.0 && b == 0.0 {
                0.0
            } else {
                b.atan2(a).to_degrees().rem_euclid(360.0)
            };
            (a.hypot(b), hue)
        };
        let ((c1, h1), (c2, h2)) = (bent(one), bent(two));
        let mut dh = h2 - h1;
        if dh.abs() > 180.0 {
            dh -= 360.0 * dh.signum();
        }
        if c1 * c2 == 0.0 {
            dh = 0.0;
        }
        let dl = two[0] - one[0];
        let dc = c2 - c1;
        let dh_big = 2.0 * (c1 * c2).sqrt() * (dh / 2.0).to_radians().sin();
        let (l, c) = (f64::midpoint(one[0], two[0]), f64::midpoint(c1, c2));
        let h = if c1 * c2 == 0.0 {
            h1 + h2
        } else if (h1 - h2).abs() <= 180.0 {
            f64::midpoint(h1, h2)
        } else {
            (f64::midpoint(h1, h2) + 180.0).rem_euclid(360.0)
        };
        let cos = |degrees: f64| degrees.to_radians().cos();
        let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0)
            - 0.20 * cos(4.0 * h - 63.0);
        let sl = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
        let (sc, sh) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
        let turn = 30.0 * (-((h - 275.0) / 25.0).powi(2)).exp();
        let c7 = c.powi(7);
        let rt = -(2.0 * turn).to_radians().sin() * 2.0 * (c7 / (c7 + 25_f64.powi(7))).sqrt();
        let (l, c, h) = (dl / sl, dc / sc, dh_big / sh);
        (l * l + c * c + h * h + rt * c * h).sqrt()
    }

    #[test]
    fn the_difference_is_that_of_the_published_pairs() {
        // Sharma, Wu and Dalal, table 1, pairs 1, 7 and 25.
        for (one, two, expected) in [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            (
                [60.2574, -34.0099, 36.2677],
                [60.4626, -34.1751, 39.4387],
                1.2644,
            ),
        ] {
            assert!((difference(one, two) - expected).abs() < 1e-4, "{one:?}");
        }
    }

    /// Any two of the colours differ by so much for every vision.
    #[track_caller]
    fn differ(colours: &[Colour], least: f64) {
        for (vision, matrix) in &VISIONS {
            for (i, one) in colours.iter().enumerate() {
                for two in &colours[i + 1..] {
                    let seen = |colour: &Colour| lab(times(matrix, linear(colour.light)));
                    let apart = difference(seen(one), seen(two));
                    assert!(apart >= least, "{} {} {vision}: {apart}", one.css, two.css);
                }
            }
        }
    }

    #[test]
    fn hues_and_steps_are_told_apart_with_any_colour_vision() {
        differ(&HUES, 10.0);
        differ(&STEPS, 8.0);
    }

    #[test]
    fn steps_get_darker_one_by_one_with_any_colour_vision() {
        for (vision, matrix) in &VISIONS {
            let light = |colour: &Colour| lab(times(matrix, linear(colour.light)))[0];
            for pair in STEPS.windows(2) {
                assert!(
                    light(&pair[0]) > light(&pair[1]) + 8.0,
                    "{vision} {}",
                    pair[1].css
                );
            }
        }
    }

    /// WCAG's contrast of two colours.
    fn contrast(one: &str, two: &str) -> f64 {
        let of = |hex: &str| {
            let [r, g, b] = linear(hex);
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        let (one, two) = (of(one), of(two));
        one.max(two) / one.min(two)
    }

    #[test]
    fn words_on_every_shade_are_legible() {
        for shade in SHADES {
            let Some(fill) = shade.style().fill else {
                continue;
            };
            for theme in [Theme::Light, Theme::Dark] {
                let long = |hex: &str| match hex.len() {
                    4 => hex
                        .chars()
                        .skip(1)
                        .fold("#".to_owned(), |all, c| all + &format!("{c}{c}")),
                    _ => hex.to_owned(),
                };
                let seen = contrast(&long(fill.hex(theme)), &long(shade.words().hex(theme)));
                assert!(seen >= 4.5, "{shade:?} {theme:?}: {seen}");
            }
        }
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
