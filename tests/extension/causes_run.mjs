// This file knows how to ask extension/causes.js: it reads a JSON list of what a browser said
// as its argument and prints the causes of each, then every cause there is; test_causes.py judges them.

import { allCauses, causeOf, causesOf } from "../../extension/causes.js";

const asked = JSON.parse(process.argv[2]);
const all = allCauses().map(causeOf);
process.stdout.write(JSON.stringify({ answers: asked.map(causesOf), all }));
