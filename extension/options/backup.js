/** This file knows how all settings leave as one file and come back from it. */

import { say } from "../language.js";
import { byId, setText } from "../panel/dom.js";
import { TABLE, fits, readSettings, writeSettings } from "../settings.js";

const KIND = "metascalp-relay-settings";
const MAX_BYTES = 200_000;
/** What is about one screen and not about the user. */
const NOT_OURS = ["folded"];

/**
 * @param {{preferences: import("./preferences.js").Preferences, signal: AbortSignal}} parts
 */
export function makeBackup({ preferences, signal }) {
  const file = byId("backup-file");
  byId("backup-out").addEventListener("click", () => write(preferences.kept), { signal });
  byId("backup-in").addEventListener("click", () => file.click(), { signal });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    file.value = "";
    if (chosen) await read(chosen, preferences);
  }, { signal });
}

/** @param {object | null} kept what the relay keeps; left out without a relay */
async function write(kept) {
  const settings = Object.entries(await readSettings()).filter(([name]) => !NOT_OURS.includes(name));
  const { exchanges, markets, aliases } = /** @type {any} */ (kept ?? {});
  const data = { kind: KIND, format: 1, browser: Object.fromEntries(settings),
    ...(kept ? { relay: { exchanges, markets, aliases } } : {}) };
  const text = `${JSON.stringify(data, null, 2)}\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `metascalp-relay-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  tell("done", say("backup_written"));
}

/** Takes what fits; says what did not. @param {File} file
 * @param {import("./preferences.js").Preferences} preferences */
async function read(file, preferences) {
  const data = file.size <= MAX_BYTES ? parsed(await file.text()) : null;
  if (!data) return tell("refused", say("backup_not_ours"));
  const { good, left } = sorted(data.browser ?? {});
  await writeSettings(good);
  const relay = data.relay && typeof data.relay === "object" ? data.relay : null;
  const names = relay ? ["exchanges", "markets", "aliases"].filter((name) =>
    Object.hasOwn(relay, name)) : [];
  const change = Object.fromEntries(names.map((name) => [name, relay[name]]));
  const kept = !names.length || await preferences.set(change);
  const missed = [...left, ...(kept ? [] : names)];
  if (missed.length) return tell("refused", say("backup_partly", [missed.join(", ")]));
  return tell("done", say("backup_read"));
}

/** @param {string} text @returns {any} null when it is no file of ours */
function parsed(text) {
  try {
    const data = JSON.parse(text);
    return data?.kind === KIND && data.format === 1 ? data : null;
  } catch {
    return null;
  }
}

/** @param {any} given @returns {{good: object, left: string[]}} */
function sorted(given) {
  const pairs = Object.entries(given && typeof given === "object" ? given : {});
  const takes = (/** @type {[string, any]} */ [name, value]) =>
    Object.hasOwn(TABLE, name) && !NOT_OURS.includes(name) && fits(name, value);
  return { good: Object.fromEntries(pairs.filter(takes)),
    left: pairs.filter((pair) => !takes(pair)).map(([name]) => name.slice(0, 40)) };
}

/** @param {string} state @param {string} text */
function tell(state, text) {
  byId("backup-said").dataset.state = state;
  setText(byId("backup-said"), text);
}
