//! Links: what was shared once must open as the same plan for ever, and a damaged link must never
//! open as another plan in silence.

use meshplan::core::config::{Config, Edit, Field, Kind, Value};
use meshplan::core::json::Json;
use meshplan::core::presets;
use meshplan::share::{
    self, LinkError, Note, carried, carry, carry_both, decode, encode, encode_both,
};
use proptest::prelude::*;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[path = "links/check.rs"]
mod check;
#[path = "links/damage.rs"]
mod damage;

use check::check;
use damage::{Random, damaged, golden_links};

/// A link that was shipped, and the plan that it opens.
struct Golden {
    name: String,
    link: String,
    plan: Json,
}

/// Every golden link of format v1. Links are added, none is ever changed.
fn golden() -> Vec<Golden> {
    let text = include_str!("golden/v1.json");
    let Json::List(rows) = serde_json::from_str(text).expect("JSON") else {
        panic!("a list");
    };
    rows.iter()
        .map(|row| Golden {
            name: row.get("name").expect("a name").to_string(),
            link: row.get("link").expect("a link").to_string(),
            plan: row.get("plan").expect("a plan").clone(),
        })
        .collect()
}

#[track_caller]
fn opened(text: &str) -> Config {
    let opened = decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(opened.notes, [], "{text}");
    opened.config
}

#[track_caller]
fn noted(text: &str, note: Note) -> Config {
    let opened = decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(opened.notes, [note], "{text}");
    opened.config
}

#[track_caller]
fn refused(text: &str, error: LinkError) {
    assert_eq!(decode(text), Err(error), "{text}");
}

const TECHPULSE: &str = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.mbs-2.gbs-512.z";

#[test]
fn golden_links_open_the_plans_they_were_made_of() {
    let all = golden();
    assert!(all.len() >= 12);
    for Golden { name, link, plan } in all {
        let config = opened(&link);
        assert_eq!(config.to_json(), plan, "{name}");
        assert_eq!(config, Config::from_json(&plan), "{name}");
        assert_eq!(encode(&config), link, "{name}");
    }
}

#[test]
fn golden_links_of_two_plans_open_both() {
    let Json::List(rows) = serde_json::from_str(include_str!("golden/v1_two.json")).expect("JSON")
    else {
        panic!("a list");
    };
    assert!(rows.len() >= 3);
    for row in rows {
        let plan = |key| Config::from_json(row.get(key).expect("a plan"));
        let link = row.get("link").expect("a link").to_string();
        assert_eq!(both(&link), (plan("plan"), plan("other")), "{link}");
        assert_eq!(encode_both(&plan("plan"), Some(&plan("other"))), link);
    }
}

#[test]
fn every_preset_has_a_golden_link() {
    let all = golden();
    for preset in presets::PLANS {
        let golden = all.iter().find(|golden| golden.name == preset.id);
        let link = golden.map(|golden| golden.link.as_str());
        assert_eq!(
            link,
            Some(encode(&preset.config()).as_str()),
            "{}",
            preset.id
        );
    }
}

#[test]
fn the_opening_plan_reads_in_the_address() {
    assert_eq!(encode(&presets::opening()), TECHPULSE);
    assert_eq!(
        share::url("https://plan.example/#v1.tp-4.z", &presets::opening()),
        format!("https://plan.example/#{TECHPULSE}")
    );
}

