/**
 * This file knows the shield: the browser's own rule that no page may post to the terminal.
 *
 * A page may send any browser to any address as a form, without a question; the terminal takes such
 * a form for an order (measured in Chromium 156 and Firefox 153, 2026-11). Only posted navigations
 * are stopped: what a person types or a link opens is a GET and goes on. Names of other people that
 * lead to this computer are not covered: a rule may only watch hosts we were given access to.
 */

import { api } from "./browser.js";

/**
 * The names of this computer. A browser rewrites every other spelling (127.1, 2130706433, 0x7f.1)
 * to the first; the last two reach only a terminal that listens there too (measured 2026-11).
 */
export const LOOPBACK = [
  "http://127.0.0.1/*",
  "http://*.localhost/*",
  "http://*.localhost./*",
  "http://[::1]/*",
  "http://0.0.0.0/*",
];

/** What the shield asks for when it is switched on, within the click that does it. */
export const WANTED = {
  permissions: /** @type {["webRequest"]} */ (["webRequest"]),
  origins: LOOPBACK,
};

const RULE = 1;
/** The eleven ports of the terminal (its documents, 2026-08) and the usual one of our own door. */
const PORTS = "(1784[5-9]|1785[0-5]|17860)";
const HOSTS = "(([^/?#]*\\.)?localhost|127\\.0\\.0\\.1|0\\.0\\.0\\.0|\\[::1\\])";
const LAST = 20;

/** @returns {chrome.declarativeNetRequest.Rule} */
const rule = () => ({
  id: RULE,
  action: { type: /** @type {any} */ ("block") },
  condition: {
    regexFilter: `^http://${HOSTS}\\.?:${PORTS}/`,
    requestMethods: /** @type {any} */ (["post"]),
    resourceTypes: /** @type {any} */ (["main_frame", "sub_frame"]),
  },
});

/**
 * @typedef {{at: number, from: string | null, path: string}} Stopped when, by whom, on its way where
 * @typedef {{on: boolean, count: number, last: Stopped[]}} Shield `last`: the newest first
 */

/** How the shield stands: on only if the rule is there and the browser lets it act.
 * @returns {Promise<Shield>} */
export async function readShield() {
  const [rules, granted, stored] = await Promise.all([
    api.declarativeNetRequest.getDynamicRules(),
    api.permissions.contains({ origins: LOOPBACK }),
    readStopped(),
  ]);
  return { on: granted && rules.some(({ id }) => id === RULE), ...stored };
}

/** @returns {Promise<{count: number, last: Stopped[]}>} */
async function readStopped() {
  const { stopped } = await api.storage.local.get("stopped");
  return { count: 0, last: [], .../** @type {object} */ (stopped ?? {}) };
}

/**
 * Switches the shield on. To be called straight from a click: the browser asks the user.
 * @returns {Promise<boolean>} whether it is on now
 */
export async function raiseShield() {
  if (!(await api.permissions.request(WANTED))) return false;
  await api.declarativeNetRequest.updateDynamicRules({
    removeRuleIds: [RULE],
    addRules: [rule()],
  });
  return true;
}

/** Switches it off and gives the access back. @returns {Promise<void>} */
export async function lowerShield() {
  await api.declarativeNetRequest.updateDynamicRules({ removeRuleIds: [RULE] });
  await api.permissions.remove(WANTED);
}

/** Counts what is stopped, from here on; also when the permission comes later. */
export function watchStopped() {
  listen();
  api.permissions.onAdded.addListener(listen);
}

function listen() {
  if (!api.webRequest || api.webRequest.onErrorOccurred.hasListener(stopped)) return;
  const types = /** @type {any} */ (["main_frame", "sub_frame"]);
  api.webRequest.onErrorOccurred.addListener(stopped, { urls: LOOPBACK, types });
}

let writing = Promise.resolve();

/** @param {any} request */
function stopped({ method, url, initiator, originUrl, timeStamp }) {
  if (method !== "POST" || !new RegExp(rule().condition.regexFilter ?? "").test(url)) return;
  const from = initiator ?? originUrl;
  const one = {
    at: Math.round(timeStamp),
    from: URL.canParse(from) ? new URL(from).host : null,
    path: new URL(url).pathname.slice(0, 64),
  };
  writing = writing.then(() => remember(one));
}

/** One after the other: two at once must not count as one. @param {Stopped} one */
async function remember(one) {
  if (!(await readShield()).on) return;
  const { count, last } = await readStopped();
  await api.storage.local.set({ stopped: { count: count + 1, last: [one, ...last].slice(0, LAST) } });
}
