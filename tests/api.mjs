// The JavaScript API, and the details of the page, in Node: `node tests/api.mjs <folder of the built page> <command line>`.
// `cargo xtask test` starts it.
//
// What they give is compared with what the command line prints, which has tests of its own.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { hasType, isSound, typesOf } from "./types.mjs";

const [folder, program] = process.argv.slice(2).map((name) => path.resolve(name));

/** A module beside the page, ready to be called, and its memory. Another `copy` is a program of its own. */
async function loaded(name, copy = "") {
  const module = await import(pathToFileURL(path.join(folder, `${name}.js`)) + copy);
  const { memory } = await module.default({ module_or_path: readFileSync(path.join(folder, `${name}_bg.wasm`)) });
  return [module, memory];
}

const [api] = await loaded("api/meshplan");
const [details] = await loaded("details/details");
const copies = [await loaded("details/details", "?1"), await loaded("details/details", "?2")];

const golden = JSON.parse(readFileSync(new URL("golden/v1.json", import.meta.url), "utf8"));
const pairs = JSON.parse(readFileSync(new URL("golden/v1_two.json", import.meta.url), "utf8"));
/** Without those that hold what cannot be read, which scripts are refused. */
const readable = golden.filter(({ link }) => !/\.u-/.test(link));
const TECHPULSE = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.mbs-2.gbs-512.z";
/** The same, compared with the plan of TP 4. */
const BOTH = TECHPULSE.replace(".z", ".vs.tp-4.z");
const techpulse = golden.find(({ link }) => link === TECHPULSE).plan;

let [passed, failed] = [0, 0];

function test(name, body) {
  try {
    body();
    passed += 1;
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}\n${String(error.stack ?? error).replace(/^/gm, "    ")}`);
  }
}

/** What the command line prints, whatever it thinks of the plan. */
const prints = (...words) => spawnSync(program, words, { encoding: "utf8", maxBuffer: 1 << 28 }).stdout;

/** A call throws an `Error` that names a field and says why. */
function refuses(call, field, reason) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.field, field);
    assert.ok(error.message.startsWith(`${field}: `), error.message);
    assert.match(error.message, reason);
    return true;
  });
}

test("the version is the package's", () => {
  assert.equal(api.version(), execFileSync(program, ["--version"], { encoding: "utf8" }).trim().split(" ")[1]);
});

test("every plan has the report of the command line, from its object and from its link", () => {
  for (const { link, plan } of readable) {
    const report = JSON.parse(prints("report", link, "--format", "json"));
    assert.deepEqual(api.plan(plan), report, link);
    assert.deepEqual(api.plan(link), report, link);
  }
});

test("links lead there and back", () => {
  for (const { link, plan } of golden) {
    assert.equal(api.encodeLink(plan), link);
    assert.deepEqual(api.decodeLink(`https://example.com/plan#${link}`), { config: plan, notes: [] });
  }
});

test("links of two plans lead there and back, and stand for no plan alone", () => {
  for (const { link, plan, other } of pairs) {
    assert.equal(api.encodeLink(plan, other), link);
    assert.deepEqual(api.decodeLink(link), { config: plan, other, notes: [] });
    refuses(() => api.plan(link), "config", /holds two plans/);
    refuses(() => api.encodeLink(plan, link), "other", /holds two plans/);
  }
  assert.equal(api.encodeLink(techpulse, null), TECHPULSE);
});

test("a link that has no room for all of a plan is refused, and so is one that may be another plan", () => {
  refuses(() => api.encodeLink({ parallel: { tensor_model_parallel_size: "x".repeat(3000) } }), "config", /no room for all of this plan\. Entries that it leaves out: 1\./);
  for (const [link, reason] of [
    ["v1.tp-2.tp-4.z", /“tp” more than once/],
    ["v1.tp-2.z.gbs-8", /“gbs-8” stands beside the link/],
    ["v1.tp-2.z or v1.tp-4.z", /“v1\.tp-4\.z” stands beside the link/],
    ["v1.tp-2.lost-3.z", /too long for the link: 3\./],
  ]) {
    for (const call of ["plan", "validate", "encodeLink", "flags"]) refuses(() => api[call](link), "config", reason);
    assert.equal(api.decodeLink(link).notes.length, 1, link);
  }
});

