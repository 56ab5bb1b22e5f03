// The sections below the picture, and what is taken away.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { MIXTURE, STAGES, TECHPULSE, address, becomes, field, focusPanel, diagram, reads, section, takeaway, verdict } from "./page.mjs";

const CLIPBOARD = { context: { permissions: ["clipboard-read", "clipboard-write"] } };
const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

test("the unit switch changes figures and capacity everywhere", async ({ page, open }) => {
  await open();
  await diagram(page).focus();
  await page.keyboard.press("Home");
  await page.getByRole("group", { name: "Unit of memory" }).getByRole("button", { name: "GiB" }).click();
  await reads(verdict(page), /^Valid · 31\.65 of 37\.25 GiB on each GPU/);
  await reads(section(page, "Memory"), /Weights, BF166\.52 GiB/);
  await reads(section(page, "Memory"), /Megatron-LM’s own report.*Weights, gradients, optimizer23\.53 GiB/);
  await reads(section(page, "Checks"), /31\.65 GiB fits in 37\.25 GiB/);
  await reads(focusPanel(page), /31\.65 GiB/);
  await becomes(async () => / GB\b/.test(await page.locator("#verdict").textContent()), false);
});

test("of a model that is not told in full the page shows no figure for what is unknown", async ({ page, open }) => {
  await open("#v1.node-p5-48xlarge.tp-4.pp-2.z");
  const memory = section(page, "Memory");
  await reads(page.locator("#verdict"), /by the guideunknown the model is not told in full/);
  await reads(memory, /Weights, BF16unknown.*Activationsunknown.*Totalunknown/);
  await reads(memory, /nobody can say whether this fits/);
  assert.doesNotMatch(await memory.textContent(), /lacking|free|By pipeline stage|Without the distributed/);
  await reads(section(page, "Communication"), /not all that GPUs send is known.*/);
  assert.doesNotMatch(await section(page, "Communication").textContent(), /at peak 0/);
});

test("a memory figure opens to its formula by the keyboard and stays open after an edit", { everywhere: true }, async ({ page, open }) => {
  await open();
  const optimizer = section(page, "Memory").locator("details").filter({ hasText: "Optimizer" }).first();
  await optimizer.locator("summary").focus();
  await page.keyboard.press("Enter");
  await becomes(() => optimizer.evaluate((details) => details.open), true);
  await reads(optimizer.locator(".formula"), /12.*8.*5\.25/);
  await field(page, "TP tensor").fill("4");
  await reads(verdict(page), /DP 4/);
  assert.equal(await optimizer.evaluate((details) => details.open), true);
  await reads(optimizer.locator(".formula"), /12.*4.*5\.25/);
});

test("the mixture tells the guide's DP and Megatron's, and what each allows", async ({ page, open }) => {
  await open(MIXTURE);
  await reads(section(page, "Batch"), /The guide divides the GPUs by EP too and counts DP 2; Megatron.*counts DP 16/);
  await reads(section(page, "Checks"), /Megatron’s DP is 16|Megatron’s DP 16/);
  await section(page, "Explain").getByRole("button", { name: "EP", exact: true }).click();
  await reads(section(page, "Explain"), /EP 8: the 8 experts of each MoE layer are spread over 8 EP ranks.*EP rank 77expert 7/);
  await section(page, "Batch").getByRole("button", { name: "2 (guide only)" }).click();
  await address(page, /gbs-2\./);
  await reads(section(page, "Checks"), /Megatron would stop/);
});

