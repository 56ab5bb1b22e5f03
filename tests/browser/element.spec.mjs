// <mesh-plan>, the element of embed.js, on pages of another origin under a policy of their own.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { drawn, elements, framesOf, hosted, linkOf, nextSecond } from "./host.mjs";
import { MIXTURE, STAGES, TECHPULSE, TOO_LARGE, becomes, reads, verdict } from "./page.mjs";

/** Two plans: the second has TP 4. */
const BOTH = TECHPULSE.replace(".z", ".vs.tp-4.z");
const SUMMARY = 'view="summary"';
const element = (plan, attributes = SUMMARY) => `<mesh-plan plan="${plan}" ${attributes}></mesh-plan>`;

/** Runs `body` with a host page that holds elements, and with the frames that they have made. */
const withElements = (page, base, markup, count, body) =>
  hosted(base, elements(base, markup), async (address) => {
    await page.goto(address);
    await body(await framesOf(page, base, count));
  });

/** Runs a function of the first element in the page, which gives the error it is rejected with as a value. */
const call = (page, method, ...words) =>
  page.evaluate(
    ([method, words]) =>
      document.querySelector("mesh-plan")[method](...words).catch(({ message, field }) => ({ rejected: message, ...(field === undefined ? {} : { field }) })),
    [method, words],
  );

/** Makes the page keep the events of its first element, as `[type, detail]`. */
const listen = (page) =>
  page.evaluate(() => {
    window.events = [];
    for (const type of ["change", "report", "error"]) {
      document.querySelector("mesh-plan").addEventListener(type, ({ detail }) => window.events.push([type, detail]));
    }
  });

const events = (page, type) => page.evaluate((type) => window.events.filter(([of]) => of === type).map(([, detail]) => detail), type);
const errors = async (page) => (await events(page, "error")).map(({ message }) => message);
const height = (page) => page.evaluate(() => document.querySelector("mesh-plan").getBoundingClientRect().height);
const background = (frame) => frame.evaluate(() => getComputedStyle(document.body).backgroundColor);

test("an element shows its plan in a frame without an origin, as tall as the plan", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    await reads(verdict(frame), /^Valid · 33\.99 of 40 GB/);
    const made = await page.evaluate(() => {
      const { sandbox, loading, referrerPolicy, allow } = document.querySelector("mesh-plan").shadowRoot.querySelector("iframe");
      return { sandbox: sandbox.value, loading, referrerPolicy, allow };
    });
    assert.deepEqual(made, {
      sandbox: "allow-scripts allow-popups allow-popups-to-escape-sandbox",
      loading: "lazy",
      referrerPolicy: "no-referrer",
      allow: "clipboard-write",
    });
    assert.equal(await frame.evaluate(() => window.origin), "null");
    const content = await frame.evaluate(() => Math.ceil(document.documentElement.getBoundingClientRect().height));
    await becomes(() => height(page), content);
    await becomes(() => page.evaluate(() => document.querySelector("mesh-plan").shadowRoot.querySelector("iframe").title), /^Meshplan: 7B/);
  });
});

test("it gives and takes plans and reports, and tells of changes", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    await listen(page);
    const { link, config, title } = await call(page, "getPlan");
    assert.equal(`#${link}`, TECHPULSE);
    assert.equal(config.parallel.tensor_model_parallel_size, 2);
    assert.match(title, /7B/);
    config.cluster.num_nodes = 4;
    assert.equal(await call(page, "setPlan", config), undefined);
    assert.equal(await linkOf(frame), TECHPULSE.slice(1).replace("nodes-2", "nodes-4"));
    const report = await call(page, "getReport");
    assert.equal(report.verdict.status, "pass");
    assert.equal(report.sizes.world_size, 32);
    assert.equal(report.checks.length > 10, true);
    // A link, whole or in part, and a launch script.
    for (const [plan, link] of [
      [STAGES, /^v1\.m-guide-70b/],
      [`https://plan.example/?x#${MIXTURE.slice(1)}`, /^v1\.m-guide-8x3b/],
      ["torchrun pretrain_gpt.py --tensor-model-parallel-size 4", /tp-4/],
    ]) {
      assert.equal(await call(page, "setPlan", plan), undefined);
      assert.match((await call(page, "getPlan")).link, link);
    }
    await becomes(async () => (await events(page, "change")).length, 4);
    assert.deepEqual((await events(page, "change")).slice(0, 2).map(({ link }) => `#${link}`), [TECHPULSE.replace("nodes-2", "nodes-4"), STAGES]);
    await becomes(async () => (await events(page, "report")).at(-1)?.sizes.tensor_model_parallel_size, 4);
  });
});

