//! The types of the JavaScript API name every field of a plan, with its type.
#![cfg(not(target_arch = "wasm32"))]

use meshplan::core::Field;
use meshplan::core::config::Kind;

/// What a field's kind is in TypeScript.
fn typed(field: Field) -> String {
    let info = field.info();
    let mut words = match info.kind {
        Kind::Count { .. } | Kind::Bytes | Kind::Rate(_) => vec!["number".to_owned()],
        Kind::Flag => vec!["boolean".to_owned()],
        Kind::Choice(names) => names.iter().map(|name| format!("\"{name}\"")).collect(),
        Kind::Pattern | Kind::Words { .. } | Kind::Model | Kind::Gpu | Kind::Node => {
            vec!["string".to_owned()]
        }
    };
    words.extend(info.optional.then(|| "null".to_owned()));
    words.join(" | ")
}

#[test]
fn the_types_of_the_api_name_every_field_of_a_plan() {
    let text = include_str!("../src/api/meshplan.d.ts");
    let mut named = 0;
    for &field in Field::ALL {
        let info = field.info();
        let mut group = info.group().to_owned();
        group[..1].make_ascii_uppercase();
        let interface = format!("export interface {group}Config {{");
        let (_, body) = text.split_once(&interface).expect("an interface");
        let (body, _) = body.split_once("\n}").expect("its end");
        let line = format!("  {}?: {};\n", info.name(), typed(field));
        assert!(format!("{body}\n").contains(&line), "no {line} in {group}");
        named += 1;
    }
    let (_, configs) = text.split_once("interface ModelConfig").expect("the model");
    let (configs, _) = configs.split_once("interface Report ").expect("the report");
    assert_eq!(
        configs.matches("?: ").count(),
        named,
        "fields that are gone"
    );
}
