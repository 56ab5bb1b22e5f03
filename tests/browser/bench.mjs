// How fast the page is in the browser: `node tests/browser/bench.mjs <base-url>`; `cargo xtask bench` starts it.
// Each figure stands beside its budget; a time passes or fails nothing.
import { brotliCompressSync } from "node:zlib";
import { launch } from "./browsers.mjs";
import { openPage } from "./harness.mjs";
import { HUGE, TECHPULSE, THOUSAND, field } from "./page.mjs";

const LARGEST = "#v1.m-guide-70b.node-p5-48xlarge.nodes-2048.tp-8.pp-4.gbs-16384.z";
const MIXTURE = "#v1.m-mixtral-8x7b.node-p5-48xlarge.nodes-2048.tp-8.pp-4.ep-8.gbs-16384.z";
const EDITS = 30;
const LOADS = 9;

const [base] = process.argv.slice(2);
if (!base || !process.env.MESHPLAN_NODE_MODULES) {
  console.error("Use `cargo xtask bench`, which builds and serves the page and has the tools.");
  process.exit(2);
}

line("", "median", "9 of 10", "budget");
const browser = await launch();
for (const [name, link] of [["", LARGEST], [", mixture of experts", MIXTURE]]) {
  figure(`report, 16,384 GPUs${name}, at most`, await reports(link), 1, "ms");
}
const work = await edits(false);
figure("work from key press to numbers and picture, 1,024 GPUs", work.map((edit) => edit.all), 16, "ms");
for (const part of ["script", "style", "layout"]) {
  figure(`  of which ${part}`, work.map((edit) => edit[part]), undefined, "ms");
}
const whole = await edits(true);
figure("  with the details, which come a frame later", whole.map((edit) => edit.all), undefined, "ms");
for (const [name, link] of [["4,096", HUGE.replace("nodes-16384", "nodes-512").replace("gbs-131072", "gbs-4096")], ["131,072", HUGE]]) {
  const seen = await pictures(link);
  figure(`picture of ${name} GPUs, first drawing with its plan`, seen.first, 100, "ms");
  figure("  another colour", seen.colour, 16, "ms");
  figure("  another GPU in focus", seen.focus, 16, "ms");
  figure("  moved by one frame, where it is zoomed", seen.pan, 16, "ms");
  figure("  not counted: what the measuring costs", seen.nothing, undefined, "ms");
  figure("  frames met while it is moved in each", seen.rate, undefined, "%");
  figure("  memory that it takes: program", seen.wasm, 100, "MB");
  figure("  memory that it takes: scripts' heap", seen.heap, 100, "MB");
}
const loads = await firstLoads();
figure("first load to verdict", loads.times, 2500, "ms");
figure("download to see a plan, by brotli", [loads.compressed / 1000], 150, "kB");
figure("  as this server sends it, with headers", [loads.sent / 1000], undefined, "kB");
await browser.close();

function line(...columns) {
  const [name, ...figures] = columns;
  console.log(name.padEnd(56) + figures.map((text) => text.padStart(12)).join(""));
}

/** Prints the median and the value that 9 of 10 stay below. */
function figure(name, values, budget, unit) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const text = (value) => (value === undefined ? "" : `${value.toLocaleString("en-US", { maximumFractionDigits: 2 })} ${unit}`);
  line(name, text(at(0.5)), sorted.length > 1 ? text(at(0.9)) : "", text(budget));
}

/** Two frames later, everything that an event caused is painted. */
function painted(page) {
  return page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(next)))));
}

/** After this the page has also written the address. */
function settle(page) {
  return page.waitForTimeout(350);
}

/** A digit typed over TP, by turns another one. */
async function typeTp(page, turn, around) {
  await field(page, "TP tensor").selectText();
  await painted(page);
  await around(() => page.keyboard.press(turn % 2 ? "8" : "4"));
  await settle(page);
}

/**
 * Times of a report, in ms: what the details take to read a plan from its link, make the whole report, and write it as
 * Markdown. So a report takes at most this. The page is served here with two headers that give it a clock of 5 µs
 * instead of 100 µs.
 */
