/** This file knows the open panels: what they hear, and the few things they may ask for. */

import { api } from "./browser.js";
import { outcomeOf } from "./sentences.js";

/** Exactly these; a cancel comes from a panel only. */
export const PANEL_METHODS = ["open", "combo", "cancel", "resolve"];
export const TOPICS = ["status", "account"];

export class Panels {
  /** Port -> the window it shows in, or null until it said so.
   * @type {Map<chrome.runtime.Port, number | null>} */
  #ports = new Map();

  /** @param {import("./relay.js").Relay} relay */
  constructor(relay) {
    this.relay = relay;
  }

  /** Takes a port if it is a panel of ours. @param {chrome.runtime.Port} port */
  take(port) {
    if (!isPanel(port)) return port.disconnect();
    this.#ports.set(port, null);
    port.onMessage.addListener((message) => this.#heard(port, message));
    port.onDisconnect.addListener(() => this.#left(port));
    port.postMessage({ type: "link", link: this.relay.state });
    // Every panel starts with a full state, so all of them get one again.
    this.relay.subscribe(TOPICS);
  }

  /** @param {import("./relay.js").LinkState} link */
  link(link) {
    this.#tell({ type: "link", link });
  }

  /** @param {{topic: string, data: any}} event */
  event({ topic, data }) {
    this.#tell({ type: "event", topic, data });
  }

  /** Closes the panels of a window. @param {number} windowId @returns {boolean} any there? */
  close(windowId) {
    const there = [...this.#ports].filter(([, shown]) => shown === windowId);
    there.forEach(([port]) => port.postMessage({ type: "close" }));
    return there.length > 0;
  }

  /** @param {object} message */
  #tell(message) {
    for (const port of this.#ports.keys()) port.postMessage(message);
  }

  /** @param {chrome.runtime.Port} port @param {any} message */
  #heard(port, message) {
    if (message?.type === "window") this.#ports.set(port, message.windowId);
    if (message?.type === "wake") this.relay.wake();
    if (message?.type === "call") this.#call(port, message);
  }

  /**
   * @param {chrome.runtime.Port} port
   * @param {{id: number, method: string, params: any}} message
   */
  async #call(port, { id, method, params }) {
    const allowed = PANEL_METHODS.includes(method);
    const asked = { ...params, at: Date.now() };
    const result = allowed
      ? await this.relay.request(method, asked).catch((failure) => outcomeOf(failure, params?.find))
      : outcomeOf(new Error(`a panel cannot ask for ${method}`));
    if (this.#ports.has(port)) port.postMessage({ type: "reply", id, result });
  }

  /** @param {chrome.runtime.Port} port */
  #left(port) {
    this.#ports.delete(port);
    if (this.#ports.size === 0) this.relay.unsubscribe(TOPICS);
  }
}

/** @param {chrome.runtime.Port} port */
function isPanel({ name, sender }) {
  return name === "panel" && sender?.id === api.runtime.id
    && (sender.url ?? "").startsWith(api.runtime.getURL("panel/"));
}
