/**
 * This file knows the page in front of the panel as the panel shows it: its ticker with what says
 * so, every ticker found on it, where the terminal has each, and what may be done with them.
 */

import { say } from "../browser.js";
import { badges, make, setData, setText, settle } from "./dom.js";
import { isOpen } from "./sections.js";

/** A page is looked at again this long after it has settled. */
const SETTLE_MS = 400;
const MAX_COMBO = 20;

/** @typedef {{find: any, code: string, candidates: any[]}} Place */

export class Here {
  /** @type {any} */
  page = null;
  /** Tickers found on the page, with their places once they are known. @type {Place[]} */
  found = [];
  /** The page's own ticker and its places. @type {Place | null} */
  own = null;
  /** Patterns chosen by the user. @type {Set<string>} */
  chosen = new Set();
  /** Where the keyboard is. */
  active = 0;
  #timer = /** @type {any} */ (0);
  #asked = 0;
  #sign = "";
  #looked = false;
  #stale = true;

  /**
   * @param {import("./sections.js").Section} section
   * @param {{ask: (what: string) => Promise<any>,
   *   call: (method: string, params: object) => Promise<any>, painted: () => void}} parts
   */
  constructor(section, { ask, call, painted }) {
    this.section = section;
    this.ask = ask;
    this.call = call;
    this.painted = painted;
    this.card = make("div", { class: "card" });
    this.list = make("ul", { class: "found", attrs: { role: "listbox", "aria-label":
      say("section_here"), "aria-multiselectable": "true" } });
    this.acts = make("div", { class: "acts" });
    section.body.prepend(this.card, this.acts, this.list);
    const button = (/** @type {string} */ action, /** @type {string} */ text,
      /** @type {string} */ name) => make("button", { text, data: { action },
      attrs: { type: "button", title: name, "aria-label": name } });
    section.extra.append(button("look", "↻", say("look_again")),
      button("report", say("report_short"), say("copy_report")));
    section.empty.hidden = true;
  }

  /** The page has changed, or may have. @param {boolean} fresh another page */
  changed(fresh) {
    this.#stale ||= fresh;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), SETTLE_MS);
  }

  /** Looks at the page anew. */
  look() {
    this.#stale = true;
    return this.#read();
  }