#[test]
fn whatever_a_tool_makes_of_a_link_it_opens() {
    let plan = presets::opening();
    let percent = |text: &str| {
        text.bytes()
            .fold(String::new(), |all, b| all + &format!("%{b:02X}"))
    };
    for text in [
        TECHPULSE.to_owned(),
        format!("#{TECHPULSE}"),
        format!("https://plan.example/#{TECHPULSE}"),
        format!("http://localhost:8080/some/v1.2/path?embed=1#{TECHPULSE}"),
        format!("https://plan.example/?c={TECHPULSE}"),
        format!("https://plan.example/?{TECHPULSE}"),
        format!("https://plan.example/?embed&{TECHPULSE}&theme=dark"),
        format!("https://plan.example/?embed=1&plan={TECHPULSE}&theme=dark"),
        format!("https://plan.example/?embed=1&amp;c={TECHPULSE}&amp;theme=dark"),
        format!(
            "https://safe.example/?url={}&data=1",
            percent(&format!("https://a.b/#{TECHPULSE}"))
        ),
        percent(TECHPULSE),
        percent(&percent(TECHPULSE)),
        format!("<https://plan.example/#{TECHPULSE}>"),
        format!("\"{TECHPULSE}\""),
        format!("'{TECHPULSE}'"),
        format!("`{TECHPULSE}`"),
        format!("“{TECHPULSE}”"),
        format!("  \t{TECHPULSE}\r\n"),
        format!("[the plan](https://plan.example/#{TECHPULSE})"),
        format!("See https://plan.example/#{TECHPULSE} for the plan."),
        format!("_{TECHPULSE}_"),
        format!("**{TECHPULSE}**"),
        TECHPULSE.replace(".tp", ".\n  tp"),
    ] {
        assert_eq!(opened(&text), plan, "{text}");
    }
    for after in [".", ",", ")", ";", ":", "!", "]", ".)", "…", "\u{200b}"] {
        assert_eq!(opened(&format!("{TECHPULSE}{after}")), plan, "{after}");
    }
}

#[test]
fn a_link_that_is_cut_anywhere_says_so() {
    for Golden { link, .. } in golden() {
        for whole in [link.clone(), format!("https://plan.example/#{link}")] {
            for (end, _) in whole.char_indices() {
                let part = whole.get(..end).expect("a boundary");
                // A full stop of the sentence must not make the last part trusted.
                for text in [part.to_owned(), format!("{part}."), format!("{part}%2")] {
                    if let Ok(opened) = decode(&text) {
                        let cut = opened.notes.iter().any(|n| matches!(n, Note::Cut { .. }));
                        assert!(cut, "{text}");
                    }
                }
            }
        }
    }
}

#[test]
fn of_a_cut_link_only_whole_parts_are_taken() {
    let config = noted(
        "v1.tp-2.mbs-2.gbs-51",
        Note::Cut {
            last: "mbs-2".into(),
            left_out: "gbs-51".into(),
        },
    );
    assert_eq!(config.batch.micro_batch_size, 2);
    assert_eq!(config.batch.global_batch_size, None);
    refused("v1.tp-", LinkError::Cut { text: "tp".into() });
    let nothing = decode("v1").expect_err("no plan").message();
    assert!(
        nothing.starts_with("The link is cut off before its plan begins."),
        "{nothing}"
    );
}

#[test]
fn what_is_unknown_is_kept_and_written_again() {
    let config = noted(
        "v1.tp-2.owner-Ada_20L.z",
        Note::Unknown {
            part: "owner-Ada_20L".into(),
        },
    );
    assert_eq!(config.parallel.tensor_model_parallel_size, 2);
    assert_eq!(encode(&config), "v1.tp-2.owner-Ada_20L.z");
}

#[test]
fn what_is_no_value_is_kept_as_it_was_written() {
    let config = opened("v1.tp-4x.z");
    assert_eq!(config.unread_at(Field::Tp), Some(&Json::Text("4x".into())));
    assert_eq!(opened(&encode(&config)), config);
    assert_eq!(opened("v1.tp-2_5.z").unread.len(), 1);
    assert_eq!(opened("v1.tp-1_024.z").unread.len(), 1);
}

#[test]
fn what_was_typed_comes_back_beside_the_last_good_value() {
    let mut config = Config::default();
    config.type_into(Field::Tp, "4");
    config.type_into(Field::Tp, "4 x.");
    assert_eq!(encode(&config), "v1.tp-4.u-tp-4_20x_2E.z");
    assert_eq!(opened("v1.tp-4.u-tp-4_20x_2E.z"), config);
}

#[test]
fn a_value_of_the_wrong_type_does_not_become_right_on_the_way() {
    let mut config = Config::default();
    config.read_entry("parallel.sequence_parallel", &Json::Number(0.0));
    assert!(config.parallel.sequence_parallel);
    assert_eq!(opened(&encode(&config)), config);
}

