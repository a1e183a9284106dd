/**
 * This file knows a live table: one row element per key for as long as the row lives, changed
 * cell by cell, so that nothing flickers, jumps or loses the focus.
 */

import { badges, make, setData } from "./dom.js";

/**
 * A column. text: what is shown. raw: the value as it came, for the title and for tests.
 * fill: builds the cell once, when it is more than text; then `text` goes into [data-slot].
 * @typedef {object} Column
 * @property {string} id
 * @property {string} label
 * @property {boolean} [number]
 * @property {(row: any, context: any) => string} text
 * @property {(row: any) => string} [raw]
 * @property {(cell: HTMLElement, row: any) => void} [fill]
 * @property {(cell: HTMLElement, row: any, context: any) => void} [update]
 * @property {(row: any) => void} [see] hears of every row before the first is painted
 *
 * @typedef {{tr: HTMLElement, row: any, cells: Map<string, {cell: HTMLElement, slot: HTMLElement,
 *   shown: string}>}} Line
 */

const TINT_MS = 400;
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Table {
  /** @type {Map<string, Line>} */
  lines = new Map();
  /** @type {Map<string, {body: HTMLElement, bar: HTMLElement, sign: string}>} */
  #groups = new Map();
  /** What all rows were painted with, beside the rows themselves. */
  #version = "";

  /** @param {{label: string, columns: Column[]}} parts */
  constructor({ label, columns }) {
    this.columns = columns;
    const heads = columns.map(({ id, label: text, number }) => make("th", {
      class: `c-${id}${number ? " number" : ""}`, text, attrs: { scope: "col" } }));
    this.element = make("table", { attrs: { "aria-label": label } }, [
      make("colgroup", {}, columns.map(({ id }) => make("col", { class: `c-${id}` }))),
      make("thead", {}, [make("tr", {}, heads)]),
    ]);
  }

  /**
   * Brings the table to these groups. Row elements are kept by key, group elements by connection.
   * @param {{connection: string, rows: any[]}[]} groups
   * @param {any} context handed to the columns; has `model`
   * @param {() => string} version changes when unchanged rows must be painted too
   */
  paint(groups, context, version) {
    const alive = new Set();
    for (const { rows } of groups) rows.forEach((row) => this.#see(row));
    const all = this.#version !== version();
    this.#version = version();
    let before = /** @type {Element | null} */ (this.element.querySelector("thead"));
    for (const { connection, rows } of groups) {
      const group = this.#group(connection);
      if (before?.nextElementSibling !== group.body) before?.after(group.body);
      before = group.body;
      this.#head(group, connection, rows.length, context.model);
      this.#rows(group.body, rows, alive, { ...context, all });
    }
    this.#sweep(alive, new Set(groups.map(({ connection }) => connection)));
  }

  /** Paints one column of all rows anew, such as ages. @param {string} id @param {any} context */
  repaint(id, context) {
    const column = this.columns.find((one) => one.id === id);
    if (!column) return;
    for (const line of this.lines.values()) this.#cell(line, column, line.row, context, false);
  }

  /**
   * @param {HTMLElement} body @param {any[]} rows @param {Set<string>} alive
   * @param {any} context
   */
  #rows(body, rows, alive, context) {
    let before = /** @type {Element | null} */ (body.firstElementChild);
    for (const row of rows) {
      const known = this.lines.get(row.key);
      const line = known ?? this.#line(row);
      const same = known?.row === row && !context.all;
      alive.add(row.key);
      line.row = row;
      if (!same) this.columns.forEach((one) => this.#cell(line, one, row, context, Boolean(known)));
      if (before?.nextElementSibling !== line.tr) before?.after(line.tr);
      before = line.tr;
    }
  }

  /** @param {any} row */
  #see(row) {
    if (this.lines.get(row.key)?.row === row) return;
    for (const { see } of this.columns) see?.(row);
  }

  /** @param {any} row @returns {Line} */
  #line(row) {
    const tr = make("tr", { data: { key: row.key } });
    /** @type {Line["cells"]} */
    const cells = new Map();
    for (const { id, number, fill } of this.columns) {
      const cell = make("td", { class: `c-${id}${number ? " number" : ""}`, data: { col: id } });
      fill?.(cell, row);
      tr.append(cell);
      const slot = /** @type {HTMLElement | null} */ (cell.querySelector("[data-slot]")) ?? cell;
      cells.set(id, { cell, slot, shown: "" });
    }
    const line = { tr, row, cells };
    this.lines.set(row.key, line);
    return line;
  }

  /** @param {Line} line @param {Column} column @param {any} row @param {any} context
   * @param {boolean} tinted */
  #cell(line, column, row, context, tinted) {
    const kept = line.cells.get(column.id);
    if (!kept) return;
    column.update?.(kept.cell, row, context);
    const text = column.text(row, context);
    if (text === kept.shown) return;
    const changed = tinted && column.number && kept.shown !== "";
    kept.shown = text;
    kept.slot.textContent = text;
    const raw = column.raw?.(row) ?? "";
    setData(kept.cell, "value", raw);
    if (raw) kept.cell.title = raw;
    if (changed && !still.matches) kept.cell.animate(TINT, TINT_MS);
  }

  /** @param {string} connection */
  #group(connection) {
    const known = this.#groups.get(connection);
    if (known) return known;
    const bar = make("div", { class: "bar" });
    const head = make("th", { attrs: { scope: "rowgroup" } }, [bar]);
    const body = make("tbody", { data: { connection } }, [make("tr", { class: "group" }, [head])]);
    const made = { body, bar, sign: "" };
    this.#groups.set(connection, made);
    return made;
  }

  /** @param {{body: HTMLElement, bar: HTMLElement, sign: string}} group @param {string} connection
   * @param {number} count @param {any} model */
  #head(group, connection, count, model) {
    const place = model.connection(connection);
    const stale = model.isStale(connection);
    const state = model.isAway ? "unknown" : place?.state ?? "gone";
    const sign = JSON.stringify([place, stale, state, count]);
    if (sign === group.sign) return;
    group.sign = sign;
    setData(group.body, "stale", String(stale));
    group.bar.replaceChildren(
      make("span", { class: "dot", data: { state } }),
      make("span", { class: "name", text: place?.name ?? model.words.gone }),
      ...badges(place),
      ...(stale ? [make("span", { class: "stale", text: model.words.stale })] : []),
      make("span", { class: "count", text: String(count) }),
    );
  }

  /** @param {Set<string>} keys @param {Set<string>} connections */
  #sweep(keys, connections) {
    for (const [key, { tr }] of this.lines) {
      if (keys.has(key)) continue;
      tr.remove();
      this.lines.delete(key);
    }
    for (const [connection, { body }] of this.#groups) {
      if (connections.has(connection)) continue;
      body.remove();
      this.#groups.delete(connection);
    }
  }
}

const TINT = { backgroundColor: ["var(--tint)", "transparent"] };

/**
 * Less than the 50 ms between two events of the relay, which is what holds us to 20 paints a
 * second: with the same gap twice, an event that came a little early would wait a whole turn.
 */
const GAP_MS = 30;

/** Paints soon, not more often than the gap allows, the last state always among them. */
export class Painter {
  #planned = false;
  #last = 0;

  /** @param {() => void} paint */
  constructor(paint) {
    this.paint = paint;
  }

  ask() {
    if (this.#planned) return;
    this.#planned = true;
    const wait_ms = Math.max(0, this.#last + GAP_MS - performance.now());
    const frame = () => requestAnimationFrame(() => this.#now());
    wait_ms > 0 ? setTimeout(frame, wait_ms) : frame();
  }

  #now() {
    this.#planned = false;
    this.#last = performance.now();
    this.paint();
  }
}