  /** @param {any} context */
  paint({ model }) {
    if (!isOpen(this.section)) return;
    if (!this.#looked) this.look();
    const sign = JSON.stringify([this.page, this.own, this.found, [...this.chosen], model.version,
      model.members, this.active]);
    if (sign === this.#sign) return;
    this.#sign = sign;
    this.#paintCard(model);
    this.#paintActs(model);
    this.#paintList(model);
    setText(this.section.count, this.found.length ? String(this.found.length) : "");
  }

  /** The finds that the user has chosen. */
  get picked() {
    return this.found.filter(({ find }) => this.chosen.has(keyOf(find))).map(({ find }) => find);
  }

  /** @param {string} key */
  choose(key) {
    if (this.chosen.has(key)) this.chosen.delete(key);
    else if (this.chosen.size < MAX_COMBO) this.chosen.add(key);
    this.painted();
  }

  /** The find of a row, or the page's own. @param {string} key */
  findOf(key) {
    if (key === "") return this.own?.find ?? null;
    return this.found.find(({ find }) => keyOf(find) === key)?.find ?? null;
  }

  /** Takes the keyboard to another row. @param {number} steps */
  step(steps) {
    this.active = Math.min(this.found.length - 1, Math.max(0, this.active + steps));
    this.painted();
    requestAnimationFrame(() => {
      /** @type {HTMLElement | undefined} */ (this.list.children[this.active])?.focus();
    });
  }

  async #read() {
    this.#looked = true;
    this.#asked += 1;
    const mine = this.#asked;
    const page = await this.ask("page");
    if (mine !== this.#asked || !page) return;
    const moved = page.find?.pattern !== this.page?.find?.pattern;
    this.page = page;
    if (moved || !page.find) this.own = page.find ? { find: page.find, code: "", candidates: [] }
      : null;
    this.painted();
    const all = this.#stale;
    if (all) this.#stale = false;
    const found = all ? await this.ask("found") ?? [] : this.found.map(({ find }) => find);
    if (mine !== this.#asked) return void (this.#stale ||= all);
    const at = this.found[this.active]?.find;
    if (all) this.found = found.map((/** @type {any} */ find) => ({ find, code: "",
      candidates: [] }));
    const there = this.found.findIndex(({ find }) => at && keyOf(find) === keyOf(at));
    if (there >= 0) this.active = there;
    const keys = new Set(this.found.map(({ find }) => keyOf(find)));
    for (const key of this.chosen) if (!keys.has(key)) this.chosen.delete(key);
    this.active = Math.min(this.active, Math.max(0, this.found.length - 1));
    this.painted();
    if (moved || all) await this.#locate(mine);
  }

  /** Asks where the terminal has them. @param {number} mine */
  async #locate(mine) {
    const listed = [...(this.own ? [this.own] : []), ...this.found].slice(0, 100);
    if (!listed.length) return;
    const answer = await this.call("locate", { finds: listed.map(({ find }) => bare(find)) });
    if (mine !== this.#asked || !Array.isArray(answer?.places)) return;
    listed.forEach((one, index) => Object.assign(one, answer.places[index]));
    this.painted();
  }

  /** Connections have come or gone: the places may be others now. */
  relocate() {
    if (this.#looked) this.#locate(this.#asked);
  }

  /** @param {any} model */
  #paintCard(model) {
    const { page, own } = this;
    if (!page) return settle(this.card, []);
    if (!own) {
      const why = page.state === "read" ? "here_no_ticker" : `here_${page.state}`;
      return settle(this.card, [make("p", { class: "quiet", text: say(why) }), ...sources(page)]);
    }
    const best = openable(own);
    // Of another ticker it is another card: a press that began on one must not open the other.
    return settle(this.card, [
      make("div", { class: "own", data: { of: keyOf(own.find) } }, [
        make("bdi", { class: "symbol", text: nameOf(own.find) }),
        ...held(own, model),
        make("button", { class: "strong", text: say("open_here"), data: { action: "open-find", key: "" },
          attrs: { type: "button" } }),
        make("button", { class: "plain", text: say("combo_here"), data: { action: "combo-find", key: "" },
          attrs: { type: "button" } }),
        pinButton(best, ""),
      ]),
      make("p", { class: "places" }, places(own, model)),
      ...sources(page),
    ]);
  }

  /** @param {any} model */
  #paintActs(model) {
    const picked = this.chosen.size;
    const opened = model.status?.opened ?? 0;
    this.acts.hidden = !picked && !opened;
    settle(this.acts, [...(picked ? [
      make("button", { class: "strong", text: say("combos_open", [String(picked)]),
        data: { action: "combos" }, attrs: { type: "button" } }),
      make("button", { class: "plain", text: say("choose_none"), data: { action: "choose-none" },
        attrs: { type: "button" } }),
    ] : []), ...(opened ? [make("button", { class: "plain", text: say("close_opened",
      [String(opened)]), data: { action: "close-opened" }, attrs: { type: "button" } })] : [])]);
  }

  /** @param {any} model */
  #paintList(model) {
    const focused = this.list.contains(document.activeElement);
    this.list.hidden = !this.found.length;
    settle(this.list, this.found.map((one, index) => this.#item(one, index, model)));
    if (!focused || this.list.contains(document.activeElement)) return;
    /** @type {HTMLElement} */ (this.list.children[this.active])?.focus();
  }

  /** @param {Place} one @param {number} index @param {any} model */
  #item(one, index, model) {
    const key = keyOf(one.find);
    const chosen = this.chosen.has(key);
    const box = make("input", { data: { action: "choose", key }, attrs: { type: "checkbox",
      tabindex: "-1", "aria-label": say("choose_ticker", [key]) } });
    /** @type {HTMLInputElement} */ (box).checked = chosen;
    const item = make("li", { data: { find: key, code: one.code }, attrs: { role: "option",
      "aria-selected": String(chosen), tabindex: index === this.active ? "0" : "-1" } }, [
      box,
      make("bdi", { class: "symbol", text: nameOf(one.find) }),
      ...held(one, model),
      make("span", { class: "places" }, places(one, model)),
      make("button", { class: "small", text: say("combo_here"), data: { action: "combo-find", key },
        attrs: { type: "button", tabindex: "-1" } }),
    ]);
    return item;
  }
}

/** What a row is known by. @param {any} find */
export const keyOf = (find) => find.pattern ?? `${find.exchange ?? ""}:${find.bare ?? find.base}`;

/** @param {any} find */
const nameOf = (find) => find.pattern ?? find.bare ?? find.base;

/** The place where it would be opened now, or null. @param {Place} one */
const openable = ({ code, candidates }) => (code === "found" ? candidates[0] : null);

/** A Find as the relay takes it. @param {any} find */
export function bare({ exchange = null, market = null, base = null, quote = null, native = null,
  expiry = null, bare: symbol = null, pattern = null, rule = null, via = null }) {
  return { exchange, market, base, quote, native, expiry, bare: symbol, pattern, rule, via };
}

/** @param {any} best @param {string} key */
function pinButton(best, key) {
  return best && make("button", { class: "plain", text: say("pin"), data: { action: "pin-find", key },
    attrs: { type: "button", title: say("pin_title") } });
}

/** Where the terminal has it: the place it opens at, then how many others. @param {Place} one
 * @param {any} model */
function places({ code, candidates }, model) {
  if (!code) return [make("span", { class: "quiet", text: "…" })];
  const [best, ...others] = candidates;
  const twins = others.filter(({ why }) => why === null);
  if (code !== "found") {
    const why = say(`place_${code.replaceAll("-", "_")}`);
    const there = candidates.map(({ connection }) => connection).join(", ");
    return [make("span", { class: "quiet", text: why, attrs: { title: there } }),
      ...(candidates.length ? [make("span", { class: "more", text: say("place_but",
        [String(candidates.length)]), attrs: { title: there } })] : [])];
  }
  const place = model.connection(String(best.connectionId));
  const state = place?.state ?? "gone";
  return [
    make("span", { class: "dot", data: { state }, attrs: { role: "img", "aria-label":
      state === "gone" ? say("connection_gone") : say(`state_${state}`) } }),
    make("bdi", { class: "name", text: best.connection, attrs: { title:
      candidates.map((one) => `${one.connection} · ${one.symbol}`).join("\n") } }),
    ...badges(place),
    ...(twins.length ? [make("span", { class: "more", text: `+${twins.length}` })] : []),
  ];
}

/** What the trader has in it, as far as it is known. @param {Place} one @param {any} model */
function held(one, model) {
  const best = openable(one);
  if (!best) return [];
  const mine = (/** @type {any} */ row) => row.ticker === best.symbol
    && String(row.connection) === String(best.connectionId);
  const position = [...model.rows.positions.values()].find(mine);
  const orders = model.ordersOf({ connection: best.connectionId, ticker: best.symbol });
  return [
    ...(position ? [make("span", { class: "side", text: say(`side_${position.side}_short`),
      data: { side: position.side }, attrs: { role: "img", "aria-label":
        say(`side_${position.side}`) } })] : []),
    ...(orders ? [make("span", { class: "orders", text: String(orders), attrs: { title:
      say("orders_here", [String(orders)]) } })] : []),
  ];
}

/** Which source said what. @param {any} page @returns {HTMLElement[]} */
function sources({ sources: said, find, agreed }) {
  if (!said.length) return [];
  const line = make("p", { class: "sources" }, [
    make("span", { class: "quiet", text: say(agreed ? "sources_agree" : "sources") }),
    ...said.map((/** @type {any} */ { source, pattern, stale }) => {
      const state = pattern === null ? "none" : pattern === find?.pattern ? "same" : "other";
      return make("span", { class: "source", text: say(`source_${source}`), data: { state },
        attrs: { title: `${say(`source_${source}`)}: ${pattern ?? "—"}${stale ? ` (${say("source_late")})` : ""}` } });
    }),
  ]);
  setData(line, "agreed", String(agreed));
  return [line];
}
