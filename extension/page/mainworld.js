/**
 * This file knows what TradingView's own script says is on the active chart. It runs in the page's
 * world, where it can do no more than the page itself, and speaks only when asked.
 * Source: public projects that read the same object, 2026-04.
 */
(() => {
  const ASK = "metascalp-relay-ask";
  const TELL = "metascalp-relay-tell";
  const MAX = 200;

  /** @returns {string} `EX:SYM`, or nothing where the page has no such object */
  function said() {
    try {
      const widget = /** @type {any} */ (window).TradingViewApi?._activeChartWidgetWV?.value?.();
      const symbol = widget?.symbol?.();
      return typeof symbol === "string" ? symbol.slice(0, MAX) : "";
    } catch {
      return ""; // another build of the page: the other sources remain
    }
  }

  document.addEventListener(ASK, () => {
    document.dispatchEvent(new CustomEvent(TELL, { detail: said() }));
  });
})();
