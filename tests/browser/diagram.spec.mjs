// The picture of the GPUs: pointer, keys, colours, legend and words.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { MIXTURE, STAGES, TECHPULSE, address, becomes, diagram, field, focusPanel, gpu, reads } from "./page.mjs";

const spoken = (page) => page.locator("#gpus-pin");
const legend = (page) => page.locator("#gpus-legend");
const colour = (page, name) => page.getByRole("group", { name: "colour by" }).getByRole("button", { name, exact: true });
const heading = (page) => focusPanel(page).getByRole("heading").first();

/** How many cells of the picture have each fill. */
const hues = (page) => page.locator("#gpus-cells path").evaluateAll((paths) => paths.filter((path) => path.getAttribute("d")).length);

test("pointing at a GPU tells its place and lights up its group", async ({ page, open, shot }) => {
  await open();
  const five = await gpu(page, 5);
  await page.mouse.move(five.x, five.y);
  await reads(heading(page), "Rank 5");
  await reads(focusPanel(page), /Node, slot0, 5.*TP rank1 of 0–1.*DP rank2 of 0–7.*Memory \(guide\)33\.99 GB/);
  await reads(focusPanel(page), /TP 4, 5NVLink/);
  assert.equal(await page.locator("#gpus-highlight path").count(), 2);
  await shot();
  await page.mouse.move(5, 5);
  await reads(heading(page), "No GPU in focus");
  assert.equal(await page.locator("#gpus-highlight path").count(), 0);
});

test("a click pins a GPU, a second click lets it go", async ({ page, open }) => {
  await open();
  const nine = await gpu(page, 9);
  await page.mouse.click(nine.x, nine.y);
  await page.mouse.move(5, 5);
  await reads(heading(page), "Rank 9");
  await reads(spoken(page), "Rank 9, node 1, slot 1. TP rank 1 of 2, DP rank 4 of 8.");
  await page.mouse.click(nine.x, nine.y);
  await page.mouse.move(5, 5);
  await reads(heading(page), "No GPU in focus");
});

test("arrow keys, Home, End and Escape move through the GPUs and say where they are", async ({ page, open }) => {
  await open();
  await diagram(page).focus();
  const press = async (key, said) => {
    await page.keyboard.press(key);
    await reads(spoken(page), said);
  };
  await press("ArrowRight", /^Rank 0, node 0, slot 0\. TP rank 0 of 2, DP rank 0 of 8\.$/);
  await press("ArrowRight", /^Rank 1, /);
  await press("ArrowDown", /^Rank 9, node 1/);
  await press("ArrowUp", /^Rank 1, /);
  await press("ArrowLeft", /^Rank 0, /);
  await press("ArrowLeft", /^Rank 0, /);
  await press("End", /^Rank 15, /);
  await press("ArrowRight", /^Rank 15, /);
  await press("Home", /^Rank 0, /);
  await press("Escape", "");
  await reads(heading(page), "No GPU in focus");
});

test("number keys and buttons choose the colour, and the legend follows", async ({ page, open }) => {
  await open();
  await reads(legend(page), /TP group 0.*8 groups of 2, all inside a node/);
  assert.equal(await hues(page), 8);
  await diagram(page).focus();
  await page.keyboard.press("3");
  await reads(legend(page), /DP group 0.*2 groups of 8, all cross nodes/);
  await becomes(() => hues(page), 2);
  assert.equal(await colour(page, "DP").getAttribute("aria-pressed"), "true");
  await colour(page, "PP").click();
  await reads(legend(page), /PP is 1, so every GPU is a group of its own/);
  await becomes(() => page.getByRole("img", { name: /^16 GPUs on 2 nodes, coloured by PP: / }).count(), 1);
});

test("keys of the picture leave the address and the fields alone", async ({ page, open }) => {
  await open();
  await field(page, "TP tensor").press("End");
  await field(page, "TP tensor").pressSequentially("3");
  await address(page, TECHPULSE.replace("tp-2", "tp-23"));
  await reads(legend(page), /no TP group/);
  assert.equal(await colour(page, "TP").getAttribute("aria-pressed"), "true");
});

test("TP that leaves its node is called out", async ({ page, open }) => {
  await open();
  await field(page, "TP tensor").fill("16");
  await reads(legend(page), /1 group of 16, it crosses nodes/);
  await becomes(() => page.locator("#gpus-legend .warn").count(), 1);
  await reads(page.locator("#communication"), /TP leaves the node in 1 of 1 group/);
});

test("the mixture shows its experts, its expert mesh and both DP figures", async ({ page, open, shot }) => {
  await open(MIXTURE);
  await colour(page, "EP").click();
  await reads(page.locator("#gpus-mesh"), "Expert mesh: ETP 1 · EP 8 · EDP 2 · PP 1");
  await reads(legend(page), /2 groups of 8, all inside a node/);
  await becomes(() => hues(page), 2);
  const three = await gpu(page, 3);
  await page.mouse.click(three.x, three.y);
  await reads(focusPanel(page), /EP rank3 of 0–7.*Expert3 of 0–7/);
  await colour(page, "DP").click();
  await reads(legend(page), /Megatron’s DP 16\. The guide counts DP 2/);
  await shot();
});

test("a stage's GPUs tell their layers", async ({ page, open }) => {
  await open(STAGES);
  await diagram(page).focus();
  await page.keyboard.press("End");
  await reads(focusPanel(page), /Rank 31.*PP rank3 of 0–3.*Layers60 to 79.*Besideshead/);
});

test("a pinned GPU that the cluster no longer has is let go", async ({ page, open }) => {
  await open();
  await diagram(page).focus();
  await page.keyboard.press("End");
  await reads(heading(page), "Rank 15");
  await field(page, "Nodes").fill("1");
  await reads(heading(page), "No GPU in focus");
});

test("the groups are there as a table too", async ({ page, open }) => {
  await open();
  await page.getByText("All TP groups as a table").click();
  await reads(page.locator("#gpus-table tbody tr").first(), "00, 10NVLink");
  await colour(page, "DP").click();
  await reads(page.locator("#gpus-table tbody tr").first(), /^00, 2, 4, .*between nodes$/);
});