async function reports(link) {
  const page = await browser.newPage();
  await page.route(base, async (route) => {
    const response = await route.fetch();
    const isolated = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
    await route.fulfill({ response, headers: { ...response.headers(), ...isolated } });
  });
  await openPage(page, base, link);
  await page.waitForFunction(() => window.meshplanDetails && document.querySelector("#memory .memory-bar"));
  const times = await page.evaluate(
    ({ link, turns }) => {
      const report = () => {
        const start = performance.now();
        const text = window.meshplanDetails.takeAway(link, "markdown", false, location.href);
        if (!text.includes("GPUs")) throw new Error(text);
        return performance.now() - start;
      };
      return Array.from({ length: turns }, report);
    },
    { link: link.slice(1), turns: EDITS },
  );
  await page.close();
  return times;
}

/**
 * The page's work for a picture, in ms of its thread: from the address to the picture, then for colours, GPUs in focus
 * and moves, less what it costs to measure. The details are left out, which draw after the frame, but for what they tell of the GPU in focus.
 */
async function pictures(link) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addInitScript(() => {
    window.memories = [];
    for (const name of ["instantiate", "instantiateStreaming"]) {
      const plain = WebAssembly[name];
      WebAssembly[name] = async (...of) => {
        const made = await plain.apply(WebAssembly, of);
        const memory = (made.instance ?? made).exports.memory;
        if (memory) window.memories.push(memory);
        return made;
      };
    }
  });
  const page = await context.newPage();
  await openPage(page, base, TECHPULSE);
  await page.waitForFunction(() => window.meshplanDetails && document.querySelector("#memory .memory-bar"));
  await page.evaluate(() => (window.meshplanDetails = { ...window.meshplanDetails, show: () => "" }));
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable");
  const metric = async (name) => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === name).value;
  };
  const memory = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const wasm = await page.evaluate(() => window.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0));
    return { wasm: wasm / 1e6, heap: (await metric("JSHeapUsedSize")) / 1e6 };
  };
  const work = async (act) => {
    const before = await metric("TaskDuration");
    await act();
    await painted(page);
    return ((await metric("TaskDuration")) - before) * 1000;
  };
  // What the measuring itself costs: two frames and a call of the page that does nothing.
  const nothing = [];
  for (let turn = 0; turn < EDITS; turn += 1) nothing.push(await work(() => page.evaluate(() => 0)));
  const idle = nothing.toSorted((a, b) => a - b)[EDITS >> 1];
  const net = (times) => times.map((time) => Math.max(0, time - idle));
  const before = await memory();
  const first = [];
  for (let turn = 0; turn < 5; turn += 1) {
    first.push(await work(() => page.evaluate((link) => (location.hash = link), link)));
    await settle(page);
    await page.evaluate((link) => (location.hash = link), TECHPULSE);
    await settle(page);
  }
  await page.evaluate((link) => (location.hash = link), link);
  await settle(page);
  const after = await memory();
  const colours = page.getByRole("group", { name: "colour by" });
  const colour = [];
  for (let turn = 0; turn < EDITS; turn += 1) {
    const name = ["PP", "DP", "TP"][turn % 3];
    const button = await colours.getByRole("button", { name, exact: true }).elementHandle();
    colour.push(await work(() => button.evaluate((button) => button.click())));
  }
  const frame = await page.locator("#gpus-frame").boundingBox();
  const focus = [];
  for (let turn = 0; turn < EDITS; turn += 1) {
    focus.push(await work(() => page.mouse.move(frame.x + 40 + 11 * turn, frame.y + 30 + 7 * turn)));
  }
  // Zoomed once, so that there is something to move, and most of the GPUs are still seen.
  await page.getByRole("button", { name: "Zoom in" }).click();
  await settle(page);
  const [x, y] = [frame.x + 300, frame.y + 300];
  await page.mouse.move(x, y);
  await page.mouse.down();
  const pan = [];
  for (let turn = 0; turn < EDITS; turn += 1) {
    pan.push(await work(() => page.mouse.move(x - 6 * turn - 10, y - 4 * turn)));
  }
  await page.mouse.up();
  const rate = await page.evaluate(panRate);
  await context.close();
  return { first: net(first), colour: net(colour), focus: net(focus), pan: net(pan), nothing, rate: [rate], wasm: [after.wasm - before.wasm], heap: [after.heap - before.heap] };
}