#[test]
fn a_key_that_stands_twice_is_noted() {
    let config = noted("v1.tp-2.tp-4.z", Note::Twice { key: "tp".into() });
    assert_eq!(config.parallel.tensor_model_parallel_size, 4);
}

#[test]
fn text_after_the_end_is_noted() {
    let text = "Thanks".to_owned();
    noted("v1.tp-2.z.Thanks", Note::Trailing { text });
}

/// A text that holds the links of TP 2 and of TP 4 opens the first and tells the second.
#[track_caller]
fn first_of_two(text: &str) {
    let opened = decode(text).expect("a link");
    let [Note::Trailing { text: other }] = opened.notes.as_slice() else {
        panic!("{text}: {:?}", opened.notes);
    };
    assert!(other.starts_with("v1.tp-4"), "{text}: {other}");
    let config = opened.config;
    assert_eq!(config.parallel.tensor_model_parallel_size, 2, "{text}");
}

#[test]
fn of_two_links_in_a_text_one_opens_and_the_other_is_told() {
    first_of_two("v1.tp-2.z or v1.tp-4.z");
    first_of_two("v1.tp-2.z\nv1.tp-4.z");
    first_of_two("was `v1.tp-2.z`, now “v1.tp-4.z”");
    first_of_two("https://plan.example/#v1.tp-2.z, https://plan.example/#v1.tp-4.z");
    first_of_two("https://plan.example/#v1.tp-2.z and v1.tp-4.z");
    first_of_two("https://plan.example/?c=v1.tp-2.z and https://plan.example/?c=v1.tp-4.z");
    // As the page reads its address.
    first_of_two("https://plan.example/?v1.tp-4.z#v1.tp-2.z");
    // One that is cut gives way to a whole one.
    first_of_two("v1.tp-4 https://plan.example/#v1.tp-2.z");
    first_of_two("https://plan.example/#v1.tp-4... https://plan.example/#v1.tp-2.z");
}

#[test]
fn a_link_that_stands_twice_is_one() {
    for text in [
        format!("[{TECHPULSE}](https://plan.example/#{TECHPULSE})"),
        format!("<https://plan.example/#{TECHPULSE}|plan.example/#v1.m-guide-7b.no…>"),
        format!("[https://plan.example/#v1.m-gui…](https://plan.example/#{TECHPULSE})"),
        format!("See {TECHPULSE}, on Megatron v1.2."),
    ] {
        assert_eq!(opened(&text), presets::opening(), "{text}");
    }
}

#[test]
fn words_after_a_cut_link_do_not_make_its_last_part_whole() {
    let left_out = "gbs-51".to_owned();
    for text in [
        "v1.tp-2.gbs-51... is what I ran",
        "v1.tp-2.gbs-51. Is it good?",
        "https://plan.example/#v1.tp-2.gbs-51...\nwhat do you think",
    ] {
        let last = "tp-2".to_owned();
        let left_out = left_out.clone();
        let config = noted(text, Note::Cut { last, left_out });
        assert_eq!(config.batch.global_batch_size, None, "{text}");
    }
}

#[test]
fn a_sentence_after_a_link_is_none_of_it() {
    opened("https://plan.example/#v1.tp-2.z. It runs.");
}

#[test]
fn what_is_no_link_is_an_error() {
    refused("", LinkError::Empty);
    refused(" #\n", LinkError::Empty);
    refused(
        "hello",
        LinkError::NotALink {
            text: "hello".into(),
        },
    );
    let text = "https://plan.example/".to_owned();
    refused("https://plan.example/", LinkError::NotALink { text });
    refused(
        "v2.tp-2.z",
        LinkError::Newer {
            version: "2".into(),
        },
    );
    refused(
        "#v17",
        LinkError::Newer {
            version: "17".into(),
        },
    );
    let long = "v1.".repeat(4000);
    refused(&long, LinkError::TooLong { length: 12_000 });
}

/// The two plans of a link.
#[track_caller]
fn both(text: &str) -> (Config, Config) {
    let opened = decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(opened.notes, [], "{text}");
    (opened.config, opened.other.expect("two plans"))
}

/// The second of two plans, where something is to be said of the link.
#[track_caller]
fn second_noted(text: &str, note: Note) -> Config {
    let opened = decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(opened.notes, [note], "{text}");
    opened.other.expect("two plans")
}

