/** This file knows the keyboard shortcuts, which only the browser's own page can change. */

import { api } from "../browser.js";
import { say } from "../language.js";
import { byId, make, setText } from "../panel/dom.js";

/** Where Chromium's browsers show them; each turns it into its own address. */
const PAGE = "chrome://extensions/shortcuts";

/** @param {{signal: AbortSignal}} life */
export function makeKeys({ signal }) {
  show();
  addEventListener("focus", show, { signal }); // back from where they are changed
  byId("key-change").addEventListener("click", change, { signal });
}

async function show() {
  const [commands, names] = await Promise.all([api.commands.getAll(), declared()]);
  byId("key-list").replaceChildren(...commands.filter(({ description }) => description)
    .map(({ name, description, shortcut }) => make("li", { class: "line", data: { command: name ?? "" } }, [
      make("span", { class: "grow", text: say(names[name ?? ""] ?? description ?? "") }),
      shortcut ? make("kbd", { text: shortcut })
        : make("span", { class: "quiet", text: say("options_keys_none") }),
    ])));
}

/** Command -> the key in _locales of its name; the browser itself gives it in its own language. */
async function declared() {
  const answer = await fetch(api.runtime.getURL("manifest.json"));
  const commands = Object.entries((await answer.json()).commands);
  return Object.fromEntries(commands.map(([name, { description }]) =>
    [name, /^__MSG_(\w+)__$/.exec(description)?.[1]]));
}

async function change() {
  const { openShortcutSettings } = /** @type {any} */ (api.commands);
  const opened = openShortcutSettings ? openShortcutSettings.call(api.commands)
    : api.tabs.create({ url: PAGE });
  await opened.catch(() => setText(byId("key-said"), say("options_keys_by_hand")));
}
