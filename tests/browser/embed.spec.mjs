// The page inside another page: what it shows, what it must not do, how tall it is.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { PARTS, VIEWS, drawn, framesOf, hosted, linkOf, partsOf, sandboxed, talk } from "./host.mjs";
import { MESHES, MIXTURE, STAGES, TECHPULSE, becomes, reads, verdict } from "./page.mjs";

/** Runs `body` with the frame of a host page that holds it alone, once its plan is drawn. */
const alone = (page, base, query, link, body) =>
  hosted(base, sandboxed(base, query, link), async (address) => {
    await page.goto(address);
    const [frame] = await framesOf(page, base, 1);
    await body(frame);
  });

test("two plans on one page of another origin, each in a sandbox of scripts alone", { everywhere: true }, async ({ page, base }) => {
  // Whoever asks for storage is noticed, also where the browser would refuse it.
  await page.addInitScript(() => {
    window.asked = [];
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
      Object.defineProperty(window, name, { get: () => void window.asked.push(name) });
    }
    Object.defineProperty(document, "cookie", { get: () => (window.asked.push("cookie"), ""), set: () => window.asked.push("cookie") });
  });
  await hosted(base, sandboxed(base, "embed", TECHPULSE) + sandboxed(base, "embed", STAGES), async (address) => {
    await page.goto(address);
    const [first, second] = await framesOf(page, base, 2);
    await reads(verdict(first), /^Valid · 33\.99 of 40 GB/);
    await reads(verdict(second), /bubble/);
    assert.equal(`#${await linkOf(first)}`, TECHPULSE);
    assert.equal(`#${await linkOf(second)}`, STAGES);
    for (const frame of [first, second]) {
      assert.equal(await frame.evaluate(() => window.origin), "null");
      await frame.locator("#memory").getByRole("button", { name: "GiB" }).click();
      assert.deepEqual(await frame.evaluate(() => window.asked), []);
    }
  });
});

for (const [view, parts] of Object.entries(VIEWS)) {
  test(`the view ${view} shows its parts and nothing to edit`, { everywhere: true, timeout: 90_000 }, async ({ page, base }) => {
    await alone(page, base, `embed&view=${view}`, MESHES, async (frame) => {
      assert.deepEqual((await partsOf(frame)).sort(), [...parts].sort());
      for (const part of parts) {
        assert.ok((await frame.locator(`#${part}`).innerText()).length > 40, `${part} is drawn`);
      }
      const entries = frame.locator("form, fieldset, input, select, textarea, dialog");
      for (const entry of await entries.all()) assert.equal(await entry.isVisible(), false);
      const before = await linkOf(frame);
      for (const button of await frame.getByRole("button").all()) {
        if ((await button.isVisible()) && (await button.isEnabled())) await button.click();
      }
      assert.equal(await linkOf(frame), before);
      assert.equal(`#${before}`, MESHES);
    });
  });
}

test("a view that there is not shows all, and is said", async ({ page, base }) => {
  await alone(page, base, "embed&view=diagramm", TECHPULSE, async (frame) => {
    assert.ok((await partsOf(frame)).length > 5);
    await reads(frame.locator("#notice"), /The address says “view=diagramm”, which this version of Meshplan does not know/);
  });
});

test("without a plan the opening plan is shown, and is said not to be asked for", async ({ page, base }) => {
  await alone(page, base, "embed&view=summary", "", async (frame) => {
    await reads(frame.locator("#notice"), /The address names no plan\..*The opening plan was opened instead\./);
    assert.equal(await frame.getByRole("link", { name: "Open in Meshplan" }).getAttribute("href"), base + TECHPULSE);
  });
});

test("that a plan is one of two is said without a title too", async ({ page, base }) => {
  await alone(page, base, "embed&view=summary&hide=title", TECHPULSE.replace(".z", ".vs.tp-4.z"), async (frame) => {
    await reads(frame.locator("#embed h1"), /^A of two plans: /);
  });
});

test("every part can be hidden by its name, however the query is written", async ({ page, base }) => {
  const words = [...PARTS, "title", "compare", "legend", "tools", "panel", "colors"];
  for (const between of [",", "+", "%20", "%2C"]) {
    await alone(page, base, `embed&hide=${words.join(between)}`, TECHPULSE, async (frame) => {
      await becomes(() => partsOf(frame).then((parts) => parts.length), 0);
      assert.equal((await frame.locator("#notice").textContent()).trim(), "");
    });
  }
});

