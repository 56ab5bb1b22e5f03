//! Takes out of wasm-bindgen's files what no reader needs: the hashes in the names of the browser's
//! functions, which no compression shortens, and the comments and indentation of the script. The
//! functions of the script are a list, in which those that are alike stand beside each other and
//! compress best; the program knows each by its place there.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

/// The section of a program that names what it imports.
const IMPORTS: u8 = 2;

/// The section that names what it exports.
const EXPORTS: u8 = 7;

/// What wasm-bindgen calls arguments, and what they are called instead.
const ARGUMENTS: [(&str, &str); 8] = [
    ("arg0", "p"),
    ("arg1", "q"),
    ("arg2", "r"),
    ("arg3", "s"),
    ("arg4", "t"),
    ("arg5", "u"),
    ("arg6", "w"),
    ("arg7", "y"),
];

/// Shrinks a script and the program that it starts, in place.
pub fn shrink(script: &Path, program: &Path) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("{}: {error}", script.display());
    let text = fs::read_to_string(script).map_err(cannot)?;
    let bytes = fs::read(program).map_err(cannot)?;
    let unknown = |path: &Path| format!("{} is not as wasm-bindgen writes it", path.display());
    let (_, mut names) = rename(&bytes, numbered).ok_or_else(|| unknown(program))?;
    names.extend(ARGUMENTS.map(|(long, short)| (long.to_owned(), short.to_owned())));
    let text =
        trim(&text).ok_or_else(|| format!("{} has a text over several lines", script.display()))?;
    let text = replace(&text, &names)
        .ok_or_else(|| format!("{} has a short name of its own", script.display()))?;
    let (text, order) = arrange(&text).ok_or_else(|| unknown(script))?;
    let place = |i: usize| Some(order.iter().position(|at| *at == i)?.to_string());
    let (bytes, _) = rename(&bytes, place).ok_or_else(|| unknown(program))?;
    fs::write(script, text)
        .and_then(|()| fs::write(program, bytes))
        .map_err(cannot)
}

/// The name of an import while the script is rewritten.
fn numbered(i: usize) -> Option<String> {
    Some(format!("_{i}"))
}

/// A program whose imports are called by their number as `called` says, and what each was called before.
fn rename(
    wasm: &[u8],
    called: impl Fn(usize) -> Option<String>,
) -> Option<(Vec<u8>, HashMap<String, String>)> {
    let (head, mut rest) = wasm.split_at_checked(8)?;
    let (mut out, mut names) = (head.to_vec(), HashMap::new());
    while let Some((&id, after)) = rest.split_first() {
        let mut body = after;
        let length = number(&mut body)?;
        let (section, following) = body.split_at_checked(length)?;
        rest = following;
        let section = match id {
            IMPORTS => imports(section, &called, &mut names)?,
            EXPORTS => exports(section, &mut names)?,
            _ => section.to_vec(),
        };
        out.push(id);
        put(&mut out, section.len());
        out.extend(section);
    }
    Some((out, names))
}

/// The section of imports, each of which is a function.
fn imports(
    mut section: &[u8],
    called: impl Fn(usize) -> Option<String>,
    names: &mut HashMap<String, String>,
) -> Option<Vec<u8>> {
    let count = number(&mut section)?;
    let mut out = Vec::new();
    put(&mut out, count);
    for i in 0..count {
        let module = name(&mut section)?;
        let long = String::from_utf8(name(&mut section)?.to_vec()).ok()?;
        let (kind, after) = section.split_first()?;
        section = after;
        let signature = number(&mut section)?;
        let short = called(i)?;
        for part in [module, short.as_bytes()] {
            put(&mut out, part.len());
            out.extend(part);
        }
        out.push((*kind == 0).then_some(0)?);
        put(&mut out, signature);
        names.insert(long, short);
    }
    section.is_empty().then_some(out)
}

/// The section of exports: what is called by a hash is called `_e0`, `_e1`, …
fn exports(mut section: &[u8], names: &mut HashMap<String, String>) -> Option<Vec<u8>> {
    let count = number(&mut section)?;
    let mut out = Vec::new();
    put(&mut out, count);
    for i in 0..count {
        let long = String::from_utf8(name(&mut section)?.to_vec()).ok()?;
        let (kind, after) = section.split_first()?;
        section = after;
        let what = number(&mut section)?;
        let hash = long.rsplit_once("__h").map_or("", |(_, hash)| hash);
        let is_hash = hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let short = match is_hash {
            true => format!("_e{i}"),
            false => long.clone(),
        };
        put(&mut out, short.len());
        out.extend(short.as_bytes());
        out.push(*kind);
        put(&mut out, what);
        if is_hash {
            names.insert(long, short);
        }
    }
    section.is_empty().then_some(out)
}

fn name<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(bytes)?;
    let (name, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(name)
}

/// A number of seven bits a byte, the lowest first (LEB128).
fn number(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn put(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The script with the new names, where they stand as whole words; none where it has one of them already.
fn replace(script: &str, names: &HashMap<String, String>) -> Option<String> {
    let new: HashSet<&str> = names.values().map(String::as_str).collect();
    let mut out = String::new();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let mut rest = script;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        if new.contains(word) {
            return None;
        }
        out += before;
        out += names.get(word).map_or(word, String::as_str);
        rest = after;
    }
    Some(out + rest)
}

/// The script without indentation, empty lines, and comments on lines of their own; none where a
/// text spans lines, whose spaces would count.
fn trim(script: &str) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    let mut in_comment = false;
    for line in script.lines().map(str::trim_start) {
        let begins = line.starts_with("/*");
        if in_comment || begins {
            in_comment = !line.contains("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            if line.matches('`').count() % 2 == 1 {
                return None;
            }
            kept.push(line);
        }
    }
    Some(kept.join("\n"))
}

