// The picture of the GPUs: pointer, keys, colours, legend and words.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { HUGE, MESHES, MIXTURE, RACKS, STAGES, TECHPULSE, address, becomes, diagram, field, focusPanel, gpu, reads } from "./page.mjs";

const spoken = (page) => page.locator("#gpus-pin");
const legend = (page) => page.locator("#gpus-legend");
const colour = (page, name) => page.getByRole("group", { name: "colour by" }).getByRole("button", { name, exact: true });
const heading = (page) => focusPanel(page).getByRole("heading").first();

/** How many cells of the picture have each fill. */
const hues = (page) => page.locator("#gpus-cells path").evaluateAll((paths) => paths.filter((path) => path.getAttribute("d")).length);

test("pointing at a GPU tells its place and lights up its group", { everywhere: true }, async ({ page, open, shot }) => {
  await open();
  const five = await gpu(page, 5);
  await page.mouse.move(five.x, five.y);
  await reads(heading(page), "Rank 5");
  await reads(focusPanel(page), /Node, slot0, 5.*TP rank1 of 0–1.*DP rank2 of 0–7.*Memory \(guide\)33\.99 GB/);
  await reads(focusPanel(page), /TP 4, 5NVLink/);
  // Its TP group outlined, the other group of it lit, itself with the thickest line.
  const lit = page.locator("#gpus-highlight .texts .rank");
  assert.deepEqual((await lit.allTextContents()).map(Number).sort((a, b) => a - b), [1, 3, 4, 5, 7, 9, 11, 13, 15]);
  assert.equal((await page.locator("#gpus-highlight .group").getAttribute("d")).match(/M/g).length, 2);
  assert.equal(await page.locator("#gpus-highlight .focus-cell").count(), 1);
  await reads(focusPanel(page), /Groups inside the nodeTP 4, 5NVLink.*Groups that leave the nodeDP 1, 3, 5, 7, 9, 11, 13, 15EFA/);
  await shot();
  await page.mouse.move(5, 5);
  await reads(heading(page), "No GPU in focus");
  assert.equal(await page.locator("#gpus-highlight path").count(), 0);
});

