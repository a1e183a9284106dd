/**
 * This file knows how an order is cancelled: asked for, confirmed in the same row, and told in
 * three values: cancelled, refused, unknown.
 */

import { say } from "../browser.js";
import { sentence } from "../sentences.js";
import { priceOf } from "./columns.js";
import { make } from "./dom.js";
import { grouped } from "./format.js";

const ASK_MS = 5000;
const TOLD_MS = 8000;

export class Cancels {
  /**
   * Key of an order -> what its row says instead.
   * @type {Map<string, {bar: HTMLElement, timer: any}>}
   */
  #open = new Map();

  /** Keys of orders whose cancel has no answer yet; one whose row went and came back too. */
  #sending = new Set();

  /**
   * @param {object} parts
   * @param {(method: string, params: object) => Promise<any>} parts.call
   * @param {(text: string, state: string) => void} parts.tell for the line at the foot
   * @param {(id: string) => any} parts.connection
   * @param {(row: any) => string | null} parts.against the code of what forbids it, or null
   */
  constructor({ call, tell, connection, against }) {
    this.call = call;
    this.tell = tell;
    this.connection = connection;
    this.against = against;
  }

  /** Whether a row is in the middle of it. @param {string} key */
  has(key) {
    return this.#open.has(key);
  }

  /** Whether an order is on its way out already. @param {string} key */
  #isOut(key) {
    return this.#sending.has(key) || this.#open.get(key)?.bar.dataset.phase === "done";
  }

  /** Asks in the row itself. @param {import("./table.js").Line} line */
  ask(line) {
    const { key } = line.row;
    if (this.#isOut(key) || this.against(line.row) !== null) return;
    const yes = make("button", { class: "yes", data: { action: "confirm-cancel" },
      attrs: { type: "button" } });
    const no = make("button", { class: "no", text: say("cancel_keep"),
      data: { action: "keep" }, attrs: { type: "button" } });
    const bar = this.#show(line, "ask", [yes, no], ASK_MS);
    this.refresh(line.row);
    // The second half of a double click, or a key held down, is not a second decision.
    const meant = (/** @type {Event} */ event) => /** @type {MouseEvent} */ (event).detail < 2;
    bar.addEventListener("keydown", (event) => {
      if (event.repeat) event.preventDefault();
      if (event.key === "Escape") this.fold(key, true);
    });
    yes.addEventListener("click", (event) => event.isTrusted && meant(event) && this.#send(line));
    no.addEventListener("click", () => this.fold(key, true));
    yes.focus();
  }

  /** The question names the order as it is now, and ends when it may not be asked any more.
   * @param {any} row */
  refresh(row) {
    const yes = this.#open.get(row.key)?.bar.querySelector(".yes");
    if (!yes) return;
    if (this.against(row) !== null) return this.fold(row.key);
    const text = say("cancel_question", [grouped(row.size), grouped(priceOf(row))]);
    if (yes.textContent !== text) yes.textContent = text;
  }

  /** Forgets rows that are gone. @param {Map<string, any>} lines */
  sweep(lines) {
    for (const key of this.#open.keys()) if (!lines.has(key)) this.fold(key);
  }

  /** @param {string} key @param {boolean} [back] the focus returns to the row */
  fold(key, back = false) {
    const open = this.#open.get(key);
    if (!open) return;
    clearTimeout(open.timer);
    this.#open.delete(key);
    const button = /** @type {HTMLElement | null} */ (open.bar.previousElementSibling);
    const held = open.bar.contains(document.activeElement);
    open.bar.remove();
    if (button instanceof HTMLButtonElement) button.disabled = this.#sending.has(key);
    if (back || held) button?.focus();
  }

  /** @param {import("./table.js").Line} line */
  async #send(line) {
    const { row } = line;
    const forbidden = this.against(row);
    if (forbidden) return this.#tell(line, { state: "refused", code: forbidden });
    if (this.#isOut(row.key)) return;
    const order = { connection: this.connection(String(row.connection))?.id ?? row.connection,
      order: row.id, ticker: row.ticker, type: row.type };
    this.#sending.add(row.key);
    this.#show(line, "sent", [make("span", { text: say("cancel_sent") })], 0);
    const outcome = await this.call("cancel", order);
    this.#sending.delete(row.key);
    this.#tell(line, outcome);
  }

  /** @param {import("./table.js").Line} line @param {any} outcome */
  #tell(line, outcome) {
    const { row } = line;
    const text = outcome.state === "unknown" ? say("cancel_unknown") : sentence(outcome, {
      bare: row.ticker });
    this.tell(text, outcome.state);
    if (!line.tr.isConnected) return;
    if (outcome.state === "done") return this.#settle(line);
    this.#show(line, outcome.state, [make("span", { text, attrs: { title: text } })], TOLD_MS);
  }

  /**
   * The terminal said yes; the row leaves with the next event.
   * @param {import("./table.js").Line} line
   */
  #settle(line) {
    this.#show(line, "done", [make("span", { text: say("cancel_done") })], TOLD_MS);
  }

  /**
   * @param {import("./table.js").Line} line @param {string} phase @param {HTMLElement[]} parts
   * @param {number} for_ms 0: until something else is shown
   * @returns {HTMLElement}
   */
  #show(line, phase, parts, for_ms) {
    const { key } = line.row;
    const held = this.#open.get(key)?.bar.contains(document.activeElement);
    clearTimeout(this.#open.get(key)?.timer);
    this.#open.get(key)?.bar.remove();
    const bar = make("div", { class: "ask", data: { phase } }, parts);
    const cell = line.cells.get("act")?.cell;
    const cross = cell?.querySelector(".cancel");
    if (cross instanceof HTMLButtonElement) cross.disabled = this.#isOut(key) || phase === "done";
    cell?.append(bar);
    if (held) bar.tabIndex = -1;
    if (held) bar.focus();
    const timer = for_ms ? setTimeout(() => this.fold(key), for_ms) : 0;
    this.#open.set(key, { bar, timer });
    return bar;
  }
}
