// How fast the page is in the browser: `node tests/browser/bench.mjs <base-url>`; `cargo xtask bench` starts it.
// Each figure stands beside its budget; a time passes or fails nothing.
import { brotliCompressSync } from "node:zlib";
import { launch, openPage } from "./harness.mjs";
import { TECHPULSE, THOUSAND, field } from "./page.mjs";

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
