// Pictures that leave the page and come back to it, and the page on paper.
import assert from "node:assert/strict";
import { constants, inflateSync } from "node:zlib";
import { download, print } from "./browsers.mjs";
import { test } from "./harness.mjs";
import { HUGE, MIXTURE, STAGES, TECHPULSE, address, becomes, reads, section, verdict } from "./page.mjs";

/** A mixture with TP, PP and EP, and a warning. */
const EXPERT_STAGES = "#v1.m-mixtral-8x7b.node-p5-48xlarge.nodes-8.tp-2.pp-4.ep-8.gbs-256.z";

const pictures = (page) => section(page, "Pictures");
const told = (page) => pictures(page).getByRole("status");
const dialog = (page) => page.getByRole("dialog", { name: "Open a plan" });

/** Saves a picture by its button; gives the file's name and bytes. */
function saved(page, button) {
  const ready = pictures(page).getByRole("button", { name: button, exact: true });
  return download(page, () => ready.click());
}

/** Drops a file on the page, as a reader does from a folder. */
async function drop(page, { name, bytes }, type) {
  await page.evaluate(
    async ([name, base64, type]) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type }));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    },
    [name, Buffer.from(bytes).toString("base64"), type],
  );
}

/** Width, height and the colour of the first pixel of a PNG with eight bits a channel. */
function pngOf(bytes) {
  assert.equal(bytes.toString("latin1", 1, 4), "PNG");
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const parts = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  // Whatever the filter of the first line, its first pixel stands as it is.
  const pixels = inflateSync(Buffer.concat(parts));
  return { width, height, first: [...pixels.subarray(1, 4)] };
}

test("a picture is saved as SVG and opens its plan on another page", { everywhere: true }, async ({ page, base, open }) => {
  await open(MIXTURE);
  await page.getByRole("group", { name: "colour by" }).getByRole("button", { name: "EP", exact: true }).click();
  const svg = await saved(page, "SVG of GPUs");
  assert.equal(svg.name, "meshplan-guide-8x3b-16-gpus-ep.svg");
  await reads(told(page), /The browser saves meshplan-guide-8x3b-16-gpus-ep\.svg\./);
  const text = svg.bytes.toString();
  assert.ok(text.includes(`>${base.replace(/\/*$/, "/")}${MIXTURE}</meshplan:plan>`), text.slice(0, 900));
  assert.match(text, /coloured by EP: 2 groups of 8, all inside a node\./);
  await open();
  await drop(page, svg, "image/svg+xml");
  await address(page, MIXTURE);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
  assert.equal(await dialog(page).isVisible(), false);
});

test("a picture is saved as PNG in twice its size and opens its plan on another page", { everywhere: true }, async ({ page, open }) => {
  await open(STAGES);
  const png = await saved(page, "PNG of GPUs");
  assert.equal(png.name, "meshplan-guide-70b-32-gpus-tp.png");
  const svg = (await saved(page, "SVG of GPUs")).bytes.toString();
  const [, width, height] = svg.match(/width="(\d+)" height="(\d+)"/).map(Number);
  assert.deepEqual(pngOf(png.bytes), { width: 2 * width, height: 2 * height, first: [255, 255, 255] });
  await open();
  await drop(page, png, "image/png");
  await address(page, STAGES);
  // The first megabyte is enough of a large one.
  await open();
  await drop(page, { name: "large.png", bytes: Buffer.concat([png.bytes, Buffer.alloc(2e6)]) }, "image/png");
  await address(page, STAGES);
});

