/**
 * This file knows how all tickers a page may show are gathered for the side panel: elements that a
 * rule names, and the page's text, in slices short enough that nobody notices. It judges nothing.
 * A classic script, put into a page when the panel asks, beside elements.js.
 */
(() => {
  const elements = /** @type {any} */ (globalThis).MetascalpElements;
  const SLICE_MS = 4;
  const MAX_TEXT = 60_000;
  const MAX_NODES = 20_000;
  const MAX_ROWS = 200;
  const MAX_VALUE = 400;
  /** What no reader of the page sees as its text. */
  const SILENT = /^(script|style|noscript|template|textarea|input|select|option|svg)$/i;

  /** Lets the page go on. */
  const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

  /** @param {Text} node */
  function isHeard(node) {
    const parent = elements.parent(node);
    return parent instanceof Element && !SILENT.test(parent.localName);
  }

  /** The page's text, from the top; one line for each piece. */
  async function textOf() {
    const walker = elements.texts();
    let [found, began] = ["", performance.now()];
    for (let seen = 0; seen < MAX_NODES && found.length < MAX_TEXT; seen += 1) {
      if (performance.now() - began > SLICE_MS) {
        await breathe();
        began = performance.now();
      }
      if (!walker.nextNode()) break;
      const node = /** @type {Text} */ (walker.currentNode);
      const piece = node.data.slice(0, MAX_VALUE).trim();
      if (piece && isHeard(node)) found += `${piece}\n`;
    }
    return found.slice(0, MAX_TEXT);
  }

  /** @param {any[]} rules @returns {{index: number, value: string}[]} */
  function rowsOf(rules) {
    const near = rules.filter(({ use }) => use === "row" || use === "link");
    return near.flatMap(({ index, selector, attr }) => {
      const rows = [];
      try {
        const found = elements.all(selector);
        for (let n = 0; n < found.length && n < MAX_ROWS; n += 1) {
          const named = attr && attr !== "text";
          const value = named ? elements.attribute(found[n], attr) ?? ""
            : elements.text(found[n], MAX_VALUE);
          rows.push({ index, value: value.trim().slice(0, MAX_VALUE) });
        }
      } catch {
        return rows; // a selector that this browser cannot read names nothing
      }
      return rows;
    }).slice(0, MAX_ROWS);
  }

  /** @type {any} */ (globalThis).MetascalpGather = async (/** @type {any[]} */ rules) =>
    ({ rows: rowsOf(rules), text: await textOf() });
})();
