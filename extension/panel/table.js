/**
 * This file knows a live table of any length: rows in sight have an element, known by key for as
 * long as it is in sight, changed cell by cell, so that nothing flickers, jumps or loses the focus.
 */

import { badges, make, setData } from "./dom.js";
import { Fit } from "./fit.js";
import { Lines } from "./lines.js";

/**
 * @typedef {import("./lines.js").Line} Line
 * @typedef {import("./lines.js").Column} Column
 * @typedef {{body: HTMLElement, bar: HTMLElement, sign: string, top: number, head: number,
 *   keys: string[]}} Group
 * @typedef {{key: string, element: HTMLElement}} Held
 */

/** Of a row and of a group's heading, in px; tables.css says the same. */
export const ROW = 23;
const HEADING = 20;
/** Rows beside those in sight, so that a scroll finds them there. */
const BESIDE = 16;
const PLAIN_ROOM = { gives: [], first: 0 };

export class Table {
  /** Rows that have an element now. @type {Map<string, Line>} */
  lines = new Map();
  /** The row that the keyboard is at. @type {string | null} */
  active = null;
  /** All keys, in order. @type {string[]} */
  keys = [];
  /** @type {Map<string, Group>} */
  #groups = new Map();
  /** @type {Map<string, any>} */
  #rows = new Map();
  /** @type {WeakSet<object>} */
  #seen = new WeakSet();
  /** @type {any} */
  #context = null;
  /** What all rows were painted with, beside the rows themselves. */
  #version = "";
  /** The row that Tab leads to. @type {string | null} */
  #entry = null;

  /**
   * @param {{label: string, columns: Column[], scroller: HTMLElement,
   *   room?: {gives: string[], first: number}, keep?: (key: string) => boolean,
   *   isStale?: (row: any, context: any) => boolean}} parts
   *   room: what gives way to long numbers, see fit.js. keep: rows that stay in the tree out of
   *   sight too. isStale: whether a row may be out of date
   */
  constructor({ label, columns, scroller, room = PLAIN_ROOM, keep = () => false, isStale }) {
    this.columns = columns;
    this.made = new Lines(columns, isStale);
    this.scroller = scroller;
    this.keep = keep;
    const heads = make("tr", { attrs: { role: "row" } }, columns.map(({ id, label: text, number, title = "" }) => make("th", {
      class: `c-${id}${number ? " number" : ""}`,
      attrs: { scope: "col", role: "columnheader", title: title || text } },
    [make("span", { text })])));
    this.element = make("table", { attrs: { "aria-label": label, role: "grid" } }, [
      make("thead", { attrs: { role: "rowgroup" } }, [heads]),
    ]);
    this.fit = new Fit(this.element, heads, room);
  }

