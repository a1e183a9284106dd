/** This file knows the open pages of ours: what they hear, and the few things they may ask for. */

import { api } from "../browser.js";
import { hasOpened } from "./clicks.js";
import { outcomeOf } from "../sentences.js";
import { givenAt } from "./when.js";

/**
 * Our own pages, by the name of their port: the folder they lie in, what they hear, and exactly what
 * they may ask for. A cancel comes from a panel only, preferences from the options only.
 * @type {Record<string, {folder: string, topics: string[], methods: string[]}>}
 */
export const PAGES = {
  panel: { folder: "panel/", topics: ["status", "account", "scan", "activity"],
    methods: ["open", "combo", "combos", "close_opened", "chart", "cancel", "cancel_all", "resolve",
      "locate", "lock", "known", "pin", "scan", "scan_stop", "activity", "activity_csv"] },
  options: { folder: "options/", topics: ["status"],
    methods: ["open", "resolve", "status", "config_get", "config_set"] },
  first: { folder: "first/", topics: ["status"], methods: ["open"] },
};

/** What makes a new window or tab each time: a double press is meant once, as on a page. */
const COMBOS = new Set(["combo", "combos", "chart"]);
const SAME_MS = 300;

/** @typedef {{page: string, windowId: number | null}} Shown windowId: null until it said so */

export class Panels {
  /** @type {Map<chrome.runtime.Port, Shown>} */
  #ports = new Map();
  /** @type {import("./ownsites.js").Files | null} */
  #own = null;
  /** What each page asked to open last, and when.
   * @type {WeakMap<chrome.runtime.Port, {at: number, what: string, result: Promise<any>}>} */
  #pressed = new WeakMap();

  /**
   * @param {import("../relay.js").Relay} relay
   * @param {(windowId: number | null) => Promise<string>} targetIn where a click opens in a window:
   *   the binding that the tab in front is linked to, or the one of the settings; "" for the active
   *   window
   * @param {(target: string, pattern: string) => Promise<void>} shown is told what such a place
   *   shows now
   * @param {Record<string, (windowId: number) => Promise<any>>} [answers] what a panel may ask of
   *   the background itself, about the window it shows in
   */
  constructor(relay, targetIn, shown, answers = {}) {
    this.relay = relay;
    this.targetIn = targetIn;
    this.shown = shown;
    this.answers = answers;
  }

  /** Takes a port if it is a page of ours. @param {chrome.runtime.Port} port */
  take(port) {
    if (!isOurs(port)) return port.disconnect();
    this.#ports.set(port, { page: port.name, windowId: null });
    port.onMessage.addListener((message) => this.#heard(port, message));
    port.onDisconnect.addListener(() => this.#left(port));
    port.postMessage({ type: "link", link: this.relay.state });
    if (this.#own) port.postMessage({ type: "own", own: this.#own });
    // Every page starts with a full state, so all of them get one again.
    this.relay.subscribe(PAGES[port.name].topics);
  }

  /** What is wrong with the user's own sites. @param {import("./ownsites.js").Files} own */
  own(own) {
    this.#own = own;
    this.#tell({ type: "own", own });
  }

  /** @param {import("../relay.js").LinkState} link */
  link(link) {
    this.#tell({ type: "link", link });
  }

  /** @param {{topic: string, data: any}} event */
  event({ topic, data }) {
    this.#tell({ type: "event", topic, data });
  }

  /** Tells the panels of a window. @param {number} windowId @param {object} message */
  tellWindow(windowId, message) {
    for (const [port, shown] of this.#ports) {
      if (shown.page === "panel" && shown.windowId === windowId) port.postMessage(message);
    }
  }

  /** Closes the panels of a window. @param {number} windowId @returns {boolean} any there? */
  close(windowId) {
    const there = [...this.#ports].filter(([, shown]) => shown.windowId === windowId);
    there.forEach(([port]) => port.postMessage({ type: "close" }));
    return there.length > 0;
  }

  /** @param {object} message */
  #tell(message) {
    for (const port of this.#ports.keys()) port.postMessage(message);
  }

  /** @param {chrome.runtime.Port} port @param {any} message */
  #heard(port, message) {
    const shown = this.#ports.get(port);
    if (message?.type === "window" && shown) shown.windowId = message.windowId;
    if (message?.type === "wake") this.relay.wake();
    if (message?.type === "call") this.#call(port, message);
    if (message?.type === "ask") this.#ask(port, message);
  }

  /** @param {chrome.runtime.Port} port @param {{id: number, what: string}} message */
  async #ask(port, { id, what }) {
    const shown = this.#ports.get(port);
    const known = shown?.page === "panel" && Object.hasOwn(this.answers, what);
    const result = known ? await this.answers[what](shown?.windowId ?? -1) : null;
    if (this.#ports.has(port)) port.postMessage({ type: "reply", id, result });
  }

  /**
   * @param {chrome.runtime.Port} port
   * @param {{id: number, method: string, params: any, at: number}} message at: of the press
   */
  async #call(port, { id, method, params, at }) {
    const allowed = PAGES[port.name].methods.includes(method);
    const result = allowed
      ? await this.#once(port, method, { ...params, at: givenAt(at) })
      : outcomeOf(new Error(`a page cannot ask for ${method}`));
    if (this.#ports.has(port)) port.postMessage({ type: "reply", id, result });
  }

  /**
   * A ticker without a place of its own opens where a click in the page beside would open it: one
   * rule for the page and for the panel, and the panel says above its rows which it is.
   * @param {chrome.runtime.Port} port @param {string} method @param {any} params
   */
  async #asked(port, method, params) {
    if (method !== "open") return this.relay.request(method, params);
    const binding = params.target ? params.target.binding
      : await this.targetIn(this.#ports.get(port)?.windowId ?? null);
    const outcome = await this.relay.request(method, { ...params,
      target: params.target ?? { binding: binding || null } });
    // One panel by its number is neither a binding nor the active window.
    const isPlace = !params.target?.panel && hasOpened(outcome);
    if (isPlace) await this.shown(binding ?? "", params.find?.pattern ?? "");
    return outcome;
  }

  /**
   * Asks the relay; of presses in quick succession all get what the first one came to.
   * @param {chrome.runtime.Port} port @param {string} method @param {any} params
   */
  #once(port, method, params) {
    const { at, ...meant } = params;
    const what = method + JSON.stringify(meant);
    const before = this.#pressed.get(port);
    if (before && before.what === what && at - before.at < SAME_MS) {
      before.at = at;
      return before.result;
    }
    const result = this.#asked(port, method, params)
      .catch((failure) => outcomeOf(failure, params.find));
    if (COMBOS.has(method)) this.#pressed.set(port, { at, what, result });
    return result;
  }

  /** @param {chrome.runtime.Port} port */
  #left(port) {
    this.#ports.delete(port);
    const wanted = [...this.#ports.values()].flatMap(({ page }) => PAGES[page].topics);
    const over = PAGES[port.name].topics.filter((topic) => !wanted.includes(topic));
    if (over.length) this.relay.unsubscribe(over);
  }
}

/** @param {chrome.runtime.Port} port */
function isOurs({ name, sender }) {
  return Object.hasOwn(PAGES, name) && sender?.id === api.runtime.id
    && (sender.url ?? "").startsWith(api.runtime.getURL(PAGES[name].folder));
}
