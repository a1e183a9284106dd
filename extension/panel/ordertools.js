/**
 * This file knows what stands above the orders: filters by side and connection, grouping, and how
 * far the orders are known: pinned tickers, and the scan for more.
 */

import { say } from "../browser.js";
import { make, setData, setText } from "./dom.js";

const SIDES = ["", "buy", "sell"];
/** As in the rows. @type {Record<string, string>} */
const LETTERS = { buy: "B", sell: "S" };

export class OrderTools {
  /** @type {{connection: string, side: string}} */
  chosen = { connection: "", side: "" };
  #named = "";
  #pins = "";

  /**
   * @param {import("./sections.js").Section} section @param {() => void} changed
   * @param {{signal: AbortSignal}} life
   */
  constructor(section, changed, { signal }) {
    this.known = make("button", { class: "known", data: { action: "coverage" },
      attrs: { type: "button", "aria-expanded": "false", "aria-controls": "coverage" } });
    section.extra.append(this.known);
    this.places = make("select", { attrs: { "aria-label": say("column_connection") } });
    this.side = make("div", { class: "choice", attrs: { role: "group", "aria-label":
      say("filter_side") } }, SIDES.map((side) => make("button", { text: LETTERS[side] ?? say("filter_all"),
      data: { side }, attrs: { type: "button", title: say(`filter_${side || "all"}`),
        "aria-label": say(`filter_${side || "all"}`), "aria-pressed": String(side === "") } })));
    this.group = make("button", { class: "toggle", text: say("grouped"), data: { action: "group" },
      attrs: { type: "button", title: say("grouped_title") } });
    this.strip = make("div", { attrs: { id: "coverage" } });
    this.strip.hidden = true;
    this.bar = make("div", { class: "tools" }, [this.side, this.places, this.group]);
    section.body.prepend(this.bar, this.strip);
    this.#makeStrip();
    this.places.addEventListener("change", () => {
      this.chosen.connection = /** @type {HTMLSelectElement} */ (this.places).value;
      changed();
    }, { signal });
    this.side.addEventListener("click", (event) => {
      const { side } = /** @type {HTMLElement} */ (event.target).dataset;
      if (side === undefined) return;
      this.chosen.side = side;
      for (const one of this.side.children) {
        one.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (one).dataset.side === side));
      }
      changed();
    }, { signal });
  }

  #makeStrip() {
    this.note = make("p", { class: "quiet" });
    this.pins = make("p", { class: "pins" });
    this.scan = make("button", { class: "plain", data: { action: "scan" }, attrs: { type: "button" } });
    this.bar2 = make("progress", { attrs: { max: "1", "aria-label": say("scan_more") } });
    this.told = make("span", { class: "told", attrs: { role: "status", "aria-live": "polite" } });
    this.strip.append(this.note, this.pins,
      make("p", { class: "scan" }, [this.scan, this.bar2, this.told]));
  }

  /** Opens or closes what is known of the coverage. @returns {boolean} whether it is open now */
  turn() {
    this.strip.hidden = !this.strip.hidden;
    this.known.setAttribute("aria-expanded", String(!this.strip.hidden));
    return !this.strip.hidden;
  }

  /** @param {any} model @param {boolean} grouped */
  paint(model, grouped) {
    const known = model.known === null ? "" : say("orders_known", [String(model.known)]);
    setText(this.known, known);
    this.known.hidden = !known;
    if (this.group.ariaPressed !== String(grouped)) this.group.ariaPressed = String(grouped);
    this.#paintPlaces(model);
    if (!this.strip.hidden) this.#paintScan(model);
  }

  /** @param {any[]} connections of the operation `known` @param {any} model */
  paintPins(connections, model) {
    const pins = connections.flatMap(({ connection, pinned }) =>
      pinned.map((/** @type {string} */ ticker) => ({ connection, ticker })));
    const sign = JSON.stringify(pins);
    if (sign === this.#pins) return;
    this.#pins = sign;
    this.pins?.replaceChildren(...(pins.length ? [make("span", { class: "quiet",
      text: say("pinned") })] : []), ...pins.map(({ connection, ticker }) => {
      const name = model.connection(String(connection))?.name ?? model.words.gone;
      return make("button", { class: "pin", data: { action: "unpin", connection: String(connection),
        ticker }, attrs: { type: "button", title: `${ticker} · ${name}: ${say("unpin")}` } },
      [make("bdi", { text: ticker }), make("span", { text: "✕", attrs: { "aria-hidden": "true" } })]);
    }));
  }

  /** @param {any} model */
  #paintPlaces(model) {
    const places = model.places;
    const named = JSON.stringify(places.map((/** @type {any} */ { id, name }) => [id, name]));
    if (named === this.#named) return;
    this.#named = named;
    const option = (/** @type {string} */ value, /** @type {string} */ text) =>
      make("option", { text, attrs: { value } });
    this.places.replaceChildren(option("", say("all_connections")), ...places.map(
      (/** @type {any} */ { id, name }) => option(String(id), name)));
    const there = places.some((/** @type {any} */ { id }) => String(id) === this.chosen.connection);
    if (!there) this.chosen.connection = "";
    /** @type {HTMLSelectElement} */ (this.places).value = this.chosen.connection;
  }

  /** @param {any} model */
  #paintScan({ scan, known }) {
    setText(/** @type {HTMLElement} */ (this.note), say("coverage", [String(known ?? 0)]));
    const running = scan?.state === "running";
    const button = /** @type {HTMLElement} */ (this.scan);
    setText(button, say(running ? "scan_stop" : "scan_more"));
    setData(button, "action", running ? "scan-stop" : "scan");
    const bar = /** @type {HTMLProgressElement} */ (this.bar2);
    if (bar.hidden === running) bar.hidden = !running;
    const { done = 0, total = 0 } = scan ?? {};
    if (running && total) bar.value = done / total;
    else bar.removeAttribute("value");
    setText(/** @type {HTMLElement} */ (this.told), scanText(scan));
  }
}

/** @param {any} scan */
function scanText(scan) {
  if (!scan || scan.state === "idle") return "";
  const { done, total, orders } = scan;
  if (scan.state === "running" && !total) return say("empty_reading");
  const counted = [String(done), String(total), String(orders)];
  if (scan.state !== "running") return say(`scan_${scan.state}`, counted);
  return say("scan_running", [...counted, String(Math.max(1, Math.ceil(scan.leftS / 60)))]);
}
