// Writes the codes of composition names from a copy of the registries of ISDCF, a folder with
// languages.json and its like (https://github.com/ISDCF/registries, folder `data`):
// node tools/name-registries.mjs <folder>
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const TARGET = join(import.meta.dirname, '../packages/dcp/src/registries/name-codes.ts');
const LINE_MAX = 92;

const read = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
const sorted = (entries) => [...new Set(entries)].sort();

/** `CODE`, `CODE:tag`, and `OLD>NEW` for one that another took the place of. */
const tagged = (rows, tag) =>
  sorted(
    rows
      .filter((row) => row.dcncTag !== undefined)
      .flatMap((row) => [
        `${row.dcncTag}:${row[tag]}`,
        ...(row.obsoleteDCNCTags ?? []).map((old) => `${old}>${row.dcncTag}`),
      ]),
  );
const plain = (rows) =>
  sorted(
    rows.map(({ code, obsolete, obsoletedBy = [] }) =>
      obsolete === true ? `${code}>${obsoletedBy.join(',')}` : code,
    ),
  );

function constant(name, about, entries) {
  const lines = [];
  let line = '';
  for (const entry of entries) {
    if (line.length + entry.length + 1 > LINE_MAX) {
      lines.push(line);
      line = '';
    }
    line += `${entry} `;
  }
  lines.push(line.trimEnd());
  const text = lines.map((each) => `  '${each}'`).join(' +\n');
  return `/** ${about} */\nexport const ${name} =\n${text};\n`;
}

const head = `/*
 * Codes of composition names, written by tools/name-registries.mjs from the registries of ISDCF
 * (https://github.com/ISDCF/registries, © InterSociety Digital Cinema Forum, CC BY 4.0): \`CODE\`,
 * \`CODE:tag\` with the tag of RFC 5646 or of ST 429-16, \`OLD>NEW\` for what is not used any more.
 */

`;
writeFileSync(
  TARGET,
  head +
    [
      constant('LANGUAGE_CODES', 'Languages.', tagged(read('languages'), 'rfc5646Tag')),
      constant('TERRITORY_CODES', 'Territories.', tagged(read('territories'), 'tag')),
      constant('STUDIO_CODES', 'Studios.', plain(read('studios'))),
      constant('FACILITY_CODES', 'Facilities.', plain(read('facilities'))),
    ].join('\n'),
);
