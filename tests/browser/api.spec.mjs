// The API for scripts, in a browser. What it gives is tested in Node, by tests/api.mjs.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";

test("scripts use the API in a browser, from its own address", { everywhere: true }, async ({ page, base, open }) => {
  await open();
  const answer = await page.evaluate(async (address) => {
    const api = await import(address);
    await api.default();
    const { verdict } = api.plan({ model: { preset: "guide-7b" }, cluster: { node: "p4d-24xlarge", num_nodes: 2 } });
    let error;
    try {
      api.plan({ parallel: { tensor_model_parallel_size: "two" } });
    } catch (caught) {
      error = { isError: caught instanceof Error, field: caught.field };
    }
    return { verdict: verdict.status, link: api.encodeLink("#v1.tp-2.z"), error };
  }, new URL("api/meshplan.js", base).href);
  assert.deepEqual(answer, {
    verdict: "fail",
    link: "v1.tp-2.z",
    error: { isError: true, field: "parallel.tensor_model_parallel_size" },
  });
});