test("of two plans both are told", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async () => {
    assert.equal("other" in (await call(page, "getPlan")), false);
    await listen(page);
    await call(page, "setPlan", BOTH);
    const { link, config, other } = await call(page, "getPlan");
    assert.equal(`#${link}`, BOTH);
    assert.deepEqual([config, other].map(({ parallel }) => parallel.tensor_model_parallel_size), [2, 4]);
    const [change] = await events(page, "change");
    assert.deepEqual(change, { link, config, other, title: change.title });
    // One plan takes the place of both, wherever the element goes.
    await call(page, "setPlan", STAGES);
    const now = await call(page, "getPlan");
    assert.deepEqual([`#${now.link}`, "other" in now], [STAGES, false]);
    await page.evaluate(() => document.body.append(document.querySelector("mesh-plan")));
    assert.deepEqual(await call(page, "getPlan"), now);
  });
});

test("a plan is set as it was when it was set", async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async () => {
    const links = await page.evaluate(async () => {
      const element = document.querySelector("mesh-plan");
      const { config } = await element.getPlan();
      config.cluster.num_nodes = 4;
      await element.setPlan(config);
      config.cluster.num_nodes = 8;
      // Moved: a new frame gets the plan once more.
      document.body.append(element);
      const moved = await element.getPlan();
      element.remove();
      document.body.append(element);
      const set = element.setPlan(config);
      config.cluster.num_nodes = 16;
      await set;
      return [moved.link, (await element.getPlan()).link];
    });
    assert.deepEqual(links.map((link) => link.match(/nodes-\d+/)[0]), ["nodes-4", "nodes-8"]);
  });
});

test("what is no plan is refused with its field, and the plan of before stays", async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    for (const [plan, field, words] of [
      [{ parallel: { tensor_model_parallel_size: "two" } }, "parallel.tensor_model_parallel_size", /“two”/],
      ["no plan", "text", /not a link to a plan/],
      ["", "text", /./],
      ["x".repeat(8 * 1024 + 1), "plan", /at most 8192/],
      [{ about: { note: "x".repeat(64 * 1024) } }, "plan", /at most 65536/],
      [7, "plan", /an object or a text/],
      [[1, 2], "plan", /an object or a text/],
      [null, "plan", /an object or a text/],
    ]) {
      const answer = await call(page, "setPlan", plan);
      assert.equal(answer.field, field, JSON.stringify(plan).slice(0, 60));
      assert.match(answer.rejected, words);
    }
    const answer = await page.evaluate(() => document.querySelector("mesh-plan").setPlan({ f() {} }).catch(({ name }) => name));
    assert.equal(answer, "DataCloneError");
    assert.equal(`#${await linkOf(frame)}`, TECHPULSE);
  });
});

test("a cut link is shown as far as it can be read, and an event says so", async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    await listen(page);
    assert.equal(await call(page, "setPlan", "#v1.m-guide-7b.nodes-2.tp-4.mb"), undefined);
    await reads(frame.locator("#notice"), /cut off after “tp-4”/);
    const [error] = await events(page, "error");
    assert.match(error.message, /cut off after “tp-4”/);
    assert.equal(error.field, "plan");
  });
});

test("more than ten plans a second are refused, and later ones are taken", async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    const answers = await page.evaluate((plans) => {
      const element = document.querySelector("mesh-plan");
      const many = Array.from({ length: 30 }, (_, i) => element.setPlan(plans[i % 2]).then(() => "done", ({ message }) => message));
      return Promise.all(many);
    }, [STAGES, MIXTURE]);
    assert.ok(answers.filter((answer) => answer === "done").length <= 20, "two seconds' worth at most");
    assert.ok(answers.includes("At most 10 plans a second are taken."));
    await nextSecond(frame);
    assert.equal(await call(page, "setPlan", TOO_LARGE), undefined);
    assert.equal(`#${await linkOf(frame)}`, TOO_LARGE);
  });
});

