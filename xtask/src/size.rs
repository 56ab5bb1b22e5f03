//! How much a reader downloads to see a plan.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// The most that html, js, wasm and css may weigh together, in bytes of brotli.
pub const BUDGET: usize = 150_000;

/// Each file of the page with its size, and their sum.
pub struct Table {
    rows: Vec<Row>,
}

struct Row {
    name: String,
    raw: usize,
    brotli: usize,
}

/// Compresses every file that the page loads, as a server would.
pub fn measure(dist: &Path) -> Result<Table, String> {
    let cannot =
        |error: std::io::Error| format!("cannot read the page in {}: {error}", dist.display());
    let page = fs::read_to_string(dist.join("index.html")).map_err(cannot)?;
    let mut rows = Vec::new();
    for path in files(dist).map_err(cannot)? {
        let name = path
            .strip_prefix(dist)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace('\\', "/");
        if counts(&name, &page) {
            let bytes = fs::read(&path).map_err(cannot)?;
            rows.push(Row {
                name,
                raw: bytes.len(),
                brotli: compressed(&bytes)?,
            });
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.brotli));
    Ok(Table { rows })
}

/// Whether the page loads a file to show a plan: its own text, what it names, and what the script takes with it.
fn counts(name: &str, page: &str) -> bool {
    let code = [".js", ".wasm", ".css"]
        .iter()
        .any(|ending| name.ends_with(ending));
    name == "index.html" || (code && (page.contains(name) || name.starts_with("snippets/")))
}

fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
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
    pub fn total(&self) -> usize {
        self.rows.iter().map(|row| row.brotli).sum()
    }

    /// An error when the page is past its budget.
    pub fn verdict(&self) -> Result<(), String> {
        let total = self.total();
        if total <= BUDGET {
            return Ok(());
        }
        Err(format!(
            "the page is {} bytes past its budget of {}",
            grouped(total - BUDGET),
            grouped(BUDGET)
        ))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "   {:<44} {:>12} {:>12}",
            "file", "raw bytes", "brotli bytes"
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
            grouped(BUDGET),
            self.total() as f64 * 100.0 / BUDGET as f64
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
        assert!(counts("index.html", page));
        assert!(counts("boot-1a.js", page));
        assert!(counts("snippets/x/inline0.js", page));
        assert!(!counts("embed.js", page));
        assert!(!counts("_headers", page));
    }

    #[test]
    fn past_the_budget_is_an_error() {
        let table = |brotli| Table {
            rows: vec![Row {
                name: "a.wasm".into(),
                raw: 400_000,
                brotli,
            }],
        };
        assert!(table(BUDGET).verdict().is_ok());
        assert!(table(BUDGET + 1).verdict().is_err());
    }
}