test("what is to be said of a link is said", () => {
  const { config, notes } = api.decodeLink("v1.tp-4.mb");
  assert.equal(config.parallel.tensor_model_parallel_size, 4);
  assert.match(notes.join(), /cut off after “tp-4”/);
  refuses(() => api.decodeLink("TP=2"), "text", /is not a link to a plan/);
  refuses(() => api.decodeLink(7), "text", /a number, not text/);
});

test("groups are those of the command line, and refused with the field", () => {
  assert.deepEqual(api.groups(techpulse), JSON.parse(prints("groups", TECHPULSE)));
  refuses(() => api.groups({ ...techpulse, parallel: { tensor_model_parallel_size: 3 } }), "parallel", /do not divide/);
});

test("flags and Markdown are those of the command line", () => {
  for (const { link } of readable) {
    assert.equal(api.flags(link), prints("flags", link));
    for (const format of ["megatron", "nemo", "bridge"]) {
      assert.equal(api.flags(link, format), prints("flags", link, "--format", format));
    }
    assert.equal(api.markdown(link), prints("report", link, "--format", "markdown"));
  }
  assert.match(api.markdown(techpulse, "https://example.com/"), new RegExp(`<https://example.com/#${TECHPULSE}>`));
  refuses(() => api.flags(techpulse, "slurm"), "format", /none of megatron, nemo and bridge/);
});

/** The words that the command line's help lists for an option of `diagram`. */
const help = prints("--help").replace(/\s+/g, " ");
const [, colors] = help.match(/--color NAME (.*?);/);
const [, pictures] = help.match(/--picture NAME (.*?), or all/);
const COLORS = colors.split(", ");
const PICTURES = [...pictures.split(", "), "all"];

/** A picture is the one that the command line draws, or refused as there. */
function draws(link, options) {
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const { stdout, stderr, status } = spawnSync(program, ["diagram", link, ...words], { encoding: "utf8", maxBuffer: 1 << 28 });
  const at = `${link} ${words.join(" ")}`;
  if (status === 2) {
    const why = stderr.trim().split("\n").at(-1).replace("meshplan: ", "");
    assert.throws(() => api.diagramSvg(link, options), { field: "config", message: `config: ${why}` }, at);
  } else {
    assert.ok(stdout.startsWith("<svg "), at);
    assert.equal(api.diagramSvg(link, options), stdout, at);
  }
}

test("pictures are those of the command line, by every name, in every colour", () => {
  for (const { link } of readable) {
    for (const picture of PICTURES) draws(link, { picture });
  }
  for (const link of [TECHPULSE, "v1.m-mixtral-8x7b.node-p5-48xlarge.nodes-8.tp-2.pp-4.ep-8.z", "v1.nodes-4.tp-3.z"]) {
    for (const color of COLORS) {
      draws(link, { color });
      draws(link, { color, picture: "all", theme: "dark" });
    }
  }
  draws(TECHPULSE, { theme: "light", color: "PP" });
  draws("v1.nodes-200000.z", {});
  draws("v1.nodes-200000.z", { picture: "schedule" });
});

test("a picture needs no options, and leads to the page that is named or that the plan was on", () => {
  const picture = prints("diagram", TECHPULSE);
  for (const options of [undefined, null, {}, { picture: undefined, color: null, theme: undefined, page: null }]) {
    assert.equal(api.diagramSvg(techpulse, options), picture);
  }
  const address = `https://example.com/plan#${TECHPULSE}`;
  const onPage = prints("diagram", address);
  assert.ok(onPage.includes(`>${address}<`));
  assert.equal(api.diagramSvg(address), onPage);
  assert.equal(api.diagramSvg(techpulse, { page: "https://example.com/plan" }), onPage);
  assert.equal(api.diagramSvg("https://other.example/#v1.z", { page: "https://example.com/" }), prints("diagram", "https://example.com/#v1.z"));
  assert.equal(api.markdown(address), prints("report", address, "--format", "markdown"));
});