test("attributes change the plan, the colours and the view", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(STAGES, 'view="diagram" color="pp" theme="light"'), 1, async ([frame]) => {
    const set = (name, value) => page.evaluate(([name, value]) => document.querySelector("mesh-plan").setAttribute(name, value), [name, value]);
    const pressed = () => frame.locator("#gpus-colours [aria-pressed=true]").textContent();
    assert.equal(await pressed(), "PP");
    await set("color", "dp");
    await becomes(pressed, "DP");
    const light = await background(frame);
    await set("theme", "dark");
    await becomes(async () => String((await background(frame)) !== light), "true");
    await set("plan", TECHPULSE);
    await becomes(() => linkOf(frame), TECHPULSE.slice(1));
    assert.ok(frame.url().endsWith(STAGES), "the same frame");
    await set("plan", MIXTURE.slice(1));
    await set("view", "memory");
    await becomes(async () => page.frames().map((frame) => frame.url()).join(), /view=memory/, 10_000);
    const [next] = await framesOf(page, base, 1);
    assert.equal(`#${await linkOf(next)}`, MIXTURE);
    assert.equal(await next.evaluate(() => document.documentElement.dataset.theme), "dark");
    await listen(page);
    await set("plan", "no plan");
    await becomes(async () => (await events(page, "error")).map(({ field }) => field).join(), "text");
  });
});

test("a plan that is set while the element is in no page is shown when it comes back", async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async () => {
    await call(page, "setPlan", STAGES);
    const { link } = await page.evaluate((plan) => {
      const element = document.querySelector("mesh-plan");
      element.remove();
      element.setAttribute("plan", plan);
      document.body.append(element);
      return element.getPlan();
    }, MIXTURE);
    assert.equal(`#${link}`, MIXTURE);
  });
});

test("a frame that loads itself anew has the plan and the colours of before", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE, 'view="diagram" color="tp" theme="light"'), 1, async ([frame]) => {
    await call(page, "setPlan", STAGES);
    await page.evaluate(() => ["theme", "color"].forEach((name, i) => document.querySelector("mesh-plan").setAttribute(name, ["dark", "dp"][i])));
    const look = () => frame.evaluate(() => [document.documentElement.dataset.theme, document.querySelector("#gpus-colours [aria-pressed=true]")?.textContent].join());
    await becomes(look, "dark,DP");
    await frame.evaluate(() => {
      window.isOld = true;
      location.reload();
    });
    await becomes(() => frame.evaluate(() => window.isOld).catch(() => true), undefined);
    await drawn(frame);
    await becomes(() => linkOf(frame), STAGES.slice(1));
    await becomes(look, "dark,DP");
  });
});

test("two elements show two plans and answer for themselves", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE) + element(STAGES), 2, async () => {
    const links = await page.evaluate(async () => {
      const [first, second] = document.querySelectorAll("mesh-plan");
      const plans = await Promise.all([first.getPlan(), second.getPlan(), first.getReport(), second.getReport()]);
      return [plans[0].link, plans[1].link, plans[2].sizes.world_size, plans[3].sizes.world_size];
    });
    assert.deepEqual(links, [TECHPULSE.slice(1), STAGES.slice(1), 16, 32]);
  });
});

test("an element follows the colours of the page around it", { context: { colorScheme: "light" } }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    const light = await background(frame);
    await call(page, "getPlan");
    // As the themes of documentation sites do it.
    await page.evaluate(() => (document.documentElement.style.colorScheme = "dark"));
    await becomes(async () => String((await background(frame)) !== light), "true");
    await page.evaluate(() => (document.documentElement.style.colorScheme = "light"));
    await becomes(() => background(frame), light);
    await page.evaluate(() => (document.documentElement.style.colorScheme = "light dark"));
    await page.emulateMedia({ colorScheme: "dark" });
    await becomes(async () => String((await background(frame)) !== light), "true");
  });
});

