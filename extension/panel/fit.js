/**
 * This file knows how wide the numbers of a table are, and which columns give way so that none is
 * cut: a trader who reads "65 001.…" has read another price.
 */

/** Of a figure, which is one ch: what everything else takes. */
const NARROW = 0.62;
const WIDE = 1.3;

/** How many ch a number takes. @param {string} text */
export function widthOf(text) {
  let wide = 0;
  for (const sign of text) {
    wide += /\d/.test(sign) ? 1 : /[.\s]/.test(sign) ? NARROW : WIDE;
  }
  return wide;
}

export class Fit {
  /** The widest each column has been, in ch: it only grows, so columns stay. @type {Map<string, number>} */
  #most = new Map();
  #grown = false;
  #width = 0;
  #version = "";

  /**
   * @param {HTMLElement} table @param {HTMLElement} head its heads, the first one elastic
   * @param {{gives: string[], first: number}} room gives: ids of the columns that give way, the
   *   first one first; first: what the first column keeps, in px
   */
  constructor(table, head, { gives, first }) {
    this.table = table;
    this.head = head;
    this.gives = gives;
    this.first = first;
    // Ends with the element: nothing else holds it.
    new ResizeObserver(() => this.#resized()).observe(table);
  }

  /** A number that a column has to show. @param {string} id @param {string} text */
  see(id, text) {
    const need = widthOf(text);
    if (need <= (this.#most.get(id) ?? 0)) return;
    this.#most.set(id, need);
    this.#grown = true;
  }

  /** Takes what was seen into the layout. @param {string} version of the layout: changes with the
   * columns that are wanted */
  paint(version) {
    if (!this.#grown && version === this.#version) return;
    this.#version = version;
    this.#grown = false;
    for (const [id, need] of this.#most) {
      this.table.style.setProperty(`--need-${id}`, need.toFixed(1));
    }
    this.#give();
  }

  #resized() {
    if (this.table.clientWidth === this.#width) return;
    this.#width = this.table.clientWidth;
    this.#give();
  }

  /** Columns go until the first one has its room. */
  #give() {
    const first = /** @type {HTMLElement} */ (this.head.firstElementChild);
    const gone = [];
    this.table.dataset.gone = "";
    if (!this.table.clientWidth) return;
    for (const id of this.gives) {
      if (first.offsetWidth >= this.first) break;
      gone.push(id);
      this.table.dataset.gone = gone.join(" ");
    }
  }
}
