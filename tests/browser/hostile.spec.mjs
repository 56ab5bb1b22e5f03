// Messages that nobody who means well would send: from the page around a frame, from a frame beside it, and from a frame that
// only pretends to be Meshplan. Any console error, uncaught error or blocked load fails a test (harness.mjs).
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { arrived, count, drawn, elements, endless, framesOf, hosted, linkOf, nextSecond, sandboxed, talk } from "./host.mjs";
import { STAGES, TECHPULSE, becomes, reads, verdict } from "./page.mjs";

/**
 * Makes `hostile(seed)` in a page: values that a message can carry, made by chance from a seed, many of them almost right.
 */
const arm = (page) =>
  page.evaluate(() => {
    window.hostile = (seed) => {
      const next = () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
      };
      const one = (list) => list[Math.floor(next() * list.length)];
      const deep = (levels) => {
        let list = [];
        for (let i = 0; i < levels; i += 1) list = [list];
        return list;
      };
      const texts = ["", "hello", "__proto__", "constructor", "toString", "<img src=x onerror=alert(1)>", "\u202e\0\ud800", "x".repeat(9000), "#v1.", "v1.tp-2.z", "{", "[[[", '{"model":', "NaN", "javascript:alert(1)"];
      const leaves = [null, undefined, true, false, 0, -1, 1e308, NaN, Infinity, -Infinity, 2n ** 70n, new Date(NaN), new Date(0), /x/g, new ArrayBuffer(64), new Uint8Array(9), new Map([["ns", "meshplan"]]), new Set([1]), new Error("x"), new Blob(["x"]), new DOMRect(), Object.assign([], { ns: "meshplan" })];
      const any = (depth) => {
        const kind = next();
        if (kind < 0.35) return one(leaves);
        if (kind < 0.6) return one(texts);
        if (kind < 0.62) return deep(500);
        if (kind < 0.64) return Array.from({ length: 5000 }, (_, i) => i);
        if (depth > 3) return {};
        if (kind < 0.8) return Array.from({ length: 4 * next() }, () => any(depth + 1));
        return Object.fromEntries(Array.from({ length: 5 * next() }, () => [one(names), any(depth + 1)]));
      };
      const names = ["ns", "v", "id", "type", "plan", "theme", "color", "height", "link", "config", "title", "report", "message", "field", "model", "parallel", "tensor_model_parallel_size", "__proto__", "length", "toJSON", "constructor"];
      const types = ["hello", "getPlan", "setPlan", "getReport", "theme", "color", "ready", "resize", "change", "plan", "report", "done", "error", "__proto__", "toString"];
      if (next() < 0.25) return any(0);
      const message = { ns: "meshplan", v: 1, id: one([1, "a", NaN, {}, undefined, "x".repeat(99)]), type: one(types) };
      for (let i = 0; i < 3; i += 1) message[one(names)] = any(1);
      if (next() < 0.1) message.plan = message;
      if (next() < 0.7) Object.assign(message, { ns: "meshplan", v: 1 });
      return message;
    };
  });

/** A proper request is answered, in the second after a flood. */
async function answers(page, frame) {
  await nextSecond(frame);
  const answer = await page.evaluate(() => window.host.ask("getPlan"));
  assert.equal(answer?.type, "plan");
  return answer;
}

test("three thousand hostile messages of the host leave the frame as it was", { timeout: 120_000 }, async ({ page, base }) => {
  await hosted(base, sandboxed(base, "embed", TECHPULSE), async (address) => {
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await talk(page);
    await arm(page);
    await count(frame);
    // In portions, each in a second of its own, so that they are heard and not left to the limit of messages a second.
    for (let seed = 0; seed < 3000; seed += 50) {
      await page.evaluate((seed) => {
        for (let i = 0; i < 50; i += 1) window.host.frame.postMessage(window.hostile(seed + i), "*");
      }, seed);
      await arrived(frame, seed + 50);
      await nextSecond(frame);
    }
    await answers(page, frame);
    const heard = await page.evaluate(() => window.host.heard.map(({ ns, v, type }) => `${ns} ${v} ${type}`));
    const known = new Set(["resize", "ready", "plan", "report", "done", "error", "change"].map((type) => `meshplan 1 ${type}`));
    assert.deepEqual(heard.filter((message) => !known.has(message)), []);
    assert.ok(heard.includes("meshplan 1 error"), "some were heard, and refused");
    // Whatever plan got through, another one is taken and shown.
    const answer = await page.evaluate((plan) => window.host.ask("setPlan", { plan }), STAGES);
    assert.equal(answer.type, "done");
    assert.equal(`#${await linkOf(frame)}`, STAGES);
    await reads(verdict(frame), /bubble/);
    assert.equal(await frame.locator("img, #app script").count(), 0);
  });
});

