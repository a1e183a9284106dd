/**
 * This file knows how an outcome looks on a page: a note in a closed shadow root that takes no
 * focus. The page can neither read it nor talk to it. A classic script, loaded before content.js.
 */
(() => {
  const api = globalThis.browser ?? globalThis.chrome;
  const SHOW_MS = 4000;

  const STYLE = `
    :host { all: initial; }
    .box { position: fixed; right: 16px; bottom: 16px; max-width: min(360px, calc(100vw - 32px));
      box-sizing: border-box; padding: 9px 12px; border-radius: 8px; display: grid; gap: 7px;
      font: 13px/1.4 system-ui, sans-serif; color: #1c2430; background: #fff;
      border: 1px solid #d5dbe3; border-left: 3px solid var(--tone);
      box-shadow: 0 6px 24px rgb(15 23 42 / .18); overflow-wrap: anywhere;
      --tone: #0b7f8a; --quiet: #5d6978; --chip: #eef2f6; }
    .box[data-tone=refused] { --tone: #c2540a; } .box[data-tone=unknown] { --tone: #a27a00; }
    .box[data-tone=quiet] { --tone: #8b96a5; }
    .line { display: flex; gap: 10px; align-items: baseline; }
    .title { flex: 1; } .ms, .small { color: var(--quiet); font-size: 12px; white-space: nowrap;
      font-variant-numeric: tabular-nums; }
    .demo { font-size: 10px; font-weight: 600; letter-spacing: .04em; padding: 1px 5px;
      border-radius: 4px; color: #6b4fbb; border: 1px solid currentcolor; }
    .chips { display: flex; flex-wrap: wrap; gap: 5px; align-items: baseline; }
    button, .chip { font: inherit; font-size: 12px; color: inherit; background: var(--chip);
      border: 1px solid transparent; border-radius: 5px; padding: 2px 8px; }
    button { cursor: pointer; } button:hover { border-color: var(--tone); }
    button:focus-visible { outline: 2px solid var(--tone); outline-offset: 1px; }
    .chip { color: var(--quiet); }
    code { font: 12px ui-monospace, monospace; user-select: all; }
    @media (prefers-color-scheme: dark) { .box { color: #e4e9f0; background: #1a212b;
      border-color: #323c4a; border-left-color: var(--tone); box-shadow: 0 6px 24px rgb(0 0 0 / .5);
      --tone: #35b8c4; --quiet: #95a1b2; --chip: #28323f; }
      .box[data-tone=refused] { --tone: #f08a3c; } .box[data-tone=unknown] { --tone: #d9b23c; }
      .demo { color: #b7a2f4; } }`;

  const say = (/** @type {string} */ key) => api.i18n.getMessage(key);

  /** @param {string} tag @param {string} kind @param {string} [text] */
  function piece(tag, kind, text = "") {
    const made = document.createElement(tag);
    made.className = kind;
    made.textContent = text;
    return made;
  }

  /** @param {string} text @returns {Promise<boolean>} whether it really is on the clipboard */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }

  class Toast {
    /**
     * @param {(index: number) => void} choose opens one of the places a refusal offered
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

    /** Whether an event happened on our own element. @param {Event} event */
    holds(event) {
      return this.#host !== null && event.composedPath().includes(this.#host);
    }

    remove() {
      clearTimeout(this.#timer);
      this.#host?.remove();
      this.#host = null;
    }

    /** @param {any} told */
    show(told) {
      const box = this.#mount(told);
      this.#shown += 1;
      const now = this.#shown;
      box.dataset.tone = told.code === "no-find" ? "quiet" : told.state;
      // The live region stands before its words come, or a screen reader stays silent.
      setTimeout(() => {
        if (now === this.#shown) this.#fill(box, told);
      });
      this.#keep();
    }

    /** @param {any} told @returns {HTMLElement} */
    #mount(told) {
      if (!this.#host?.isConnected) this.#build();
      const host = /** @type {HTMLElement} */ (this.#host);
      host.dataset.state = told.state;
      host.dataset.code = told.code;
      return /** @type {HTMLElement} */ (this.#root?.querySelector(".box"));
    }

    #build() {
      const host = document.createElement("metascalp-relay-toast");
      const root = host.attachShadow({ mode: "closed" });
      const box = piece("div", "box");
      box.setAttribute("role", "status");
      box.setAttribute("aria-live", "polite");
      const { signal } = this;
      box.addEventListener("pointerenter", () => clearTimeout(this.#timer), { signal });
      box.addEventListener("pointerleave", () => this.#keep(), { signal });
      dress(root);
      root.append(box);
      for (const [name, value] of Object.entries(PLACE)) {
        host.style.setProperty(name, value, "important");
      }
      document.documentElement.append(host);
      raise(host);
      this.#host = host;
      this.#root = root;
    }

    #keep() {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.remove(), SHOW_MS);
    }

    /** @param {HTMLElement} box @param {any} told */
    #fill(box, told) {
      const line = piece("div", "line");
      line.append(piece("span", "title", told.title));
      if (told.demo) line.append(piece("span", "demo", "DEMO"));
      if (told.ms !== null) line.append(piece("span", "ms", `${Math.round(told.ms)} ms`));
      box.replaceChildren(line);
      if (told.chips.length) box.append(this.#chips(told.chips));
      if (told.command) box.append(this.#command(told.command));
      if (told.copy) this.#copied(box, told.copy);
    }

    /** @param {{label: string, note: string, index: number | null}[]} chips */
    #chips(chips) {
      const row = piece("div", "chips");
      for (const { label, note, index } of chips) {
        row.append(index === null
          ? piece("span", "chip", note ? `${label} (${note})` : label)
          : this.#button(label, () => this.choose(index)));
      }
      return row;
    }

    /** @param {string} command */
    #command(command) {
      const row = piece("div", "chips");
      row.append(piece("code", "chip", command), this.#copyButton(row, command));
      return row;
    }

    /** @param {HTMLElement} box @param {string} pattern */
    async #copied(box, pattern) {
      const row = piece("div", "chips");
      const done = await copy(pattern);
      row.append(piece("code", "chip", pattern), done
        ? piece("span", "small", say("toast_copied"))
        : this.#copyButton(row, pattern));
      box.append(row);
    }

    /** @param {string} text @param {() => void} pressed */
    #button(text, pressed) {
      const made = piece("button", "", text);
      made.setAttribute("type", "button");
      const { signal } = this;
      // A press must not take the focus from the page's own field.
      const keep = (/** @type {Event} */ event) => event.preventDefault();
      made.addEventListener("pointerdown", keep, { signal });
      made.addEventListener("mousedown", keep, { signal });
      made.addEventListener("click", (event) => event.isTrusted && pressed(), { signal });
      return made;
    }

    /** @param {HTMLElement} row @param {string} text */
    #copyButton(row, text) {
      const made = this.#button(say("toast_copy"), async () => {
        const done = await copy(text) || copyOld(row, text);
        made.replaceWith(piece("span", "small", say(done ? "toast_copied" : "toast_not_copied")));
      });
      return made;
    }
  }

  const PLACE = { all: "initial", display: "block", position: "fixed", inset: "auto", border: "0",
    padding: "0", margin: "0", width: "0", height: "0", overflow: "visible",
    background: "none", "z-index": "2147483647" };

  /** @param {ShadowRoot} root */
  function dress(root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(piece("style", "", STYLE));
    }
  }

  /** Into the top layer, above a page's own dialogs. @param {HTMLElement} host */
  function raise(host) {
    host.setAttribute("popover", "manual");
    host.showPopover();
  }

  /** Where the clipboard API is not allowed. @param {HTMLElement} row @param {string} text */
  function copyOld(row, text) {
    const field = /** @type {HTMLTextAreaElement} */ (piece("textarea", ""));
    field.value = text;
    row.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  /** @type {any} */ (globalThis).MetascalpToast = Toast;
})();