#[test]
fn the_second_of_two_plans_is_told_by_what_differs() {
    let (a, mut b) = (presets::opening(), presets::opening());
    b.parallel.tensor_model_parallel_size = 4;
    b.batch.global_batch_size = None;
    let link = encode_both(&a, Some(&b));
    assert_eq!(
        link,
        TECHPULSE.replace(".z", ".vs.tp-4.no-gbs.z"),
        "readable in a review"
    );
    assert_eq!(both(&link), (a.clone(), b.clone()));
    assert_eq!(encode_both(&a, Some(&a)), TECHPULSE.replace(".z", ".vs.z"));
    assert_eq!(both("v1.vs.z"), (Config::default(), Config::default()));
    assert_eq!(decode(TECHPULSE).expect("a link").other, None);
}

#[test]
fn what_could_not_be_read_of_one_plan_is_not_the_others() {
    let (a, b) = both("v1.tp-2.u-tp-2x.vs.u-pp-x.z");
    assert_eq!(a.unread_at(Field::Tp), Some(&Json::Text("2x".into())));
    assert_eq!(b.unread_at(Field::Tp), None);
    assert_eq!(b.unread_at(Field::Pp), Some(&Json::Text("x".into())));
    assert_eq!(b.parallel.tensor_model_parallel_size, 2);
}

#[test]
fn a_key_of_a_newer_page_holds_for_both_plans() {
    let link = "v1.fsdp-3.vs.tp-4.z";
    let opened = decode(link).expect("a link");
    let (a, b) = (opened.config, opened.other.expect("two plans"));
    assert_eq!(a.unread, b.unread);
    assert_eq!(encode_both(&a, Some(&b)), link);
    assert_eq!(encode_both(&b, Some(&a)), "v1.tp-4.fsdp-3.vs.tp-1.z");
    for link in [
        "v1.fsdp-3.vs.no-fsdp.z",
        "v1.vs.no-foo.no-bar.z",
        "v1.fsdp-3.vs.fsdp-4.z",
    ] {
        let opened = decode(link).expect("a link");
        let again = encode_both(&opened.config, opened.other.as_ref());
        let told = decode(&again).expect("a link");
        assert_eq!(
            (told.config, told.other),
            (opened.config, opened.other),
            "{link}"
        );
    }
}

#[test]
fn what_is_too_long_for_the_second_plan_is_unset_and_not_the_firsts() {
    let mut a = presets::opening();
    a.about.note = Some("n".repeat(400));
    a.training.recompute_modules = Some("[".repeat(256));
    let mut b = a.clone();
    b.training.recompute_modules = Some("]".repeat(256));
    b.about.note = Some("]".repeat(400));
    let opened = decode(&encode_both(&a, Some(&b))).expect("a link");
    assert!(matches!(opened.notes[..], [Note::TooLong { .. }]));
    assert_eq!(opened.other.expect("two plans").about.note, None);
    let said = share::left_out(&encode_both(&a, Some(&b))).expect("it is said");
    assert!(
        said.starts_with("A link has no room for all of both plans."),
        "{said}"
    );
}

#[test]
fn a_damaged_link_of_two_plans_says_so() {
    let cut = Note::Cut {
        last: "tp-4".into(),
        left_out: "gbs-51".into(),
    };
    let b = second_noted("v1.tp-2.vs.tp-4.gbs-51", cut);
    assert_eq!(b.parallel.tensor_model_parallel_size, 4);
    let cut = Note::Cut {
        last: "vs".into(),
        left_out: "tp-4".into(),
    };
    let opened = decode("v1.tp-2.vs.tp-4").expect("a link");
    assert_eq!(
        (opened.notes, opened.other),
        (vec![cut], None),
        "no A again"
    );
    let b = second_noted("v1.vs.tp-4.tp-8.z", Note::Twice { key: "tp".into() });
    assert_eq!(b.parallel.tensor_model_parallel_size, 8);
    let b = second_noted("v1.vs.tp-4.vs.pp-2.z", Note::Twice { key: "vs".into() });
    assert_eq!(
        b.parallel.tensor_model_parallel_size, 1,
        "the last one counts"
    );
    noted("v1.gbs-8.no-gbs.z", Note::Twice { key: "gbs".into() });
    noted(
        "v1.tp-4.no-foo.z",
        Note::Unknown {
            part: "no-foo".into(),
        },
    );
    let part = "no-tp".to_owned();
    second_noted("v1.tp-4.vs.no-tp.z", Note::Unknown { part });
    let part = "no-tensor".to_owned();
    noted("v1.no-tensor.z", Note::Unknown { part });
}

