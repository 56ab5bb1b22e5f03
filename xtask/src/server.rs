//! Serves the built page on this machine: one thread a connection, so that none waits for another.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::site::{Answer, Site};
use crate::{page, say};

/// The port that `serve` asks for first.
const PORT: u16 = 8080;

/// The longest head of a request, in bytes.
const HEAD: u64 = 64 * 1024;

/// How long a connection may stay silent.
const SILENCE: Duration = Duration::from_secs(60);

/// Serves a folder until the program ends, and gives its address; without a port the system picks a free one.
pub fn start(root: PathBuf, port: Option<u16>) -> Result<String, String> {
    let cannot = |error: io::Error| match port {
        Some(port) => format!("cannot serve on port {port}: {error}"),
        None => format!("cannot serve: {error}"),
    };
    let listener = TcpListener::bind(("127.0.0.1", port.unwrap_or(0))).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let site = Arc::new(Site::new(root));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let site = Arc::clone(&site);
            // A browser that leaves in the middle of an answer is no fault of the server.
            thread::spawn(move || converse(&stream, &site).unwrap_or_default());
        }
    });
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
    if let Some(port) = port {
        // Said now, not after a minute of building.
        TcpListener::bind(("127.0.0.1", port))
            .map_err(|error| format!("cannot serve on port {port}: {error}"))?;
    }
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

/// Answers the requests of one connection until the browser closes it.
fn converse(stream: &TcpStream, site: &Site) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(head) = read_head(&mut reader)? {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        let (answer, close) = match request.parse(&head) {
            Ok(httparse::Status::Complete(_)) => {
                let close = request.headers.iter().any(|header| {
                    header.name.eq_ignore_ascii_case("connection")
                        && header.value.eq_ignore_ascii_case(b"close")
                });
                match request.method {
                    Some("GET" | "HEAD") => (site.answer(request.path.unwrap_or("/")), close),
                    // Its body is not read, so nothing can follow.
                    _ => (Answer::refusal("405 Method Not Allowed"), true),
                }
            }
            _ => (Answer::refusal("400 Bad Request"), true),
        };
        send(stream, &answer, request.method == Some("HEAD"), close)?;
        if close {
            break;
        }
    }
    Ok(())
}

/// The bytes of a request up to the empty line; nothing at the end of the connection.
fn read_head(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let mut limited = reader.take(HEAD);
    while limited.read_until(b'\n', &mut head)? > 0 {
        if head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n") {
            return Ok(Some(head));
        }
    }
    Ok((!head.is_empty()).then_some(head))
}

fn send(mut stream: &TcpStream, answer: &Answer, head_only: bool, close: bool) -> io::Result<()> {
    let mut text = format!(
        "HTTP/1.1 {}\r\nContent-Length: {}\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += if close {
        "Connection: close\r\n\r\n"
    } else {
        "\r\n"
    };
    let mut bytes = text.into_bytes();
    if !head_only {
        bytes.extend_from_slice(&answer.body);
    }
    stream.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_answers_one_request_after_another() {
        let address = start(crate::run::root().join("xtask"), None).expect("a free port");
        let mut stream =
            TcpStream::connect(address.trim_start_matches("http://").trim_end_matches('/'))
                .expect("a server");
        let requests =
            "HEAD /Cargo.toml HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\n\r\n";
        stream.write_all(requests.as_bytes()).expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("answered");
        let statuses: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split_once("HTTP/1.1 "))
            .map(|(_, rest)| rest)
            .collect();
        assert_eq!(
            statuses,
            ["200 OK", "404 Not Found", "405 Method Not Allowed"]
        );
    }
}
