/** This file knows the panel as a whole: what is wired to what. */

import { api, say } from "../browser.js";
import { speak } from "../language.js";
import { readSettings, watchSettings, writeSettings } from "../settings.js";
import { Account } from "./account.js";
import { Activity } from "./activity.js";
import { Cancels } from "./cancel.js";
import { Deeds } from "./deeds.js";
import { Door } from "./door.js";
import { byId, setData, setText } from "./dom.js";
import { paintHead, situation } from "./head.js";
import { Here } from "./here.js";
import { helpDialog, listen } from "./keys.js";
import { Model } from "./model.js";
import { ownLine } from "./own.js";
import { OrderTools } from "./ordertools.js";
import { Painter } from "./painter.js";
import { KINDS, fold, makeSections, paintConnections } from "./sections.js";
import { Tabs } from "./tabs.js";
import { ThisTab } from "./thistab.js";

const NOTE_MS = 5000;
const SECOND_MS = 1000;
/** The relay begins to read within about a second of its start (measured 2026-11). */
const BEGUN_MS = 5000;

const life = new AbortController();
const { signal } = life;
const settings = await readSettings();
await speak(settings.language);

const model = Object.assign(new Model(), {
  words: { stale: say("stale"), gone: say("connection_gone") },
});
const view = { text: "", hideZero: true, grouped: true, shown: "all", loaded: false };
const scroller = byId("sections");
const painter = new Painter(paint);
const door = new Door(heard, { signal });
const call = (/** @type {string} */ method, /** @type {object} */ params) =>
  door.call(method, params);
const painted = () => painter.ask();
const sections = makeSections(scroller);
const account = new Account(sections, { scroller, keep: (key) => cancels.has(key) });
const tools = new OrderTools(sections.orders, painted, { signal });
const activity = new Activity(sections.activity, { scroller, call, painted });
const here = new Here(sections.here, { ask: (what) => door.ask(what), call, painted });
const thisTab = new ThisTab(sections.here.body, { call, note, find: () => here.own?.find ?? null,
  nameOf: (id) => model.connection(id)?.name ?? "" }, { signal });
const cancels = new Cancels({
  call,
  tell: note,
  connection: (id) => model.connection(id),
  against: (row) => model.against(row),
  line: (key) => account.tables.orders.lines.get(key),
  count: (row) => model.ordersOf(row),
});
const tabs = new Tabs(byId("views"), (name) => writeSettings({ view: name }), { signal });
const help = helpDialog({ signal });
const deeds = new Deeds({ model, account, here, tools, activity, cancels, door, note, help });
const showOwn = ownLine({ signal });
let noteTimer = /** @type {any} */ (0);

/** @param {any} message from the background */
function heard(message) {
  if (message.type === "close") return window.close();
  if (message.type === "page-changed") {
    thisTab.look();
    return here.changed(message.fresh, message.at);
  }
  if (message.type === "own") return showOwn(message.own);
  if (message.type === "link") model.linked(message.link);
  if (message.type === "link") return painter.ask();
  if (message.type !== "event") return undefined;
  if (message.topic === "account" && message.data.reset) setTimeout(believe, BEGUN_MS);
  if (message.topic === "account" && !message.data.more) view.loaded = true;
  const places = placesNow();
  if (model.heard(message.topic, message.data)) painter.ask();
  if (message.topic === "status" && places !== placesNow()) here.relocate();
  return undefined;
}

const placesNow = () => JSON.stringify(model.places.map(({ id, state }) => [id, state]));

/** An account that is still without anything has nothing. */
function believe() {
  model.begun = true;
  painter.ask();
}

