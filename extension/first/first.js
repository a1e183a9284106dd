/**
 * This file knows the first steps: is the relay there, is the terminal there, does a click arrive.
 * Each step turns done by itself at the moment when it is true, and back when it is not any more.
 */

import { api, browserName } from "../browser.js";
import { causesOf } from "../causes.js";
import { dress } from "../dress.js";
import { say } from "../language.js";
import { Door } from "../panel/door.js";
import { badges, make, setText } from "../panel/dom.js";
import { sentence, toastOf } from "../sentences.js";
import { watchSettings } from "../settings.js";
import { pageWords } from "../worker/toasts.js";
import { makeShield } from "../shieldview.js";
import { samplesFor } from "./samples.js";

const KEYS = { alt: "Alt", ctrl: "Ctrl", shift: "Shift", meta: "Meta" };
const MAX_PLACES = 12;

const life = new AbortController();
const { signal } = life;
const settings = await dress({ signal });
document.title = say("first_title");
const { os } = await api.runtime.getPlatformInfo();

/** What is known now. clicked: a click has arrived, here or on any page. */
const now = {
  link: /** @type {any} */ ({ state: "connecting", code: null, text: "" }),
  status: /** @type {any} */ (null),
  clicked: Boolean((await api.storage.local.get("clicked")).clicked),
  modifier: settings.modifier,
};
const door = new Door(heard, { signal, name: "first" });
makeShield(/** @type {HTMLElement} */ (document.getElementById("shield")), { signal });
const toast = new (/** @type {any} */ (globalThis).MetascalpToast)(() => undefined, signal);
/** @type {any} */ (globalThis).MetascalpToast.words = pageWords();

/** @param {string} name @returns {HTMLElement} */
const step = (name) => /** @type {HTMLElement} */ (
  document.querySelector(`[data-step="${name}"]`));

/** @param {HTMLElement} within @param {string} selector @returns {any} */
const part = (within, selector) => within.querySelector(selector);

/** @param {any} message from the background */
function heard(message) {
  if (message.type === "link") now.link = message.link;
  if (message.type === "link" && message.link.state !== "ready") now.status = null;
  if (message.type === "event" && message.topic === "status") now.status = message.data;
  paint();
}

function paint() {
  const relay = now.link.state === "ready";
  const terminal = relay && now.status?.terminal.state === "connected";
  paintRelay(relay);
  paintTerminal(relay, terminal);
  paintClick(terminal);
  document.body.dataset.done = String(Boolean(relay && terminal && now.clicked));
}

/** @param {HTMLElement} item @param {boolean} done @param {boolean} due */
function mark(item, done, due) {
  const state = done ? "done" : due ? "now" : "later";
  if (item.dataset.state === state) return;
  item.dataset.state = state;
  if (due && !done) item.setAttribute("aria-current", "step");
  else item.removeAttribute("aria-current");
}

/** @param {boolean} there */
function paintRelay(there) {
  const item = step("relay");
  mark(item, there, true);
  const told = there ? say("check_relay", [now.link.version ?? ""])
    : say(now.link.code ? "first_relay_missing" : "head_connecting");
  setText(part(item, ".told"), told);
  const causes = there || !now.link.code ? []
    : causesOf({ ...now.link, family: /** @type {any} */ (browserName()), os });
  const help = part(item, ".help");
  help.hidden = !causes.length;
  const [first, ...others] = causes;
  if (!first) return;
  setText(part(help, ".cause"), say(first.text));
  setText(part(help, ".action"), say(first.action));
  part(help, ".command").hidden = !first.command;
  setText(part(help, ".command code"), first.command ?? "");
  const list = part(help, "ul");
  part(help, "details").hidden = !others.length;
  list.replaceChildren(...others.map((one) => make("li", {}, [
    make("span", { text: say(one.text) }), make("br"),
    make("span", { class: "quiet", text: say(one.action) }),
  ])));
}

