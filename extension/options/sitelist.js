/** This file knows the sites as the user sees them: read or not, and what access they have. */

import { patternsOf } from "../worker/access.js";
import { api } from "../browser.js";
import { say } from "../language.js";
import { byId, make, setText } from "../panel/dom.js";
import { leave, permit, switchSite } from "../permit.js";
import { readSettings } from "../settings.js";
import { loadReading } from "../sitefiles.js";

/**
 * @typedef {object} Shown
 * @property {any} site as its file says
 * @property {string[]} patterns
 * @property {boolean} own a file of the user
 * @property {boolean} access whether the browser lets us in everywhere
 * @property {boolean} on read: not switched off, and let in
 * @property {boolean} off switched off by the user
 */

export class SiteList {
  /** @type {Shown[]} */
  #shown = [];
  #changed;

  /** @param {{changed: (shown: Shown[]) => void, signal: AbortSignal}} parts changed: after each look */
  constructor({ changed, signal }) {
    this.#changed = changed;
    byId("site-search").addEventListener("input", () => this.#paint(), { signal });
    for (const list of ["site-list", "own-list"]) {
      byId(list).addEventListener("click", (/** @type {Event} */ event) =>
        this.#pressed(event), { signal });
    }
    const look = () => this.look();
    for (const event of [api.permissions.onAdded, api.permissions.onRemoved]) {
      event.addListener(look);
      signal.addEventListener("abort", () => event.removeListener(look));
    }
  }

  /** Looks at the files, the settings and the browser's permissions anew. */
  async look() {
    const stored = /** @type {{own?: any}} */ (await api.storage.local.get("own"));
    const [{ sites, ours }, { sitesOff }] = await Promise.all([
      loadReading(stored.own), readSettings()]);
    this.#shown = await Promise.all(sites.filter(isReadable).map(async (site) => {
      const own = ours.includes(site.id);
      const patterns = patternsOf(site, own);
      const access = await api.permissions.contains({ origins: patterns });
      const off = sitesOff.includes(site.id);
      return { site, patterns, own, access, off, on: access && !off };
    }));
    this.#paint();
    this.#changed(this.#shown);
  }

  /** Own sites first, then by name; what is searched for in names and hosts. */
  #paint() {
    const wanted = byId("site-search").value.trim().toLowerCase();
    const found = this.#shown.filter(({ site }) => !wanted
      || [site.name ?? site.id, ...site.hosts].some((text) => text.toLowerCase().includes(wanted)));
    found.sort((one, other) => title(one.site).localeCompare(title(other.site)));
    repaint(byId("site-list"), found);
    repaint(byId("own-list"), this.#shown.filter(({ own }) => own));
    const on = this.#shown.filter((one) => one.on).length;
    setText(byId("site-count"), say("options_sites_count", [String(found.length), String(on)]));
  }

  /**
   * A press on a switch or on "Allow". The browser asks only within the press itself, so it is asked
   * before anything is waited for.
   * @param {Event} event
   */
  async #pressed(event) {
    const pressed = /** @type {Element} */ (event.target).closest("[data-act]");
    const id = /** @type {HTMLElement | undefined} */ (pressed?.closest("li"))?.dataset.site;
    const one = this.#shown.find(({ site }) => site.id === id);
    if (!pressed || !one) return;
    const turnsOff = pressed instanceof HTMLInputElement && !pressed.checked;
    const wanted = { id: one.site.id, patterns: one.patterns };
    let refused = false;
    if (turnsOff) await leave(wanted);
    else if (one.access) await switchSite(wanted.id, true);
    else refused = !await permit(wanted).catch(() => false);
    setText(byId("site-said"), refused ? say("options_sites_refused", [title(one.site)]) : "");
    await this.look();
  }
}

/** A site with nothing to read on its pages is there for links alone. @param {any} site */
const isReadable = ({ menuOnly, reject = [], paths = [] }) =>
  !menuOnly || paths.length > 0 || reject.length === 0;

/** @param {any} site @returns {string} */
const title = (site) => site.name ?? site.id;

/** What each row shows; one that would show the same stays, so that no press on it is lost.
 * @type {WeakMap<Element, string>} */
const painted = new WeakMap();

/** @param {HTMLElement} list @param {Shown[]} shown */
function repaint(list, shown) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const held = list.contains(focused) ? focused?.closest("li")?.dataset.site : undefined;
  const before = new Map([...list.children].map((one) => [painted.get(one), one]));
  const items = shown.map((one) => {
    const now = JSON.stringify(one);
    const item = before.get(now) ?? row(one);
    painted.set(item, now);
    const box = /** @type {HTMLInputElement} */ (item.querySelector("[role=switch]"));
    box.checked = one.on; // also where a press on it came to nothing
    return item;
  });
  const same = items.length === list.children.length
    && items.every((item, index) => item === list.children[index]);
  if (!same) list.replaceChildren(...items);
  const again = held && list.querySelector(`li[data-site="${CSS.escape(held)}"] [data-act]`);
  if (again instanceof HTMLElement && !list.contains(document.activeElement)) again.focus();
}

/** @param {Shown} shown */
function row({ site, own, access, off, on }) {
  const box = make("input", { data: { act: "switch" }, attrs: { type: "checkbox", role: "switch",
    ...(on ? { checked: "" } : {}) } });
  const hosts = site.hosts.map((/** @type {string} */ host) => host.replace("{locale}", "*"));
  const state = on ? "on" : off ? "off" : site.menuOnly ? "links" : "asks";
  const badge = own ? make("span", { class: "badge", text: say("options_site_own") }) : null;
  const since = site.confirmed && make("time", { class: "quiet", text: site.confirmed,
    attrs: { datetime: site.confirmed, title: say("options_site_confirmed", [site.confirmed]) } });
  return make("li", { class: "site", data: { site: site.id, state } }, [
    make("label", {}, [box, make("span", { class: "name", text: title(site) }), badge]),
    make("span", { class: "hosts quiet name", text: hosts.join(", "),
      attrs: { title: hosts.join("\n") } }),
    make("span", { class: "state", text: say(`options_site_${state}`) }),
    access || off ? null : make("button", { class: "plain", data: { act: "allow" },
      text: say("options_allow"), attrs: { type: "button",
        "aria-label": say("options_allow_host", [site.hosts[0]]) } }),
    since || null,
  ]);
}
