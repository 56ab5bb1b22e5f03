// Filling in the form: what is typed, stepped and chosen, and what the page makes of it.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { STAGES, TECHPULSE, TOO_LARGE, address, becomes, field, issues, reads, section, takeaway, verdict } from "./page.mjs";

/** The field that most tests change. */
const tp = (page) => field(page, "TP tensor");

test("the page opens with TechPulse's plan: valid, 33.99 of 40 GB", { everywhere: true }, async ({ page, open, shot }) => {
  await open();
  await reads(verdict(page), "Valid · 33.99 of 40 GB on each GPU · DP 8 · no pipeline bubble · 16 of 16 checks");
  assert.equal(await page.title(), "7B dense, 2 nodes of p4d.24xlarge · Meshplan");
  await address(page, TECHPULSE);
  await shot();
});

test("typing TP 4 changes the verdict, the legend, the flags and the address", { everywhere: true }, async ({ page, open }) => {
  await open();
  await tp(page).fill("4");
  await reads(verdict(page), /^Valid · 26\.99 of 40 GB on each GPU · DP 4 /);
  await reads(page.locator("#gpus-legend"), /4 groups of 4, all inside a node/);
  await reads(takeaway(page), /--tensor-model-parallel-size 4 /);
  await address(page, TECHPULSE.replace("tp-2", "tp-4"));
});

test("a wrong entry is named, kept as it was typed, and mended by its button", async ({ page, open }) => {
  await open();
  for (const [entry, message] of [
    ["0", /TP tensor 0 must be at least 1/],
    ["-2", /TP tensor “-2” is negative/],
    ["2.5", /TP tensor “2.5” is not a whole number/],
    ["abc", /TP tensor “abc” is not a number/],
    ["1e99", /TP tensor “1e99” is too large/],
    ["", /TP tensor/],
  ]) {
    await tp(page).fill("2");
    await reads(verdict(page), /^Valid/);
    await tp(page).fill(entry);
    await reads(issues(page, "tp").first(), message);
    await reads(verdict(page), /^Not valid .* 1 entry to mend$/);
    assert.equal(await tp(page).getAttribute("aria-invalid"), "true");
    assert.equal(await tp(page).getAttribute("aria-describedby"), "issues-tp");
    await tp(page).blur();
    assert.equal(await tp(page).inputValue(), entry, "what was typed is lost");
    await issues(page, "tp").first().getByRole("button").click();
    await becomes(() => tp(page).inputValue(), /^[1-9][0-9]*$/);
    await becomes(async () => /to mend/.test(await verdict(page).textContent()), false);
  }
});

test("a wrong entry survives a reload", { everywhere: true }, async ({ page, open }) => {
  await open();
  await tp(page).fill("4 x");
  await address(page, /u-tp-/);
  await page.reload();
  await becomes(() => tp(page).inputValue(), "4 x");
  await reads(issues(page, "tp").first(), /“4 x” is not a number/);
});

test("a decimal is typed one character at a time without being disturbed", { everywhere: true }, async ({ page, open }) => {
  await open();
  const parameters = field(page, "Parameters");
  await parameters.selectText();
  for (const typed of ["7", "7.", "7.5"]) {
    await page.keyboard.type(typed.at(-1));
    assert.equal(await parameters.inputValue(), typed);
  }
  await reads(verdict(page), /^Valid, with warnings · 35\.36 of 40 GB|^Valid · 35\.36 of 40 GB/);
});

test("the caret stays where it is while digits are put in the middle", { everywhere: true }, async ({ page, open }) => {
  await open();
  const hidden = field(page, "Hidden size");
  await hidden.evaluate((input) => (input.focus(), input.setSelectionRange(1, 1)));
  await page.keyboard.type("10");
  await becomes(() => hidden.inputValue(), "410096");
  assert.equal(await hidden.evaluate((input) => input.selectionStart), 3);
});

test("numbers are taken as people write them: 4,096 and 7B", async ({ page, open }) => {
  await open();
  await field(page, "Sequence length").fill("8,192");
  await address(page, /\.seq-8192\./);
  await field(page, "Parameters").fill("13B");
  await address(page, /\.params-13000000000\./);
});

test("a figure that is cleared is the preset's again", async ({ page, open }) => {
  await open();
  const layers = field(page, "Layers");
  await layers.fill("16");
  await reads(verdict(page), / 18\.99 of 40 GB/);
  await layers.fill("");
  await layers.blur();
  await becomes(() => layers.inputValue(), "32");
  await address(page, TECHPULSE);
});

test("steppers and arrow keys move through valid values only", { everywhere: true }, async ({ page, open }) => {
  await open();
  const raise = page.getByRole("button", { name: "Raise TP tensor" });
  for (const size of ["4", "8"]) {
    await raise.click();
    await becomes(() => tp(page).inputValue(), size);
  }
  await becomes(() => raise.isDisabled(), true);
  const press = async (label, key, value) => {
    await field(page, label).press(key);
    await becomes(() => field(page, label).inputValue(), value);
  };
  await press("TP tensor", "ArrowDown", "4");
  await press("TP tensor", "ArrowDown", "2");
  await press("Global batch", "ArrowUp", "528");
  await press("Global batch", "ArrowDown", "512");
  await press("PP pipeline", "ArrowUp", "2");
  await press("Nodes", "ArrowUp", "3");
});

