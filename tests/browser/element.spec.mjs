// <mesh-plan>, the element of embed.js, on pages of another origin under a policy of their own.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { drawn, elements, framesOf, hosted, linkOf } from "./host.mjs";
import { MIXTURE, STAGES, TECHPULSE, TOO_LARGE, becomes, reads, verdict } from "./page.mjs";

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
      await page.waitForTimeout(110);
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
    await page.waitForTimeout(1_100);
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
    await page.waitForTimeout(500);
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
    await page.waitForTimeout(300);
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

test("a module may load embed.js, also twice", async ({ page, base }) => {
  const twice = `<script type="module" src="${base}embed.js" crossorigin></script><script src="${base}embed.js" defer></script>`;
  await hosted(base, twice + element(TECHPULSE), async (address) => {
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await drawn(frame);
    assert.ok(frame.url().startsWith(`${base}index.html?embed&view=summary`));
  });
});