  /**
   * Brings the table to these groups.
   * @param {import("./listing.js").Group[]} groups @param {Map<string, any>} rows by key
   * @param {any} context handed to the columns; has `model`
   * @param {() => string} version changes when unchanged rows must be painted too
   */
  paint(groups, rows, context, version) {
    this.#rows = rows;
    this.#context = context;
    for (const row of rows.values()) this.#see(row);
    const all = this.#version !== version();
    this.#version = version();
    this.fit.paint(this.#version);
    const before = this.keys;
    const held = this.#held();
    this.#place(groups);
    const count = String(this.keys.length + 1);
    if (this.element.ariaRowCount !== count) this.element.ariaRowCount = count;
    this.#mount(all, before, held);
  }

  /** What is in sight now has its rows; called after every scroll. */
  scrolled() {
    if (this.#context) this.#mount(false);
  }

  /** Paints one column of all rows anew, such as ages. @param {string} id @param {any} context */
  repaint(id, context) {
    const column = this.columns.find((one) => one.id === id);
    if (!column) return;
    for (const line of this.lines.values()) this.made.cell(line, column, context, true);
  }

  /** Takes the focus to a row and the row into sight. @param {string | null} key */
  focus(key) {
    if (key === null || !this.#rows.has(key)) return;
    this.active = key;
    this.#show(key);
    this.#mount(false);
    this.lines.get(key)?.tr.focus({ preventScroll: true });
  }

  /** The active row; the first one where that is gone, or filtered out. @returns {string | null} */
  get current() {
    const there = this.active !== null && this.keys.includes(this.active);
    return there ? this.active : this.keys[0] ?? null;
  }

  /** The key so many rows away from the active one. @param {number} steps */
  beside(steps) {
    const at = this.active === null ? -1 : this.keys.indexOf(this.active);
    const to = at < 0 ? 0 : Math.min(this.keys.length - 1, Math.max(0, at + steps));
    return this.keys[to] ?? null;
  }

  /** @param {import("./listing.js").Group[]} groups */
  #place(groups) {
    // What goes, goes first: what stays behind it would be moved, and lose a press or the focus.
    const there = new Set(groups.map(({ connection }) => connection));
    for (const [connection, { body }] of this.#groups) {
      if (there.has(connection)) continue;
      body.remove();
      this.#groups.delete(connection);
    }
    let [before, top] = [/** @type {Element | null} */ (this.element.firstElementChild), HEADING];
    const order = [];
    for (const { connection, keys } of groups) {
      const group = this.#group(connection);
      if (before?.nextElementSibling !== group.body) before?.after(group.body);
      before = group.body;
      this.#head(group, connection, keys.length);
      Object.assign(group, { top, keys, head: connection ? ROW : 0 });
      const height = `${group.head + keys.length * ROW}px`;
      if (group.body.style.height !== height) group.body.style.height = height;
      top += group.head + keys.length * ROW;
      order.push(keys);
    }
    this.keys = order.length === 1 ? order[0] : order.flat();
  }

  /** Gives every row in sight an element and takes it from those that are not.
   * @param {boolean} all @param {string[]} [before] all keys as they were
   * @param {Held | null} [held] what had the focus then */
  #mount(all, before = this.keys, held = this.#held()) {
    this.#entry = this.current;
    const plans = [...this.#groups.values()].map((group) => ({ group,
      indexes: this.#indexes(group, this.#sight()) }));
    const alive = new Set(plans.flatMap(({ group, indexes }) => indexes.map((at) => group.keys[at])));
    for (const [key, line] of this.lines) {
      if (alive.has(key)) continue;
      this.lines.delete(key);
      this.made.leave(line);
    }
    for (const { group, indexes } of plans) this.#mountGroup(group, indexes, all);
    if (held === null) return;
    if (!this.#rows.has(held.key)) this.#refocus(before.indexOf(held.key));
    // What was put into another place has lost it on the way.
    else if (this.#held() === null) this.#giveBack(held);
  }

  /** @param {Held} held */
  #giveBack({ key, element }) {
    const there = this.element.contains(element) ? element : this.lines.get(key)?.tr;
    there?.focus({ preventScroll: true });
  }

  /** @param {Group} group @param {number[]} indexes @param {boolean} all */
  #mountGroup(group, indexes, all) {
    let before = group.body.firstElementChild;
    for (const index of indexes) {
      const key = group.keys[index];
      const line = this.#line(key);
      this.#bring(line, this.#rows.get(key), all);
      const top = `${group.head + index * ROW}px`;
      if (line.tr.style.top !== top) line.tr.style.top = top;
      if (before?.nextElementSibling !== line.tr) before?.after(line.tr);
      before = line.tr;
    }
  }

  /** The places in sight, and those that stay. @param {Group} group
   * @param {[number, number]} sight */
  #indexes({ keys, top, head }, [from, to]) {
    const start = top + head;
    const first = Math.max(0, Math.floor((from - start) / ROW) - BESIDE);
    const last = Math.min(keys.length - 1, Math.ceil((to - start) / ROW) + BESIDE);
    const found = [];
    for (let index = first; index <= last; index += 1) found.push(index);
    for (const key of this.lines.keys()) {
      if (key !== this.active && !this.keep(key)) continue;
      const index = keys.indexOf(key);
      if (index >= 0 && (index < first || index > last)) found.push(index);
    }
    return found.sort((one, other) => one - other);
  }

  /** What part of the table is in sight, in px from its top. @returns {[number, number]} */
  #sight() {
    const box = this.scroller.getBoundingClientRect();
    const from = box.top - this.element.getBoundingClientRect().top;
    return [from, from + (box.height || 600)];
  }

