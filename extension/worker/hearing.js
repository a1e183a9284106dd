/** This file knows what a page's content script may say, and what it is answered. */

import { shownMenus } from "../browser.js";
import { domRules } from "../sites.js";
import { put } from "./access.js";
import { noteClick } from "./firststeps.js";
import { watchPage } from "./follow.js";
import { meantAt } from "./menus.js";
import { pageWords } from "./toasts.js";

const MAX_SELECTION = 200;

/** @typedef {{url: string, tab: number, active: boolean}} Page as the browser tells it */

export class Hearing {
  /**
   * @param {{relay: import("../relay.js").Relay, clicks: import("./clicks.js").Clicks,
   *   tabs: import("./tabs.js").Tabs, badge: import("./badge.js").Badge,
   *   toasts: import("./toasts.js").Toasts, marks: import("./marks.js").Marks,
   *   menus: import("./menus.js").Menus, follow: import("./follow.js").Follow,
   *   access: import("./access.js").Access, book: () => Promise<any>,
   *   settings: () => Promise<import("../settings.js").Settings>}} parts
   */
  constructor(parts) {
    this.parts = parts;
    const { follow } = parts;
    /** @type {Record<string, (message: any, page: Page) => Promise<any>>} */
    this.said = {
      hello: (_, page) => this.#reading(page),
      warm: (_, page) => this.#warmed(page),
      click: (message, page) => this.#clicked(message, page),
      menu: (message, page) => this.#pointed(message, page),
      mark: ({ facts }, page) => this.#marked(facts, page),
      followed: ({ facts, shown, typing, at }, { url, tab, active }) => follow.heard(tab,
        { facts, shown: shown === true, typing: typing === true, at, url, active }),
    };
  }

  /** @param {string} type @param {any} message @param {Page} page */
  async heard(type, message, page) {
    // A chip of a toast, which may stand on any page that the trader acted on.
    if (type === "offered") return this.#offered(message, page);
    const known = Object.hasOwn(this.said, type);
    if (!known || !await this.parts.access.reads(page.url)) return { ignored: true };
    await this.parts.settings();
    return this.said[type](message, page);
  }

  /** How a page is to be read, and with which key. @param {Page} page */
  async #reading({ url, tab }) {
    const { relay, settings, tabs, badge, book } = this.parts;
    relay.wake();
    const now = await settings();
    if (now.marks === "hover") put(tab, "page/mark.js");
    if ((await tabs.get(tab)).follow) watchPage(tab).catch(() => undefined);
    badge.draw(tab);
    return { rules: domRules(url, await book()), settings: forPage(now) };
  }

  /** The modifier was pressed: a click may follow. @param {Page} page */
  async #warmed(page) {
    const { marks } = await this.parts.settings();
    if (marks === "key") put(page.tab, "page/mark.js");
    return this.#reading(page);
  }

  /** What is held of a ticker is said to pages only while the trader wants it beside tickers.
   * @param {any} facts @param {Page} page */
  async #marked(facts, { url, tab }) {
    const { marks, settings } = this.parts;
    return (await settings()).marks === "off" ? { ignored: true } : marks.heard(tab, { facts, url });
  }

  /** A click: told in the page that was clicked. @param {any} message @param {Page} page */
  async #clicked(message, { url, tab }) {
    const { clicks, toasts } = this.parts;
    const answer = await clicks.facts(tab, { facts: message.facts, at: message.at, url });
    noteClick(answer.outcome);
    return { ...answer, toast: await toasts.dressed(tab, answer.toast) };
  }

  /** @param {any} message @param {Page} page */
  async #offered({ token, index, at }, { tab }) {
    const { clicks, toasts } = this.parts;
    const answer = await clicks.offered(tab, token, index, at);
    return { ...answer, toast: await toasts.dressed(tab, answer.toast) };
  }

  /** A right press: the menu is about to open. @param {any} message @param {Page} page */
  async #pointed({ facts, selection }, { url, tab }) {
    const { menus, clicks, tabs, book } = this.parts;
    if (shownMenus) return null;
    if (!facts) return menus.unname();
    const text = typeof selection === "string" ? selection.trim().slice(0, MAX_SELECTION) : "";
    const meant = meantAt({ facts, selection: text, url }, await book(), clicks.assets.options());
    return menus.name(meant, await tabs.get(tab)).then(() => null);
  }
}

/** What of the settings a page needs to know. @param {import("../settings.js").Settings} all */
const forPage = ({ modifier, marks, followDelayMs, theme, toasts }) =>
  ({ modifier, marks, followDelayMs, theme, words: pageWords(toasts) });