test("parts are hidden on request", async ({ page, base }) => {
  await alone(page, base, "embed&hide=title,memory,legend,panel,tools,colors", TECHPULSE, async (frame) => {
    for (const hidden of ["#embed", "#memory", ".gpus-legend", "#gpus-focus", "#gpus-tools", "#gpus-colours"]) {
      assert.equal(await frame.locator(hidden).filter({ visible: true }).count(), 0, hidden);
    }
    assert.ok(await frame.locator("#checks").isVisible());
  });
});

test("the query says what the colours tell and which theme it is", { context: { colorScheme: "dark" } }, async ({ page, base }) => {
  const background = (frame) => frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.setViewportSize({ width: 1280, height: 1800 });
  const frames = ["color=pp&theme=light", "color=DP", "theme=dark"].map((query) => sandboxed(base, `embed&amp;${query}`, STAGES));
  await hosted(base, frames.join(""), async (address) => {
    await page.goto(address);
    const [light, system, dark] = await framesOf(page, base, 3);
    const pressed = (frame) => frame.locator("#gpus-colours [aria-pressed=true]").textContent();
    assert.deepEqual([await pressed(light), await pressed(system)], ["PP", "DP"]);
    assert.equal(await background(system), await background(dark));
    assert.notEqual(await background(light), await background(dark));
  });
});

test("with `edit` the plan can be changed, and the frame's address stays", async ({ page, base }) => {
  await alone(page, base, "embed&edit&view=summary", TECHPULSE, async (frame) => {
    await frame.getByRole("textbox", { name: "TP tensor", exact: true }).fill("4");
    await becomes(() => linkOf(frame), TECHPULSE.slice(1).replace("tp-2", "tp-4"));
    // A page of its own writes its address after a quarter of a second.
    await page.waitForTimeout(400);
    assert.ok(frame.url().endsWith(TECHPULSE));
  });
});

test("the link to the whole page is that of the frame where it was not read in full, and says so again", { everywhere: true }, async ({ page, base, context }) => {
  const cut = "#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-4.mb";
  for (const [link, words] of [
    [cut, /cut off after “tp-4”/],
    ["#v2.m-guide-7b.tp-4.z", /newer version/],
    ["#hello", /“hello” is not a link/],
  ]) {
    await alone(page, base, "embed&view=summary", link, async (frame) => {
      const whole = await frame.getByRole("link", { name: "Open in Meshplan" }).getAttribute("href");
      assert.equal(whole, base + link);
      const other = await context.newPage();
      await other.goto(whole);
      await reads(other.locator("#notice"), words);
      await other.close();
    });
  }
});

test("after a fault the plan is not lost where the title is left out", async ({ page, base }) => {
  await alone(page, base, "embed&edit&view=summary&hide=title", TECHPULSE, async (frame) => {
    await frame.getByRole("textbox", { name: "TP tensor", exact: true }).fill("4");
    await becomes(() => linkOf(frame), TECHPULSE.slice(1).replace("tp-2", "tp-4"));
    await frame.evaluate(() => dispatchEvent(new CustomEvent("meshplan:crash", { detail: { message: "on purpose" } })));
    assert.equal(await frame.getByLabel("Link to the plan").inputValue(), base + TECHPULSE.replace("tp-2", "tp-4"));
  });
});

test("a frame takes no focus and moves nothing of its host", { everywhere: true }, async ({ page, base }) => {
  const host = `<input aria-label="Host's own"><p>${"<br>".repeat(120)}</p>${sandboxed(base, "embed", TECHPULSE)}`;
  await hosted(base, host, async (address) => {
    await page.goto(address);
    await page.getByLabel("Host's own").focus();
    const [frame] = await framesOf(page, base, 1);
    await talk(page);
    await page.evaluate((plan) => window.host.ask("setPlan", { plan }), STAGES);
    await frame.evaluate(() => dispatchEvent(new CustomEvent("meshplan:crash", { detail: { message: "on purpose" } })));
    await frame.getByRole("alertdialog").waitFor();
    assert.deepEqual(
      await page.evaluate(() => [document.activeElement.tagName, scrollY]),
      ["INPUT", 0],
    );
  });
});

test("the link to the whole page follows the plan, and the frame's address does not", { everywhere: true }, async ({ page, base }) => {
  await alone(page, base, "embed&view=summary", TECHPULSE, async (frame) => {
    const link = frame.getByRole("link", { name: "Open in Meshplan" });
    assert.equal(await link.getAttribute("href"), base + TECHPULSE);
    assert.equal(await link.getAttribute("target"), "_blank");
    await talk(page);
    const before = await page.evaluate(() => history.length);
    for (const plan of [STAGES, MIXTURE]) {
      const answer = await page.evaluate((plan) => window.host.ask("setPlan", { plan }), plan);
      assert.equal(answer.type, "done");
      await becomes(() => link.getAttribute("href"), base + plan);
    }
    // A page of its own writes its address after a quarter of a second.
    await page.waitForTimeout(400);
    assert.ok(frame.url().endsWith(TECHPULSE));
    assert.equal(await page.evaluate(() => history.length), before, "nothing to go back to");
  });
});

