/** This file knows what is wired to what; the rules stand in the modules it imports. */

import { Access, inject } from "./worker/access.js";
import { Badge } from "./worker/badge.js";
import { api, browserName, shownMenus, sidePanel, sidebarAction } from "./browser.js";
import { Clicks } from "./worker/clicks.js";
import { Doing } from "./worker/doing.js";
import { noteClick, showFirstSteps } from "./worker/firststeps.js";
import { Follow, watchPage } from "./worker/follow.js";
import { foundOn, pageOf } from "./worker/here.js";
import { speak } from "./language.js";
import { Marks } from "./worker/marks.js";
import { Menus, itemOf, meantAt, menuMeant, pageFind } from "./worker/menus.js";
import { Omnibox } from "./worker/omnibox.js";
import { OwnSites } from "./worker/ownsites.js";
import { isOurPage, pageRequests } from "./worker/pages.js";
import { Panels } from "./worker/panels.js";
import { Relay } from "./relay.js";
import { readSettings, watchSettings } from "./settings.js";
import { watchStopped } from "./shield.js";
import { domRules } from "./sites.js";
import { Tabs } from "./worker/tabs.js";
import { Targets } from "./worker/targets.js";
import { Toasts, pageWords } from "./worker/toasts.js";
import { Upkeep } from "./worker/upkeep.js";
import { TabWatch } from "./worker/tabwatch.js";

const MAX_SELECTION = 200;

const ownSites = new OwnSites(sitesTold);
const relay = new Relay({
  connect: (host) => api.runtime.connectNative(host),
  lastError: () => api.runtime.lastError?.message,
  who: { version: api.runtime.getManifest().version, browser: browserName() },
  onEvent: (event) => (event.topic === "sites" ? ownSites.take(event.data) : panels.event(event)),
  onState: (state) => panels.link(state),
  always: ["sites"],
});
const inFront = new TabWatch((windowId, fresh) =>
  panels.tellWindow(windowId, { type: "page-changed", fresh }));
const panels = new Panels(relay, {
  page: async (windowId) => pageOf(await inFront.tab(windowId), await bookNow(), (url) =>
    access.reads(url)),
  found: async (windowId) => foundOn(await inFront.tab(windowId), await bookNow(),
    clicks.assets.options()),
});
const access = new Access(ownSites);
const tabs = new Tabs();
const badge = new Badge(tabs);
const toasts = new Toasts(badge, () => settled);
const clicks = new Clicks({ relay, book: bookNow, targetOf });
const tell = (/** @type {number} */ tab, /** @type {any} */ toast) => toasts.show(tab, toast);
const doing = new Doing({ clicks, tabs, badge, tell, reads: (url) => access.reads(url) });
const follow = new Follow({ tabs, badge, clicks, tell });
const marks = new Marks(clicks);
const targets = new Targets(relay);
const menus = new Menus(targets);
const upkeep = new Upkeep(access, menus);
const omnibox = new Omnibox(relay);
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

// ---- what a page says ---------------------------------------------------------------------------

/** How a page is to be read, and with which key. @param {any} _ @param {Page} page */
async function reading(_, { url, tab }) {
  relay.wake();
  const now = await settled;
  if (now.marks === "hover") put(tab, "page/mark.js");
  if ((await tabs.get(tab)).follow) watchPage(tab).catch(() => undefined);
  badge.draw(tab);
  return { rules: domRules(url, await bookNow()), settings: forPage(now) };
}

/** The modifier was pressed: a click may follow. @param {any} message @param {Page} page */
async function warmed(message, page) {
  const { marks: wanted } = await settled;
  if (wanted === "key") put(page.tab, "page/mark.js");
  return reading(message, page);
}

/** A click: told in the page that was clicked. @param {any} message @param {Page} page */
async function clicked(message, { url, tab }) {
  const answer = await clicks.facts(tab, { facts: message.facts, at: message.at, url });
  noteClick(answer.outcome);
  return { ...answer, toast: await toasts.dressed(tab, answer.toast) };
}

/** A right press: the menu is about to open. @param {any} message @param {Page} page */
async function pointed({ facts, selection }, { url, tab }) {
  if (shownMenus) return null;
  if (!facts) return menus.unname();
  const text = typeof selection === "string" ? selection.trim().slice(0, MAX_SELECTION) : "";
  const meant = meantAt({ facts, selection: text, url }, await bookNow(), clicks.assets.options());
  return menus.name(meant, await tabs.get(tab)).then(() => null);
}

/**
 * What a page's content script may say, and what is answered.
 * @typedef {{url: string, tab: number, active: boolean}} Page
 * @type {Record<string, (message: any, page: Page) => Promise<any>>}
 */
