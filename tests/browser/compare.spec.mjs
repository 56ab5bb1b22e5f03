// Two plans in one link: side by side, swapped, taken over.
import assert from "node:assert/strict";
import { axe, test } from "./harness.mjs";
import { MIXTURE, TECHPULSE, address, becomes, field, reads, section, verdict } from "./page.mjs";

const BOTH = TECHPULSE.replace(".z", ".vs.tp-4.gbs-1024.z");
const compare = (page) => section(page, "Compare");
const row = (page, name) => compare(page).getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
const act = (page, name) => compare(page).getByRole("button", { name, exact: true }).click();

test("a link of two plans shows what differs, with the changes", { everywhere: true }, async ({ page, open, shot }) => {
  await open(BOTH);
  await reads(row(page, "TP tensor"), /24differs/);
  await reads(row(page, "Weights, BF16"), /7 GB3\.50 GB−3\.50 GB \(−50 %\) better/);
  // B trains on more in a step: it sends more, and is no worse for it.
  await reads(row(page, "TP AllGather + ReduceScatter, activations and their gradients"), /\+[^a-z]*GB \(\+500 %\)$/);
  assert.equal(await row(page, "Node type").count(), 0);
  assert.equal(await row(page, "Bubble, of the whole step").count(), 0);
  await shot();
  await act(page, "Only differences");
  await reads(row(page, "Node type"), /p4d\.24xlargep4d\.24xlargethe same/);
  await reads(row(page, "Bubble, of the whole step"), /0 %0 %the same/);
  assert.equal(new URL(page.url()).hash, BOTH);
});

test("a comparison begins with the plan as it is, and follows what is changed", async ({ page, open }) => {
  await open();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await address(page, TECHPULSE.replace(".z", ".vs.z"));
  await reads(compare(page), /A and B are the same/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "compare-title");
  await field(page, "TP tensor").fill("4");
  await reads(row(page, "TP tensor"), /42differs/);
  await address(page, TECHPULSE.replace("tp-2", "tp-4").replace(".z", ".vs.tp-2.z"));
  await act(page, "Stop comparing");
  await address(page, TECHPULSE.replace("tp-2", "tp-4"));
  await becomes(() => compare(page).count(), 0);
  await becomes(() => page.evaluate(() => document.activeElement.id), "compare-button");
});

