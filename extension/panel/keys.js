/** This file knows the keyboard of the panel: rows by arrows, actions by single keys. */

import { say } from "../browser.js";
import { make } from "./dom.js";
import { VIEWS } from "./tabs.js";

/** What the help shows, in this order: keys and the name of what they do. */
const SHOWN = [
  ["↑ ↓ PgUp PgDn", "key_rows"],
  ["Enter", "key_open"],
  ["Alt Enter", "key_chart"],
  ["C", "key_combo"],
  ["Space", "key_choose"],
  ["Del", "key_cancel"],
  ["Shift Del", "key_cancel_all"],
  ["P", "key_pin"],
  ["0 … 5", "key_view"],
  ["/", "key_filter"],
  ["G", "key_group"],
  ["?", "key_help"],
];
const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: 12,
  PageUp: -12, Home: -1e9, End: 1e9 });

/**
 * @param {object} does
 * @param {(steps: number, target: Element) => boolean} does.step whether there was a row to go to
 * @param {(name: string, target: Element) => boolean} does.act on the row at hand
 * @param {(view: string) => void} does.view
 * @param {() => void} does.filter
 * @param {{signal: AbortSignal}} life
 */
export function listen(does, { signal }) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    const typing = target.closest("input:not([type=checkbox]), select, textarea, dialog, .ask[data-phase=ask]");
    if (typing || event.ctrlKey || event.metaKey) return;
    // A key that is held is one decision, but on the way from row to row.
    if (event.repeat && !Object.hasOwn(STEPS, event.key)) {
      if (event.key === "Enter" || event.key === " ") event.preventDefault();
      return;
    }
    if (handle(event, target, does)) event.preventDefault();
  }, { signal });
}

/** @param {KeyboardEvent} event @param {Element} target @param {any} does @returns {boolean} */
function handle({ key, altKey, shiftKey, code }, target, does) {
  if (Object.hasOwn(STEPS, key) && !altKey) return does.step(STEPS[key], target);
  const onRow = target.matches("tr[data-key], li[data-find]");
  if (key === "Enter") return onRow && does.act(altKey ? "chart" : "open", target);
  if (key === " ") return onRow && does.act("choose", target);
  if (key === "Delete") return onRow && does.act(shiftKey ? "cancel-all" : "cancel", target);
  if (altKey) return false;
  if (key === "?") return does.act("help", target);
  if (key === "/") return does.filter() ?? true;
  if (/^Digit[0-5]$/.test(code) && !shiftKey) return does.view(VIEWS[Number(code.at(-1))]) ?? true;
  const letters = /** @type {Record<string, string>} */ ({ KeyP: "pin", KeyC: "combo", KeyG: "group" });
  const name = letters[code];
  return Boolean(name) && (name === "group" || onRow) && does.act(name, target);
}

/** The list of shortcuts, in a dialog. @param {{signal: AbortSignal}} life */
export function helpDialog({ signal }) {
  const rows = SHOWN.flatMap(([keys, name]) => [
    make("dt", {}, keys.split(" ").map((key) => make("kbd", { text: key }))),
    make("dd", { text: say(name) })]);
  const dialog = /** @type {HTMLDialogElement} */ (make("dialog", { attrs: { id: "keys",
    "aria-label": say("keys_title") } }, [
    make("h2", { text: say("keys_title") }), make("dl", {}, rows),
    make("p", { class: "quiet", text: say("keys_click") }),
    make("form", { attrs: { method: "dialog" } }, [make("button", { class: "plain",
      text: say("close") })])]));
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(), { signal });
  return dialog;
}
