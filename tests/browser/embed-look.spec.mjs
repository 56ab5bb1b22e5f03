// How embeds look, and the page that shows every one of them with the snippet to copy.
import assert from "node:assert/strict";
import { axe, openPage, test } from "./harness.mjs";
import { VIEWS, drawn, framesOf } from "./host.mjs";
import { MESHES, STAGES, becomes } from "./page.mjs";

for (const colorScheme of ["light", "dark"]) {
  for (const [view, parts] of Object.entries(VIEWS)) {
    test(`axe finds nothing in the view ${view}, ${colorScheme}`, { context: { colorScheme }, timeout: 60_000 }, async ({ page, base, shot }) => {
      for (const [width, plan] of [[700, STAGES], [360, MESHES]]) {
        await page.setViewportSize({ width, height: 400 });
        await page.goto("about:blank");
        await openPage(page, base, `?embed&view=${view}${plan}`);
        await drawn(page);
        await page.locator(`#${parts[0]}`).waitFor();
        await shot(`${width}`);
        assert.equal(await axe(page), "");
        const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${wide} px too wide at ${width}`);
      }
    });
  }
}

for (const [colorScheme, width] of [["light", 1200], ["dark", 1200], ["light", 360]]) {
  test(`the page of embeds, ${colorScheme}, ${width} px`, { context: { colorScheme, viewport: { width, height: 900 } }, timeout: 90_000 }, async ({ page, base, shot }) => {
    await page.goto(`${base}embed.html`);
    // All of it at once, or frames out of sight would not be drawn.
    await page.setViewportSize({ width, height: 16_000 });
    await framesOf(page, base, 11);
    await page.waitForTimeout(500);
    assert.equal(await axe(page), "");
    assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)) <= 0);
    await shot();
  });
}

test("a snippet is copied, and selected where the browser refuses", { context: { permissions: ["clipboard-read", "clipboard-write"] } }, async ({ page, base }) => {
  await page.goto(`${base}embed.html`);
  const example = page.getByRole("region", { name: "A frame", exact: true });
  await example.getByRole("button").click();
  await example.getByRole("button", { name: "Copied" }).waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), new RegExp(`^<iframe src="${base}\\?embed&view=diagram#v1`));
  await page.evaluate(() => (navigator.clipboard.writeText = () => Promise.reject(new Error("no"))));
  await example.getByRole("button").click();
  await becomes(() => page.evaluate(() => String(getSelection())), /^<iframe src=/);
});

test("every snippet shows the plan that stands above it", { timeout: 90_000 }, async ({ page, context, base }) => {
  await page.goto(`${base}embed.html`);
  const shown = (root) =>
    root.evaluate((element) => [...element.querySelectorAll("iframe, mesh-plan")].map((made) => {
      const { tagName } = made;
      const address = made.getAttribute("src")?.replace(/.*\?/, "");
      return [tagName, address, ...["plan", "view", "color", "hide", "theme", "sandbox"].map((name) => made.getAttribute(name))];
    }));
  const snippets = page.locator(".example");
  for (const example of await snippets.all()) {
    const text = await example.locator(".snippet code").textContent();
    const pasted = await context.newPage();
    await pasted.setContent(`<!doctype html><title>Pasted</title>${text.replace(/<script type="module">[^]*<\/script>/, "")}`);
    assert.deepEqual(await shown(pasted.locator("body")), await shown(example.locator(".live")));
    await framesOf(pasted, base, 1);
    await pasted.close();
  }
});

test("the last example does what its buttons say", async ({ page, base }) => {
  await page.goto(`${base}embed.html`);
  const heard = page.getByRole("list", { name: "What this page has heard" });
  await page.getByRole("button", { name: "4 nodes" }).click();
  await becomes(() => heard.innerText(), /report: Valid .*\n.*change: 7B.*nodes-4/, 20_000);
});
