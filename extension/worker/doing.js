/**
 * This file knows what the menu, the keys and the address bar do: one action for a tab, told in its
 * page, or on the button where the browser lets nothing into the page.
 */

import { api } from "../browser.js";
import { watchPage } from "./follow.js";
import { refusal } from "../sentences.js";
import { originOf } from "./tabs.js";
import { copiedToast, tellSlow } from "./toasts.js";

/** @typedef {{find: any, price?: string | null, binding?: string | null}} Wish */

export class Doing {
  /**
   * @param {{clicks: import("./clicks.js").Clicks, tabs: import("./tabs.js").Tabs,
   *   badge: import("./badge.js").Badge, tell: (tab: number, toast: any) => Promise<void>,
   *   reads: (url: string | undefined) => Promise<boolean>}} parts
   */
  constructor({ clicks, tabs, badge, tell, reads }) {
    this.reads = reads;
    this.clicks = clicks;
    this.tabs = tabs;
    this.badge = badge;
    this.tell = tell;
  }

  /**
   * @param {number} tab @param {"open" | "combo" | "alert" | "notify"} method
   * @param {Promise<Wish>} wished @param {number} at when it was chosen
   */
  async act(tab, method, wished, at) {
    if (!this.clicks.allows(tab)) return;
    const { find, price, binding } = await wished;
    if (method === "alert" && find && !price) return this.tell(tab, refusal("no-price"));
    const acting = this.clicks.act(tab, method, find, at, { price, binding });
    const mine = this.clicks.acts;
    const waiting = tellSlow(acting, () => this.clicks.acts === mine,
      (toast) => this.tell(tab, toast));
    const { toast } = await acting;
    const took = Date.now() - at - toast.checkedMs;
    await waiting;
    await this.tell(tab, { ...toast, ms: toast.ms === null ? null : took });
  }

  /** @param {number} tab @param {Promise<Wish>} wished */
  async copy(tab, wished) {
    const { find } = await wished;
    await this.tell(tab, find?.pattern ? copiedToast(find.pattern) : refusal("no-find"));
  }

  /**
   * Lets the terminal follow a tab, or no more. Only on pages that we may look at for longer than
   * one click.
   * @param {number} tab @param {boolean} on
   */
  async follow(tab, on) {
    const { url } = await api.tabs.get(tab);
    if (on && !await this.reads(url)) {
      await this.tell(tab, refusal("follow-elsewhere"));
      return this.tabs.get(tab);
    }
    const change = on ? { follow: true, state: "unsure", ticker: null, origin: originOf(url) }
      : { follow: false, state: "off" };
    const state = await this.tabs.set(tab, /** @type {any} */ (change));
    await this.badge.draw(tab);
    if (on) await watchPage(tab).catch(() => this.tabs.set(tab, { follow: false, state: "off" }));
    return state;
  }

  /** @param {number} tab */
  async toggleFollow(tab) {
    const { follow } = await this.tabs.get(tab);
    return this.follow(tab, !follow);
  }

  /** Opens what is clicked in this tab in a binding from now on; "" as the settings say.
   * @param {number} tab @param {string} binding */
  async bind(tab, binding) {
    const { url } = await api.tabs.get(tab);
    const state = await this.tabs.set(tab, { binding, origin: originOf(url) });
    await this.badge.draw(tab);
    return state;
  }
}
