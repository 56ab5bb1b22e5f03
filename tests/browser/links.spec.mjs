// The address holds the plan: reload, history, copied, old, cut and foreign links.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { MIXTURE, STAGES, TECHPULSE, address, becomes, field, golden, reads, takeaway, verdict } from "./page.mjs";

const start = (page) => page.getByRole("combobox", { name: "Start from a plan of the guide" });
const notice = (page) => page.locator("#notice");

test("a preset from the bar opens, and Back returns to what was typed before", { everywhere: true }, async ({ page, open }) => {
  await open();
  await field(page, "TP tensor").fill("4");
  await start(page).selectOption({ label: "70B, 32 GPUs" });
  await address(page, STAGES);
  await reads(verdict(page), /^Valid .* bubble /);
  await page.goBack();
  await address(page, TECHPULSE.replace("tp-2", "tp-4"));
  await becomes(() => field(page, "TP tensor").inputValue(), "4");
  await page.goForward();
  await becomes(() => field(page, "PP pipeline").inputValue(), "4");
  await becomes(() => start(page).evaluate((list) => list.selectedOptions[0].label), "70B, 32 GPUs");
});

test("a reload restores the plan", async ({ page, open }) => {
  await open();
  await field(page, "Nodes").fill("4");
  await field(page, "Global batch").fill("1024");
  await address(page, TECHPULSE.replace("nodes-2", "nodes-4").replace("512", "1024"));
  const before = await verdict(page).textContent();
  await page.reload();
  await reads(verdict(page), before);
  assert.equal(await field(page, "Nodes").inputValue(), "4");
});

test("a copied link opens the same plan elsewhere", { everywhere: true, context: { permissions: ["clipboard-read", "clipboard-write"] } }, async ({ page, context, open }) => {
  await open(MIXTURE);
  await field(page, "Nodes").fill("4");
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await context.newPage();
  await other.goto(link);
  await reads(verdict(other), await verdict(page).textContent());
  assert.equal(new URL(other.url()).hash, MIXTURE.replace("nodes-2", "nodes-4"));
});

test("every link that ever shipped opens its plan and keeps its address", { everywhere: true, timeout: 90_000 }, async ({ page, open }) => {
  await open();
  await page.getByRole("button", { name: "Plan JSON" }).click();
  for (const { link, plan } of golden) {
    await page.evaluate((link) => (location.hash = link), link);
    const expected = JSON.stringify(plan);
    await becomes(async () => JSON.stringify(JSON.parse(await takeaway(page).textContent())), expected);
    assert.equal(await notice(page).textContent(), "");
    // Longer than the pause after which the page writes the address.
    await page.waitForTimeout(300);
    assert.equal(new URL(page.url()).hash, `#${link}`);
  }
});

test("a link that was wrapped and encoded on its way opens", async ({ page, open }) => {
  await open(`?x=1&amp;c=${encodeURIComponent(MIXTURE.slice(1))}`);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
  assert.equal(await notice(page).textContent(), "");
});

test("a cut link says so, shows what could be read, and keeps the address until a change", { everywhere: true }, async ({ page, open }) => {
  const cut = "#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-4.mb";
  await open(cut);
  await reads(notice(page), /The link is cut off after “tp-4”: “mb” may not be whole and is left out/);
  assert.equal(await field(page, "TP tensor").inputValue(), "4");
  // Longer than the pause after which the page writes the address.
  await page.waitForTimeout(400);
  assert.equal(new URL(page.url()).hash, cut);
  await field(page, "TP tensor").fill("2");
  await address(page, "#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.z");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await becomes(async () => (await notice(page).textContent()).trim(), "");
});

test("a link of a newer version says so and is not overwritten", { everywhere: true }, async ({ page, open }) => {
  await open("#v2.m-guide-7b.tp-4.z");
  await reads(notice(page), /made by a newer version of Meshplan \(format v2\).*The opening plan was opened instead/);
  await page.waitForTimeout(400);
  assert.equal(new URL(page.url()).hash, "#v2.m-guide-7b.tp-4.z");
});

test("a part that nobody knows is told and travels on", async ({ page, open }) => {
  await open(TECHPULSE.replace(".z", ".fsdp-3.z"));
  await reads(notice(page), /“fsdp-3”, which this version of Meshplan does not know/);
  await field(page, "TP tensor").fill("4");
  await address(page, /tp-4.*\.fsdp-3\.z$/);
});

