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
