/** This file knows a page's port to the background: it stays open and wakes a lost worker. */

import { api } from "../browser.js";

const PING_MS = 20_000;
const AGAIN_MS = 250;
/** Longer than the background waits for the relay. */
const CALL_MS = 12_500;
const MAX_CALLS = 64;

export class Door {
  /** @type {chrome.runtime.Port | null} */
  #port = null;
  /** @type {Map<number, (result: any) => void>} */
  #calls = new Map();
  #nextId = 1;
  /** @type {number | null} */
  #windowId = null;

  /**
   * @param {(message: any) => void} heard
   * @param {{signal: AbortSignal, name?: string}} life name: of the page, as panels.js knows it
   */
  constructor(heard, { signal, name = "panel" }) {
    this.heard = heard;
    this.name = name;
    this.signal = signal;
    this.#open();
    const timer = setInterval(() => this.#post({ type: "ping" }), PING_MS);
    signal.addEventListener("abort", () => this.#end(timer));
  }

  /** Tries the relay again at once. */
  wake() {
    this.#post({ type: "wake" });
  }

  /** @param {number} windowId */
  shownIn(windowId) {
    this.#windowId = windowId;
    this.#post({ type: "window", windowId });
  }

  /**
   * Asks for something to be done, once, and says since when. Always settles, with an outcome.
   * @param {string} method @param {object} params @returns {Promise<any>}
   */
  call(method, params) {
    return this.#say({ type: "call", method, params, at: pressedAt() });
  }

  /**
   * Asks the background about the page in front of this window; null when it cannot say.
   * @param {string} what @returns {Promise<any>}
   */
  async ask(what) {
    const answer = await this.#say({ type: "ask", what });
    return answer === NO_ANSWER || answer === BUSY ? null : answer;
  }

  /** @param {object} message @returns {Promise<any>} */
  #say(message) {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const settle = (/** @type {any} */ result) => {
        clearTimeout(timer);
        this.#calls.delete(id);
        resolve(result);
      };
      const timer = setTimeout(() => settle(NO_ANSWER), CALL_MS);
      if (this.#calls.size >= MAX_CALLS) return settle(BUSY);
      this.#calls.set(id, settle);
      this.#post({ ...message, id });
    });
  }

  #open() {
    const port = api.runtime.connect({ name: this.name });
    this.#port = port;
    port.onMessage.addListener((message) => {
      if (message.type === "reply") this.#calls.get(message.id)?.(message.result);
      else this.heard(message);
    });
    port.onDisconnect.addListener(() => this.#lost());
    if (this.#windowId !== null) this.shownIn(this.#windowId);
  }

  /** The worker ended. What was asked of it may have been done. */
  #lost() {
    this.#port = null;
    for (const settle of [...this.#calls.values()]) settle(NO_ANSWER);
    if (this.signal.aborted) return;
    setTimeout(() => this.#port ?? this.#open(), AGAIN_MS);
  }

  /** @param {object} message */
  #post(message) {
    if (!this.#port) this.#open();
    try {
      this.#port?.postMessage(message);
    } catch {
      this.#lost();
    }
  }

  /** @param {ReturnType<typeof setInterval>} timer */
  #end(timer) {
    clearInterval(timer);
    this.#port?.disconnect();
  }
}

/** When the press came that is being handled, or now: this page may have stood still since. */
function pressedAt() {
  const { event } = /** @type {{event?: Event}} */ (globalThis);
  return Date.now() - (event ? Math.max(0, performance.now() - event.timeStamp) : 0);
}

const OUTCOME = { params: {}, alternatives: [], ms: null };
const NO_ANSWER = { ...OUTCOME, state: "unknown", code: "no-answer" };
const BUSY = { ...OUTCOME, state: "refused", code: "busy" };
