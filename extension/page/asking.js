/**
 * This file knows how to ask the page's own world what it shows, at the moment of a click. Anything
 * on the page may answer, so the answer is a suggestion like every other text of the page: one short
 * string, heard only while we ask, and nothing at all when two answers differ.
 */
(() => {
  const ASK = "metascalp-relay-ask";
  const TELL = "metascalp-relay-tell";
  const MAX = 200;
  // By the prototype: a form of the page may be named like a method of the document.
  const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;

  /** @returns {string} */
  function asked() {
    const told = new Set();
    const hear = (/** @type {Event} */ event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (typeof detail === "string" && detail && told.size < 2) told.add(detail.slice(0, MAX));
    };
    addEventListener.call(document, TELL, hear);
    dispatchEvent.call(document, new Event(ASK));
    removeEventListener.call(document, TELL, hear);
    return told.size === 1 ? [...told][0] : "";
  }

  /** @type {any} */ (globalThis).MetascalpWorld = {
    /** @param {{index: number, use: string}[]} rules @returns {{index: number, value: string}[]} */
    entries(rules) {
      const rule = rules.find(({ use }) => use === "world");
      const value = rule ? asked() : "";
      return rule && value ? [{ index: rule.index, value }] : [];
    },
  };
})();