  /** @param {Line} line @param {any} row @param {boolean} all */
  #bring(line, row, all) {
    const tab = row.key === this.#entry ? "0" : "-1";
    if (line.tr.getAttribute("tabindex") !== tab) line.tr.setAttribute("tabindex", tab);
    if (line.row !== row || all) this.made.show(line, row, this.#context);
  }

  /** @param {string} key @returns {Line} */
  #line(key) {
    const line = this.lines.get(key) ?? this.made.take(key);
    this.lines.set(key, line);
    return line;
  }

  /** @param {any} row */
  #see(row) {
    if (this.#seen.has(row)) return;
    this.#seen.add(row);
    for (const { see } of this.columns) see?.(row);
    for (const { id, number, text } of this.columns) {
      if (number) this.fit.see(id, text(row, this.#context));
    }
  }

  /** @param {string} connection */
  #group(connection) {
    const known = this.#groups.get(connection);
    if (known) return known;
    const bar = make("div", { class: "bar" });
    const head = make("th", { attrs: { scope: "rowgroup", role: "rowheader" } }, [bar]);
    const row = make("tr", { class: "group", attrs: { role: "row" } }, [head]);
    row.hidden = !connection;
    const body = make("tbody", { data: { connection }, attrs: { role: "rowgroup" } }, [row]);
    /** @type {Group} */
    const made = { body, bar, sign: "", top: 0, head: 0, keys: [] };
    this.#groups.set(connection, made);
    return made;
  }

  /** @param {Group} group @param {string} connection @param {number} count */
  #head(group, connection, count) {
    const { model } = this.#context;
    const place = model.connection(connection);
    const stale = connection ? model.isStale(connection) : model.isAway;
    const state = model.isAway ? "unknown" : place?.state ?? "gone";
    const sign = JSON.stringify([place, stale, state, count]);
    if (sign === group.sign) return;
    group.sign = sign;
    setData(group.body, "stale", String(stale));
    group.bar.replaceChildren(
      make("span", { class: "dot", data: { state } }),
      make("bdi", { class: "name", text: place?.name ?? model.words.gone }),
      ...badges(place),
      ...(stale ? [make("span", { class: "stale", text: model.words.stale })] : []),
      make("span", { class: "count", text: String(count) }),
    );
  }

  /** Brings a row into sight. @param {string} key */
  #show(key) {
    for (const { keys, top, head } of this.#groups.values()) {
      const index = keys.indexOf(key);
      if (index < 0) continue;
      const [from, to] = this.#sight();
      const at = top + head + index * ROW;
      const covered = HEADING + 27;
      if (at < from + covered) this.scroller.scrollTop -= from + covered - at;
      else if (at + ROW > to) this.scroller.scrollTop += at + ROW - to;
      return;
    }
  }

  /** What has the focus, and its row; they must not lose it. @returns {Held | null} */
  #held() {
    const element = /** @type {HTMLElement | null} */ (document.activeElement);
    if (!element || !this.element.contains(element)) return null;
    const row = /** @type {HTMLElement | null} */ (element.closest("tr[data-key]"));
    return row?.dataset.key === undefined ? null : { key: row.dataset.key, element };
  }

  /** A row that went gives its focus to the one that took its place. @param {number} index */
  #refocus(index) {
    const key = this.keys[Math.min(Math.max(0, index), this.keys.length - 1)];
    if (key !== undefined) this.focus(key);
  }
}