test("a flood is heard in part, and the next second is as any other", { everywhere: true }, async ({ page, base }) => {
  await hosted(base, sandboxed(base, "embed&amp;view=summary", TECHPULSE), async (address) => {
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await talk(page);
    await count(frame);
    await page.evaluate(() => {
      for (let i = 0; i < 5000; i += 1) window.host.send("getPlan", { id: `flood ${i}` });
    });
    await arrived(frame, 5000);
    // What comes after the flood is answered after what was answered of it.
    await answers(page, frame);
    const heard = await page.evaluate(() => window.host.heard.filter(({ id }) => String(id).startsWith("flood")).map(({ type }) => type));
    const [given, refused] = ["plan", "error"].map((type) => heard.filter((of) => of === type).length);
    assert.ok(given > 0 && given <= 240, `${given} answers`);
    assert.ok(refused > 0 && refused <= 240, `${refused} refusals`);
    assert.equal(given + refused, heard.length);
  });
});

test("of a flood as many requests are refused with a word as are answered, and nothing else", { everywhere: true }, async ({ page, base }) => {
  await hosted(base, sandboxed(base, "embed&amp;view=summary", TECHPULSE), async (address) => {
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await talk(page);
    await endless(frame);
    await count(frame);
    await page.evaluate(() => {
      for (let i = 0; i < 60; i += 1) window.host.send("getPlan", { id: `given ${i}` });
      // What is no request has no answer.
      for (const type of ["hello", "theme", "color"]) window.host.send(type, { id: "none", theme: "dark", color: "pp" });
      window.host.send("setPlan", { id: {} });
      for (let i = 0; i < 500; i += 1) window.host.send(i % 2 ? "getReport" : "setPlan", { id: `refused ${i}` });
    });
    await arrived(frame, 564);
    await answers(page, frame);
    const heard = await page.evaluate(() => window.host.heard.filter(({ id }) => id !== undefined).map(({ id, type, message }) => `${id.split(" ")[0]} ${type} ${message ?? ""}`));
    assert.deepEqual(heard.filter((of) => of.startsWith("given")), Array(60).fill("given plan "));
    assert.deepEqual(heard.filter((of) => /^(refused|none)/.test(of)), Array(57).fill("refused error At most 60 messages a second are taken."));
  });
});

test("a huge plan is refused, and the frame goes on", async ({ page, base }) => {
  await hosted(base, sandboxed(base, "embed&amp;view=summary", TECHPULSE), async (address) => {
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await talk(page);
    const errors = await page.evaluate(async () => {
      const deep = {};
      let end = deep;
      for (let i = 0; i < 1000; i += 1) end = end.model = {};
      const plans = ["x".repeat(2e7), { model: { preset: "x".repeat(2e7) } }, deep, { model: { num_layers: 2n ** 64n } }];
      const answers = [];
      for (const plan of plans) answers.push(await window.host.ask("setPlan", { plan }));
      return answers.map((answer) => answer?.type);
    });
    assert.deepEqual(errors, ["error", "error", "error", "error"]);
    assert.equal(`#${(await answers(page, frame)).link}`, TECHPULSE);
  });
});

test("only the page around it is heard, and only under the name of its hello", { everywhere: true }, async ({ page, base }) => {
  // One of Meshplan's own origin, and one of the host's, which the origin alone does not tell from the host.
  const siblings = `<iframe src="${base}embed.js" width="50" height="50"></iframe><iframe width="50" height="50"></iframe>`;
  await hosted(base, sandboxed(base, "embed&amp;view=summary", TECHPULSE) + siblings, async (address) => {
    await page.goto(address);
    const found = () => [/\?embed/, /embed\.js/, /^(about:blank)?$/].map((url) => page.frames().find((frame) => url.test(frame.url())));
    await becomes(async () => String(found().every(Boolean)), "true");
    const [frame, ...others] = found();
    await drawn(frame);
    await count(frame);
    const say = (from) =>
      from.evaluate((plan) => {
        for (const type of ["hello", "setPlan"]) parent.frames[0].postMessage({ ns: "meshplan", v: 1, id: 1, type, plan }, "*");
      }, STAGES);
    // Before the host has said hello, nobody else can take its place.
    for (const other of others) await say(other);
    await arrived(frame, 4);
    await talk(page);
    const greeted = await frame.evaluate(() => window.arrived);
    for (const other of others) await say(other);
    await frame.evaluate((plan) => {
      // The frame's own messages, sent to itself.
      window.postMessage({ ns: "meshplan", v: 1, id: 1, type: "setPlan", plan }, "*");
      // The page that stands in the host's place after it.
      dispatchEvent(new MessageEvent("message", { source: parent, origin: "https://other.example", data: { ns: "meshplan", v: 1, id: 1, type: "setPlan", plan } }));
    }, STAGES);
    await arrived(frame, greeted + 6);
    assert.equal(`#${(await answers(page, frame)).link}`, TECHPULSE);
    // What is not heard is not what is wrong with the message.
    const { origin } = new URL(address);
    await frame.evaluate(
      ([plan, origin]) => dispatchEvent(new MessageEvent("message", { source: parent, origin, data: { ns: "meshplan", v: 1, id: 1, type: "setPlan", plan } })),
      [STAGES, origin],
    );
    await becomes(() => linkOf(frame), STAGES.slice(1));
  });
});

