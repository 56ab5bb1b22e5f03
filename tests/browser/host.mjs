// Pages that embed Meshplan, for the specs of embeds: served from another origin, under a strict policy of their own.
import http from "node:http";

/** The parts of the page by their ids, of which each view shows some. */
export const PARTS = ["verdict", "gpus", "memory", "checks", "communication", "advice", "pipeline", "batch", "explain", "pictures", "takeaway"];

/** The views, with the parts that each shows. */
export const VIEWS = {
  full: ["verdict", "gpus", "memory", "checks", "communication", "pipeline", "batch", "explain"],
  summary: ["verdict"],
  diagram: ["gpus"],
  memory: ["memory"],
  schedule: ["pipeline"],
  checks: ["checks"],
};

/**
 * Serves a page whose body is `markup` at an origin that is not Meshplan's, while `body` runs with its address. The page
 * may use scripts and frames of Meshplan's, or of `frames`, and nothing else: no inline script, no inline style.
 */
export async function hosted(base, markup, body, frames = new URL(base).origin) {
  const { origin } = new URL(base);
  const policy = `default-src 'none'; script-src ${origin}; frame-src ${frames}; img-src data:; base-uri 'none'`;
  const server = http.createServer((_, answer) => {
    answer.setHeader("content-type", "text/html; charset=utf-8");
    answer.setHeader("content-security-policy", policy);
    answer.end(`<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,"><body>${markup}`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  try {
    // 127.0.0.1 and localhost are two origins.
    await body(`http://localhost:${server.address().port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A frame of the page at `base`, in a sandbox that lets it run scripts alone. */
export const sandboxed = (base, query, link) =>
  `<iframe src="${base}?${query}${link}" sandbox="allow-scripts" width="700" height="500"></iframe>`;

/** `embed.js` of the page at `base`, and elements. */
export const elements = (base, markup) => `<script src="${base}embed.js" defer></script>${markup}`;

/** The frames of Meshplan on a page, in the order in which they stand, once each shows its plan. */
export async function framesOf(page, base, count) {
  const isOurs = (frame) => frame.url().startsWith(base) && frame.url().includes("?embed");
  const end = Date.now() + 20_000;
  while (page.frames().filter(isOurs).length < count && Date.now() < end) await page.waitForTimeout(50);
  const frames = page.frames().filter(isOurs);
  for (const frame of frames) await drawn(frame);
  return frames;
}

/** Waits until a frame has drawn its plan, the details with it. */
export async function drawn(frame) {
  // Looked at by the clock: a frame out of sight is not painted.
  const often = { polling: 50, timeout: 20_000 };
  await frame.waitForFunction(() => !document.getElementById("boot") && window.meshplanDetails?.toldPlan(), null, often);
  await frame.waitForFunction(() => !document.body.textContent.includes("still loading"), null, often);
}

/** The link of the plan that a frame shows. */
export const linkOf = (frame) => frame.evaluate(() => window.meshplanDetails.toldPlan().link);

/** Makes a page or a frame count the messages that reach it from now on: `arrived` waits for as many. */
export const count = (frame) =>
  frame.evaluate(() => {
    window.arrived = 0;
    addEventListener("message", () => (window.arrived += 1));
  });
export const arrived = (frame, count) => frame.waitForFunction((count) => window.arrived >= count, count, { polling: 20 });

/** Lets the second pass by which a page or a frame limits messages: its clock is ahead from now on. */
export const nextSecond = (frame) =>
  frame.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + 1000;
  });

/** Begins such a second, which does not end. */
export const endless = (frame) =>
  frame.evaluate(() => {
    const now = performance.now() + 1000;
    performance.now = () => now;
  });

/** Answers for the page with one policy more, whose directive lets it have the files that it names itself, and no details. */
export async function restricted(route, base, directive) {
  const response = await route.fetch();
  const files = [...(await response.text()).matchAll(/(?:src|href)=\.\/([^\s>]+)/g)].map(([, name]) => base + name);
  await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": `${directive} 'wasm-unsafe-eval' ${files.join(" ")}` } });
}

/** Which parts a frame shows. */
export const partsOf = (frame) => frame.evaluate((parts) => parts.filter((id) => document.getElementById(id)), PARTS);

/**
 * Makes the host page keep what its first frame says, and answer for `ask`: `host.heard`, `host.ask(type, rest)`. The
 * messages are those that frame.js describes.
 */
export const talk = (page) =>
  page.evaluate(() => {
    const frame = document.querySelector("iframe").contentWindow;
    const heard = [];
    let last = 0;
    const send = (type, rest) => frame.postMessage({ ns: "meshplan", v: 1, type, ...rest }, "*");
    addEventListener("message", ({ source, data }) => source === frame && heard.push(data));
    const until = async (found, limit = 15_000) => {
      const end = performance.now() + limit;
      while (!found() && performance.now() < end) await new Promise((next) => setTimeout(next, 20));
      return found();
    };
    window.host = {
      frame,
      heard,
      send,
      until,
      async greet() {
        const greeting = setInterval(() => send("hello"), 100);
        await until(() => heard.some(({ type }) => type === "ready"));
        clearInterval(greeting);
      },
      async ask(type, rest) {
        const id = `ask ${(last += 1)}`;
        send(type, { id, ...rest });
        return until(() => heard.find((message) => message.id === id));
      },
    };
    return window.host.greet();
  });

/** The element with a plan, on its own as small as can be. */
export const element = (plan, attributes = 'view="summary"') => `<mesh-plan plan="${plan}" ${attributes}></mesh-plan>`;

/** Runs `body` with a host page that holds elements, and with the frames that they have made. */
export const withElements = (page, base, markup, count, body) =>
  hosted(base, elements(base, markup), async (address) => {
    await page.goto(address);
    await body(await framesOf(page, base, count));
  });

/** Runs a function of the first element in the page, which gives the error it is rejected with as a value. */
export const call = (page, method, ...words) =>
  page.evaluate(
    ([method, words]) =>
      document.querySelector("mesh-plan")[method](...words).catch(({ message, field }) => ({ rejected: message, ...(field === undefined ? {} : { field }) })),
    [method, words],
  );

/** Makes the page keep the events of its first element, as `[type, detail]`. */
export const listen = (page) =>
  page.evaluate(() => {
    window.events = [];
    for (const type of ["change", "report", "error"]) {
      document.querySelector("mesh-plan").addEventListener(type, ({ detail }) => window.events.push([type, detail]));
    }
  });

export const events = (page, type) => page.evaluate((type) => window.events.filter(([of]) => of === type).map(([, detail]) => detail), type);
export const errors = async (page) => (await events(page, "error")).map(({ message }) => message);
