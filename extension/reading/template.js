// This file knows how a path template such as "/{locale?}/futures/{base}_{quote}" becomes a
// matcher.
//
// `{name}` holds one value of the character class of that name, `{name:class}` of another class; in
// a path, `{name?}` as a whole segment may be missing with its slash. Everything else is literal,
// in any letter case. Every class has an upper length and no class repeats inside another one, so
// that matching takes bounded time whatever the page says.

const LETTER = "A-Za-z0-9\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7af";

/** en, en-US, en_US, zh-hans, es-419; fil is the one name of three letters seen (2026-11). */
const LOCALE = "(?:[a-z]{2}|fil)(?:[-_][a-z0-9]{2,4})?";

/** What a placeholder may hold. `quote` is not here: it is the list of the site. */
const CLASSES = {
  locale: LOCALE,
  region: `(?:asia|${LOCALE})`,
  base: `[${LETTER}]{1,20}`,
  symbol: `[${LETTER}]{2,40}`,
  exchange: "[A-Za-z0-9_]{2,24}",
  dex: "[A-Za-z0-9]{1,10}",
  settle: "(?:USDT|USDC|USD1|USD|BTC|ETH)",
  code: "[A-Za-z0-9]{1,16}",
  share: "[A-Z][A-Z0-9]{0,4}",
  number: "\\d{1,2}",
  digit: "\\d",
  future: "[A-Z0-9]{2}[FGHJKMNQUVXZ]\\d",
  yymmdd: "\\d{6}",
  yyyymmdd: "20\\d{6}",
  month: "[FGHJKMNQUVXZ]\\d{2}",
  strike: "\\d{1,9}(?:\\.\\d{1,5})?",
  side: "[CP]",
  slug: "[A-Za-z0-9-]{1,64}",
  word: "[^/]{1,64}",
  text: "[^/\\s]{1,64}",
  any: "[^\\s]{1,128}",
  rest: ".{0,512}",
};

/**
 * What a template reads: the value of each placeholder, or null when the text is not of its shape.
 * @typedef {(text: string) => Record<string, string>|null} Matcher
 */

/**
 * The matcher of a whole path; a trailing slash is allowed.
 * @param {string} template
 * @param {readonly string[]} quotes
 * @returns {Matcher}
 */
export function compilePath(template, quotes) {
  /** @type {string[]} */
  const names = [];
  const segments = template
    .split("/")
    .slice(1)
    .map((segment) => {
      const optional = /^\{[^{}]*\?\}$/.test(segment);
      const source = sourceOf(segment.replace("?}", "}"), quotes, names);
      return optional ? `(?:/${source})?` : `/${source}`;
    });
  return matcher(`^${segments.join("")}/?$`, names);
}

/**
 * The matcher of one value: of a query parameter, a fragment, an attribute.
 * @param {string} template
 * @param {readonly string[]} quotes
 * @returns {Matcher}
 */
export function compileValue(template, quotes) {
  /** @type {string[]} */
  const names = [];
  const source = sourceOf(template, quotes, names);
  return matcher(`^${source}$`, names);
}

/**
 * A template with its placeholders filled in; null when one of them is not known.
 * @param {string} template
 * @param {Record<string, string|null|undefined>} values
 * @returns {string|null}
 */
export function fill(template, values) {
  let whole = true;
  const text = template.replace(/\{(\w+)\}/g, (_, name) => {
    whole &&= Boolean(values[name]);
    return values[name] ?? "";
  });
  return whole ? text : null;
}

/**
 * Two readings as one; null when they contradict each other.
 * @param {Record<string, string>} one
 * @param {Record<string, string>} other
 * @returns {Record<string, string>|null}
 */
export function merge(one, other) {
  for (const [name, value] of Object.entries(other)) {
    if (name in one && one[name].toUpperCase() !== value.toUpperCase()) return null;
  }
  return { ...one, ...other };
}

/**
 * @param {string} template
 * @param {readonly string[]} quotes
 * @param {string[]} names gets the placeholders in their order
 * @returns {string}
 */
function sourceOf(template, quotes, names) {
  return template
    .split(/(\{[^{}]*\})/)
    .map((piece) => {
      if (!piece.startsWith("{")) return piece.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
      const [name, kind = name] = piece.slice(1, -1).split(":");
      names.push(name);
      return `(${classOf(kind, quotes, template)})`;
    })
    .join("");
}

/**
 * @param {string} kind
 * @param {readonly string[]} quotes
 * @param {string} template
 * @returns {string}
 */
function classOf(kind, quotes, template) {
  if (kind === "quote") return [...quotes].sort((a, b) => b.length - a.length).join("|");
  const source = Object.entries(CLASSES).find(([name]) => name === kind)?.[1];
  if (!source)
    throw new Error(`unknown class {${kind}} in ${template}; known: ${Object.keys(CLASSES)}`);
  return source;
}

/**
 * @param {string} source
 * @param {string[]} names
 * @returns {Matcher}
 */
function matcher(source, names) {
  const shape = new RegExp(source, "i");
  return (text) => {
    const found = shape.exec(text);
    if (!found) return null;
    /** @type {Record<string, string>} */
    const values = {};
    for (let at = 0; at < names.length; at += 1) {
      const [name, value] = [names[at], found[at + 1]];
      if (value === undefined) continue;
      if (name in values && values[name].toUpperCase() !== value.toUpperCase()) return null;
      values[name] = value;
    }
    return values;
  };
}
