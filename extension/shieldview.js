/** This file knows how the shield is shown and switched, on the options page and the first steps. */

import { api } from "./browser.js";
import { say } from "./language.js";
import { make } from "./panel/dom.js";
import { LOOPBACK, lowerShield, raiseShield, readShield } from "./shield.js";

/** The newest of what was stopped that are shown. */
const SHOWN = 5;

/**
 * Fills a section with the shield, and keeps it as it is.
 * @param {HTMLElement} section @param {{signal: AbortSignal}} life
 */
export function makeShield(section, { signal }) {
  const state = make("span", { class: "quiet", data: { shield: "state" } });
  const button = /** @type {HTMLButtonElement} */ (
    make("button", { class: "plain", data: { shield: "switch" } }));
  const asks = make("p", { class: "quiet", text: say("shield_asks", [names()]) });
  const stopped = make("ul", { class: "rows", data: { shield: "stopped" } });
  const open = make("p", { class: "quiet", text: say("shield_private"), data: { shield: "private" } });
  button.type = "button";
  state.setAttribute("role", "status");
  section.replaceChildren(
    make("h2", { text: say("shield") }),
    make("p", { text: say("shield_about") }),
    make("p", { class: "line" }, [button, state]),
    asks,
    open,
    stopped,
    make("p", { class: "quiet", text: say("shield_limits") }),
  );

  let on = false;
  const paint = async () => {
    const shield = await readShield();
    on = shield.on;
    section.dataset.on = String(on);
    button.textContent = say(on ? "shield_lower" : "shield_raise");
    button.classList.toggle("strong", !on);
    state.textContent = on ? say("shield_count", [String(shield.count)]) : say("shield_off");
    asks.hidden = on;
    open.hidden = shield.inPrivate;
    stopped.replaceChildren(...shield.last.slice(0, SHOWN).map(row));
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    // Nothing before this: the browser takes the question only straight from the click.
    const done = await (on ? lowerShield().then(() => true) : raiseShield().catch(() => false));
    button.disabled = false;
    await paint();
    if (!done) state.textContent = say("shield_refused");
  }, { signal });
  listen(paint, signal);
  paint();
}

/** @param {import("./shield.js").Stopped} one */
function row({ at, from, path }) {
  const when = new Date(at).toLocaleString(say("language"), { dateStyle: "short", timeStyle: "medium" });
  return make("li", { class: "line" }, [
    make("span", { class: "quiet", text: when }),
    make("span", { class: "name", text: from ?? say("shield_somebody") }),
    make("code", { class: "grow", text: path }),
  ]);
}

/** This computer's names as the question lists them: hosts without dress. */
function names() {
  const hosts = LOOPBACK.map((pattern) => pattern.slice("http://".length, -"/*".length));
  return hosts.filter((host) => !host.endsWith(".")).map((host) => host.replace("*.", "")).join(", ");
}

/** What is stopped and what the user takes back elsewhere is seen here too.
 * @param {() => void} paint @param {AbortSignal} signal */
function listen(paint, signal) {
  const places = [api.storage.onChanged, api.permissions.onAdded, api.permissions.onRemoved];
  for (const place of places) {
    const event = /** @type {chrome.events.Event<any>} */ (/** @type {unknown} */ (place));
    event.addListener(paint);
    signal.addEventListener("abort", () => event.removeListener(paint));
  }
}
