/**
 * This file knows how a ticker of the page is shown: by its name, where the terminal has it, what the
 * trader has in it, and which source named it.
 */

import { say } from "../browser.js";
import { badges, make, setData } from "./dom.js";

/** @typedef {{find: any, code: string, candidates: any[]}} Place */

/** What a row is known by. @param {any} find */
export const keyOf = (find) => find.pattern ?? `${find.exchange ?? ""}:${find.bare ?? find.base}`;

/** @param {any} find */
export const nameOf = (find) => find.pattern ?? find.bare ?? find.base;

/** The place where it would be opened now, or null. @param {Place} one */
export const openable = ({ code, candidates }) => (code === "found" ? candidates[0] : null);

/** A Find as the relay takes it. @param {any} find */
export function bare({ exchange = null, market = null, base = null, quote = null, native = null,
  expiry = null, bare: symbol = null, pattern = null, rule = null, via = null }) {
  return { exchange, market, base, quote, native, expiry, bare: symbol, pattern, rule, via };
}

/** @param {any} best @param {string} key */
export function pinButton(best, key) {
  return best && make("button", { class: "plain", text: say("pin"), data: { action: "pin-find", key },
    attrs: { type: "button", title: say("pin_title") } });
}

/** Where the terminal has it: the place it opens at, then how many others. @param {Place} one
 * @param {any} model */
export function places({ code, candidates }, model) {
  if (!code) return [make("span", { class: "quiet", text: "…" })];
  const [best, ...others] = candidates;
  const twins = others.filter(({ why }) => why === null);
  if (code !== "found") {
    const why = say(`place_${code.replaceAll("-", "_")}`);
    const there = candidates.map(({ connection }) => connection).join(", ");
    return [make("span", { class: "quiet", text: why, attrs: { title: there } }),
      ...(candidates.length ? [make("span", { class: "more", text: say("place_but",
        [String(candidates.length)]), attrs: { title: there } })] : [])];
  }
  const place = model.connection(String(best.connectionId));
  const state = place?.state ?? "gone";
  return [
    make("span", { class: "dot", data: { state }, attrs: { role: "img", "aria-label":
      state === "gone" ? say("connection_gone") : say(`state_${state}`) } }),
    make("bdi", { class: "name", text: best.connection, attrs: { title:
      candidates.map((one) => `${one.connection} · ${one.symbol}`).join("\n") } }),
    ...badges(place),
    ...(twins.length ? [make("span", { class: "more", text: `+${twins.length}` })] : []),
  ];
}

/** What the trader has in it, as far as it is known. @param {Place} one @param {any} model */
export function held(one, model) {
  const best = openable(one);
  if (!best) return [];
  const mine = (/** @type {any} */ row) => row.ticker === best.symbol
    && String(row.connection) === String(best.connectionId);
  const position = [...model.rows.positions.values()].find(mine);
  const orders = model.ordersOf({ connection: best.connectionId, ticker: best.symbol });
  return [
    ...(position ? [make("span", { class: "side", text: say(`side_${position.side}_short`),
      data: { side: position.side }, attrs: { role: "img", "aria-label":
        say(`side_${position.side}`) } })] : []),
    ...(orders ? [make("span", { class: "orders", text: String(orders), attrs: { title:
      say("orders_here", [String(orders)]) } })] : []),
  ];
}

/** Which source said what. @param {any} page @returns {HTMLElement[]} */
export function sources({ sources: said, find, agreed }) {
  if (!said.length) return [];
  const line = make("p", { class: "sources" }, [
    make("span", { class: "quiet", text: say(agreed ? "sources_agree" : "sources") }),
    ...said.map((/** @type {any} */ { source, pattern, stale }) => {
      const state = pattern === null ? "none" : pattern === find?.pattern ? "same" : "other";
      return make("span", { class: "source", text: say(`source_${source}`), data: { state },
        attrs: { title: `${say(`source_${source}`)}: ${pattern ?? "—"}${stale ? ` (${say("source_late")})` : ""}` } });
    }),
  ]);
  setData(line, "agreed", String(agreed));
  return [line];
}