test("an element hears its own frame alone, and only while Meshplan is in it", { everywhere: true }, async ({ page, base }) => {
  await hosted(base, elements(base, `<mesh-plan plan="${TECHPULSE}" view="summary"></mesh-plan>`), async (address) => {
    await page.goto(address);
    await framesOf(page, base, 1);
    const heights = await page.evaluate(async () => {
      const frame = document.querySelector("mesh-plan").shadowRoot.querySelector("iframe");
      const settled = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
      const say = async (source, origin) => {
        dispatchEvent(new MessageEvent("message", { source, origin, data: { ns: "meshplan", v: 1, type: "resize", height: 777 } }));
        await settled();
        return frame.getBoundingClientRect().height;
      };
      return [await say(window, "null"), await say(frame.contentWindow, "https://other.example"), await say(frame.contentWindow, "null")].map((height) => height === 777);
    });
    assert.deepEqual(heights, [false, false, true]);
  });
});

test("nobody is told a plan before a hello", { everywhere: true }, async ({ page, base }) => {
  await hosted(base, sandboxed(base, "embed&amp;view=summary", TECHPULSE), async (address) => {
    await page.addInitScript(() => {
      window.heard = [];
      addEventListener("message", ({ data }) => window.heard.push(data));
    });
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await count(frame);
    await page.evaluate((plan) => frames[0].postMessage({ ns: "meshplan", v: 1, id: 1, type: "setPlan", plan }, "*"), STAGES);
    await arrived(frame, 1);
    // What the frame says of it would come before what it says later.
    await frame.evaluate(() => setTimeout(() => parent.postMessage({ type: "last" }, "*"), 50));
    const types = () => page.evaluate(() => [...new Set(window.heard.map(({ type }) => type))].join());
    await becomes(types, /last/);
    assert.equal(await types(), "resize,last");
    assert.deepEqual(await page.evaluate(() => Object.keys(window.heard[0]).sort()), ["height", "ns", "type", "v"]);
  });
});

