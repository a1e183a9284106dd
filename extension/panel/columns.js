/** This file knows what each table shows: its columns, and what a row is called. */

import { say } from "../browser.js";
import { badges, make, setData } from "./dom.js";
import { Decimals, age, grouped, isZero } from "./format.js";
import { ORDER_TYPES } from "./model.js";
import { short, signOf } from "./sum.js";

/** @typedef {import("./lines.js").Column} Column */

/** Letters beside the colour, so that colour alone says nothing. */
const SIDES = { buy: "B", sell: "S", long: "L", short: "S" };
/** Marks of everything that is no plain limit order. */
const TYPES = { stop: "ST", "stop-loss": "SL", "take-profit": "TP", market: "MK" };

export const decimals = new Decimals();
/** Of seconds, minutes, hours and days. */
const units = () => say("age_units").split(" ");
/** A price older than this is not the price now. */
export const OLD_MS = 15_000;

/** The price an order waits at: a stop has its trigger. @param {any} row @returns {string} */
export const priceOf = (row) => (isZero(row.price) && row.trigger ? row.trigger : row.price);

/**
 * @param {string} id @param {string} label @param {(row: any) => string | null} value
 * @returns {Column}
 */
function number(id, label, value) {
  const group = (/** @type {any} */ row) => `${id} ${row.connection} ${row.ticker ?? row.coin}`;
  return {
    id,
    label,
    number: true,
    see: (row) => decimals.see(group(row), value(row) ?? ""),
    text: (row) => decimals.write(group(row), value(row) ?? ""),
    raw: (row) => value(row) ?? "",
  };
}

/** What is said of the row's account beside its name. */
const badgeSlot = () => make("span", { class: "badges" });

/** In one list no heading says that an account is no real one. @param {HTMLElement} cell
 * @param {any} row @param {any} context */
function showBadges(cell, row, { model, filter }) {
  const slot = /** @type {HTMLElement} */ (cell.querySelector(".badges"));
  const place = filter.grouped ? null : model.connection(String(row.connection));
  const sign = place ? JSON.stringify([place.name, place.demoMode, place.viewMode]) : "";
  if ((slot.dataset.of ?? "") === sign) return;
  slot.dataset.of = sign;
  slot.replaceChildren(...badges(place));
}

/**
 * Side, ticker and type: the ticker is a button that opens it.
 * @param {string} label @returns {Column}
 */
function ticker(label) {
  /** @param {HTMLElement} cell */
  const fill = (cell) => cell.append(
    make("span", { class: "side", attrs: { role: "img" } }),
    make("button", { class: "open", data: { action: "open", slot: "" },
      attrs: { type: "button", tabindex: "-1", dir: "auto" } }),
    make("span", { class: "type" }),
    badgeSlot(),
  );
  return {
    id: "ticker",
    label,
    fill,
    text: (row) => row.ticker,
    raw: (row) => row.ticker,
    update: (cell, row, context) => {
      const [side, , type] = /** @type {any} */ (cell.children);
      showBadges(cell, row, context);
      if (side.dataset.side !== row.side) showSide(side, row.side);
      const mark = /** @type {Record<string, string>} */ (TYPES)[row.type] ?? newType(row);
      if (type.textContent === mark) return;
      type.textContent = mark;
      type.title = row.type ? typeName(row) : "";
    },
  };
}

/** @param {HTMLElement} element @param {"buy" | "sell" | "long" | "short"} side */
function showSide(element, side) {
  setData(element, "side", side);
  element.textContent = SIDES[side] ?? "";
  element.setAttribute("aria-label", say(`side_${side}`));
}

/** @param {any} row */
const typeName = (row) => newType(row) || say(`type_${String(row.type).replaceAll("-", "_")}`);

/** What a type is called that only the terminal knows: by its number, or as it says itself.
 * @param {any} row */
function newType({ type }) {
  if (type === undefined || ORDER_TYPES.includes(type)) return "";
  return /^\d/.test(type) ? say("type_new", [type]) : type;
}

/** The connection, where rows are not grouped by it. @returns {Column} */
const place = () => ({
  id: "place",
  label: say("column_connection"),
  fill: (cell) => cell.append(make("bdi", { data: { slot: "" } })),
  text: (row, { model }) => model.connection(String(row.connection))?.name ?? model.words.gone,
  update: (cell, row, { model }) => {
    cell.title = model.connection(String(row.connection))?.name ?? "";
  },
});