test("a pipeline is drawn with its bubble", { everywhere: true }, async ({ page, open }) => {
  await open(STAGES);
  await reads(section(page, "Pipeline"), /PP 4 · 256 micro-batches · 1F1B/);
  const drawing = section(page, "Pipeline").getByRole("img");
  const drawn = (expected) => becomes(() => drawing.getAttribute("aria-label"), expected);
  // 3 · (256 + 4 − 1) forward passes, of which 3 · (4 − 1) are idle.
  await drawn(/^1F1B: 256 micro-batches through 4 stages in the time of 777 forward passes.*The bubble is 1\.2 % of the step.*at most 4 micro-batches/);
  await reads(drawing, /Stage 3.*… \d+ micro-batches more ….*777 forward passes in all/);
  const choose = (name) => section(page, "Pipeline").getByRole("button", { name, exact: true }).click();
  await choose("GPipe");
  await drawn(/^GPipe: 256 micro-batches.*holds the activations of all 256/);
  await page.getByRole("group", { name: "Parallelism" }).getByText("More", { exact: true }).click();
  await field(page, "VPP chunks a stage").fill("5");
  await reads(section(page, "Pipeline"), /interleaved, VPP 5/);
  // What was chosen stays chosen.
  await drawn(/^GPipe/);
  await choose("This plan’s, Interleaved");
  await drawn(/^Interleaved schedule with 5 chunks a stage: 256 micro-batches/);
});

test("the memory of each stage is drawn and listed", async ({ page, open }) => {
  await open(STAGES);
  const memory = section(page, "Memory");
  const picture = memory.getByRole("img");
  await reads(memory, /By pipeline stage/);
  assert.match(await picture.getAttribute("aria-label"), /Memory on each GPU of 4 pipeline stages.*Stage \d is the fullest: [\d.]+ GB/);
  await memory.getByText("The stages in figures").click();
  assert.equal(await memory.locator("tbody tr").count(), 4);
  // In both units the picture says what the table says.
  for (const unit of ["GB", "GiB"]) {
    await page.getByRole("group", { name: "Unit of memory" }).getByRole("button", { name: unit, exact: true }).click();
    const last = memory.locator("tbody tr").first().locator("td").last();
    await reads(last, new RegExp(`^[\\d.]+ ${unit}$`));
    const total = await last.textContent();
    assert.ok((await picture.textContent()).includes(`Stage 0${total}`), `${total} is not in the picture`);
  }
  await open();
  await becomes(async () => /By pipeline stage/.test(await memory.textContent()), false);
});

test("every dimension is explained for this plan", async ({ page, open }) => {
  await open(STAGES);
  for (const [name, words] of [
    ["TP", /TP 8: the 8 GPUs of a TP group.*Attention: Q8,192 × 8,192.*TP rank 7.*The matrices in figures/],
    ["PP", /PP 4: the 80 layers are cut into stages.*Stage 0E.*Stage 3.*H.*Stage 0EmbeddingLayers 0 to 19/],
    ["DP", /DP 1: 1 replica.*Replica 0\[0:256\]/],
    ["EP", /The model is dense/],
    ["CP", /CP 1: each GPU holds whole sequences of 4,096 tokens/],
    ["SP", /Sequence parallelism is on/],
  ]) {
    await section(page, "Explain").getByRole("button", { name, exact: true }).click();
    await reads(section(page, "Explain"), words);
  }
});

test("a valid batch size and another number of nodes are one click away", async ({ page, open }) => {
  await open();
  await section(page, "Batch").getByRole("button", { name: "64", exact: true }).click();
  await address(page, TECHPULSE.replace("512", "64"));
  await section(page, "Batch").getByRole("row", { name: /^3 24 / }).getByRole("button", { name: "Use" }).click();
  await becomes(() => field(page, "Nodes").inputValue(), "3");
  await reads(verdict(page), /^Valid/);
});

test("only the problems are shown when asked for", async ({ page, open }) => {
  await open();
  await page.getByRole("button", { name: "Only problems" }).click();
  await reads(section(page, "Checks"), /Every rule that applies to this plan is kept/);
  await field(page, "Global batch").fill("500");
  await becomes(async () => (await section(page, "Checks").locator(".checks li").count()) >= 1, true);
  await reads(section(page, "Checks").locator(".checks"), /500/);
  await becomes(async () => /Passes: /.test(await section(page, "Checks").textContent()), false);
});

