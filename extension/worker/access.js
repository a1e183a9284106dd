/**
 * This file knows which pages we may read: those of the manifest's sites that are not switched off,
 * and hosts of other sites that the user has let us into by a click. A page of any other host is
 * read only where the user calls us there, from the menu.
 */

import { FRAME_SCRIPT, PAGE_SCRIPTS, api, onNamedSite, sitePatterns } from "../browser.js";
import { refusedSites } from "../permit.js";
import { readSettings } from "../settings.js";

/** What is registered while we run, for pages and for their frames; a browser keeps it over its own
 * restarts. */
const REGISTERED = [
  { id: "let-in", js: PAGE_SCRIPTS },
  { id: "let-in-frames", js: [FRAME_SCRIPT], allFrames: true, matchOriginAsFallback: true },
];

/** @typedef {{id: string, name: string, hosts: string[], menuOnly?: boolean}} Site */

/**
 * The patterns of a site that the manifest does not name.
 * @param {Site} site @param {string[]} [named] @returns {string[]}
 */
export function foreignPatterns({ hosts }, named = sitePatterns()) {
  return hosts.filter((host) => !host.includes("{"))
    .filter((host) => !named.some((pattern) => covers(pattern, host)))
    .map((host) => `https://${host}/*`);
}

/**
 * All patterns of a site: those of the manifest, and of hosts that it does not name. A built-in site
 * whose every host is foreign is one that people talk on; of the others foreign hosts are frames.
 * @param {Site} site @param {boolean} own a file of the user
 * @param {string[]} [named] @returns {string[]}
 */
export function patternsOf(site, own, named = sitePatterns()) {
  const mine = named.filter((pattern) => site.hosts.some((host) => covers(pattern, host)));
  return own || site.menuOnly ? [...mine, ...foreignPatterns(site, named)] : mine;
}

/** Whether a pattern stands for pages of a host. @param {string} pattern @param {string} host */
function covers(pattern, host) {
  const named = pattern.slice("https://".length).split("/")[0];
  if (!named.startsWith("*.")) return host === named;
  return host === named.slice(2) || host.endsWith(named.slice(1));
}

export class Access {
  /** Ids of sites that are switched off. @type {Set<string>} */
  #off = new Set();
  /** Patterns our script is registered for beside the manifest's. @type {string[]} */
  #letIn = [];
  #ready;
  #own;
  /** One at a time: each begins from what the one before has registered. */
  #last = Promise.resolve();

  /** @param {import("./ownsites.js").OwnSites} own */
  constructor(own) {
    this.#own = own;
    this.#ready = this.#load();
  }

  /** Whether a page's content script is to be served. @param {string | undefined} url */
  async reads(url) {
    await this.#ready;
    if (!onNamedSite(url) && !onNamedSite(url, this.#letIn)) return false;
    if (!this.#off.size) return true;
    const { hostname } = new URL(/** @type {string} */ (url));
    const { sites } = await this.#own.reading;
    const site = sites.find(({ hosts }) => hosts.includes(hostname)
      || hosts.includes(`{locale}.${hostname.split(".").slice(1).join(".")}`));
    return !site || !this.#off.has(site.id);
  }

  /** The patterns of all pages that are read. @returns {Promise<string[]>} */
  async patterns() {
    await this.#ready;
    const { sites } = await this.#own.reading;
    const off = sites.filter(({ id }) => this.#off.has(id));
    const shut = new Set(off.flatMap((site) => patternsOf(site, false)));
    return [...sitePatterns().filter((pattern) => !shut.has(pattern)), ...this.#letIn];
  }

  /**
   * The user's own sites that we were not let into yet, and did not get a No for.
   * @returns {Promise<{id: string, name: string, patterns: string[]}[]>}
   */
  async waiting() {
    await this.#ready;
    const [{ sites, ours }, refused] = await Promise.all([this.#own.reading, refusedSites()]);
    return sites.filter(({ id }) => ours.includes(id) && !this.#off.has(id) && !refused.includes(id))
      .map((site) => ({ id: site.id, name: site.name ?? site.id,
        patterns: foreignPatterns(site).filter((pattern) => !this.#letIn.includes(pattern)) }))
      .filter(({ patterns }) => patterns.length > 0);
  }

  /** Registers our script where it may run, and nowhere else. @returns {Promise<void>} */
  sync() {
    this.#last = this.#last.then(() => this.#sync()).catch((error) => {
      console.warn(`hosts are not brought up to date: ${error}`);
    });
    return this.#last;
  }

  async #load() {
    const [{ sitesOff }, { letIn }] = await Promise.all([readSettings(),
      api.storage.local.get("letIn")]);
    this.#off = new Set(sitesOff);
    this.#letIn = Array.isArray(letIn) ? letIn : [];
  }

  async #sync() {
    await this.#load();
    const { sites, ours } = await this.#own.reading;
    const wanted = sites.filter(({ id, menuOnly }) => !this.#off.has(id)
      && (menuOnly || ours.includes(id))).flatMap((site) => foreignPatterns(site));
    const granted = await Promise.all(wanted.map((pattern) =>
      api.permissions.contains({ origins: [pattern] })));
    const matches = [...new Set(wanted.filter((_, index) => granted[index]))].sort();
    await register(matches);
    const fresh = matches.filter((pattern) => !this.#letIn.includes(pattern));
    this.#letIn = matches;
    await api.storage.local.set({ letIn: matches });
    await inject(fresh);
  }
}

/** @param {string[]} matches */
async function register(matches) {
  const there = await api.scripting.getRegisteredContentScripts();
  const wanted = matches.length ? REGISTERED : [];
  const kept = wanted.length === there.length && wanted.every(({ id, js }) => there.some((one) =>
    one.id === id && same(one.matches ?? [], matches) && same(one.js ?? [], js)));
  if (kept) return;
  await api.scripting.unregisterContentScripts();
  if (!wanted.length) return;
  await api.scripting.registerContentScripts(wanted.map((one) => ({ ...one, matches,
    runAt: "document_start", persistAcrossSessions: true })));
}

/** Tabs open already have no script of ours. @param {string[]} patterns */
export async function inject(patterns) {
  if (!patterns.length) return;
  const tabs = await api.tabs.query({ url: patterns });
  await Promise.all(tabs.map(async ({ id, url }) => {
    if (id === undefined) return;
    for (const { js: files, world, frames: allFrames } of partsFor(url)) {
      await api.scripting.executeScript({ target: { tabId: id, allFrames }, files, world })
        .catch(() => undefined);
    }
  }));
}

/**
 * What a page gets at its next load, in this order: by the manifest, or by what we registered.
 * @param {string | undefined} url
 * @returns {{js: string[], world: any, frames: boolean}[]}
 */
function partsFor(url) {
  const named = (/** @type {any[]} */ (api.runtime.getManifest().content_scripts ?? []))
    .filter(({ matches }) => onNamedSite(url, matches))
    .map(({ js, world, all_frames: frames }) => ({ js, world, frames }));
  const letIn = REGISTERED.map(({ js, allFrames }) => ({ js, world: undefined, frames: allFrames }));
  return (named.length ? named : letIn).map(({ js, world = "ISOLATED", frames = false }) =>
    ({ js, world, frames }));
}

/** Puts parts of ours into a page; one that may not have them stays as it is.
 * @param {number} tab @param {string[]} files */
export async function put(tab, ...files) {
  await api.scripting.executeScript({ target: { tabId: tab }, files }).catch(() => undefined);
}

/** @param {string[]} one @param {string[]} other */
const same = (one, other) => one.length === other.length
  && one.every((value) => other.includes(value));
