/** This file knows the activity: what was asked, what came of it, which orders closed; its export. */

import { say } from "../browser.js";
import { fullSentence } from "../sentences.js";
import { make, setData, setText } from "./dom.js";
import { grouped } from "./format.js";
import { isOpen } from "./sections.js";
import { Table } from "./table.js";

const MARKS = { done: "✓", dispatched: "✓", refused: "!", unknown: "?", filled: "●",
  "part-filled": "◐", cancelled: "○" };
const MOST = 20_000;
/** What could not be read is asked for again after so long; the last goes on while it is shown. */
const AGAIN_MS = [1000, 2000, 5000, 15_000, 30_000];

export class Activity {
  /** @type {Map<string, any>} */
  #rows = new Map();
  #newest = 0;
  #more = false;
  #reading = false;
  #asked = false;
  #failures = 0;
  /** Until the next try. @type {any} */
  #pause = null;
  #link = "";

  /**
   * @param {import("./sections.js").Section} section
   * @param {{scroller: HTMLElement, call: (method: string, params: object) => Promise<any>,
   *   painted: () => void}} parts painted: asks for a paint
   */
  constructor(section, { scroller, call, painted }) {
    this.section = section;
    this.call = call;
    this.painted = painted;
    this.table = new Table({ label: say("section_activity"), columns: columns(), scroller });
    this.unread = make("p", { class: "empty", attrs: { role: "status" } });
    section.body.prepend(this.unread, this.table.element);
    section.extra.append(make("button", { class: "export", text: say("export_csv"),
      data: { action: "export" }, attrs: { type: "button" } }));
  }

  /** @param {any} context */
  paint(context) {
    const { model } = context;
    if (!isOpen(this.section)) return;
    this.#heed(model.link);
    const due = !this.#asked || this.#failures > 0 || model.entries > this.#newest;
    if (due) this.#read(null);
    const keys = [...this.#rows.keys()];
    const listed = context.filter.text
      ? keys.filter((key) => String(this.#rows.get(key).ticker ?? "").toUpperCase()
        .includes(context.filter.text)) : keys;
    const groups = listed.length ? [{ connection: "", keys: listed }] : [];
    this.table.element.hidden = !listed.length;
    this.unread.hidden = this.#failures === 0;
    setText(this.unread, say(keys.length ? "activity_old" : "outcome_activity_unread"));
    this.section.empty.hidden = listed.length > 0 || !this.#asked;
    setText(this.section.empty, say(keys.length ? "empty_filtered" : "empty_activity"));
    setText(this.section.count, keys.length ? `${keys.length}${this.#more ? "+" : ""}` : "");
    this.table.paint(groups, this.#rows, context, () => String(model.version));
  }

  /** Reads on when the end of what is read is near. */
  scrolled() {
    if (!isOpen(this.section)) return;
    this.table.scrolled();
    const last = [...this.#rows.values()].at(-1);
    const end = this.section.element.getBoundingClientRect().bottom;
    if (this.#more && last && end < innerHeight * 2) this.#read(last.id);
  }

  /** @param {number | null} before an id; null for the newest */
  async #read(before) {
    if (this.#reading || this.#pause || this.#rows.size >= MOST) return;
    this.#reading = true;
    const answer = await this.call("activity", before === null ? {} : { before });
    this.#reading = false;
    if (!Array.isArray(answer?.rows)) return void this.#failed();
    this.#asked = true;
    this.#failures = 0;
    const fresh = answer.rows.map((/** @type {any} */ row) => ({ ...row, key: String(row.id) }));
    const held = [...this.#rows.values()];
    const joins = fresh.some((/** @type {any} */ row) => this.#rows.has(row.key));
    const kept = before !== null || joins ? held : [];
    if (before !== null || !kept.length) this.#more = answer.more;
    const all = before === null ? [...fresh, ...kept] : [...kept, ...fresh];
    this.#rows = new Map(all.map((row) => [row.key, row]));
    this.#newest = Math.max(this.#newest, ...fresh.map((/** @type {any} */ { id }) => id));
    this.painted();
  }

  #failed() {
    const pause_ms = AGAIN_MS[Math.min(this.#failures, AGAIN_MS.length - 1)];
    this.#failures += 1;
    this.#pause = setTimeout(() => this.#again(), pause_ms);
    this.painted();
  }

  #again() {
    clearTimeout(this.#pause);
    this.#pause = null;
    this.painted();
  }

  /** What failed without the relay need not wait once it is back. @param {{state: string}} link */
  #heed({ state }) {
    const back = state === "ready" && this.#link !== "ready";
    this.#link = state;
    if (back && this.#pause) this.#again();
  }

  /** All that is kept, as a file. @returns {Promise<boolean>} whether all of it came */
  async export() {
    const parts = [];
    for (let before = null; ;) {
      const part = await this.call("activity_csv", before === null ? {} : { before });
      if (typeof part?.text !== "string") return false;
      parts.push(part.text);
      before = part.before;
      if (before === null) break;
    }
    // Spreadsheets take a file without this mark for one of the machine's own alphabet.
    const url = URL.createObjectURL(new Blob(["\ufeff", ...parts], { type: "text/csv" }));
    const day = new Date().toISOString().slice(0, 10);
    make("a", { attrs: { href: url, download: `metascalp-activity-${day}.csv` } }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return true;
  }
}

/** @returns {import("./lines.js").Column[]} */
const columns = () => [
  { id: "time", label: say("column_time"), text: (row) => clock(row.at), raw: (row) => row.time },
  { id: "ticker", label: say("column_ticker"),
    fill: (cell) => cell.append(make("bdi", { data: { slot: "" } })),
    text: (row) => (row.ticker ?? "—").replace(/^[A-Z0-9]+:/, ""), raw: (row) => [row.ticker, row.connection].filter(Boolean)
      .join(" · ") },
  { id: "what", label: say("column_what"), text: whatOf, raw: whatOf,
    update: (cell, row) => {
      setData(cell, "state", row.state ?? "");
      setData(cell, "mark", /** @type {Record<string, string>} */ (MARKS)[row.state] ?? "");
    } },
  { id: "ms", label: say("column_ms"), number: true,
    text: (row) => (row.ms === undefined ? "" : String(Math.round(row.ms))) },
];

/** The ticker stands beside it. @param {any} row */
function whatOf(row) {
  if (row.kind === "closed") {
    const told = [say(`side_${row.side}`), ...[row.filled, row.size, row.price].map(
      (number) => grouped(number))];
    return say(`closed_${row.state.replaceAll("-", "_")}`, told);
  }
  const does = row.kind === "open" ? "" : say(`activity_${row.kind}`);
  const good = row.state === "done" || row.state === "dispatched";
  if (good) return row.connection ? `${does} → ${row.connection}`.trim() : say(`activity_${row.kind}`);
  const said = fullSentence({ ...row, params: {}, connection: null, symbol: row.ticker });
  return `${does && `${does}: `}${said}`;
}

/** Today as a time, before that as a day and a time. @param {number} at */
function clock(at) {
  const when = new Date(at);
  const pad = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const time = [when.getHours(), when.getMinutes(), when.getSeconds()].map(pad).join(":");
  const today = new Date().toDateString() === when.toDateString();
  return today ? time : `${pad(when.getDate())}.${pad(when.getMonth() + 1)} ${time.slice(0, 5)}`;
}
