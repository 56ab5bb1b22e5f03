//! Format v1: `v1.m-guide-7b.nodes-2.tp-2.z`. Frozen: links that were made with it must open the
//! same plan for ever, so nothing here follows core's table of fields; a changed default or a key
//! with another meaning is a new format.
//!
//! Each part is `key-value`; parts with the format's default are left out. In numbers `_` is the
//! decimal point; flags are 1 and 0; text is escaped. No key begins with `z`, the end mark.
//! Beside the keys of the table there are
//! - `u-key-value` for what stands in a field but could not be read,
//! - `x-path-value` for what stands in no field at all,
//! - `lost-n` for n entries that were too long for the link, and
//! - `vs`, after which a second plan is told by what differs from the first: fields that have another
//!   value, `no-key` for those that it leaves unset, and its own `u` and `x`. Keys that are not known
//!   hold for both, as they do for a page that knows them.

use super::escape::{escape, unescape};
use super::find::Found;
use super::{LinkError, Note, Opened, tree};
use crate::core::config::Unread;
use crate::core::json::Json;
use crate::core::{Config, Field, Value};
use Kind::{Flag, Number, Text};

/// How a value is written.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Number,
    Flag,
    Text,
}

/// A key, the field it stands for, how it is written, and its default as text.
struct Row(&'static str, &'static str, Kind, Option<&'static str>);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("m",          "model.preset",                                                    Text,   None),
    Row("params",     "model.num_parameters",                                            Number, None),
    Row("layers",     "model.num_layers",                                                Number, None),
    Row("hidden",     "model.hidden_size",                                               Number, None),
    Row("ffn",        "model.ffn_hidden_size",                                           Number, None),
    Row("heads",      "model.num_attention_heads",                                       Number, None),
    Row("groups",     "model.num_query_groups",                                          Number, None),
    Row("kv",         "model.kv_channels",                                               Number, None),
    Row("vocab",      "model.vocab_size",                                                Number, None),
    Row("swiglu",     "model.swiglu",                                                    Flag,   None),
    Row("norm",       "model.normalization",                                             Text,   None),
    Row("bias",       "model.add_bias_linear",                                           Flag,   None),
    Row("untie",      "model.untie_embeddings_and_output_weights",                       Flag,   None),
    Row("experts",    "model.num_experts",                                               Number, None),
    Row("topk",       "model.moe_router_topk",                                           Number, None),
    Row("effn",       "model.moe_ffn_hidden_size",                                       Number, None),
    Row("shared",     "model.moe_shared_expert_intermediate_size",                       Number, None),
    Row("freq",       "model.moe_layer_freq",                                            Text,   None),
    Row("presoftmax", "model.moe_router_pre_softmax",                                    Flag,   None),
    Row("mla",        "model.multi_latent_attention",                                    Flag,   None),
    Row("qlora",      "model.q_lora_rank",                                               Number, None),
    Row("kvlora",     "model.kv_lora_rank",                                              Number, None),
    Row("qkdim",      "model.qk_head_dim",                                               Number, None),
    Row("posdim",     "model.qk_pos_emb_head_dim",                                       Number, None),
    Row("vdim",       "model.v_head_dim",                                                Number, None),
    Row("mtp",        "model.mtp_num_layers",                                            Number, None),
    Row("qkvbias",    "model.add_qkv_bias",                                              Flag,   None),
    Row("qknorm",     "model.qk_layernorm",                                              Flag,   None),
    Row("pos",        "model.position_embedding_type",                                   Text,   None),
    Row("maxpos",     "model.max_position_embeddings",                                   Number, None),
    Row("vdiv",       "model.make_vocab_size_divisible_by",                              Number, None),
    Row("node",       "cluster.node",                                                    Text,   None),
    Row("gpu",        "cluster.gpu",                                                     Text,   None),
    Row("nodes",      "cluster.num_nodes",                                               Number, Some("1")),
    Row("gpn",        "cluster.gpus_per_node",                                           Number, None),
    Row("domain",     "cluster.nvlink_domain_gpus",                                      Number, None),
    Row("mem",        "cluster.gpu_memory_bytes",                                        Number, None),
    Row("tflops",     "cluster.peak_tflops",                                             Number, None),
    Row("intra",      "cluster.intra_node_gb_per_s",                                     Number, None),
    Row("inter",      "cluster.inter_node_gb_per_s",                                     Number, None),
    Row("tp",         "parallel.tensor_model_parallel_size",                             Number, Some("1")),
    Row("pp",         "parallel.pipeline_model_parallel_size",                           Number, Some("1")),
    Row("vpp",        "parallel.virtual_pipeline_model_parallel_size",                   Number, None),
    Row("cp",         "parallel.context_parallel_size",                                  Number, Some("1")),
    Row("ep",         "parallel.expert_model_parallel_size",                             Number, Some("1")),
    Row("etp",        "parallel.expert_tensor_parallel_size",                            Number, None),
    Row("sp",         "parallel.sequence_parallel",                                      Flag,   Some("1")),
    Row("do",         "parallel.use_distributed_optimizer",                              Flag,   Some("1")),
    Row("inst",       "parallel.num_distributed_optimizer_instances",                    Number, Some("1")),
    Row("first",      "parallel.num_layers_in_first_pipeline_stage",                     Number, None),
    Row("last",       "parallel.num_layers_in_last_pipeline_stage",                      Number, None),
    Row("aemb",       "parallel.account_for_embedding_in_pipeline_split",                Flag,   Some("0")),
    Row("aloss",      "parallel.account_for_loss_in_pipeline_split",                     Flag,   Some("0")),
    Row("layout",     "parallel.pipeline_model_parallel_layout",                         Text,   None),
    Row("mbgroup",    "parallel.microbatch_group_size_per_virtual_pipeline_stage",       Number, None),
    Row("order",      "parallel.order",                                                  Text,   Some("tp-cp-ep-dp-pp")),
    Row("acc",        "parallel.expert_accounting",                                      Text,   Some("multiplied")),
    Row("seq",        "batch.seq_length",                                                Number, Some("4096")),
    Row("mbs",        "batch.micro_batch_size",                                          Number, Some("1")),
    Row("gbs",        "batch.global_batch_size",                                         Number, None),
    Row("rc",         "training.recompute_granularity",                                  Text,   None),
    Row("rcm",        "training.recompute_method",                                       Text,   None),
    Row("rcn",        "training.recompute_num_layers",                                   Number, None),
    Row("rcmod",      "training.recompute_modules",                                      Text,   None),
    Row("name",       "about.name",                                                      Text,   None),
    Row("note",       "about.note",                                                      Text,   None),
];

