// The details beside the page: what the page does before they are there, without them, and after them.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { restricted } from "./host.mjs";
import { MIXTURE, TECHPULSE, address, field, reads, section, takeaway, verdict } from "./page.mjs";

const PROGRAM = /\/details\/details_bg\.wasm/;
const SCRIPT = /\/details\/details\.js/;
const SHEET = /\/details\/details\.css/;
const away = (page) => section(page, "Take away");
const form = (page, name) => away(page).getByRole("button", { name, exact: true });
const dialog = (page) => page.getByRole("dialog", { name: "Open a plan" });

async function paste(page, text) {
  if (!(await dialog(page).isVisible())) await page.getByRole("button", { name: "Open…" }).click();
  await dialog(page).getByRole("textbox").fill(text);
  await dialog(page).getByRole("button", { name: "Open", exact: true }).click();
}

/** Without the details: the reason is said, nothing can be copied that is no text, links work. */
async function without(page, reason) {
  await reads(away(page), reason);
  await reads(away(page), /The plan is also in the link/);
  for (const name of ["Memory", "Communication", "Advice", "Pipeline", "Batch", "Explain", "Pictures"]) await reads(section(page, name), reason);
  // The link is the page's own.
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("button", { name: "Copied", exact: true }).waitFor();
  await paste(page, '{"parallel": {"tensor_model_parallel_size": 4}}');
  await reads(dialog(page).getByRole("alert"), reason);
  await paste(page, MIXTURE);
  await reads(verdict(page), /^Valid · 37\.68 of 40 GB/);
}

test("texts to take away say that they are loading, and come by themselves", { everywhere: true }, async ({ page, open }) => {
  let arrive;
  const held = new Promise((next) => (arrive = next));
  await page.route(PROGRAM, async (route) => {
    await held;
    await route.continue();
  });
  await open();
  await reads(verdict(page), /^Valid · 33\.99 of 40 GB/);
  await reads(away(page), /This part of Meshplan is still loading\./);
  assert.equal(await form(page, "Copy").count(), 0);
  await field(page, "TP tensor").fill("4");
  await paste(page, '{"parallel": {"tensor_model_parallel_size": 4}}');
  await reads(dialog(page).getByRole("alert"), /still loading/);
  arrive();
  await reads(takeaway(page), /--tensor-model-parallel-size 4 /);
  assert.equal(await form(page, "Copy").isDisabled(), false);
});

test("a server that never answers for the style sheet holds the details for a moment alone", { everywhere: true }, async ({ page, open }) => {
  let end;
  await page.route(SHEET, () => new Promise((done) => (end = done)));
  await open();
  await takeaway(page).waitFor({ timeout: 8_000 });
  await reads(takeaway(page), /--tensor-model-parallel-size 2 /);
  end();
});

test("details that are not there are told, and the page works without them", { context: { permissions: ["clipboard-read", "clipboard-write"] }, allow: [/404/, /integrity/] }, async ({ page, open }) => {
  await page.route(PROGRAM, (route) => route.fulfill({ status: 404, body: "no" }));
  await open();
  await without(page, /could not be loaded\. A file of this page is not on the server\./);
});

test("details that cannot be fetched are told", { context: { permissions: ["clipboard-read", "clipboard-write"] }, everywhere: true, allow: [/ERR_FAILED|“sha256” hashes/] }, async ({ page, open }) => {
  await page.route(SCRIPT, (route) => route.abort());
  await open();
  await without(page, /could not be loaded\. A file of this page could not be fetched\./);
});

for (const [name, file, added] of [["script", SCRIPT, "\n// minified"], ["program", PROGRAM, "\0"]]) {
  test(`details whose ${name} was changed after the build are refused`, { everywhere: true, allow: [/integrity|digest/i] }, async ({ page, open }) => {
    await page.route(file, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: Buffer.concat([await response.body(), Buffer.from(added)]) });
    });
    await open();
    await reads(away(page), /could not be loaded\. A file of this page was changed after it was built/);
  });
}

for (const [file, directive] of [["script", "script-src"], ["program", "connect-src"]]) {
  test(`details whose ${file} a policy blocks are told so`, { everywhere: true, allow: [/-src|policy|integrity|sha256/i] }, async ({ page, base, open }) => {
    await page.route(base, (route) => restricted(route, base, directive));
    await open();
    await reads(away(page), /could not be loaded\. A security policy of this site blocks the planner\./);
    await reads(verdict(page), /^Valid · 33\.99 of 40 GB/);
  });
}

test("the details are loaded once, after the page's own files, and nothing is asked for after that", { everywhere: true }, async ({ page, open }) => {
  const asked = [];
  page.on("request", (request) => {
    const { protocol, pathname } = new URL(request.url());
    if (protocol !== "data:") asked.push(pathname);
  });
  await open();
  await reads(takeaway(page), /--tensor-model-parallel-size 2 /);
  const loaded = asked.length;
  const own = asked.findIndex((path) => /meshplan-page-.*\.wasm$/.test(path));
  for (const file of [SCRIPT, PROGRAM]) {
    assert.equal(asked.filter((path) => file.test(path)).length, 1, asked.join("\n"));
    assert.ok(asked.findIndex((path) => file.test(path)) > own, asked.join("\n"));
  }
  assert.ok(!asked.some((path) => path.includes("/api/")), asked.join("\n"));
  for (const name of ["NeMo", "Megatron Bridge", "Markdown link", "Markdown table", "Plan JSON", "CSV of ranks", "Embed: iframe", "Link"]) {
    await form(page, name).click();
    await reads(takeaway(page), /\S/);
  }
  await paste(page, '{"model": {"preset": "guide-7b"}, "cluster": {"node": "p4d-24xlarge", "num_nodes": 2}, "batch": {"global_batch_size": 512}}');
  await address(page, TECHPULSE.replace(".tp-2.mbs-2", ""));
  await field(page, "TP tensor").fill("8");
  await page.goBack();
  await paste(page, MIXTURE);
  await page.waitForTimeout(400);
  assert.deepEqual(asked.slice(loaded), []);
});

test("an entry that is too long for a link is in the flags all the same", async ({ page, open }) => {
  await open();
  await field(page, "TP tensor").fill("x".repeat(3000));
  await reads(takeaway(page), /WARNING: this plan is not valid[^]*xxxxxxxx/);
  await form(page, "Plan JSON").click();
  await reads(takeaway(page), /"tensor_model_parallel_size": "x{3000}"/);
});
