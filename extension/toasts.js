/** This file knows how a tab gets to show an outcome, on any page the user acted on. */

import { PAGE_SCRIPTS, api } from "./browser.js";
import { PENDING } from "./sentences.js";

/** @typedef {import("./sentences.js").Toast} Toast */

const BADGE_MS = 4000;
const PENDING_MS = 400;
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

/**
 * Says that an action is on its way, if it takes long enough to be waited for.
 * @param {number} tab @param {Promise<any>} acting
 * @param {() => boolean} isNewest whether nothing else was done since
 */
export async function tellSlow(tab, acting, isNewest) {
  let timer = /** @type {any} */ (0);
  const slow = new Promise((resolve) => {
    timer = setTimeout(() => resolve("slow"), PENDING_MS);
  });
  const first = await Promise.race([acting, slow]);
  clearTimeout(timer);
  if (first === "slow" && isNewest()) await showToast(tab, PENDING);
}

/** @param {number} tab @param {Toast} toast */
async function badge(tab, toast) {
  const mark = /** @type {Record<string, string>} */ (MARKS)[toast.state] ?? "?";
  const text = toast.code === PENDING.code ? "…" : mark;
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
