/**
 * This file knows how to notice that a followed page shows another symbol: it looks now and then,
 * waits until what it sees stays the same, and says so. Put into a page only while it is followed.
 */
(() => {
  const elements = /** @type {any} */ (globalThis).MetascalpElements;
  const page = elements.own("MetascalpPage");
  if (!page || page.watching || page.signal.aborted) return;
  page.watching = true;

  const LOOK_MS = 250;
  const TYPING_MS = 1500;
  const AGAIN_MS = 4000;
  const { signal } = page;

  // By the prototypes: a field of the page may be named like what is asked for.
  const activeElement = elements.getter(Document, "activeElement");
  const activeInside = elements.getter(ShadowRoot, "activeElement");
  const shadowRoot = elements.getter(Element, "shadowRoot");

  let seen = "";
  let since = 0;
  let told = "";
  let toldAt = 0;
  let typedAt = -Infinity;
  /** Came into view: one look is told at once, and as such until it has been weighed. */
  let fresh = true;
  let owed = true;
  let asking = false;
  let wait_ms = AGAIN_MS;

  /** What has the focus, through open shadow roots. */
  function focused() {
    let one = activeElement.call(document);
    for (let root = one && shadowRoot.call(one); root; root = one && shadowRoot.call(one)) {
      const inner = activeInside.call(root);
      if (!inner) break;
      one = inner;
    }
    return one;
  }

  /** Whether the trader writes into a field of the page at this moment. */
  function isTyping() {
    if (performance.now() - typedAt > TYPING_MS) return false;
    return page.isField(focused());
  }

  /** What names an instrument; prices beside it change all the time. @param {any} facts */
  const keyOf = ({ url, title, page: entries }) => JSON.stringify([url,
    title.replace(/[^\p{L}]+/gu, ""),
    entries.map((/** @type {any} */ one) => [one.index, one.parts ?? one.value])]);

  let looking = false;

  async function look() {
    if (document.visibilityState !== "visible" || asking || looking) return;
    looking = true;
    const facts = await page.whole(page.near(null));
    looking = false;
    if (!life.aborted) weigh(facts);
  }

  /** Says what is new once it has stayed the same for long enough. @param {any} facts */
  function weigh(facts) {
    const now = performance.now();
    const key = keyOf(facts);
    if (key !== seen) [seen, since] = [key, now];
    if (now - since < page.followDelayMs) return;
    const typing = isTyping();
    const news = `${typing}${key}`;
    if (news === told && !fresh && now - toldAt < wait_ms) return;
    say({ type: "followed", facts, shown: owed, typing, at: Date.now() }, news);
  }

  /** @param {object} message @param {string} news */
  async function say(message, news) {
    [asking, told, toldAt, fresh] = [true, news, performance.now(), false];
    const answer = await page.ask(message);
    asking = false;
    if (answer?.on === false) return void stop();
    if (answer?.weighed) owed = fresh;
    wait_ms = answer ? answer.again ?? Infinity : AGAIN_MS;
  }

  const timer = setInterval(look, LOOK_MS);

  function stop() {
    clearInterval(timer);
    page.watching = false;
    own.abort();
  }

  const own = new AbortController();
  const life = AbortSignal.any([signal, own.signal]);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  const typed = (/** @type {Event} */ event) => {
    if (event.isTrusted) typedAt = performance.now();
  };
  for (const kind of ["keydown", "input"]) {
    window.addEventListener(kind, typed, { capture: true, passive: true, signal: life });
  }
  document.addEventListener("visibilitychange", () => {
    fresh = owed = document.visibilityState === "visible";
    look();
  }, { signal: life });
  look();
})();
