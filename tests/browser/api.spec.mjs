// The API for scripts, in a browser. What it gives is tested in Node, by tests/api.mjs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "./harness.mjs";

test("scripts use the API in a browser, from its own address", { everywhere: true }, async ({ page, base, open }) => {
  await open();
  const answer = await page.evaluate(async (address) => {
    const api = await import(address);
    await api.default();
    const { verdict } = api.plan({ model: { preset: "guide-7b" }, cluster: { node: "p4d-24xlarge", num_nodes: 2 } });
    const thrown = (call) => {
      try {
        return call();
      } catch (caught) {
        return { isError: caught instanceof Error, field: caught.field };
      }
    };
    // Lists and objects of a frame have other prototypes than the page's.
    const frame = document.body.appendChild(document.createElement("iframe")).contentWindow;
    const config = frame.JSON.parse('{"parallel": {"tensor_model_parallel_size": 2}}');
    return {
      verdict: verdict.status,
      links: [api.encodeLink("#v1.tp-2.z"), api.encodeLink(config)],
      errors: [
        thrown(() => api.plan({ parallel: { tensor_model_parallel_size: "two" } })),
        thrown(() => api.diagramSvg({}, { color: "rank" })),
        thrown(() => api.plan(frame.JSON.parse("[]"))),
      ],
      picture: api.diagramSvg(config, { picture: "layers" }).slice(0, 5),
    };
  }, new URL("api/meshplan.js", base).href);
  const error = (field) => ({ isError: true, field });
  assert.deepEqual(answer, {
    verdict: "fail",
    links: ["v1.tp-2.z", "v1.tp-2.z"],
    errors: [error("parallel.tensor_model_parallel_size"), error("options.color"), error("config")],
    picture: "<svg ",
  });
});

test("the README's page draws a plan with the API of another site", async ({ page, base }) => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, snippet] = readme.match(/```html\n(.*?)```/s);
  const named = "https://example.com/meshplan/";
  assert.ok(snippet.includes(named));
  // A server of its own: another origin to a browser.
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(snippet.replace(named, base));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.locator("svg title").waitFor({ state: "attached" });
    assert.notEqual(await page.evaluate(() => location.origin), new URL(base).origin);
    assert.match(await page.locator("svg title").textContent(), /7B dense/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