/// The mark of a whole link.
const END: &str = "z";
/// The key of what stands in a field but could not be read.
const UNREAD: &str = "u";
/// The key of what stands in no field.
const UNKNOWN: &str = "x";
/// The key of the number of entries that were too long.
const LOST: &str = "lost";
/// What stands between two plans.
const VERSUS: &str = "vs";
/// The key of a field that the second plan leaves unset, other than the first.
const UNSET: &str = "no";
/// Where parts with an unknown key are kept, so that they can be written again as they were.
const FOREIGN: &str = "link.";

/// A plan, and the one that it is compared with, as a link of at most `longest` characters and `most`
/// parts.
pub fn write(config: &Config, other: Option<&Config>, longest: usize, most: usize) -> String {
    let mut link = Writer {
        text: "v1".to_owned(),
        longest,
        // Two are for `lost-n` and the end mark.
        parts: most.saturating_sub(2),
        lost: 0,
    };
    let defaults = ROWS.iter().map(|row| row.3.map(str::to_owned)).collect();
    let told = write_plan(&mut link, config, defaults, &[]);
    if let Some(other) = other
        && link.add(&[VERSUS])
    {
        write_plan(&mut link, other, told, &inherited(config));
    }
    link.end()
}

/// Writes what differs from `known`, the text of each row, and from the `unread` entries that a reader
/// has already. Gives what a reader then knows of each row: what was too long for the link is not known.
fn write_plan(
    link: &mut Writer,
    config: &Config,
    known: Vec<Option<String>>,
    unread: &[Unread],
) -> Vec<Option<String>> {
    let mut told = Vec::new();
    for (Row(key, path, _, default), known) in ROWS.iter().zip(known) {
        let text = Field::at(path).and_then(|field| value_text(&config.get(field)));
        let written = text == known
            || match &text {
                Some(text) => link.add(&[key, text]),
                None => link.add(&[UNSET, key]),
            };
        // What has no room must not leave the value of the other plan in its place.
        let unset = !written && known.is_some() && default.is_none() && link.add(&[UNSET, key]);
        told.push(match (written, unset) {
            (true, _) => text,
            (false, true) => None,
            (false, false) => known,
        });
    }
    let rest = config.unread.strip_prefix(unread).unwrap_or_else(|| {
        for entry in unread {
            link.add(&[UNSET, entry.path.strip_prefix(FOREIGN).unwrap_or_default()]);
        }
        &config.unread
    });
    for Unread { path, value } in rest {
        let key = ROWS.iter().find(|row| row.1 == path).map(|row| row.0);
        match (key, foreign(path, value)) {
            (Some(key), _) => {
                link.add(&[UNREAD, key, &escape(&tree::write(value))]);
            }
            (None, Some((key, ""))) => {
                link.add(&[key]);
            }
            (None, Some((key, text))) => {
                link.add(&[key, text]);
            }
            (None, None) => {
                // The first `-` of the part ends the path.
                let path = escape(path).replace('-', "_2D");
                link.add(&[UNKNOWN, &path, &escape(&tree::write(value))]);
            }
        }
    }
    told
}

