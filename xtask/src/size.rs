//! How much is downloaded: to see a plan, after it in the background, and by scripts.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::dist;

/// What is downloaded together, and the most that it may weigh.
struct Group {
    /// What it is for.
    name: &'static str,
    /// Bytes of brotli.
    budget: usize,
    /// Whether a file, by its name in `dist/`, counts; the page's own text says what it loads.
    counts: fn(&str, &str) -> bool,
}

const GROUPS: [Group; 4] = [
    Group {
        name: "to see a plan",
        budget: 150_000,
        counts: is_of_the_page,
    },
    Group {
        name: "in the background: the details",
        // Measured 225,315 and rounded up: the schedule, the stages, the matrices and the batch as
        // pictures, every picture as a file, what is told of a GPU, comparisons, every text to copy,
        // and the styles of it all.
        budget: 226_000,
        counts: |name, _| is_module_of("details/", name) && !is_of_an_embed(name),
    },
    Group {
        name: "in another page: the two sides of an embed",
        // Measured 6,712 and rounded up.
        budget: 7_000,
        counts: |name, _| is_of_an_embed(name),
    },
    Group {
        name: "for scripts: the API",
        // Measured 157,134 and rounded up. 60,000 was meant: the core, its words and its report are a
        // hundred, and the pictures fifty more.
        budget: 158_000,
        counts: |name, _| is_module_of("api/", name),
    },
];

/// The files of a group with their sizes, and their sum.
pub struct Table {
    group: &'static Group,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    raw: usize,
    brotli: usize,
}

/// Compresses every file that is downloaded, as a server would.
pub fn measure(dist: &Path) -> Result<Vec<Table>, String> {
    let cannot =
        |error: std::io::Error| format!("cannot read the page in {}: {error}", dist.display());
    let page = fs::read_to_string(dist.join("index.html")).map_err(cannot)?;
    let mut tables = Vec::new();
    for group in &GROUPS {
        let mut rows = Vec::new();
        for name in dist::files(dist)? {
            if (group.counts)(&name, &page) {
                let bytes = fs::read(dist.join(&name)).map_err(cannot)?;
                rows.push(Row {
                    name,
                    raw: bytes.len(),
                    brotli: compressed(&bytes)?,
                });
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.brotli));
        tables.push(Table { group, rows });
    }
    Ok(tables)
}

/// An error when a group is past its budget.
pub fn verdict(tables: &[Table]) -> Result<(), String> {
    tables.iter().try_for_each(Table::verdict)
}

/// Whether the page loads a file to show a plan: its own text, what it names, and what the script takes with it.
fn is_of_the_page(name: &str, page: &str) -> bool {
    let code = [".js", ".wasm", ".css"]
        .iter()
        .any(|ending| name.ends_with(ending));
    name == "index.html" || (code && (page.contains(name) || name.starts_with("snippets/")))
}

/// Whether a file is loaded by an embed alone, or by the page around it.
fn is_of_an_embed(name: &str) -> bool {
    matches!(name, "embed.js" | "details/frame.js")
}

/// Whether a file of a folder is a part of the module there that is downloaded.
fn is_module_of(folder: &str, name: &str) -> bool {
    let parts = [".js", ".wasm", ".css"];
    name.starts_with(folder) && parts.iter().any(|ending| name.ends_with(ending))
}

fn compressed(bytes: &[u8]) -> Result<usize, String> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &settings)
        .map_err(|error| format!("cannot compress: {error}"))?;
    Ok(out.len())
}

impl Table {
    /// The bytes of brotli of all files.
    fn total(&self) -> usize {
        self.rows.iter().map(|row| row.brotli).sum()
    }

    /// An error when the group is past its budget, or when nothing is in it.
    fn verdict(&self) -> Result<(), String> {
        let Group { name, budget, .. } = self.group;
        match self.total() {
            0 => Err(format!("the download {name} is not there")),
            total if total > *budget => Err(format!(
                "the download {name} is {} bytes past its budget of {}",
                grouped(total - budget),
                grouped(*budget)
            )),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "   {:<44} {:>12} {:>12}",
            self.group.name, "raw bytes", "brotli bytes"
        )?;
        for row in &self.rows {
            writeln!(
                out,
                "   {:<44} {:>12} {:>12}",
                row.name,
                grouped(row.raw),
                grouped(row.brotli)
            )?;
        }
        let raw = self.rows.iter().map(|row| row.raw).sum();
        write!(
            out,
            "   {:<44} {:>12} {:>12}",
            "total",
            grouped(raw),
            grouped(self.total())
        )?;
        write!(
            out,
            " of {} ({:.0} %)",
            grouped(self.group.budget),
            self.total() as f64 * 100.0 / self.group.budget as f64
        )
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(150_000), "150,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn only_what_the_page_loads_counts() {
        let page = "<script src=\"./boot-1a.js\"></script>";
        assert!(is_of_the_page("index.html", page));
        assert!(is_of_the_page("boot-1a.js", page));
        assert!(is_of_the_page("snippets/x/inline0.js", page));
        assert!(!is_of_the_page("embed.js", page));
        assert!(!is_of_the_page("api/meshplan.js", page));
        assert!(!is_of_the_page("_headers", page));
        assert!(is_module_of("api/", "api/meshplan_bg.wasm"));
        assert!(!is_module_of("api/", "api/meshplan.d.ts"));
        assert!(!is_module_of("api/", "details/details.js"));
    }

    #[test]
    fn past_the_budget_is_an_error() {
        let of = |brotli| {
            let rows = vec![Row {
                name: "a.wasm".into(),
                raw: 400_000,
                brotli,
            }];
            let group = &GROUPS[0];
            Table { group, rows }.verdict()
        };
        assert!(of(GROUPS[0].budget).is_ok());
        assert!(of(GROUPS[0].budget + 1).is_err());
        assert!(of(0).is_err());
    }
}
