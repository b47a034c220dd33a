// Runs every part of this folder and prints one table: `npm run bench`, or
// `npm run bench -- money` for the parts whose file name contains a word, `--json` for a program.
// A part exports `name` and `run(): Promise<Row[]>`; a Row is
// { what, ours, limit, unit, ratio, cpuSeconds }.
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printTable } from './table.mjs';

const NOT_PARTS = new Set(['run.mjs', 'table.mjs', 'measure.mjs']);
const here = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const json = process.argv.includes('--json');

const files = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && !NOT_PARTS.has(file))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

const parts = [];
const failures = [];
const alone = [];
for (const file of files) {
  try {
    const part = await import(new URL(file, import.meta.url).href);
    if (typeof part.run !== 'function' || typeof part.name !== 'string') {
      alone.push(file);
      continue;
    }
    process.stderr.write(`• ${part.name} …\n`);
    parts.push({ name: part.name, rows: (await part.run()).map((row) => checked(file, row)) });
  } catch (fault) {
    failures.push(`${file}: ${fault instanceof Error ? fault.stack : String(fault)}`);
  }
}

if (json) process.stdout.write(`${JSON.stringify(parts, null, 2)}\n`);
else if (parts.length > 0) printTable(parts);
if (files.length === 0) failures.push(`no part is called ${words.join(' or ')}`);
for (const file of alone) process.stderr.write(`prints on its own: node bench/${file}\n`);
for (const failure of failures) process.stderr.write(`failed: ${failure}\n`);
// Parts may leave workers or children behind; the table is complete, so nobody waits for them.
process.exit(failures.length === 0 ? 0 : 1);

/** A row without a finite ratio would be a comparison that was never made. */
function checked(file, row) {
  if (typeof row.what !== 'string' || !Number.isFinite(row.ratio) || row.ratio <= 0) {
    throw new TypeError(`${file}: a row needs a name and a ratio, got ${JSON.stringify(row)}`);
  }
  return row;
}