/** Runs `body` with a page that stands in Meshplan's place in the frame of an element, and does whatever a test makes it do. */
async function impostor(page, base, body) {
  await page.route(/index\.html\?embed/, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Other</title>" }));
  await hosted(base, elements(base, '<mesh-plan plan="#v1.z" view="summary"></mesh-plan>'), async (address) => {
    await page.goto(address);
    const found = () => page.frames().find((frame) => frame.url().includes("index.html?embed"));
    await becomes(async () => String(Boolean(found())), "true", 10_000);
    await found().waitForLoadState();
    await body(found());
  });
}

test("an element is not misled by what its frame sends", { everywhere: true, timeout: 60_000 }, async ({ page, base }) => {
  await impostor(page, base, async (frame) => {
    const height = () => page.evaluate(() => document.querySelector("mesh-plan").getBoundingClientRect().height);
    const say = (...messages) => frame.evaluate((messages) => messages.forEach((message) => parent.postMessage({ ns: "meshplan", v: 1, ...message }, "*")), messages);
    const before = await height();
    await count(page);
    await frame.evaluate(() => {
      for (const height of [NaN, Infinity, -Infinity, -5, 0, "300px", [300], {}, null, 10n]) parent.postMessage({ ns: "meshplan", v: 1, type: "resize", height }, "*");
    });
    await say({ type: "resize" }, { type: "resize", height: 77, v: 2 }, { type: "resize", height: 77, ns: "other" });
    await arrived(page, 13);
    assert.equal(await height(), before);
    await say({ type: "resize", height: 1e9 });
    await becomes(height, 20_000);
    await say({ type: "resize", height: 0.2 });
    await becomes(height, 1);
    await page.evaluate(() => {
      window.events = [];
      for (const type of ["change", "report", "error"]) {
        document.querySelector("mesh-plan").addEventListener(type, ({ detail }) => window.events.push([type, detail]));
      }
    });
    await say(
      { type: "change", link: 7, config: {}, title: "x" },
      { type: "change", link: "x".repeat(5000), config: {}, title: "x" },
      { type: "change", link: "v1.z", config: [], title: "x" },
      { type: "change", link: "v1.z", config: {}, title: "x", other: "x" },
      { type: "change", link: "javascript:alert(1)", config: {}, title: "x" },
      { type: "report", report: "x" },
      { type: "error", message: { toString: "x" } },
      { type: "error", message: "x".repeat(10_000) },
      { type: "done", id: 1 },
      { type: "plan", id: 99, link: "v1.z", config: {}, title: "x" },
    );
    await say({ type: "change", link: "v1.z", config: {}, title: "<img src=x onerror=alert(1)>" });
    await becomes(() => page.evaluate(() => JSON.stringify(window.events)), JSON.stringify([["change", { link: "v1.z", config: {}, title: "<img src=x onerror=alert(1)>" }]]));
    assert.equal(await page.evaluate(() => document.querySelector("mesh-plan").shadowRoot.querySelectorAll("*").length), 1, "a title is no markup");
    // By chance, and by the thousand.
    await arm(frame);
    const many = await page.evaluate(() => window.arrived);
    for (let seed = 0; seed < 3000; seed += 100) {
      await nextSecond(page);
      await frame.evaluate((seed) => {
        for (let i = 0; i < 100; i += 1) parent.postMessage(window.hostile(seed + i), "*");
      }, seed);
      await arrived(page, many + seed + 100);
    }
    const now = await height();
    assert.ok(now > 0 && now <= 20_000, `${now} px`);
    assert.ok(await page.evaluate(() => window.events.every(([, detail]) => typeof detail === "object")));
  });
});

test("a request is answered by an answer of its own kind", async ({ page, base }) => {
  await impostor(page, base, async (frame) => {
    await frame.evaluate(() => {
      const say = (message) => parent.postMessage({ ns: "meshplan", v: 1, ...message }, "*");
      const wrong = { getPlan: [{ type: "done" }, { type: "report", report: {} }], getReport: [{ type: "plan", link: "v1.z", config: {}, title: "x" }] };
      const right = { getPlan: { type: "plan", link: "v1.z", config: {}, title: "x" }, getReport: { type: "report", report: { right: true } } };
      addEventListener("message", ({ data: { type, id } }) => {
        for (const answer of wrong[type] ?? []) say({ id, ...answer });
        if (right[type]) say({ id, ...right[type] });
      });
      say({ type: "ready" });
    });
    const answers = await page.evaluate(() => {
      const element = document.querySelector("mesh-plan");
      return Promise.all([element.getPlan(), element.getReport()]);
    });
    assert.deepEqual(answers, [{ link: "v1.z", config: {}, title: "x" }, { right: true }]);
  });
});

test("a small message that is huge as JSON is not written out by the page around", async ({ page, base }) => {
  await impostor(page, base, async (frame) => {
    await count(page);
    const start = Date.now();
    await frame.evaluate(() => {
      let twice = {};
      for (let i = 0; i < 27; i += 1) twice = { a: twice, b: twice };
      const endless = {};
      endless.endless = endless;
      for (const report of [twice, twice, twice, endless, { empty: new Array(2 ** 32 - 1) }]) parent.postMessage({ ns: "meshplan", v: 1, type: "report", report }, "*");
    });
    await arrived(page, 5);
    assert.ok(Date.now() - start < 5_000, `${Date.now() - start} ms`);
  });
});

test("a frame that moves its height up and down is followed as often as a screen is drawn", async ({ page, base }) => {
  await impostor(page, base, async (frame) => {
    await page.evaluate(() => {
      window.changes = 0;
      const frame = document.querySelector("mesh-plan").shadowRoot.querySelector("iframe");
      new MutationObserver((list) => (window.changes += list.length)).observe(frame, { attributes: true, attributeFilter: ["style"] });
    });
    await count(page);
    await frame.evaluate(() => {
      for (let i = 0; i < 5000; i += 1) parent.postMessage({ ns: "meshplan", v: 1, type: "resize", height: 100 + (i % 2) * 50 }, "*");
    });
    await arrived(page, 5000);
    const changes = await page.evaluate(() => window.changes);
    assert.ok(changes > 0 && changes <= 360, `${changes} changes`);
  });
});
