/** This file knows the context menu: its items, what they are called, which instrument they mean. */

import { api, say, sitePatterns } from "../browser.js";
import { usualName } from "../sentences.js";
import { cleanFacts } from "./clicks.js";
import { priceOf } from "../reading/price.js";
import { readFacts, readPage, readSymbol, readText, readUrl } from "../sites.js";

const MAX_SELECTION = 200;
/** Signs of a name spelled out: its exchange, a pair, a suffix. */
const SPELLED = /[:/_.-]/;

/**
 * id -> title, and `<title>_named` with the ticker in it; where it stands; its kind. "page" items
 * stand only on the named sites; "part" is a selection or a link, anywhere.
 * @type {Record<string, {title: string, where: string, kind?: "list" | "checkbox"}>}
 */
const ITEMS = {
  "open-page": { title: "menu_open", where: "page" },
  "combo-page": { title: "menu_combo", where: "page" },
  "into-page": { title: "menu_into", where: "page", kind: "list" },
  "copy-page": { title: "menu_copy", where: "page" },
  "follow-page": { title: "menu_follow", where: "page", kind: "checkbox" },
  "link-page": { title: "menu_link", where: "page", kind: "list" },
  "open-part": { title: "menu_open", where: "part" },
  "combo-part": { title: "menu_combo", where: "part" },
  "into-part": { title: "menu_into", where: "part", kind: "list" },
  "copy-part": { title: "menu_copy", where: "part" },
  "alert-part": { title: "menu_alert", where: "selection" },
  "notify-part": { title: "menu_notify", where: "part" },
};

/** @typedef {{find: any, price: string | null}} Meant */

/** Where an item stands. @param {string} where @param {string[]} patterns */
function placeOf(where, patterns) {
  if (where === "page") return { contexts: ["page"], documentUrlPatterns: patterns };
  return { contexts: where === "part" ? ["link", "selection"] : ["selection"] };
}

/** The item and, of a list, the entry chosen: "into-page:003". @param {string | number} id */
export function itemOf(id) {
  const [item, binding = null] = String(id).split(":");
  return { kind: Object.hasOwn(ITEMS, item) ? item.split("-")[0] : null, item, binding };
}

export class Menus {
  /** Where a tab without a link opens, as the settings say: "" is the active window. */
  usual = "";
  /** Ids of the entries that the lists have now. @type {string[]} */
  #entries = [];
  #listed = "";
  #named = false;
  /** Pages that are read. A worker that starts again knows the manifest's alone until it is told. */
  #patterns = sitePatterns();
  /** One change of the menu at a time: the browser refuses an id that is still there. */
  #work = Promise.resolve();

  /** @param {import("./targets.js").Targets} targets */
  constructor(targets) {
    this.targets = targets;
  }

  /**
   * Creates all items anew; safe to call at every start.
   * @param {string[]} patterns pages that are read
   */
  create(patterns) {
    this.#patterns = patterns;
    return this.#then(async () => {
      await api.contextMenus.removeAll();
      for (const [id, { title, where, kind }] of Object.entries(ITEMS)) {
        make({ id, title: say(title), ...placeOf(where, this.#patterns),
          ...(kind === "checkbox" ? { type: "checkbox", checked: false } : {}) });
      }
      this.#entries = [];
      this.#listed = "";
      this.#fill("");
    });
  }

  /**
   * Names the ticker that each item would open, and lists the bindings that there are.
   * @param {{page: Meant, part: Meant}} meant @param {import("./tabs.js").TabState} state
   */
  name({ page, part }, state) {
    this.targets.list();
    return this.#then(async () => {
      this.#named = true;
      this.#fill(state.binding);
      const updates = Object.entries(ITEMS).map(([id, { title, where, kind }]) => {
        const { find, price } = where === "page" ? page : part;
        const ticker = find?.pattern ?? find?.bare ?? find?.base ?? "";
        const named = ticker && (title !== "menu_alert" || price) && id !== "link-page"
          && id !== "follow-page";
        const text = named ? say(`${title}_named`, [ticker, price ?? ""]) : say(title);
        return update(id, kind === "checkbox" ? { checked: state.follow } : { title: text });
      });
      await Promise.all(updates);
    });
  }

  /** Takes the names away again: the next menu may belong to another page. */
  unname() {
    if (!this.#named) return this.#work;
    this.#named = false;
    return this.#then(async () => {
      await Promise.all(Object.entries(ITEMS).map(([id, { title }]) =>
        update(id, { title: say(title) })));
    });
  }

  /** The entries of every list, made anew when they changed. @param {string} binding the tab's */
  #fill(binding) {
    const { source, rows } = this.targets.last;
    const listed = JSON.stringify([source, rows, binding, this.usual]);
    if (listed === this.#listed) return;
    this.#listed = listed;
    this.#entries.forEach((id) => api.contextMenus.remove(id).catch(() => undefined));
    this.#entries = [];
    for (const [id, { where, kind }] of Object.entries(ITEMS)) {
      if (kind === "list") this.#list(id, where, binding);
    }
  }

  /** @param {string} id @param {string} where @param {string} binding */
  #list(id, where, binding) {
    const { source, rows } = this.targets.last;
    const links = id.startsWith("link");
    const entries = [
      ...(links ? [{ name: "", title: usualName(this.usual) }] : []),
      ...rows.map((row) => ({ name: row.binding,
        title: row.shows ? `${row.binding} — ${row.shows}` : row.binding })),
    ];
    if (binding && !entries.some(({ name }) => name === binding)) {
      entries.push({ name: binding, title: binding });
    }
    for (const { name, title } of entries) {
      this.#add({ id: `${id}:${name}`, parentId: id, title: title.replaceAll("&", "&&"),
        ...placeOf(where, this.#patterns), ...(links ? { type: "radio", checked: name === binding } : {}) });
    }
    if (source === "screen" || source === "refusal") return;
    const why = source === "away" ? "menu_bindings_away" : "menu_bindings_unlisted";
    this.#add({ id: `${id}:why`, parentId: id, title: say(why), ...placeOf(where, this.#patterns),
      enabled: false });
    this.#add({ id: `${id}:type`, parentId: id, title: say("menu_bindings_type"),
      ...placeOf(where, this.#patterns) });
  }

  /** @param {any} entry */
  #add(entry) {
    this.#entries.push(entry.id);
    make(entry);
  }

  /** @param {() => Promise<void>} work */
  #then(work) {
    this.#work = this.#work.then(work, work);
    return this.#work;
  }
}

