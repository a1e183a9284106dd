/**
 * This file knows a click in a frame of a page, where exchanges draw their charts. It means the
 * ticker of the page around it. The frame has no say in which that is, and only frames of named
 * sites on pages of named sites are heard.
 */

import { readUrl } from "../sites.js";
import { pageFind } from "./menus.js";
import { givenAt } from "./when.js";

/** What a frame may say: that there was a click, with these keys, and when. */
export const FRAMED = "framed";

/**
 * @param {any} message @param {chrome.runtime.MessageSender} sender
 * @param {{access: import("./access.js").Access, doing: import("./doing.js").Doing,
 *   book: () => Promise<any>, settings: () => Promise<import("../settings.js").Settings>}} parts
 */
export async function framed({ keys, at }, sender, { access, doing, book, settings }) {
  const { tab, origin } = sender;
  // An empty frame, or one of a blob, has the origin of the page that made it; one that is shut off
  // from its page has none.
  if (tab?.id === undefined || !await access.reads(`${origin}/`)) return null;
  if (!await access.reads(tab.url)) return null;
  const { modifier } = await settings();
  const wanted = modifier.split("+");
  const held = Array.isArray(keys) && keys.length === wanted.length
    && wanted.every((name) => keys.includes(name));
  if (held) await doing.act(tab.id, "open", meantIn(sender.url ?? "", tab, book), givenAt(at));
  return null;
}

/**
 * The page's own ticker; none where the frame's address names another, as that of a widget does.
 * @param {string} address @param {chrome.tabs.Tab} tab @param {() => Promise<any>} book
 */
async function meantIn(address, tab, book) {
  const reading = await book();
  const find = await pageFind(tab, reading, "page");
  const other = readUrl(address, reading);
  return { find: other && other.pattern !== find?.pattern ? null : find };
}
