/**
 * This file knows the elements of a table's rows: made once, changed cell by cell, and given to
 * another row when theirs is out of sight.
 */

import { make, setData } from "./dom.js";

/**
 * A column. text: what is shown. raw: the value as it came, for the title and for tests.
 * fill: builds the cell once, when it is more than text; then `text` goes into [data-slot].
 * @typedef {object} Column
 * @property {string} id
 * @property {string} label
 * @property {string} [title] of its heading
 * @property {boolean} [number]
 * @property {boolean} [restless] changes all the time: no change of it is worth a look
 * @property {(row: any, context: any) => string} text
 * @property {(row: any) => string} [raw]
 * @property {(row: any) => string} [hint] the title, where it says more than the value
 * @property {(cell: HTMLElement) => void} [fill]
 * @property {(cell: HTMLElement, row: any, context: any) => void} [update]
 * @property {(row: any) => void} [see] hears of every row before the first is painted
 *
 * @typedef {{tr: HTMLElement, row: any, cells: Map<string, {cell: HTMLElement, slot: HTMLElement,
 *   shown: string}>}} Line
 */

const TINT_MS = 400;
const TINT = { backgroundColor: ["var(--tint)", "transparent"] };
const MAX_SPARE = 64;
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Lines {
  /** @type {Line[]} */
  #spare = [];

  /** @param {Column[]} columns
   * @param {(row: any, context: any) => boolean} [isStale] whether a row may be out of date */
  constructor(columns, isStale = () => false) {
    this.columns = columns;
    this.isStale = isStale;
  }

  /** An element for a row: one that another row has left, or a new one.
   * @param {string} key @returns {Line} */
  take(key) {
    const line = this.#spare.pop() ?? this.#newLine();
    line.tr.dataset.key = key;
    return line;
  }

  /** @param {Line} line */
  leave(line) {
    line.tr.remove();
    line.tr.querySelector(".ask")?.remove();  // A question belongs to its order, not to its place.
    if (this.#spare.length >= MAX_SPARE) return;
    line.row = null;
    this.#spare.push(line);
  }

  /** Shows a row in its element. @param {Line} line @param {any} row @param {any} context */
  show(line, row, context) {
    const fresh = line.row === null;
    line.row = row;
    for (const column of this.columns) this.cell(line, column, context, !fresh);
    const stale = this.isStale(row, context);
    setData(line.tr, "stale", String(stale));
    const said = stale ? context.model.words.stale : "";
    if ((line.tr.ariaDescription ?? "") !== said) line.tr.ariaDescription = said;
  }

  /** @param {Line} line @param {Column} column @param {any} context
   * @param {boolean} tinted whether it showed the same row before */
  cell(line, column, context, tinted) {
    const kept = line.cells.get(column.id);
    if (!kept) return;
    column.update?.(kept.cell, line.row, context);
    const raw = column.raw?.(line.row) ?? "";
    setData(kept.cell, "value", raw);
    const hint = column.hint?.(line.row) ?? raw;
    if (hint && kept.cell.title !== hint) kept.cell.title = hint;
    const text = column.text(line.row, context);
    if (text === kept.shown && tinted) return;
    const changed = tinted && column.number && !column.restless && kept.shown !== "";
    kept.shown = text;
    if (kept.slot.textContent !== text) kept.slot.textContent = text;
    if (changed && !still.matches) kept.cell.animate(TINT, TINT_MS);
  }

  /** @returns {Line} */
  #newLine() {
    const tr = make("tr", { attrs: { role: "row" } });
    /** @type {Line["cells"]} */
    const cells = new Map();
    for (const { id, number, fill } of this.columns) {
      const cell = make("td", { class: `c-${id}${number ? " number" : ""}`, data: { col: id },
        attrs: { role: "gridcell" } });
      fill?.(cell);
      tr.append(cell);
      const slot = /** @type {HTMLElement | null} */ (cell.querySelector("[data-slot]")) ?? cell;
      cells.set(id, { cell, slot, shown: "" });
    }
    return { tr, row: null, cells };
  }
}