#[test]
fn what_is_too_long_for_the_first_plan_does_not_change_the_second() {
    let mut a = presets::opening();
    a.parallel.pipeline_model_parallel_layout = Some("[".repeat(256));
    a.training.recompute_modules = Some("[".repeat(256));
    a.about.note = Some("[".repeat(400));
    let mut b = a.clone();
    b.training.recompute_modules = None;
    let opened = decode(&encode_both(&a, Some(&b))).expect("a link");
    assert!(matches!(opened.notes[..], [Note::TooLong { .. }]));
    let other = opened.other.expect("two plans");
    assert_eq!(other.training.recompute_modules, None);
    let carried = carried(&carry_both(&a, Some(&b))).expect("a link");
    assert_eq!((carried.config, carried.other), (a, Some(b)));
}

#[test]
fn a_name_and_a_note_travel_as_words() {
    let config = opened("v1.tp-2.name-Run_207.note-why_3F_20_3Cb_3E.z");
    assert_eq!(config.about.name.as_deref(), Some("Run 7"));
    assert_eq!(config.about.note.as_deref(), Some("why? <b>"));
    assert_eq!(
        encode(&config),
        "v1.tp-2.name-Run_207.note-why_3F_20_3Cb_3E.z"
    );
    // U+202E, a line break, and more than a name holds.
    let hidden = |what| Note::Hidden { what };
    let config = noted("v1.name-a_E2_80_AEb_0Ac.z", hidden("name"));
    assert_eq!(config.about.name.as_deref(), Some("ab c"));
    let long = format!("v1.name-{}.z", "x".repeat(500));
    let long = noted(&long, Note::Shortened { what: "name" });
    assert_eq!(long.about.name.map(|name| name.len()), Some(96));
    let nothing = noted("v1.note-_E2_80_AE.z", hidden("note"));
    assert_eq!(nothing.about.note, None);
    let spaced = opened("v1.name-_20Run_20_207_20.note-.z");
    assert_eq!(spaced.about.name.as_deref(), Some("Run 7"));
}

#[test]
fn a_plan_with_the_longest_note_in_any_script_fits_its_link() {
    for preset in presets::PLANS {
        let mut config = preset.config();
        config.set(Field::PlanName, Value::Text("験".repeat(32)));
        config.set(Field::PlanNote, Value::Text("験".repeat(133)));
        assert_eq!(opened(&encode(&config)), config);
    }
}

#[test]
fn a_link_of_too_many_parts_is_refused_and_none_is_written() {
    let link = |parts: usize| {
        let parts: String = (1..parts).map(|n| format!("q{n}-1.")).collect();
        format!("v1.{parts}z")
    };
    let most = share::MOST_PARTS;
    assert!(decode(&link(most)).is_ok());
    refused(&link(most + 1), LinkError::TooManyParts { parts: most + 1 });
    let whole = carried(&link(most + 50)).expect("a link").config;
    assert_eq!(carried(&carry(&whole)).expect("a link").config, whole);
    let written = decode(&encode(&whole)).expect("a link");
    assert!(
        written
            .notes
            .iter()
            .any(|note| matches!(note, Note::TooLong { .. }))
    );
}

#[test]
fn messages_are_sentences_without_what_hides_in_the_text() {
    let error = decode("bad\u{202e}\nlink").expect_err("no link");
    assert!(
        error.message().starts_with("“badlink” is not a link"),
        "{error}"
    );
    let long = decode(&"x".repeat(500)).expect_err("no link").message();
    assert!(long.chars().count() < 200, "{long}");
}