/** @param {boolean} due @param {boolean} there */
function paintTerminal(due, there) {
  const item = step("terminal");
  mark(item, there, due);
  part(item, ".help").hidden = !due || there || !now.status;
  const { terminal, connections = [] } = now.status ?? {};
  const places = there ? connections : [];
  const live = places.filter((/** @type {any} */ one) => one.state === "connected");
  const address = terminal?.url && URL.canParse(terminal.url) ? new URL(terminal.url).host : "";
  const told = !due ? "" : there
    ? say("check_terminal", [terminal.version ?? "", address])
      + (live.length ? "" : `. ${say("check_no_connection")}`)
    : say(now.status ? "first_terminal_missing" : "head_connecting");
  setText(part(item, ".told"), told);
  part(item, ".places").replaceChildren(...places.slice(0, MAX_PLACES).map((/** @type {any} */ one) =>
    make("li", {}, [
      make("span", { class: "dot", data: { state: one.state },
        attrs: { role: "img", "aria-label": say(`state_${one.state}`) } }),
      make("span", { class: "name", text: one.name }), ...badges(one),
    ])));
  if (live.length && live.every((/** @type {any} */ one) => one.viewMode)) {
    part(item, ".places").append(make("li", { class: "warn", text: say("first_only_view") }));
  }
}

/** @param {boolean} due */
function paintClick(due) {
  const item = step("click");
  mark(item, now.clicked && due, due);
  const keys = now.modifier.split("+").map((key) => KEYS[/** @type {"alt"} */ (key)]).join(" + ");
  setText(part(item, "#click-how"), say("first_click_how", [keys]));
  const samples = due ? samplesFor(now.status.connections) : [];
  const list = part(item, "#samples");
  if (list.dataset.shown === JSON.stringify(samples)) return;
  list.dataset.shown = JSON.stringify(samples);
  list.replaceChildren(...samples.map(({ pattern, symbol, place }) =>
    make("li", { data: { pattern }, attrs: { tabindex: "0" } }, [
      make("strong", { text: symbol }), make("span", { class: "quiet name", text: place }),
    ])));
}

/** Exactly the user's keys and no other, as on any page. @param {MouseEvent | KeyboardEvent} event */
function modified(event) {
  const wanted = now.modifier.split("+");
  return Object.keys(KEYS).every((name) =>
    event[/** @type {"altKey"} */ (`${name}Key`)] === wanted.includes(name));
}

/** @param {MouseEvent | KeyboardEvent} event */
async function clicked(event) {
  const row = /** @type {HTMLElement | null} */ (
    /** @type {Element} */ (event.target).closest("#samples li"));
  if (!row?.dataset.pattern || !event.isTrusted) return;
  if (event instanceof KeyboardEvent && event.key !== "Enter") return;
  const told = part(step("click"), ".told");
  if (!modified(event)) {
    setText(told, say("first_click_held"));
    return;
  }
  event.preventDefault();
  const find = { bare: row.dataset.pattern };
  const outcome = await door.call("open", { ticker: row.dataset.pattern });
  toast.show({ ...toastOf(outcome, find), theme: settings.theme });
  setText(told, sentence(outcome, find));
  if (outcome.state === "done") await api.storage.local.set({ clicked: true });
}

async function copied() {
  const code = part(step("relay"), ".command code").textContent;
  const done = await navigator.clipboard.writeText(code).then(() => true, () => false);
  setText(part(step("relay"), "[data-act=copy]"), say(done ? "first_copied" : "toast_not_copied"));
}

const onKept = (/** @type {any} */ changes, /** @type {string} */ area) => {
  if (area !== "local" || !changes.clicked) return;
  now.clicked = Boolean(changes.clicked.newValue);
  paint();
};
api.storage.onChanged.addListener(onKept);
signal.addEventListener("abort", () => api.storage.onChanged.removeListener(onKept));
watchSettings(({ modifier }) => {
  now.modifier = modifier;
  paint();
}, { signal });
document.addEventListener("click", clicked, { signal });
document.addEventListener("keydown", clicked, { signal });
part(step("relay"), "[data-act=copy]").addEventListener("click", copied, { signal });
addEventListener("pagehide", () => life.abort(), { signal });
// Who comes back from the shell or the terminal wants to see at once what has changed.
addEventListener("focus", () => door.wake(), { signal });
paint();