/** @returns {Column[]} */
export const orderColumns = () => [
  { ...ticker(say("column_ticker")), hint: (row) => `${row.ticker}: ${row.size} × ${priceOf(row)}` },
  place(),
  { id: "type", label: say("column_type"), text: typeName, raw: (row) => row.type },
  number("trigger", say("column_trigger"), (row) => row.trigger),
  number("price", say("column_price"), priceOf),
  { ...number("size", say("column_size"), (row) => row.size), update: showFilled },
  number("filled", say("column_filled"), (row) => (isZero(row.filled) ? "" : row.filled)),
  { id: "age", label: say("column_age"), text: (row, { now }) => age(row.created, now, units()),
    raw: (row) => row.created ?? "" },
  { id: "act", label: say("cancel_order"), text: () => "✕", fill: fillCancel,
    update: showCancel },
];

/** @returns {Column[]} */
export const positionColumns = () => [
  { ...ticker(say("column_ticker")), hint: (row) => `${row.ticker}: ${row.size} × ${row.entry}` },
  place(),
  number("size", say("column_size"), (row) => row.size),
  number("entry", say("column_entry"), (row) => row.entry),
  { ...number("mark", say("column_mark"), (row) => row.mark ?? ""), restless: true,
    update: showMark },
  { id: "result", restless: true, label: say("column_result"), title: say("result_ours"), number: true,
    text: (row) => (row.result ? signed(row.result) : "—"),
    raw: (row) => (row.result ? `${row.result} ${row.quote} @ ${row.mark}` : ""),
    update: showResult },
  { id: "margin", label: say("column_margin"),
    text: (row) => (row.marginMode ? say(`margin_${row.marginMode}`) : "") },
];

/** @returns {Column[]} */
export const balanceColumns = () => [
  { id: "coin", label: say("column_coin"), text: (row) => row.coin, raw: (row) => row.coin,
    fill: (cell) => cell.append(make("bdi", { data: { slot: "" } }), badgeSlot()),
    update: showBadges },
  place(),
  number("total", say("column_total"), (row) => row.total),
  number("free", say("column_free"), (row) => row.free),
  number("locked", say("column_locked"), (row) => (isZero(row.locked) ? "" : row.locked)),
];

/** How much of it is filled, as a line under the size; the digits are never computed. */
function showFilled(/** @type {HTMLElement} */ cell, /** @type {any} */ row) {
  const part = Math.min(1, Math.max(0, Number(row.filled) / Number(row.size))) || 0;
  const width = part.toFixed(2);
  if (cell.style.getPropertyValue("--filled") !== width) cell.style.setProperty("--filled", width);
}

/** A result with its sign, cut for a glance; the exact one stands in the title.
 * @param {string} text */
export const signed = (text) => {
  const cut = grouped(short(text), 2);
  return signOf(cut) === "gain" ? `+${cut}` : cut.replace("-", "−");
};

/** Whether the price of a position is not of this moment. @param {any} row @param {number} now */
export const isOld = (row, now) => row.mark === undefined || now - row.markAt > OLD_MS;

/** @param {HTMLElement} cell @param {any} row @param {{now: number}} context */
function showMark(cell, row, { now }) {
  setData(cell, "old", String(isOld(row, now)));
  setData(cell, "from", row.markFrom ?? "");
  const said = row.markFrom ? say(`mark_from_${row.markFrom}`) : "";
  if (cell.getAttribute("aria-description") !== said) cell.setAttribute("aria-description", said);
}

/** @param {HTMLElement} cell @param {any} row @param {{now: number}} context */
function showResult(cell, row, { now }) {
  setData(cell, "old", String(isOld(row, now)));
  setData(cell, "sign", row.result ? signOf(row.result) : "none");
}

/** @param {HTMLElement} cell */
function fillCancel(cell) {
  cell.append(make("button", { class: "cancel", data: { action: "cancel", slot: "" },
    attrs: { type: "button", tabindex: "-1" } }));
}

/** @param {HTMLElement} cell @param {any} row @param {any} context */
function showCancel(cell, row, { model, isOut }) {
  const button = /** @type {HTMLButtonElement} */ (cell.firstElementChild);
  const hidden = !model.mayCancel(row);
  if (button.hidden !== hidden) button.hidden = hidden;
  const out = isOut(row.key);
  if (button.disabled !== out) button.disabled = out;
  if (button.dataset.of === row.ticker) return;
  button.dataset.of = row.ticker;
  button.title = say("cancel_order");
  button.setAttribute("aria-label", say("cancel_order_of", [row.ticker]));
}