test("a picture has the page's colours, or those that are chosen", { everywhere: true, context: { colorScheme: "dark" } }, async ({ page, open }) => {
  await open();
  const ground = async () => (await saved(page, "SVG of GPUs")).bytes.toString().match(/<rect [^>]*fill="([^"]*)"/)[1];
  assert.equal(await ground(), "#1b1b19");
  assert.deepEqual(pngOf((await saved(page, "PNG of GPUs")).bytes).first, [0x1b, 0x1b, 0x19]);
  await pictures(page).getByRole("button", { name: "Light", exact: true }).click();
  assert.equal(await ground(), "#fff");
  await pictures(page).getByRole("button", { name: "As the page" }).click();
  await page.getByRole("button", { name: /^Auto|colours/i }).first().click();
  await becomes(() => page.evaluate(() => document.documentElement.dataset.theme), "light");
  assert.equal(await ground(), "#fff");
});

test("an SVG is copied, and opens its plan when it is pasted", { everywhere: true, context: { permissions: ["clipboard-read", "clipboard-write"] } }, async ({ page, open }) => {
  await open(STAGES);
  await pictures(page).getByRole("button", { name: "Copy SVG of GPUs" }).click();
  await reads(told(page), /^Copied\./);
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^<svg /);
  await open();
  await page.getByRole("button", { name: "Open…" }).click();
  await dialog(page).getByRole("textbox").fill(text);
  await dialog(page).getByRole("button", { name: "Open", exact: true }).click();
  await address(page, STAGES);
});

test("a picture without a plan is refused in words, and so is one that is damaged", async ({ page, open }) => {
  await open();
  const none = /This picture holds no plan: only pictures saved from Meshplan do\./;
  const reason = dialog(page).getByRole("alert");
  for (const [name, type, bytes] of [
    ["photo.jpg", "image/jpeg", [0xff, 0xd8, 0xff, 0xe0, 0, 16]],
    ["other.svg", "image/svg+xml", [...Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')]],
    ["empty.png", "image/png", []],
    ["cut.png", "image/png", [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]],
  ]) {
    await drop(page, { name, bytes }, type);
    await reads(reason, none);
    await page.keyboard.press("Escape");
    await address(page, TECHPULSE);
  }
  await page.getByRole("button", { name: "Open…" }).click();
  await dialog(page).getByRole("textbox").fill('<svg xmlns="http://www.w3.org/2000/svg"/>');
  await dialog(page).getByRole("button", { name: "Open", exact: true }).click();
  await reads(reason, none);
});

test("what the browser refuses is told in words", { everywhere: true }, async ({ page, open }) => {
  await page.addInitScript(() => {
    HTMLCanvasElement.prototype.toBlob = () => {
      throw new DOMException("no", "SecurityError");
    };
    Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined });
  });
  await open();
  await pictures(page).getByRole("button", { name: "PNG of GPUs" }).click();
  await reads(told(page), /The browser does not turn the picture into a PNG\. The SVG holds the same picture\./);
  await pictures(page).getByRole("button", { name: "Copy SVG of GPUs" }).click();
  await reads(told(page), /does not let this page copy/);
  await page.evaluate(() => (URL.createObjectURL = () => { throw new Error("no"); }));
  await pictures(page).getByRole("button", { name: "SVG of GPUs", exact: true }).click();
  await reads(told(page), /does not let this page save a file/);
});

test("words in a picture stay inside it in the fonts of this machine", async ({ page, open }) => {
  for (const plan of [TECHPULSE, MIXTURE, TECHPULSE.replace("tp-2", "tp-3"), STAGES.replace("nodes-4", "nodes-64")]) {
    await open(plan);
    const svg = (await saved(page, "SVG of GPUs")).bytes.toString();
    const out = await page.evaluate((svg) => {
      const holder = document.createElement("div");
      holder.append(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement);
      document.body.append(holder);
      const root = holder.firstChild;
      const [width, height] = [root.width.baseVal.value, root.height.baseVal.value];
      const frame = root.getBoundingClientRect();
      const out = [...root.querySelectorAll("text")].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left || box.top < frame.top || box.right > frame.left + width || box.bottom > frame.top + height;
      });
      holder.remove();
      return out.map((text) => text.textContent);
    }, svg);
    assert.deepEqual(out, [], plan);
  }
});

