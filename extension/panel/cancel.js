/**
 * This file knows how orders are cancelled, one or all of a ticker: asked for, confirmed in the same
 * row, and told in three values: cancelled, refused, unknown.
 */

import { say } from "../browser.js";
import { fullSentence } from "../sentences.js";
import { priceOf } from "./columns.js";
import { make } from "./dom.js";
import { grouped } from "./format.js";

/** @typedef {import("./lines.js").Line} Line */

const ASK_MS = 5000;
const TOLD_MS = 8000;
/** Somebody may still be answering a question that has just ended by itself. */
const ANSWERED_MS = 1000;

export class Cancels {
  /**
   * Key of an order -> what its row says instead.
   * @type {Map<string, {bar: HTMLElement, timer: any}>}
   */
  #open = new Map();

  /** Keys of orders whose cancel has no answer yet; one whose row went and came back too. */
  #sending = new Set();

  /** When a question ended that nobody had answered. */
  #endedAt = -Infinity;

  /**
   * @param {object} parts
   * @param {(method: string, params: object) => Promise<any>} parts.call
   * @param {(text: string, state: string) => void} parts.tell for the line at the foot
   * @param {(id: string) => any} parts.connection
   * @param {(row: any) => string | null} parts.against the code of what forbids it, or null
   * @param {(key: string) => Line | undefined} parts.line the row's element, while it is in sight
   * @param {(row: any) => number} parts.count how many orders of its ticker are known
   */
  constructor({ call, tell, connection, against, line, count }) {
    this.line = line;
    this.count = count;
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
  isOut(key) {
    return this.#sending.has(key) || this.#open.get(key)?.bar.dataset.phase === "done";
  }

  /**
   * Asks in the row itself.
   * @param {any} row @param {boolean} [every] all orders of its ticker instead of this one
   */
  ask(row, every = false) {
    const { key } = row;
    if (this.isOut(key) || this.against(row) !== null) return;
    const yes = button("yes", every ? "confirm-cancel-all" : "confirm-cancel");
    const more = every || this.count(row) < 2 ? null : button("more", "cancel-all");
    const no = button("no", "keep", say("cancel_keep"));
    const bar = this.#show(key, "ask", [yes, ...(more ? [more] : []), no], ASK_MS);
    bar.dataset.every = String(every);
    this.refresh(row);
    // The second half of a double click, or a key held down, is not a second decision.
    const meant = (/** @type {Event} */ event) => /** @type {MouseEvent} */ (event).detail < 2;
    bar.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.repeat) event.preventDefault();
      if (event.key === "Escape") this.fold(key, true);
    });
    const sure = (/** @type {Event} */ event) => event.isTrusted && meant(event);
    yes.addEventListener("click", (event) => sure(event) && this.#send(key, every));
    more?.addEventListener("click", (event) => sure(event) && this.ask(this.#row(key), true));
    no.addEventListener("click", () => this.fold(key, true));
    yes.focus();
  }

  /** The question names the order as it is now, and ends when it may not be asked any more.
   * @param {any} row */
  refresh(row) {
    const bar = this.#open.get(row.key)?.bar;
    const yes = bar?.querySelector(".yes");
    if (!bar || !yes) return;
    if (this.against(row) !== null) return this.fold(row.key);
    const count = String(this.count(row));
    const text = bar.dataset.every === "true"
      ? say("cancel_all_question", [row.ticker, count])
      : say("cancel_question", [grouped(row.size), grouped(priceOf(row))]);
    if (yes.textContent !== text) yes.textContent = text;
    const more = bar.querySelector(".more");
    if (more) more.textContent = say("cancel_all_of", [row.ticker, count]);
  }

  /** Whether what is pressed now was meant for a question that is not there any more. */
  get hasJustEnded() {
    return performance.now() - this.#endedAt < ANSWERED_MS;
  }

  /** Keys of rows with a question or an answer in them. */
  keys() {
    return [...this.#open.keys()];
  }

  /** Forgets rows that are gone, or not listed any more. @param {Map<string, any>} rows */
  sweep(rows) {
    for (const key of this.#open.keys()) if (!rows.has(key) || !this.line(key)) this.fold(key);
  }

  /** @param {string} key @param {boolean} [back] the focus returns to the row */
  fold(key, back = false) {
    const open = this.#open.get(key);
    if (!open) return;
    clearTimeout(open.timer);
    this.#open.delete(key);
    if (!back && open.bar.dataset.phase === "ask") this.#endedAt = performance.now();
    const held = open.bar.contains(document.activeElement);
    const cross = open.bar.parentElement?.querySelector(".cancel");
    open.bar.remove();
    if (cross instanceof HTMLButtonElement) cross.disabled = this.#sending.has(key);
    if (back || held) this.line(key)?.tr.focus();
  }

  /** @param {string} key @param {boolean} every */
  async #send(key, every) {
    const row = this.#row(key);
    const forbidden = this.against(row);
    if (forbidden) return this.#tell(row, { state: "refused", code: forbidden });
    if (this.isOut(key)) return;
    const connection = this.connection(String(row.connection))?.id ?? row.connection;
    const place = { connection, ticker: row.ticker };
    this.#sending.add(key);
    this.#show(key, "sent", [make("span", { text: say("cancel_sent") })], 0);
    const outcome = every ? await this.call("cancel_all", place)
      : await this.call("cancel", { ...place, order: row.id, type: row.type });
    this.#sending.delete(key);
    this.#tell(row, outcome);
  }

  /** @param {any} row @param {any} outcome */
  #tell(row, outcome) {
    const text = outcome.state === "unknown" ? say("cancel_unknown") : fullSentence(outcome, {
      bare: row.ticker });
    this.tell(text, outcome.state);
    if (!this.line(row.key)) return this.fold(row.key);
    if (outcome.state === "done") return this.#settle(row.key);
    this.#show(row.key, outcome.state, [make("span", { text, attrs: { title: text } })], TOLD_MS);
  }

  /** The terminal said yes; the row leaves with the next event. @param {string} key */
  #settle(key) {
    this.#show(key, "done", [make("span", { text: say("cancel_done") })], TOLD_MS);
  }

  /** The row as it is now. @param {string} key */
  #row(key) {
    return this.line(key)?.row;
  }

  /**
   * @param {string} key @param {string} phase @param {HTMLElement[]} parts
   * @param {number} for_ms 0: until something else is shown
   * @returns {HTMLElement}
   */
  #show(key, phase, parts, for_ms) {
    const held = this.#open.get(key)?.bar.contains(document.activeElement);
    clearTimeout(this.#open.get(key)?.timer);
    this.#open.get(key)?.bar.remove();
    const bar = make("div", { class: "ask", data: { phase } }, parts);
    const cell = this.line(key)?.cells.get("act")?.cell;
    const cross = cell?.querySelector(".cancel");
    if (cross instanceof HTMLButtonElement) cross.disabled = this.isOut(key) || phase === "done";
    cell?.append(bar);
    if (held) bar.tabIndex = -1;
    if (held) bar.focus();
    const timer = for_ms ? setTimeout(() => this.fold(key), for_ms) : 0;
    this.#open.set(key, { bar, timer });
    return bar;
  }
}

/** @param {string} name @param {string} action @param {string} [text] */
function button(name, action, text = "") {
  return make("button", { class: name, text, data: { action }, attrs: { type: "button" } });
}