test("text that is no link is shown as text, never as markup", { everywhere: true }, async ({ page, open }) => {
  await open("#<img src=x onerror=alert(1)>");
  await reads(notice(page), /is not a link to a plan/);
  assert.equal(await notice(page).locator("img").count(), 0);
});

test("a link that is pasted over the address shows its plan", { everywhere: true }, async ({ page, open }) => {
  await open();
  await page.evaluate((link) => (location.hash = link), MIXTURE);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
  await page.goBack();
  await reads(verdict(page), /^Valid · 33\.99 of 40 GB/);
});

test("a link that cannot be read costs nobody the plan that they had", { everywhere: true }, async ({ page, open }) => {
  await open(MIXTURE);
  await field(page, "Nodes").fill("4");
  const kept = MIXTURE.replace("nodes-2", "nodes-4");
  await address(page, kept);
  for (const [bad, words] of [
    ["#v2.tp-4.z", /newer version of Meshplan/],
    ["#v1.tp-", /is cut off/],
    ["#hello", /is not a link to a plan/],
  ]) {
    await page.evaluate((link) => (location.hash = link), bad);
    await reads(notice(page), words);
    await reads(notice(page), /The plan of before was kept/);
    // The text as it came, to be copied.
    await reads(notice(page).locator("code"), bad);
    assert.equal(await field(page, "Nodes").inputValue(), "4");
    assert.equal(new URL(page.url()).hash, bad);
  }
  // What is said of it goes with it.
  for (let back = 0; back < 3; back += 1) await page.goBack();
  await address(page, kept);
  await becomes(async () => (await notice(page).textContent()).trim(), "");
});

test("what cannot be read leaves a plan in doubt as it was", { everywhere: true }, async ({ page, open }) => {
  const cut = "#v1.m-guide-13b.node-p4d-24xlarge.nodes-2.tp";
  await open(cut);
  await reads(notice(page), /cut off after “nodes-2”/);
  await page.evaluate(() => (location.hash = "#hello"));
  await reads(notice(page), /“hello” is not a link.*The plan of before was kept/);
  // Longer than the pause after which the page writes the address.
  await page.waitForTimeout(400);
  assert.equal(new URL(page.url()).hash, "#hello");
  assert.ok((await page.locator("#bar-link").textContent()).endsWith(cut));
  await page.evaluate(() => (location.hash = ""));
  await page.waitForTimeout(400);
  assert.ok((await page.locator("#bar-link").textContent()).endsWith(cut));
  await page.goBack();
  await page.goBack();
  await reads(notice(page), /cut off after “nodes-2”/);
});

test("a name and a note travel in the link, as text and in one line", { everywhere: true }, async ({ page, open, context }) => {
  await open();
  await field(page, "Name").fill("Run 7: <b>baseline</b>");
  await field(page, "Note").fill("why?\u202e not");
  await address(page, TECHPULSE.replace(".z", ".name-Run_207_3A_20_3Cb_3Ebaseline_3C_2Fb_3E.note-why_3F_20not.z"));
  const other = await context.newPage();
  await other.goto(page.url());
  await reads(other.locator("#bar .name"), "Run 7: <b>baseline</b>: 7B dense, 2 nodes of p4d.24xlarge. why? not");
  assert.equal(await other.locator("#bar .name *").count(), 0);
  await becomes(() => other.title(), "Run 7: <b>baseline</b>: 7B dense, 2 nodes of p4d.24xlarge · Meshplan");
});

test("colours in the query are those of the page, and the plan stays in the fragment", async ({ page, open }) => {
  await open(`?theme=dark&color=pp${STAGES}`);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.locator("#gpus-colours").getByRole("button", { name: "PP", pressed: true }).waitFor();
  await field(page, "Nodes").fill("8");
  await address(page, STAGES.replace("nodes-4", "nodes-8"));
  assert.equal(new URL(page.url()).search, "?theme=dark&color=pp");
  await page.getByRole("button", { name: "Colours: Dark", exact: true }).waitFor();
});

test("what the query asks for and there is not is said, and changes nothing", { everywhere: true }, async ({ page, open }) => {
  await open(`?theme=drak&color=ranks&view=diagramm&hide=legende,memory${STAGES}`);
  for (const asked of ["theme=drak", "color=ranks", "view=diagramm", "hide=legende"]) {
    await reads(notice(page), new RegExp(`The address says “${asked}”, which this version of Meshplan does not know\\.`));
  }
  assert.doesNotMatch(await notice(page).textContent(), /hide=memory/);
  await reads(verdict(page), /^Valid/);
});

