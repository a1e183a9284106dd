/** This file knows which coins the terminal lists: in a text only those count. */

/** Exchanges list new coins every day; a list that could not be had is asked for again sooner. */
const OLD_MS = 10 * 60_000;
const AGAIN_MS = 30_000;
/** The click that made us ask goes first. */
const AFTER_MS = 2_000;
const MAX_ASSETS = 20_000;
const MAX_NAME = 40;

export class Assets {
  /** @type {ReadonlySet<string> | undefined} */
  #known;
  #due = -Infinity;
  #ask;

  /** @param {(method: string, params: object) => Promise<any>} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * For readText: the set as it was last told, or nothing while the built-in list has to do. Never
   * waits; an old set is asked for anew meanwhile.
   * @param {number} [now]
   * @returns {{known?: ReadonlySet<string>}}
   */
  options(now = Date.now()) {
    if (now >= this.#due) {
      this.#due = now + AGAIN_MS;
      this.#read(now);
    }
    return this.#known ? { known: this.#known } : {};
  }

  /** @param {number} now */
  async #read(now) {
    await new Promise((done) => setTimeout(done, AFTER_MS));
    const answer = await this.#ask("assets", {}).catch(() => null); // then the last set stays
    const told = Array.isArray(answer?.assets) ? answer.assets.slice(0, MAX_ASSETS) : [];
    const names = told.filter((/** @type {unknown} */ one) =>
      typeof one === "string" && one.length <= MAX_NAME);
    if (!names.length) return;
    this.#known = new Set(names);
    this.#due = now + OLD_MS;
  }
}
