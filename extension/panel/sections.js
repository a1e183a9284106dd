/** This file knows the sections of the panel: heading that folds, count, content, sentence. */

import { say } from "../browser.js";
import { badges, make, setText } from "./dom.js";

/**
 * @typedef {{kind: string, element: HTMLElement, toggle: HTMLElement, count: HTMLElement,
 *   extra: HTMLElement, body: HTMLElement, empty: HTMLElement}} Section
 */

export const KINDS = ["here", "orders", "positions", "balances", "activity", "connections"];

/** @param {HTMLElement} into @returns {Record<string, Section>} */
export function makeSections(into) {
  const sections = Object.fromEntries(KINDS.map((kind) => [kind, makeSection(kind)]));
  into.append(...Object.values(sections).map(({ element }) => element));
  sections.connections.body.prepend(make("ul", { class: "connections" }));
  return sections;
}

/** @param {string} kind @returns {Section} */
function makeSection(kind) {
  const count = make("span", { class: "count", data: { count: kind } });
  const toggle = make("button", { class: "fold", data: { action: "fold", kind },
    attrs: { type: "button", "aria-expanded": "true", "aria-controls": `body-${kind}` } },
  [make("span", { text: say(`section_${kind}`) }), count]);
  const extra = make("div", { class: "extra" });
  const empty = make("p", { class: "empty" });
  const body = make("div", { class: "body", attrs: { id: `body-${kind}` } }, [empty]);
  const element = make("section", { data: { section: kind }, attrs: { "aria-label":
    say(`section_${kind}`) } }, [make("div", { class: "heading" }, [
    make("h2", {}, [toggle]), extra]), body]);
  return { kind, element, toggle, count, extra, body, empty };
}

/** @param {Section} section @param {boolean} folded */
export function fold(section, folded) {
  const open = String(!folded);
  if (section.toggle.getAttribute("aria-expanded") === open) return;
  section.toggle.setAttribute("aria-expanded", open);
  section.body.hidden = folded;
}

/** Whether the rows of a section can be seen at all. @param {Section} section */
export const isOpen = ({ body, element }) => !body.hidden && !element.hidden;

/**
 * What a section of rows says beside them.
 * @param {Section} section @param {import("./listing.js").Listing} listing
 * @param {any} context {model, loaded}
 */
export function paintCount(section, { shown, all }, { model, loaded }) {
  const cut = shown === all ? "" : ` / ${all}`;
  const certain = loaded && (all > 0 || model.silence === "none");
  setText(section.count, certain ? `${shown}${cut}` : "");
  section.empty.hidden = shown > 0 || !loaded;
  if (shown === 0) setText(section.empty, all ? say("empty_filtered") : silent(section.kind, model));
}

/** Nothing is called empty before it was read. @param {string} kind @param {any} model */
function silent(kind, { silence, unread }) {
  if (silence === "partly") return say("empty_partly", [unread.map(nameOf).join(", ")]);
  return say(silence === "none" ? `empty_${kind}` : `empty_${silence}`);
}

/** @param {any} connection */
const nameOf = ({ name }) => name;

/** @type {any[]} */
const NONE = [];
/** The connections that the list shows now. @type {any[] | null} */
let listed = null;

/** @param {Section} section @param {any} model */
export function paintConnections(section, model) {
  const all = model.status?.connections ?? NONE;
  const live = all.filter((/** @type {any} */ one) => one.state === "connected").length;
  setText(section.count, all.length ? say("count_live", [String(live), String(all.length)]) : "");
  section.empty.hidden = true;
  if (all === listed) return;
  listed = all;
  section.body.firstElementChild?.replaceChildren(...all.map(connectionItem));
}

/** @param {any} one @returns {HTMLElement} */
function connectionItem(one) {
  const state = say(`state_${one.state}`);
  const title = `${one.name}: ${one.exchangeName}, ${one.market}, ${state}`;
  return make("li", { data: { connection: String(one.id), state: one.state }, attrs: { title } }, [
    make("span", { class: "dot", data: { state: one.state } }),
    make("bdi", { class: "name", text: one.name }),
    ...badges(one),
    make("span", { class: "hidden", text: state }),
  ]);
}
