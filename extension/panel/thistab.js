/**
 * This file knows what is set for the tab in front of the panel: whether the terminal follows it,
 * where its clicks are opened; and the terminal's panels, each to be locked or shown a ticker.
 */

import { api, say } from "../browser.js";
import { fullSentence, usualName } from "../sentences.js";
import { isBinding } from "../settings.js";
import { byId, make, settle } from "./dom.js";
import { bare } from "./places.js";

const OTHER = "other";

/** @typedef {{id: string, kind: string, connection: number | null, ticker: string | null,
 *   binding: string | null,
 *   window: string, tab: string, front: boolean, locked: boolean}} Panel */

export class ThisTab {
  #tab = -1;
  #looks = 0;
  #binding = "";
  /** @type {{binding: string, panels: Panel[]}[]} */
  #bindings = [];
  #source = "away";

  /**
   * @param {HTMLElement} into
   * @param {{call: (method: string, params: object) => Promise<any>,
   *   note: (text: string, state?: string) => void, find: () => any,
   *   nameOf: (connection: string) => string}} parts find: the page's own
   * @param {{signal: AbortSignal}} life
   */
  constructor(into, { call, note, find, nameOf }, { signal }) {
    this.nameOf = nameOf;
    this.call = call;
    this.note = note;
    this.find = find;
    this.follow = /** @type {HTMLInputElement} */ (make("input", { attrs: { type: "checkbox" } }));
    this.select = /** @type {HTMLSelectElement} */ (make("select", { attrs: { "aria-label":
      say("menu_link") } }));
    this.typed = /** @type {HTMLInputElement} */ (make("input", { class: "typed", attrs: {
      inputmode: "numeric", maxlength: "3", size: "3", placeholder: "001",
      "aria-label": say("this_tab_typed") } }));
    this.typed.hidden = true;
    this.list = make("ul", { class: "panels" });
    this.details = /** @type {HTMLDetailsElement} */ (make("details", {}, [
      make("summary", { text: say("this_tab_panels") }), this.list]));
    into.prepend(make("div", { class: "this-tab" }, [
      make("label", {}, [this.follow,
        make("span", { class: "full", text: say("menu_follow") }),
        make("span", { class: "brief", text: say("this_tab_follow") })]),
      make("label", { attrs: { title: say("this_tab_opens") } }, [
        make("span", { text: say("this_tab_opens") }), this.select, this.typed]),
      this.details,
    ]));
    const changed = async () => {
      await this.#ask({ type: "follow", tab: this.#tab, on: this.follow.checked });
      return this.look();  // It may have been refused.
    };
    this.follow.addEventListener("change", changed, { signal });
    this.select.addEventListener("change", () => this.#chosen(), { signal });
    this.typed.addEventListener("change", () => this.#bind(this.typed.value), { signal });
    this.typed.addEventListener("blur", () => this.typed.value || this.#untype(), { signal });
    this.typed.addEventListener("keydown", (event) => event.key === "Escape" && this.#untype(),
      { signal });
    this.details.addEventListener("toggle", () => this.look(), { signal });
    this.list.addEventListener("click", (event) => this.#pressed(event), { signal });
    const stored = (/** @type {object} */ changes) => void (("tabs" in changes
      || "target" in changes) && this.look());
    api.storage.onChanged.addListener(stored);
    signal.addEventListener("abort", () => api.storage.onChanged.removeListener(stored));
  }

  /** Looks anew: at the tab in front, and at the terminal's panels. */
  async look() {
    const mine = (this.#looks += 1);
    const [tab] = await api.tabs.query({ active: true, currentWindow: true });
    const id = tab?.id ?? -1;
    const asked = this.#ask({ type: "bindings" });
    const state = await this.#ask({ type: "tab-state", tab: id });
    if (mine !== this.#looks) return;
    this.#paintTab(id, state);
    const told = await asked;  // The terminal's, which may take seconds.
    if (mine !== this.#looks) return;
    this.#bindings = told?.bindings ?? [];
    this.#source = told?.source ?? "away";
    if (this.typed.hidden) this.#paintTargets(state?.usual ?? "");
    this.#paintPanels([...this.#bindings.flatMap((one) => one.panels), ...told?.panels ?? []]);
  }

  /** What is shown and what is acted on change together. @param {number} id @param {any} state */
  #paintTab(id, state) {
    if (id !== this.#tab) this.typed.hidden = true;
    this.#tab = id;
    this.follow.checked = state?.follow === true;
    this.follow.disabled = !state;
    this.#binding = state?.binding ?? "";
    if (this.typed.hidden) this.#paintTargets(state?.usual ?? "");
  }

  /** @param {Panel[]} panels */
  #paintPanels(panels) {
    this.details.hidden = this.#source !== "screen";
    if (this.details.open) settle(this.list, panels.map((one) => this.#row(one)));
  }

  /** Not while one is being typed. @param {string} usual where a tab without a link opens */
  #paintTargets(usual) {
    const names = this.#bindings.map(({ binding }) => binding);
    if (this.#binding && !names.includes(this.#binding)) names.push(this.#binding);
    const shows = (/** @type {string} */ name) => [...new Set(this.#bindings
      .find(({ binding }) => binding === name)?.panels.map(({ ticker }) => ticker))].join(", ");
    const option = (/** @type {string} */ value, /** @type {string} */ text) =>
      make("option", { text, attrs: { value } });
    settle(this.select, [option("", usualName(usual)),
      ...names.map((name) => option(name, shows(name) ? `${name} — ${shows(name)}` : name)),
      option(OTHER, say("this_tab_other"))]);
    this.select.value = this.#binding;
  }

  /** @param {Panel} panel */
  #row({ id, kind, connection, ticker, binding, tab, locked }) {
    const button = (/** @type {string} */ act, /** @type {string} */ sign,
      /** @type {string} */ name, pressed = "") => make("button", { class: "plain", text: sign,
      data: { act, panel: id }, attrs: { type: "button", title: name, "aria-label": name,
        ...(pressed ? { "aria-pressed": pressed } : {}) } });
    const about = [say(`panel_${kind === "chart" ? "chart" : "book"}`),
      connection === null ? "" : this.nameOf(String(connection)), tab,
      binding ? say("toast_binding", [binding]) : ""];
    return make("li", { data: { locked: String(locked), panel: id } }, [
      make("bdi", { class: "symbol", text: ticker ?? "—" }),
      make("bdi", { class: "quiet", text: about.filter(Boolean).join(" · "), attrs: { title:
        about.filter(Boolean).join("\n") } }),
      button("show", "→", say("panel_show")),
      button("lock", "", say(locked ? "panel_unlock" : "panel_lock"), String(locked)),
    ]);
  }

  #chosen() {
    this.typed.hidden = this.select.value !== OTHER;
    if (this.typed.hidden) return this.#bind(this.select.value);
    this.typed.value = "";
    return this.typed.focus();
  }

  /** Nothing is typed after all. */
  #untype() {
    this.typed.hidden = true;
    return this.look();
  }

  /** @param {string} binding */
  async #bind(binding) {
    if (binding && !isBinding(binding)) return this.note(say("this_tab_wrong"), "refused");
    this.typed.hidden = true;
    await this.#ask({ type: "bind", tab: this.#tab, binding });
    return this.look();
  }

  /** @param {Event} event */
  async #pressed(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    const { act, panel } = button?.dataset ?? {};
    if (!panel) return;
    const find = this.find();
    if (act === "show" && !find) return this.note(say("outcome_no_find"), "refused");
    const outcome = act === "lock"
      ? await this.call("lock", { panel, on: button?.ariaPressed !== "true" })
      : await this.call("open", { find: bare(find), target: { panel } });
    if (outcome?.code) this.note(fullSentence(outcome, find), outcome.state);
    await this.look();
    if (document.activeElement !== document.body) return;  // Somebody has gone on.
    byId("sections").querySelector(`[data-panel="${CSS.escape(panel)}"][data-act=${act}]`)?.focus();
  }

  /** @param {object} message @returns {Promise<any>} null when nobody answers */
  #ask(message) {
    return api.runtime.sendMessage(message).catch(() => null);
  }
}
