// Launch scripts and models, pasted or dropped, and what Megatron would say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "./harness.mjs";
import { MIXTURE, TECHPULSE, address, becomes, field, reads, section, takeaway, verdict } from "./page.mjs";

/** The worked example with experts: 16 GPUs, TP 2, PP 2, EP 4, ETP 1. */
const WORKED = "#v1.m-mixtral-8x7b.node-dgx-h100.nodes-2.tp-2.pp-2.ep-4.etp-1.acc-folded.gbs-64.z";

const dialog = (page) => page.getByRole("dialog", { name: "Open a plan" });
const closed = (page) => becomes(() => dialog(page).isVisible(), false);
const example = (name) => readFileSync(new URL(`../import/${name}`, import.meta.url), "utf8");

/** Waits until the details are there, which read what is no link. */
const ready = (page) => page.locator("#memory .memory-bar").waitFor();

async function paste(page, text) {
  await ready(page);
  await page.getByRole("button", { name: "Open…" }).click();
  await dialog(page).getByRole("textbox").fill(text);
  await dialog(page).getByRole("button", { name: "Open", exact: true }).click();
}

test("a pasted launch script becomes a plan, with notes", async ({ page, open }) => {
  await open(TECHPULSE);
  await paste(page, example("mixtral-8x7b.sh"));
  await closed(page);
  assert.equal(await field(page, "EP expert").inputValue(), "8");
  await address(page, /\.acc-folded\./);
  await reads(page.locator("#notice"), /Arguments that are no part of a plan: \d+/);
  await page.goBack();
  await address(page, TECHPULSE);
});

test("a pasted config.json changes the model and nothing else", async ({ page, open }) => {
  await open(TECHPULSE);
  await paste(page, example("qwen3-30b-a3b.json"));
  await closed(page);
  assert.equal(await field(page, "Experts").inputValue(), "128");
  assert.equal(await field(page, "Nodes").inputValue(), "2");
  await address(page, /\.node-p4d-24xlarge\.nodes-2\.tp-2\.mbs-2\.gbs-512\.z$/);
});

test("a dropped file is opened; one that is no plan says so", { everywhere: true }, async ({ page, open }) => {
  await open(TECHPULSE);
  await ready(page);
  const drop = (text) =>
    page.evaluate((text) => {
      const files = new DataTransfer();
      files.items.add(new File([text], "launch.sh"));
      dispatchEvent(new DragEvent("drop", { dataTransfer: files, cancelable: true }));
    }, text);
  await drop("torchrun --nproc-per-node 8 t.py --tensor-model-parallel-size 4 --num-layers 12");
  await becomes(() => field(page, "TP tensor").inputValue(), "4");
  await drop("What a nice day.");
  await reads(dialog(page).getByRole("alert"), /no plan|not a link|no link/i);
});

test("the worked example with experts: sizes, rules and flags", async ({ page, open }) => {
  await open(WORKED);
  await reads(verdict(page), /DP 4/);
  await reads(section(page, "Checks"), /16 GPUs divide by ETP 1 · EP 4 · PP 2 = 8; EDP is 2/);
  await ready(page);
  await reads(takeaway(page), /--expert-model-parallel-size 4[^]*--expert-tensor-parallel-size 1/);
});

test("ETP that is not set is explained where it bites, with Megatron's words", async ({ page, open }) => {
  await open(WORKED.replace(".etp-1", "").replace("ep-4", "ep-8"));
  await reads(section(page, "Checks"), /size \(32\)”[^]*ETP is not set, so Megatron takes TP for it/);
  await section(page, "Checks").getByRole("button", { name: /ETP/ }).first().click();
  await reads(section(page, "Checks"), /EDP is/);
});

test("counting as Megatron does is one click away", async ({ page, open }) => {
  await open(MIXTURE);
  await reads(page.getByRole("group", { name: "Parallelism" }), /Megatron takes EP from the data-parallel ranks: its DP is 16/);
  await page.getByRole("button", { name: "Count as Megatron does" }).click();
  await reads(verdict(page), /DP 16/);
  await address(page, /\.acc-folded\./);
});

test("what Megatron does not enforce is marked as advice", async ({ page, open }) => {
  await open(WORKED.replace("ep-4", "ep-8").replace("tp-2", "tp-1").replace("etp-1", "etp-2"));
  await reads(section(page, "Checks"), /leaves the NVLink domain of 8 GPUs[^]*Megatron allows it[^]*advice/);
});
