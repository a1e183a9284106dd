/**
 * This file knows what is wrong with the user's files, in the user's language: the relay tells a
 * word and a value.
 */

import { say } from "./language.js";

/** Which values a sentence about the settings file takes, where it is not just the value.
 * @type {Record<string, ("setting" | "value")[]>} */
const TAKES = {
  "unknown-setting": ["setting"],
  "not-a-preference": ["setting"],
  choice: ["setting", "value"],
  names: ["setting"],
  address: ["setting"],
};

/** Of config.toml. @param {{why: string, setting?: string, value?: string}} params */
export function configProblem({ why, setting = "", value = "" }) {
  const values = { setting, value };
  const taken = TAKES[why]?.map((name) => values[name]) ?? [value];
  return say(`config_${why.replaceAll("-", "_")}`, taken);
}

/** Of a file of the user's own sites. @param {{why: string, value: string}} one */
export const siteProblem = ({ why, value }) => say(`site_${why.replaceAll("-", "_")}`, [value]);
