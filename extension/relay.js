/**
 * This file knows the link to the native host: one port, requests that settle exactly once,
 * events, reconnection. It retries connections, never a request.
 */

import { PROTOCOL, meet } from "./versions.js";

export const HOST = "metascalp_relay";

/**
 * How long a request may wait, in ms: each a little longer than the relay itself waits for the
 * terminal, so that its own answer is the one told. A click must have one within 1.5 s.
 */
export const WAIT_MS = { hello: 5000, open: 1450, combo: 6500, cancel: 12_000, other: 12_000 };

const FIRST_DELAY_MS = 250;
const LAST_DELAY_MS = 5000;
const STEADY_MS = 5000;
const IDLE_TRIES = 3;
const MAX_PENDING = 256;

/** Browser texts to codes, measured on Chromium 156 and Firefox 153, 2026-11. */
const PORT_ERRORS = [
  [/host not found|No such native application|Invalid native messaging host/i, "host-missing"],
  [/forbidden/i, "host-forbidden"],
  [/Error when communicating|unexpected error/i, "host-broken"],
];

/** @param {string | undefined} text what the browser said when the port closed @returns {string} */
export function portCode(text) {
  return PORT_ERRORS.find(([shape]) => /** @type {RegExp} */ (shape).test(text ?? ""))?.[1]
    ?.toString() ?? "host-exited";
}

/** A request without a result. `sent`: the relay may have acted on it. */
export class RelayFailure extends Error {
  /** @param {string} code @param {{text?: string, sent?: boolean, data?: object}} [more] */
  constructor(code, { text = "", sent = false, data = {} } = {}) {
    super(text || code);
    this.code = code;
    this.sent = sent;
    this.data = data;
  }
}

/**
 * @typedef {{state: "connecting"|"ready"|"down", code: string|null, text: string,
 *   version: string|null, skew: string|null}} LinkState
 * @typedef {{settle: (failure: RelayFailure|null, result?: any) => void}} Waiting
 */

export class Relay {
  /** @type {chrome.runtime.Port | null} */
  #port = null;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  /** @type {Set<string>} */
  #topics = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #nextId = 1;
  #delay_ms = FIRST_DELAY_MS;
  #tries = 0;
  #readyAt = 0;
  /** A relay of a protocol that is not ours is asked nothing before it has said its own again. */
  #unfit = false;
  /** @type {Promise<void>} */
  #greeting = Promise.resolve();
  /** @type {LinkState} */
  state = { state: "connecting", code: null, text: "", version: null, skew: null };

  /**
   * @param {object} parts
   * @param {(host: string) => chrome.runtime.Port} parts.connect
   * @param {() => string | undefined} parts.lastError read inside onDisconnect (Chromium)
   * @param {{version: string, browser: string}} parts.who
   * @param {(event: {topic: string, data: any}) => void} parts.onEvent
   * @param {(state: LinkState) => void} parts.onState
   * @param {string[]} [parts.always] topics heard whenever there is a relay; no reason to start one
   */
  constructor({ connect, lastError, who, onEvent, onState, always = [] }) {
    this.always = always;
    this.connect = connect;
    this.lastError = lastError;
    this.who = who;
    this.onEvent = onEvent;
    this.onState = onState;
  }

