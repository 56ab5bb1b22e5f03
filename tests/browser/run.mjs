// Runs the page's tests: `node tests/browser/run.mjs <base-url> [part of a name]`. `cargo xtask test` starts it.
import { readdirSync } from "node:fs";
import { runAll } from "./harness.mjs";

const [base, filter] = process.argv.slice(2);
if (!base || !process.env.MESHPLAN_NODE_MODULES) {
  console.error("Use `cargo xtask test --only browser`, which builds and serves the page and has the tools.");
  process.exit(2);
}
const folder = new URL("./", import.meta.url);
for (const name of readdirSync(folder).filter((name) => name.endsWith(".spec.mjs")).sort()) {
  await import(new URL(name, folder));
}
process.exitCode = (await runAll(base, filter)) ? 1 : 0;
