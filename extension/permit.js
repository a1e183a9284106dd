/**
 * This file knows how the user lets us into a site and shows us out again. Only a page of ours asks,
 * within a press of the user's, and what was answered is remembered: a No is not asked about again.
 */

import { api } from "./browser.js";
import { readSettings, writeSettings } from "./settings.js";

/** @typedef {{id: string, patterns: string[]}} Wanted */

/**
 * Asks the browser to ask the user. It takes the question only within the press itself, so nothing
 * may be waited for before.
 * @param {Wanted} wanted @returns {Promise<boolean>} whether we are let in now
 */
export async function permit({ id, patterns }) {
  const granted = await api.permissions.request({ origins: patterns });
  if (granted) await switchSite(id, true);
  await remember(id, !granted);
  return granted;
}

/** Leaves a site: it is not read any more, and what access can be given back is.
 * @param {Wanted} wanted */
export async function leave({ id, patterns }) {
  await switchSite(id, false);
  await remember(id, false);
  const named = api.runtime.getManifest().host_permissions ?? [];
  const origins = patterns.filter((pattern) => !named.includes(pattern));
  if (origins.length) await api.permissions.remove({ origins }).catch(() => false);
}

/** A No without a question. @param {string} id */
export const refuse = (id) => remember(id, true);

/** Ids of sites that the user was asked about and said No. @returns {Promise<string[]>} */
export async function refusedSites() {
  const { refused } = /** @type {{refused?: string[]}} */ (await api.storage.local.get("refused"));
  return Array.isArray(refused) ? refused : [];
}

/** @param {string} id @param {boolean} on */
export async function switchSite(id, on) {
  const { sitesOff } = await readSettings();
  const others = sitesOff.filter((one) => one !== id);
  if (on === sitesOff.includes(id)) await writeSettings({ sitesOff: on ? others : [...others, id] });
}

/** @param {string} id @param {boolean} refused */
async function remember(id, refused) {
  const before = await refusedSites();
  if (refused === before.includes(id)) return;
  const others = before.filter((one) => one !== id);
  await api.storage.local.set({ refused: refused ? [...others, id] : others });
}
