//! A plan inside another page: the HTML that its author pastes there.
//!
//! What a plan is called may come from anyone's link: everything here is escaped for the quotes of
//! an attribute, so that it adds no markup to the page it is pasted into.

use super::one_line;
use crate::diagram::escaped;

/// A height for each view, in CSS pixels, that shows its beginning without a bar to scroll by. A
/// frame without a script around it cannot follow its content.
const HEIGHTS: [(&str, &str); 5] = [
    ("summary", "280"),
    ("diagram", "480"),
    ("memory", "480"),
    ("schedule", "480"),
    ("checks", "640"),
];
/// The height of the whole page, and of a view that is not known.
const WHOLE: &str = "800";

/// A frame that shows one view of a plan. `page` is the address of the page, `fragment` the plan
/// as a link without `#`, `title` what readers of the screen are told, `view` a name of `?view=`.
pub fn embed_iframe(page: &str, fragment: &str, title: &str, view: &str) -> String {
    let height = HEIGHTS.iter().find(|(name, _)| *name == view);
    [
        "<iframe src=\"",
        &attribute(address(page)),
        "?embed&amp;view=",
        &attribute(view),
        "#",
        &attribute(fragment.trim_start_matches('#')),
        "\" title=\"",
        &attribute(title),
        "\" loading=\"lazy\" width=\"100%\" height=\"",
        height.map_or(WHOLE, |(_, height)| height),
        "\" frameborder=\"0\" sandbox=\"allow-scripts allow-popups \
         allow-popups-to-escape-sandbox\" allow=\"clipboard-write\" \
         referrerpolicy=\"no-referrer\"></iframe>",
    ]
    .concat()
}

/// An element that shows one view of a plan and is as high as its content, with the script that
/// defines it. `page`, `fragment` and `view` are those of [`embed_iframe`].
pub fn embed_element(page: &str, fragment: &str, view: &str) -> String {
    [
        "<script src=\"",
        &attribute(folder(address(page))),
        "embed.js\" defer></script>\n<mesh-plan plan=\"",
        &attribute(fragment.trim_start_matches('#')),
        "\" view=\"",
        &attribute(view),
        "\"></mesh-plan>",
    ]
    .concat()
}

/// An address without its query and its fragment.
fn address(page: &str) -> &str {
    page.split(['?', '#']).next().unwrap_or_default()
}

/// The folder of a page, with the slash at its end.
fn folder(page: &str) -> &str {
    page.rfind('/')
        .and_then(|slash| page.get(..=slash))
        .unwrap_or_default()
}

/// Text for the quotes of an attribute.
fn attribute(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    escaped(&mut safe, &one_line(text));
    // The quotes here are double, those that it is pasted between may not be.
    safe.replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://plan.example/tool/index.html?theme=dark#v1.z";

    #[test]
    fn a_frame_shows_a_view_of_the_plan() {
        assert_eq!(
            embed_iframe(PAGE, "v1.tp-2.z", "7B dense", "diagram"),
            "<iframe src=\"https://plan.example/tool/index.html?embed&amp;view=diagram#v1.tp-2.z\" \
             title=\"7B dense\" loading=\"lazy\" width=\"100%\" height=\"480\" frameborder=\"0\" \
             sandbox=\"allow-scripts allow-popups allow-popups-to-escape-sandbox\" \
             allow=\"clipboard-write\" referrerpolicy=\"no-referrer\"></iframe>"
        );
    }

    #[test]
    fn an_element_comes_with_its_script_from_the_folder_of_the_page() {
        let expected = |folder: &str| {
            [
                "<script src=\"",
                folder,
                "embed.js\" defer></script>\n<mesh-plan plan=\"v1.tp-2.z\" view=\"full\"></mesh-plan>",
            ]
            .concat()
        };
        for (page, folder) in [
            (PAGE, "https://plan.example/tool/"),
            ("https://plan.example/", "https://plan.example/"),
            ("https://plan.example/a/b", "https://plan.example/a/"),
            ("https://plan.example/a?b=/c/d", "https://plan.example/"),
            ("http://[::1]:8080/#v1.z", "http://[::1]:8080/"),
        ] {
            assert_eq!(embed_element(page, "#v1.tp-2.z", "full"), expected(folder));
        }
    }

    /// Reads a snippet as XML, which knows fewer entities than HTML and forgives nothing.
    #[track_caller]
    fn attribute_of(snippet: &str, element: &str, name: &str) -> String {
        // `<script>` and the element stand side by side, and `?embed` has no value.
        let page = ["<p>", &snippet.replace(" defer>", ">"), "</p>"].concat();
        let page = roxmltree::Document::parse(&page).expect("well formed");
        let names: Vec<_> = page
            .root_element()
            .children()
            .filter(|n| n.is_element())
            .collect();
        assert!(names.iter().all(|n| !n.has_children()), "{snippet}");
        let found = names.iter().find(|n| n.has_tag_name(element));
        let found = found.unwrap_or_else(|| panic!("no {element}: {snippet}"));
        found.attribute(name).unwrap_or_default().to_owned()
    }

    #[test]
    fn whatever_a_plan_is_called_stays_in_its_attribute() {
        for hostile in [
            "\"><script>alert(1)</script>",
            "' onload='alert(1)",
            "&quot; onload=&quot;alert(1)",
            "a & b < c > d",
            "--></iframe>",
        ] {
            let frame = embed_iframe(PAGE, hostile, hostile, hostile);
            assert_eq!(attribute_of(&frame, "iframe", "title"), hostile);
            assert!(attribute_of(&frame, "iframe", "src").ends_with(&["#", hostile].concat()));
            assert!(!frame.contains('\''), "{frame}");
            let element = embed_element(hostile, hostile, hostile);
            assert_eq!(attribute_of(&element, "mesh-plan", "plan"), hostile);
            assert_eq!(attribute_of(&element, "mesh-plan", "view"), hostile);
        }
        let hidden = embed_iframe(PAGE, "v1.z", "a\u{202e}b\r\n\u{0}c", "full");
        assert_eq!(attribute_of(&hidden, "iframe", "title"), "a b   c");
    }
}