/// A value as it stands in a link; none when it is unset.
fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Unset => None,
        Value::Count(n) => Some(n.to_string()),
        Value::Real(x) => Some(tree::number(*x).replace('.', "_")),
        Value::Flag(on) => Some(if *on { "1" } else { "0" }.to_owned()),
        Value::Text(text) => Some(escape(text)),
    }
}

/// The entries of a plan that another one after it has too: those with keys that are not known.
fn inherited(config: &Config) -> Vec<Unread> {
    let entries = config.unread.iter();
    let has_key = |entry: &&Unread| {
        foreign(&entry.path, &entry.value).is_some_and(|(key, _)| !key.contains('-'))
    };
    entries.filter(has_key).cloned().collect()
}

/// An unread entry that came from a link with an unknown key, as its key and value.
fn foreign<'a>(path: &'a str, value: &'a Json) -> Option<(&'a str, &'a str)> {
    let key = path.strip_prefix(FOREIGN)?;
    let Json::Text(text) = value else { return None };
    // Of a second plan it may have been the mark that it leaves such a key unset.
    let bare = match (key.strip_prefix("no-"), text.is_empty()) {
        (Some(bare), true) => bare,
        _ => key,
    };
    let own = [UNREAD, UNKNOWN, LOST, VERSUS, UNSET].contains(&bare)
        || ROWS.iter().any(|row| row.0 == bare);
    let is_key = !own && !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_alphanumeric());
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (is_key && !key.starts_with('z') && text.bytes().all(fits)).then_some((key, text))
}

struct Writer {
    text: String,
    longest: usize,
    /// How many more there may be.
    parts: usize,
    lost: u32,
}

impl Writer {
    /// Room for `.lost-n.z`.
    const RESERVE: usize = 20;

    /// Adds a part; `false` where it is too long.
    fn add(&mut self, words: &[&str]) -> bool {
        let part = words.join("-");
        let room = self.longest.saturating_sub(Writer::RESERVE);
        let fits = self.parts > 0 && self.text.len().saturating_add(part.len()) <= room;
        if fits {
            self.parts = self.parts.saturating_sub(1);
            self.text.push('.');
            self.text.push_str(&part);
        } else {
            self.lost = self.lost.saturating_add(1);
        }
        fits
    }

    fn end(mut self) -> String {
        if self.lost > 0 {
            self.text.push_str(&format!(".{LOST}-{}", self.lost));
        }
        self.text.push('.');
        self.text.push_str(END);
        self.text
    }
}

/// The plan of a link.
pub fn read(link: &Found) -> Result<Opened, LinkError> {
    let mut parts: Vec<&str> = link.parts().collect();
    let mut notes = Vec::new();
    match parts.iter().position(|part| *part == END) {
        Some(end) => {
            let rest = parts.split_off(end);
            let text = rest.get(1..).unwrap_or_default().join(".");
            if !text.is_empty() {
                notes.push(Note::Trailing { text });
            }
        }
        // Where a link is cut, its last part may be cut too: of `gbs-512`, `gbs-5` is left.
        None => match (parts.pop(), parts.last().copied()) {
            (Some(left_out), Some(last)) => {
                notes.push(Note::Cut {
                    last: last.to_owned(),
                    left_out: left_out.to_owned(),
                });
                // Nothing is left of a second plan, which would look like the first one again.
                if last == VERSUS {
                    parts.pop();
                }
            }
            (left, _) => {
                return Err(LinkError::Cut {
                    text: left.unwrap_or_default().to_owned(),
                });
            }
        },
    }
    let mut config = defaults();
    let mut other = None;
    let mut seen = Vec::new();
    for part in parts {
        let (key, value) = part.split_once('-').unwrap_or((part, ""));
        // A field that is unset is named as one that is set.
        let unsets = key == UNSET && ROWS.iter().any(|row| row.0 == value);
        let named = if unsets { value } else { key };
        if seen.contains(&named) || (part == VERSUS && other.is_some()) {
            notes.push(Note::Twice {
                key: named.to_owned(),
            });
        }
        if part == VERSUS {
            let unread = inherited(&config);
            let fields = config.clone();
            other = Some(Config { unread, ..fields });
            seen.clear();
            continue;
        }
        if ![UNREAD, UNKNOWN, UNSET].contains(&named) {
            seen.push(named);
        }
        let plan = other.as_mut().unwrap_or(&mut config);
        notes.extend(take(plan, part, key, value));
    }
    Ok(Opened {
        config,
        other,
        notes,
    })
}

