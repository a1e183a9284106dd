/**
 * This file knows the small mark beside a ticker under the pointer: where a click on it would lead,
 * and whether the trader holds it or has orders in it. Put into a page only while marks are wanted.
 * The page can neither read it nor measure what it says: a closed shadow root of one size, which is
 * there wherever the page itself has something like a ticker, whatever the terminal says of it.
 */
(() => {
  const elements = /** @type {any} */ (globalThis).MetascalpElements;
  const page = elements.own("MetascalpPage");
  if (!page || page.unmark || page.signal.aborted) return;
  const own = new AbortController();
  const signal = AbortSignal.any([page.signal, own.signal]);
  page.unmark = () => {
    own.abort();
    page.unmark = page.rested = undefined;
  };

  const REST_MS = 60;
  const LEAVE_MS = 500;
  const STYLE = `
    .mark { box-sizing: border-box; max-width: 100%; width: fit-content; height: 22px; display: flex;
      align-items: center; gap: 5px; padding: 0 7px; border-radius: 11px; overflow: hidden;
      font: 12px/20px system-ui, sans-serif; white-space: nowrap; color-scheme: light dark;
      color: light-dark(#1c2430, #e4e9f0); background: light-dark(#fff, #1a212b); cursor: pointer;
      border: 1px solid light-dark(#9fb0c3, #465264); } .mark:empty { display: none; }
    .name { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
    .long { color: light-dark(#0a7a4b, #4cc38a); } .short { color: light-dark(#c22a2a, #ff7a7a); }
    .orders { color: light-dark(#9a5b00, #f0b35c); } .away { color: light-dark(#5d6978, #95a1b2); }
    .held { font-weight: 600; font-variant-numeric: tabular-nums; }`;
  const SIZE = { width: 260, height: 22 };
  const PLACE = { all: "initial", display: "block", position: "fixed", border: "0", padding: "0",
    margin: "0", overflow: "visible", contain: "layout size", background: "none",
    "pointer-events": "none", width: `${SIZE.width}px`, height: `${SIZE.height}px`,
    "z-index": "2147483647" };

  /** @type {HTMLElement | null} */
  let host = null;
  /** @type {ShadowRoot | null} */
  let root = null;
  let last = { key: "", facts: /** @type {any} */ (null) };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asked = 0;

  /** @param {string} kind @param {string} text */
  function piece(kind, text) {
    const made = elements.make("span");
    made.className = kind;
    made.textContent = text;
    return made;
  }

  function build() {
    host = elements.make("div");
    const one = /** @type {HTMLElement} */ (host);
    one.setAttribute("data-metascalp-mark", "");
    one.setAttribute("aria-hidden", "true");
    one.setAttribute("popover", "manual");
    root = one.attachShadow({ mode: "closed" });
    elements.dress(root, STYLE);
    root.append(Object.assign(elements.make("button"), { className: "mark", tabIndex: -1 }));
    const button = /** @type {HTMLElement} */ (root.lastChild);
    button.addEventListener("click", (event) => {
      if (event.isTrusted && last.facts) page.open(last.facts, event);
    }, { signal });
    button.addEventListener("pointerenter", () => clearTimeout(timer), { signal });
    // A press must not take the focus from the page's own field.
    button.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    for (const [name, value] of Object.entries(PLACE)) {
      one.style.setProperty(name, value, "important");
    }
  }

  /** Beside the pointer, inside the window. @param {Spot} spot */
  function show({ x, y }) {
    if (!host) build();
    const one = /** @type {HTMLElement} */ (host);
    const left = Math.max(4, Math.min(x + 14, innerWidth - SIZE.width - 4));
    const top = y > 40 ? y - 32 : y + 18;
    one.style.setProperty("left", `${left}px`, "important");
    one.style.setProperty("top", `${top}px`, "important");
    if (!one.isConnected) {
      elements.root().append(one);
      one.showPopover();
    }
  }

  function hide() {
    clearTimeout(timer);
    asked += 1;
    last = { key: "", facts: null };
    host?.remove();
    fill(null);
  }

  /** @param {any} told what the background says of the ticker; null for nothing */
  function fill(told) {
    const box = /** @type {HTMLElement | null} */ (root?.lastChild ?? null);
    if (!box) return;
    box.style.pointerEvents = page.marks === "hover" && told ? "auto" : "none";
    box.replaceChildren();
    if (!told?.name) return;
    box.append(piece(told.there ? "name" : "name away", told.name));
    if (told.position) box.append(piece(`held ${told.position}`,
      told.position === "long" ? "▲" : "▼"));
    if (told.orders > 0) box.append(piece("held orders", `≡${told.orders}`));
  }

  /** @typedef {{target: EventTarget, x: number, y: number}} Spot */

  /** @param {Spot} spot where the pointer is @param {Spot} [read] what is to be read there */
  async function look(spot, read = spot) {
    const facts = page.near(read);
    const { rows, href, text, beside } = facts;
    // Prices in the same row change, and the ticker stays what it is.
    const key = JSON.stringify([rows, href, text, beside?.replace(/[\d.,%+−-]+/g, "")]);
    if (key === last.key) return;
    if (!rows.length && !href && !text) return hide();
    last = { key, facts };
    asked += 1;
    const mine = asked;
    fill(null);
    show(spot);
    const told = await page.ask({ type: "mark", facts: await page.whole(facts) });
    if (mine === asked && !signal.aborted) fill(told);
  }

  /** @param {MouseEvent} event */
  function moved(event) {
    if (!event.isTrusted || event.composedPath().includes(/** @type {any} */ (host))) return;
    const wanted = page.marks === "hover" || (page.marks === "key" && page.isHeld(event));
    clearTimeout(timer);
    if (!wanted) return host?.isConnected ? hide() : undefined;
    const spot = { target: event.composedPath()[0], x: event.clientX, y: event.clientY };
    timer = setTimeout(() => look(spot), REST_MS);
  }

  /** The key went down over a pointer that rests: what is under it is known, the word is not. */
  function rested() {
    const under = elements.all(":hover");
    const target = under[under.length - 1];
    if (page.marks === "off" || !target) return;
    const { left, top, width, height } = Element.prototype.getBoundingClientRect.call(target);
    look({ target, x: left + Math.min(width, 120), y: top + height / 2 },
      { target, x: -1, y: -1 });
  }

  /** @param {KeyboardEvent} event */
  function changed(event) {
    if (page.marks !== "key" || !event.isTrusted || event.repeat) return;
    if (!page.isHeld(event)) return hide();
    if (event.type === "keydown" && !host?.isConnected) rested();
  }

  window.addEventListener("mousemove", moved, { capture: true, passive: true, signal });
  window.addEventListener("keyup", changed, { capture: true, passive: true, signal });
  window.addEventListener("keydown", changed, { capture: true, passive: true, signal });
  window.addEventListener("blur", hide, { signal });
  window.addEventListener("scroll", hide, { capture: true, passive: true, signal });
  document.addEventListener("mouseleave", () => {
    timer = setTimeout(hide, LEAVE_MS);
  }, { signal });
  signal.addEventListener("abort", hide, { once: true });
  page.holds = (/** @type {Event} */ event) => event.composedPath().includes(
    /** @type {any} */ (host));
  page.rested = () => void (host?.isConnected || rested());
  if (page.held) rested();
})();
