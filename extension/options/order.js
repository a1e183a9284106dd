/** This file knows a list whose order the user sets: by dragging, by buttons, by the keyboard. */

import { say } from "../language.js";
import { make } from "../panel/dom.js";

/**
 * @typedef {{value: string, name: string}} Choice
 * @typedef {object} Parts
 * @property {HTMLElement} list an `ol`
 * @property {(values: string[]) => void} changed
 * @property {(text: string) => void} tell what who cannot see it should hear
 * @property {AbortSignal} signal
 */

export class Order {
  /** @type {string[]} */
  #values = [];
  /** @type {Map<string, string>} */
  #names = new Map();
  /** What the user moves now. @type {HTMLElement | null} */
  #dragged = null;

  /** @param {Parts} parts */
  constructor({ list, changed, tell, signal }) {
    this.list = list;
    this.changed = changed;
    this.tell = tell;
    list.addEventListener("click", (event) => this.#pressed(event), { signal });
    list.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    list.addEventListener("change", (event) => this.#added(event), { signal });
    list.addEventListener("dragstart", (event) => this.#lifted(event), { signal });
    list.addEventListener("dragover", (event) => this.#over(event), { signal });
    list.addEventListener("drop", (event) => event.preventDefault(), { signal });
    list.addEventListener("dragend", () => this.#dropped(), { signal });
  }

  /** @param {string[]} values in their order @param {Choice[]} choices all there are */
  show(values, choices) {
    const names = new Map(choices.map(({ value, name }) => [value, name]));
    const same = JSON.stringify([...names, values]) === JSON.stringify([...this.#names,
      this.#values]);
    if (same && this.list.childElementCount) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("li"));
    const held = this.list.contains(focused) ? focused?.dataset.value : undefined;
    [this.#values, this.#names] = [[...values], names];
    this.list.replaceChildren(...values.map((value, index) => this.#item(value, index)),
      this.#adder(choices.filter(({ value }) => !values.includes(value))));
    if (held) this.#itemOf(held)?.focus();
  }

  /** @param {string} value @param {number} index */
  #item(value, index) {
    const name = this.#names.get(value) ?? value;
    const button = (/** @type {string} */ act, /** @type {string} */ text, off = false) =>
      make("button", { text, data: { act }, attrs: { type: "button", tabindex: "-1",
        "aria-label": say(`options_${act}`, [name]), title: say(`options_${act}`, [name]),
        ...(off ? { disabled: "" } : {}) } });
    return make("li", { data: { value }, attrs: { tabindex: "0", draggable: "true" } }, [
      make("span", { class: "grip", text: "⠿", attrs: { "aria-hidden": "true" } }),
      make("span", { class: "place", text: String(index + 1) }),
      make("span", { class: "name", text: name }),
      button("up", "↑", index === 0),
      button("down", "↓", index === this.#values.length - 1),
      button("remove", "✕", this.#values.length === 1),
    ]);
  }

  /** @param {Choice[]} rest */
  #adder(rest) {
    const first = make("option", { text: say("options_add_one"), attrs: { value: "" } });
    const select = make("select", { attrs: { "aria-label": say("options_add_one") } },
      [first, ...rest.map(({ value, name }) =>
        make("option", { text: name, attrs: { value } }))]);
    return make("li", { class: "adder" }, rest.length ? [select] : []);
  }

  /** @param {string} value @returns {HTMLElement | null} */
  #itemOf(value) {
    return this.list.querySelector(`li[data-value="${CSS.escape(value)}"]`);
  }

  /** @param {Event} event */
  #pressed(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    const value = button?.closest("li")?.dataset.value;
    if (button?.dataset.act && value) this.#act(button.dataset.act, value);
  }

  /** Arrows walk, Alt or Ctrl with an arrow moves, Delete takes out. @param {KeyboardEvent} event */
  #keyed(event) {
    const item = /** @type {HTMLElement} */ (event.target);
    const value = item.dataset.value;
    if (item.tagName !== "LI" || !value) return;
    const moves = event.altKey || event.ctrlKey || event.metaKey;
    const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (step && moves) this.#act(step, value);
    else if (step) {
      const next = step === "up" ? item.previousElementSibling : item.nextElementSibling;
      if (next instanceof HTMLElement && next.dataset.value) next.focus();
    } else if (event.key === "Delete" || event.key === "Backspace") this.#act("remove", value);
    else return;
    event.preventDefault();
  }

  /** @param {string} act @param {string} value */
  #act(act, value) {
    const at = this.#values.indexOf(value);
    const rest = this.#values.filter((one) => one !== value);
    if (act === "remove") {
      if (rest.length) this.#take(rest, rest[Math.min(at, rest.length - 1)]);
      return;
    }
    const to = Math.max(0, Math.min(at + (act === "up" ? -1 : 1), rest.length));
    if (to === at) return;
    rest.splice(to, 0, value);
    this.#take(rest, value);
  }

  /** @param {Event} event */
  #added(event) {
    const { value } = /** @type {HTMLSelectElement} */ (event.target);
    if (value) this.#take([...this.#values, value], value);
  }

  /** @param {string[]} values @param {string} focus */
  #take(values, focus) {
    const choices = [...this.#names].map(([value, name]) => ({ value, name }));
    this.show(values, choices);
    this.#itemOf(focus)?.focus();
    const place = [String(values.indexOf(focus) + 1), String(values.length)];
    this.tell(say("options_place", [this.#names.get(focus) ?? focus, ...place]));
    this.changed(values);
  }

  /** @param {DragEvent} event */
  #lifted(event) {
    const item = /** @type {Element} */ (event.target).closest?.("li");
    this.#dragged = item instanceof HTMLElement && item.dataset.value ? item : null;
    if (!this.#dragged || !event.dataTransfer) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", this.#dragged.dataset.value ?? "");
    this.#dragged.classList.add("lifted");
  }

  /** @param {DragEvent} event */
  #over(event) {
    const over = /** @type {Element} */ (event.target).closest?.("li");
    if (!this.#dragged || !(over instanceof HTMLElement) || !over.dataset.value) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    const below = event.clientY > box.top + box.height / 2;
    if (over !== this.#dragged) over[below ? "after" : "before"](this.#dragged);
  }

  #dropped() {
    const moved = this.#dragged;
    this.#dragged = null;
    if (!moved) return;
    moved.classList.remove("lifted");
    const items = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll("[data-value]")]);
    const values = items.map((item) => item.dataset.value ?? "");
    if (JSON.stringify(values) !== JSON.stringify(this.#values)) {
      this.#take(values, moved.dataset.value ?? "");
    }
  }
}
