/**
 * This file knows a frame of a page, as exchanges draw their charts in one: it says that there was a
 * modified click, and nothing else. What was meant is the ticker of the page around it.
 */
(() => {
  if (window === window.top || Object.hasOwn(globalThis, "metascalpFrame")) return;
  const life = new AbortController();
  /** @type {any} */ (globalThis).metascalpFrame = life;

  const SAME_MS = 300;
  const KEYS = ["alt", "ctrl", "shift", "meta"];
  /** These have a meaning of their own. */
  const OTHERS = "a[href], button, input, textarea, select, [contenteditable]";
  // By the prototype: a form may be named like a method of it.
  const { matches } = Element.prototype;
  let last = -SAME_MS;

  /** @param {MouseEvent} event */
  function clicked(event) {
    const keys = KEYS.filter((name) => event[/** @type {"altKey"} */ (`${name}Key`)]);
    if (!event.isTrusted || event.button || !keys.length) return;
    const other = event.composedPath().some((one) =>
      one instanceof Element && matches.call(one, OTHERS));
    if (other || event.timeStamp - last < SAME_MS) return;
    last = event.timeStamp;
    const at = Date.now() - Math.max(0, performance.now() - last);
    try {
      chrome.runtime.sendMessage({ type: "framed", keys, at }).catch(() => undefined);
    } catch {
      life.abort(); // the extension was reloaded: a newer copy takes over
    }
  }

  window.addEventListener("click", clicked, { capture: true, passive: true, signal: life.signal });
})();