#[test]
fn an_entry_too_long_for_a_link_is_counted_and_the_plan_stays() {
    let mut config = presets::opening();
    config.type_into(Field::Tp, &"x".repeat(5000));
    let link = encode(&config);
    assert!(link.len() < 2000);
    let entries = "1".to_owned();
    let said = share::left_out(&link).expect("it is said");
    assert!(said.contains("Entries that it leaves out: 1."), "{said}");
    assert_eq!(share::left_out(&encode(&presets::opening())), None);
    assert_eq!(noted(&link, Note::TooLong { entries }), presets::opening());
    let whole = carried(&carry(&config)).expect("a link");
    assert_eq!((whole.config, whole.notes), (config, Vec::new()));
}

#[test]
fn links_are_short() {
    for preset in presets::PLANS {
        let length = share::url("https://meshplan.example.org/", &preset.config()).len();
        assert!(length < 300, "{}: {length}", preset.id);
    }
    let mut config = Config::default();
    for &field in Field::ALL {
        config.set(field, largest(field));
    }
    let length = encode(&config).len();
    assert!(
        length < 2000 && !encode(&config).contains("lost"),
        "{length}"
    );
}

/// The longest value that a field holds.
fn largest(field: Field) -> Value {
    match field.info().kind {
        Kind::Flag => Value::Flag(config_flag(field)),
        Kind::Rate(_) => Value::Real(1.234_567_890_123_456_7e-300),
        Kind::Choice(words) => Value::Text((*words.last().expect("a word")).to_owned()),
        Kind::Model | Kind::Gpu | Kind::Node => Value::Text("a-name-of-usual-length".into()),
        Kind::Pattern => Value::Text("Et*3|(tt|)*29,m|L".into()),
        Kind::Words { most } => Value::Text("y".repeat(most)),
        Kind::Count { .. } | Kind::Bytes => Value::Count(1 << 53),
    }
}

/// The other value of a flag than its default.
fn config_flag(field: Field) -> bool {
    Config::default().get(field) != Value::Flag(true)
}

/// Any JSON, as a careless or hostile hand may write it into a plan.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        (0_u64..1 << 53).prop_map(|n| Json::Number(n as f64)),
        (0_u64..100).prop_map(|n| Json::Number(n as f64)),
        any::<f64>()
            .prop_filter("finite", |x| x.is_finite())
            .prop_map(Json::Number),
        "\\PC{0,12}".prop_map(Json::Text),
        "[a-z0-9._ \"\\\\-]{0,12}".prop_map(Json::Text),
        any::<String>().prop_map(|text| Json::Text(text.chars().take(8).collect())),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::List),
            prop::collection::vec(("\\PC{0,6}", inner), 0..3).prop_map(Json::Object),
        ]
    })
}

/// A value that a field takes.
fn sound_value(field: Field) -> BoxedStrategy<Value> {
    match field.info().kind {
        Kind::Count { min, max } => (min..=max.min(1 << 53)).prop_map(Value::Count).boxed(),
        Kind::Bytes => (1_u64..1 << 53).prop_map(Value::Count).boxed(),
        Kind::Rate(_) => (1e-9..1e12_f64).prop_map(Value::Real).boxed(),
        Kind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Kind::Choice(words) => prop::sample::select(words)
            .prop_map(|word| Value::Text(word.to_owned()))
            .boxed(),
        Kind::Model | Kind::Gpu | Kind::Node => "\\PC{0,20}".prop_map(Value::Text).boxed(),
        Kind::Pattern => "[!-~]{1,20}".prop_map(Value::Text).boxed(),
        Kind::Words { .. } => ".{0,60}"
            .prop_map(move |text| field.read(&Json::Text(text)).expect("any words"))
            .boxed(),
    }
}

