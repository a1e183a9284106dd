// This file knows how to run every example of every site, and the shared tables, through the
// engine. It prints one JSON object: rows of {id, group, got, want…}; test_sites.py judges them.

import { readFileSync, readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";

import * as engine from "../../extension/sites.js";
import { format, parse } from "../../extension/ticker.js";

const at = (path) => new URL(path, import.meta.url);
const read = (path) => JSON.parse(readFileSync(at(path), "utf8"));

const files = readdirSync(at("../../extension/sites/"))
  .filter((name) => name.endsWith(".json"))
  .sort();
const sites = files.map((name) => ({ file: name, ...read(`../../extension/sites/${name}`) }));
const exchanges = read("../../extension/exchanges.json");
const book = engine.makeBook({ sites, exchanges });

const HOSTILE_MS = 30;

/**
 * What a run takes of the processor at best, in ms: others on a busy machine take no part in it, and
 * of some runs one is not met by the collector of garbage.
 */
function best(times, run) {
  return Math.min(
    ...Array.from({ length: times }, () => {
      const start = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    }),
  );
}

function siteExamples() {
  return sites.flatMap((site) =>
    site.tests.map((test, n) => {
      const { url, dom, text } = test;
      if (text !== undefined) return textExample(site, n, test);
      const verdict = url ? engine.explainUrl(url, book) : null;
      const find = url ? engine.readUrl(url, book) : domFind(site, dom);
      const others = url ? sites.filter((one) => one.id !== site.id && claims(one, url)) : [];
      return {
        id: `${site.id} ${n} ${url ?? dom.value}`,
        site: site.id,
        test,
        find,
        why: verdict?.why ?? null,
        others: others.map(({ id }) => id),
      };
    }),
  );
}

/** What a message on such a site would give; no site owns a text. */
function textExample(site, n, test) {
  const found = engine.readText(test.text, book).map(({ pattern }) => pattern);
  return { id: `${site.id} ${n}`, site: site.id, test, find: null, found, others: [] };
}

function domFind(site, { index, value }) {
  const host = site.hosts.find((one) => !one.includes("{"));
  return engine.readFacts({ url: `https://${host}/`, rows: [{ index, value }] }, book);
}

/** Whether a site alone, without the others, reads this address. */
function claims(site, url) {
  return engine.readUrl(url, engine.makeBook({ sites: [site], exchanges })) !== null;
}

function table(name, run) {
  return read(`../data/${name}.json`).rows.map((row, n) => ({
    id: `${n} ${row.id}`,
    row,
    got: run(row),
  }));
}

const pick = (find) => find && { ...find };

const hostile = read("../data/hostile.json").rows.map(
  ({ id, text, times = 1, before = "", after = "" }) => {
    const long = before + text.repeat(times) + after;
    // An address in plain words may be followed; one inside a link of another scheme may not.
    const facts = {
      url: long,
      title: long,
      href: long,
      text: long.includes("://") ? null : long,
      rows: [{ index: 0, value: long }],
      page: [{ index: 5, parts: { symbol: long, exchange: long } }],
    };
    return {
      id,
      url: engine.readUrl(long, book),
      symbol: engine.readSymbol(long, book),
      facts: engine.readFacts(facts, book),
      limit: HOSTILE_MS,
      ms: best(5, () => {
        engine.readUrl(long, book);
        engine.readSymbol(long, book);
        engine.readFacts(facts, book);
        engine.readFacts({ ...facts, url: "https://www.tradingview.com/chart/" }, book);
        engine.readText(long.slice(0, 100_000), book);
      }),
    };
  },
);

/** Of many runs, in ms. */
function median(runs) {
  const times = runs.map((run) => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** Numbered names no list has: AAAB, AAAC, … */
const nameOf = (n) =>
  [17_576, 676, 26, 1].map((step) => String.fromCharCode(65 + (Math.floor(n / step) % 26))).join("");

/** 100 kB of one kind of word, each of them another: nothing that was seen before helps. */
function dense(wordOf) {
  const words = Array.from({ length: 30_000 }, (_, n) => wordOf(nameOf(n)));
  return words.join(" ").slice(0, 100_000);
}

/** Pages as dense as they come, read with a terminal's list of which they hold nothing. */
const DENSE = {
  addresses: dense((name) => `https://www.binance.com/en/futures/${name}USDT`),
  names: dense((name) => `${name}USDT`),
  code: dense((name) => `const ${name.toLowerCase()}_${name} = at.${name}("${name}");`),
};

/** The middle address of all examples, and 100 kB of texts, once the engine is warm. */
function timings() {
  const urls = sites.flatMap(({ tests }) => tests.map(({ url }) => url).filter(Boolean));
  const all = read("../data/texts.json").rows.map(({ text }) => text).join("\n");
  const text = all.repeat(Math.ceil(100_000 / all.length)).slice(0, 100_000);
  const few = new Set(["BTC", "ETH", "SOL"]);
  const runs = urls.map((url) => () => engine.readUrl(url, book));
  median(runs);
  return {
    url_us: 1000 * median(runs),
    text_ms: best(25, () => engine.readText(text, book)),
    dense_ms: Object.fromEntries(
      Object.entries(DENSE).map(([name, page]) => [
        name,
        best(25, () => engine.readText(page, book, { known: few })),
      ]),
    ),
  };
}

const known = (row) => (row.known ? { known: new Set(row.known) } : {});

process.stdout.write(
  JSON.stringify({
    sites: sites.map(({ file, id, hosts, oldHosts, confirmed, source, tests, dom, menuOnly }) => ({
      file,
      id,
      hosts: [...hosts, ...(oldHosts ?? [])],
      confirmed,
      source,
      tests,
      dom: dom ?? [],
      menuOnly: menuOnly ?? false,
    })),
    examples: siteExamples(),
    symbols: table("symbols", ({ text }) => pick(engine.readSymbol(text, book))),
    texts: table("texts", (row) => engine.readText(row.text, book, known(row))),
    unseen: table("unseen", ({ url }) => engine.readUrl(url, book)?.pattern ?? null),
    harvested: table("harvested", ({ url }) => pick(engine.readUrl(url, book))),
    facts: table("facts", ({ facts }) => pick(engine.readFacts(facts, book))),
    pages: table("pages", ({ facts }) => engine.readPage(facts, book)),
    glued: table("glued", ({ exchange, name, market }) =>
      pick(engine.readSymbol(`${exchange}:${name}${market === "futures" ? ".P" : ""}`, book)),
    ),
    patterns: table("patterns", ({ pattern }) => {
      const parsed = parse(pattern);
      return parsed && { ...parsed, again: format({ ...parsed, bare: parsed.symbol }) };
    }),
    rules: engine.domRules("https://www.tradingview.com/chart/", book),
    no_rules: engine.domRules("https://example.org/", book),
    odd: [null, undefined, 7, {}, []].map((value) => [
      engine.readUrl(value, book),
      engine.readSymbol(value, book),
      engine.readText(value, book),
    ]),
    hostile,
    timings: timings(),
  }),
);
