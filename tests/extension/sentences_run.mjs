// This file knows how to say every code in one language: its arguments are the language and the
// codes. It prints {code: {title, command, full}}; test_sentences.py judges them.

import { readFileSync } from "node:fs";

const [language, codes] = process.argv.slice(2).map((text) => JSON.parse(text));
const file = new URL(`../../extension/_locales/${language}/messages.json`, import.meta.url);
const messages = JSON.parse(readFileSync(file, "utf8"));

/** What a browser's i18n.getMessage does. */
function getMessage(key, values = []) {
  const { message = "", placeholders = {} } = messages[key] ?? {};
  return message.replace(/\$(\w+)\$/g, (_, name) => {
    const { content } = placeholders[name.toLowerCase()];
    return values[Number(content.slice(1)) - 1] ?? "";
  });
}

globalThis.chrome = { i18n: { getMessage }, runtime: { getManifest: () => ({}) } };
const { fullSentence, toastOf } = await import("../../extension/sentences.js");

const params = { field: "find", symbol: "SYMBOL", binding: "001", exchange: "EXCHANGE" };
const outcome = (code) => ({ code, state: "refused", text: "TEXT", params, count: 3,
  connection: { name: "CONNECTION" }, alternatives: [] });
const told = codes.map((code) => [code, { ...toastOf(outcome(code)),
  full: fullSentence(outcome(code)) }]);
process.stdout.write(JSON.stringify(Object.fromEntries(told)));
