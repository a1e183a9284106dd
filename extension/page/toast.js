/**
 * This file knows how an outcome looks on a page: a note in a closed shadow root that takes no
 * focus. The page can neither read it nor talk to it: the host is a plain `div`, because an
 * element with a name of its own could be defined, and so opened, by the page.
 */
(() => {
  const elements = /** @type {any} */ (globalThis).MetascalpElements;
  /** @type {typeof chrome} */
  const api = elements.own("browser") ?? elements.own("chrome");
  const SHOW_MS = 4000;
  /** Longer than any action may take: what comes of it replaces this. */
  const WAIT_MS = 8000;

  const STYLE = `
  .hold { height: 100%; box-sizing: border-box; padding: 10px; display: flex; align-items: end; }
  .box { flex: 1; min-width: 0; max-height: 100%; box-sizing: border-box; padding: 7px 12px;
    display: grid; gap: 5px; overflow: hidden auto; scrollbar-width: thin; border-radius: 8px;
    box-shadow: 0 2px 9px #0a0f1952;
    font: 13px/1.35 system-ui, sans-serif; color-scheme: light dark; overflow-wrap: anywhere;
    color: light-dark(#1c2430, #e4e9f0); background: light-dark(#fff, #1a212b);
    border: 1px solid light-dark(#d5dbe3, #323c4a); border-left: 3px solid var(--tone);
    --tone: light-dark(#0b7f8a, #35b8c4); --quiet: light-dark(#5d6978, #95a1b2); }
  .box[data-state=refused] { --tone: light-dark(#c2540a, #f08a3c); }
  .box[data-state=unknown] { --tone: light-dark(#a27a00, #d9b23c); }
  .box[data-code=pending], .box[data-code=no-find] { --tone: #8b96a5; }
  .line { display: flex; gap: 10px; align-items: baseline; }
  .title { flex: 1; unicode-bidi: isolate; } .ms, .small { color: var(--quiet); font-size: 12px;
    white-space: nowrap; font-variant-numeric: tabular-nums; }
  .demo { font-size: 10px; font-weight: 600; letter-spacing: .04em; padding: 1px 5px;
    border-radius: 4px; color: light-dark(#6b4fbb, #b7a2f4); border: 1px solid currentcolor; }`;

  /**
   * The host never changes, whatever is told: a site that could measure it would learn which
   * exchanges its visitor trades on. The note lies at its lower edge; a press beside it ends both.
   */
  const PLACE = { all: "initial", display: "block", position: "fixed", inset: "auto 6px 6px auto",
    width: "min(364px, 100vw - 12px)", height: "172px", border: "0", padding: "0", margin: "0",
    overflow: "hidden", contain: "strict", background: "none", "z-index": "2147483647" };

  /** As the background told it, else in the browser's language.
   * @param {string} key */
  function say(key) {
    return Toast.words[key] ?? api.i18n.getMessage(key);
  }

  /** @param {string} tag @param {string} kind @param {string} [text] @returns {HTMLElement} */
  function piece(tag, kind, text = "") {
    const made = elements.make(tag);
    made.className = kind;
    made.textContent = text;
    return made;
  }

  class Toast {
    /** @type {Record<string, string>} */
    static words = {};
    static theme = "auto";
    static say = say;

    /**
     * @param {(token: string, index: number, event: Event) => void} choose opens one of the places that the
     *   outcome with this token offered
     * @param {AbortSignal} signal the end of this copy of us
     */
    constructor(choose, signal) {
      this.choose = choose;
      this.signal = signal;
    }

    /** @type {HTMLElement | null} */
    #host = null;
    /** @type {ShadowRoot | null} */
    #root = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #shown = 0;
    #stay_ms = SHOW_MS;

    /** @param {Event} event */
    holds(event) {
      return this.#host !== null && event.composedPath().includes(this.#host);
    }

    remove() {
      clearTimeout(this.#timer);
      this.#host?.remove();
      this.#host = null;
    }

    /** Says that something is on its way, until its outcome replaces this. */
    wait() {
      const title = say("toast_pending");
      if (title) this.show({ state: "dispatched", code: "pending", title });
    }

    /** @param {any} given what it does not say is nothing */
    show(given) {
      const told = { ms: null, chips: [], ...given };
      if (told.words) Toast.words = told.words;
      if (told.theme) Toast.theme = told.theme;
      const box = this.#mount();
      this.#shown += 1;
      const now = this.#shown;
      // A live region that comes with its words is not read aloud.
      setTimeout(() => {
        if (now !== this.#shown) return;
        Object.assign(box.dataset, { state: told.state, code: told.code });
        box.style.colorScheme = Toast.theme === "auto" ? "light dark" : Toast.theme;
        this.#fill(box, told);
      });
      this.#stay_ms = told.showMs ?? SHOW_MS;
      this.#keep(told.code === "pending" ? WAIT_MS : this.#stay_ms);
    }

    /** @returns {HTMLElement} */
    #mount() {
      if (!this.#host?.isConnected) this.#build();
      return /** @type {HTMLElement} */ (this.#root?.querySelector(".box"));
    }

    #build() {
      const host = elements.make("div");
      host.setAttribute("data-metascalp-relay", "");
      host.setAttribute("popover", "manual");
      const root = host.attachShadow({ mode: "closed" });
      const box = piece("div", "box");
      box.setAttribute("role", "status");
      box.setAttribute("aria-live", "polite");
      const { signal } = this;
      box.addEventListener("pointerenter", () => clearTimeout(this.#timer), { signal });
      box.addEventListener("pointerleave", () => this.#keep(), { signal });
      const hold = piece("div", "hold");
      hold.append(box);
      hold.addEventListener("click", (event) => this.#dismiss(event), { signal });
      elements.dress(root, STYLE);
      root.append(hold);
      for (const [name, value] of Object.entries(PLACE)) {
        host.style.setProperty(name, value, "important");
      }
      elements.root().append(host);
      host.showPopover(); // Into the top layer, above a page's own dialogs.
      this.#host = host;
      this.#root = root;
    }

    #keep(for_ms = this.#stay_ms) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.remove(), for_ms);
    }

    /** A press beside the buttons and the text that can be marked. @param {Event} event */
    #dismiss(event) {
      const target = /** @type {Element} */ (event.target);
      if (!event.isTrusted || target.closest("button")) return;
      if (target.matches(".hold, .box") || target.closest(".line")) this.remove();
    }

    /** @param {HTMLElement} box @param {any} told */
    #fill(box, told) {
      const line = piece("div", "line");
      line.append(piece("span", "title", told.title));
      if (told.demo) line.append(piece("span", "demo", "DEMO"));
      if (told.ms !== null) line.append(piece("span", "ms", `${Math.round(told.ms)} ms`));
      box.replaceChildren(line);
      // What a refusal offers comes into a page with the first one.
      elements.own("MetascalpOffers")?.(box, told,
        { choose: this.choose, signal: this.signal, say, piece, elements });
    }
  }

  /** @type {any} */ (globalThis).MetascalpToast = Toast;
})();
