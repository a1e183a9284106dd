/**
 * This file knows a menu that tells when it opens, as Firefox's does, and can be drawn anew while it
 * is open. That closes its submenus, so it is done at once, before a hand is there, and a second
 * time only when the terminal has told of other bindings.
 */

export class ShownMenu {
  /** Menus that opened or closed so far: what was begun for another one says nothing. */
  #turns = 0;

  /**
   * @param {any} menu the browser's
   * @param {{menus: import("./menus.js").Menus, targets: import("./targets.js").Targets,
   *   tabs: import("./tabs.js").Tabs,
   *   meant: (info: any, tab: any) => Promise<import("./menus.js").Meant>}} parts
   */
  constructor(menu, { menus, targets, tabs, meant }) {
    this.menu = menu;
    this.menus = menus;
    this.targets = targets;
    this.tabs = tabs;
    this.meant = meant;
    menu.onShown.addListener((/** @type {any} */ info, /** @type {any} */ tab) =>
      this.#shown(info, tab));
    menu.onHidden.addListener(() => this.#hidden());
  }

  /** @param {any} info @param {any} tab */
  async #shown(info, tab) {
    this.#turns += 1;
    const mine = this.#turns;
    if (tab?.id === undefined) return;
    const listing = this.targets.list();
    const meant = await this.meant(info, tab);
    const state = await this.tabs.get(tab.id);
    const before = JSON.stringify(this.targets.last);
    if (mine !== this.#turns) return;
    await this.#draw(meant, state);
    const listed = JSON.stringify(await listing);
    if (mine === this.#turns && listed !== before) await this.#draw(meant, state);
  }

  /** @param {import("./menus.js").Meant} meant @param {import("./tabs.js").TabState} state */
  async #draw(meant, state) {
    await this.menus.name({ page: meant, part: meant }, state);
    this.menu.refresh();
  }

  #hidden() {
    this.#turns += 1;
    this.menus.unname();
  }
}
