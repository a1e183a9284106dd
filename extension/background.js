/** This file knows what is wired to what; the rules stand in the modules it imports. */

import { Access, inject } from "./worker/access.js";
import { Badge } from "./worker/badge.js";
import { api, browserName, shownMenus, sidePanel, sidebarAction } from "./browser.js";
import { Clicks } from "./worker/clicks.js";
import { Doing } from "./worker/doing.js";
import { FRAMED, framed } from "./worker/framed.js";
import { showFirstSteps } from "./worker/firststeps.js";
import { Follow } from "./worker/follow.js";
import { Hearing } from "./worker/hearing.js";
import { foundOn, pageOf, placeOf } from "./worker/here.js";
import { speak } from "./language.js";
import { Marks } from "./worker/marks.js";
import { Menus, itemOf, menuMeant, pageFind } from "./worker/menus.js";
import { Omnibox } from "./worker/omnibox.js";
import { OwnSites } from "./worker/ownsites.js";
import { isOurPage, pageRequests } from "./worker/pages.js";
import { Panels } from "./worker/panels.js";
import { Relay } from "./relay.js";
import { readSettings, watchSettings } from "./settings.js";
import { guard, watchStopped } from "./shield.js";
import { ShownMenu } from "./worker/shownmenu.js";
import { Tabs } from "./worker/tabs.js";
import { Targets } from "./worker/targets.js";
import { Toasts } from "./worker/toasts.js";
import { Upkeep } from "./worker/upkeep.js";
import { TabWatch } from "./worker/tabwatch.js";

/** What is set for no tab is as the settings say. */
const NO_TAB = -1;

const ownSites = new OwnSites(sitesTold);
const relay = new Relay({
  connect: (host) => api.runtime.connectNative(host),
  lastError: () => api.runtime.lastError?.message,
  who: { version: api.runtime.getManifest().version, browser: browserName() },
  onEvent: (event) => {
    if (event.topic === "sites") return ownSites.take(event.data);
    if (event.topic === "status") guard(event.data.terminal?.url).catch(() => undefined); // the next one tries again
    return panels.event(event);
  },
  onState: (state) => panels.link(state),
  always: ["sites"],
});
const inFront = new TabWatch(async (windowId, fresh) => panels.tellWindow(windowId,
  { type: "page-changed", fresh, at: placeOf(await inFront.tab(windowId)) }));
const panels = new Panels(relay, async (windowId) =>
  targetOf(windowId === null ? NO_TAB : (await inFront.tab(windowId))?.id ?? NO_TAB), shown, {
  page: async (windowId) => pageOf(await inFront.tab(windowId), await bookNow(), (url) =>
    access.reads(url)),
  found: async (windowId) => foundOn(await inFront.tab(windowId), await bookNow(),
    clicks.assets.options(), (url) => access.reads(url)),
});
const access = new Access(ownSites);
const tabs = new Tabs();
const badge = new Badge(tabs);
const toasts = new Toasts(badge, () => settled);
const clicks = new Clicks({ relay, book: bookNow, targetOf, shown });
const tell = (/** @type {number} */ tab, /** @type {any} */ toast) => toasts.show(tab, toast);
const doing = new Doing({ clicks, tabs, badge, tell, reads: (url) => access.reads(url) });
const follow = new Follow({ tabs, badge, clicks, tell });
const marks = new Marks(clicks);
const targets = new Targets(relay);
const menus = new Menus(targets);
const upkeep = new Upkeep(access, menus);
const omnibox = new Omnibox(relay);
const hearing = new Hearing({ relay, clicks, tabs, badge, toasts, marks, menus, follow, access,
  book: bookNow, settings: () => settled });
/** The settings, once the language they name is spoken. */
let settled = settle(readSettings());
relay.wake();

/** What pages are read by, as it is at this moment. */
async function bookNow() {
  return (await ownSites.reading).book;
}

/** @param {Promise<import("./settings.js").Settings>} given */
async function settle(given) {
  const settings = await given;
  await speak(settings.language);
  menus.usual = settings.target;
  return settings;
}

/** The relay told of the user's files. @param {boolean} changed they say something else now */
async function sitesTold(changed) {
  if (changed) await upkeep.run(await settled);
  await tellOwn();
}

/** What our pages show of the user's own sites. */
async function tellOwn() {
  panels.own({ ...await ownSites.files(), waiting: await access.waiting() });
}

/** The binding that a tab opens in; "" for the active window. @param {number} tab */
async function targetOf(tab) {
  return (await tabs.get(tab)).binding || (await settled).target;
}

/** What following compares with. @param {string} target @param {string} pattern */
function shown(target, pattern) {
  return tabs.show(target, pattern);
}

// ---- what a page says ---------------------------------------------------------------------------

const ASKED = pageRequests({ tabs, relay, follow: (tab, on) => doing.follow(tab, on),
  bind: (tab, binding) => doing.bind(tab, binding),
  // A page of ours asks at the moment of a change, of which we may not have heard yet.
  target: async () => (await readSettings()).target });

api.runtime.onMessage.addListener((message, sender, reply) => {
  const type = String(message?.type);
  if (isOurPage(sender)) {
    return Object.hasOwn(ASKED, type) ? answer(ASKED[type](message), reply) : false;
  }
  const tab = sender.tab?.id;
  if (sender.id !== api.runtime.id || tab === undefined) return false;
  if (sender.frameId !== 0) {
    const parts = { access, doing, book: bookNow, settings: () => settled };
    return type === FRAMED ? answer(framed(message, sender, parts), reply) : false;
  }
  const acts = type === "click" || type === "offered";
  if (acts && !clicks.allows(tab)) return answer(Promise.resolve({ ignored: true }), reply);
  const url = sender.url ?? "";
  return answer(hearing.heard(type, message, { url, tab, active: sender.tab?.active === true }),
    reply);
});

