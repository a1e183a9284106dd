/** This file knows what is wired to what; the rules stand in the modules it imports. */

import { PAGE_SCRIPTS, api, browserName, onNamedSite, sidePanel, sidebarAction, sitePatterns }
  from "./browser.js";
import { loadBook } from "./sitefiles.js";
import { Clicks } from "./clicks.js";
import { createMenus, menuFind, methodOf, pageFind } from "./menus.js";
import { Panels } from "./panels.js";
import { Relay } from "./relay.js";
import { readSettings } from "./settings.js";
import { domRules } from "./sites.js";
import { showToast, tellSlow } from "./toasts.js";

const book = loadBook();
const relay = new Relay({
  connect: (host) => api.runtime.connectNative(host),
  lastError: () => api.runtime.lastError?.message,
  who: { version: api.runtime.getManifest().version, browser: browserName() },
  onEvent: (event) => panels.event(event),
  onState: (state) => panels.link(state),
});
const panels = new Panels(relay);
const clicks = new Clicks({ relay, book });
relay.wake();

/** How a page is to be read, and with which key. @param {any} _ @param {string} url */
async function reading(_, url) {
  relay.wake();
  return { rules: domRules(url, await book), settings: await readSettings() };
}

/** What a page's content script may say, and what is answered. */
const HEARD = {
  hello: reading,
  warm: reading,
  click: (/** @type {any} */ message, /** @type {string} */ url, /** @type {number} */ tab) =>
    clicks.facts(tab, { facts: message.facts, at: message.at, url }),
};

api.runtime.onMessage.addListener((message, sender, reply) => {
  const tab = sender.tab?.id;
  if (sender.id !== api.runtime.id || tab === undefined || sender.frameId !== 0) return false;
  const acts = message?.type === "click" || message?.type === "offered";
  if (acts && !clicks.allows(tab)) return answer(Promise.resolve({ ignored: true }), reply);
  if (message?.type === "offered") {
    return answer(clicks.offered(tab, message.token, message.index), reply);
  }
  const known = Object.hasOwn(HEARD, message?.type) && onNamedSite(sender.url);
  const heard = known ? HEARD[/** @type {keyof typeof HEARD} */ (message.type)] : ignore;
  return answer(heard(message, sender.url ?? "", tab), reply);
});

const ignore = async () => ({ ignored: true });

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
api.tabs.onRemoved.addListener((tab) => clicks.forget(tab));

api.contextMenus.onClicked.addListener(async (info, tab) => {
  const method = methodOf(info.menuItemId);
  if (!method || tab?.id === undefined) return;
  relay.wake();
  await perform(tab.id, method, menuFind(info, tab, await book));
});

api.commands.onCommand.addListener(async (command, given) => {
  if (command === "toggle-panel") return togglePanel(given?.windowId);
  relay.wake();
  const [tab] = given ? [given] : await api.tabs.query({ active: true, currentWindow: true });
  if (command !== "open-page" || tab?.id === undefined) return;
  await perform(tab.id, "open", pageFind(tab, await book, "page"));
});

/** @param {number} tab @param {"open" | "combo"} method @param {Promise<any>} found */
async function perform(tab, method, found) {
  if (!clicks.allows(tab)) return;
  const at = Date.now();
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

api.runtime.onStartup.addListener(() => createMenus());
api.runtime.onInstalled.addListener(async () => {
  await createMenus();
  const tabs = await api.tabs.query({ url: sitePatterns() });
  await Promise.all(tabs.map((tab) => inject(tab.id)));
});

/** Tabs open before us have no script; one that may not have it stays as it is.
 * @param {number | undefined} tab */
async function inject(tab) {
  if (tab === undefined) return;
  await api.scripting.executeScript({ target: { tabId: tab }, files: PAGE_SCRIPTS })
    .catch(() => undefined);
}
