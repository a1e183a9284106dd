/**
 * This file knows how all tickers a page may show are gathered for the side panel: elements that a
 * rule names, and the page's text, in slices short enough that nobody notices. It judges nothing.
 * A classic script, put into a page when the panel asks, beside elements.js.
 */
(() => {
  const elements = /** @type {any} */ (globalThis).MetascalpElements;
  const SLICE_MS = 3;
  const MAX_TEXT = 60_000;
  const MAX_NODES = 20_000;
  const MAX_ROWS = 200;
  const MAX_VALUE = 400;
  /** What no reader of the page sees as its text. */
  const SILENT = /^(script|style|noscript|template|textarea|input|select|option|svg)$/i;

  /** @param {Text} node */
  function isHeard(node) {
    const parent = elements.parent(node);
    return parent instanceof Element && !SILENT.test(parent.localName);
  }

  /** The page's text, from the top; one line for each piece. */
  async function textOf() {
    const walker = elements.texts();
    const pause = elements.pauses(SLICE_MS);
    let found = "";
    for (let seen = 0; seen < MAX_NODES && found.length < MAX_TEXT; seen += 1) {
      if (seen % 16 === 0) await pause();
      if (!walker.nextNode()) break;
      const node = /** @type {Text} */ (walker.currentNode);
      const piece = node.data.slice(0, MAX_VALUE).trim();
      if (piece && isHeard(node)) found += `${piece}\n`;
    }
    return found.slice(0, MAX_TEXT);
  }

  /** @param {Element} one @param {any} rule @returns {{index: number, value: string}} */
  function rowOf(one, { index, attr }) {
    const value = attr && attr !== "text" ? elements.attribute(one, attr) ?? ""
      : elements.text(one, MAX_VALUE);
    return { index, value: value.trim().slice(0, MAX_VALUE) };
  }

  /** @param {any[]} rules @returns {Promise<{index: number, value: string}[]>} */
  async function rowsOf(rules) {
    const near = rules.filter(({ use }) => use === "row" || use === "link");
    return (await elements.named(near, MAX_ROWS, rowOf)).slice(0, MAX_ROWS);
  }

  /** @type {any} */ (globalThis).MetascalpGather = async (/** @type {any[]} */ rules) =>
    ({ rows: await rowsOf(rules), text: await textOf() });
})();