test("a click pins a GPU, a second click lets it go", { everywhere: true }, async ({ page, open }) => {
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

test("arrow keys, Home, End and Escape move through the GPUs and say where they are", { everywhere: true }, async ({ page, open }) => {
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

/** The number of the GPU under a place of the picture, by what the panel says. */
const rankAt = async (page, x, y) => {
  await page.mouse.move(x, y);
  await reads(heading(page), /^Rank \d+$/);
  return (await heading(page).textContent()).slice(5);
};

const zoomButton = (page, name) => page.getByRole("group", { name: "Zoom" }).getByRole("button", { name });

const box = (page) => page.locator("#gpus-frame").boundingBox();

/** The colour of the picture's pixels at a place of the screen. */
const pixel = (page, x, y) =>
  page.evaluate(
    ([x, y]) => {
      const canvas = document.querySelector("#gpus-raster");
      const at = canvas.getBoundingClientRect();
      const scale = canvas.width / at.width;
      return [...canvas.getContext("2d").getImageData((x - at.left) * scale, (y - at.top) * scale, 1, 1).data];
    },
    [x, y],
  );

test("131,072 GPUs are pixels, which zoom to words around the pointer and back", { everywhere: true }, async ({ page, open, shot }) => {
  await open(HUGE);
  const { x, y } = await box(page);
  const place = [x + 201, y + 151];
  const rank = await rankAt(page, ...place);
  await shot("all");
  // The wheel scrolls the page until the picture has the focus.
  await page.mouse.click(...place);
  for (let turn = 0; turn < 12 && !(await page.locator("#gpus-texts .coordinate").count()); turn += 1) {
    await page.mouse.wheel(0, -120);
    await page.waitForTimeout(50);
  }
  await becomes(async () => (await page.locator("#gpus-texts .coordinate").count()) > 0, true);
  assert.equal(await rankAt(page, ...place), rank);
  const shown = page.locator("#gpus-texts .rank").filter({ hasText: new RegExp(`^${rank}$`) });
  assert.equal(await shown.count(), 1);
  await shot("one");
  assert.ok(await zoomButton(page, "Zoom in").isDisabled());
  await zoomButton(page, "Show all GPUs").click();
  await becomes(() => page.locator("#gpus-texts .coordinate").count(), 0);
  assert.equal(await rankAt(page, ...place), rank);
});

test("the wheel scrolls the page unless the picture has the focus or Ctrl is pressed", { everywhere: true }, async ({ page, open }) => {
  await open(HUGE);
  const { x, y } = await box(page);
  await page.mouse.move(x + 200, y + 100);
  await page.mouse.wheel(0, 120);
  await becomes(() => page.evaluate(() => scrollY > 0), true);
  assert.ok(await zoomButton(page, "Zoom out").isDisabled());
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -120);
  await page.keyboard.up("Control");
  await becomes(() => zoomButton(page, "Zoom out").isDisabled(), false);
});

test("pixels have the colours of their groups, light and dark, and the rest is dimmed", async ({ page, open }) => {
  await open(HUGE);
  const { x, y } = await box(page);
  const [orange, blue] = [[230, 159, 0, 255], [86, 180, 233, 255]];
  // The first node of eight is 4 pixels wide and high.
  await becomes(async () => String(await pixel(page, x + 3, y + 3)), String(orange));
  await becomes(async () => String(await pixel(page, x + 8, y + 3)), String(blue));
  // DP has the first 1,024 nodes, which are lit with the first GPU; of the others few are.
  const far = async () => String(await pixel(page, x + 8, y + 303));
  const full = await far();
  await page.mouse.move(x + 3, y + 3);
  await reads(heading(page), /^Rank [0-7]$/);
  await becomes(async () => (await far()) === full, false);
  assert.equal(String(await pixel(page, x + 8, y + 3)), String(blue));
  await page.mouse.move(5, 5);
  await becomes(far, full);
  const ground = async () => String(await pixel(page, x + 5, y + 5));
  await page.emulateMedia({ colorScheme: "dark" });
  await becomes(async () => String(await pixel(page, x + 3, y + 3)), String(orange));
  await page.emulateMedia({ forcedColors: "active" });
  await becomes(ground, await ground());
});

test("pixels follow the theme that is chosen by its button", { everywhere: true }, async ({ page, open }) => {
  await open(HUGE);
  await diagram(page).focus();
  await page.keyboard.press("Home");
  const { x, y } = await box(page);
  // What is dimmed is nearly the ground.
  const dimmed = async () => (await pixel(page, x + 8, y + 303)).slice(0, 3).reduce((sum, part) => sum + part);
  await becomes(async () => (await dimmed()) > 500, true);
  await page.getByRole("button", { name: "Colours: Auto" }).click();
  await page.getByRole("button", { name: "Colours: Light" }).click();
  await becomes(async () => (await dimmed()) < 250, true);
  await page.getByRole("button", { name: "Colours: Dark" }).click();
  await becomes(async () => (await dimmed()) > 500, true);
});

/** A place near one of the picture that has a GPU under it, where cells are larger than the gaps between them. */
async function placeOfSome(page, x, y) {
  for (let step = 0; step < 8; step += 1) {
    await page.mouse.move(x + step, y + step);
    await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next))));
    if (await page.locator("#gpus-highlight .focus-cell").count()) return [x + step, y + step];
  }
  throw new Error("no GPU is drawn here");
}

