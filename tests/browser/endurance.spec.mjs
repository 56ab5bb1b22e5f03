// What no one should do to the page, and some will.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { MIXTURE, TECHPULSE, becomes, field, reads, verdict } from "./page.mjs";

test("a cluster of 10^12 GPUs is answered within 2 seconds", async ({ page, open }) => {
  await open();
  const start = Date.now();
  await field(page, "Nodes").fill("125000000000");
  await reads(page.locator("#issues-nodes"), /is larger than 1,048,576/);
  await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next))));
  assert.ok(Date.now() - start < 2_000, `took ${Date.now() - start} ms`);
  assert.equal(await field(page, "Nodes").inputValue(), "125000000000");
});

test("the largest sizes that can be said open within 2 seconds", async ({ page, open }) => {
  for (const link of [
    "#v1.m-guide-64x3b.node-p5-48xlarge.nodes-1048576.gpn-1024.tp-8.ep-8.gbs-1099511627776.z",
    "#v1.m-guide-70b.nodes-999999999999.gpn-999999999999.tp-999999999999.pp-999999999999.cp-999999999999.ep-999999999999.seq-999999999999.mbs-999999999999.gbs-999999999999.layers-999999999999.z",
    "#v1.m-guide-70b.node-p5-48xlarge.nodes-8192.tp-8.pp-80.vpp-1.gbs-1000000.z",
    "#v1.params-1000000000000000.layers-10000.hidden-1048576.heads-65536.nodes-1048576.pp-10000.vpp-10000.z",
  ]) {
    await open();
    const start = Date.now();
    await page.evaluate((link) => (location.hash = link), link);
    await becomes(async () => (await verdict(page).textContent()).startsWith("Valid · 33.99"), false);
    await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next))));
    assert.ok(Date.now() - start < 2_000, `${link} took ${Date.now() - start} ms`);
  }
});

/** The same numbers in every run (Lehmer's generator): `below(n)` is a whole number under n. */
function below(seed) {
  let state = seed;
  return (n) => {
    state = (state * 48271) % 2147483647;
    return state % n;
  };
}

const KEYS = ["Tab", "Shift+Tab", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Enter", "Escape", "Home", "End", "Backspace", "Delete", " ", "Control+a", ..."0123456789.-,eEx"];

for (const [seed, link] of [[1, TECHPULSE], [7, MIXTURE]]) {
  test(`200 random keys and clicks do no harm (seed ${seed})`, { allow: [/clipboard/i] }, async ({ page, open }) => {
    await open(link);
    const pick = below(seed);
    const done = [];
    for (let step = 0; step < 200; step += 1) {
      if (pick(4) === 0) {
        // By the page's own list, scrolled into view, as a hand would do it.
        const point = await page.evaluate((n) => {
          const all = [...document.querySelectorAll("button:not([aria-disabled=true]), input, summary, select, svg, dialog[open] button")].filter((e) => e.checkVisibility());
          const element = all[n % all.length];
          element.scrollIntoView({ block: "center" });
          const box = element.getBoundingClientRect();
          return { x: box.x + box.width / 2, y: box.y + box.height / 2, name: element.id || element.textContent.slice(0, 30) };
        }, pick(100_000));
        done.push(`click ${point.name}`);
        await page.mouse.click(point.x, point.y);
      } else {
        const key = KEYS[pick(KEYS.length)];
        done.push(key);
        await page.keyboard.press(key);
      }
    }
    const alive = await page.getByRole("alertdialog").count();
    assert.equal(alive, 0, `the planner stopped after ${done.join(", ")}`);
    // The plan that came of it is in the address: a reload shows the same.
    await page.keyboard.press("Escape");
    // The unit is the reader's choice and no part of the plan.
    await page.getByRole("button", { name: "GB", exact: true }).evaluate((button) => button.click());
    await page.waitForTimeout(400);
    const before = await verdict(page).textContent();
    assert.ok(before.length > 10);
    await page.reload();
    await reads(verdict(page), before);
  });
}
