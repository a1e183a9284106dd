/**
 * This file knows in which language we speak: the browser's, or the one the user chose. A browser
 * gives only its own, so another one is read from our own `_locales`.
 */

const api = globalThis.browser ?? globalThis.chrome;

/** Languages we have, each by its own name. */
export const LANGUAGES = { en: "English", ru: "Русский" };

/** @typedef {{message: string, placeholders?: Record<string, {content: string}>}} Entry */

/** The messages of the chosen language; null while it is the browser's.
 * @type {Record<string, Entry> | null} */
let chosen = null;

/**
 * A sentence of `_locales`.
 * @param {string} key @param {string[]} [values] @returns {string}
 */
export function say(key, values = []) {
  if (!chosen) return api.i18n.getMessage(key, values) || key;
  const entry = Object.hasOwn(chosen, key) ? chosen[key] : null;
  return entry ? filled(entry, values) : key;
}

/**
 * A sentence with its values, as the browser itself would put them in.
 * @param {Entry} entry @param {string[]} values
 */
export function filled({ message, placeholders = {} }, values) {
  return message.replace(/\$(\w+)\$|\$\$/g, (whole, name) => {
    if (!name) return "$";
    const content = placeholders[name.toLowerCase()]?.content ?? whole;
    return content.replace(/\$([1-9])/g, (_, number) => values[number - 1] ?? "");
  });
}

/** Whether sentences come in a language that is not the browser's. */
export const isChosen = () => chosen !== null;

/**
 * Speaks a language from now on.
 * @param {string} language of LANGUAGES; anything else is the browser's own
 * @returns {Promise<void>}
 */
export async function speak(language) {
  const known = Object.hasOwn(LANGUAGES, language);
  if (!known || api.i18n.getMessage("language") === language) {
    chosen = null;
    return;
  }
  const answer = await fetch(api.runtime.getURL(`_locales/${language}/messages.json`));
  chosen = await answer.json();
}