/// A trimmed script with its imports, an object of functions, as a list in the order of what they do;
/// and their numbers in that order.
fn arrange(script: &str) -> Option<(String, Vec<usize>)> {
    const BEGIN: &str = "const import0 = {\n__proto__: null,\n";
    const END: &str = "\n};\nreturn {\n__proto__: null,\n";
    let (before, rest) = script.split_once(BEGIN)?;
    let (imports, after) = rest.split_once(END)?;
    let entry = |line: &str| -> Option<usize> {
        let (name, _) = line.split_once(": function(")?;
        name.strip_prefix('_')?.parse().ok()
    };
    let is_entry = |line: &str| entry(line).is_some();
    let mut entries: Vec<Vec<&str>> = Vec::new();
    for line in imports.lines() {
        match entries.last_mut() {
            Some(entry) if !is_entry(line) => entry.push(line),
            _ => entries.push(vec![line]),
        }
    }
    let mut functions = Vec::new();
    for lines in entries {
        let whole = lines.join("\n");
        let (_, function) = whole.split_once(": ")?;
        functions.push((brief(function), entry(lines.first()?)?));
    }
    functions.sort();
    let (functions, order): (Vec<String>, Vec<usize>) = functions.into_iter().unzip();
    let script = [
        before,
        "const import0 = [\n",
        &functions.join("\n"),
        "\n];\nreturn {\n__proto__: null,\n",
        after,
    ];
    Some((script.concat(), order))
}

/// A function that gives back what it has just computed, without a name for that.
fn brief(function: &str) -> String {
    let Some((before, rest)) = function.split_once("const ret = ") else {
        return function.to_owned();
    };
    match rest.split_once(";\n") {
        Some((value, after)) if after.starts_with("return ret;\n") => {
            let after = after.trim_start_matches("return ret;\n");
            [before, "return ", value, ";\n", after].concat()
        }
        _ => function.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_get_short_names_in_program_and_script() {
        let wasm = b"\0asm\x01\0\0\0\x02\x13\x01\x02./\x0c__wbg_a_0123\0\x05\x0a\x01\0";
        let (out, names) = rename(wasm, numbered).expect("a program");
        assert_eq!(
            out,
            b"\0asm\x01\0\0\0\x02\x09\x01\x02./\x02_0\0\x05\x0a\x01\0"
        );
        let script = "a = { __wbg_a_0123: f, __wbg_a_01234: g };";
        assert_eq!(
            replace(script, &names).as_deref(),
            Some("a = { _0: f, __wbg_a_01234: g };")
        );
        assert_eq!(
            replace("_0 = __wbg_a_0123", &names),
            None,
            "it would be another one"
        );
        assert!(rename(&wasm[..20], numbered).is_none());
    }

    #[test]
    fn exports_with_a_hash_get_short_names() {
        let wasm = b"\0asm\x01\0\0\0\x07\x1d\x02\x01a\0\x05\x14f__h0123456789abcdef\0\x81\x01";
        let (out, names) = rename(wasm, numbered).expect("a program");
        assert_eq!(
            out,
            b"\0asm\x01\0\0\0\x07\x0c\x02\x01a\0\x05\x03_e1\0\x81\x01"
        );
        assert_eq!(
            names.get("f__h0123456789abcdef").map(String::as_str),
            Some("_e1")
        );
    }

    #[test]
    fn comments_and_indentation_go() {
        let script = "/**\n * x\n */\na(\n    // y\n    `b`\n);\n/* z */\nc";
        assert_eq!(trim(script).as_deref(), Some("a(\n`b`\n);\nc"));
        assert_eq!(trim("a = `\n b`"), None);
    }

    #[test]
    fn imports_that_are_alike_stand_beside_each_other() {
        let script = |imports: &str| {
            [
                "a\nconst import0 = {\n__proto__: null,\n",
                imports,
                "\n};\nreturn {\n__proto__: null,\nb",
            ]
            .concat()
        };
        let before = "_0: function(p) {\nc = {\n};\n},\n_1: function(p) {\nconst ret = d;\nreturn \
                      ret;\n},\n_20: function(p) {\nc\n},";
        let after = "a\nconst import0 = [\nfunction(p) {\nc\n},\nfunction(p) {\nc = {\n};\n},\n\
                     function(p) {\nreturn d;\n},\n];\nreturn {\n__proto__: null,\nb";
        assert_eq!(
            arrange(&script(before)),
            Some((after.to_owned(), vec![20, 0, 1]))
        );
        assert_eq!(arrange(&script("f: function(p) {\n},")), None);
        assert_eq!(arrange("a"), None);
    }

    #[test]
    fn what_is_given_back_needs_no_name() {
        assert_eq!(
            brief("function() {\nconst ret = a(b);\nreturn ret;\n}"),
            "function() {\nreturn a(b);\n}"
        );
        for other in [
            "function() {\na();\n}",
            "function() {\nconst ret = a;\nreturn f(ret);\n}",
        ] {
            assert_eq!(brief(other), other);
        }
    }
}