test("a drag moves the picture and pins nothing", { everywhere: true }, async ({ page, open }) => {
  await open(HUGE);
  await zoomButton(page, "Zoom in").click();
  await zoomButton(page, "Zoom in").click();
  const frame = await box(page);
  const [x, y] = await placeOfSome(page, frame.x + 300, frame.y + 300);
  const before = await rankAt(page, x, y);
  await page.mouse.down();
  await page.mouse.move(x - 50, y - 20, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(5, 5);
  await reads(heading(page), "No GPU in focus");
  assert.equal(await rankAt(page, x - 50, y - 20), before);
});

test("buttons and the wheel with Shift move what is zoomed", { everywhere: true }, async ({ page, open }) => {
  await open(HUGE);
  const moves = page.getByRole("group", { name: "Move" });
  assert.equal(await moves.count(), 0);
  await zoomButton(page, "Zoom in").click();
  const corner = async () => (await page.locator("#gpus-frame svg").getAttribute("viewBox")).split(" ").map(Number);
  await zoomButton(page, "Zoom in").click();
  const [x, y] = await corner();
  await moves.getByRole("button", { name: "Move right" }).click();
  await moves.getByRole("button", { name: "Move down" }).click();
  await becomes(async () => String((await corner()).slice(0, 2)), String([x + 160, y + 160]));
  const at = await box(page);
  await page.mouse.click(at.x + 100, at.y + 100);
  await page.keyboard.down("Shift");
  await page.mouse.wheel(-120, 0);
  await page.keyboard.up("Shift");
  await becomes(async () => (await corner())[0], x + 40);
});

test("keys zoom and move the picture, and it follows the GPU in focus", { everywhere: true }, async ({ page, open }) => {
  await open(HUGE);
  await diagram(page).focus();
  await page.keyboard.press("End");
  await reads(heading(page), "Rank 131071");
  for (let turn = 0; turn < 9; turn += 1) await page.keyboard.press("+");
  const last = page.locator("#gpus-texts .rank").filter({ hasText: /^131071$/ });
  await becomes(() => last.count(), 1);
  await page.keyboard.press("Shift+ArrowUp");
  await page.keyboard.press("Shift+ArrowUp");
  await page.keyboard.press("Home");
  await reads(spoken(page), /^Rank 0, /);
  await becomes(() => page.locator("#gpus-texts .rank").filter({ hasText: /^0$/ }).count(), 1);
  await page.keyboard.press("0");
  await becomes(() => page.locator("#gpus-texts .rank").count(), 0);
});

const FINGERS = { context: { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } } };

test("fingers: a tap pins, two zoom, one moves what is zoomed", FINGERS, async ({ page, open, context }) => {
  await open(HUGE);
  await diagram(page).scrollIntoViewIfNeeded();
  const { x, y } = await box(page);
  await page.touchscreen.tap(x + 101, y + 101);
  await reads(heading(page), /^Rank \d+$/);
  const devtools = await context.newCDPSession(page);
  const touch = (type, ...points) =>
    devtools.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([dx, dy], id) => ({ x: x + dx, y: y + dy, id })) });
  await touch("touchStart", [100, 150], [140, 150]);
  for (let apart = 10; apart <= 60; apart += 5) await touch("touchMove", [100 - apart, 150], [140 + apart, 150]);
  await touch("touchEnd");
  await becomes(() => zoomButton(page, "Zoom out").isDisabled(), false);
  const corner = () => page.locator("#gpus-frame svg").getAttribute("viewBox");
  const before = await corner();
  await touch("touchStart", [150, 200]);
  for (let far = 5; far <= 80; far += 5) await touch("touchMove", [150 - far, 200 - far]);
  await touch("touchEnd");
  await becomes(async () => (await corner()) !== before, true);
});

test("a GPU is found by its rank or its coordinates", async ({ page, open }) => {
  await open(HUGE);
  const field = page.getByRole("searchbox", { name: "Find a GPU by rank or coordinates" });
  const said = page.getByRole("search").getByRole("status");
  const ask = async (text, words) => {
    await field.fill(text);
    await field.press("Enter");
    await reads(said, words);
  };
  await ask("dp=3 pp=2 tp=1", "One GPU matches.");
  await reads(heading(page), "Rank 16409");
  await becomes(() => page.locator("#gpus-texts .rank").filter({ hasText: /^16409$/ }).count(), 1);
  await ask("pp=15", /^8,192 GPUs match, this is number 1\. Find again goes on\.$/);
  await field.press("Enter");
  await reads(said, /this is number 2\./);
  await ask("pp=16", "PP ranks run from 0 to 15.");
  await ask("<b>", /^“<b>” is not understood\./);
  await reads(heading(page), "Rank 122881");
});

