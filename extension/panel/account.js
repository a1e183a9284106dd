/** This file knows the three tables of the account: which rows, painted when they can be seen. */

import { say } from "../browser.js";
import { balanceColumns, decimals, isOld, orderColumns, positionColumns, signed }
  from "./columns.js";
import { make, setText } from "./dom.js";
import { Listing } from "./listing.js";
import { isOpen, paintCount } from "./sections.js";
import { sum } from "./sum.js";
import { Table } from "./table.js";

const COLUMNS = { orders: orderColumns, positions: positionColumns, balances: balanceColumns };
/** What gives way to long numbers: a price is read first, then a result, then a size. The first
 * column keeps a side and a name of seven letters, or the name of a coin. */
const ROOM = {
  orders: { first: 76, gives: ["type", "trigger", "age", "filled", "place", "size"] },
  positions: { first: 76, gives: ["margin", "entry", "place", "mark", "size"] },
  balances: { first: 48, gives: ["place", "locked", "free"] },
};
/** What a mark of an account takes beside a name, in px. */
const BADGE = 20;
export const TABLES = /** @type {("orders" | "positions" | "balances")[]} */ (Object.keys(COLUMNS));

export class Account {
  /** @type {Record<string, Table>} */
  tables = {};
  /** @type {Record<string, Listing>} */
  #listings = {};
  #sum = make("span");
  /** Of which accounts the sum is, where that is not all of them. */
  #which = make("span", { class: "which" });

  /**
   * @param {Record<string, import("./sections.js").Section>} sections
   * @param {{scroller: HTMLElement, keep: (key: string) => boolean}} parts
   */
  constructor(sections, { scroller, keep }) {
    this.sections = sections;
    for (const kind of TABLES) {
      const label = say(`section_${kind}`);
      this.tables[kind] = new Table({ label, columns: COLUMNS[kind](), scroller, keep,
        room: ROOM[kind],
        isStale: ({ connection }, { model }) => model.isStale(String(connection)) });
      this.#listings[kind] = new Listing();
      sections[kind].body.prepend(this.tables[kind].element);
    }
    sections.positions.extra.append(this.#sum, this.#which);
    sections.balances.extra.append(make("label", {}, [
      make("input", { attrs: { type: "checkbox", id: "hide-zero" } }),
      make("span", { text: say("hide_zero") }),
    ]));
  }

  /** @param {any} context {model, now, loaded, filter, isOut} */
  paint(context) {
    const { model, filter } = context;
    const marked = !filter.grouped && model.places.some((/** @type {any} */ one) =>
      one.demoMode || one.viewMode);
    for (const kind of TABLES) {
      const [section, listing] = [this.sections[kind], this.#listings[kind]];
      const rows = model.rows[kind];
      listing.refresh(kind, rows, model.members[kind], filter);
      paintCount(section, listing, context);
      const table = this.tables[kind];
      if (table.element.hidden !== (listing.shown === 0)) table.element.hidden = !listing.shown;
      if (!isOpen(section)) continue;
      table.fit.first = ROOM[kind].first + (marked ? BADGE : 0);
      const version = () => `${model.version} ${decimals.version} ${filter.grouped}`;
      table.paint(listing.groups, rows, context, version);
    }
    this.#sums(context);
  }

  /** What is in sight now. */
  scrolled() {
    for (const kind of TABLES) if (isOpen(this.sections[kind])) this.tables[kind].scrolled();
  }

  /** How many rows of a kind are listed, and of how many where a filter hides some; empty when there
   * are none. @param {string} kind @returns {string} */
  count(kind) {
    const { shown, all } = this.#listings[kind];
    if (shown === all) return all ? String(all) : "";
    return `${shown}/${all}`;
  }

  /** The listed rows of a kind. @param {string} kind @param {any} model @returns {any[]} */
  rows(kind, model) {
    const keys = this.#listings[kind].groups.flatMap((group) => group.keys);
    return keys.map((key) => model.rows[kind].get(key)).filter(Boolean);
  }

  /** The results of the listed positions, one sum for each coin. What is won on a demo account is
   * counted only where nothing else is. @param {any} context */
  #sums({ model, now }) {
    const { extra } = this.sections.positions;
    const listed = this.rows("positions", model);
    const isDemo = (/** @type {any} */ { connection }) =>
      model.connection(String(connection))?.demoMode === true;
    const real = listed.filter((row) => !isDemo(row));
    const rows = real.length ? real : listed;
    /** @type {Map<string, any[]>} */
    const coins = new Map();
    let [priced, old] = [0, false];
    for (const row of rows) {
      if (!row.result) continue;
      priced += 1;
      old ||= isOld(row, now) || model.isStale(String(row.connection));
      coins.set(row.quote, [...coins.get(row.quote) ?? [], row]);
    }
    const parts = [...coins].sort(([one], [other]) => (one < other ? -1 : 1)).map(([coin, held]) =>
      `${signed(sum(held.map(({ result }) => result)))}\u00a0${coin}`);
    const some = priced && priced < rows.length ? say("sum_of", [`${priced}`, `${rows.length}`]) : "";
    const which = rows.length < listed.length ? say("sum_no_demo") : real.length ? "" : "DEMO";
    const told = parts.length ? [`≈ ${parts.join(" · ")}`, some] : [];
    setText(this.#sum, told.filter(Boolean).join(" "));
    setText(this.#which, parts.length ? which : "");
    extra.title = parts.length ? [say("result_ours"), which].filter(Boolean).join(" · ") : "";
    extra.dataset.old = String(old);
  }
}
