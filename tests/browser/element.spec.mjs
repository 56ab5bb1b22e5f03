// <mesh-plan>, the element of embed.js, on pages of another origin under a policy of their own.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { call, drawn, element, elements, endless, errors, events, framesOf, hosted, linkOf, listen, nextSecond, withElements } from "./host.mjs";
import { MIXTURE, STAGES, TECHPULSE, TOO_LARGE, becomes, reads, verdict } from "./page.mjs";

/** Two plans: the second has TP 4. */
const BOTH = TECHPULSE.replace(".z", ".vs.tp-4.z");

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
      ["no plan", "plan", /not a link to a plan/],
      ["", "plan", /./],
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
    // What no message can carry; `call` could not either.
    const answer = await page.evaluate(() => document.querySelector("mesh-plan").setPlan({ f() {} }).catch(({ name, message, field }) => [name, field, message]));
    assert.deepEqual(answer.slice(0, 2), ["Error", "plan"]);
    assert.match(answer[2], /^plan: .*clone/);
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
    // Whoever hands it on hands on a link that says so.
    assert.equal((await call(page, "getPlan")).link, "v1.m-guide-7b.nodes-2.tp-4.mb");
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
    await becomes(async () => (await events(page, "error")).map(({ field }) => field).join(), "plan");
  });
});

/** TECHPULSE with another TP. */
const withTp = (tp) => TECHPULSE.replace("tp-2", `tp-${tp}`);

for (const [when, ready] of [["before the frame is ready", false], ["after that", true]]) {
  test(`a new value of plan takes the place of plans that were set ${when}`, { everywhere: true }, async ({ page, base }) => {
    await withElements(page, base, element(TECHPULSE), 1, async () => {
      await call(page, "getPlan");
      await listen(page);
      const told = await page.evaluate(async ([ready, early, older, newer]) => {
        const element = document.querySelector("mesh-plan");
        if (!ready) document.body.append(element);
        const sets = [early, older].map((plan) => element.setPlan(plan).then(() => "done", ({ message }) => message));
        // Two of them: nobody waits for the first.
        for (const plan of [older, newer]) element.setAttribute("plan", plan);
        return [...(await Promise.all(sets)), (await element.getPlan()).link];
      }, [ready, STAGES, withTp(8), withTp(4)]);
      assert.deepEqual(told, ["A newer plan took its place.", "A newer plan took its place.", withTp(4).slice(1)]);
      assert.deepEqual(await errors(page), []);
      // So it stays in another frame.
      await page.evaluate(() => document.body.append(document.querySelector("mesh-plan")));
      assert.equal(`#${(await call(page, "getPlan")).link}`, withTp(4));
    });
  });
}

test("the attribute plan taken away does nothing, a colour taken away is that of before", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(STAGES, 'view="diagram"'), 1, async ([frame]) => {
    const change = (name, value) =>
      page.evaluate(([name, value]) => {
        const element = document.querySelector("mesh-plan");
        if (value === undefined) element.removeAttribute(name);
        else element.setAttribute(name, value);
      }, [name, value]);
    const pressed = async () => page.frames().at(-1).locator("#gpus-colours [aria-pressed=true]").textContent({ timeout: 1000 }).catch(() => "");
    const first = await pressed();
    await call(page, "getPlan");
    await listen(page);
    await change("plan");
    assert.equal(`#${(await call(page, "getPlan")).link}`, STAGES);
    assert.ok(!frame.isDetached(), "the same frame");
    assert.notEqual(first, "DP");
    await change("color", "dp");
    await becomes(pressed, "DP");
    await change("color");
    await becomes(pressed, first, 10_000);
    assert.equal(`#${(await call(page, "getPlan")).link}`, STAGES, "in another frame too");
    assert.deepEqual(await errors(page), []);
  });
});

test("a theme or a view that there is not is told, once for each change", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, "", 0, async () => {
    await page.waitForFunction(() => customElements.get("mesh-plan"));
    // The page listens after it has made the element.
    await page.evaluate((plan) => {
      const element = document.createElement("mesh-plan");
      for (const [name, value] of Object.entries({ plan, theme: "pink", view: "sumary" })) element.setAttribute(name, value);
      document.body.append(element);
    }, TECHPULSE);
    await listen(page);
    const THEME = { message: 'theme: "pink" is none of auto, light, dark.', field: "theme" };
    const VIEW = { message: 'view: "sumary" is none of full, summary, diagram, memory, schedule, checks.', field: "view" };
    const said = async () => JSON.stringify(await events(page, "error"));
    await becomes(said, JSON.stringify([THEME, VIEW]), 20_000);
    const set = (name, value) => page.evaluate(([name, value]) => document.querySelector("mesh-plan").setAttribute(name, value), [name, value]);
    await set("theme", "dark");
    await set("color", "pp");
    await set("theme", "pink");
    await set("view", "summary");
    await call(page, "getPlan");
    await page.evaluate(() => (document.documentElement.style.colorScheme = "dark"));
    await call(page, "getPlan");
    assert.equal(await said(), JSON.stringify([THEME, VIEW, THEME]));
  });
});

test("requests over the limit of messages a second get the reason at once", { everywhere: true }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    await call(page, "getPlan");
    await endless(frame);
    const answers = await page.evaluate(() => {
      const element = document.querySelector("mesh-plan");
      return Promise.all(Array.from({ length: 90 }, () => element.getPlan().then(() => "plan", ({ message }) => message)));
    });
    assert.deepEqual(answers, [...Array(60).fill("plan"), ...Array(30).fill("At most 60 messages a second are taken.")]);
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

test("a module may load embed.js, also twice", async ({ page, base }) => {
  const twice = `<script type="module" src="${base}embed.js" crossorigin></script><script src="${base}embed.js" defer></script>`;
  await hosted(base, twice + element(TECHPULSE), async (address) => {
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await drawn(frame);
    assert.ok(frame.url().startsWith(`${base}index.html?embed&view=summary`));
  });
});
