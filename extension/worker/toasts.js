/** This file knows how a tab gets to show an outcome, on any page the user acted on. */

import { PAGE_SCRIPTS, api, say } from "../browser.js";
import { PENDING, withCommand } from "../sentences.js";
import { put } from "./access.js";

/** @typedef {import("../sentences.js").Toast} Toast */

const PENDING_MS = 400;
const WORDS = ["toast_copied", "toast_copy", "toast_not_copied", "toast_no_answer",
  "toast_pending"];
const SIGNS = { done: "✓", dispatched: "✓", refused: "!", unknown: "?" };

export class Toasts {
  /**
   * @param {import("./badge.js").Badge} badge
   * @param {() => Promise<import("../settings.js").Settings>} settings
   */
  constructor(badge, settings) {
    this.badge = badge;
    this.settings = settings;
  }

  /**
   * A toast as the settings want it; null when the toolbar button is to tell instead, which it
   * does at once.
   * @param {number} tab @param {Toast} toast @returns {Promise<Toast | null>}
   */
  async dressed(tab, toast) {
    const { toasts, toastSeconds, theme } = await this.settings();
    const fine = toast.state === "done" || toast.state === "dispatched";
    if (toasts === "all" || (toasts === "problems" && !fine)) {
      const offers = toast.chips?.length || toast.command || toast.copy;
      if (offers) await put(tab, "page/offers.js");
      return { ...toast, showMs: toastSeconds * 1000, theme,
        words: pageWords(toasts) };
    }
    if (toast.code !== PENDING.code) await this.onButton(tab, toast);
    return null;
  }

  /**
   * Shows it in the page; puts our script there first where it is not; marks the button where the
   * browser lets no script in.
   * @param {number} tab @param {Toast} toast
   */
  async show(tab, toast) {
    const dressed = await this.dressed(tab, toast);
    if (!dressed) return;
    const message = { type: "toast", toast: dressed };
    try {
      await api.tabs.sendMessage(tab, message, { frameId: 0 });
      return;
    } catch {
      // No copy of ours in this page yet: the next lines put one there.
    }
    try {
      await api.scripting.executeScript({ target: { tabId: tab }, files: PAGE_SCRIPTS });
      await api.tabs.sendMessage(tab, message, { frameId: 0 });
    } catch {
      await this.onButton(tab, toast);
    }
  }

  /** @param {number} tab @param {Toast} toast */
  onButton(tab, toast) {
    const sign = /** @type {Record<string, string>} */ (SIGNS)[toast.state] ?? "?";
    const text = toast.code === PENDING.code ? "…" : sign;
    return this.badge.mark(tab, { text, title: withCommand(toast.title, toast.command) });
  }
}

/** What a page has to say by itself, in the language the user chose; nothing of what is on its way
 * where not all is to be told. @param {string} [toasts] as in the settings */
export function pageWords(toasts = "all") {
  const words = Object.fromEntries(WORDS.map((key) => [key, say(key)]));
  return toasts === "all" ? words : { ...words, toast_pending: "" };
}

/** A pattern to be put on the clipboard, which only the page can do. @param {string} pattern
 * @returns {Toast} */
export function copiedToast(pattern) {
  return { ...PENDING, state: "done", code: "copied", title: say("toast_pattern"), copy: pattern };
}

/**
 * Says that an action is on its way, if it takes long enough to be waited for.
 * @param {Promise<any>} acting
 * @param {() => boolean} isNewest whether nothing else was done since
 * @param {(toast: Toast) => Promise<void>} tell
 */
export async function tellSlow(acting, isNewest, tell) {
  let timer = /** @type {any} */ (0);
  const slow = new Promise((resolve) => {
    timer = setTimeout(() => resolve("slow"), PENDING_MS);
  });
  const first = await Promise.race([acting, slow]);
  clearTimeout(timer);
  if (first === "slow" && isNewest()) await tell(PENDING);
}
