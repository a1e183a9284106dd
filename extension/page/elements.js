/**
 * This file knows the page's tree by the browser's own methods. A page may name a form's field
 * `matches` or a picture `title`, which then stands where the method stood; so nothing is asked of
 * an element or of the document by name, only through the prototypes, taken before the page has
 * any element.
 */
(() => {
  const MAX_TEXTS = 256;

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
   * @param {Node} node @param {number} most
   */
  function text(node, most) {
    const walker = createTreeWalker.call(document, node, NodeFilter.SHOW_TEXT);
    let found = "";
    for (let seen = 0; seen < MAX_TEXTS && found.length < most && walker.nextNode(); seen += 1) {
      found = (found + /** @type {Text} */ (walker.currentNode).data).trimStart();
    }
    return found.trimEnd().slice(0, most);
  }

  /** @param {ShadowRoot} root @param {string} css */
  function dress(root, css) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
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
