/** This file knows which browser API is there and what it can do. */

/** Chromium has `browser` too since 2026, so the name says nothing; ask for capabilities. */
export const api = globalThis.browser ?? globalThis.chrome;

/** Chromium's side panel, or null. @type {typeof chrome.sidePanel | null} */
export const sidePanel = api.sidePanel ?? null;

/** Firefox's sidebar, or null. @type {SidebarAction | null} */
export const sidebarAction = /** @type {any} */ (api).sidebarAction ?? null;

/** Firefox's events around the menu: it tells when it opens, and can be drawn anew. Null elsewhere.
 * @type {{onShown: any, onHidden: any, refresh: () => void} | null} */
export const shownMenus = /** @type {any} */ (api.contextMenus)?.onShown
  ? /** @type {any} */ (api.contextMenus) : null;

/** What the native host is told about us in `hello`. @returns {string} */
export const browserName = () => (sidebarAction ? "firefox" : "chromium");

export { say } from "./language.js";

/** Hosts the manifest names, as match patterns. @returns {string[]} */
export const sitePatterns = () => api.runtime.getManifest().content_scripts?.[0].matches ?? [];

/**
 * Whether a page stands on one of the named sites.
 * @param {string | undefined} url
 * @param {string[]} patterns `https://host/*`, `https://host/folder/*` or `https://*.host/*`
 * @returns {boolean}
 */
export function onNamedSite(url, patterns = sitePatterns()) {
  if (!url || !URL.canParse(url)) return false;
  const { protocol, hostname, pathname } = new URL(url);
  if (protocol !== "https:") return false;
  return patterns.some((pattern) => {
    const named = pattern.slice("https://".length, -"*".length);
    const host = named.slice(0, named.indexOf("/"));
    if (!pathname.startsWith(named.slice(host.length))) return false;
    if (!host.startsWith("*.")) return hostname === host;
    return hostname === host.slice(2) || hostname.endsWith(host.slice(1));
  });
}

/** What runs in a page, in this order. */
export const PAGE_SCRIPTS = ["page/elements.js", "page/collect.js", "page/toast.js", "page/content.js"];

/** What runs in its frames. */
export const FRAME_SCRIPT = "page/frame.js";
