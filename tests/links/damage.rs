//! What becomes of links on their way: cut, wrapped, encoded, mixed up, and written by a hostile
//! hand. The tests and the fuzz target share it.

use meshplan::share::LONGEST_TEXT;

/// The links of every plan that was ever shipped, as the list of golden links has them.
pub fn golden_links() -> Vec<&'static str> {
    let one = include_str!("../golden/v1.json").lines();
    let two = include_str!("../golden/v1_two.json").lines();
    let lines = one.chain(two);
    let links = lines.filter_map(|line| {
        line.trim()
            .strip_prefix("\"link\": \"")?
            .strip_suffix("\",")
    });
    links.collect()
}

/// A small random number generator (xorshift), so that a failure can be repeated.
pub struct Random(u64);

impl Random {
    /// A generator that gives the same numbers for the same seed.
    pub fn new(seed: u64) -> Random {
        // Neighbouring seeds would begin alike, and zero would stay zero.
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            random.below(2);
        }
        random
    }

    /// A number from 0 to `n` - 1; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    /// One of a list that is not empty.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// A place between two characters of a text.
    fn place(&mut self, text: &str) -> usize {
        boundary(text, self.below(text.len() + 1))
    }

    /// A piece of a text, as its start and its end.
    fn piece(&mut self, text: &str) -> (usize, usize) {
        let (one, other) = (self.place(text), self.place(text));
        (one.min(other), one.max(other))
    }
}

/// The last place between two characters that is not after `at`.
fn boundary(text: &str, at: usize) -> usize {
    let mut places = (0..=at.min(text.len())).rev();
    places.find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// What stands in links, around them, and in texts that are none.
const MARKS: &[&str] = &[
    "-",
    ".",
    "_",
    "z",
    ".z",
    "%",
    "#",
    "&",
    "v",
    "1",
    "9",
    "+",
    "é",
    "/",
    "?",
    "=",
    "\\",
    "\"",
    "v1",
    "v1.",
    "#v1.",
    "v2.",
    "v0",
    "v01",
    "?c=",
    "&plan=",
    "&amp;c=",
    "amp;",
    "%23",
    "%2E",
    "%25",
    "_5B",
    "_7B",
    "_22",
    "_2C",
    "_3A",
    "_",
    "_F",
    "_FF",
    "_C3",
    "_00",
    "_0A",
    "u-tp-",
    "x-",
    "x-a_2Eb-",
    "lost-",
    "lost-9",
    "link",
    "tp-2",
    "tp-",
    "name-",
    "z.z",
    "zz",
    "--",
    "..",
    "\n",
    "\r\n  ",
    "=\r\n",
    "\t",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{200b}",
    "\u{202e}",
    "\u{2028}",
    "\u{2066}",
    "\u{feff}",
    "\u{fffd}",
    "\u{3000}",
    "\u{1f9ff}",
    "e\u{301}",
    "‘",
    "”",
    "<",
    ">",
];

/// Numbers at which something ends.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1_5",
    "_5",
    "5_",
    "1e308",
    "1e-308",
    "1e999999999999",
    "1p-1074",
    "1p1023",
    "9p9999999999",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
    "0_1234567890123456789",
    "NaN",
    "inf",
    "0x10",
    "1E5",
    "1_000_000",
    "_2D1",
    "1_2C024",
];

type Damage = fn(&str, &[&str], &mut Random) -> String;

/// What happens often.
const COMMON: &[Damage] = &[
    |text, _, random| text[..random.place(text)].to_owned(),
    |text, _, random| text[random.place(text)..].to_owned(),
    insert,
    insert,
    replace,
    replace,
    number,
    drop_piece,
    repeat_piece,
    swap_parts,
    splice,
    splice,
    percent_piece,
    escape_piece,
    wrap,
    address,
    |text, _, _| text.replace('&', "&amp;"),
    |text, _, _| percent(text),
    |text, _, random| match random.below(2) {
        0 => text.to_uppercase(),
        _ => text.replace('.', "…"),
    },
    noise,
];

/// What makes a text long; rare, since each takes as long as a hundred others.
const LONG: &[Damage] = &[
    |text, _, random| {
        let (from, to) = random.piece(text);
        text[from..to].repeat(LONGEST_TEXT / (to - from).max(1))
    },
    |text, _, random| format!("{text}.{}", random.of(MARKS).repeat(LONGEST_TEXT)),
    |text, _, random| format!("{}{text}", random.of(MARKS).repeat(random.below(900))),
    many_parts,
    |_, _, random| {
        let open = random.of(&["_5B", "_7B_22_22_3A", "_5B_5B1_2C", "_22_5C"]);
        format!(
            "v1.{}{}",
            random.of(&["u-tp-", "x-a-", "q-"]),
            open.repeat(LONGEST_TEXT / open.len())
        )
    },
    |_, _, random| {
        format!(
            "v1.{}-{}.z",
            random.of(&["params", "intra", "tp", "u-tp"]),
            "9".repeat(random.below(LONGEST_TEXT))
        )
    },
    |_, _, random| format!("v{}.z", "1".repeat(random.below(LONGEST_TEXT))),
    |text, _, random| (0..random.below(4)).fold(text.to_owned(), |text, _| percent(&text)),
];

