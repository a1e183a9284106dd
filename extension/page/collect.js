/**
 * This file knows what a page says at one moment: facts for the background to read, bounded, taken
 * anew each time. It has no rules of its own; those come from the background, as selectors.
 */
(() => {
  const elements = /** @type {any} */ (globalThis).MetascalpElements;

  const MAX_PATH = 40;
  const MAX_VALUE = 400;
  const MAX_ENTRIES = 16;
  const MAX_SAME = 8;
  const FIELD = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
  const WORD = /[\p{L}\p{N}:._\/$\-]/u;
  const TICKER = /^\$?(?=.*\p{L})[\p{Lu}\p{Lo}\p{N}][\p{L}\p{N}:._\/\-]{1,39}$/u;

  /**
   * @typedef {{index: number, use: string, selector: string, attr: string|null, parts?: object}} Rule
   * @typedef {{target: EventTarget, x: number, y: number, at: number}} Spot
   */

  /** @param {EventTarget | undefined} start @returns {Element[]} outwards, through shadow roots */
  function outwards(start) {
    const path = [];
    let node = /** @type {Node | null} */ (start instanceof Node ? start : null);
    while (node && path.length < MAX_PATH) {
      if (node instanceof Element) path.push(node);
      node = node instanceof ShadowRoot ? node.host : elements.parent(node);
    }
    return path;
  }

  /** @param {Element} element @param {string | null | undefined} attr */
  function valueOf(element, attr) {
    if (!attr || attr === "text") return elements.text(element, MAX_VALUE);
    return (elements.attribute(element, attr) ?? "").trim().slice(0, MAX_VALUE);
  }

  /** @param {Element} element @param {any} rule */
  function entry(element, rule) {
    const found = { index: rule.index, value: valueOf(element, rule.attr) };
    if (!rule.parts) return found;
    const parts = Object.entries(rule.parts).map(([name, selector]) => {
      const part = looked(() => elements.inside(element, selector));
      return [name, part ? valueOf(part, null) : ""];
    });
    return { ...found, parts: Object.fromEntries(parts) };
  }

  /** A selector this browser cannot read names nothing. @param {() => any} look */
  function looked(look) {
    try {
      return look();
    } catch {
      return null;
    }
  }

  /** Nearest first. @param {Element[]} path @param {Rule[]} rules */
  function rowsOn(path, rules) {
    const near = rules.filter((rule) => rule.use !== "page");
    return path.flatMap((element) => near
      .filter((rule) => looked(() => elements.matches(element, rule.selector)))
      .map((rule) => entry(element, rule))).slice(0, MAX_ENTRIES);
  }

  /** The word at a spot, if it looks like a ticker, and its small row.
   * @param {Spot} spot */
  function wordAt({ x, y }) {
    const { node, offset } = elements.caret(x, y);
    if (!(node instanceof Text)) return null;
    let [from, to] = [offset, offset];
    const text = node.data;
    while (from > 0 && offset - from < 64 && WORD.test(text[from - 1])) from -= 1;
    while (to < text.length && to - offset < 64 && WORD.test(text[to])) to += 1;
    const word = text.slice(from, to).replace(/^[.:\/\-]+|[.:\/\-]+$/g, "");
    const range = elements.range();
    range.setStart(node, from);
    range.setEnd(node, to);
    // The caret is at the nearest text, however far.
    return TICKER.test(word) && [...range.getClientRects()].some(({ left, right, top, bottom }) =>
      x >= left - 2 && x <= right + 2 && y >= top - 2 && y <= bottom + 2)
      ? { text: word, beside: rowOf(node) } : null;
  }

  /** The nearest text that says more, a line each; none beside a link. @param {Text} node */
  function rowOf(node) {
    let row = "";
    for (let up = node; !row.includes("\n") && (up = elements.parent(up)) instanceof Element;) {
      row = elements.inside(up, "a[href]") ? "\n" : elements.text(up, MAX_VALUE, "\n");
    }
    return row;
  }

  /** What lies at a spot; null for none. @param {Spot | null} spot @param {Rule[]} rules */
  function near(spot, rules) {
    const path = spot ? outwards(spot.target) : [];
    const anchor = path.find((one) => one instanceof HTMLAnchorElement && one.href);
    return {
      url: location.href,
      title: elements.title().slice(0, MAX_VALUE),
      rows: rowsOn(path, rules),
      href: anchor ? /** @type {HTMLAnchorElement} */ (anchor).href : null,
      ...spot && wordAt(spot),
    };
  }

  /** The same with what the page says of itself, and its script where a site declares that.
   * @param {object} facts @param {Rule[]} rules */
  async function whole(facts, rules) {
    const world = elements.own("MetascalpWorld")?.entries(rules) ?? [];
    const page = rules.filter((rule) => rule.use === "page");
    return { ...facts, page: [...world, ...await elements.named(page, MAX_SAME, entry)] };
  }

  /** Whether somebody writes there. @param {EventTarget | undefined} start */
  const isField = (start) =>
    outwards(start).some((one) => looked(() => elements.matches(one, FIELD)));

  /** @type {any} */ (globalThis).MetascalpCollect = Object.freeze({ near, whole, isField });
})();