test("another model brings its own figures and leaves the cluster", { everywhere: true }, async ({ page, open }) => {
  await open();
  await field(page, "Layers").fill("16");
  await page.getByRole("combobox", { name: "Preset" }).selectOption({ label: "13B dense" });
  await becomes(() => field(page, "Layers").inputValue(), "40");
  await address(page, TECHPULSE.replace("guide-7b", "guide-13b"));
});

test("changed fields are counted, and reset brings the opened plan back", async ({ page, open }) => {
  await open();
  await tp(page).fill("4");
  await field(page, "CP context").fill("2");
  const group = page.getByRole("group", { name: "Parallelism" });
  await group.getByRole("button", { name: "2 changed · reset" }).click();
  await address(page, TECHPULSE);
  await becomes(() => group.getByRole("button", { name: /reset/ }).count(), 0);
});

test("the distributed optimizer off costs what the page says it costs", async ({ page, open }) => {
  await open();
  await reads(section(page, "Memory"), /Without the distributed optimizer: 70\.74 GB/);
  await page.getByRole("checkbox", { name: "Distributed optimizer" }).uncheck();
  await reads(verdict(page), /^Not valid · 70\.74 of 40 GB/);
  await reads(section(page, "Memory"), /With the distributed optimizer: 33\.99 GB/);
});

test("a failing plan offers repairs, and one click makes it valid", async ({ page, open, shot }) => {
  await open(TOO_LARGE);
  await reads(verdict(page), /^Not valid · 47\.99 of 40 GB/);
  await shot();
  const repairs = section(page, "Checks").locator(".repairs").getByRole("button");
  assert.ok((await repairs.count()) >= 1);
  await repairs.first().click();
  await reads(verdict(page), /^Valid/);
  await page.getByRole("button", { name: "Undo" }).click();
  await reads(verdict(page), /^Not valid · 47\.99 of 40 GB/);
});

test("the advised plan is one click away", async ({ page, open }) => {
  await open(STAGES.replace("tp-8.pp-4", "tp-16.pp-3"));
  await reads(verdict(page), /^Not valid/);
  await page.getByRole("button", { name: "Apply the advised plan" }).click();
  await reads(verdict(page), /^Valid/);
  await reads(section(page, "Advice"), /This is your plan/);
});

const more = (page) => page.getByRole("group", { name: "Parallelism" }).locator("details.more");
const focused = (page) => page.evaluate(() => document.activeElement.id);

test("rows that were opened stay open while an entry in them is mended", { everywhere: true }, async ({ page, open }) => {
  await open();
  await more(page).locator("summary").click();
  const vpp = field(page, "VPP chunks a stage");
  await vpp.fill("5");
  await reads(issues(page, "vpp"), /greater than 1/);
  await vpp.fill("1");
  await becomes(() => issues(page, "vpp").count(), 0);
  assert.equal(await more(page).evaluate((rows) => rows.open), true);
  assert.equal(await focused(page), "field-vpp");
});

test("after a fix by the keys the focus is in the part that held the button", async ({ page, open }) => {
  await open();
  const press = async (button, place) => {
    await button.focus();
    await page.keyboard.press("Enter");
    await becomes(() => focused(page), place);
  };
  await tp(page).fill("3");
  await press(issues(page, "tp").getByRole("button").first(), "form-parallel");
  await tp(page).fill("1");
  await press(section(page, "Checks").locator(".repairs").getByRole("button").first(), "checks");
  await press(section(page, "Batch").getByRole("button", { name: "Use" }).first(), "batch");
});

test("one fix that mends several rules of a field has one button", async ({ page, open }) => {
  await open();
  await tp(page).fill("3");
  await becomes(() => issues(page, "tp").count(), 3);
  assert.deepEqual(await issues(page, "tp").getByRole("button").allTextContents(), ["Set TP to 2"]);
});

test("a rate is shown whole, a notation shows how it looks, and nothing unset is called unknown", { everywhere: true }, async ({ page, open }) => {
  await open();
  await page.getByText("GPU and links").click();
  const cut = (input) => input.evaluate((input) => input.scrollWidth - input.clientWidth);
  for (const label of ["Peak BF16 rate", "Parameters", "GPU memory"]) assert.equal(await cut(field(page, label)), 0, label);
  await more(page).locator("summary").click();
  for (const label of ["Pipeline layout", "Recompute modules"]) assert.match(await field(page, label).getAttribute("placeholder"), /^e\.g\. /);
  assert.doesNotMatch(await more(page).innerText(), /unknown/);
});

test("rows of experts and of MLA come with experts and MLA", async ({ page, open }) => {
  await open();
  await page.getByText("Architecture", { exact: true }).click();
  const rows = ["Experts a token", "MLA key-value rank"];
  const there = async () => (await Promise.all(rows.map((label) => field(page, label).count()))).join();
  await becomes(there, "0,0");
  await field(page, "Experts").fill("8");
  await becomes(there, "1,0");
  await page.getByRole("checkbox", { name: "Multi-latent attention" }).check();
  await becomes(there, "1,1");
});
