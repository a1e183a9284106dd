/** This file knows the context menu: its items, and which instrument a click on one means. */

import { api, onNamedSite, say } from "./browser.js";
import { cleanFacts } from "./clicks.js";
import { readFacts, readSymbol, readText, readUrl } from "./sites.js";

/** id -> title and the operation. Page items stand only on the named sites. */
const ITEMS = {
  open: { title: "menu_open", method: "open" },
  combo: { title: "menu_combo", method: "combo" },
};

/**
 * Creates all items anew; safe to call at every start.
 * @param {string[]} patterns pages that are read
 */
export async function createMenus(patterns) {
  await api.contextMenus.removeAll();
  for (const [id, item] of Object.entries(ITEMS)) {
    const title = say(item.title);
    api.contextMenus.create({ id: `${id}-page`, title, contexts: ["page"],
      documentUrlPatterns: patterns });
    api.contextMenus.create({ id: `${id}-part`, title, contexts: ["link", "selection"] });
  }
}

/** The operation behind a menu item. @param {string | number} id @returns {"open"|"combo"|null} */
export function methodOf(id) {
  const item = /** @type {Record<string, any>} */ (ITEMS)[String(id).split("-")[0]];
  return item?.method ?? null;
}

/**
 * The Find that a menu click means: the selection, else the link, else the page.
 * @param {{selectionText?: string, linkUrl?: string, pageUrl?: string}} info
 * @param {chrome.tabs.Tab | undefined} tab @param {any} book
 * @param {{known?: ReadonlySet<string>}} [options] `known`: the coins that count in a text
 * @returns {Promise<any>} a Find or null
 */
export async function menuFind(info, tab, book, options = {}) {
  const selected = info.selectionText?.trim().slice(0, 200);
  if (selected) return readSymbol(selected, book) ?? readText(selected, book, options)[0] ?? null;
  if (info.linkUrl) return readUrl(info.linkUrl.slice(0, 2048), book) ?? null;
  return tab ? pageFind(tab, book, "menu") : null;
}

/**
 * The instrument of the page, from its elements and its address.
 * @param {chrome.tabs.Tab} tab @param {any} book
 * @param {"menu" | "page"} where menu: what lay under the pointer when the menu opened counts
 */
export async function pageFind(tab, book, where) {
  const url = tab.url ?? "";
  if (!onNamedSite(url) || tab.id === undefined) return readUrl(url, book) ?? null;
  const facts = await api.tabs.sendMessage(tab.id, { type: "facts", where }, { frameId: 0 })
    .catch(() => null);
  return readFacts(cleanFacts(facts, url), book) ?? null;
}
