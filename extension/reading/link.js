// This file knows the parts of an address, and which of them hold what a form of it asks for.

import { merge } from "./template.js";

/** @typedef {import("./book.js").Path} Path */

/**
 * @typedef {object} Link
 * @property {string} host
 * @property {string} path decoded
 * @property {string} query
 * @property {string} hash decoded where needed
 */

const MAX_URL = 4096;

/** The part of the URL class we use; it is a global of Node and of every browser. */
/** @typedef {{protocol: string, username: string, password: string, port: string, hostname: string,
 *   pathname: string, search: string, hash: string, href: string}} Parts */

const { URL, URLSearchParams } =
  /** @type {{
   *   URL: new (url: string, base?: string) => Parts,
   *   URLSearchParams: new (text: string) => {getAll: (key: string) => string[]}}} */ (
    /** @type {unknown} */ (globalThis)
  );

/**
 * The absolute form of a link found on a page; null when it cannot be one.
 * @param {string} href
 * @param {string} page
 * @returns {string|null}
 */
export function absolute(href, page) {
  if (typeof href !== "string" || href.length > MAX_URL) return null;
  try {
    return new URL(href, page).href;
  } catch {
    return null; // not a link at all: the page wrote something else there
  }
}

/**
 * An address in parts; null for anything but a plain page: other schemes, ports, user names, bad
 * encoding.
 * @param {string} url
 * @returns {Link|null}
 */
export function linkOf(url) {
  if (typeof url !== "string" || url.length > MAX_URL) return null;
  try {
    const { protocol, username, password, port, hostname, pathname, search, hash } = new URL(url);
    if (!/^https?:$/.test(protocol) || username || password || port) return null;
    return {
      host: hostname,
      path: decodeURIComponent(pathname),
      query: search,
      hash: hash.slice(1),
    };
  } catch {
    return null; // not an address, or encoded in a way no page of ours is
  }
}

/**
 * What the placeholders of one form hold in this link, or null when it is not of that form.
 * @param {Path} path
 * @param {Link} link
 * @returns {Record<string, string>|null}
 */
export function valuesOf(path, link) {
  if (path.hosts && !path.hosts.includes(link.host)) return null;
  let values = path.match(link.path);
  for (const [place, key, matchers] of path.conditions) {
    if (!values) return null;
    const said = lookUp(link, place, key);
    if (said === undefined && matchers.includes(null)) continue;
    const found = said && matchers.map((match) => match && match(said)).find(Boolean);
    values = found ? merge(values, found) : null;
  }
  return values;
}

/**
 * One value of the query or the fragment; undefined when it is absent, null when it says two
 * things.
 * @param {Link} link
 * @param {string} place
 * @param {string} key
 * @returns {string|null|undefined}
 */
function lookUp({ query, hash }, place, key) {
  if (place === "hashText") return decoded(hash);
  if (place === "hashJson") return jsonValue(decoded(hash), key);
  const said = new URLSearchParams(place === "query" ? query : hash).getAll(key);
  return said.length > 1 && said.some((one) => one !== said[0]) ? null : said[0];
}

/**
 * @param {string} text
 * @returns {string}
 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // a fragment is free text: one that is not encoded right says nothing
  }
}

/**
 * @param {string} text
 * @param {string} key
 * @returns {string|undefined}
 */
function jsonValue(text, key) {
  if (!text.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(text)[key];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined; // the same: a fragment that is no JSON says nothing
  }
}
