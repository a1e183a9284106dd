/** This file knows the tests a user can make: of the way to the terminal, and of a ticker. */

import { api, browserName } from "../browser.js";
import { causesOf } from "../causes.js";
import { say } from "../language.js";
import { badges, byId, make } from "../panel/dom.js";
import { configProblem } from "../problems.js";
import { fullSentence } from "../sentences.js";

const MAX_SHOWN = 8;

/**
 * @param {object} parts
 * @param {(method: string, params: object) => Promise<any>} parts.call
 * @param {() => any} parts.link the state of the link to the relay
 * @param {() => void} parts.wake tries the relay at once
 * @param {AbortSignal} parts.signal
 */
export function makeCheck({ call, link, wake, signal }) {
  const connection = async () => {
    busy("check-connection", true);
    wake();
    const start = performance.now();
    const status = await call("status", {});
    const ms = performance.now() - start;
    const { os } = await api.runtime.getPlatformInfo();
    byId("check-found").replaceChildren(...(status.relay ? found(status, ms)
      : lost({ ...link(), code: link().code ?? status.code }, os)));
    busy("check-connection", false);
  };
  const ticker = async (/** @type {"resolve" | "open"} */ method) => {
    const text = byId("check-ticker").value.trim();
    if (!text) return byId("check-ticker").focus();
    const start = performance.now();
    const answer = await call(method, { ticker: text });
    const ms = performance.now() - start;
    byId("check-said").replaceChildren(...(method === "open" || answer.state
      ? opened(answer, text, ms) : resolved(answer, text, ms)));
  };
  byId("check-connection").addEventListener("click", connection, { signal });
  byId("check-open").addEventListener("click", () => ticker("open"), { signal });
  byId("check-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    ticker("resolve");
  }, { signal });
}

/** @param {string} id @param {boolean} on */
function busy(id, on) {
  byId(id).disabled = on;
}

/** @param {string} state good, bad or note @param {(Node | null)[]} parts */
const line = (state, parts) => make("li", { class: "result", data: { state } }, parts);

/** @param {string} text */
const words = (text) => make("span", { text });

/** @param {number} ms */
const took = (ms) => make("span", { class: "quiet ms", text: `${Math.round(ms)} ms` });

/** What a relay says of itself and of the terminal. @param {any} status @param {number} ms */
export function found({ relay, terminal, connections }, ms) {
  const live = connections.filter((/** @type {any} */ one) => one.state === "connected");
  const there = terminal.state === "connected";
  const address = terminal.url && URL.canParse(terminal.url) ? new URL(terminal.url).host : "";
  return [
    line("good", [words(say("check_relay", [relay.version])), took(ms)]),
    relay.configWhy ? line("bad", [words(configProblem(relay.configWhy))]) : null,
    there
      ? line("good", [words(say("check_terminal", [terminal.version ?? "", address]))])
      : line("bad", [words(say("check_no_terminal"))]),
    there && !live.length ? line("bad", [words(say("check_no_connection"))]) : null,
    ...live.slice(0, MAX_SHOWN).map((/** @type {any} */ one) =>
      line(one.viewMode ? "note" : "good", [make("span", { class: "name", text: one.name }),
        make("span", { class: "quiet", text: one.market }), ...badges(one)])),
    live.length > MAX_SHOWN
      ? line("note", [words(say("check_more", [String(live.length - MAX_SHOWN)]))]) : null,
  ].filter((one) => one !== null);
}

/** Why there is no relay, the likeliest cause first. @param {any} link @param {string} os */
function lost({ code, text }, os) {
  const causes = causesOf({ code, text, family: /** @type {any} */ (browserName()), os });
  const [first] = causes;
  if (!first) return [line("bad", [words(fullSentence({ code: code ?? "internal", text }))])];
  const command = first.command ? make("code", { text: first.command }) : null;
  return [line("bad", [words(say(first.text))]),
    line("note", [words(say(first.action)), command])];
}

/** @param {any} outcome @param {string} text @param {number} ms */
function opened(outcome, text, ms) {
  const good = outcome.state === "done" || outcome.state === "dispatched";
  const said = fullSentence({ ...outcome, symbol: outcome.symbol ?? text }, { bare: text });
  return [line(good ? "good" : "bad", [words(said), took(ms)]),
    ...candidates(outcome.alternatives ?? [])];
}

/** @param {any} answer of resolve @param {string} text @param {number} ms */
function resolved({ code, candidates: list }, text, ms) {
  const fits = code === "found" ? list[0] : null;
  const head = fits
    ? line("good", [words(say("check_resolved", [fits.symbol, fits.connection])),
      make("code", { text: fits.pattern ?? "" }), took(ms)])
    : line("bad", [words(fullSentence({ code, symbol: text }, { bare: text })), took(ms)]);
  return [head, ...candidates(fits ? list.slice(1) : list)];
}

/** Other places of the same instrument. @param {any[]} list */
function candidates(list) {
  return list.slice(0, MAX_SHOWN).map(({ symbol, connection, pattern, why }) =>
    line("note", [words(`${symbol} · ${connection}`), make("code", { text: pattern ?? "" }),
      why ? make("span", { class: "quiet", text: say(`why_${why.replaceAll("-", "_")}`) }) : null]));
}
