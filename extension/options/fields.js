/** This file knows how a setting of this browser is shown and changed, by its rule in settings.js. */

import { say } from "../language.js";
import { make } from "../panel/dom.js";
import { TABLE, fits, writeSettings } from "../settings.js";

/** Names of modifier keys as keyboards write them; the same in every language. */
const KEYS = { alt: "Alt", ctrl: "Ctrl", shift: "Shift", meta: "Meta (⊞ / ⌘)" };

/**
 * Builds the fields that a page names in `data-fields`, each with a label and a line about it.
 * @param {HTMLElement} into @param {{signal: AbortSignal}} life
 * @returns {(settings: Record<string, any>) => void} shows the values
 */
export function makeFields(into, { signal }) {
  const names = (into.dataset.fields ?? "").split(/\s+/).filter(Boolean);
  const made = names.map((name) => ({ name, control: control(name) }));
  for (const { name, control } of made) {
    const about = make("small", { class: "quiet", text: say(`set_${name}_about`),
      attrs: { id: `about-${name}` } });
    control.id = `set-${name}`;
    control.setAttribute("aria-describedby", about.id);
    const label = make("label", { text: say(`set_${name}`), attrs: { for: control.id } });
    into.append(make("div", { class: "field", data: { name } }, [label, control, about]));
    control.addEventListener("change", () => save(name, control), { signal });
  }
  return (settings) => made.forEach(({ name, control }) => put(control, settings[name]));
}

/** @param {string} name @returns {any} */
function control(name) {
  const rule = TABLE[name];
  if (rule.kind === "choice") {
    return make("select", {}, rule.options.map((value) =>
      make("option", { text: worded(name, value), attrs: { value } })));
  }
  if (rule.kind === "switch") return make("input", { attrs: { type: "checkbox" } });
  if (rule.kind === "number") {
    return make("input", { attrs: { type: "number", min: String(rule.least),
      max: String(rule.most), step: rule.most > 1000 ? "50" : "1", required: "" } });
  }
  return make("input", { attrs: { type: "text", maxlength: "3", inputmode: "numeric",
    pattern: "[0-9]{3}", placeholder: say(`set_${name}_empty`), spellcheck: "false" } });
}

/** @param {string} name @param {string} value */
function worded(name, value) {
  if (name !== "modifier") return say(`set_${name}_${value}`);
  return value.split("+").map((key) => KEYS[/** @type {"alt"} */ (key)]).join(" + ");
}

/** Stores what fits; what does not stays visible, marked, and is not stored.
 * @param {string} name @param {any} control */
async function save(name, control) {
  const { kind } = TABLE[name];
  const given = control.value.trim();
  const value = kind === "switch" ? control.checked : kind === "number" ? Number(given) : given;
  const good = fits(name, value) && !(kind === "number" && given === "");
  control.setAttribute("aria-invalid", String(!good));
  if (good) await writeSettings({ [name]: value });
}

/** @param {any} control @param {any} value */
function put(control, value) {
  if (control.type === "checkbox") control.checked = value;
  else if (control !== document.activeElement || control.tagName === "SELECT") {
    control.value = String(value);
    control.removeAttribute("aria-invalid");
  }
}
