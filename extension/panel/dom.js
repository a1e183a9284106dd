/** This file knows how elements are made: by name, with text that is only ever text. */

/**
 * @param {string} tag
 * @param {{class?: string, text?: string, data?: Record<string, string>,
 *   attrs?: Record<string, string>}} [given]
 * @param {(Node | null)[]} [children]
 * @returns {HTMLElement}
 */
export function make(tag, given = {}, children = []) {
  const made = document.createElement(tag);
  if (given.class) made.className = given.class;
  if (given.text !== undefined) made.textContent = given.text;
  Object.assign(made.dataset, given.data);
  for (const [name, value] of Object.entries(given.attrs ?? {})) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Sets a text only where it differs. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {HTMLElement} element @param {string} name @param {string} value */
export function setData(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

/** An element of index.html, which has it. @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** DEMO and VIEW marks of a connection. @param {any} connection @returns {HTMLElement[]} */
export function badges(connection) {
  const found = [];
  if (connection?.demoMode) found.push(make("span", { class: "badge demo", text: "DEMO" }));
  if (connection?.viewMode) found.push(make("span", { class: "badge view", text: "VIEW" }));
  return found;
}
