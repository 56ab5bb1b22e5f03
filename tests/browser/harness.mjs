// A small harness: `test(name, [options], body)` in the `*.spec.mjs` files, run by run.mjs.
//
// Each test gets a fresh browser context and fails on an error or a warning in the console, an uncaught error, a violation of the
// page's policy or a request to another host. `options`: `everywhere` (it runs in Firefox too, not in Chromium alone),
// `context` (Playwright's options of the context), `allow` (patterns of errors that the test provokes), `timeout` in
// milliseconds. browsers.mjs tells what the driver of Firefox cannot do.
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { close, firefox, isDriversOwn, newContext, tools } from "./browsers.mjs";

/** What axe finds wrong in a page, or in the part of a selector, as text; empty where it finds nothing. */
export async function axe(page, part) {
  await page.evaluate(readFileSync(tools.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate((part) => window.axe.run(part ?? document, { resultTypes: ["violations"] }), part);
  const places = (nodes) => nodes.slice(0, 4).map((n) => `  ${n.html.slice(0, 160)}\n    ${n.failureSummary.replace(/\s+/g, " ")}`);
  return violations.map(({ id, help, nodes }) => `${id}: ${help}\n${places(nodes).join("\n")}`).join("\n");
}

/** Where screenshots go. */
const outputFolder = fileURLToPath(new URL(`../../target/${firefox ? "firefox" : "browser"}/`, import.meta.url));

const tests = [];

/** Registers a test. The body gets `{ page, context, base, open, shot, problems }`. */
export function test(name, options, body) {
  if (typeof options === "function") [options, body] = [{}, options];
  tests.push({ name, options, body });
}

/** Opens the page (`query` and `fragment` as they stand in the address) and waits until the planner runs. */
export async function openPage(page, base, address = "") {
  await page.goto(new URL(address, base).href);
  await page.waitForFunction(() => !document.getElementById("boot"));
}

/** Runs every test whose name contains `filter`; gives the number of failures. */
export async function runAll(base, filter = "") {
  mkdirSync(outputFolder, { recursive: true });
  let failed = 0;
  const chosen = tests.filter(({ name, options }) => name.includes(filter) && (options.everywhere || !firefox));
  for (const { name, options, body } of chosen) {
    const start = Date.now();
    const error = await runOne(base, name, options, body);
    const time = `${Date.now() - start} ms`;
    if (error) {
      failed += 1;
      console.log(`FAILED ${name} (${time})`);
      console.log(String(error.stack ?? error).replace(/\x1b\[\d+m/g, "").replace(/^/gm, "    "));
    } else {
      console.log(`ok ${name} (${time})`);
    }
  }
  await close();
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  return failed;
}

async function runOne(base, name, options, body) {
  const context = await newContext({
    locale: "en-US",
    timezoneId: "UTC",
    colorScheme: "light",
    reducedMotion: "reduce",
    viewport: { width: 1280, height: 900 },
    ...options.context,
  });
  const problems = [];
  watch(context, problems);
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const file = path.join(outputFolder, name.replace(/[^a-z0-9]+/gi, "-").toLowerCase());
  const shot = (label = "shot") => page.screenshot({ path: `${file}-${label}.png`, fullPage: true });
  const open = (address) => openPage(page, base, address);
  let error;
  let timer;
  try {
    const limit = options.timeout ?? 30_000;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${limit} ms`)), limit);
    });
    await Promise.race([body({ page, context, base, open, shot, problems }), late]);
    const left = problems.filter((problem) => !(options.allow ?? []).some((pattern) => pattern.test(problem)));
    if (left.length) throw new Error(`the page reported:\n${left.join("\n")}`);
  } catch (caught) {
    error = caught;
    // With the page as it was; a page that is gone gives no picture.
    await shot("failed").catch(() => {});
    if (problems.length) error.stack = `${error.stack ?? error}\nreported by the page:\n${problems.join("\n")}`;
  } finally {
    clearTimeout(timer);
    await context.close().catch(() => {});
  }
  return error;
}

/** Collects what no test may cause, from every page and frame of a context. */
function watch(context, problems) {
  context.on("console", (message) => {
    // Tests read pixels; the page does not.
    if (/getImageData/.test(message.text())) return;
    if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => {
    const text = String(error.error().stack ?? error.error());
    if (!isDriversOwn(text)) problems.push(`uncaught: ${text}`);
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    const local = ["127.0.0.1", "localhost"].includes(url.hostname) || ["data:", "blob:", "about:"].includes(url.protocol);
    if (!local) problems.push(`request to another host: ${url.href}`);
  });
}
