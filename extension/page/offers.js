/**
 * This file knows what stands in a toast below its line: the places a refused ticker could be opened
 * at instead, a command to be run, the pattern that was copied. Put into a page with the first
 * outcome that has any of it, beside toast.js.
 */
(() => {
  if (Object.hasOwn(globalThis, "MetascalpOffers")) return;
  const STYLE = `
  .chips { display: flex; flex-wrap: wrap; gap: 4px 5px; align-items: baseline; }
  button, .chip { font: inherit; font-size: 12px; color: inherit;
    background: light-dark(#eef2f6, #28323f);
    border: 1px solid transparent; border-radius: 5px; padding: 1px 7px; }
  button { cursor: pointer; } button:hover { border-color: var(--tone); }
  button:focus-visible { outline: 2px solid var(--tone); outline-offset: -1px; }
  .chip { color: var(--quiet); }
  code { font: 12px ui-monospace, monospace; user-select: all; }`;

  /**
   * @typedef {{choose: (token: string, index: number, event: Event) => void, signal: AbortSignal,
   *   say: (key: string) => string,
   *   piece: (tag: string, kind: string, text?: string) => HTMLElement,
   *   elements: any}} Toast what toast.js lends
   * @typedef {{label: string, note: string, index: number | null}} Chip
   */

  /** @param {string} text @returns {Promise<boolean>} whether it really is on the clipboard */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }

  /** Where the clipboard API is not allowed. @param {Toast} toast @param {HTMLElement} row
   * @param {string} text */
  function copyOld({ piece, elements }, row, text) {
    const field = /** @type {HTMLTextAreaElement} */ (piece("textarea", ""));
    field.value = text;
    row.append(field);
    field.select();
    // What is copied is ours to say, not the page's.
    const sayOurs = (/** @type {ClipboardEvent} */ event) => {
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    addEventListener("copy", sayOurs, { capture: true });
    const done = elements.run("copy");
    removeEventListener("copy", sayOurs, { capture: true });
    field.remove();
    return done;
  }

  /** @param {Toast} toast @param {string} text @param {(event: Event) => void} pressed */
  function button({ piece, signal }, text, pressed) {
    const made = piece("button", "", text);
    made.setAttribute("type", "button");
    // The focus stays in the page.
    const keep = (/** @type {Event} */ event) => event.preventDefault();
    made.addEventListener("pointerdown", keep, { signal });
    made.addEventListener("mousedown", keep, { signal });
    made.addEventListener("click", (event) => event.isTrusted && pressed(event), { signal });
    return made;
  }

  /** @param {Toast} toast @param {HTMLElement} row @param {string} text */
  function copyButton(toast, row, text) {
    const { piece, say } = toast;
    const made = button(toast, say("toast_copy"), async () => {
      const done = await copy(text) || copyOld(toast, row, text);
      made.replaceWith(piece("span", "small", say(done ? "toast_copied" : "toast_not_copied")));
    });
    return made;
  }

  /** @param {Toast} toast @param {{token: string, chips: Chip[]}} told */
  function chipsOf(toast, { token, chips }) {
    const row = toast.piece("div", "chips");
    for (const { label, note, index } of chips) {
      row.append(index === null
        ? toast.piece("span", "chip", note ? `${label} (${note})` : label)
        : button(toast, label, (event) => toast.choose(token, index, event)));
    }
    return row;
  }

  /** @param {Toast} toast @param {string} command */
  function commandOf(toast, command) {
    const row = toast.piece("div", "chips");
    row.append(toast.piece("code", "chip", command), copyButton(toast, row, command));
    return row;
  }

  /**
   * Beside the chips, which name the ticker, the pattern itself need not be shown.
   * @param {Toast} toast @param {HTMLElement} into the box, or the line @param {string} pattern
   */
  async function copied(toast, into, pattern) {
    const { piece, say } = toast;
    const inLine = into.className === "line";
    const row = inLine ? into : piece("div", "chips");
    const done = await copy(pattern);
    if (!inLine) row.append(piece("code", "chip", pattern));
    row.append(done ? piece("span", "small", say("toast_copied"))
      : copyButton(toast, row, pattern));
    if (!inLine) into.append(row);
  }

  /** Toasts whose style has ours in it. @type {WeakSet<Node>} */
  const dressed = new WeakSet();

  /** @type {any} */ (globalThis).MetascalpOffers = (/** @type {HTMLElement} */ box,
    /** @type {any} */ told, /** @type {Toast} */ toast) => {
    const line = /** @type {HTMLElement} */ (box.firstChild);
    const root = /** @type {ShadowRoot} */ (box.getRootNode());
    if (!dressed.has(root)) toast.elements.dress(root, STYLE);
    dressed.add(root);
    if (told.chips.length) box.append(chipsOf(toast, told));
    if (told.command) box.append(commandOf(toast, told.command));
    if (told.copy) copied(toast, told.chips.length ? line : box, told.copy);
  };
})();
