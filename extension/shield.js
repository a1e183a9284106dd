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
 * to the first. 0.0.0.0 and the last three lead to 127.0.0.1 as well, [::1] and [::] to a terminal
 * that listens there too (measured 2026-12, Linux; [::7f00:1] in Firefox alone).
 */
export const LOOPBACK = [
  "http://127.0.0.1/*",
  "http://*.localhost/*",
  "http://*.localhost./*",
  "http://[::1]/*",
  "http://0.0.0.0/*",
  "http://[::]/*",
  "http://[::ffff:7f00:1]/*",
  "http://[::ffff:0:0]/*",
  "http://[::7f00:1]/*",
];

/** What the shield asks for when it is switched on, within the click that does it. */
const WANTED = {
  permissions: /** @type {["webRequest"]} */ (["webRequest"]),
  origins: LOOPBACK,
};

const RULE = 1;
/** The eleven ports of the terminal (its documents, 2026-08) and the usual one of our own door. */
const PORTS = "1784[5-9]|1785[0-5]|17860";
/** This computer at port 80, which no address names: so the hosts are named, and no site's. */
const HERE = String.raw`(127\.0\.0\.1|0\.0\.0\.0|([^/?#@:]+\.)?localhost\.?|\[[^/?#@]+\])`;
/** Whatever a form may be sent into: a tab, a frame, an <object> or <embed> (Chromium's "object"). */
const TYPES = /** @type {any} */ (["main_frame", "sub_frame", "object"]);
const LAST = 20;

/**
 * Which addresses are meant. Browsers match the whole of an address, so a name and a password may
 * stand before the host (http://a:b@127.0.0.1); which hosts, says the access that we were given.
 * @param {number | null} port one more, where the terminal was found
 */
const aimedAt = (port) => (port === 80 ? `^http://([^/?#]*:(${PORTS})|([^/?#]*@)?${HERE})/`
  : `^http://[^/?#]*:(${PORTS}${port === null ? "" : `|${port}`})/`);

/** @param {number | null} port @returns {chrome.declarativeNetRequest.Rule} */
const rule = (port) => ({
  id: RULE,
  action: { type: /** @type {any} */ ("block") },
  condition: {
    regexFilter: aimedAt(port),
    requestMethods: /** @type {any} */ (["post"]),
    resourceTypes: TYPES,
  },
});

/**
 * @typedef {{at: number, from: string | null, path: string}} Stopped when, by whom, on its way where
 * @typedef {{on: boolean, inPrivate: boolean, count: number, last: Stopped[]}} Shield `inPrivate`:
 *   whether it reaches private windows, which the user allows elsewhere. `last`: the newest first
 */

/** How the shield stands: on only if the rule is there and the browser lets it act.
 * @returns {Promise<Shield>} */
export async function readShield() {
  const [rules, granted, inPrivate, stored] = await Promise.all([
    api.declarativeNetRequest.getDynamicRules(),
    api.permissions.contains({ origins: LOOPBACK }),
    api.extension.isAllowedIncognitoAccess(),
    readStopped(),
  ]);
  return { on: granted && rules.some(({ id }) => id === RULE), inPrivate, ...stored };
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
  await put(rule(await foundPort()));
  return true;
}

/** @param {chrome.declarativeNetRequest.Rule} one */
const put = (one) =>
  api.declarativeNetRequest.updateDynamicRules({ removeRuleIds: [RULE], addRules: [one] });

/** The port at which the terminal was found last, if it is none of the usual ones.
 * @returns {Promise<number | null>} */
async function foundPort() {
  const { terminalPort } = await api.storage.local.get("terminalPort");
  return Number.isInteger(terminalPort) ? /** @type {number} */ (terminalPort) : null;
}

/**
 * A terminal may be set to any port: the shield covers the one where it was found.
 * @param {string | null | undefined} url the terminal's, as the relay tells it
 */
export async function guard(url) {
  if (url && URL.canParse(url)) await inTurn(() => cover(url));
}

/** @param {string} url */
async function cover(url) {
  const port = Number(new URL(url).port) || 80;
  const other = new RegExp(`^(${PORTS})$`).test(String(port)) ? null : port;
  if (other !== await foundPort()) await api.storage.local.set({ terminalPort: other });
  const [there] = await api.declarativeNetRequest.getDynamicRules();
  if (there && there.condition.regexFilter !== aimedAt(other)) await put(rule(other));
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
  api.webRequest.onErrorOccurred.addListener(stopped, { urls: LOOPBACK, types: TYPES });
}

/** @type {Promise<unknown>} */
let writing = Promise.resolve();

/**
 * One after the other: two at once must not count as one, nor an older port win.
 * @template T @param {() => Promise<T>} work @returns {Promise<T>}
 */
function inTurn(work) {
  const done = writing.then(work);
  writing = done.catch(() => undefined);
  return done;
}

/** @param {any} request */
function stopped({ method, url, initiator, originUrl, timeStamp }) {
  if (method !== "POST") return;
  const from = initiator ?? originUrl;
  const one = {
    at: Math.round(timeStamp),
    from: URL.canParse(from) ? new URL(from).host : null,
    path: new URL(url).pathname.slice(0, 64),
  };
  inTurn(() => remember(url, one));
}

/** @param {string} url @param {Stopped} one */
async function remember(url, one) {
  const aimed = new RegExp(aimedAt(await foundPort())).test(url);
  if (!aimed || !(await readShield()).on) return;
  const { count, last } = await readStopped();
  await api.storage.local.set({ stopped: { count: count + 1, last: [one, ...last].slice(0, LAST) } });
}
