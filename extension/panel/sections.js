/** This file knows the sections of the panel: heading that folds, count, table, sentence. */

import { say } from "../browser.js";
import { balanceColumns, decimals, orderColumns, positionColumns } from "./columns.js";
import { badges, make, setText } from "./dom.js";
import { isZero } from "./format.js";
import { groups } from "./model.js";
import { Table } from "./table.js";

/**
 * @typedef {{kind: string, element: HTMLElement, toggle: HTMLElement, count: HTMLElement,
 *   extra: HTMLElement, body: HTMLElement, empty: HTMLElement, table: Table | null}} Section
 */

/** kind -> columns. Connections have a list instead. */
const KINDS = {
  connections: null,
  orders: orderColumns,
  positions: positionColumns,
  balances: balanceColumns,
};

/** @param {HTMLElement} into @returns {Record<string, Section>} */
export function makeSections(into) {
  const made = Object.entries(KINDS).map(([kind, columns]) => [kind, makeSection(kind, columns)]);
  const sections = Object.fromEntries(made);
  into.append(...Object.values(sections).map(({ element }) => element));
  sections.balances.extra.append(make("label", {}, [
    make("input", { attrs: { type: "checkbox", id: "hide-zero" } }),
    make("span", { text: say("hide_zero") }),
  ]));
  return sections;
}

/**
 * @param {string} kind @param {(() => import("./table.js").Column[]) | null} columns
 * @returns {Section}
 */
function makeSection(kind, columns) {
  const label = say(`section_${kind}`);
  const table = columns && new Table({ label, columns: columns() });
  const count = make("span", { class: "count", data: { count: kind } });
  const toggle = make("button", { class: "fold", data: { action: "fold", kind },
    attrs: { type: "button", "aria-expanded": "true", "aria-controls": `body-${kind}` } },
  [make("span", { text: label }), count]);
  const extra = make("div", { class: "extra" });
  const empty = make("p", { class: "empty" });
  const content = table?.element ?? make("ul", { class: "connections" });
  const body = make("div", { class: "body", attrs: { id: `body-${kind}` } }, [content, empty]);
  const element = make("section", { data: { section: kind } }, [
    make("div", { class: "heading" }, [make("h2", {}, [toggle]), extra]), body]);
  return { kind, element, toggle, count, extra, body, empty, table };
}

/** @param {Section} section @param {boolean} folded */
export function fold(section, folded) {
  section.toggle.setAttribute("aria-expanded", String(!folded));
  section.body.hidden = folded;
}

/**
 * @param {Section} section @param {any} context {model, now, filter, hideZero, loaded}
 */
export function paintTable(section, context) {
  const { model, filter, hideZero, loaded } = context;
  const all = [...model.rows[section.kind].values()];
  const wanted = all.filter((row) => fits(row, filter)
    && !(section.kind === "balances" && hideZero && isZero(row.total)));
  section.table?.paint(groups(wanted), context, () => `${model.version} ${decimals.version}`);
  const cut = wanted.length === all.length ? "" : ` / ${all.length}`;
  const certain = loaded && (all.length > 0 || model.silence === "none");
  setText(section.count, certain ? `${wanted.length}${cut}` : "");
  const none = wanted.length === 0;
  section.empty.hidden = !none || !loaded;
  /** @type {HTMLElement} */ (section.table?.element).hidden = none;
  if (!none) return;
  setText(section.empty, all.length ? say("empty_filtered") : silent(section.kind, model));
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
  section.element.hidden = all.length === 0;
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
    make("span", { class: "name", text: one.name }),
    ...badges(one),
    make("span", { class: "hidden", text: state }),
  ]);
}

/** @param {any} row @param {string} filter upper case */
function fits(row, filter) {
  return !filter || (row.ticker ?? row.coin).toUpperCase().includes(filter);
}