test("an option of a picture that is not known is refused with its name and the words that there are", () => {
  const refusesOptions = (options, field, reason) => refuses(() => api.diagramSvg(techpulse, options), field, reason);
  refusesOptions({ picture: "map" }, "options.picture", new RegExp(`“map” is not known; there are ${PICTURES.join(", ")}\\.$`));
  refusesOptions({ color: "rank" }, "options.color", new RegExp(`“rank” is not known; there are ${COLORS.join(", ")}\\.$`));
  refusesOptions({ theme: "dusk" }, "options.theme", /“dusk” is not known; there are light, dark\.$/);
  refusesOptions({ color: 7 }, "options.color", /This is a number, not text/);
  refusesOptions({ page: () => "" }, "options.page", /This is a function, not text/);
  refusesOptions({ colour: "tp" }, "options.colour", /no such option; there are picture, color, theme, page\.$/);
  refusesOptions({ width: 10 }, "options.width", /no such option/);
  refusesOptions("schedule", "options", /This is a string; options are an object/);
  refusesOptions(["schedule"], "options", /This is a list; options are an object/);
});

test("validate tells what is wrong, and takes what plan refuses", () => {
  assert.equal(api.validate(techpulse).status, "pass");
  const wrong = { ...techpulse, parallel: { tensor_model_parallel_size: "two" } };
  const { status, problems } = api.validate(wrong);
  assert.equal(status, "fail");
  assert.equal(problems[0].field, "parallel.tensor_model_parallel_size");
  const { checks } = api.validate({ ...techpulse, batch: { global_batch_size: 500, micro_batch_size: 2 } });
  assert.ok(checks.some(({ status, fix }) => status === "fail" && fix?.set));
});

test("a value that cannot be read is refused with its field", () => {
  const tp = (value) => () => api.plan({ parallel: { tensor_model_parallel_size: value } });
  const field = "parallel.tensor_model_parallel_size";
  refuses(tp("two"), field, /“two” is not a number\. It takes a whole number from 1 to/);
  refuses(tp(-1), field, /is negative/);
  refuses(tp(NaN), field, /not a number|no number/);
  refuses(tp([2]), field, /is a list/);
  refuses(tp(null), field, /is null/);
  refuses(tp(2n), field, /bigint/);
  refuses(tp(() => 2), field, /function/);
  refuses(() => api.plan({ batch: 5 }), "batch", /a number, where a group of fields belongs/);
  refuses(() => api.flags({ training: { recompute_granularity: "some" } }), "training.recompute_granularity", /one of/);
  assert.equal(api.encodeLink({ parallel: { tensor_model_parallel_size: "two" } }), "v1.u-tp-two.z");
  assert.deepEqual(api.plan({ parallel: { tensor_model_parallel_size: undefined } }), api.plan({}));
});

test("what is no plan is refused", () => {
  const loop = {};
  loop.loop = loop;
  for (const [config, reason] of [
    [undefined, /undefined/], [null, /null/], [7, /a number/], [[], /a list/], [true, /a boolean/],
    ["TP=2", /is not a link/], ["v1.tp-4.mb", /cut off/], ["", /no link/], [loop, /nested too deep/],
  ]) {
    for (const call of ["plan", "validate", "encodeLink", "groups", "flags", "markdown"]) {
      refuses(() => api[call](config), "config", reason);
    }
  }
});

