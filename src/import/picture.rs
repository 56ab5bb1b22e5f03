//! The link of a plan in a picture that was saved from Meshplan.

use crate::export::png::{KEYWORD, SIGNATURE, TEXT, checksum};
use crate::export::{LONGEST_LINK_IN_PICTURE, PLAN_ELEMENT};

/// What is said of a picture without a plan.
pub const NO_PLAN: &str = "This picture holds no plan: only pictures saved from Meshplan do.";

/// How far into a text the beginning of a drawing is looked for: behind comments and the like.
const PROLOGUE: usize = 4096;

/// What the formats of pictures begin with that hold no plan: JPEG, GIF, WebP and AVIF.
const OTHERS: [(usize, &[u8]); 4] = [
    (0, b"\xff\xd8\xff"),
    (0, b"GIF8"),
    (8, b"WEBP"),
    (4, b"ftypavif"),
];

/// Whether bytes are a picture, be it only the first of them.
pub fn is_picture(bytes: &[u8]) -> bool {
    let other =
        |(at, magic): &(usize, &[u8])| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    bytes.starts_with(&SIGNATURE) || is_svg(bytes) || OTHERS.iter().any(other)
}

/// The link of a plan in the bytes of a picture, alone or as a whole address. None where there is
/// none, or where it is damaged.
pub fn link_of(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(&SIGNATURE) {
        of_png(bytes)
    } else if is_svg(bytes) {
        of_svg(bytes)
    } else {
        None
    }
}

/// Whether bytes are the text of a drawing.
fn is_svg(bytes: &[u8]) -> bool {
    let start = bytes.get(..PROLOGUE).unwrap_or(bytes);
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.trim_ascii_start().starts_with(b"<") && find(start, b"<svg").is_some()
}

/// Where bytes stand in others: a search of texts would bring much along.
fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|there| there == part)
}

fn of_png(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes.get(SIGNATURE.len()..)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (data, after) = after.split_at_checked(length)?;
        let (crc, after) = after.split_first_chunk::<4>()?;
        if *kind == TEXT
            && let Some(link) = of_text(data)
        {
            let whole = checksum(*kind, data) == u32::from_be_bytes(*crc);
            return whole.then_some(link);
        }
        rest = after;
    }
}

/// The link in a chunk of text, where the text is a link's: uncompressed, of whatever language.
fn of_text(data: &[u8]) -> Option<String> {
    let data = data.strip_prefix(KEYWORD.as_bytes())?;
    let data = data.strip_prefix(&[0, 0, 0])?;
    // Language and translated keyword, each ended by a zero.
    let text = data.splitn(3, |byte| *byte == 0).nth(2)?;
    let text = text.get(..LONGEST_LINK_IN_PICTURE).unwrap_or(text);
    std::str::from_utf8(text).ok().map(str::to_owned)
}

/// The text of the element that holds the link. Words of a plan cannot begin an element, so the first
/// one is it.
fn of_svg(bytes: &[u8]) -> Option<String> {
    let start = ["<", PLAN_ELEMENT].concat();
    let element = bytes.get(find(bytes, start.as_bytes())?..)?;
    let element = element.get(..LONGEST_LINK_IN_PICTURE).unwrap_or(element);
    let mut parts = element.split(|byte| matches!(byte, b'<' | b'>')).skip(2);
    let text = std::str::from_utf8(parts.next()?).ok()?;
    // What is cut may be the link itself.
    parts.next()?;
    Some(unescaped(text.trim())).filter(|link| !link.is_empty())
}