/** @param {any} item */
function make(item) {
  api.contextMenus.create(item, () => void api.runtime.lastError);
}

/** An item that is not there yet needs no new name. @param {string} id @param {any} change */
const update = (id, change) => api.contextMenus.update(id, change).catch(() => undefined);

/**
 * What the items would do at this spot: those of the page, and those of the selection or link.
 * @param {{facts: any, selection: string, url: string}} spot @param {any} book
 * @param {{known?: ReadonlySet<string>}} options
 * @returns {{page: Meant, part: Meant}}
 */
export function meantAt({ facts, selection, url }, book, options) {
  const clean = cleanFacts(facts, url);
  const page = readFacts(clean, book, options) ?? null;
  const price = priceOf(selection);
  const own = readPage({ ...clean, rows: [], href: null, text: null }, book).find;
  const link = clean.href ? readUrl(clean.href, book) ?? null : null;
  const chosen = selection ? ofText(selection, book, options) : link;
  return { page: { find: page, price: null }, part: { find: price ? own : chosen, price } };
}

/**
 * What only looks like a pair is read as people write: WBTC is no W in BTC, August no coin at all.
 * @param {string} text @param {any} book @param {{known?: ReadonlySet<string>}} options
 */
function ofText(text, book, options) {
  const symbol = readSymbol(text, book);
  if (symbol && SPELLED.test(text)) return symbol;
  const said = readText(text, book, options)[0];
  if (said || !symbol) return said ?? null;
  const coins = options.known ?? book.known;
  return coins.has(symbol.base) && !coins.has(text.toUpperCase()) ? symbol : null;
}

/**
 * What a menu click means: the selection, else the link, else the page. A number is a price of the
 * page's own ticker.
 * @param {{selectionText?: string, linkUrl?: string, pageUrl?: string}} info
 * @param {chrome.tabs.Tab | undefined} tab @param {any} book
 * @param {{known?: ReadonlySet<string>}} [options] `known`: the coins that count in a text
 * @returns {Promise<Meant>} find: a Find or null
 */
export async function menuMeant(info, tab, book, options = {}) {
  const selected = info.selectionText?.trim().slice(0, MAX_SELECTION);
  const price = priceOf(selected);
  if (price) return { price, find: tab ? await pageFind(tab, book, "page", options) : null };
  if (selected) return { price: null, find: ofText(selected, book, options) };
  if (info.linkUrl) {
    return { price: null, find: readUrl(info.linkUrl.slice(0, 2048), book) ?? null };
  }
  return { price: null, find: tab ? await pageFind(tab, book, "menu", options) : null };
}

/**
 * The instrument of the page, from its elements and its address.
 * @param {chrome.tabs.Tab} tab @param {any} book
 * @param {"menu" | "page"} where menu: what lay under the pointer when the menu opened counts
 * @param {{known?: ReadonlySet<string>}} [options] `known`: the coins that count in a text
 */
export async function pageFind(tab, book, where, options = {}) {
  const url = tab.url ?? "";
  if (tab.id === undefined) return readUrl(url, book) ?? null;
  const facts = await api.tabs.sendMessage(tab.id, { type: "facts", where }, { frameId: 0 })
    .catch(() => null);
  return readFacts(cleanFacts(facts, url), book, options) ?? null;
}