/// The plan of a link without parts.
fn defaults() -> Config {
    let mut config = Config::default();
    for Row(_, path, kind, default) in ROWS {
        if let Some(text) = default {
            config.read_entry(path, &Json::Text(plain(*kind, text)));
        }
    }
    config
}

/// Takes one part into the plan.
fn take(config: &mut Config, part: &str, key: &str, value: &str) -> Option<Note> {
    if let Some(Row(_, path, kind, _)) = ROWS.iter().find(|row| row.0 == key) {
        let text = plain(*kind, value);
        config.read_entry(path, &Json::Text(text.clone()));
        return Note::on_words(config, path, &text);
    }
    let (name, text) = value.split_once('-').unwrap_or((value, ""));
    let unread = tree::read(&unescape(text));
    match key {
        UNSET => {
            // A field with a default cannot be unset.
            let row = ROWS.iter().find(|row| row.0 == value && row.3.is_none());
            if let Some(field) = row.and_then(|row| Field::at(row.1)) {
                config.set(field, Value::Unset);
                return None;
            }
            let path = [FOREIGN, value].concat();
            if config.unread.iter().any(|entry| entry.path == path) {
                config.unread.retain(|entry| entry.path != path);
            } else {
                keep(config, [FOREIGN, part].concat(), Json::Text(String::new()));
            }
            return Some(Note::Unknown {
                part: part.to_owned(),
            });
        }
        UNREAD => {
            if let Some(row) = ROWS.iter().find(|row| row.0 == name) {
                keep(config, row.1.to_owned(), unread);
                return None;
            }
        }
        UNKNOWN => {
            keep(config, unescape(name), unread);
            return None;
        }
        LOST => {
            return Some(Note::TooLong {
                entries: value.to_owned(),
            });
        }
        _ => {}
    }
    keep(
        config,
        format!("{FOREIGN}{key}"),
        Json::Text(value.to_owned()),
    );
    Some(Note::Unknown {
        part: part.to_owned(),
    })
}

/// A value as core reads it from text.
fn plain(kind: Kind, text: &str) -> String {
    match kind {
        Number => text.replace('_', "."),
        Flag => text.to_owned(),
        Text => unescape(text),
    }
}

fn keep(config: &mut Config, path: String, value: Json) {
    config.unread.retain(|unread| unread.path != path);
    config.unread.push(Unread { path, value });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_key_and_every_key_its_field() {
        let fields: Vec<_> = Field::ALL
            .iter()
            .map(|f| (f.info().short, f.info().path))
            .collect();
        let rows: Vec<_> = ROWS.iter().map(|row| (row.0, row.1)).collect();
        assert_eq!(rows, fields);
    }

    #[test]
    fn every_key_stands_in_a_golden_link() {
        let golden = include_str!("../../tests/golden/v1.json");
        let parts: Vec<&str> = golden.split(['.', '"']).collect();
        for Row(key, ..) in ROWS {
            let begins = |part: &&str| part.split_once('-').is_some_and(|(of, _)| of == *key);
            assert!(parts.iter().any(begins), "{key}");
        }
    }

    #[test]
    fn todays_defaults_are_those_of_v1() {
        assert_eq!(defaults(), Config::default());
        assert_eq!(write(&Config::default(), None, 1_000, 100), "v1.z");
    }

    #[test]
    fn no_key_begins_like_the_end_mark() {
        assert!(ROWS.iter().all(|row| !row.0.starts_with('z')));
    }
}
