/** This file knows the preferences that the relay keeps: orders of choice, names of exchanges. */

import { say } from "../language.js";
import { byId, make, setText } from "../panel/dom.js";
import { configProblem } from "../problems.js";
import { commandFor, withCommand } from "../sentences.js";
import { Order } from "./order.js";

/** Markets as the relay names them. */
const MARKETS = ["futures", "spot", "margin", "options", "stock", "bond", "currency", "alpha",
  "prediction"];

const AGAIN_MS = 1000;

/**
 * @typedef {{exchanges: string[], markets: string[], aliases: Record<string, string>}} Kept
 * @typedef {(method: string, params: object) => Promise<any>} Call
 */

export class Preferences {
  /** @type {Kept | null} */
  #kept = null;
  /** Exchanges that the terminal is connected to. @type {string[]} */
  #present = [];
  #orders;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /** @param {{call: Call, exchanges: Record<string, {name: string}>, signal: AbortSignal}} parts */
  constructor({ call, exchanges, signal }) {
    this.call = call;
    this.exchanges = exchanges;
    const tell = (/** @type {string} */ text) => this.#say(text, "quiet");
    const order = (/** @type {"exchanges" | "markets"} */ name) => new Order({ list: byId(name),
      changed: (values) => this.set({ [name]: values }), tell, signal });
    this.#orders = { exchanges: order("exchanges"), markets: order("markets") };
    byId("aliases").addEventListener("click", (/** @type {Event} */ event) =>
      this.#removed(event), { signal });
    byId("alias-form").addEventListener("submit", (/** @type {Event} */ event) =>
      this.#added(event), { signal });
  }

  /** What the relay keeps now; null without a relay. @returns {Kept | null} */
  get kept() {
    return this.#kept;
  }

  /** Asks the relay and shows what it says; a relay that gave no answer is asked again.
   * @param {any} status null without a relay */
  async refresh(status) {
    clearTimeout(this.#again);
    const connections = status?.connections ?? [];
    this.#present = [...new Set(connections.map((/** @type {any} */ one) => one.exchange))];
    if (!status) return this.#show(null);
    const answer = await this.call("config_get", {});
    const told = Array.isArray(answer.exchanges);
    this.#show(told ? answer : null);
    if (!told) this.#again = setTimeout(() => this.refresh(status), AGAIN_MS);
  }

  /**
   * Has the relay keep a change. What it refuses is said and nothing is changed.
   * @param {Partial<Kept>} change @returns {Promise<boolean>}
   */
  async set(change) {
    const answer = await this.call("config_set", change);
    const good = Array.isArray(answer.exchanges);
    if (good) this.#show(answer);
    else this.#show(this.#kept);
    this.#say(good ? say("options_saved") : refusal(answer), good ? "done" : "refused");
    return good;
  }

  /** @param {Kept | null} kept */
  #show(kept) {
    this.#kept = kept;
    byId("order-away").hidden = kept !== null;
    byId("order-parts").inert = kept === null;
    if (!kept) return;
    this.#orders.exchanges.show(kept.exchanges, this.#choices());
    this.#orders.markets.show(kept.markets, MARKETS.map((value) =>
      ({ value, name: say(`market_${value}`) })));
    this.#showAliases(kept.aliases);
  }

  /** All exchanges, those of the terminal first. */
  #choices() {
    const known = Object.entries(this.exchanges).map(([value, { name }]) => ({ value, name }));
    const here = (/** @type {{value: string}} */ one) => Number(!this.#present.includes(one.value));
    return known.sort((one, other) => here(one) - here(other)
      || one.name.localeCompare(other.name));
  }

  /** @param {Record<string, string>} aliases */
  #showAliases(aliases) {
    const named = (/** @type {string} */ id) => this.exchanges[id]?.name ?? id;
    byId("aliases").replaceChildren(...Object.entries(aliases).map(([alias, exchange]) =>
      make("li", { class: "line", data: { alias } }, [
        make("code", { text: alias }),
        make("span", { text: "→", attrs: { "aria-hidden": "true" } }),
        make("span", { class: "name", text: named(exchange) }),
        make("button", { text: "✕", attrs: { type: "button",
          "aria-label": say("options_remove", [alias]), title: say("options_remove", [alias]) } }),
      ])));
    const select = byId("alias-exchange");
    if (select.childElementCount) return;
    select.append(...this.#choices().map(({ value, name }) =>
      make("option", { text: name, attrs: { value } })));
  }

  /** @param {Event} event */
  async #added(event) {
    event.preventDefault();
    const [name, exchange] = [byId("alias-name"), byId("alias-exchange").value];
    const alias = name.value.trim().toUpperCase();
    if (!alias || !this.#kept) return name.focus();
    const done = await this.set({ aliases: { ...this.#kept.aliases, [alias]: exchange } });
    if (done) name.value = "";
    name.focus();
  }

  /** @param {Event} event */
  #removed(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    const alias = /** @type {HTMLElement | undefined} */ (button?.closest("li"))?.dataset.alias;
    if (!alias || !this.#kept) return;
    const aliases = { ...this.#kept.aliases };
    delete aliases[alias];
    this.set({ aliases });
    byId("alias-name").focus();
  }

  /** @param {string} text @param {string} state */
  #say(text, state) {
    const line = byId("order-said");
    line.dataset.state = state;
    setText(line, text);
  }
}

/** Why the relay did not take a change. @param {any} answer an outcome */
export function refusal({ code, params = {} }) {
  if (code === "bad-config" && params.why) return configProblem(params);
  const told = say(`outcome_${String(code).replaceAll("-", "_")}`, [params.field ?? params.text ?? ""]);
  return withCommand(told, commandFor(code));
}
