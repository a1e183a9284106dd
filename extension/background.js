/** This file knows what is wired to what; the rules stand in the modules it imports. */

import { Access, inject } from "./access.js";
import { api, browserName, sidePanel, sidebarAction, sitePatterns } from "./browser.js";
import { Clicks } from "./clicks.js";
import { speak } from "./language.js";
import { menuFind, methodOf, pageFind } from "./menus.js";
import { OwnSites } from "./ownsites.js";
import { Panels } from "./panels.js";
import { Relay } from "./relay.js";
import { readSettings, watchSettings } from "./settings.js";
import { watchStopped } from "./shield.js";
import { domRules } from "./sites.js";
import { showToast, tellSlow } from "./toasts.js";
import { Upkeep } from "./upkeep.js";

const ownSites = new OwnSites(sitesTold);
const relay = new Relay({
  connect: (host) => api.runtime.connectNative(host),
  lastError: () => api.runtime.lastError?.message,
  who: { version: api.runtime.getManifest().version, browser: browserName() },
  onEvent: (event) => (event.topic === "sites" ? ownSites.take(event.data) : panels.event(event)),
  onState: (state) => panels.link(state),
  always: ["sites"],
});
const panels = new Panels(relay);
const access = new Access(ownSites);
const upkeep = new Upkeep(access);
const clicks = new Clicks({ relay, book: bookNow });
/** The settings, once the language they name is spoken. */
let settled = settle(readSettings());
relay.wake();

/** What pages are read by, as it is at this moment. */
async function bookNow() {
  return (await ownSites.reading).book;
}

/** @param {Promise<import("./settings.js").Settings>} reading */
async function settle(reading) {
  const settings = await reading;
  await speak(settings.language);
  return settings;
}

/** The relay told of the user's files. @param {boolean} changed they say something else now */
async function sitesTold(changed) {
  if (changed) await upkeep.run(await settled);
  panels.own(await ownSites.files());
}

/** How a page is to be read, and with which key. @param {any} _ @param {string} url */
async function reading(_, url) {
  relay.wake();
  return { rules: domRules(url, await bookNow()), settings: await settled };
}

/** What a page's content script may say, and what is answered. */
const HEARD = {
  hello: reading,
  warm: reading,
  click: (/** @type {any} */ message, /** @type {string} */ url, /** @type {number} */ tab) =>
    clicks.facts(tab, { facts: message.facts, at: message.at, url }).then(noted),
};

/** The first steps want to know that a click has arrived. @param {import("./clicks.js").Answer} answer */
function noted(answer) {
  if (answer.outcome.state === "done") api.storage.local.set({ clicked: true });
  return answer;
}

api.runtime.onMessage.addListener((message, sender, reply) => {
  const tab = sender.tab?.id;
  if (sender.id !== api.runtime.id || tab === undefined || sender.frameId !== 0) return false;
  const acts = message?.type === "click" || message?.type === "offered";
  if (acts && !clicks.allows(tab)) return answer(Promise.resolve({ ignored: true }), reply);
  if (message?.type === "offered") {
    return answer(clicks.offered(tab, message.token, message.index), reply);
  }
  return answer(heard(message, sender.url, tab), reply);
});

/** @param {any} message @param {string | undefined} url @param {number} tab */
async function heard(message, url, tab) {
  const known = Object.hasOwn(HEARD, message?.type) && await access.reads(url);
  if (!known) return { ignored: true };
  await settled;
  return HEARD[/** @type {keyof typeof HEARD} */ (message.type)](message, url ?? "", tab);
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

api.runtime.onConnect.addListener((port) => panels.take(port));
watchStopped();
api.tabs.onRemoved.addListener((tab) => clicks.forget(tab));

api.contextMenus.onClicked.addListener(async (info, tab) => {
  const method = methodOf(info.menuItemId);
  if (!method || tab?.id === undefined) return;
  relay.wake();
  await perform(tab.id, method, menuFind(info, tab, await bookNow(), clicks.assets.options()));
});

api.commands.onCommand.addListener(async (command, given) => {
  if (command === "toggle-panel") return togglePanel(given?.windowId);
  relay.wake();
  const [tab] = given ? [given] : await api.tabs.query({ active: true, currentWindow: true });
  if (command !== "open-page" || tab?.id === undefined) return;
  await perform(tab.id, "open", pageFind(tab, await bookNow(), "page"));
});

/** @param {number} tab @param {"open" | "combo"} method @param {Promise<any>} found */
async function perform(tab, method, found) {
  if (!clicks.allows(tab)) return;
  const at = Date.now();
  await settled;
  const acting = clicks.act(tab, method, await found, at);
  const mine = clicks.acts;
  const waiting = tellSlow(tab, acting, () => clicks.acts === mine);
  const { toast } = await acting;
  const took = Date.now() - at;
  await waiting;
  await showToast(tab, { ...toast, ms: toast.ms === null ? null : took });
}

/** Opens within the gesture: nothing is awaited before. @param {number | undefined} windowId */
function togglePanel(windowId) {
  if (sidebarAction) return sidebarAction.toggle();
  if (!sidePanel || windowId === undefined || panels.close(windowId)) return undefined;
  return sidePanel.open({ windowId });
}

sidePanel?.setPanelBehavior({ openPanelOnActionClick: true });
if (sidebarAction) api.action.onClicked.addListener(() => sidebarAction?.toggle());

api.runtime.onStartup.addListener(async () => upkeep.run(await settled, { anew: true }));
api.runtime.onInstalled.addListener(async ({ reason }) => {
  await upkeep.run(await settled, { anew: true });
  await inject(await access.patterns());
  if (reason === "install") await showFirstSteps();
});

/** Not where the terminal was named by hand, as in the demo: who did that has been here before. */
async function showFirstSteps() {
  const status = await relay.request("status").catch(() => null); // then the first step says why
  if (status?.relay?.staged) return;
  await api.tabs.create({ url: api.runtime.getURL("first/index.html") });
}

// The user gives access, or takes it back in the browser's own settings.
api.permissions.onAdded.addListener(async () => upkeep.run(await settled));
api.permissions.onRemoved.addListener(async () => upkeep.run(await settled));

watchSettings((settings) => {
  settled = settle(Promise.resolve(settings));
  settled.then((now) => upkeep.run(now));
});
