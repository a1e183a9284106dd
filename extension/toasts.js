/** This file knows how a tab gets to show an outcome, on any page the user acted on. */

import { PAGE_SCRIPTS, api } from "./browser.js";

/** @typedef {import("./sentences.js").Toast} Toast */

const BADGE_MS = 4000;
const MARKS = { done: "✓", dispatched: "✓", refused: "!", unknown: "?" };

/**
 * Shows it in the page; puts our script there first where it is not; marks the button where the
 * browser lets no script in.
 * @param {number} tab @param {Toast} toast
 */
export async function showToast(tab, toast) {
  const message = { type: "toast", toast };
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
    await badge(tab, toast);
  }
}

/** @param {number} tab @param {Toast} toast */
async function badge(tab, toast) {
  const text = /** @type {Record<string, string>} */ (MARKS)[toast.state] ?? "?";
  await api.action.setBadgeText({ tabId: tab, text });
  await api.action.setTitle({ tabId: tab, title: toast.title });
  setTimeout(() => clear(tab), BADGE_MS);
}

/** The tab may be gone by then, which ends its badge too. @param {number} tab */
function clear(tab) {
  Promise.all([
    api.action.setBadgeText({ tabId: tab, text: "" }),
    api.action.setTitle({ tabId: tab, title: "" }),
  ]).catch(() => undefined);
}
