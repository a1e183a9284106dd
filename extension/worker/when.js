/** This file knows when a command was given. */

/**
 * The moment that a page of ours or a script in a page tells, where the trader acted. One that lies
 * ahead, or is none, is now: a clock was set back. An old one stays as old as it is, and the relay
 * refuses it: a worker that stood still, or a machine that slept, must not do it later.
 * @param {unknown} at epoch milliseconds @param {number} [now] @returns {number}
 */
export function givenAt(at, now = Date.now()) {
  return typeof at === "number" && Number.isFinite(at) && at <= now ? at : now;
}