test("a picture that is dropped before the details are there opens when they are", async ({ page, open }) => {
  await open(MIXTURE);
  const svg = await saved(page, "SVG of GPUs");
  let arrive;
  const held = new Promise((next) => (arrive = next));
  await page.route(/details_bg\.wasm/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("about:blank");
  await open();
  await reads(pictures(page), /This part of Meshplan is still loading\./);
  await drop(page, svg, "image/svg+xml");
  await address(page, TECHPULSE);
  arrive();
  await address(page, MIXTURE);
});

test("a picture that is dropped says so where the details are missing", { allow: [/404/, /integrity/] }, async ({ page, open }) => {
  await page.route(/details_bg\.wasm/, (route) => route.fulfill({ status: 404, body: "no" }));
  await open();
  await drop(page, { name: "a.png", bytes: [0x89, 0x50, 0x4e, 0x47] }, "image/png");
  await reads(dialog(page).getByRole("alert"), /A file of this page is not on the server\./);
});

/** The sheets of the page on paper. */
async function sheets(page, format) {
  const pdf = await print(page, format);
  const text = pdf.toString("latin1");
  // Firefox packs what says that a sheet is one.
  const packed = [...text.matchAll(/\/FlateDecode\b[^]*?stream\r?\n/g)].map((at) => {
    const start = at.index + at[0].length;
    return inflateSync(pdf.subarray(start, text.indexOf("endstream", start)), { finishFlush: constants.Z_SYNC_FLUSH }).toString("latin1");
  });
  return [text, ...packed].join("\n").match(/\/Type\s*\/Page\b(?!s)/g).length;
}

const PAPERS = { "the opening plan": TECHPULSE, "the mixture": MIXTURE, stages: STAGES, "a mixture in stages": EXPERT_STAGES, "131,072 GPUs": HUGE };

for (const [name, plan] of Object.entries(PAPERS)) {
  test(`${name} prints on two sheets at most`, { everywhere: plan !== MIXTURE, context: { colorScheme: "dark" } }, async ({ page, open }) => {
    await open(plan);
    await reads(section(page, "Memory"), /Optimizer/);
    for (const format of ["A4", "Letter"]) {
      const count = await sheets(page, format);
      assert.ok(count >= 1 && count <= 2, `${count} sheets of ${format}`);
    }
  });

  test(`${name} has on paper what is read there, in light colours`, { context: { colorScheme: "dark" } }, async ({ page, open }) => {
    await open(plan);
    await reads(section(page, "Memory"), /Optimizer/);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const seen = (selector) => page.locator(selector).first().isVisible();
    for (const there of ["#verdict", "#gpus-frame", "#checks", "#memory", "#communication", "#pipeline", ".on-paper"]) {
      assert.ok(await seen(there), `${there} is printed`);
    }
    for (const away of [".form", ".bar button", "#takeaway", "#pictures .btn"]) assert.equal(await seen(away), false, away);
    assert.equal(await page.locator(".on-paper").textContent(), page.url());
    if (plan === HUGE) {
      // What is dimmed is nearly the ground: the paper's, not the dark page's.
      const dimmed = () =>
        page.evaluate(() => {
          const canvas = document.querySelector("#gpus-raster");
          const scale = canvas.width / Number(document.querySelector("#gpus-frame svg").getAttribute("viewBox").split(" ")[2]);
          const [red, green, blue] = canvas.getContext("2d").getImageData(7 * scale, 302 * scale, 1, 1).data;
          return red + green + blue;
        });
      await page.emulateMedia({ media: "screen", colorScheme: "dark" });
      await page.locator("#gpus-frame").press("Home");
      await becomes(async () => (await dimmed()) < 250, true);
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      await becomes(async () => (await dimmed()) > 500, true);
    }
    // Light colours, whatever the page has.
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("#memory")).backgroundColor), "rgb(255, 255, 255)");
  });
}
