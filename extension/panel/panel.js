/** This file knows the panel as a whole: what is wired to what. */

import { api, say } from "../browser.js";
import { findOf } from "../find.js";
import { readSettings, watchSettings, writeSettings } from "../settings.js";
import { PENDING, sentence } from "../sentences.js";
import { Cancels } from "./cancel.js";
import { Door } from "./door.js";
import { byId, setData, setText } from "./dom.js";
import { paintHead, situation } from "./head.js";
import { Model } from "./model.js";
import { fold, makeSections, paintConnections, paintTable } from "./sections.js";
import { Painter } from "./table.js";

const NOTE_MS = 5000;
const PENDING_MS = 400;
const SECOND_MS = 1000;
/** The relay begins to read within about a second of its start (measured 2026-11). */
const BEGUN_MS = 5000;
const TABLES = ["orders", "positions", "balances"];

const life = new AbortController();
const { signal } = life;
const model = Object.assign(new Model(), {
  words: { stale: say("stale"), gone: say("connection_gone") },
});
const sections = makeSections(byId("sections"));
const painter = new Painter(paint);
const door = new Door(heard, { signal });
const cancels = new Cancels({
  call: (method, params) => door.call(method, params),
  tell: note,
  connection: (id) => model.connection(id),
  against: (row) => model.against(row),
});
const view = { filter: "", hideZero: true, folded: /** @type {string[]} */ ([]), loaded: false };
let noteTimer = /** @type {any} */ (0);

/** @param {any} message from the background */
function heard(message) {
  if (message.type === "close") return window.close();
  if (message.type === "link") model.linked(message.link);
  if (message.type === "link") return painter.ask();
  if (message.type !== "event") return undefined;
  if (message.topic === "account" && message.data.reset) setTimeout(believe, BEGUN_MS);
  if (message.topic === "account" && !message.data.more) view.loaded = true;
  if (model.heard(message.topic, message.data)) painter.ask();
  return undefined;
}

/** An account that is still without anything has nothing. */
function believe() {
  model.begun = true;
  painter.ask();
}

function paint() {
  const context = { ...view, model, now: Date.now() };
  paintHead(model);
  paintConnections(sections.connections, model);
  for (const kind of TABLES) paintTable(sections[kind], context);
  const { lines } = /** @type {import("./table.js").Table} */ (sections.orders.table);
  for (const { row } of lines.values()) if (cancels.has(row.key)) cancels.refresh(row);
  cancels.sweep(lines);
  setText(sections.orders.extra, model.known === null ? "" : knownText(model.known));
  byId("sections").hidden = !view.loaded && situation(model).state !== "connected";
  setData(document.body, "loaded", String(view.loaded));
  if (model.status || model.link.code) setData(document.body, "ready", "true");
}

/** @param {number} tickers */
const knownText = (tickers) => say("orders_known", [String(tickers)]);

/** @param {string} text @param {string} [state] */
function note(text, state = "") {
  clearTimeout(noteTimer);
  const foot = byId("note");
  foot.dataset.state = state;
  foot.textContent = text;
  noteTimer = setTimeout(() => setText(foot, ""), NOTE_MS);
}

/** Takes the terminal to the ticker of a row. @param {any} row */
async function open(row) {
  const place = model.connection(String(row.connection));
  if (!place) return note(say("connection_gone"), "refused");
  const find = findOf(place.exchange, place.kind, row.ticker);
  const slow = setTimeout(() => note(PENDING.title), PENDING_MS);
  const outcome = await door.call("open", { find, target: { binding: null } });
  clearTimeout(slow);
  const took = outcome.state === "done" ? ` · ${Math.round(outcome.ms)} ms` : "";
  return note(`${sentence(outcome, find)}${took}`, outcome.state);
}

/**
 * Every button, by its data-action.
 * @typedef {import("./table.js").Line} Line
 * @type {Record<string, (line: Line | undefined, button: HTMLElement) => unknown>}
 */
const ACTIONS = {
  open: (line) => line && open(line.row),
  cancel: (line) => line && cancels.ask(line),
  fold: (_, button) => turn(button.dataset.kind ?? ""),
  retry: () => door.wake(),
  "copy-command": () => copyCommand(),
};

/** @param {MouseEvent} event */
function clicked(event) {
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest("[data-action]"));
  const line = lineOf(target);
  if (button && Object.hasOwn(ACTIONS, button.dataset.action ?? "")) {
    ACTIONS[button.dataset.action ?? ""](line, button);
    return;
  }
  const marked = String(getSelection()) !== "";
  if (!button && line?.row.ticker && !marked && !target.closest(".ask, tr.group")) open(line.row);
}

/** @param {Element} target */
function lineOf(target) {
  const kind = /** @type {HTMLElement | null} */ (target.closest("section"))?.dataset.section ?? "";
  const key = /** @type {HTMLElement | null} */ (target.closest("tr"))?.dataset.key ?? "";
  return sections[kind]?.table?.lines.get(key);
}

/** @param {string} kind */
function turn(kind) {
  const folded = view.folded.includes(kind)
    ? view.folded.filter((one) => one !== kind)
    : [...view.folded, kind];
  writeSettings({ folded });
}

async function copyCommand() {
  const command = byId("help-command").querySelector("code").textContent;
  const done = await navigator.clipboard.writeText(command).then(() => true, () => false);
  note(say(done ? "toast_copied" : "toast_not_copied"));
}

/** @param {import("../settings.js").Settings} settings */
function apply({ theme, hideZero, folded }) {
  document.documentElement.dataset.theme = theme;
  Object.assign(view, { hideZero, folded });
  byId("hide-zero").checked = hideZero;
  Object.values(sections).forEach((section) => fold(section, folded.includes(section.kind)));
  painter.ask();
}

function name() {
  document.documentElement.lang = say("language");
  byId("filter").placeholder = say("filter");
  byId("filter").setAttribute("aria-label", say("filter"));
  setText(byId("help-command").querySelector("[data-action=copy-command]"), say("toast_copy"));
  setText(byId("help-command").querySelector("[data-action=retry]"), say("try_again"));
}

name();
readSettings().then(apply);
watchSettings(apply, { signal });
document.addEventListener("click", clicked, { signal });
byId("filter").addEventListener("input", (/** @type {any} */ event) => {
  view.filter = event.target.value.trim().toUpperCase();
  painter.ask();
}, { signal });
byId("hide-zero").addEventListener("change", (/** @type {any} */ event) => {
  writeSettings({ hideZero: event.target.checked });
}, { signal });
setInterval(() => {
  if (!document.hidden) sections.orders.table?.repaint("age", { model, now: Date.now() });
}, SECOND_MS);
addEventListener("pagehide", () => life.abort(), { signal });
api.windows.getCurrent().then((shown) => door.shownIn(shown.id ?? -1), () => undefined);
painter.ask();
