/**
 * This file knows the user's own sites: what the relay last told of them, kept for a worker that
 * starts before the relay has spoken, and what is wrong with which.
 */

import { api } from "../browser.js";
import { NOTHING, loadReading } from "../sitefiles.js";

/** @typedef {import("../sitefiles.js").Own} Own */
/** @typedef {import("../sitefiles.js").Reading} Reading */

/**
 * A file that is wrong: `why` is `site_<why>` in _locales.
 * @typedef {{file: string, line: number | null, why: string, value: string}} Wrong
 */

/** What the relay tells of files, beside the sites in them. waiting: sites we were not let into.
 * @typedef {{files: string[], problems: Wrong[], folder: string,
 *   waiting?: {id: string, name: string, patterns: string[]}[]}} Files */

/** @type {Files} */
const NO_FILES = { files: [], problems: [], folder: "" };

export class OwnSites {
  /** @type {Promise<Reading>} */
  reading;
  /** @type {Own} */
  #own = NOTHING;
  /** @type {Files} */
  #files = NO_FILES;
  #told;

  /** @param {(changed: boolean) => void} told changed: they say something else than before */
  constructor(told) {
    this.#told = told;
    this.reading = loadReading(this.#kept());
  }

  /** Takes what the relay tells. @param {any} told */
  async take(told) {
    await this.reading; // else what was kept would come after it
    this.#files = {
      files: strings(told?.files),
      problems: Array.isArray(told?.problems) ? told.problems : [],
      folder: typeof told?.folder === "string" ? told.folder : "",
    };
    const own = { sites: Array.isArray(told?.sites) ? told.sites : [],
      aliases: told?.aliases ?? {} };
    const changed = JSON.stringify(own) !== JSON.stringify(this.#own);
    if (changed) {
      this.#own = own;
      this.reading = loadReading(own);
      await api.storage.local.set({ own });
    }
    this.#told(changed);
  }

  /** What is wrong with the files, and where they lie. @returns {Promise<Files>} */
  async files() {
    const { problems } = await this.reading;
    const ids = this.#own.sites.map((site) => site?.id);
    const ours = problems.map(({ id, why, value }) =>
      ({ file: this.#files.files[ids.indexOf(id)] ?? id, line: null, why, value }));
    return { ...this.#files, problems: [...this.#files.problems, ...ours] };
  }

  async #kept() {
    const { own } = /** @type {{own?: Own}} */ (await api.storage.local.get("own"));
    if (own && Array.isArray(own.sites) && own.aliases) this.#own = own;
    return this.#own;
  }
}

/** @param {any} list @returns {string[]} */
const strings = (list) =>
  (Array.isArray(list) ? list.filter((one) => typeof one === "string") : []);
