/** This file knows what every button, click and key of the panel does. */

import { api, browserName, say } from "../browser.js";
import { findOf } from "../find.js";
import { PENDING, fullSentence, strayed } from "../sentences.js";
import { writeSettings } from "../settings.js";
import { TABLES } from "./account.js";
import { byId } from "./dom.js";
import { bare, keyOf } from "./places.js";
import { reportOf } from "./report.js";

const PENDING_MS = 400;

export class Deeds {
  grouped = true;
  /** @type {string[]} */
  folded = [];

  /**
   * @param {{model: any, account: import("./account.js").Account,
   *   here: import("./here.js").Here, tools: import("./ordertools.js").OrderTools,
   *   activity: import("./activity.js").Activity, cancels: import("./cancel.js").Cancels,
   *   door: import("./door.js").Door, note: (text: string, state?: string) => void,
   *   help: HTMLDialogElement}} parts
   */
  constructor(parts) {
    this.parts = parts;
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-action]"));
    const modified = event.altKey || event.ctrlKey || event.metaKey;
    if (button) return this.#press(button, target, modified);
    if (target.closest(".ask, tr.group, dialog") || String(getSelection()) !== "") return undefined;
    const row = this.#rowOf(target);
    if (row && this.parts.cancels.hasJustEnded) return undefined;
    if (row?.ticker) return modified ? this.#chart(row) : this.#open(row);
    const item = /** @type {HTMLElement | null} */ (target.closest("[data-find]"));
    return item ? this.#openFind(item.dataset.find ?? "", modified) : undefined;
  }

  /** The row that has the focus is the one that keys mean. @param {FocusEvent} event */
  focused(event) {
    const target = /** @type {Element} */ (event.target);
    const { here } = this.parts;
    const item = target.closest("li[data-find]");
    if (item) here.active = [...here.list.children].indexOf(item);
    const key = /** @type {HTMLElement | null} */ (target.closest("tr[data-key]"))?.dataset.key;
    const table = this.#tableOf(target);
    if (table && key !== undefined) table.active = key;
  }

  /** @param {number} steps @param {Element} target @returns {boolean} */
  step(steps, target) {
    const { here } = this.parts;
    if (target.closest("[data-section=here]")) {
      if (here.found.length) here.step(target.matches("li[data-find]") ? steps : 0);
      return here.found.length > 0;
    }
    const table = this.#tableOf(target) ?? this.#firstTable();
    const inside = table?.element.contains(target);
    const key = table && (inside ? table.beside(steps) : table.current);
    if (!table || key === null || key === undefined) return false;
    table.focus(key);
    return true;
  }

  /** @param {string} what @param {Element} target @returns {boolean} whether it meant anything */
  act(what, target) {
    const row = this.#rowOf(target);
    const find = /** @type {HTMLElement | null} */ (target.closest("[data-find]"))?.dataset.find;
    const { cancels, here } = this.parts;
    const opens = ["open", "chart", "combo"].includes(what);
    if (row && opens && cancels.hasJustEnded) return true;
    const order = row && row.status !== undefined ? row : null;
    const acts = /** @type {Record<string, () => unknown>} */ ({
      help: () => this.parts.help.showModal(),
      group: () => writeSettings({ grouped: !this.grouped }),
      open: () => (find !== undefined ? this.#openFind(find) : row?.ticker && this.#open(row)),
      chart: () => (find !== undefined ? this.#openFind(find, true)
        : row?.ticker && this.#chart(row)),
      combo: () => (find !== undefined ? this.#comboFind(find) : row?.ticker && this.#combo(row)),
      choose: () => find !== undefined && here.choose(find),
      pin: () => (find !== undefined ? this.#pinFind(find) : row?.ticker && this.#pin(row)),
      cancel: () => order && cancels.ask(order),
      "cancel-all": () => order && cancels.ask(order, true),
    });
    if (!Object.hasOwn(acts, what)) return false;
    acts[what]();
    return true;
  }

  /**
   * Every button, by its data-action.
   * @param {HTMLElement} button @param {Element} target @param {boolean} modified
   */
  #press(button, target, modified) {
    const { action, kind = "", key = "", connection = "", ticker = "" } = button.dataset;
    const { cancels, here, tools, activity, door } = this.parts;
    const row = this.#rowOf(target);
    const deeds = /** @type {Record<string, () => unknown>} */ ({
      open: () => row && (modified ? this.#chart(row) : this.#open(row)),
      cancel: () => row && cancels.ask(row),
      fold: () => this.#turn(kind),
      retry: () => door.wake(),
      "copy-command": () => this.#copy(byId("help-command").querySelector("code").textContent),
      group: () => writeSettings({ grouped: !this.grouped }),
      coverage: () => tools.turn() && this.#readPins(),
      scan: () => door.call("scan", this.#scope()),
      "scan-stop": () => door.call("scan_stop", {}),
      unpin: () => this.#setPin(Number(connection), ticker, false),
      export: () => this.#export(activity),
      look: () => here.look(),
      report: () => this.#report(),
      choose: () => here.choose(key),
      "choose-none": () => this.#chooseNone(),
      "open-find": () => this.#openFind(key, modified),
      "combo-find": () => this.#comboFind(key),
      "pin-find": () => this.#pinFind(key),
      combos: () => this.#combos(),
      "close-opened": () => this.#do("close_opened", {}),
      keys: () => this.parts.help.showModal(),
      options: () => api.runtime.openOptionsPage(),
    });
    if (Object.hasOwn(deeds, action ?? "")) deeds[action ?? ""]();
  }

  /** Asks for a command and says what came of it. @param {string} method @param {any} params
   * @param {any} [find] @param {any} [wanted] the connection of the row that is meant */
  async #do(method, params, find = null, wanted = null) {
    const { door, note } = this.parts;
    const slow = setTimeout(() => note(PENDING.title), PENDING_MS);
    const outcome = await door.call(method, params);
    clearTimeout(slow);
    const took = outcome.state === "done" ? ` · ${Math.round(outcome.ms)} ms` : "";
    const other = strayed(outcome, wanted);
    note(`${other ?? fullSentence(outcome, find)}${took}`, other ? "unknown" : outcome.state);
    return outcome;
  }

  /** Takes the terminal to the ticker of a row. @param {any} row */
  #open(row) {
    const find = this.#find(row);
    return find && this.#do("open", { find }, find, this.#placeOf(row));
  }

  /** @param {any} row */
  #combo(row) {
    const find = this.#find(row);
    return find && this.#do("combo", { find }, find, this.#placeOf(row));
  }

  /** @param {any} row */
  #chart({ connection, ticker }) {
    return this.#do("chart", { connection: Number(connection), ticker }, { bare: ticker });
  }

  /** @param {any} row */
  #placeOf(row) {
    return this.parts.model.connection(String(row.connection));
  }

  /** @param {any} row */
  #find(row) {
    const place = this.#placeOf(row);
    if (!place) this.parts.note(say("connection_gone"), "refused");
    return place && findOf(place.exchange, place.kind, row.ticker);
  }

  /** @param {string} key of a find; "" is the page's own @param {boolean} [chart] */
  #openFind(key, chart = false) {
    const find = this.parts.here.findOf(key);
    const best = this.#bestOf(key);
    if (chart && best) return this.#chart({ connection: best.connectionId, ticker: best.symbol });
    return find && this.#do("open", { find: bare(find) }, find);
  }

  /** @param {string} key */
  #comboFind(key) {
    const find = this.parts.here.findOf(key);
    return find && this.#do("combo", { find: bare(find) }, find);
  }

  /** Where a find would be opened. @param {string} key */
  #bestOf(key) {
    const { here } = this.parts;
    const one = key === "" ? here.own : here.found.find(({ find }) => keyOf(find) === key);
    return one?.code === "found" ? one.candidates[0] : null;
  }

  async #combos() {
    const { door, here, note } = this.parts;
    note(PENDING.title);
    const answer = await door.call("combos", { finds: here.picked.map(bare) });
    if (!Array.isArray(answer.outcomes)) return note(fullSentence(answer), answer.state);
    const bad = answer.outcomes.find((/** @type {any} */ one) => one.state !== "done");
    const good = answer.outcomes.filter((/** @type {any} */ one) => one.state === "done");
    const count = good.reduce((/** @type {number} */ sum, /** @type {any} */ one) =>
      sum + (one.count ?? 1), 0);
    const told = count ? [say("combos_opened", [String(count)])] : [];
    note([...told, ...(bad ? [fullSentence(bad)] : [])].join(" · "), bad ? bad.state : "done");
    if (!bad) this.#chooseNone();
    return undefined;
  }

  #chooseNone() {
    const { here } = this.parts;
    here.chosen.clear();
    here.painted();
  }

  /** @param {string} key */
  #pinFind(key) {
    const best = this.#bestOf(key);
    return best && this.#setPin(best.connectionId, best.symbol, true);
  }

  /** @param {any} row */
  #pin({ connection, ticker }) {
    return this.#setPin(Number(connection), ticker, true);
  }

  /** @param {number} connection @param {string} ticker @param {boolean} on */
  async #setPin(connection, ticker, on) {
    const { door, note } = this.parts;
    const answer = await door.call("pin", { connection, ticker, on });
    if (answer.state) return note(fullSentence(answer), answer.state);
    note(say(on ? "pinned_now" : "unpinned_now", [ticker]), "done");
    return this.#readPins();
  }

  async #readPins() {
    const { door, tools, model } = this.parts;
    const answer = await door.call("known", {});
    if (Array.isArray(answer.connections)) tools.paintPins(answer.connections, model);
    tools.paint(model, this.grouped);
  }

  /** What the scan looks at: the connection that is filtered for, or all. */
  #scope() {
    const { connection } = this.parts.tools.chosen;
    return connection ? { connections: [Number(connection)] } : {};
  }

  /** @param {string} kind */
  #turn(kind) {
    const folded = this.folded.includes(kind) ? this.folded.filter((one) => one !== kind)
      : [...this.folded, kind];
    writeSettings({ folded });
  }

  /** @param {import("./activity.js").Activity} activity */
  async #export(activity) {
    if (!await activity.export()) this.parts.note(say("export_failed"), "refused");
  }

  async #report() {
    const { model, here } = this.parts;
    const versions = { extension: api.runtime.getManifest().version,
      relay: model.link.version ?? "none", browser: `${browserName()} ${navigator.userAgent}` };
    await this.#copy(reportOf({ page: here.page, own: here.own, found: here.found, model, versions }));
  }

  /** @param {string} text */
  async #copy(text) {
    const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
    this.parts.note(say(done ? "toast_copied" : "toast_not_copied"), done ? "done" : "refused");
  }

  /** @param {Element} target */
  #tableOf(target) {
    const section = /** @type {HTMLElement | null} */ (target.closest("section"));
    const kind = section?.dataset.section ?? "";
    return kind === "activity" ? this.parts.activity.table : this.parts.account.tables[kind];
  }

  /** @param {Element} target */
  #rowOf(target) {
    const key = /** @type {HTMLElement | null} */ (target.closest("tr"))?.dataset.key ?? "";
    const table = this.#tableOf(target);
    return table === this.parts.activity.table ? null : table?.lines.get(key)?.row ?? null;
  }

  #firstTable() {
    const { account, activity } = this.parts;
    const all = [...TABLES.map((kind) => account.tables[kind]), activity.table];
    return all.find(({ element, keys }) => keys.length && element.checkVisibility());
  }
}
