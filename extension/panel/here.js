/**
 * This file knows the page in front of the panel as the panel shows it: its ticker with what says
 * so, every ticker found on it, where the terminal has each, and what may be done with them.
 */

import { say } from "../browser.js";
import { make, setText, settle } from "./dom.js";
import { PageList } from "./pagelist.js";
import { bare, held, keyOf, nameOf, openable, pinButton, places, sources } from "./places.js";
import { isOpen } from "./sections.js";

/** A page is looked at again this long after it has settled. */
const SETTLE_MS = 400;
const MAX_COMBO = 20;

/** @typedef {import("./places.js").Place} Place */

export class Here {
  /** @type {any} */
  page = null;
  /** The page's own ticker and its places. @type {Place | null} */
  own = null;
  /** Patterns chosen by the user. @type {Set<string>} */
  chosen = new Set();
  /** Where the keyboard is. */
  active = 0;
  #timer = /** @type {any} */ (0);
  #asked = 0;
  #located = 0;
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
    this.tickers = new PageList({ ask, again: () => this.#anew() });
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
    setText(section.empty, say("here_late"));
    section.empty.hidden = true;
  }

  /** The tickers found on the page. */
  get found() {
    return this.tickers.rows;
  }

  /** The page has changed, or may have. @param {boolean} fresh another page
   * @param {string} at where it is: rows of another one are gone at once */
  changed(fresh, at) {
    if (fresh) this.#freshen();
    this.#turnTo(at);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), SETTLE_MS);
  }

  /** Looks at the page anew. */
  look() {
    this.#freshen();
    return this.#read();
  }

  /** @param {any} context */
  paint({ model }) {
    if (!isOpen(this.section)) return;
    if (!this.#looked) this.look();
    const sign = JSON.stringify([this.page, this.own, this.found, this.tickers.late,
      [...this.chosen], model.version, model.members, this.active]);
    if (sign === this.#sign) return;
    this.#sign = sign;
    this.#paintCard(model);
    this.#paintActs(model);
    this.#paintList(model);
    this.section.empty.hidden = !this.tickers.late;
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

  /** @param {string} at where the page in front is */
  #turnTo(at) {
    if (!this.tickers.of(at)) return;
    this.#stale = true;
    this.painted();
  }

  /** What was asked before is asked of another page, or of an older one. */
  #freshen() {
    this.#stale = true;
    this.#asked += 1;
    this.tickers.patient();
  }

  /** A page that was slow to name its own ticker may have told its list: that is not read again. */
  #anew() {
    this.#stale ||= this.tickers.late;
    this.#read();
  }

  async #read() {
    this.#looked = true;
    this.#asked += 1;
    const mine = this.#asked;
    const page = await this.ask("page");
    if (mine !== this.#asked) return;
    if (!page) return void this.tickers.later();
    this.#turnTo(page.at);
    const moved = page.find?.pattern !== this.page?.find?.pattern;
    this.page = page;
    if (moved || !page.find) this.own = page.find ? { find: page.find, code: "", candidates: [] }
      : null;
    this.painted();
    const read = this.#stale && await this.#readList();
    if (page.late) this.tickers.later();
    if (moved || read) await this.#locate();
  }

  /** @returns {Promise<boolean>} whether there are new rows */
  async #readList() {
    this.#stale = false;
    const at = this.found[this.active]?.find;
    const read = await this.tickers.read();
    if (read) this.#keepPlace(at);
    this.painted();
    return read;
  }

  /** Of what the trader has chosen, and where the keyboard is, all that is still there is kept.
   * @param {any} at the find of the row where it is */
  #keepPlace(at) {
    const keys = this.found.map(({ find }) => keyOf(find));
    const there = at ? keys.indexOf(keyOf(at)) : -1;
    if (there >= 0) this.active = there;
    for (const key of this.chosen) if (!keys.includes(key)) this.chosen.delete(key);
    this.active = Math.min(this.active, Math.max(0, keys.length - 1));
  }

  /** Asks where the terminal has them. */
  async #locate() {
    this.#located += 1;
    const mine = this.#located;
    const listed = [...(this.own ? [this.own] : []), ...this.found].slice(0, 100);
    if (!listed.length) return;
    const answer = await this.call("locate", { finds: listed.map(({ find }) => bare(find)) });
    if (mine !== this.#located || !Array.isArray(answer?.places)) return;
    listed.forEach((one, index) => Object.assign(one, answer.places[index]));
    this.painted();
  }

  /** Connections have come or gone: the places may be others now. */
  relocate() {
    if (this.#looked) this.#locate();
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
    const picked = this.picked.length;
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
