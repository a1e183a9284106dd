/**
 * This file knows the page: it hears a modified click, has the facts collected and shows what came
 * of it. A classic script, because a page may hold it before any module could load.
 */
(() => {
  const elements = /** @type {any} */ (globalThis).MetascalpElements;
  const { near, whole, isField } = /** @type {any} */ (globalThis).MetascalpCollect;
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
  const MODIFIERS = { alt: "Alt", ctrl: "Control", shift: "Shift", meta: "Meta" };

  let rules = /** @type {any[]} */ ([]);
  /** Elsewhere we are here for a toast only. Null: not said yet. @type {boolean | null} */
  let listening = null;
  /** A click that came before the background had said anything; the last one counts.
   * @typedef {{target: EventTarget, x: number, y: number, at: number}} Spot
   * @type {Spot | null} */
  let early = null;
  /** The keys held for a click. */
  let keys = ["alt"];
  let times = /** @type {number[]} */ ([]);
  const Toast = /** @type {any} */ (globalThis).MetascalpToast;
  const toast = new Toast(
    (/** @type {string} */ token, /** @type {number} */ index, /** @type {Event} */ event) =>
      act({ type: "offered", token, index, at: when(event) }), signal);
  let last = { key: "", at: 0 };
  /** Acts so far: only the latest may say that it is on its way. */
  let acts = 0;
  let warmed = -Infinity;
  /** What lay under the pointer when the context menu opened. */
  let menu = { facts: /** @type {object | null} */ (null), at: 0 };

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
    if (answer?.ignored) listening = false; // the site may just have been switched off
    if (!Array.isArray(answer?.rules)) return void (listening ??= false);
    rules = answer.rules;
    use(answer.settings);
    listening = true;
    const spot = early;
    early = null;
    if (spot) send(near(spot, rules), spot.at);
  }

  const hello = () => ask({ type: "hello" }).then(learn);

  /** Loaded ahead it was not heard, kept aside it knows old settings. @param {any} event */
  const shown = ({ isTrusted, persisted = true }) => isTrusted && persisted && hello();

  /** @param {any} settings those that a page needs to know */
  function use({ modifier, marks, followDelayMs, words, theme }) {
    Object.assign(Toast, { words, theme });
    keys = String(modifier).split("+");
    Object.assign(page, { marks, followDelayMs });
    if (marks === "off") page.unmark?.();
    if (page.held) page.rested?.();
  }

  /** For the parts put here only when they are wanted: mark.js, watch.js. @type {any} */
  const page = {
    signal, ask, isField, isHeld, marks: "off", followDelayMs: 400, held: false,
    /** @param {any} spot */
    near: (spot) => near(spot, rules),
    whole: (/** @type {any} */ facts) => whole(facts, rules),
    /** A press without the key that means the same. @param {any} facts @param {Event} event */
    open: (facts, event) => send(facts, when(event)),
  };
  /** @type {any} */ (globalThis).MetascalpPage = page;

  /** Whether the keys are held, and no other. @param {MouseEvent | KeyboardEvent} event */
  function isHeld(event) {
    return Object.keys(MODIFIERS).every((name) =>
      event[/** @type {"altKey"} */ (`${name}Key`)] === keys.includes(name));
  }

  /** @param {string} key @param {number} now */
  function isRepeat(key, now) {
    if (key === last.key && now - last.at < SAME_MS) return true;
    times = times.filter((time) => now - time < 1000);
    if (times.length >= PER_SECOND) return true;
    last = { key, at: now };
    times.push(now);
    return false;
  }

  /** The page may have stood still since. @param {Event} event */
  function when(event) {
    return Date.now() - Math.max(0, performance.now() - event.timeStamp);
  }

  /** Where an event happened; kept apart because an event forgets its path once it is over.
   * @param {MouseEvent} event @returns {Spot} */
  const spotOf = (event) => ({ target: event.composedPath()[0], x: event.clientX,
    y: event.clientY, at: when(event) });

  /** @param {MouseEvent} event */
  function clicked(event) {
    if (listening === false || !event.isTrusted || event.button !== 0) return;
    if (!isHeld(event)) return;
    if (!alive()) return void end();
    const spot = spotOf(event);
    const { target } = spot;
    if (isField(target) || toast.holds(event) || page.holds?.(event)) return;
    const facts = near(spot, rules);
    if (facts.rows.length || facts.href || facts.text) {
      event.preventDefault();
      event.stopImmediatePropagation();
      // What can be pressed means itself, and not the page's ticker.
    } else if (target instanceof Element && getComputedStyle(target).cursor === "pointer") return;
    if (listening) send(facts, spot.at);
    else early = spot;
  }

  /** @param {any} facts @param {number} at */
  async function send(facts, at) {
    if (isRepeat(JSON.stringify({ ...facts, beside: 0 }), performance.now())) return;
    act({ type: "click", facts: await whole(facts, rules), at });
  }

  /** @param {object} message */
  async function act(message) {
    const start = performance.now();
    acts += 1;
    const mine = acts;
    const slow = setTimeout(() => mine === acts && !signal.aborted && toast.wait(), PENDING_MS);
    const answer = await ask(message);
    clearTimeout(slow);
    if (signal.aborted || answer?.ignored) return;
    if (answer?.toast === null) return toast.remove(); // told elsewhere, as the settings want it
    const told = answer?.toast ?? { state: "unknown", code: "no-answer",
      title: Toast.say("toast_no_answer") };
    const ms = performance.now() - start - (told.checkedMs ?? 0);
    toast.show((told.ms ?? null) === null ? told : { ...told, ms });
  }

  /** @param {KeyboardEvent} event */
  function released(event) {
    page.held &&= isHeld(event);
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (!event.isTrusted || event.repeat || !keys.some((name) =>
      event.key === MODIFIERS[/** @type {"alt"} */ (name)])) return;
    page.held = isHeld(event);
    if (performance.now() - warmed < WARM_EVERY_MS) return;
    warmed = performance.now();
    ask({ type: "warm" }).then(learn);
  }

  /** The browser builds its menu at once, so the background hears of it as early as can be: of the
   * press, of a menu key; any other press takes the names back. @param {MouseEvent} event */
  async function pointed(event) {
    const opens = event.button === 2 || event.type === "contextmenu";
    const known = Date.now() - menu.at < 1000 && menu.facts;
    if (!event.isTrusted || (opens ? event.type === "contextmenu" && known : !menu.facts)) return;
    const mine = { facts: opens ? near(spotOf(event), rules) : null, at: Date.now() };
    menu = mine;
    const facts = mine.facts && await whole(mine.facts, rules);
    if (menu === mine) ask({ type: "menu", facts, selection: elements.selection() });
  }

  const heard = /** @type {any} */ ({ click: clicked, keydown: pressed, keyup: released,
    pointerdown: pointed, contextmenu: pointed, prerenderingchange: shown, pageshow: shown });
  for (const [type, listener] of Object.entries(heard)) {
    window.addEventListener(type, listener, { capture: true, signal, passive: type !== "click" });
  }

  api.runtime.onMessage.addListener((message, sender, reply) => {
    if (sender.id !== api.runtime.id || signal.aborted) return false;
    if (message?.type === "toast") toast.show(message.toast);
    if (message?.type === "settings" && listening) hello();
    if (message?.type !== "facts") return false;
    const recent = message.where === "menu" && Date.now() - menu.at < MENU_MS;
    whole((recent && menu.facts) || near(null, rules), rules).then(reply);
    return true;
  });
  hello();
})();
