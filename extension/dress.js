/** This file knows how a page of ours comes up: in the user's language and theme. */

import { say, speak } from "./language.js";
import { readSettings, watchSettings } from "./settings.js";

/**
 * Dresses the page it is called in, and keeps it so: a theme is live, a language loads it anew.
 * @param {{signal: AbortSignal}} life
 * @returns {Promise<import("./settings.js").Settings>}
 */
export async function dress({ signal }) {
  const settings = await readSettings();
  await speak(settings.language);
  paint(settings.theme);
  fill(document);
  watchSettings(({ theme, language }) => {
    if (language !== settings.language) location.reload();
    else paint(theme);
  }, { signal });
  return settings;
}

/** Puts sentences where the page names them. @param {Document | DocumentFragment} root */
export function fill(root) {
  const each = (/** @type {string} */ name, /** @type {(node: any, text: string) => void} */ put) =>
    root.querySelectorAll(`[data-${name}]`).forEach((node) =>
      put(node, say(/** @type {string} */ (node.getAttribute(`data-${name}`)))));
  each("say", (node, text) => {
    node.textContent = text;
  });
  each("say-label", (node, text) => node.setAttribute("aria-label", text));
  each("say-hint", (node, text) => node.setAttribute("placeholder", text));
}

/** @param {string} theme */
function paint(theme) {
  document.documentElement.lang = say("language");
  document.documentElement.dataset.theme = theme;
}
