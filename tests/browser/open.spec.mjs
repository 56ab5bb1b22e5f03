// The dialog that opens a pasted plan.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { MIXTURE, TECHPULSE, address, becomes, field, issues, reads, section, takeaway, verdict } from "./page.mjs";

const dialog = (page) => page.getByRole("dialog", { name: "Open a plan" });
const pasted = (page) => dialog(page).getByRole("textbox");

/** Pastes a text into the dialog and opens it. */
async function paste(page, text) {
  await page.getByRole("button", { name: "Open…" }).click();
  await pasted(page).fill(text);
  await dialog(page).getByRole("button", { name: "Open", exact: true }).click();
}

const closed = (page) => becomes(() => dialog(page).isVisible(), false);

test("a plan is opened by the keyboard alone, and Back returns", { everywhere: true }, async ({ page, open }) => {
  await open();
  await page.getByRole("button", { name: "Open…" }).focus();
  await page.keyboard.press("Enter");
  await becomes(() => pasted(page).evaluate((area) => area === document.activeElement), true);
  await page.keyboard.insertText(MIXTURE);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await closed(page);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Open…");
  await page.goBack();
  await address(page, TECHPULSE);
  await reads(verdict(page), /^Valid · 33\.99 of 40 GB/);
});

test("Escape closes the dialog and changes nothing", async ({ page, open }) => {
  await open();
  await page.getByRole("button", { name: "Open…" }).click();
  await pasted(page).fill(MIXTURE);
  await page.keyboard.press("Escape");
  await closed(page);
  await address(page, TECHPULSE);
});

test("JSON of a plan opens", async ({ page, open }) => {
  await open();
  await paste(page, `{"model": {"preset": "guide-7b"}, "cluster": {"node": "p4d-24xlarge", "num_nodes": 2},
    "parallel": {"tensor_model_parallel_size": 4}, "batch": {"micro_batch_size": 2, "global_batch_size": 512}}`);
  await closed(page);
  await address(page, TECHPULSE.replace("tp-2", "tp-4"));
});

test("JSON with a wrong type names the field and keeps what stood there", async ({ page, open }) => {
  await open();
  await paste(page, '{"model": {"preset": "guide-7b"}, "parallel": {"tensor_model_parallel_size": [2], "sequence_parallel": "maybe"}}');
  await closed(page);
  await reads(issues(page, "tp").first(), /TP tensor “\[2\]” is a list/);
  await reads(section(page, "Checks"), /SP sequence “maybe” is neither true nor false/);
  assert.equal(await field(page, "TP tensor").inputValue(), "[2]");
});

test("a field that is misspelt is told, with the name that is meant", async ({ page, open }) => {
  await open();
  await paste(page, '{"parallel": {"tensor_parallel_size": 4}}');
  await reads(section(page, "Checks"), /does not know the field “parallel\.tensor_parallel_size”.*“parallel\.tensor_model_parallel_size” meant/);
});

test("broken JSON says why and stays to be mended", { everywhere: true }, async ({ page, open }) => {
  await open();
  await paste(page, '{"model": ');
  await reads(dialog(page).getByRole("alert"), /^This is not valid JSON: \S+/);
  assert.equal(await pasted(page).inputValue(), '{"model": ');
  await pasted(page).fill(MIXTURE);
  await dialog(page).getByRole("button", { name: "Open", exact: true }).click();
  await closed(page);
  await reads(verdict(page), /^Valid · 37\.68/);
});

test("nothing, nonsense and a cut link are told in the dialog", async ({ page, open }) => {
  await open();
  await paste(page, "");
  const reason = dialog(page).getByRole("alert");
  await reads(reason, /Paste a text first/);
  const again = async (text, expected) => {
    await pasted(page).fill(text);
    await dialog(page).getByRole("button", { name: "Open", exact: true }).click();
    await reads(reason, expected);
  };
  await again("TP=2 PP=1", /“TP=2 PP=1” is not a link to a plan/);
  await again("https://example.com/#v7.tp-2.z", /newer version of Meshplan/);
});

test("a command that mentions a link is the plan that opens, in one line as in several", async ({ page, open }) => {
  await open();
  for (const between of [" ", " \\\n  "]) {
    const words = ["torchrun --nproc-per-node 8 pretrain_gpt.py", "--num-layers 32 --hidden-size 4096 --num-attention-heads 32", "--tensor-model-parallel-size 8", `--exit-interval 5 # as in https://plan.example/${MIXTURE}`];
    await paste(page, words.join(between));
    await closed(page);
    await becomes(() => field(page, "TP tensor").inputValue(), "8");
    await becomes(() => field(page, "EP expert").inputValue(), "1");
    await page.goBack();
    await address(page, TECHPULSE);
  }
});

test("of two links one opens and the other is told", { everywhere: true }, async ({ page, open }) => {
  await open();
  await paste(page, `https://plan.example/${MIXTURE} or rather https://plan.example/${TECHPULSE}`);
  await closed(page);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
  await reads(page.locator("#notice"), /“v1\.m-guide-7b.*” stands beside the link and is left out\./);
});

test("a cut link stays cut in the address and in what is taken away, until a change or until that is dismissed", { everywhere: true }, async ({ page, open }) => {
  await open();
  const cut = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-4.mb";
  const told = () => reads(page.locator("#notice"), /cut off after “tp-4”/);
  await page.getByRole("button", { name: "Link", exact: true }).click();
  for (const text of [cut, `See https://plan.example/#${cut}... and tell me`]) {
    await paste(page, text);
    await closed(page);
    await told();
    await address(page, `#${cut}`);
    await reads(takeaway(page), new RegExp(`#${cut}$`));
    assert.match(await page.locator("#bar-link").textContent(), new RegExp(`#${cut}$`));
    await page.reload();
    await told();
    // What is edited is the reader's own plan, and the one that was opened is what it was.
    await field(page, "Nodes").fill("4");
    await address(page, "#v1.m-guide-7b.node-p4d-24xlarge.nodes-4.tp-4.z");
    await field(page, "Nodes").fill("2");
    await address(page, `#${cut}`);
    await page.getByRole("button", { name: "Link", exact: true }).click();
  }
  await page.getByRole("button", { name: "Dismiss" }).click();
  await address(page, "#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-4.z");
  await reads(takeaway(page), /tp-4\.z$/);
  // To say that it was read is no step.
  await becomes(() => page.getByRole("button", { name: "Redo" }).isDisabled(), true);
});

test("sixty notes on a script leave the plan in sight on a phone", { context: { viewport: { width: 360, height: 800 } } }, async ({ page, open, shot }) => {
  await open();
  const lines = Array.from({ length: 60 }, (_, i) => `  --num-query-groups $UNSET_${i} \\`);
  await paste(page, ["torchrun --nproc-per-node 8 pretrain_gpt.py --num-layers 32 --hidden-size 4096 --num-attention-heads 32 \\", ...lines].join("\n"));
  await closed(page);
  const notice = page.locator("#notice");
  await becomes(() => notice.locator("p:visible").count(), 4);
  const badge = await page.locator("#verdict .badge").boundingBox();
  assert.ok(badge.y < 800, `the verdict begins at ${badge.y}`);
  await shot();
  await notice.getByText(/^5\d more$/).click();
  assert.ok((await notice.locator("p:visible").count()) > 50);
});