/// A link with some damage, of at most the length that is looked at.
pub fn damaged(links: &[&str], random: &mut Random) -> String {
    let mut text = random.of(links).to_owned();
    for _ in 0..=random.below(4) {
        text = damage(&text, links, random);
    }
    text
}

/// A text with one damage more.
pub fn damage(text: &str, links: &[&str], random: &mut Random) -> String {
    let list = if random.below(400) == 0 { LONG } else { COMMON };
    let mut text = random.of(list)(text, links, random);
    text.truncate(boundary(&text, LONGEST_TEXT));
    text
}

fn insert(text: &str, _: &[&str], random: &mut Random) -> String {
    let (before, after) = text.split_at(random.place(text));
    format!("{before}{}{after}", random.of(MARKS))
}

fn replace(text: &str, _: &[&str], random: &mut Random) -> String {
    let (before, after) = text.split_at(random.place(text));
    let rest = after.chars().next().map_or("", |c| &after[c.len_utf8()..]);
    format!("{before}{}{rest}", random.of(MARKS))
}

/// Puts a number in the place of one.
fn number(text: &str, _: &[&str], random: &mut Random) -> String {
    let (before, after) = text.split_at(random.place(text));
    let Some((word, value)) = after.split_once('-') else {
        return format!("{text}.gbs-{}.z", random.of(NUMBERS));
    };
    let end = value.find('.').unwrap_or(value.len());
    format!("{before}{word}-{}{}", random.of(NUMBERS), &value[end..])
}

fn drop_piece(text: &str, _: &[&str], random: &mut Random) -> String {
    let (from, to) = random.piece(text);
    format!("{}{}", &text[..from], &text[to..])
}

fn repeat_piece(text: &str, _: &[&str], random: &mut Random) -> String {
    let (from, to) = random.piece(text);
    format!("{}{}{}", &text[..to], &text[from..to], &text[to..])
}

fn swap_parts(text: &str, _: &[&str], random: &mut Random) -> String {
    let mut parts: Vec<&str> = text.split('.').collect();
    let (one, other) = (random.below(parts.len()), random.below(parts.len()));
    parts.swap(one, other);
    parts.join(".")
}

/// The beginning of one link and the end of another, cut anywhere or between two parts.
fn splice(text: &str, links: &[&str], random: &mut Random) -> String {
    let other = random.of(links);
    let (mut one, mut two) = (random.place(text), random.place(other));
    if random.below(2) == 0 {
        one = text[..one].rfind('.').unwrap_or(one);
        two = other[..two].rfind('.').unwrap_or(two);
    }
    format!("{}{}", &text[..one], &other[two..])
}

fn percent_piece(text: &str, _: &[&str], random: &mut Random) -> String {
    let (from, to) = random.piece(text);
    format!(
        "{}{}{}",
        &text[..from],
        percent(&text[from..to]),
        &text[to..]
    )
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn escape_piece(text: &str, _: &[&str], random: &mut Random) -> String {
    let (from, to) = random.piece(text);
    let escaped: String = text[from..to]
        .bytes()
        .map(|byte| format!("_{byte:02X}"))
        .collect();
    format!("{}{escaped}{}", &text[..from], &text[to..])
}

/// Breaks a text into lines, as mail does.
fn wrap(text: &str, _: &[&str], random: &mut Random) -> String {
    let width = 1 + random.below(76);
    let end = random.of(&["\n", "\r\n", "=\n", "\n> ", " ", "\u{2028}"]);
    let mut wrapped = String::new();
    for (i, c) in text.chars().enumerate() {
        if i > 0 && i % width == 0 {
            wrapped.push_str(end);
        }
        wrapped.push(c);
    }
    wrapped
}

fn address(text: &str, _: &[&str], random: &mut Random) -> String {
    let (before, after) = random.of(&[
        ("https://plan.example/#", ""),
        ("https://plan.example/?embed=1&plan=", "&theme=dark"),
        ("https://plan.example/?c=", "#top"),
        ("<a href=\"https://plan.example/#", "\">the plan</a>"),
        ("[the plan](https://plan.example/#", ")"),
        ("See #1, #v1 and ", " please."),
        ("“", "”"),
    ]);
    format!("{before}{text}{after}")
}

fn many_parts(text: &str, _: &[&str], random: &mut Random) -> String {
    let form: fn(usize) -> String = random.of(&[
        |n| format!("q{n}-1."),
        |n| format!("x-{n}-1."),
        |n| format!("x-link_2Eq{n}-_5B1_5D."),
        |_| "tp-x.".to_owned(),
        |_| "layout-t.".to_owned(),
        |_| "intra-1e300.".to_owned(),
        |_| "lost-1.".to_owned(),
    ]);
    let parts: String = (0..random.below(2000)).map(form).collect();
    format!("v1.{parts}{text}")
}

/// Characters that nobody chose.
fn noise(_: &str, _: &[&str], random: &mut Random) -> String {
    let before = random.of(&["", "v1.", "#v1.u-tp-", "v1.x-"]);
    let length = random.below(80);
    let chars = (0..length).map(|_| match random.below(3) {
        0 => char::from_u32(random.below(0x11_0000) as u32).unwrap_or('\u{fffd}'),
        _ => char::from(random.below(128) as u8),
    });
    before.chars().chain(chars.collect::<Vec<_>>()).collect()
}