test("an element far below asks for nothing until it comes near, or is asked", { everywhere: true }, async ({ page, base }) => {
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const far = `<div>${"<br>".repeat(600)}</div>`;
  await hosted(base, elements(base, far + element(TECHPULSE) + far + element(STAGES)), async (address) => {
    await page.goto(address);
    // Nothing is asked for: by now a frame would long have asked for its page.
    await page.waitForTimeout(300);
    assert.deepEqual(asked.filter((url) => url.startsWith(base)), [`${base}embed.js`]);
    await page.evaluate(() => document.querySelector("mesh-plan").scrollIntoView());
    const [first] = await framesOf(page, base, 1);
    assert.equal(`#${await linkOf(first)}`, TECHPULSE);
    const report = await page.evaluate(() => document.querySelectorAll("mesh-plan")[1].getReport());
    assert.equal(report.sizes.world_size, 32, "it answers out of sight");
  });
});

test("an element may be moved, and taken away before it is ready", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE) + element(STAGES), 2, async () => {
    assert.equal(await call(page, "setPlan", MIXTURE), undefined);
    // Moved: a new frame with the same plan.
    await page.evaluate(() => document.body.append(document.querySelector("mesh-plan")));
    const plan = await page.evaluate(() => document.querySelectorAll("mesh-plan")[1].getPlan());
    assert.equal(`#${plan.link}`, MIXTURE);
    const answers = await page.evaluate(async () => {
      const made = document.createElement("mesh-plan");
      const early = made.getPlan().catch(({ message }) => message);
      document.body.append(made);
      const waits = made.getReport().catch(({ message }) => message);
      made.remove();
      made.setAttribute("plan", "#v1.z");
      return [await early, await waits, made.shadowRoot.childElementCount];
    });
    assert.deepEqual(answers, ["The element is in no page.", "The element was taken out of the page.", 0]);
    await page.evaluate(() => document.querySelectorAll("mesh-plan").forEach((element) => element.remove()));
    // Nobody complains of frames that are gone: what they sent last has come by now.
    await page.waitForTimeout(200);
  });
});

test("a planner that stops is told, and what is asked of it is refused", { allow: [/./] }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    await call(page, "getPlan");
    await listen(page);
    await frame.evaluate(() => dispatchEvent(new CustomEvent("meshplan:crash", { detail: { message: "on purpose" } })));
    await becomes(async () => JSON.stringify(await events(page, "error")), JSON.stringify([{ message: "The planner stopped." }]));
    assert.deepEqual(await call(page, "setPlan", STAGES), { rejected: "The planner stopped." });
    await frame.getByRole("button", { name: "Reload with this plan" }).click();
    await becomes(async () => (await call(page, "getPlan")).link, TECHPULSE.slice(1), 15_000);
  });
});

test("a frame that cannot start says why, and requests get the reason", { allow: [/./] }, async ({ page, base }) => {
  await page.route(/meshplan-page-.*_bg\.wasm$/, (route) => route.fulfill({ status: 404, body: "no" }));
  await hosted(base, elements(base, element(TECHPULSE)), async (address) => {
    await page.goto(address);
    await page.waitForFunction(() => customElements.get("mesh-plan"));
    assert.deepEqual(await call(page, "getPlan"), { rejected: "A file of this page is not on the server." });
  });
});

/** A page of an element whose frame does not come to speak: `failing` makes it so. Gives how long the promise waited. */
async function rejected(page, base, failing, reason) {
  await failing();
  await hosted(base, elements(base, element(TECHPULSE)), async (address) => {
    await page.goto(address);
    await page.waitForFunction(() => customElements.get("mesh-plan"));
    await listen(page);
    const start = Date.now();
    assert.deepEqual(await call(page, "getPlan"), { rejected: reason });
    assert.ok(Date.now() - start < 10_000, "not by the limit of time");
    assert.deepEqual(await errors(page), [reason]);
    // It is so for as long as the frame is the same.
    assert.deepEqual(await call(page, "setPlan", STAGES), { rejected: reason });
  });
}

const GONE = { status: 404, body: "no" };
const FRAME = /details\/frame\.js/;

