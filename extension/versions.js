/**
 * This file knows what becomes of an extension and a relay of different versions: they work, they
 * work with less, or one of them must be updated first. `hello` carries what is compared.
 */

/** Of the messages between us; raised when one of them breaks. The relay's is its `PROTOCOL`. */
export const PROTOCOL = 1;
/** The oldest protocol of a relay that we still speak. */
export const OLDEST = 1;

/**
 * How two versions get along. works: whether requests may be sent. skew: a cause of causes.js;
 * "relay-older" and "extension-older" still work, each without what the older one lacks.
 * @param {{version: string, protocol?: number, oldest?: number}} mine
 * @param {any} host what the relay has answered to `hello`
 * @returns {{works: boolean, skew: string | null}}
 */
export function meet({ version, protocol = PROTOCOL, oldest = OLDEST }, host) {
  const theirs = host?.protocol;
  if (!Number.isInteger(theirs)) return { works: false, skew: "host-protocol" };
  if (theirs < oldest) return { works: false, skew: "relay-too-old" };
  if ((Number.isInteger(host.oldest) ? host.oldest : theirs) > protocol) {
    return { works: false, skew: "extension-too-old" };
  }
  const difference = compare(version, String(host.version ?? ""));
  if (difference === 0) return { works: true, skew: null };
  return { works: true, skew: difference > 0 ? "relay-older" : "extension-older" };
}

/**
 * Versions differ in what they can do by their first two numbers; the third only mends.
 * @param {string} one @param {string} other @returns {number} above 0 when the first is newer
 */
export function compare(one, other) {
  const [mine, theirs] = [one, other].map((version) => version.split(".").map((part) =>
    Number.parseInt(part, 10) || 0));
  return (mine[0] ?? 0) - (theirs[0] ?? 0) || (mine[1] ?? 0) - (theirs[1] ?? 0);
}
