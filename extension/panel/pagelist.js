/**
 * This file knows the tickers found on the page in front: of which page they are, and when a page
 * that was too slow to tell them is asked again.
 */

import { keyOf } from "./places.js";

/** A page that stays slow is left alone after the last of these, until it changes or the trader looks
 * again. */
const AGAIN_MS = [1000, 2000, 4000, 8000, 16_000, 30_000];

export class PageList {
  /** With their places once they are known. @type {import("./places.js").Place[]} */
  rows = [];
  /** The last reading came to nothing: the rows are those of the one before. */
  late = false;
  #at = "";
  #asked = 0;
  #tries = 0;
  /** @type {any} */
  #timer = null;

  /** @param {{ask: (what: string) => Promise<any>, again: () => void}} parts again: reads anew */
  constructor({ ask, again }) {
    this.ask = ask;
    this.again = again;
  }

  /** Which page stands in front: of another one nothing is shown.
   * @param {string} at @returns {boolean} whether it is another one */
  of(at) {
    if (at === this.#at) return false;
    this.#at = at;
    this.rows = [];
    this.late = false;
    this.#asked += 1;
    this.patient();
    return true;
  }

  /** Whatever was slow before, a slow page is asked from the start. */
  patient() {
    this.#tries = 0;
    this.#unplan();
  }

  /** Reads the page in front. Where a ticker was is kept until that is asked anew too.
   * @returns {Promise<boolean>} whether there are new rows */
  async read() {
    this.#unplan();
    this.#asked += 1;
    const mine = this.#asked;
    const told = await this.ask("found");
    if (mine !== this.#asked) return false;
    this.late = !told?.finds || told.at !== this.#at;
    if (this.late) {
      this.later();
      return false;
    }
    this.#tries = 0;
    const before = new Map(this.rows.map((row) => [keyOf(row.find), row]));
    this.rows = told.finds.map((/** @type {any} */ find) => ({ code: "", candidates: [],
      ...before.get(keyOf(find)), find }));
    return true;
  }

  /** Plans another reading, if there is still one to plan. */
  later() {
    if (this.#timer !== null || this.#tries >= AGAIN_MS.length) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.again();
    }, AGAIN_MS[this.#tries]);
    this.#tries += 1;
  }

  #unplan() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