test("each form to take away holds the plan's values", async ({ page, open }) => {
  await open(STAGES);
  const flags = await takeaway(page).textContent();
  for (const flag of [
    "--nnodes 4", "--nproc-per-node 8", "--tensor-model-parallel-size 8", "--pipeline-model-parallel-size 4",
    "--sequence-parallel", "--use-distributed-optimizer", "--micro-batch-size 1", "--global-batch-size 256",
    "--seq-length 4096", "--num-layers 80", "--hidden-size 8192",
  ]) {
    assert.ok(flags.includes(`${flag} `), `${flag} is missing in\n${flags}`);
  }
  for (const [name, words] of [
    ["NeMo", /tensor_model_parallel_size=8/],
    ["Megatron Bridge", /tensor_model_parallel_size ?= ?8/],
    ["Link", /^http.*#v1\..*\.z$/],
    ["Markdown link", /^\[70B[^]*\]\(<http[^]*#v1\./],
    ["Markdown table", /70B[^]*#v1\./],
    ["CSV of ranks", /^rank,node,gpu,[^]*\n31,3,7,/],
    ["Embed: iframe", /^<iframe src="http[^"]*\?embed&amp;view=full#v1\.[^]*<\/iframe>/],
    ["Embed: element", /embed\.js[^]*<mesh-plan plan="v1\./],
    ["Plan JSON", /"tensor_model_parallel_size": 8/],
  ]) {
    const tab = section(page, "Take away").getByRole("button", { name, exact: true });
    await tab.click();
    await reads(takeaway(page), words);
    assert.equal(await tab.getAttribute("aria-pressed"), "true");
  }
});

test("Copy says that it copied, and copies what is shown", { everywhere: true, ...CLIPBOARD }, async ({ page, open }) => {
  await open();
  const copy = section(page, "Take away").getByRole("button", { name: "Copy", exact: true });
  await copy.click();
  await reads(section(page, "Take away").locator("header"), /Copied/);
  assert.equal(await copied(page), await takeaway(page).textContent());
  // And is ready again.
  await copy.waitFor();
});

test("where the clipboard is closed, the text is selected to be copied by hand", { everywhere: true }, async ({ page, open }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined }));
  await open();
  await section(page, "Take away").getByRole("button", { name: "Copy", exact: true }).click();
  await reads(section(page, "Take away").locator("header"), /Press Ctrl\+C/);
  const selected = await page.evaluate(() => getSelection().toString());
  assert.ok(selected.includes("--tensor-model-parallel-size 2"));
});

test("the advice says where the plan that it leads to has stages that do not fit", async ({ page, open }) => {
  await open("#v1.m-llama3-70b.node-p5-48xlarge.nodes-8.tp-8.pp-8.seq-8192.gbs-256.z");
  await reads(section(page, "Advice").locator(".advised .warn"), "But 1 of 2 stages does not fit, the fullest needs 88.55 GB.");
  await section(page, "Advice").getByRole("button", { name: "Apply the advised plan" }).click();
  await reads(verdict(page), /but 1 of 2 stages does not fit, the fullest needs 88\.55 GB/);
  await reads(section(page, "Advice").locator(".advised .warn"), "But 1 of 2 stages does not fit, the fullest needs 88.55 GB.");
});

test("the verdict says which stages do not fit where the average does", { everywhere: true }, async ({ page, open }) => {
  await open("#v1.m-guide-70b.node-dgx-h100.nodes-16.tp-4.pp-8.mbs-4.gbs-512.z");
  const said = /[1-8] of 8 stages do not fit, the fullest needs [\d.]+ GB/;
  await reads(verdict(page), said);
  const [words] = (await verdict(page).textContent()).match(said);
  await reads(page.locator("#verdict small.warn"), `But ${words}.`);
  await reads(page.locator("#verdict .badge"), /Valid by the guide$/);
  await reads(section(page, "Memory").locator("p.warn"), new RegExp(`^But ${words} with the layers`));
  await field(page, "Micro batch").fill("1");
  await becomes(() => page.locator("#verdict small.warn").count(), 0);
});
