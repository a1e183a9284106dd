/**
 * This file knows what may be behind a link to the relay that does not work: what the browser said
 * goes in, causes come out, the likeliest first.
 *
 * One text of a browser hides many causes. Which: measured with Chromium 156 and Firefox 153,
 * 2026-11; the rest of the texts stands in their source (native_message_process_host.cc,
 * NativeMessaging.sys.mjs). The causes are the faults that `metascalp-relay doctor` names, so both
 * tell them in the same words: `fault_<cause>` and what to do, `fix_<cause>`, in _locales; what only the
 * doctor can show has `doctor_<cause>` here.
 */

/** The command that puts the relay where the browsers look. */
const INSTALL = "metascalp-relay install";
/** The command that says which cause it is, and mends what it may. */
const DOCTOR = "metascalp-relay doctor --fix";

const LOST = ["not-installed", "browser-sandboxed", "profile-elsewhere", "registry-no-file"];
const DAMAGED = ["manifest-not-json", "manifest-wrong-name", "manifest-wrong-type",
  "manifest-no-description", "manifest-relative-path", "manifest-unreadable"];
const UNSTARTED = ["host-not-executable", "host-no-interpreter", "host-not-a-program",
  "comspec-missing"];

/**
 * What each browser says, and what that can mean.
 * @type {[family: "chromium" | "firefox", said: RegExp, causes: string[]][]}
 */
const SAID = [
  ["chromium", /host not found/i, [...LOST, "host-file-missing", "manifest-bad-origin",
    ...DAMAGED, "manifest-unfilled", "registry-named-value", "policy-user-hosts"]],
  ["chromium", /disabled by the system administrator/i, ["policy-blocks"]],
  ["chromium", /forbidden/i, ["manifest-wrong-extension", "manifest-shadowed",
    "policy-blocks"]],
  ["chromium", /failed to start/i, UNSTARTED],
  ["chromium", /host has exited/i, ["host-exits", ...UNSTARTED]],
  // Also when it has ended before our first message could be written.
  ["chromium", /error when communicating/i, ["host-exits", "host-garbles", ...UNSTARTED]],
  ["firefox", /no such native application/i, [...LOST, "manifest-wrong-extension",
    "manifest-wrong-family", "manifest-unknown-key", ...DAMAGED, "manifest-unfilled", "policy-user-hosts"]],
  ["firefox", /unexpected error|does not exist/i, ["host-file-missing", ...UNSTARTED,
    "host-garbles"]],
  ["firefox", /exceeds the limit/i, ["host-garbles"]],
  ["firefox", /^$/, ["host-exits", "host-no-interpreter"]],
];

/** Codes of the link or the relay that say their cause themselves. @type {Record<string, string[]>} */
const CODES = {
  "relay-broken": ["host-imports"],
  "host-protocol": ["host-protocol-differs"],
  "host-missing": LOST,
  "host-forbidden": ["manifest-wrong-extension"],
  "host-broken": ["host-silent", "host-garbles"],
  "host-exited": ["host-exits", ...UNSTARTED],
  "relay-too-old": ["relay-too-old"],
  "extension-too-old": ["extension-too-old"],
  "terminal-not-found": ["terminal-absent", "terminal-elsewhere", "terminal-silent"],
};

/** Where a cause can be at all; elsewhere it is left out. @type {Record<string, string[]>} */
const ONLY_ON = {
  "browser-sandboxed": ["linux"],
  "profile-elsewhere": ["linux", "mac"],
  "registry-no-file": ["win"],
  "registry-named-value": ["win"],
  "comspec-missing": ["win"],
  "host-not-executable": ["linux", "mac"],
  "host-not-a-program": ["win"],
  "manifest-relative-path": ["linux", "mac"],
};

/** Causes of which the doctor shows more than a browser says: it is asked first. */
const ASKS_DOCTOR = ["host-exits"];

/** Causes that `install` ends. */
const MENDED = /^(not-installed|manifest-(?!shadowed|unreadable)|registry-|host-protocol)/;

/**
 * What may be wrong, the likeliest first; empty when the link is as it should be.
 * @param {Down} down
 * @returns {Cause[]}
 *
 * @typedef {object} Down
 * @property {string | null} code of the link (`LinkState.code`) or of a failure
 * @property {string} [text] what the browser said (`LinkState.text`)
 * @property {"chromium" | "firefox"} family `browserName()`
 * @property {string} [os] as `runtime.getPlatformInfo` names it; absent: causes of every system
 *
 * @typedef {object} Cause
 * @property {string} cause a fault of the doctor
 * @property {string} text key in _locales: what is wrong
 * @property {string} action key in _locales: the one thing to do
 * @property {string | null} command what to run, worth a button that copies it
 */
export function causesOf({ code, text = "", family, os }) {
  if (!code) return [];
  const found = fromText(code, text, family) ?? CODES[code] ?? [];
  const here = found.filter((cause) => !os || (ONLY_ON[cause] ?? [os]).includes(os));
  return here.map(causeOf);
}

/** The keys and the command of one cause. @param {string} cause @returns {Cause} */
export function causeOf(cause) {
  const key = cause.replaceAll("-", "_");
  const action = ASKS_DOCTOR.includes(cause) ? `doctor_${key}` : `fix_${key}`;
  return { cause, text: `fault_${key}`, action, command: commandOf(cause) };
}

/** Every cause that can come out. @returns {string[]} */
export const allCauses = () =>
  [...new Set([...SAID.flatMap(([, , causes]) => causes), ...Object.values(CODES).flat()])];

/** A code that says its cause itself is believed before the words of a browser.
 * @param {string} code @param {string} text @param {string} family */
function fromText(code, text, family) {
  if (code === "host-broken" && !text) return null;
  if (!/^host-(missing|forbidden|exited|broken)$/.test(code)) return null;
  return SAID.find(([one, said]) => one === family && said.test(text))?.[2] ?? null;
}

/** @param {string} cause @returns {string | null} */
function commandOf(cause) {
  if (/^(terminal|policy|browser)-|too-old$|^comspec/.test(cause)) return null;
  return MENDED.test(cause) ? INSTALL : DOCTOR;
}
