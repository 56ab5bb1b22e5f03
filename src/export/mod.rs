//! A plan as something to take along: flags for Megatron-LM, NeMo and Megatron Bridge, its report
//! as text and as Markdown, what differs from another plan, its communicator groups, its ranks as
//! CSV, its pictures, and the HTML that shows it in another page.
//!
//! It knows the names that other tools give to the sizes of a plan. It must never compute a figure
//! of a plan, never know the page or the command line, and never let what a link brought along
//! break out of the line it stands in.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub(crate) mod arguments;
mod comparison;
mod embed;
mod flags;
mod groups;
mod markdown;
mod picture;
pub mod png;
mod ranks;
mod summary;
mod text;
mod wish;

pub use crate::diagram::PLAN_ELEMENT;
pub use comparison::{comparison, comparison_text};
pub use embed::{embed_element, embed_iframe};
pub use flags::{Format, flags};
pub use groups::groups;
pub use markdown::{COMPARED_WITH, markdown, markdown_link};
pub use picture::{ALL, Drawn, Wish, file_name, picture};
pub use ranks::ranks_csv;
pub use text::text;
pub use wish::{UnknownWord, wish};

use crate::core::config::is_shown;

/// The longest link that is looked for in a picture, in bytes: a plan's and the page's address.
pub const LONGEST_LINK_IN_PICTURE: usize = 8 * 1024;

/// The page that a link leads to, where it is a whole address: what is taken along leads back there.
pub fn page_of(link: &str) -> Option<&str> {
    let page = link.trim().split(['#', '?']).next()?;
    page.starts_with("http").then_some(page)
}

/// Text in one line: what breaks, hides or turns a line becomes a space. A plan may come from
/// anyone's link, and a line of a shell script, a table or a terminal must stay one.
pub fn one_line(text: &str) -> String {
    text.replace(|c| !is_shown(c), " ")
}