/// Text of XML as it is meant.
fn unescaped(text: &str) -> String {
    const SIGNS: [(&str, char); 5] = [
        ("lt;", '<'),
        ("gt;", '>'),
        ("quot;", '"'),
        ("apos;", '\''),
        ("amp;", '&'),
    ];
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let sign = SIGNS
            .iter()
            .find_map(|(name, sign)| Some((*sign, part.strip_prefix(name)?)));
        let (sign, rest) = sign.unwrap_or(('&', part));
        plain.push(sign);
        plain.push_str(rest);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::png::with_link;
    use proptest::prelude::*;

    const LINK: &str = "https://plan.example/?a=1&b=2#v1.m-guide-7b.tp-2.z";

    /// A PNG of one black pixel.
    const PIXEL: &[u8] = &[
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0,
        0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, 0x49, 0x44,
        0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0,
        0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
    ];

    fn saved() -> Vec<u8> {
        with_link(PIXEL, "7B dense × 2", LINK).expect("a PNG")
    }

    fn drawing(link: &str) -> String {
        crate::diagram::svg(&crate::diagram::Document {
            title: "<meshplan:plan>v1.z</meshplan:plan>",
            verdict: "",
            link,
            theme: crate::diagram::colours::Theme::Light,
            figures: &[],
        })
    }

    #[track_caller]
    fn holds(bytes: &[u8], link: Option<&str>) {
        assert!(is_picture(bytes));
        assert_eq!(link_of(bytes).as_deref(), link);
    }

    #[test]
    fn a_link_comes_back_out_of_both_kinds_of_picture() {
        holds(&saved(), Some(LINK));
        holds(drawing(LINK).as_bytes(), Some(LINK));
        let before = ["\u{feff}\n<?xml version=\"1.0\"?>\n", &drawing(LINK)].concat();
        holds(before.as_bytes(), Some(LINK));
    }

    #[test]
    fn pictures_of_others_hold_none() {
        holds(PIXEL, None);
        holds(drawing("").as_bytes(), None);
        holds(b"<svg xmlns='http://www.w3.org/2000/svg'/>", None);
        holds(b"\xff\xd8\xff\xe0\0\x10JFIF", None);
        holds(b"GIF89a", None);
        holds(b"RIFF\x24\0\0\0WEBPVP8 ", None);
    }

    #[test]
    fn what_is_no_picture_is_none() {
        for text in [
            "",
            "v1.z",
            LINK,
            "torchrun a.py --x < b",
            "{\"a\": \"<svg\"}",
        ] {
            assert!(!is_picture(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_damaged_chunk_opens_no_other_plan() {
        let png = saved();
        let at = png
            .windows(4)
            .position(|part| part == b"tp-2")
            .expect("the link");
        let mut other = png.clone();
        other[at + 3] = b'4';
        holds(&other, None);
    }

    #[test]
    fn the_first_bytes_are_enough() {
        let png = saved();
        let pixels = png
            .windows(4)
            .position(|part| part == b"IDAT")
            .expect("pixels");
        holds(&png[..pixels - 4], Some(LINK));
        holds(&png[..60], None);
    }

    proptest! {
        #[test]
        fn no_bytes_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (is_picture(&bytes), link_of(&bytes));
            let _ = link_of(&[&SIGNATURE[..], &bytes].concat());
            let _ = link_of(&[b"<svg <meshplan:plan".as_slice(), &bytes].concat());
            let _ = link_of(&[&PIXEL[..33], &bytes, &saved()[33..]].concat());
        }

        #[test]
        fn a_picture_with_a_wrong_byte_gives_its_link_or_none(at in 0..220_usize, bit in 0..8_u8) {
            let mut png = saved();
            let at = at % png.len();
            png[at] ^= 1 << bit;
            let found = link_of(&png);
            prop_assert!(found.is_none() || found.as_deref() == Some(LINK), "{found:?}");
        }

        #[test]
        fn any_link_comes_back(link in "[a-z:/.?&=<>\"'#0-9_-]{1,80}") {
            let png = with_link(PIXEL, "", &link).expect("a PNG");
            prop_assert_eq!(link_of(&png), Some(link.clone()));
            prop_assert_eq!(link_of(drawing(&link).as_bytes()), Some(link));
        }
    }
}
