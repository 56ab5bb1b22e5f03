// Compares a value with the types of meshplan.d.ts, as far as that file uses TypeScript: interfaces, lists, unions.
import assert from "node:assert/strict";

/** The interfaces of a file of types, as `{ name: { field: type } }`, and its aliases. */
export function typesOf(text) {
  const plain = text.replace(/\/\*\*.*?\*\//gs, "");
  const interfaces = {};
  for (const [, name, body] of plain.matchAll(/export interface (\w+)[^{]*\{(.*?)\n\}/gs)) {
    interfaces[name] = Object.fromEntries([...body.matchAll(/(\w+\??): ([^;]+);/g)].map(([, field, type]) => [field, type]));
  }
  const aliases = Object.fromEntries([...plain.matchAll(/export type (\w+) = ([^;]+);/g)].map(([, name, type]) => [name, type]));
  return { interfaces, aliases };
}

/** A value has a type: every field is declared, and every declared field is there. */
export function hasType(types, value, type, at) {
  const fits = (one) => {
    if (types.aliases[one]) return types.aliases[one].split(" | ").some(fits);
    if (one.startsWith('"')) return value === JSON.parse(one);
    if (one === "null") return value === null;
    if (one.endsWith("[]") || one in types.interfaces || one.startsWith("Record<")) return value !== null && typeof value === "object";
    return typeof value === one;
  };
  const alternatives = type.startsWith("(") ? [type] : type.split(" | ");
  const found = alternatives.find(fits);
  assert.ok(found, `${at} is ${JSON.stringify(value)?.slice(0, 80)}, declared as ${type}`);
  if (found.endsWith("[]")) {
    assert.ok(Array.isArray(value), `${at} is no list`);
    const of = found.slice(0, -2).replace(/^\((.*)\)$/, "$1");
    value.forEach((item, index) => hasType(types, item, of, `${at}[${index}]`));
  } else if (found in types.interfaces) {
    const fields = types.interfaces[found];
    for (const [name, item] of Object.entries(value)) {
      const declared = fields[name] ?? fields[`${name}?`];
      assert.ok(declared, `${at}.${name} is not declared in ${found}`);
      hasType(types, item, declared, `${at}.${name}`);
    }
    for (const name of Object.keys(fields).filter((name) => !name.endsWith("?"))) {
      assert.ok(name in value, `${at}.${name} is declared in ${found} and not there`);
    }
  }
}

/** What a line of the file may be, outside of comments. */
const TYPE = String.raw`[\w"<>,\[\]() |.-]+`;
const LINES = [
  /^$/,
  /^export interface \w+( extends \w+)? \{$/,
  new RegExp(`^  \\w+\\??: ${TYPE};$`),
  /^\}$/,
  new RegExp(`^export type \\w+ = ${TYPE};$`),
  /^export (default )?function \w+\(.*\): [\w<>]+;$/,
];
const BUILT_IN = ["string", "number", "boolean", "null", "unknown", "undefined", "void", "Promise", "Record", "Error"];

/** The file is written in lines of those forms, braces and brackets close, and every type that it names is there. */
export function isSound(text) {
  const plain = text.replace(/\/\*\*.*?\*\//gs, "").replace(/^\/\/.*$/gm, "");
  let inside = false;
  for (const line of plain.split("\n").map((line) => line.trimEnd())) {
    assert.ok(LINES.some((form) => form.test(line)), `this is no line of types: ${line}`);
    if (line.startsWith("export interface")) {
      assert.ok(!inside, `inside of another type: ${line}`);
      inside = true;
    } else if (line === "}") {
      assert.ok(inside, "a brace too many");
      inside = false;
    } else if (line) {
      assert.equal(line.startsWith("  "), inside, `in the wrong place: ${line}`);
    }
    for (const [open, close] of ["()", "[]", "<>", "{}"]) {
      const count = (c) => line.split(c).length - 1;
      if (open !== "{" || !/^(export interface|\})/.test(line)) assert.equal(count(open), count(close), `not closed: ${line}`);
    }
  }
  const { interfaces, aliases } = typesOf(text);
  const known = [...BUILT_IN, ...Object.keys(interfaces), ...Object.keys(aliases)];
  const parts = plain.replace(/"[^"]*"/g, "").matchAll(/(?::|=|extends) ([^;{]+|\{.*?\})/g);
  for (const [, part] of parts) {
    const names = part.replace(/\w+\??:/g, "").matchAll(/[A-Za-z_]\w*/g);
    for (const [name] of names) assert.ok(known.includes(name), `${name} is not declared`);
  }
}
