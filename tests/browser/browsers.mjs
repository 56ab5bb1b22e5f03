// The two browsers that the page is tested in. MESHPLAN_BROWSER chooses: `chromium`, or `firefox` as it is published.
//
// Playwright drives that Firefox through WebDriver BiDi, and there it cannot do all it does in Chromium:
// - The colours that a reader prefers are a setting of the whole browser, so each of the two has a browser of its own.
//   `page.emulateMedia` and a context without scripts do nothing, and devtools, fingers and `isMobile` are missing.
// - It tells of no download, so `download` reads the folder that files are saved in; `print` mends its sizes of paper.
// - A screenshot breaks the page's policy, which `isDriversOwn` knows; an element is scrolled to the middle of the window
//   to be clicked, so a test measures places on the screen after its clicks.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

/** Loads from the folder of tools. */
export const tools = createRequire(process.env.MESHPLAN_NODE_MODULES + "/");

/** Whether this is Firefox. */
export const firefox = process.env.MESHPLAN_BROWSER === "firefox";

/** Where Firefox saves files. */
const downloads = firefox && mkdtempSync(path.join(tmpdir(), "meshplan-"));

/** Starts the browser without anything that goes to the network by itself. */
export function launch(colorScheme = "light") {
  const playwright = tools("playwright-core");
  if (firefox) {
    return playwright.firefox.launch({
      channel: "moz-firefox",
      executablePath: process.env.FIREFOX,
      headless: true,
      downloadsPath: downloads,
      firefoxUserPrefs: {
        "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1,
        "ui.prefersReducedMotion": 1,
        // A proxy that is not there, for everything but this machine.
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": 9,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": 9,
      },
    });
  }
  return playwright.chromium.launch({
    executablePath: process.env.CHROMIUM,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ],
  });
}

const browsers = new Map();

/** A fresh context with Playwright's options, in a browser that is started when it is first needed. */
export async function newContext(options) {
  const kind = firefox ? options.colorScheme : "any";
  if (!browsers.has(kind)) browsers.set(kind, await launch(kind));
  return browsers.get(kind).newContext(options);
}

/** Closes what was started. */
export async function close() {
  await Promise.all([...browsers.values()].map((browser) => browser.close()));
  if (downloads) rmSync(downloads, { recursive: true });
}

/** The sheet that Playwright adds for a moment when it takes a picture of a page in Firefox, as a policy names it. */
const SCREENSHOT = createHash("sha256").update("body {}").digest("base64");

/** Whether an error is the driver's doing. */
export const isDriversOwn = (text) => firefox && text.includes("style-src-elem") && text.includes(SCREENSHOT);

/** The name and the bytes of the file that the page saves when `act` is done. */
export async function download(page, act) {
  if (!firefox) {
    const [file] = await Promise.all([page.waitForEvent("download"), act()]);
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
  }
  // What was saved before, and read by nobody.
  for (const name of readdirSync(downloads)) rmSync(path.join(downloads, name), { force: true });
  await act();
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    const names = readdirSync(downloads);
    // Beside a file that is not whole yet stands its part.
    if (names.length === 1 && !names[0].endsWith(".part")) {
      const file = path.join(downloads, names[0]);
      const bytes = readFileSync(file);
      if (bytes.length) {
        rmSync(file);
        return { name: names[0], bytes };
      }
    }
    await new Promise((next) => setTimeout(next, 20));
  }
  throw new Error("nothing was saved within 10 seconds");
}

/** Widths and heights of paper in centimetres. */
const PAPER = { A4: [21, 29.7], Letter: [21.59, 27.94] };

/** The page on paper of a format, as a PDF. */
export function print(page, format) {
  const [width, height] = PAPER[format];
  // The driver of Firefox hands inches on as the centimetres that BiDi asks for.
  const unit = firefox ? "in" : "cm";
  return page.pdf({ width: `${width}${unit}`, height: `${height}${unit}`, preferCSSPageSize: false });
}
