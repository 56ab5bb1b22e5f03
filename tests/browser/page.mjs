// The parts of the page, by the names that its readers see, and what the specs wait for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** Fragments of plans that several specs open. */
export const TECHPULSE = "#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.mbs-2.gbs-512.z";
export const MIXTURE = "#v1.m-guide-8x3b.node-p4d-24xlarge.nodes-2.ep-8.gbs-256.z";
export const STAGES = "#v1.m-guide-70b.node-p4de-24xlarge.nodes-4.tp-8.pp-4.gbs-256.z";
/** 7B on 40 GB with TP 1: too large for the GPU. */
export const TOO_LARGE = "#v1.m-guide-7b.node-p4d-24xlarge.nodes-2.mbs-2.gbs-512.z";
/** 70B on 1,024 GPUs, the size that the time of an edit is measured at. */
export const THOUSAND = "#v1.m-guide-70b.node-p5-48xlarge.nodes-128.tp-8.pp-4.gbs-1024.z";
/** 70B on 131,072 GPUs, the size that the picture is measured at. */
export const HUGE = "#v1.m-guide-70b.node-p5-48xlarge.nodes-16384.tp-8.pp-16.gbs-131072.z";
/** A mixture whose EP leaves its nodes: two meshes on 128 GPUs. */
export const MESHES = "#v1.m-guide-64x3b.node-p5-48xlarge.nodes-16.tp-2.ep-8.gbs-1024.z";
/** 70B on two NVLink domains of 72 GPUs. */
export const RACKS = "#v1.m-guide-70b.gpu-gb200-186gb.nodes-36.tp-4.pp-4.gbs-1024.z";

/** The links that shipped, with the plans that they open. */
export const golden = JSON.parse(readFileSync(new URL("../golden/v1.json", import.meta.url), "utf8"));

/** A field of the form by its label. */
export const field = (page, label) => page.getByRole("textbox", { name: label, exact: true });

/** What is wrong with a field, by its short name. */
export const issues = (page, short) => page.locator(`#issues-${short} .issue`);

/** The line that says it all. */
export const verdict = (page) => page.locator("#verdict [role=status]");

/** A section by its heading. */
export const section = (page, name) => page.getByRole("region", { name, exact: true });

/** The picture of the GPUs, which takes the keys. */
export const diagram = (page) => page.getByRole("application", { name: "Diagram of the GPUs", exact: true });

/** The panel of the GPU in focus. */
export const focusPanel = (page) => page.getByRole("complementary", { name: "The GPU in focus" });

/** The text that is taken away. */
export const takeaway = (page) => page.getByLabel("Text to copy");

/** Waits until what `read` gives matches a pattern, or equals a value. */
export async function becomes(read, expected, limit = 3_000) {
  const holds = (now) => (expected instanceof RegExp ? expected.test(now) : now === expected);
  const end = Date.now() + limit;
  let now = await read();
  while (!holds(now) && Date.now() < end) {
    await new Promise((next) => setTimeout(next, 20));
    now = await read();
  }
  assert.ok(holds(now), `expected ${expected}, read ${JSON.stringify(now)}`);
}

/** Waits until an element's text matches. */
export const reads = (locator, expected) => becomes(async () => (await locator.allTextContents()).join("\n"), expected);

/** Waits until the address ends in a fragment, or its fragment matches. */
export const address = (page, expected) => becomes(async () => new URL(page.url()).hash, expected);

/** Where GPU `rank` of a drawn cluster is on the screen: the middle of its number. */
export async function gpu(page, rank) {
  const number = page.locator("#gpus-texts .rank").filter({ hasText: new RegExp(`^${rank}$`) });
  const box = await number.boundingBox();
  assert.ok(box, `GPU ${rank} is drawn with its number`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
