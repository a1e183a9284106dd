/** This file knows the options page as a whole: what is wired to what. */

import { api } from "../browser.js";
import { dress } from "../dress.js";
import { say } from "../language.js";
import { Door } from "../panel/door.js";
import { byId, setData, setText } from "../panel/dom.js";
import { situation } from "../panel/head.js";
import { readSettings, watchSettings } from "../settings.js";
import { makeShield } from "../shieldview.js";
import { makeBackup } from "./backup.js";
import { makeCheck } from "./check.js";
import { makeFields } from "./fields.js";
import { makeKeys } from "./keys.js";
import { makeOwn, showOwn } from "./own.js";
import { Preferences } from "./preferences.js";
import { SiteList } from "./sitelist.js";

const life = new AbortController();
const { signal } = life;
const settings = await dress({ signal });
document.title = say("options_title");
const answer = await fetch(api.runtime.getURL("exchanges.json"));
const { exchanges } = await answer.json();

/** What the background last told. */
const now = { link: { state: "connecting", code: null, text: "" }, status: /** @type {any} */ (null) };
const door = new Door(heard, { signal, name: "options" });
const call = (/** @type {string} */ method, /** @type {object} */ params) =>
  door.call(method, params);
const preferences = new Preferences({ call, exchanges, signal });
const sites = new SiteList({ changed: () => undefined, signal });
const shows = [...document.querySelectorAll("[data-fields]")].map((into) =>
  makeFields(/** @type {HTMLElement} */ (into), { signal }));

/** @param {any} message from the background */
function heard(message) {
  if (message.type === "link") now.link = message.link;
  if (message.type === "link" && message.link.state !== "ready") now.status = null;
  if (message.type === "event" && message.topic === "status") now.status = message.data;
  if (message.type === "own") {
    showOwn(message.own);
    sites.look();
  }
  if (message.type === "link" || message.type === "event") {
    paint();
    preferences.refresh(now.status);
  }
}

/** One line at the top: how things stand. */
function paint() {
  const { state, code } = situation(now);
  setData(byId("state"), "state", state);
  byId("state").querySelector(".dot").dataset.state = state;
  const key = { none: code === "host-missing" ? "head_no_relay" : "head_relay_broken",
    connecting: "head_connecting", connected: "options_connected" }[state] ?? (code ? "head_other" : "head_not_running");
  setText(byId("state-text"), say(key));
}

/** @param {Record<string, any>} values */
const show = (values) => shows.forEach((put) => put(values));
show(settings);
watchSettings((values) => {
  show(values);
  sites.look();
}, { signal });
makeOwn({ signal });
makeKeys({ signal });
makeShield(byId("shield"), { signal });
makeCheck({ call, link: () => now.link, wake: () => door.wake(), signal });
makeBackup({ preferences, signal });
sites.look();
paint();
addEventListener("pagehide", () => life.abort(), { signal });
document.body.dataset.ready = String(Boolean(await readSettings()));
