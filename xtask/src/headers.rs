//! Reads the `_headers` file of the page, in the form that Cloudflare Pages and Netlify read.

/// Which headers go with which paths.
#[derive(Default)]
pub struct Headers {
    rules: Vec<Rule>,
}

struct Rule {
    pattern: String,
    headers: Vec<(String, String)>,
}

impl Headers {
    /// Reads the text: a path at the start of a line, its headers indented below it, comments after `#`.
    pub fn read(text: &str) -> Headers {
        let mut rules: Vec<Rule> = Vec::new();
        for line in text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        {
            if !line.starts_with([' ', '\t']) {
                rules.push(Rule {
                    pattern: line.trim().to_owned(),
                    headers: Vec::new(),
                });
            } else if let (Some(rule), Some((name, value))) =
                (rules.last_mut(), line.split_once(':'))
            {
                rule.headers
                    .push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Headers { rules }
    }

    /// The headers of a path, of every rule that matches it.
    pub fn of<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let matching = self
            .rules
            .iter()
            .filter(move |rule| matches(&rule.pattern, path));
        matching.flat_map(|rule| {
            rule.headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
        })
    }
}

/// Whether a path fits a pattern in which one `*` stands for anything.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, end)) => {
            path.len() >= start.len() + end.len() && path.starts_with(start) && path.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_matching_rule_gives_its_headers() {
        let headers = Headers::read("# note\n/*\n  A: 1\n  B: x: y\n\n/*.css\n\tC: 2\n/\n  D: 3\n");
        let of = |path| {
            headers
                .of(path)
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(of("/page.css"), ["A=1", "B=x: y", "C=2"]);
        assert_eq!(of("/"), ["A=1", "B=x: y", "D=3"]);
        assert_eq!(of("/other.js"), ["A=1", "B=x: y"]);
    }

    #[test]
    fn the_page_and_its_headers_state_the_same_policy() {
        let read = |name| std::fs::read_to_string(crate::run::root().join(name)).expect("a file");
        let headers = Headers::read(&read("public/_headers"));
        for (address, file) in [("/", "index.html"), ("/embed.html", "public/embed.html")] {
            let policy = headers
                .of(address)
                .find(|(name, _)| *name == "Content-Security-Policy");
            assert!(policy.is_some_and(|(_, policy)| read(file).contains(policy)));
        }
    }

    #[test]
    fn files_that_keep_their_names_are_asked_for_anew() {
        let text = std::fs::read_to_string(crate::run::root().join("public/_headers"));
        let headers = Headers::read(&text.expect("a file"));
        let kept = |path| {
            let mut rules = headers
                .of(path)
                .filter(|(name, _)| *name == "Cache-Control");
            (rules.next().map(|(_, rule)| rule), rules.next())
        };
        for path in [
            "/",
            "/index.html",
            "/embed.js",
            "/embed.html",
            "/embed.css",
            "/embedding.js",
        ] {
            assert_eq!(kept(path), (Some("no-cache"), None), "{path}");
        }
        for path in ["/page-0a.css", "/boot-0a.js", "/meshplan-page-0a_bg.wasm"] {
            let (rule, other) = kept(path);
            assert!(rule.is_some_and(|r| r.ends_with("immutable")) && other.is_none());
        }
    }
}
