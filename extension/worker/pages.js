/** This file knows what our own pages, the panel and the options, may ask the background for. */

import { api } from "../browser.js";
import { isBinding } from "../settings.js";

/** Whether a message comes from a page of ours. @param {chrome.runtime.MessageSender} sender */
export function isOurPage(sender) {
  return sender.id === api.runtime.id && (sender.url ?? "").startsWith(api.runtime.getURL(""));
}

/**
 * tab-state {tab} → how a tab is linked and followed, and `usual`: where a tab without a link opens.
 * follow {tab, on}, bind {tab, binding} → the
 * same, changed. bindings {} → what the relay tells of them.
 * @param {{tabs: import("./tabs.js").Tabs, relay: import("../relay.js").Relay,
 *   follow: (tab: number, on: boolean) => Promise<any>,
 *   bind: (tab: number, binding: string) => Promise<any>,
 *   target: () => Promise<string>}} parts
 * @returns {Record<string, (message: any) => Promise<any>>}
 */
export function pageRequests({ tabs, relay, follow, bind, target }) {
  return {
    "tab-state": async ({ tab }) => ({ ...await tabs.get(tab), usual: await target() }),
    follow: ({ tab, on }) => follow(tab, on === true),
    bind: ({ tab, binding }) => bind(tab, isBinding(binding) ? binding : ""),
    bindings: () => relay.request("bindings", {}),
  };
}