  /** Makes sure that a port is open now; a user did something. */
  wake() {
    clearTimeout(this.#timer);
    if (!this.#port) this.#open();
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @returns {Promise<any>} the result, or a RelayFailure
   */
  request(method, params = {}) {
    this.wake();
    if (!this.#unfit) return this.#send(method, params);
    return this.#greeting.then(() => this.#send(method, params));
  }

  /** Keeps these topics subscribed, over reconnects too. @param {string[]} topics */
  subscribe(topics) {
    topics.forEach((topic) => this.#topics.add(topic));
    const fresh = !this.#port;
    this.wake();
    // A port just opened has subscribed everything already.
    if (fresh) return Promise.resolve();
    return this.#follow(topics);
  }

  /** A relay that is gone has forgotten them by itself. @param {string[]} topics */
  unsubscribe(topics) {
    topics.forEach((topic) => this.#topics.delete(topic));
    if (!this.#port) return Promise.resolve();
    return this.#send("unsubscribe", { topics }).catch(() => undefined);
  }

  #open() {
    this.#tries += 1;
    this.#readyAt = 0;
    this.#tell({ state: "connecting" });
    /** @type {chrome.runtime.Port} */
    let port;
    try {
      port = this.connect(HOST);
    } catch (error) {
      this.#closed(null, String(error));
      return;
    }
    this.#port = port;
    port.onMessage.addListener((message) => this.#heard(port, message));
    port.onDisconnect.addListener(() => {
      const said = /** @type {any} */ (port).error?.message ?? this.lastError();
      if (this.#port === port) this.#closed(port, said);
    });
    this.#greet(port);
  }

  /** Hello goes first; what follows does not wait for its answer. @param {object} port */
  #greet(port) {
    const hello = { version: this.who.version, protocol: PROTOCOL, browser: this.who.browser };
    this.#greeting = this.#send("hello", hello).then(
      (host) => this.#greeted(port, host),
      (failure) => this.#fail(port, failure),
    );
    if (this.#port && this.#topics.size > 0) this.#follow([...this.#topics]);
    // An older relay does not know them, and does its work without.
    if (this.always.length) {
      this.#send("subscribe", { topics: this.always }).catch(() => undefined);
    }
  }

  /** A relay that cannot tell us anything is ended and started anew. @param {string[]} topics */
  async #follow(topics) {
    const port = this.#port;
    try {
      await this.#send("subscribe", { topics });
    } catch (failure) {
      this.#fail(port, /** @type {RelayFailure} */ (failure));
    }
  }

  /** @param {object | null} port @param {RelayFailure} failure */
  #fail(port, { code, message }) {
    if (this.#port === port) this.#drop(code === "no-answer" ? "host-broken" : code, message);
  }

  /** @param {object} port @param {{version?: string, protocol?: number}} host */
  #greeted(port, host) {
    if (this.#port !== port) return;
    const { works, skew } = meet(this.who, host);
    this.#unfit = !works;
    if (!works) return this.#drop(skew ?? "host-protocol");
    this.#readyAt = Date.now();
    const version = String(host.version ?? "");
    this.#tell({ state: "ready", code: null, text: "", version, skew });
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  #send(method, params) {
    const { promise, resolve, reject } = deferred();
    const port = this.#port;
    if (!port) {
      reject(new RelayFailure(this.state.code ?? "host-exited", { text: this.state.text }));
      return promise;
    }
    if (this.#waiting.size >= MAX_PENDING) {
      reject(new RelayFailure("busy"));
      return promise;
    }
    const id = this.#nextId++;
    const wait_ms = /** @type {Record<string, number>} */ (WAIT_MS)[method] ?? WAIT_MS.other;
    const timer = setTimeout(() => {
      this.#waiting.get(id)?.settle(new RelayFailure("no-answer", { sent: true }));
    }, wait_ms);
    this.#waiting.set(id, {
      settle: (failure, result) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        failure ? reject(failure) : resolve(result);
      },
    });
    this.#post(port, id, { jsonrpc: "2.0", id, method, params });
    return promise;
  }

  /** @param {chrome.runtime.Port} port @param {number} id @param {object} message */
  #post(port, id, message) {
    try {
      port.postMessage(message);
    } catch (error) {
      this.#waiting.get(id)?.settle(new RelayFailure("host-exited", { text: String(error) }));
    }
  }

  /** @param {chrome.runtime.Port} port @param {any} message */
  #heard(port, message) {
    if (this.#port !== port || typeof message !== "object" || message === null) return;
    if (message.method === "event" && message.params) {
      this.onEvent(message.params);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    if (!message.error) {
      waiting.settle(null, message.result);
      return;
    }
    const data = message.error.data ?? {};
    const { code = "internal" } = data;
    waiting.settle(new RelayFailure(code, { text: message.error.message, data }));
  }

  /** The port ended by itself. @param {object | null} port @param {string | undefined} said */
  #closed(port, said) {
    const code = portCode(said);
    const reached = this.#readyAt > 0;
    if (reached && Date.now() - this.#readyAt >= STEADY_MS) this.#restartBackoff();
    this.#port = null;
    this.#tell({ state: "down", code, text: said ?? "", version: null, skew: null });
    // Before hello was answered the relay has acted on nothing.
    const failure = new RelayFailure(code, { text: said, sent: port !== null && reached });
    for (const waiting of [...this.#waiting.values()]) waiting.settle(failure);
    this.#later();
  }

  /** We end the port: the host is of no use as it is. @param {string} code @param {string} text */
  #drop(code, text = "") {
    const port = this.#port;
    this.#port = null;
    port?.disconnect();
    this.#tell({ state: "down", code, text, version: null, skew: null });
    const failure = new RelayFailure(code, { text, sent: this.#readyAt > 0 });
    for (const waiting of [...this.#waiting.values()]) waiting.settle(failure);
    this.#later();
  }

  /** Without a reader a worker may sleep: then the next click reconnects. */
  #later() {
    clearTimeout(this.#timer);
    if (this.#topics.size === 0 && this.#tries >= IDLE_TRIES) return;
    this.#timer = setTimeout(() => this.wake(), this.#delay_ms);
    this.#delay_ms = Math.min(this.#delay_ms * 2, LAST_DELAY_MS);
  }

  #restartBackoff() {
    this.#delay_ms = FIRST_DELAY_MS;
    this.#tries = 0;
  }

  /** @param {Partial<LinkState>} change */
  #tell(change) {
    const next = { ...this.state, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.state)) return;
    this.state = next;
    this.onState(next);
  }
}

/**
 * @returns {{promise: Promise<any>, resolve: (value: any) => void,
 *   reject: (reason: any) => void}}
 */
function deferred() {
  /** @type {any} */
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