const HEARD = {
  hello: reading,
  warm: warmed,
  click: clicked,
  menu: pointed,
  mark: ({ facts }, { url, tab }) => marks.heard(tab, { facts, url }),
  followed: ({ facts, shown, typing }, { url, tab, active }) => follow.heard(tab,
    { facts, shown: shown === true, typing: typing === true, url, active }),
};

/** A chip of a toast, on whatever page it was shown. @param {any} message @param {Page} page */
async function offered({ token, index }, { tab }) {
  const answer = await clicks.offered(tab, token, index);
  return { ...answer, toast: await toasts.dressed(tab, answer.toast) };
}

const ASKED = pageRequests({ tabs, relay, follow: (tab, on) => doing.follow(tab, on),
  bind: (tab, binding) => doing.bind(tab, binding) });

api.runtime.onMessage.addListener((message, sender, reply) => {
  const type = String(message?.type);
  if (isOurPage(sender)) {
    return Object.hasOwn(ASKED, type) ? answer(ASKED[type](message), reply) : false;
  }
  const tab = sender.tab?.id;
  if (sender.id !== api.runtime.id || tab === undefined || sender.frameId !== 0) return false;
  const acts = type === "click" || type === "offered";
  if (acts && !clicks.allows(tab)) return answer(Promise.resolve({ ignored: true }), reply);
  const url = sender.url ?? "";
  const page = { url, tab, active: sender.tab?.active === true };
  if (type === "offered") return answer(offered(message, page), reply);
  return answer(heard(type, message, page), reply);
});

/** @param {string} type @param {any} message @param {Page} page */
async function heard(type, message, page) {
  if (!Object.hasOwn(HEARD, type) || !await access.reads(page.url)) return { ignored: true };
  await settled;
  return HEARD[type](message, page);
}

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

api.contextMenus.onClicked.addListener(async (info, tab) => {
  const { kind, item, binding } = itemOf(info.menuItemId);
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
  await doing.act(tab.id, method, wished);
});

/** Firefox tells when its menu opens, and waits for its names. */
shownMenus?.onShown.addListener(async (/** @type {any} */ info, /** @type {any} */ tab) => {
  if (tab?.id === undefined) return;
  const meant = await menuMeant(info, tab, await bookNow(), clicks.assets.options());
  await targets.list();
  await menus.name({ page: meant, part: meant }, await tabs.get(tab.id));
  shownMenus?.refresh();
});
shownMenus?.onHidden.addListener(() => menus.unname());

api.commands.onCommand.addListener(async (command, given) => {
  if (command === "toggle-panel") return togglePanel(given?.windowId);
  relay.wake();
  const [tab] = given ? [given] : await api.tabs.query({ active: true, currentWindow: true });
  if (tab?.id === undefined) return;
  await settled;
  if (command === "toggle-follow") return void await doing.toggleFollow(tab.id);
  const method = { "open-page": "open", "open-combo": "combo" }[command];
  if (!method) return;
  const find = pageFind(tab, await bookNow(), "page");
  await doing.act(tab.id, /** @type {"open"} */ (method), find.then((one) => ({ find: one })));
});

api.omnibox.onInputChanged.addListener((text, suggest) => omnibox.changed(text, suggest));
api.omnibox.onInputEntered.addListener(async (text, disposition) => {
  relay.wake();
  const [tab] = await api.tabs.query({ active: true, currentWindow: true });
  const method = disposition === "currentTab" ? "open" : "combo";
  if (tab?.id !== undefined) await doing.act(tab.id, method, omnibox.entered(text));
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
/** A new page takes the button's own state away. */
api.tabs.onUpdated.addListener(async (tab, { status }) => {
  if (status && await tabs.has(tab)) badge.draw(tab);
});
api.tabs.onActivated.addListener(() => menus.unname());

watchSettings(async (now) => {
  settled = settle(Promise.resolve(now));
  upkeep.run(await settled);
  const all = await api.tabs.query({});
  await Promise.all(all.map(({ id }) => id !== undefined && api.tabs.sendMessage(id,
    { type: "settings" }, { frameId: 0 }).catch(() => undefined)));
});

/** What of the settings a page needs to know. @param {import("./settings.js").Settings} all */
const forPage = ({ modifier, marks: wanted, followDelayMs }) =>
  ({ modifier, marks: wanted, followDelayMs, words: pageWords() });

/** Puts a part of ours into a page; one that may not have it stays as it is.
 * @param {number} tab @param {string} file */
async function put(tab, file) {
  await api.scripting.executeScript({ target: { tabId: tab }, files: [file] })
    .catch(() => undefined);
}

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
api.permissions.onRemoved.addListener(letInElsewhere);
api.storage.onChanged.addListener((changes, area) => {
  if (area === "local" && (changes.refused || changes.sitesOff)) tellOwn();
});
