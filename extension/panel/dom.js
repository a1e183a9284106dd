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

/**
 * Makes these a parent's children, and keeps of the old ones all that stays what it is: a button that
 * is replaced between the press and the release of the mouse is never clicked.
 * @param {Node} parent @param {Node[]} wanted
 */
export function settle(parent, wanted) {
  dropUnwanted(parent, wanted);
  let next = parent.firstChild;
  for (const made of wanted) {
    let old = next;
    while (old && identity(old) !== identity(made)) old = old.nextSibling;
    if (old && old === next) next = next.nextSibling;
    else parent.insertBefore(old ?? made, next);
    if (old) patch(old, made);
  }
}

/** First, because what stands behind it would have to be moved. @param {Node} parent
 * @param {Node[]} wanted */
function dropUnwanted(parent, wanted) {
  const names = wanted.map(identity);
  for (const old of /** @type {ChildNode[]} */ ([...parent.childNodes])) {
    const at = names.indexOf(identity(old));
    if (at < 0) old.remove();
    else names.splice(at, 1);
  }
}

/** What makes a node the same as one made anew. @param {any} node */
function identity({ nodeName, dataset = {} }) {
  const { of, find, action, act, own, key, panel } = dataset;
  return JSON.stringify([nodeName, of, find, action, act, own, key, panel]);
}

/** @param {any} old @param {any} made */
function patch(old, made) {
  if (old.nodeType !== Node.ELEMENT_NODE) return void setText(old, made.textContent);
  for (const name of old.getAttributeNames()) if (!made.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of made.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.checked !== made.checked) old.checked = made.checked;
  return settle(old, [...made.childNodes]);
}

/** An element of index.html, which has it. @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** DEMO and VIEW marks of a connection: a letter, and the `rest`, which may want for room.
 * @param {any} connection @returns {HTMLElement[]} */
export function badges(connection) {
  const { demoMode, viewMode, name } = connection ?? {};
  const marks = [...(demoMode ? ["DEMO"] : []), ...(viewMode ? ["VIEW"] : [])];
  return marks.map((mark) => make("span", { class: `badge ${mark.toLowerCase()}`,
    attrs: { role: "img", "aria-label": mark, title: `${mark}: ${name}` } }, [
    make("span", { text: mark[0] }), make("span", { class: "rest", text: mark.slice(1) })]));
}
