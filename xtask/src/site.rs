//! What the server answers to a path: the built page, with the headers of its `_headers` file.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::headers::Headers;

/// A folder that is served.
pub struct Site {
    root: PathBuf,
    headers: Headers,
}

/// An answer, ready to be sent.
pub struct Answer {
    /// The status line without the protocol, such as `200 OK`.
    pub status: &'static str,
    /// Header names and values, without the length.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer that says only why there is none.
    pub fn refusal(status: &'static str) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: format!("{status}\n").into_bytes(),
        }
    }
}

impl Site {
    /// The site in a folder.
    pub fn new(root: PathBuf) -> Site {
        let headers = Headers::read(&fs::read_to_string(root.join("_headers")).unwrap_or_default());
        Site { root, headers }
    }

    /// The answer to a request line's target, such as `/page.css?v=1`.
    pub fn answer(&self, target: &str) -> Answer {
        let path = target.split(['?', '#']).next().unwrap_or("/");
        let file = self.file(path);
        let read = file.and_then(|file| Some((fs::read(&file).ok()?, kind_of(&file))));
        let (status, (body, kind)) = match read {
            Some(read) => ("200 OK", read),
            None => (
                "404 Not Found",
                (b"Not found\n".to_vec(), "text/plain; charset=utf-8"),
            ),
        };
        let headers = self.headers.of(path).chain([("Content-Type", kind)]);
        let headers = headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Answer {
            status,
            headers,
            body,
        }
    }

    /// The file of a path, if it stays inside the folder. The names of the page's files need no escapes.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let relative = Path::new(path.trim_start_matches('/'));
        if !relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return None;
        }
        let file = self.root.join(relative);
        let file = if file.is_dir() {
            file.join("index.html")
        } else {
            file
        };
        file.is_file().then_some(file)
    }
}

/// The media type of a file, by the end of its name.
fn kind_of(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_the_folder() {
        let root = crate::run::root().join("xtask");
        let site = Site {
            root: root.clone(),
            headers: Headers::default(),
        };
        assert_eq!(site.file("/Cargo.toml"), Some(root.join("Cargo.toml")));
        assert_eq!(site.file("/../Cargo.toml"), None);
        assert_eq!(site.file("//etc/passwd"), None);
        assert_eq!(site.file("/src"), None);
    }

    #[test]
    fn the_program_has_its_own_type() {
        assert_eq!(kind_of(Path::new("a_bg.wasm")), "application/wasm");
        assert_eq!(kind_of(Path::new("_headers")), "application/octet-stream");
    }
}
