/**
 * This file knows a bug report about a page: what we read there and why, for a developer. It holds
 * nothing of an account: no names, no orders, no amounts, and of the address only what names a
 * ticker.
 */

/** A value of the address longer or stranger than this may be a key to something. */
const PLAIN = /^[\p{L}\p{N}:._,\/-]{1,24}$/u;
const NAMED = /^(symbol|code|pair|market|type|interval|contract_code|locale|theme|lang|tvwidgetsymbol)$/i;
const MAX_TITLE = 120;

/**
 * @param {{page: any, own: any, found: any[], model: any, versions: Record<string, string>}} known
 * @returns {string} plain text, in English: it is for who mends it
 */
export function reportOf({ page, own, found, model, versions }) {
  const terminal = model.status?.terminal;
  const lines = [
    `metascalp-relay report ${new Date().toISOString()}`,
    ...Object.entries(versions).map(([name, value]) => `${name}: ${value}`),
    `terminal: ${terminal?.state ?? "unknown"} ${terminal?.version ?? ""}`.trim(),
    `connections: ${connections(model)}`,
    `page: ${addressOf(page?.url ?? "")}`,
    `title: ${JSON.stringify((page?.title ?? "").replace(/\d[\d.,\s]*/g, "#").slice(0, MAX_TITLE))}`,
    `read: ${page?.state ?? "not asked"}, ${page?.find?.pattern ?? "no ticker"}, site ${
      page?.site ?? "none"}, agreed ${page?.agreed ?? false}`,
    ...(page?.sources ?? []).map((/** @type {any} */ { source, pattern, stale }) =>
      `  ${source}: ${pattern ?? "nothing"}${stale ? " (may be late)" : ""}`),
    `resolved: ${own ? resolved(own) : "-"}`,
    `found on the page: ${found.length}`,
    ...found.slice(0, 20).map((one) => `  ${one.find.pattern ?? one.find.base} (${one.find.rule}, ${
      one.find.via}): ${resolved(one)}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The address without anything that could be a person's. @param {string} text */
export function addressOf(text) {
  if (!URL.canParse(text)) return "none";
  const url = new URL(text);
  const path = url.pathname.split("/").map((part) => (PLAIN.test(decoded(part)) || !part ? part : "…"));
  const query = [...url.searchParams].map(([name, value]) =>
    `${name.slice(0, 24)}=${NAMED.test(name) && PLAIN.test(value) ? value : "…"}`);
  return `${url.protocol}//${url.hostname}${path.join("/")}${query.length ? `?${query.join("&")}` : ""}`;
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param {any} one */
function resolved({ code, candidates }) {
  const [best] = candidates;
  return code === "found" ? `${best.pattern} as ${best.symbol}` : code || "not asked";
}

/** Exchange, market and state of each; its name is the user's own. @param {any} model */
function connections(model) {
  return (model.status?.connections ?? []).map((/** @type {any} */ one) =>
    `${one.exchange} ${one.kind} ${one.state}${one.viewMode ? " view" : ""}${
      one.demoMode ? " demo" : ""}`).join("; ") || "none";
}