function paint() {
  const filter = { text: view.text, hideZero: view.hideZero, grouped: view.grouped, ...tools.chosen };
  const context = { model, now: Date.now(), loaded: view.loaded, filter,
    isOut: (/** @type {string} */ key) => cancels.isOut(key) };
  paintHead(model);
  const known = view.loaded || situation(model).state === "connected";
  for (const kind of KINDS) {
    const alone = view.shown !== "all" && view.shown !== kind;
    const away = !known && kind !== "here" && kind !== "activity";
    const empty = kind === "connections" && !model.status?.connections.length;
    sections[kind].element.hidden = alone || away || empty;
  }
  paintConnections(sections.connections, model);
  account.paint(context);
  refreshCancels();
  tools.paint(model, view.grouped);
  activity.paint(context);
  here.paint(context);
  tabs.paint(view.shown, { orders: account.count("orders"),
    positions: account.count("positions") });
  setData(document.body, "loaded", String(view.loaded));
  if (model.status || model.link.code) setData(document.body, "ready", "true");
}

function refreshCancels() {
  for (const key of cancels.keys()) {
    const row = model.rows.orders.get(key);
    if (row) cancels.refresh(row);
  }
  cancels.sweep(model.rows.orders);
}

/** @param {string} text @param {string} [state] */
function note(text, state = "") {
  clearTimeout(noteTimer);
  const foot = byId("said");
  byId("note").dataset.state = state;
  foot.textContent = text;
  noteTimer = setTimeout(() => setText(foot, ""), NOTE_MS);
}

/** @param {import("../settings.js").Settings} chosen */
function apply({ theme, hideZero, folded, view: shown, grouped, language }) {
  if (language !== settings.language) return location.reload();
  document.documentElement.dataset.theme = theme;
  if (view.shown !== shown) scroller.scrollTop = 0;
  Object.assign(view, { hideZero, grouped, shown });
  byId("hide-zero").checked = hideZero;
  for (const section of Object.values(sections)) {
    fold(section, shown === "all" && folded.includes(section.kind));
  }
  deeds.grouped = grouped;
  deeds.folded = folded;
  painter.ask();
  return undefined;
}

function name() {
  document.documentElement.lang = say("language");
  byId("filter").placeholder = say("filter");
  byId("filter").setAttribute("aria-label", say("filter"));
  byId("show-options").title = say("show_options");
  byId("show-options").setAttribute("aria-label", say("show_options"));
  byId("show-keys").title = say("keys_title");
  byId("show-keys").setAttribute("aria-label", say("keys_title"));
  setText(byId("help-command").querySelector("[data-action=copy-command]"), say("toast_copy"));
  setText(byId("help-command").querySelector("[data-action=retry]"), say("try_again"));
}

let scrolling = false;
function scrolled() {
  if (scrolling) return;
  scrolling = true;
  requestAnimationFrame(() => {
    scrolling = false;
    account.scrolled();
    activity.scrolled();
  });
}

name();
apply(settings);
watchSettings(apply, { signal });
document.addEventListener("click", (event) => deeds.clicked(event), { signal });
document.addEventListener("focusin", (event) => deeds.focused(event), { signal });
scroller.addEventListener("scroll", scrolled, { signal, passive: true });
new ResizeObserver(scrolled).observe(scroller);
byId("filter").addEventListener("input", (/** @type {any} */ event) => {
  view.text = event.target.value.trim().toUpperCase();
  painter.ask();
}, { signal });
byId("hide-zero").addEventListener("change", (/** @type {any} */ event) => {
  writeSettings({ hideZero: event.target.checked });
}, { signal });
listen({
  step: (steps, target) => deeds.step(steps, target),
  act: (what, target) => deeds.act(what, target),
  view: (shown) => void writeSettings({ view: shown }),
  filter: () => byId("filter").focus(),
}, { signal });
setInterval(() => {
  if (document.hidden) return;
  const context = { model, now: Date.now() };
  account.tables.orders.repaint("age", context);
  for (const column of ["mark", "result"]) account.tables.positions.repaint(column, context);
}, SECOND_MS);
addEventListener("pagehide", () => life.abort(), { signal });
api.windows.getCurrent().then((shown) => {
  door.shownIn(shown.id ?? -1);
  here.look();
  thisTab.look();
}, () => undefined);
painter.ask();
