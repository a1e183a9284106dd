/**
 * This file knows the page: it hears a modified click, collects facts at that moment and shows
 * what came of it. It has no rules of its own; those come from the background, as selectors.
 * A classic script, because a page may hold it before any module could load.
 */
(() => {
  const elements = /** @type {any} */ (globalThis).MetascalpElements;
  /** @type {typeof chrome} */
  const api = elements.own("browser") ?? elements.own("chrome");
  /** @type {AbortController | undefined} */
  const before = elements.own("metascalpRelay");
  if (before && !before.signal.aborted) return;
  const life = new AbortController();
  /** @type {any} */ (globalThis).metascalpRelay = life;
  const { signal } = life;

  const SAME_MS = 300;
  const PER_SECOND = 5;
  const WARM_EVERY_MS = 1000;
  const MENU_MS = 60_000;
  const PENDING_MS = 400;
  const MAX_PATH = 40;
  const MAX_VALUE = 400;
  const MAX_ENTRIES = 16;
  const MAX_SAME = 8;
  const FIELD = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
  const WORD = /[\p{L}\p{N}:._\/$\-]/u;
  const TICKER = /^\$?(?=.*\p{L})[\p{Lu}\p{Lo}\p{N}][\p{L}\p{N}:._\/\-]{1,39}$/u;
  const MODIFIERS = { alt: "Alt", ctrl: "Control", shift: "Shift", meta: "Meta" };

  /** The background itself gave no answer, so nobody knows. */
  const SILENCE = { state: "unknown", code: "no-answer", ms: null, demo: false, chips: [],
    copy: null, command: null };

  /** @type {{index: number, use: string, selector: string, attr: string|null, parts?: object}[]} */
  let rules = [];
  /** Only where the background says so; elsewhere we are here for a toast. Null: not said yet.
   * @type {boolean | null} */
  let listening = null;
  /** A click that came before the background had said anything; the last one counts.
   * @typedef {{target: EventTarget, x: number, y: number, at: number}} Spot
   * @type {Spot | null} */
  let early = null;
  /** The keys held for a click. */
  let keys = ["alt"];
  /** @type {number[]} */
  let times = [];
  const toast = new (/** @type {any} */ (globalThis).MetascalpToast)(
    (/** @type {string} */ token, /** @type {number} */ index) =>
      act({ type: "offered", token, index }), signal);
  let last = { key: "", at: 0 };
  /** Acts so far: only the latest may say that it is on its way. */
  let acts = 0;
  let warmed = 0;
  /** What lay under the pointer when the context menu opened. */
  let menu = { facts: /** @type {object | null} */ (null), at: 0 };

  // ---- the link to the background -----------------------------------------------------------

  /** A dead runtime means that the extension was reloaded: a newer copy of us takes over. */
  const alive = () => {
    try {
      return Boolean(api.runtime?.id);
    } catch {
      return false;
    }
  };

  /** @param {object} message @returns {Promise<any>} null when nobody answered */
  async function ask(message) {
    if (!alive()) return end();
    try {
      return await api.runtime.sendMessage(message);
    } catch {
      return alive() ? null : end();
    }
  }

  function end() {
    life.abort();
    toast.remove();
    return null;
  }

  /** @param {any} answer */
  function learn(answer) {
    if (!Array.isArray(answer?.rules)) return void (listening ??= false);
    rules = answer.rules;
    use(answer.settings);
    listening = true;
    const spot = early;
    early = null;
    if (spot) send(collect(spot), spot.at);
  }

  /** @param {any} settings those that a page needs to know */
  function use({ modifier }) {
    keys = String(modifier).split("+");
  }

  // ---- facts --------------------------------------------------------------------------------

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

  /** Nearest first. @param {Element[]} path */
  function rowsOn(path) {
    const near = rules.filter((rule) => rule.use !== "page");
    return path.flatMap((element) => near
      .filter((rule) => looked(() => elements.matches(element, rule.selector)))
      .map((rule) => entry(element, rule))).slice(0, MAX_ENTRIES);
  }

  function pageEntries() {
    return rules.filter((rule) => rule.use === "page").flatMap((rule) => {
      const found = looked(() => elements.all(rule.selector)) ?? [];
      const first = [];
      for (let n = 0; n < MAX_SAME && n < found.length; n += 1) first.push(entry(found[n], rule));
      return first;
    });
  }

  /** The word under a point, if it looks like a ticker. @param {number} x @param {number} y */
  function wordAt(x, y) {
    const { node, offset } = elements.caret(x, y);
    if (!(node instanceof Text)) return null;
    let [from, to] = [offset, offset];
    const text = node.data;
    while (from > 0 && offset - from < 64 && WORD.test(text[from - 1])) from -= 1;
    while (to < text.length && to - offset < 64 && WORD.test(text[to])) to += 1;
    const word = text.slice(from, to).replace(/^[.:\/\-]+|[.:\/\-]+$/g, "");
    return TICKER.test(word) && covers(node, from, to, x, y) ? word : null;
  }

  /** A caret position is the nearest one, even far from any text. */
  function covers(/** @type {Text} */ node, /** @type {number} */ from, /** @type {number} */ to,
    /** @type {number} */ x, /** @type {number} */ y) {
    const range = elements.range();
    range.setStart(node, from);
    range.setEnd(node, to);
    return [...range.getClientRects()].some((/** @type {DOMRect} */ box) =>
      x >= box.left - 2 && x <= box.right + 2 && y >= box.top - 2 && y <= box.bottom + 2);
  }

  /** Where an event happened; kept apart because an event forgets its path once it is over.
   * @param {MouseEvent} event @returns {Spot} */
  const spotOf = (event) => ({ target: event.composedPath()[0], x: event.clientX,
    y: event.clientY, at: Date.now() });

  /** @param {Spot | null} spot null: only what the page says of itself */
  function collect(spot) {
    const path = spot ? outwards(spot.target) : [];
    const anchor = path.find((one) => one instanceof HTMLAnchorElement && one.href);
    return {
      url: location.href,
      title: elements.title().slice(0, MAX_VALUE),
      rows: rowsOn(path),
      href: anchor ? /** @type {HTMLAnchorElement} */ (anchor).href : null,
      page: [...worldEntries(), ...pageEntries()],
      text: spot ? wordAt(spot.x, spot.y) : null,
    };
  }

  /** What the page's own script says, where a site declares that it is asked. */
  function worldEntries() {
    return elements.own("MetascalpWorld")?.entries(rules) ?? [];
  }

  // ---- clicks -------------------------------------------------------------------------------

  /** @param {MouseEvent | KeyboardEvent} event */
  const onlyModifier = (event) => Object.keys(MODIFIERS).every((name) =>
    event[/** @type {"altKey"} */ (`${name}Key`)] === keys.includes(name));

  /** @param {Element[]} path */
  const isField = (path) => path.some((one) => looked(() => elements.matches(one, FIELD)));

  /** @param {string} key @param {number} now */
  function isRepeat(key, now) {
    if (key === last.key && now - last.at < SAME_MS) return true;
    times = times.filter((time) => now - time < 1000);
    if (times.length >= PER_SECOND) return true;
    last = { key, at: now };
    times.push(now);
    return false;
  }

  /** @param {MouseEvent} event */
  function clicked(event) {
    if (listening === false || !event.isTrusted || event.button !== 0) return;
    if (!onlyModifier(event)) return;
    if (!alive()) return void end();
    if (isField(outwards(event.composedPath()[0])) || toast.holds(event)) return;
    const spot = spotOf(event);
    const facts = collect(spot);
    if (facts.rows.length || facts.href || facts.text) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (listening) send(facts, spot.at);
    else early = spot;
  }

  /** @param {any} facts @param {number} at */
  function send(facts, at) {
    if (!isRepeat(JSON.stringify(facts), performance.now())) act({ type: "click", facts, at });
  }

  /** @param {object} message */
  async function act(message) {
    const start = performance.now();
    acts += 1;
    const mine = acts;
    const slow = setTimeout(() => mine === acts && !signal.aborted && toast.wait(), PENDING_MS);
    const answer = await ask(message);
    clearTimeout(slow);
    if (signal.aborted) return;
    if (answer?.ignored) return;
    const told = answer?.toast ?? { ...SILENCE, title: api.i18n.getMessage("toast_no_answer") };
    toast.show(told.ms === null ? told : { ...told, ms: performance.now() - start });
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (!event.isTrusted || event.repeat || !keys.some((name) =>
      event.key === MODIFIERS[/** @type {"alt"} */ (name)])) return;
    if (performance.now() - warmed < WARM_EVERY_MS) return;
    warmed = performance.now();
    ask({ type: "warm" }).then(learn);
  }

  /** @param {MouseEvent} event */
  function menuOpened(event) {
    if (event.isTrusted) menu = { facts: collect(spotOf(event)), at: Date.now() };
  }

  // ---- start --------------------------------------------------------------------------------

  window.addEventListener("click", clicked, { capture: true, signal });
  window.addEventListener("keydown", pressed, { capture: true, signal, passive: true });
  window.addEventListener("contextmenu", menuOpened, { capture: true, signal, passive: true });

  api.runtime.onMessage.addListener((message, sender, reply) => {
    if (sender.id !== api.runtime.id || signal.aborted) return false;
    if (message?.type === "toast") toast.show(message.toast);
    if (message?.type === "settings") use(message.settings);
    if (message?.type !== "facts") return false;
    const recent = message.where === "menu" && Date.now() - menu.at < MENU_MS;
    reply(recent ? menu.facts : collect(null));
    return false;
  });
  ask({ type: "hello" }).then(learn);
})();
