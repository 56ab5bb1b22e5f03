//! Serves the built page on this machine, with the headers of its `_headers` file.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;

use tiny_http::{Header, Method, Request, Response, Server};

use crate::headers::Headers;
use crate::{page, say};

/// The port that `serve` asks for first.
const PORT: u16 = 8080;

struct Site {
    root: PathBuf,
    headers: Headers,
}

/// Serves a folder until the program ends, and gives its address; without a port the system picks a free one.
pub fn start(root: PathBuf, port: Option<u16>) -> Result<String, String> {
    let server = Server::http(("127.0.0.1", port.unwrap_or(0)))
        .map_err(|error| format!("cannot serve on port {}: {error}", port.unwrap_or(0)))?;
    let address = server
        .server_addr()
        .to_ip()
        .ok_or("the server has no address")?;
    let headers = Headers::read(&fs::read_to_string(root.join("_headers")).unwrap_or_default());
    let site = Arc::new(Site { root, headers });
    let server = Arc::new(server);
    for _ in 0..4 {
        let (server, site) = (Arc::clone(&server), Arc::clone(&site));
        thread::spawn(move || {
            for request in server.incoming_requests() {
                site.answer(request);
            }
        });
    }
    Ok(format!("http://{address}/"))
}

/// Builds the page and serves it until it is stopped.
pub fn serve_page(port: Option<&str>) -> Result<(), String> {
    let port = match port {
        Some(text) => Some(
            text.parse()
                .map_err(|_| format!("`{text}` is no port: use a number from 0 to 65535"))?,
        ),
        None => None,
    };
    page::build(&page::tools()?)?;
    let address = match port {
        Some(port) => start(page::dist(), Some(port))?,
        // Another program may have the usual port; nobody asked for it, so any other will do.
        None => start(page::dist(), Some(PORT)).or_else(|_| start(page::dist(), None))?,
    };
    println!("\nMeshplan is at {address}   (Ctrl+C stops it)");
    say::flush();
    loop {
        thread::park();
    }
}

impl Site {
    fn answer(&self, request: Request) {
        let path = request
            .url()
            .split(['?', '#'])
            .next()
            .unwrap_or("/")
            .to_owned();
        let (status, body, kind) = match (request.method(), self.file(&path)) {
            (Method::Get | Method::Head, Some(file)) => match fs::read(&file) {
                Ok(bytes) => (200, bytes, kind_of(&file)),
                Err(_) => (404, b"Not found\n".to_vec(), "text/plain; charset=utf-8"),
            },
            (Method::Get | Method::Head, None) => {
                (404, b"Not found\n".to_vec(), "text/plain; charset=utf-8")
            }
            _ => (405, b"Only GET\n".to_vec(), "text/plain; charset=utf-8"),
        };
        let mut response = Response::from_data(body).with_status_code(status);
        for (name, value) in self.headers.of(&path).chain([("Content-Type", kind)]) {
            if let Ok(header) = Header::from_bytes(name, value) {
                response.add_header(header);
            }
        }
        // The browser may be gone, which is no fault of the server.
        let _ = request.respond(response);
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