test("a plan that no link holds whole says so, for as long as it is so", async ({ page, open }) => {
  await open();
  await field(page, "TP tensor").fill("x".repeat(3000));
  await reads(notice(page), /A link has no room for all of this plan\. Entries that it leaves out: 1\. The JSON of the plan has them\./);
  await address(page, TECHPULSE.replace(".z", ".lost-1.z"));
  await field(page, "TP tensor").fill("4");
  await becomes(async () => (await notice(page).textContent()).trim(), "");
});

test("words that a link brings and a plan does not keep are told", async ({ page, open }) => {
  await open(TECHPULSE.replace(".z", `.name-${"x".repeat(200)}.z`));
  await reads(notice(page), /A plan’s name is longer than a plan keeps: the rest is left out/);
});

test("words that are pasted into the form and a plan does not keep are told", async ({ page, open }) => {
  await open();
  const name = field(page, "Name");
  const told = page.locator("#issues-name");
  await name.fill("x".repeat(120));
  await reads(told, /A plan’s name is longer than a plan keeps: the rest is left out\./);
  assert.equal((await name.inputValue()).length, 120, "nothing is cut while it is typed");
  await address(page, TECHPULSE.replace(".z", `.name-${"x".repeat(96)}.z`));
  await name.fill("x".repeat(96));
  await becomes(() => told.textContent(), "");
});

test("a plan before # that is not the one after it is told, and one that alone is readable opens", { everywhere: true }, async ({ page, open }) => {
  const query = `?${MIXTURE.slice(1)}`;
  await open(query + TECHPULSE);
  await reads(verdict(page), /^Valid · 33\.99 of 40 GB/);
  await reads(notice(page), /The address has another plan before “#”\..*The plan after “#” was opened\./);
  await reads(notice(page).locator("code"), query);
  await open(query + MIXTURE);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
  assert.equal(await notice(page).textContent(), "");
  // Of the same query it would be a change of the fragment alone.
  await page.goto("about:blank");
  await open(`${query}#results`);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
  await reads(notice(page), /“results” is not a link to a plan.*The plan before “#” was opened\./);
  await open(`?v2.tp-4.z${TECHPULSE}`);
  await reads(verdict(page), /^Valid · 33\.99 of 40 GB/);
  await reads(notice(page), /made by a newer version.*The plan after “#” was opened\./);
});

test("a plan in the query moves to the fragment once it is changed, and the colours stay", async ({ page, open }) => {
  await open(`?c=${MIXTURE.slice(1)}&theme=dark&color=ep`);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
  await field(page, "Nodes").fill("4");
  await address(page, MIXTURE.replace("nodes-2", "nodes-4"));
  assert.equal(new URL(page.url()).search, "?theme=dark&color=ep");
});

test("what is said of a link stays with it: told when it is pasted, kept in the address, gone with it", async ({ page, open }) => {
  await open(MIXTURE);
  const strange = TECHPULSE.replace(".z", ".fsdp-3.z");
  await page.evaluate((link) => (location.hash = link), strange);
  await reads(notice(page), /“fsdp-3”, which this version/);
  const cut = "#v1.m-guide-13b.node-p4d-24xlarge.nodes-2.tp";
  await page.evaluate((link) => (location.hash = link), cut);
  await reads(notice(page), /cut off after “nodes-2”/);
  // A whole link to what was left of it would be another plan.
  await page.waitForTimeout(400);
  assert.equal(new URL(page.url()).hash, cut);
  await page.evaluate((link) => (location.hash = link), MIXTURE);
  await becomes(async () => (await notice(page).textContent()).trim(), "");
  // An empty fragment is no plan, and costs none.
  await page.evaluate(() => (location.hash = ""));
  await page.waitForTimeout(300);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
});

test("opening the plan that is shown already is no step of the next edit", async ({ page, open }) => {
  await open();
  await page.getByRole("combobox", { name: "Start from a plan of the guide" }).selectOption({ label: "TechPulse 7B, 16 GPUs" });
  const length = await page.evaluate(() => history.length);
  await field(page, "Nodes").fill("4");
  await address(page, TECHPULSE.replace("nodes-2", "nodes-4"));
  assert.equal(await page.evaluate(() => history.length), length);
});
