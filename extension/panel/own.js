/**
 * This file knows the panel's line about the user's own sites: which wait to be let in, and that
 * some file is wrong.
 */

import { api } from "../browser.js";
import { say } from "../language.js";
import { permit, refuse } from "../permit.js";
import { byId, make, settle } from "./dom.js";

/** @typedef {import("../worker/ownsites.js").Files} Files */

/**
 * @param {{signal: AbortSignal}} life
 * @returns {(own: Files) => void} shows what the background told last
 */
export function ownLine({ signal }) {
  /** @type {Files} */
  let now = { files: [], problems: [], folder: "" };
  const line = byId("own");
  const first = () => now.waiting?.[0];
  /** @type {Record<string, () => unknown>} */
  const acts = {
    show: showOptions,
    later: () => first() && refuse(/** @type {any} */ (first()).id),
    // Where a sidebar may not ask, the options page may.
    allow: () => first() && permit(/** @type {any} */ (first())).catch(showOptions),
  };
  line.addEventListener("click", (/** @type {Event} */ event) => {
    const button = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest("[data-own]"));
    acts[button?.dataset.own ?? ""]?.();
  }, { signal });
  return (own) => {
    now = own;
    paint(line, own);
  };
}

/** @param {HTMLElement} line @param {Files} own */
function paint(line, { problems, waiting = [] }) {
  const [one] = waiting;
  const hosts = one?.patterns.map((pattern) => new URL(pattern.slice(0, -1)).host).join(", ") ?? "";
  const text = one ? say("own_waits", [hosts])
    : problems.length ? say("own_wrong", [String(problems.length)]) : "";
  const parts = one ? ["allow", "later"] : ["show"];
  line.hidden = !text;
  const buttons = parts.map((act) => make("button", { class: "plain", data: { own: act },
    text: say(`own_${act}`), attrs: { type: "button" } }));
  settle(line, [make("span", { text }), make("div", {}, buttons)]);
}

/** The place on the options page where the files are told of. */
function showOptions() {
  return api.tabs.create({ url: api.runtime.getURL("options/index.html#own") });
}