for (const [query, width] of [...Object.keys(VIEWS).map((view) => [`view=${view}`, 700]), ["view=full", 1300], ["view=diagram", 360], ["edit", 1300], ["edit&view=summary&hide=title", 1300]]) {
  test(`a frame tells the height of its content and settles: ${query}, ${width} px`, async ({ page, base }) => {
    await page.setViewportSize({ width: 1400, height: 900 });
    await page.addInitScript((width) => {
      window.heights = [];
      addEventListener("message", ({ data }) => {
        if (data.type !== "resize") return;
        window.heights.push(data.height);
        Object.assign(document.querySelector("iframe").style, { width: `${width}px`, height: `${data.height}px`, border: "0" });
      });
    }, width);
    await alone(page, base, `embed&${query}`, STAGES, async (frame) => {
      const content = () => frame.evaluate(() => Math.ceil(document.documentElement.getBoundingClientRect().height));
      const settles = () => becomes(async () => String((await page.evaluate(() => window.heights.at(-1))) === (await content())), "true");
      await settles();
      // Taller and smaller than its content: it says the same.
      for (const height of [100, 3000]) {
        const before = await content();
        await page.evaluate((height) => (document.querySelector("iframe").style.height = `${height}px`), height);
        await frame.waitForFunction((height) => innerHeight === height, height);
        assert.equal(await content(), before, `in a frame of ${height} px`);
      }
      // A change of the plan tells a new height where there is one, and then there is silence.
      await talk(page);
      await page.evaluate((plan) => window.host.ask("setPlan", { plan }), MESHES);
      await drawn(frame);
      await settles();
      const count = await page.evaluate(() => window.heights.length);
      // A height that feeds itself would be told again with every frame that is painted, thirty of them in this time.
      await page.waitForTimeout(500);
      assert.equal(await page.evaluate(() => window.heights.length), count, "it has settled");
      await settles();
      const { scroll, inner } = await frame.evaluate(() => ({ scroll: document.documentElement.scrollHeight, inner: innerHeight }));
      assert.ok(scroll <= inner, `${scroll} px in ${inner}`);
    });
  });
}

test("what is wrong with the link of a frame is said, to its reader and to its host", async ({ page, base }) => {
  for (const [link, words] of [
    ["#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-4.mb", /The link is cut off after “tp-4”/],
    ["#v2.m-guide-7b.tp-4.z", /made by a newer version of Meshplan/],
    ["#no plan", /is not a link to a plan/],
    [TECHPULSE.replace(".z", ".fsdp-3.z"), /“fsdp-3”, which this version of Meshplan does not know/],
  ]) {
    await alone(page, base, "embed&view=summary", link, async (frame) => {
      await reads(frame.locator("#notice"), words);
      await talk(page);
      const error = await page.evaluate(() => window.host.until(() => window.host.heard.find(({ type }) => type === "error")));
      assert.match(error.message, words);
      assert.ok(error.field, "the error names what is wrong");
    });
  }
});

test("markup in a plan stays text", async ({ page, base }) => {
  await alone(page, base, "embed", TECHPULSE, async (frame) => {
    await talk(page);
    const markup = "<img src=x onerror=alert(1)><script>alert(1)</script>";
    for (const plan of [{ about: { name: markup, note: markup } }, { model: { preset: markup } }, markup, `#v1.${markup}.z`, `--${markup} 1 --tensor-model-parallel-size 2`]) {
      await page.evaluate((plan) => window.host.ask("setPlan", { plan }), plan);
      await drawn(frame);
      assert.equal(await frame.locator("img, #app script, #notice script").count(), 0);
    }
  });
});

test("a file that is dropped on a plan that is only shown changes nothing", async ({ page, base }) => {
  await alone(page, base, "embed", TECHPULSE, async (frame) => {
    const dropped = (text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "plan.txt", { type: "text/plain" }));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    };
    await frame.evaluate(dropped, STAGES);
    // Nothing is opened: a file of a hundred bytes is read by now.
    await page.waitForTimeout(200);
    assert.equal(`#${await linkOf(frame)}`, TECHPULSE);
  });
});
