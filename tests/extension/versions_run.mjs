// This file knows how to let the extension's link meet a relay that is not one: its argument is JSON,
// {mine, hello, lacks}; it prints the states of the link and what became of two requests.
// test_versions.py judges them.

import { Relay } from "../../extension/relay.js";

const { mine, hello, lacks } = JSON.parse(process.argv[2]);

/** A port whose other end answers at once. */
function connect() {
  const heard = [];
  const refused = { code: -32601, message: "no such method", data: { code: "unknown-method" } };
  const answer = (message) => (message.method === "hello"
    ? { id: message.id, result: hello }
    : lacks.includes(message.method)
      ? { id: message.id, error: refused }
      : { id: message.id, result: { code: "switched" } });
  return {
    onMessage: { addListener: (listener) => heard.push(listener) },
    onDisconnect: { addListener: () => undefined },
    postMessage: (message) => queueMicrotask(() => heard.forEach((one) => one(answer(message)))),
    disconnect: () => undefined,
  };
}

const states = [];
const relay = new Relay({
  connect,
  lastError: () => undefined,
  who: { version: mine, browser: "chromium" },
  onEvent: () => undefined,
  onState: ({ state, code, skew }) => states.push({ state, code, skew }),
});
relay.wake();
await new Promise((done) => setTimeout(done, 20));
const asked = async (method) => relay.request(method, {}).then(
  ({ code }) => code,
  ({ code }) => code,
);
const requests = { open: await asked("open"), scan: await asked("scan") };
process.stdout.write(JSON.stringify({ last: states[0], requests }));
process.exit(0);
