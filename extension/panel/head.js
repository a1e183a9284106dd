/** This file knows the head of the panel: how the relay and the terminal are, and what helps. */

import { say } from "../browser.js";
import { causeOf } from "../causes.js";
import { configProblem } from "../problems.js";
import { commandFor, sentence } from "../sentences.js";
import { byId, setData, setText } from "./dom.js";

/**
 * How things stand, as one word: none (no relay), connecting, searching, lost or connected.
 * @param {any} model @returns {{state: string, code: string | null}}
 */
export function situation({ link, status }) {
  if (link.state !== "ready" && link.code) return { state: "none", code: link.code };
  if (link.state !== "ready" || !status) return { state: "connecting", code: null };
  const code = status.terminal.others?.length ? "terminal-other" : null;
  return { state: status.terminal.state, code };
}

/** @param {any} model */
export function paintHead(model) {
  const now = situation(model);
  setData(document.body, "terminalState", now.state);
  setData(document.body, "link", model.link.state);
  if (now.state === "none") paintNoRelay(now.code ?? "internal");
  else if (now.state === "connecting") paintLines(say("head_connecting"), "");
  else if (now.state === "connected") paintConnected(model.status.terminal);
  else paintLines(say(now.code ? "head_other" : "head_not_running"), model.other ?? "");
  paintHelp(now, model.link.text, model.other);
  paintProblem(now.state === "none" ? null : { ...model.status?.relay, skew: model.link.skew });
}

/** One line for what does not stop the work. @param {any} relay of the status, or null */
function paintProblem(relay) {
  const line = byId("problem");
  const text = problemText(relay ?? {});
  if (line.hidden === Boolean(text)) line.hidden = !text;
  setText(line, text);
  line.title = text;
}

/**
 * @param {{broken?: string | null, configProblem?: string | null, configWhy?: any,
 *   skew?: string | null}} relay
 */
function problemText({ broken, configProblem: told, configWhy, skew }) {
  if (broken) return say("head_feed_broken", [broken]);
  // A relay of before 2026-11 tells a sentence alone.
  if (told) {
    return say("head_config_problem", [configWhy?.why ? configProblem(configWhy) : told]);
  }
  if (!skew) return "";
  const { text, action } = causeOf(skew);
  return `${say(text)} ${say(action)}`;
}

/** @param {string} code */
function paintNoRelay(code) {
  paintLines(say(code === "host-missing" ? "head_no_relay" : "head_relay_broken"), "");
}

/** @param {{url: string | null, version: string | null}} terminal */
function paintConnected({ url, version }) {
  const port = url && URL.canParse(url) ? new URL(url).host : url ?? "";
  paintLines(`MetaScalp${version ? ` ${version}` : ""}`, port);
}

/** @param {string} title @param {string} detail */
function paintLines(title, detail) {
  setText(byId("terminal-title"), title);
  setText(byId("terminal-detail"), detail);
}

/** @param {string | null} code @param {string} text @param {string | null} address */
function helpText(code, text, address) {
  if (code === "host-missing") return say("help_no_relay");
  return code ? sentence({ code, text, params: { address } }) : say("help_not_running");
}

/** @param {{state: string, code: string | null}} now @param {string} text what the link said
 * @param {string | null} address of a terminal that is not ours */
function paintHelp({ state, code }, text, address) {
  const helps = state === "none" || state === "searching" || state === "lost";
  const help = byId("help");
  if (help.hidden === helps) help.hidden = !helps;
  if (!helps) return;
  setText(byId("help-text"), helpText(code, text, address));
  const command = code && commandFor(code);
  byId("help-command").hidden = !command;
  if (!command) return;
  setText(byId("help-command").querySelector("code"), command);
}