/// Any plan: sound values, unsound ones, unknown fields, and text that is being typed.
fn any_config() -> impl Strategy<Value = Config> {
    let field = || prop::sample::select(Field::ALL);
    let edits = prop::collection::vec(field().prop_flat_map(|f| (Just(f), sound_value(f))), 0..30);
    let entries = prop::collection::vec((field(), any_json()), 0..4);
    let unknown = prop::collection::vec(("[a-z_.-]{0,16}|link.[a-z0-9]{1,6}", any_json()), 0..3);
    let typed = prop::collection::vec((field(), "\\PC{0,10}"), 0..3);
    (edits, entries, unknown, typed).prop_map(|(edits, entries, unknown, typed)| {
        let mut config = Edit { set: edits }.apply(&Config::default());
        for (field, json) in entries {
            config.read_entry(field.info().path, &json);
        }
        for (path, json) in unknown {
            config.read_entry(&path, &json);
        }
        for (field, text) in typed {
            config.type_into(field, &text);
        }
        config
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn any_plan_comes_back_from_its_link(config in any_config()) {
        let link = encode(&config);
        prop_assert!(link.len() < 2000, "{}", link.len());
        prop_assert!(link.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)));
        let opened = decode(&link).expect("a link");
        let lost = opened.notes.iter().any(|n| matches!(n, Note::TooLong { .. }));
        let strange = opened.notes.iter().any(|n| {
            !matches!(n, Note::TooLong { .. } | Note::Unknown { .. })
        });
        prop_assert!(!strange, "{:?}", opened.notes);
        if !lost {
            prop_assert_eq!(&opened.config, &config, "{}", link);
            prop_assert_eq!(encode(&opened.config), link);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_plan_is_carried_whole(config in any_config()) {
        prop_assert_eq!(carried(&carry(&config)).expect("a link").config, config);
    }

    #[test]
    fn any_two_plans_come_back_from_their_link(a in any_config(), b in any_config()) {
        let opened = carried(&carry_both(&a, Some(&b))).expect("a link");
        prop_assert_eq!((&opened.config, opened.other.as_ref()), (&a, Some(&b)));
        let link = encode_both(&a, Some(&b));
        prop_assert!(link.len() < 2000, "{}", link.len());
        let opened = decode(&link).expect("a link");
        if !opened.notes.iter().any(|n| matches!(n, Note::TooLong { .. })) {
            prop_assert_eq!((opened.config, opened.other), (a, Some(b)));
        }
    }

    #[test]
    fn any_text_is_a_plan_or_an_error(text in any::<String>()) {
        let _ = decode(&text);
        let _ = decode(&format!("v1.{text}"));
    }
}

/// How many damaged links are read.
const DAMAGED: u64 = 1_000_000;

/// The longest that a text may take to be read. Tests fail on no time, since machines are busy with
/// other things; but what takes longer in the best of many tries takes long by itself.
const SLOWEST: Duration = Duration::from_millis(1);

fn read_in_time(text: &str) -> bool {
    let time = || {
        let start = Instant::now();
        let _ = black_box(decode(black_box(text)));
        start.elapsed()
    };
    (0..20).any(|_| time() <= SLOWEST)
}

#[test]
fn a_million_damaged_links_never_panic_and_are_read_in_a_millisecond() {
    let links = golden_links();
    assert!(links.len() > golden().len(), "also those of two plans");
    let next = AtomicU64::new(0);
    let opened = AtomicU64::new(0);
    let worker = || {
        // Each seed is a thousand links, so that a failure is found again without the others.
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= DAMAGED / 1000 {
                break;
            }
            let mut random = Random::new(seed);
            for _ in 0..1000 {
                let text = damaged(&links, &mut random);
                assert!(read_in_time(&text), "too slow: {text:?}");
                opened.fetch_add(check(&text).is_some().into(), Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, Into::into);
        (0..cores).for_each(|_| drop(scope.spawn(worker)));
    });
    // Damage that only ever makes errors, or none, would test little.
    let opened = opened.into_inner() * 100 / DAMAGED;
    assert!((20..=80).contains(&opened), "{opened} % were opened");
}

#[test]
fn the_longest_text_of_one_piece_after_another_is_read_in_a_millisecond() {
    for piece in [
        "v1.a ",
        "#v1.",
        "?v1.a&",
        "v1.\n",
        " v",
        "v1.a.z ",
        "c=v1.a ",
        "_v1.a",
        "(v1.a",
        "v9",
        "&amp;v1.a",
        " a",
        ". ",
        "v1.z#",
        "%2523",
        "\u{200b}v1",
    ] {
        let text = piece.repeat(share::LONGEST_TEXT / piece.len());
        assert!(read_in_time(&text), "too slow: {piece:?}");
    }
}
