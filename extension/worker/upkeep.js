/**
 * This file knows what the browser itself keeps for us over our own sleep, and brings it up to
 * date: the script on hosts that the user let us into, and the menus.
 */

import { api } from "../browser.js";

export class Upkeep {
  #access;
  #menus;
  /** One at a time: a menu made twice at once is refused. */
  #last = Promise.resolve();

  /** @param {import("./access.js").Access} access @param {import("./menus.js").Menus} menus */
  constructor(access, menus) {
    this.#access = access;
    this.#menus = menus;
  }

  /**
   * Brings everything up to date. Menus are made anew only when they would be others: that is what
   * every start of the worker would do otherwise, in front of the click it was started for.
   * @param {{language: string}} settings @param {{anew?: boolean}} [how]
   * @returns {Promise<void>}
   */
  run({ language }, { anew = false } = {}) {
    this.#last = this.#last.then(async () => {
      await this.#access.sync();
      const patterns = await this.#access.patterns();
      const menus = JSON.stringify([language, patterns]);
      const kept = await api.storage.session.get("menus");
      if (!anew && kept.menus === menus) return;
      await this.#menus.create(patterns);
      await api.storage.session.set({ menus });
    }).catch((error) => console.warn(`what the browser keeps is not up to date: ${error}`));
    return this.#last;
  }
}