test("a frame without its script says so, and requests get the reason", { allow: [/./], everywhere: true }, async ({ page, base }) => {
  await rejected(page, base, () => page.route(FRAME, (route) => route.fulfill(GONE)), "A file of this page is not on the server.");
});

/** Holds the script of the frame until a function is true in the frame. */
const late = (page, base, until) =>
  page.route(FRAME, async (route) => {
    const frame = page.frames().find((frame) => frame.url().startsWith(base));
    // A page that is closed meanwhile waits for nothing.
    await frame.waitForFunction(until, null, { polling: 20 }).then(() => route.continue(), () => {});
  });

test("a script of the frame that comes after the details have failed says why", { everywhere: true, allow: [/./] }, async ({ page, base }) => {
  await rejected(page, base, async () => {
    await page.route(/details_bg\.wasm/, (route) => route.fulfill(GONE));
    await late(page, base, () => window.meshplanMissing);
  }, "A file of this page is not on the server.");
});

test("a script of the frame that comes after the planner has stopped says so", { allow: [/./] }, async ({ page, base }) => {
  await rejected(page, base, () => late(page, base, () => {
    dispatchEvent(new CustomEvent("meshplan:crash", { detail: { message: "on purpose" } }));
    return true;
  }), "The planner stopped.");
});

/** Opens a page whose time goes on by `page.clock`, and keeps the events of its first element. */
async function silent(page, address) {
  await page.clock.install();
  await page.goto(address);
  await page.waitForFunction(() => customElements.get("mesh-plan"));
  await listen(page);
}

const SILENCE = "The frame has not answered for 20 seconds.";

test("a frame that never answers is greeted for a while, and again when there is a reason to", { everywhere: true }, async ({ page, base }) => {
  await page.route(/index\.html\?embed/, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Other</title><script>window.said = 0; onmessage = () => (said += 1)</script>" }));
  await hosted(base, elements(base, element(TECHPULSE)), async (address) => {
    await silent(page, address);
    // While the frame loads anew there is nothing to read.
    const frame = () => page.frames().at(-1);
    const said = () => frame().evaluate(() => window.said).catch(() => undefined);
    const minute = () => page.clock.runFor(60_000);
    await becomes(said, 1);
    await minute();
    await becomes(said, 20);
    assert.deepEqual(await errors(page), [SILENCE]);
    await minute();
    assert.equal(await said(), 20, "it has ended");
    // A request begins it anew, and is told.
    const answer = call(page, "setPlan", STAGES);
    await becomes(said, 21);
    await minute();
    assert.deepEqual(await answer, { rejected: SILENCE });
    await becomes(said, 40);
    assert.deepEqual(await errors(page), [SILENCE], "once");
    // A frame that loads anew may be another.
    await frame().evaluate(() => location.reload());
    await becomes(said, 1);
    await minute();
    await becomes(said, 20);
    assert.deepEqual(await errors(page), [SILENCE, SILENCE]);
    // So may one that is made anew.
    await page.evaluate(() => document.body.append(document.querySelector("mesh-plan")));
    await becomes(said, 1);
  });
});

test("a frame that a policy blocks is told, once", { everywhere: true, allow: [/frame-src/] }, async ({ page, base }) => {
  await hosted(base, elements(base, element(TECHPULSE)), async (address) => {
    await silent(page, address);
    await page.waitForFunction(() => document.querySelector("mesh-plan").shadowRoot.querySelector("iframe"));
    const answer = call(page, "getPlan");
    await page.clock.runFor(60_000);
    assert.deepEqual(await answer, { rejected: SILENCE });
    await page.clock.runFor(60_000);
    assert.deepEqual(await errors(page), [SILENCE]);
  }, "'none'");
});

test("a module may load embed.js, also twice", async ({ page, base }) => {
  const twice = `<script type="module" src="${base}embed.js" crossorigin></script><script src="${base}embed.js" defer></script>`;
  await hosted(base, twice + element(TECHPULSE), async (address) => {
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await drawn(frame);
    assert.ok(frame.url().startsWith(`${base}index.html?embed&view=summary`));
  });
});