test("both plans are in the address while something is said of it", async ({ page, open }) => {
  for (const [opened, both] of [
    [`?theme=drak${TECHPULSE}`, TECHPULSE.replace(".z", ".vs.z")],
    ["#v1.m-guide-7b.tp-4.mb", "#v1.m-guide-7b.tp-4.vs.z"],
  ]) {
    await page.goto("about:blank");
    await open(opened);
    await becomes(async () => (await page.locator("#notice p").count()) > 0, true);
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await address(page, both);
    await act(page, "Stop comparing");
    await address(page, opened.replace(/^[^#]*/, ""));
  }
});

test("a cut link that is opened beside B leaves B in the address", async ({ page, open }) => {
  await open(TECHPULSE.replace(".z", ".vs.z"));
  await page.getByRole("button", { name: "Open…" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-4.mb");
  await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click();
  await reads(page.locator("#notice"), /cut off after “tp-4”/);
  await address(page, "#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-4.vs.tp-2.mbs-2.gbs-512.z");
});

test("A and B are swapped, and the page shows the other", async ({ page, open }) => {
  await open(BOTH);
  await act(page, "Swap A and B");
  await address(page, TECHPULSE.replace("tp-2", "tp-4").replace("gbs-512", "gbs-1024").replace(".z", ".vs.tp-2.gbs-512.z"));
  assert.equal(await field(page, "TP tensor").inputValue(), "4");
  await reads(row(page, "Weights, BF16"), /\+3\.50 GB \(\+100 %\) worse/);
});

test("one plan is taken over into the other, in part or whole, and back by undo", { everywhere: true }, async ({ page, open }) => {
  await open(BOTH);
  await row(page, "TP tensor").getByRole("button", { name: "Take B’s TP into A" }).click();
  await address(page, TECHPULSE.replace("tp-2", "tp-4").replace(".z", ".vs.gbs-1024.z"));
  await page.getByRole("button", { name: "Undo" }).click();
  await address(page, BOTH);
  await act(page, "Make A like B");
  await address(page, TECHPULSE.replace("tp-2", "tp-4").replace("gbs-512", "gbs-1024").replace(".z", ".vs.z"));
  await page.getByRole("button", { name: "Undo" }).click();
  await address(page, BOTH);
  await act(page, "Make B like A");
  await address(page, TECHPULSE.replace(".z", ".vs.z"));
});

test("any text that is a plan becomes B; one that is none costs nothing", async ({ page, open }) => {
  await open(BOTH);
  await compare(page).getByText("Compare with another plan").click();
  const area = compare(page).getByRole("textbox");
  await area.fill("no plan at all");
  await act(page, "Use as B");
  await reads(compare(page).getByRole("status"), /is not a link to a plan/);
  await area.fill(" ");
  await act(page, "Use as B");
  await reads(compare(page).getByRole("status"), /^Paste a text first\.$/);
  await address(page, BOTH);
  await area.fill(MIXTURE);
  await act(page, "Use as B");
  await reads(compare(page), /B: 8x3B MoE/);
  await reads(verdict(page), /^Valid · 33\.99 of 40 GB/);
  await address(page, /^#v1\.m-guide-7b.*\.vs\.m-guide-8x3b/);
});

test("a model alone becomes B with all else of A, and says so", async ({ page, open }) => {
  await open(BOTH);
  await compare(page).getByText("Compare with another plan").click();
  const model = { model_type: "llama", num_hidden_layers: 16, hidden_size: 2048, num_attention_heads: 32, vocab_size: 32000 };
  await compare(page).getByRole("textbox").fill(JSON.stringify({ ...model, intermediate_size: 8192 }));
  await act(page, "Use as B");
  await reads(compare(page).getByRole("status"), /B is A with this model\.$/);
  await reads(row(page, "Layers"), /32 \(not said\)16differs/);
  assert.equal(await row(page, "TP tensor").count(), 0);
});

test("a plan that is opened while two are compared becomes A", async ({ page, open }) => {
  await open(BOTH);
  await page.getByRole("combobox", { name: "Start from a plan of the guide" }).selectOption({ label: "70B, 32 GPUs" });
  await address(page, /^#v1\.m-guide-70b.*\.vs\.m-guide-7b.*tp-4.*gbs-1024/);
  await reads(compare(page), /A: 70B dense/);
});

test("a check that one plan fails is told with its reason", async ({ page, open }) => {
  await open(TECHPULSE.replace(".z", ".vs.tp-3.z"));
  await reads(row(page, "Verdict"), /ValidNot valid/);
  await reads(row(page, "tensor parallel size (guide)"), /passesfails: .*3.* worse/);
});

test("what another preset brings along is shown, by the names of the form", { everywhere: true }, async ({ page, open }) => {
  await open(TECHPULSE.replace(".z", ".vs.m-guide-70b.node-p5-48xlarge.z"));
  await reads(row(page, "Model preset"), /7B dense70B densediffers/);
  await reads(row(page, "Node type"), /p4d\.24xlargep5\.48xlargediffers/);
  await reads(row(page, "Layers"), /3280\+48 \(\+150 %\)$/);
  await reads(row(page, "GPU"), /NVIDIA A100 SXM 40GBNVIDIA H100 SXM 80GBdiffers$/);
  assert.equal(await row(page, "Vocabulary").count(), 0);
});

test("a stage that does not fit is told of both plans, where it differs in neither", async ({ page, open }) => {
  await open(TECHPULSE.replace("mbs-2", "pp-2.first-24.mbs-4").replace(".z", ".vs.gbs-1024.z"));
  await reads(compare(page), /A: 7B dense[^]*Valid · 32\.36 of 40 GB[^]*1 of 2 stages does not fit, the fullest needs 54\.35 GBB: /);
  await reads(compare(page), /B: 7B dense[^]*Valid · 32\.36 of 40 GB[^]*1 of 2 stages does not fit, the fullest needs 54\.35 GB/);
});

test("a cut link of two plans says so, and shows what could be read of both", async ({ page, open }) => {
  await open(BOTH.replace("1024.z", "10"));
  await reads(page.locator("#notice"), /cut off after “tp-4”/);
  await reads(row(page, "TP tensor"), /24/);
  assert.equal(await row(page, "Global batch").count(), 0);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    test(`axe finds nothing in a comparison, ${colorScheme} at ${width} px`, { context: { colorScheme, viewport: { width, height: 800 } } }, async ({ page, open, shot }) => {
      await open(TECHPULSE.replace(".z", ".name-Baseline.vs.m-guide-70b.tp-3.pp-2.name-Larger.note-Asked_20for_2E.z"));
      await reads(row(page, "TP tensor"), /3/);
      await reads(row(page, "Hidden size"), /\+4,096/);
      await compare(page).getByText("Compare with another plan").click();
      assert.equal(await axe(page, "#compare"), "");
      await shot();
      // The table scrolls in its box, the page does not.
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    });
  }
}
