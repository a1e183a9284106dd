/** This file knows when the first steps come up by themselves. */

import { api } from "../browser.js";

/**
 * After an install; not where the terminal was named by hand, as in the demo: who did that has been
 * here before.
 * @param {string} reason of `onInstalled` @param {import("../relay.js").Relay} relay
 */
export async function showFirstSteps(reason, relay) {
  if (reason !== "install") return;
  const status = await relay.request("status").catch(() => null); // then the first step says why
  if (status?.relay?.staged) return;
  await api.tabs.create({ url: api.runtime.getURL("first/index.html") });
}

/** The first steps want to know that a click has arrived. @param {{state: string}} outcome */
export function noteClick({ state }) {
  if (state === "done") api.storage.local.set({ clicked: true });
}