/** The share of the display's frames that are met while a picture is moved in each of them, in %. Runs in the page. */
async function panRate() {
  const svg = document.querySelector("#gpus-frame svg");
  const at = svg.getBoundingClientRect();
  const send = (type, turn) => {
    const place = { clientX: at.left + 300 - (turn % 50) * 3, clientY: at.top + 200 - (turn % 50) * 2 };
    svg.dispatchEvent(new PointerEvent(type, { pointerId: 1, pointerType: "mouse", button: 0, bubbles: true, ...place }));
  };
  const frames = async (act) => {
    const start = performance.now();
    for (let turn = 0; turn < 60; turn += 1) {
      act(turn);
      await new Promise(requestAnimationFrame);
    }
    return performance.now() - start;
  };
  const idle = await frames(() => {});
  send("pointerdown", 0);
  const moved = await frames((turn) => send("pointermove", turn));
  send("pointerup", 0);
  return (100 * idle) / moved;
}

/**
 * The work of the page's thread for each edit, in ms, less what a key costs that changes nothing. The details are
 * drawn once the numbers and the picture are painted; without them, the work up to there is what remains.
 */
async function edits(withDetails) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await openPage(page, base, THOUSAND);
  await page.waitForFunction(() => window.meshplanDetails && document.querySelector("#memory .memory-bar"));
  if (!withDetails) {
    await page.evaluate(() => (window.meshplanDetails = { ...window.meshplanDetails, show: () => "" }));
  }
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const metrics = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    const of = (name) => metrics.find((metric) => metric.name === name).value * 1000;
    return { all: of("TaskDuration"), script: of("ScriptDuration"), style: of("RecalcStyleDuration"), layout: of("LayoutDuration") };
  };
  const measure = async (press) => {
    const before = await metrics();
    await press();
    await painted(page);
    const after = await metrics();
    return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
  };
  const [idle, work] = [[], []];
  for (let turn = 0; turn < EDITS; turn += 1) {
    await typeTp(page, turn, async (press) => {
      idle.push(await measure(() => page.keyboard.press("Shift")));
      work.push(await measure(press));
    });
  }
  await page.close();
  const usual = (part) => idle.map((key) => key[part]).toSorted((a, b) => a - b)[EDITS / 2];
  return work.map((edit) => Object.fromEntries(Object.entries(edit).map(([part, value]) => [part, Math.max(0, value - usual(part))])));
}

/** Times from the request of the page to its first verdict, in ms, with nothing kept from before; and its bytes. */
async function firstLoads() {
  const times = [];
  let [sent, compressed] = [0, 0];
  for (let load = 0; load < LOADS; load += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const bodies = [];
    page.on("response", (response) => bodies.push(bytesOf(response)));
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelector("#verdict [role=status]")?.textContent) {
          observer.disconnect();
          requestAnimationFrame(() => setTimeout(() => (window.verdictAt = performance.now())));
        }
      }).observe(document, { childList: true, subtree: true, characterData: true });
    });
    await page.goto(new URL(TECHPULSE, base).href);
    times.push(await page.waitForFunction(() => window.verdictAt).then((at) => at.jsonValue()));
    const all = await Promise.all(bodies);
    sent = all.reduce((sum, file) => sum + file.sent, 0);
    compressed = all.reduce((sum, file) => sum + file.compressed, 0);
    await context.close();
  }
  return { times, sent, compressed };
}

/** What a response weighs: as it came, and as a host sends it that compresses. The details are not needed to see a plan. */
async function bytesOf(response) {
  const isExtra = response.url().includes("/details/");
  const [body, sizes] = await Promise.all([response.body(), response.request().sizes()]);
  return {
    sent: isExtra ? 0 : sizes.responseHeadersSize + sizes.responseBodySize,
    compressed: isExtra ? 0 : brotliCompressSync(body).length,
  };
}
