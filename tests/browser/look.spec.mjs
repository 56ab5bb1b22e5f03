// How the page looks and is reached: colours, narrow windows, accessibility, the keyboard alone.
import assert from "node:assert/strict";
import { axe, test } from "./harness.mjs";
import { HUGE, MESHES, MIXTURE, RACKS, STAGES, TECHPULSE, THOUSAND, TOO_LARGE, becomes, field, reads, verdict } from "./page.mjs";

const WRONG = "#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-16.mbs-2.gbs-500.u-pp-many.z";
const PLANS = { "the opening plan": TECHPULSE, "a plan that fails": WRONG, "the mixture": MIXTURE, "a plan with stages": STAGES };

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

test("the colours are the system's, light or dark by the button, and stay chosen", async ({ page, open }) => {
  await open();
  const light = await background(page);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background(page);
  assert.notEqual(light, dark);
  const choose = async (before, colour) => {
    await page.getByRole("button", { name: `Colours: ${before}` }).click();
    await becomes(() => background(page), colour);
  };
  await choose("Auto", light);
  await choose("Light", dark);
  await page.emulateMedia({ colorScheme: "light" });
  await page.reload();
  await becomes(() => background(page), dark);
  await choose("Dark", light);
  await page.emulateMedia({ colorScheme: "dark" });
  await becomes(() => background(page), dark);
});

for (const width of [360, 320]) {
  test(`nothing scrolls sideways at ${width} px`, { everywhere: width === 360, context: { viewport: { width, height: 740 } } }, async ({ page, open, shot }) => {
    for (const [name, link] of Object.entries({ ...PLANS, "1,024 GPUs": THOUSAND, "too large": TOO_LARGE })) {
      await open();
      await page.evaluate((link) => (location.hash = link), link);
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
      for (const topic of ["TP", "EP", "DP"]) {
        await page.locator("#explain").getByRole("button", { name: topic, exact: true }).click();
        await fits(page, `${name}, ${topic} explained`);
      }
      if (name in PLANS) await shot(name.replaceAll(" ", "-"));
    }
  });
}

/** Fails where the page is wider than the window, naming what sticks out. */
async function fits(page, what) {
  const wide = await page.evaluate(() => {
    const { scrollWidth } = document.scrollingElement;
    if (scrollWidth <= innerWidth) return "";
    const out = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5);
    return `${scrollWidth} px wide: ${out.slice(0, 5).map((e) => `${e.tagName}.${e.getAttribute("class")} ${e.textContent.slice(0, 40)}`).join(" | ")}`;
  });
  assert.equal(wide, "", what);
}

for (const [name, link] of Object.entries(PLANS)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing in ${name}, ${colorScheme}`, { everywhere: link === TECHPULSE, context: { colorScheme } }, async ({ page, open, shot }) => {
      await open(link);
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
      await page.locator("#gpus-frame").press("Home");
      assert.equal(await axe(page), "");
      await shot();
    });
  }
}

/** States of the picture of the GPUs, and how they are reached. */
const PICTURES = {
  "both meshes": [MESHES, async (page) => page.getByRole("button", { name: "Both meshes" }).click()],
  "racks by memory": [RACKS, async (page) => page.getByRole("button", { name: "Memory", exact: true }).click()],
  "131,072 GPUs": [HUGE, async (page) => page.getByRole("button", { name: "Zoom in" }).click()],
  "groups that leave their nodes": [TECHPULSE.replace("tp-2", "tp-16"), async (page) => page.locator("#gpus-frame").press("End")],
  "missing GPUs": [TECHPULSE.replace("tp-2", "tp-32"), async () => {}],
};

for (const [name, [link, reach]] of Object.entries(PICTURES)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing in the picture of ${name}, ${colorScheme}`, { context: { colorScheme } }, async ({ page, open, shot }) => {
      await open(link);
      await reach(page);
      await page.waitForTimeout(100);
      assert.equal(await axe(page, "#gpus"), "");
      await shot();
    });
  }
}

/** What has the focus: its name, its part of the page, and what hides from a reader that it has it. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    // A number's ring is around the whole of its box.
    const ringed = element.closest(".num") ?? element;
    const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(ringed);
    const box = element.getBoundingClientRect();
    const ring = ringed.getBoundingClientRect();
    const out = parseFloat(outlineOffset) + parseFloat(outlineWidth);
    const clips = (outer) => {
      const { overflowX, overflowY } = getComputedStyle(outer);
      const area = outer.getBoundingClientRect();
      const across = ring.left - out < area.left - 0.5 || ring.right + out > area.right + 0.5;
      const down = ring.top - out < area.top - 0.5 || ring.bottom + out > area.bottom + 0.5;
      return (overflowX !== "visible" && across) || (overflowY !== "visible" && down);
    };
    let hidden = "";
    if (outlineStyle === "none" || !(parseFloat(outlineWidth) >= 2)) hidden = "shows no ring";
    for (let outer = ringed.parentElement; outer !== document.body; outer = outer.parentElement) {
      if (clips(outer)) hidden ||= `has its ring cut by .${outer.className}`;
    }
    const middle = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 10));
    if (!element.contains(middle) && !middle?.contains(element)) hidden ||= "is covered or out of sight";
    return {
      name: `${element.tagName} ${element.id || element.textContent.slice(0, 30)}`,
      part: element.closest("#bar, .form, #gpus, #sections")?.id || "form",
      hidden,
    };
  });

test("Tab reaches every part in the order of reading, and the focus is always seen", { everywhere: true, timeout: 40_000 }, async ({ page, open }) => {
  await open(WRONG);
  const parts = new Set();
  const hidden = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (!now) break;
    parts.add(now.part);
    if (now.hidden) hidden.push(`${now.name} ${now.hidden}`);
  }
  assert.deepEqual([...parts], ["bar", "form", "gpus", "sections"]);
  assert.deepEqual(hidden, []);
});

test("the skip link leads to the picture and leaves the address alone", { everywhere: true }, async ({ page, open }) => {
  await open();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await becomes(() => page.evaluate(() => document.activeElement.id), "gpus");
  assert.equal(new URL(page.url()).hash, TECHPULSE);
});

test("a plan is changed and checked without a pointer", { everywhere: true }, async ({ page, open }) => {
  await open();
  await field(page, "TP tensor").focus();
  await page.keyboard.press("ArrowUp");
  await reads(verdict(page), /DP 4/);
  for (let stops = 0; stops < 40 && (await page.evaluate(() => document.activeElement.id)) !== "gpus-frame"; stops += 1) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("ArrowRight");
  await reads(page.locator("#gpus-pin"), /^Rank 0, node 0, slot 0\. TP rank 0 of 4/);
});
