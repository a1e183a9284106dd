/**
 * This file knows the page's tree by the browser's own methods. A page may name a form's field
 * `matches` or a picture `title`, which then stands where the method stood; so all is asked through
 * the prototypes, taken before the page has any element.
 */
(() => {
  const MAX_TEXTS = 256;
  /** A page may stand still for 5 ms: what a query may begin with, so that it ends within. */
  const QUERY_MS = 0.5;

  /** @param {any} of @param {string} name */
  const getter = (of, name) =>
    /** @type {() => any} */ (Object.getOwnPropertyDescriptor(of.prototype, name)?.get);

  const { matches, getAttribute, querySelector } = Element.prototype;
  const { createElement, createRange, createTreeWalker, querySelectorAll, execCommand }
    = Document.prototype;
  const { caretPositionFromPoint, caretRangeFromPoint } = /** @type {any} */ (Document.prototype);
  const parentNode = getter(Node, "parentNode");
  const title = getter(Document, "title");
  const documentElement = getter(Document, "documentElement");
  const { getSelection } = globalThis;

  /**
   * The first characters of what `textContent` would give, without joining all of a large tree.
   * @param {Node} node @param {number} most @param {string} gap
   */
  function text(node, most, gap = "") {
    const walker = createTreeWalker.call(document, node, NodeFilter.SHOW_TEXT);
    let found = "";
    for (let seen = 0; seen < MAX_TEXTS && found.length < most && walker.nextNode(); seen += 1) {
      found = (found + gap + /** @type {Text} */ (walker.currentNode).data).trimStart();
    }
    return found.trimEnd().slice(0, most);
  }

  /** @param {number} most_ms @returns {() => unknown} to be awaited now and then: lets the page go on
   * when it is time */
  function pauses(most_ms) {
    let began = performance.now();
    return () => performance.now() - began > most_ms && new Promise((done) =>
      setTimeout(() => done(began = performance.now())));
  }

  /**
   * What rules name on the whole page, rule by rule, one query at a time: of a page with many
   * thousand rows a query takes milliseconds. A walk would take longer, and make garbage.
   * @param {any[]} rules @param {number} most for each rule
   * @param {(one: Element, rule: any) => any} read
   */
  async function named(rules, most, read) {
    const pause = pauses(QUERY_MS);
    const all = [];
    for (const rule of rules) {
      const found = new Set();
      for (const selector of partsOf(rule.selector)) {
        await pause();
        const list = querySelectorAll.call(document, selector);
        for (let n = 0; n < list.length && found.size < most; n += 1) found.add(list[n]);
      }
      await pause();
      all.push(...[...found].map((one) => read(one, rule)));
    }
    return all;
  }

  /** The selectors of a list; none where this browser cannot read it. @param {string} list */
  function partsOf(list) {
    const parts = list.split(",");
    if (parts.every(isReadable)) return parts;
    return isReadable(list) ? [list] : [];
  }

  /** @param {string} selector */
  function isReadable(selector) {
    try {
      matches.call(documentElement.call(document), selector);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {ShadowRoot} root @param {string} css */
  function dress(root, css) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets.push(sheet);
    } catch {
      const style = createElement.call(document, "style");
      style.textContent = css;
      root.append(style); // Firefox lets no script of ours adopt a sheet
    }
  }

  /** A global of ours; an element with that id does not count. @param {string} name */
  const own = (name) =>
    (Object.hasOwn(globalThis, name) ? /** @type {any} */ (globalThis)[name] : undefined);

  /** @type {any} */ (globalThis).MetascalpElements = Object.freeze({
    text,
    dress,
    getter,
    own,
    pauses,
    named,
    matches: (/** @type {Element} */ one, /** @type {string} */ selector) =>
      matches.call(one, selector),
    attribute: (/** @type {Element} */ one, /** @type {string} */ name) =>
      getAttribute.call(one, name),
    inside: (/** @type {Element} */ one, /** @type {string} */ selector) =>
      querySelector.call(one, selector),
    all: (/** @type {string} */ selector) => querySelectorAll.call(document, selector),
    parent: (/** @type {Node} */ node) => parentNode.call(node),
    /** A walk over every piece of text of the page. */
    texts: () => createTreeWalker.call(document, documentElement.call(document),
      NodeFilter.SHOW_TEXT),
    title: () => title.call(document),
    root: () => documentElement.call(document),
    make: (/** @type {string} */ tag) => createElement.call(document, tag),
    selection: () => String(getSelection() ?? "").slice(0, 400),
    range: () => createRange.call(document),
    run: (/** @type {string} */ command) => execCommand.call(document, command),
    /** The text node under a point, and the place in it. */
    caret: (/** @type {number} */ x, /** @type {number} */ y) => {
      const spot = caretPositionFromPoint?.call(document, x, y);
      const range = spot ? null : caretRangeFromPoint?.call(document, x, y);
      return { node: spot?.offsetNode ?? range?.startContainer ?? null,
        offset: spot?.offset ?? range?.startOffset ?? 0 };
    },
  });
})();