test("both meshes lie beside each other and light up together", { everywhere: true }, async ({ page, open, shot }) => {
  await open(MESHES);
  await page.getByRole("button", { name: "Both meshes" }).click();
  await reads(page.locator("#gpus-mesh"), "Dense mesh: TP 2 · CP 1 · DP 64 · PP 1, coloured by TP");
  await reads(page.locator("#gpus-mesh-beside"), "Expert mesh: ETP 2 · EP 8 · EDP 8 · PP 1, coloured by EP");
  await reads(legend(page), /TP group 0.*64 groups of 2/);
  await reads(page.locator("#gpus-legend-beside"), /EP group 0.*16 groups of 8, all cross nodes.*EP leaves its node in 16 of 16 groups/);
  assert.equal(await colour(page, "TP").getAttribute("aria-pressed"), "true");
  assert.equal(await colour(page, "EP").getAttribute("aria-pressed"), "true");
  await diagram(page).focus();
  await page.keyboard.press("Home");
  await becomes(() => page.locator("#gpus-highlight .focus-cell").count(), 1);
  await becomes(() => page.locator("#gpus-highlight-beside .focus-cell").count(), 1);
  await colour(page, "EDP").click();
  await reads(page.locator("#gpus-legend-beside"), /EDP group 0/);
  await shot();
});

test("memory, parameters and traffic are colours with their figures", async ({ page, open, shot }) => {
  await open(STAGES);
  await colour(page, "Memory").click();
  await reads(legend(page), /GB.*from .* GB to .* GB on a GPU.*each stage holds/);
  await becomes(() => page.locator("#gpus-texts .coordinate").filter({ hasText: / GB$/ }).count(), 32);
  await shot();
  await colour(page, "Parameters").click();
  await becomes(() => page.locator("#gpus-texts .coordinate").filter({ hasText: / B$/ }).count(), 32);
  await colour(page, "Network").click();
  await reads(legend(page), /on a GPU.*sends in one step/);
  await page.getByText("Network as a table").click();
  await reads(page.locator("#gpus-table tbody tr").first(), /[kMG]B/);
});

test("racks hold their nodes", { everywhere: true }, async ({ page, open, shot }) => {
  await open(RACKS);
  await reads(page.locator("#gpus-names"), /NVLink domain 0.*NVLink domain 1.*Node 35/s);
  await page.getByRole("img", { name: /^144 GPUs on 36 nodes in 2 NVLink domains, coloured by TP/ }).waitFor();
  await shot();
});

test("what is missing or without work is drawn and told, and millions do not freeze the page", async ({ page, open, shot }) => {
  await open();
  await field(page, "PP pipeline").fill("16");
  await reads(legend(page), /16 GPUs are missing: one replica of the model needs 32\./);
  await becomes(() => page.locator("#gpus-texts .coordinate").filter({ hasText: "missing" }).count(), 16);
  await shot("missing");
  await field(page, "PP pipeline").fill("1");
  await field(page, "TP tensor").fill("3");
  await reads(legend(page), /TP leaves its node in 1 of 5 groups\..*1 GPU is in no group/);
  await field(page, "TP tensor").fill("2");
  for (const [nodes, words] of [["0", /Nodes|nodes/], ["131072", /524,288 groups of 2/], ["99999999", /not drawn/]]) {
    await field(page, "Nodes").fill(nodes);
    await reads(page.locator("#gpus, #issues-nodes"), words);
    assert.ok((await page.evaluate(() => new Promise((next) => setTimeout(() => next(true), 0)))) === true);
  }
});

test("the groups can be turned over page by page", async ({ page, open }) => {
  await open(HUGE);
  await page.getByText("All TP groups as a table").click();
  const rows = page.locator("#gpus-table tbody tr");
  await reads(page.locator("#gpus-table .pages"), /^0 to 63 of 16,384/);
  await page.locator("#gpus-table").getByRole("button", { name: "Later" }).click();
  await reads(rows.first(), /^64512, 513/);
});
