/** This file knows how the user's own site files are shown: where they lie, what is wrong. */

import { say } from "../language.js";
import { byId, make, setText } from "../panel/dom.js";
import { siteProblem } from "../problems.js";

/** A file to begin with; the hosts are nobody's. */
const SAMPLE = {
  id: "mysite",
  name: "My site",
  exchange: "BINANCE",
  hosts: ["charts.example.com"],
  quotes: ["USDT", "USDC"],
  paths: [{ path: "/chart/{base}_{quote}", market: "futures" }],
  dom: [{ use: "row", selector: "[data-symbol]", attr: "data-symbol", take: "symbol",
    seen: "2026-11-20" }],
};

/** @param {{signal: AbortSignal}} life */
export function makeOwn({ signal }) {
  byId("own-copy").addEventListener("click", () => copy(byId("own-folder").textContent), { signal });
  byId("own-sample").addEventListener("click", () =>
    copy(`${JSON.stringify(SAMPLE, null, 2)}\n`), { signal });
}

/** @param {import("../worker/ownsites.js").Files} own */
export function showOwn({ files, problems, folder }) {
  byId("own-place").hidden = !folder;
  setText(byId("own-folder"), folder);
  byId("own-none").hidden = files.length + problems.length > 0;
  byId("own-problems").replaceChildren(...problems.map((one) =>
    make("li", { class: "problem", data: { file: one.file } }, [
      make("code", { text: one.line ? `${one.file}:${one.line}` : one.file }),
      make("span", { text: siteProblem(one) }),
    ])));
}

/** @param {string} text */
async function copy(text) {
  const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
  setText(byId("own-said"), say(done ? "toast_copied" : "toast_not_copied"));
}