test("no value of a script stops the program, whatever argument it is", () => {
  const loop = { parallel: {} };
  loop.parallel.loop = loop;
  let deep = {};
  for (let i = 0; i < 10_000; i += 1) deep = { parallel: deep };
  const thrower = { get parallel() { throw new Error("boom"); } };
  const trap = () => { throw new Error("trapped"); };
  const traps = Object.fromEntries(["get", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf", "has"].map((name) => [name, trap]));
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const inside = [{ parallel: thrower }, { parallel: { tensor_model_parallel_size: new Proxy({}, traps) } }];
  const lists = [new Proxy([1], traps), Object.defineProperty([1], 0, { get: trap }), new Array(4_294_967_295), { model: new Array(4_294_967_295) }];
  const long = "x".repeat(10_000_000);
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
  const refusedByAll = {
    "undefined": [undefined], "null": [null], numbers: [0, -1, NaN, Infinity], "true": [true], lists: [[], [1], ...lists],
    functions: [() => 1, class {}], symbols: [Symbol("s"), Symbol.iterator], "big integers": [1n, 2n ** 70n], cycles: [loop], depth: [deep],
    getters: [thrower, ...inside], proxies: [new Proxy({}, traps), revoked.proxy], "long texts": [long, `v1.${long}.z`, { model: { preset: long } }],
    "many entries": [many, { parallel: many }], "objects of other kinds": [new Map(), new Date(), Promise.resolve(), new Uint8Array(9), /x/, new String("v1.z")],
    "odd texts": ["", "\0", "\ud800", "v1.", "__proto__"],
  };
  const asConfig = (name) => (value) => api[name](value);
  const calls = {
    ...Object.fromEntries(["plan", "validate", "encodeLink", "groups", "flags", "markdown", "diagramSvg"].map((name) => [name, asConfig(name)])),
    decodeLink: (value) => api.decodeLink(value),
    "flags(, format)": (value) => api.flags(techpulse, value),
    "markdown(, page)": (value) => api.markdown(techpulse, value),
    "diagramSvg(, options)": (value) => api.diagramSvg(techpulse, value),
    ...Object.fromEntries(["picture", "color", "theme", "page"].map((name) => [`diagramSvg(, { ${name} })`, (value) => api.diagramSvg(techpulse, { [name]: value })])),
  };
  const optional = (value, name) => name.includes(",") && (value === undefined || value === null);
  const takesAnyText = (value, name) => /page/.test(name) && typeof value === "string" && value !== long && value.length < 1e5;
  for (const [name, call] of Object.entries(calls)) {
    for (const [kind, values] of Object.entries(refusedByAll)) {
      for (const value of values) {
        const at = `${name} of ${kind}`;
        if (optional(value, name) || takesAnyText(value, name)) {
          assert.equal(typeof call(value), "string", at);
          continue;
        }
        assert.throws(() => call(value), (error) => {
          assert.ok(error instanceof Error && !(error instanceof WebAssembly.RuntimeError), `${at}: ${error}`);
          assert.match(String(error.field), /^(config|text|format|page|options(\.\w+)?)$/, at);
          assert.ok(error.message.startsWith(`${error.field}: `), at);
          return true;
        }, at);
      }
    }
  }
  assert.equal(api.encodeLink(techpulse), TECHPULSE);
  assert.deepEqual(api.plan(techpulse), JSON.parse(prints("report", TECHPULSE, "--format", "json")));
});

test("no name is special: those of an object's inside are unknown fields like any other", () => {
  const text = '{"__proto__":{"a":1},"constructor":2,"parallel":{"__proto__":{"polluted":true},"toString":1},"toJSON":"x"}';
  const config = JSON.parse(text);
  assert.deepEqual(api.decodeLink(api.encodeLink(config)).config, config);
  const { problems } = api.plan(config);
  for (const field of ["__proto__", "constructor", "parallel.__proto__", "parallel.toString", "toJSON"]) {
    assert.ok(problems.some((problem) => problem.field === field), field);
  }
  assert.equal({}.polluted ?? {}.a, undefined);
  refuses(() => api.diagramSvg(techpulse, JSON.parse('{"__proto__":"x"}')), "options.__proto__", /no such option/);
  // An object without a prototype is a plan all the same.
  assert.equal(api.encodeLink(Object.assign(Object.create(null), techpulse)), TECHPULSE);
});

test("what a value throws when it is read is said, and what it is instead of an object", () => {
  refuses(() => api.plan({ get parallel() { throw new Error("boom"); } }), "config", /cannot be read: boom/);
  refuses(() => api.plan(Promise.resolve({})), "config", /This is a Promise; a plan is an object or a link/);
  refuses(() => api.plan(new Map()), "config", /This is a Map/);
  refuses(() => api.plan({ parallel: new Map() }), "parallel", /text, where a group/);
  refuses(() => api.encodeLink({ model: new Array(20_000).fill(1) }), "config", /more entries than any plan/);
  refuses(() => api.encodeLink("x".repeat(10_000)), "config", /10000 bytes; a link to a plan has at most 8192/);
  refuses(() => api.encodeLink("x".repeat(100_001)), "config", /text is longer than any plan/);
  refuses(() => api.encodeLink({ model: Object.fromEntries(["a", "b", "c"].map((name) => [name, "x".repeat(40_000)])) }), "config", /text is longer/);
  refuses(() => api.plan({ model: { moe_layer_freq: "(".repeat(90_000) } }), "model.moe_layer_freq", /^.{100,300}$/);
});

test("a text comes back as it was written, whatever it holds", () => {
  const odd = "\"\\ \n\t\0\u001f\u007f\u2028 é € 😀 {[:,";
  const config = { parallel: { [odd]: odd, tensor_model_parallel_size: "", mine: [[], {}, null, true, -1.5, 1e21, 1e-7, "", [1, 2]] } };
  assert.deepEqual(api.decodeLink(api.encodeLink(config)).config, config);
  assert.deepEqual(JSON.parse(details.takeAway(api.encodeLink(config), "json", false, "")), config);
});

test("an unknown field is kept and reported", () => {
  const { problems } = api.plan({ ...techpulse, parallel: { tensor_parallel_size: 2 } });
  assert.ok(problems.some(({ field }) => field === "parallel.tensor_parallel_size"));
});

test("the types are those of what the API gives", () => {
  const text = readFileSync(path.join(folder, "api/meshplan.d.ts"), "utf8");
  const types = typesOf(text);
  const latent = "v1.m-deepseek-v3.nodes-16.ep-8.z";
  for (const link of [...readable.map((row) => row.link), latent]) {
    // Neither a mixture nor a valid plan alone has every part of a report.
    const saying = (key, value) => link.replace(new RegExp(`\\.${key}-[^.]+`), "").replace(/z$/, `${key}-${value}.z`);
    for (const config of [link, saying("gbs", 500), saying("tp", 3)]) {
      hasType(types, api.plan(config), "Report", `plan(${config})`);
      hasType(types, api.validate(config), "Validity", `validate(${config})`);
    }
    hasType(types, api.decodeLink(link), "Opened", `decodeLink(${link})`);
  }
  hasType(types, api.groups(techpulse), "Groups", "groups");
  hasType(types, { picture: "grid", color: "tp", theme: "dark", page: "" }, "DiagramOptions", "options");
  const words = (name) => types.interfaces.DiagramOptions[`${name}?`].split(" | ").map((word) => JSON.parse(word));
  assert.deepEqual([words("picture"), words("color"), words("theme")], [PICTURES, COLORS, ["light", "dark"]]);
  assert.throws(() => hasType(types, { label: "x", set: {}, more: 1 }, "Edit", "edit"), /more is not declared/);
  assert.throws(() => hasType(types, { label: 1, set: {} }, "Edit", "edit"), /declared as string/);
  assert.throws(() => hasType(types, { label: "x" }, "Edit", "edit"), /not there/);
});

test("every function that is exported is typed, with as many arguments, and the other way round", () => {
  const text = readFileSync(path.join(folder, "api/meshplan.d.ts"), "utf8");
  const declared = [...text.matchAll(/^export function (\w+)\((.*)\): .*;$/gm)].map(([, name, args]) => [name, args ? args.split(", ").length : 0]);
  const given = Object.entries(api).filter(([name]) => !["default", "initSync"].includes(name));
  assert.deepEqual(declared.toSorted(), given.map(([name, call]) => [name, call.length]).toSorted());
  assert.match(text, /^export default function init\(/m);
});

test("the types are written as TypeScript is", () => {
  const text = readFileSync(path.join(folder, "api/meshplan.d.ts"), "utf8");
  isSound(text);
  for (const [right, wrong] of [["label: string;", "label: string"], ["label: string;", "label: strng;"], ["interface Edit {", "interface Edit"], ["  /** The change in words. */", "  The change in words."]]) {
    assert.ok(text.includes(right));
    assert.throws(() => isSound(text.replace(right, wrong)), wrong);
  }
});

test("the snippets of the README run in Node, and print nothing else", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, section] = readme.split("## JavaScript API");
  const snippets = [...section.split("\n## ")[0].matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
  assert.equal(snippets.length, 2);
  const place = mkdtempSync(path.join(tmpdir(), "meshplan-"));
  try {
    symlinkSync(folder, path.join(place, "dist"));
    for (const [i, snippet] of snippets.entries()) {
      writeFileSync(path.join(place, `${i}.mjs`), snippet);
      const { stdout, stderr, status } = spawnSync("node", [`${i}.mjs`], { cwd: place, encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
      for (const [, said] of snippet.matchAll(/console\.log\(.*\/\/ (.*)/g)) assert.ok(stdout.includes(`${said}\n`), stdout);
    }
    assert.match(readFileSync(path.join(place, "plan.svg"), "utf8"), /^<svg /);
  } finally {
    rmSync(place, { recursive: true });
  }
});

test("the largest sizes that can be said have a report", () => {
  const most = 999999999999;
  const huge = { cluster: { num_nodes: most }, parallel: { tensor_model_parallel_size: most }, batch: { seq_length: most, global_batch_size: most } };
  assert.equal(api.plan(huge).verdict.status, "fail");
});

test("what the page takes away is what the functions for scripts give", () => {
  for (const { link, plan } of readable) {
    for (const format of ["megatron", "nemo", "bridge"]) {
      assert.equal(details.takeAway(link, format, false, ""), api.flags(link, format));
    }
    assert.equal(details.takeAway(link, "markdown", false, "https://example.com/"), api.markdown(link, "https://example.com/"));
    assert.deepEqual(JSON.parse(details.takeAway(link, "json", false, "")), plan);
    assert.deepEqual(details.read(JSON.stringify(plan)), { link, notes: [], modelOnly: false });
  }
  assert.match(details.takeAway(TECHPULSE, "markdown", true, ""), / GiB/);
});

test("of two plans the page takes away both, where a form has room for both", () => {
  const page = "https://example.com/";
  assert.equal(details.takeAway(BOTH, "link", false, page), `${page}#${BOTH}`);
  for (const form of ["markdown-link", "iframe", "element"]) assert.ok(details.takeAway(BOTH, form, false, page).includes(BOTH), form);
  const table = details.takeAway(BOTH, "markdown", false, page);
  assert.match(table, /\| A \| B \|/);
  assert.ok(table.includes(`${page}#${BOTH}`));
  assert.match(details.takeAway(BOTH, "markdown", true, page), / GiB.* GiB/);
  assert.equal(details.takeAway(BOTH, "json", false, page), details.takeAway(TECHPULSE, "json", false, page));
});

test("a page around an embed is told what the API says of the plan", () => {
  assert.equal(details.toldPlan(), undefined);
  assert.equal(details.toldReport(), undefined);
  for (const { link, plan } of readable) {
    details.planned(link);
    const { title, ...told } = details.toldPlan();
    assert.deepEqual(told, { link, config: plan });
    assert.ok(title.length > 3 && title.length < 200, title);
    assert.deepEqual(details.toldReport(), api.plan(link));
  }
});

test("of two plans it is told both, and the report of the first", () => {
  details.planned(BOTH);
  const { link, config, other } = details.toldPlan();
  const opened = api.decodeLink(BOTH);
  assert.deepEqual({ link, config, other }, { link: BOTH, config: opened.config, other: opened.other });
  assert.equal(other.parallel.tensor_model_parallel_size, 4);
  assert.deepEqual(details.toldReport(), api.plan(TECHPULSE));
  details.planned(TECHPULSE);
  assert.equal("other" in details.toldPlan(), false);
});

test("a plan for an embed is taken as it is written, or refused by its field", () => {
  assert.deepEqual(details.accept(`#${TECHPULSE}`), details.read(TECHPULSE));
  assert.equal(details.accept("v1.tp-2.fsdp-3.z").notes.length, 1);
  // What may be another plan than was meant is told, and its link stays as it came.
  for (const link of ["v1.tp-2.nodes", "v1.tp-2.tp-4.z", "v1.tp-2.lost-3.z"]) {
    const { link: given, notes } = details.accept(`See https://plan.example/#${link}...`);
    assert.deepEqual([given, notes.length], [link, 1]);
    details.planned(given);
    assert.equal(details.toldPlan().link, link);
    for (const form of ["link", "markdown-link", "markdown", "iframe", "element"]) {
      assert.ok(details.takeAway(given, form, false, "https://plan.example/").includes(link), form);
    }
  }
  refuses(() => details.accept('{"parallel": {"tensor_model_parallel_size": "two"}}'), "parallel.tensor_model_parallel_size", /“two”/);
  refuses(() => details.accept('{"model": 7}'), "model", /a group of fields/);
  refuses(() => details.accept(BOTH.replace("vs.tp-4", "vs.u-tp-two")), "parallel.tensor_model_parallel_size", /“two”/);
  refuses(() => details.accept("no plan"), "plan", /is not a link to a plan/);
});

test("the details read the plan of a picture, and put it into one", () => {
  const svg = execFileSync(program, ["diagram", TECHPULSE]);
  assert.deepEqual(details.read(svg.toString()), { link: TECHPULSE, notes: [], modelOnly: false });
  assert.equal(details.linkInPicture(svg), TECHPULSE);
  const header = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "latin1"), Buffer.alloc(17)]);
  const png = details.withLink(header, "A plan", TECHPULSE);
  assert.equal(details.linkInPicture(png), TECHPULSE);
  assert.deepEqual([...details.withLink(new Uint8Array(3), "", TECHPULSE)], [0, 0, 0]);
  const none = /^Error: This picture holds no plan: only pictures saved from Meshplan do\.$/;
  for (const bytes of [header, new Uint8Array(0), png.slice(0, 60)]) assert.throws(() => details.linkInPicture(bytes), none);
  assert.throws(() => details.read("<svg xmlns='http://www.w3.org/2000/svg'/>"), none);
});

test("what a large plan has left in memory serves the next", () => {
  const table = (details, nodes) =>
    details.takeAway(`v1.m-guide-70b.node-p5-48xlarge.nodes-${nodes}.tp-8.pp-16.gbs-131072.z`, "csv", false, "https://plan.example/");
  const [[growing, memory], [alone, enough]] = copies;
  for (let nodes = 1024; nodes <= 16384; nodes += 1024) table(growing, nodes);
  assert.ok(table(alone, 16384).length > 10_000_000);
  assert.ok(memory.buffer.byteLength <= 3 * enough.buffer.byteLength, `${memory.buffer.byteLength} of ${enough.buffer.byteLength}`);
});

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