/**
 * Older Chromium knows no promise from a listener.
 * @param {Promise<any>} made @param {Function} reply
 */
function answer(made, reply) {
  made.then((result) => reply(result), (error) => {
    reply(null);
    throw error;
  });
  return true;
}

// ---- what the trader chooses outside a page -------------------------------------------------------

// A browser does not say when it was; the time is taken before anything is waited for.
api.contextMenus.onClicked.addListener(async (info, tab) => {
  const at = Date.now();
  const { kind, item, binding } = itemOf(info.menuItemId);
  menus.unname();
  if (!kind || tab?.id === undefined) return;
  relay.wake();
  if (binding === "type") return void api.runtime.openOptionsPage();
  if (kind === "follow") return void await doing.follow(tab.id, info.checked === true);
  if (kind === "link") return void await doing.bind(tab.id, binding ?? "");
  const meant = menuMeant(info, tab, await bookNow(), clicks.assets.options());
  await settled;
  if (kind === "copy") return doing.copy(tab.id, meant);
  const wished = item.startsWith("into") ? meant.then((one) => ({ ...one, binding })) : meant;
  const method = kind === "into" ? "open" : /** @type {"open"} */ (kind);
  await doing.act(tab.id, method, wished, at);
});

if (shownMenus) new ShownMenu(shownMenus, { menus, targets, tabs, meant: async (info, tab) =>
  menuMeant(info, tab, await bookNow(), clicks.assets.options()) });

api.commands.onCommand.addListener(async (command, given) => {
  if (command === "toggle-panel") return togglePanel(given?.windowId);
  const at = Date.now();
  relay.wake();
  const [tab] = given ? [given] : await api.tabs.query({ active: true, currentWindow: true });
  if (tab?.id === undefined) return;
  await settled;
  if (command === "toggle-follow") return void await doing.toggleFollow(tab.id);
  const method = { "open-page": "open", "open-combo": "combo" }[command];
  if (!method) return;
  const find = pageFind(tab, await bookNow(), "page", clicks.assets.options());
  await doing.act(tab.id, /** @type {"open"} */ (method), find.then((one) => ({ find: one })), at);
});

api.omnibox.onInputChanged.addListener((text, suggest) => omnibox.changed(text, suggest));
api.omnibox.onInputEntered.addListener(async (text, disposition) => {
  const at = Date.now();
  relay.wake();
  const [tab] = await api.tabs.query({ active: true, currentWindow: true });
  const method = disposition === "currentTab" ? "open" : "combo";
  if (tab?.id !== undefined) await doing.act(tab.id, method, omnibox.entered(text), at);
});

/** Opens within the gesture: nothing is awaited before. @param {number | undefined} windowId */
function togglePanel(windowId) {
  if (sidebarAction) return sidebarAction.toggle();
  if (!sidePanel || windowId === undefined || panels.close(windowId)) return undefined;
  return sidePanel.open({ windowId });
}

sidePanel?.setPanelBehavior({ openPanelOnActionClick: true });
if (sidebarAction) api.action.onClicked.addListener(() => sidebarAction?.toggle());

// ---- tabs, settings, start ------------------------------------------------------------------------

api.runtime.onConnect.addListener((port) => panels.take(port));
api.tabs.onRemoved.addListener((tab) => {
  [clicks, follow, marks, badge, tabs].forEach((one) => one.forget(tab));
});
/** A page that was put to sleep, or loaded ahead, may take a tab over under another number. */
api.tabs.onReplaced.addListener(async (tab, before) => {
  [clicks, follow, marks, badge].forEach((one) => one.forget(before));
  await tabs.move(before, tab);
  await badge.draw(tab);
});
/** A new page takes the button's own state away. */
api.tabs.onUpdated.addListener(async (tab, { status }, { active }) => {
  if (status === "loading" && active) menus.unname();
  if (status && await tabs.has(tab)) badge.draw(tab);
});
api.tabs.onActivated.addListener(() => menus.unname());
api.windows?.onFocusChanged.addListener(() => menus.unname());

watchSettings(async (now) => {
  settled = settle(Promise.resolve(now));
  upkeep.run(await settled);
  const all = await api.tabs.query({});
  await Promise.all(all.map(({ id }) => id !== undefined && api.tabs.sendMessage(id,
    { type: "settings" }, { frameId: 0 }).catch(() => undefined)));
});

watchStopped();
// A page's script of ours needs nothing that is kept; one that was taken over shall not write there.
// Firefox has no such lock (2026-11).
/** @type {any} */ (api.storage.local).setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" })
  .catch(() => undefined);

api.runtime.onStartup.addListener(async () => {
  await tabs.clear();
  await upkeep.run(await settled, { anew: true });
});
api.runtime.onInstalled.addListener(async ({ reason }) => {
  await upkeep.run(await settled, { anew: true });
  await inject(await access.patterns());
  await showFirstSteps(reason, relay);
});

// The user gives access, or takes it back in the browser's own settings.
const letInElsewhere = async () => {
  await upkeep.run(await settled);
  await tellOwn();
};
api.permissions.onAdded.addListener(letInElsewhere);
/** A site of ours that was taken away and is given back: its open pages have no script of ours. */
api.permissions.onAdded.addListener(async () => inject(await access.patterns()));
api.permissions.onRemoved.addListener(letInElsewhere);
api.storage.onChanged.addListener((changes, area) => {
  if (area === "local" && (changes.refused || changes.sitesOff)) tellOwn();
});
