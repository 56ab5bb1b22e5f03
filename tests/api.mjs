// The JavaScript API, and the details of the page, in Node: `node tests/api.mjs <folder of the built page> <command line>`.
// `cargo xtask test` starts it.
//
// What they give is compared with what the command line prints, which has tests of its own.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { hasType, typesOf } from "./types.mjs";

const [folder, program] = process.argv.slice(2).map((name) => path.resolve(name));

/** A module beside the page, ready to be called. */
async function loaded(name) {
  const module = await import(pathToFileURL(path.join(folder, `${name}.js`)));
  await module.default({ module_or_path: readFileSync(path.join(folder, `${name}_bg.wasm`)) });
  return module;
}

const api = await loaded("api/meshplan");
const details = await loaded("details/details");

const golden = JSON.parse(readFileSync(new URL("golden/v1.json", import.meta.url), "utf8"));
/** Without those that hold what cannot be read, which scripts are refused. */
const readable = golden.filter(({ link }) => !/\.u-/.test(link));
const TECHPULSE = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.mbs-2.gbs-512.z";
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
    for (const config of [link, link.replace(/z$/, "gbs-500.z"), link.replace(/z$/, "tp-3.z")]) {
      hasType(types, api.plan(config), "Report", `plan(${config})`);
      hasType(types, api.validate(config), "Validity", `validate(${config})`);
    }
    hasType(types, api.decodeLink(link), "Opened", `decodeLink(${link})`);
  }
  hasType(types, api.groups(techpulse), "Groups", "groups");
  const declared = [...text.matchAll(/export function (\w+)/g)].map(([, name]) => name);
  const given = Object.keys(api).filter((name) => !["default", "initSync"].includes(name));
  assert.deepEqual(declared.toSorted(), given.toSorted());
  assert.throws(() => hasType(types, { label: "x", set: {}, more: 1 }, "Edit", "edit"), /more is not declared/);
  assert.throws(() => hasType(types, { label: 1, set: {} }, "Edit", "edit"), /declared as string/);
  assert.throws(() => hasType(types, { label: "x" }, "Edit", "edit"), /not there/);
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

test("a plan for an embed is taken as it is written, or refused by its field", () => {
  assert.deepEqual(details.accept(`#${TECHPULSE}`), details.read(TECHPULSE));
  assert.equal(details.accept("v1.tp-2.nodes").notes.length, 1);
  refuses(() => details.accept('{"parallel": {"tensor_model_parallel_size": "two"}}'), "parallel.tensor_model_parallel_size", /“two”/);
  refuses(() => details.accept('{"model": 7}'), "model", /a group of fields/);
  assert.throws(() => details.accept("no plan"), ({ field }) => field === "text");
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

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
