import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeText, readDelimited } from '../src/index.ts';

const FILE = new URL(
  '../../../../shared/fixtures/box-office/fr-cnc-cinemas-2022/etablissements-cinematographiques.csv',
  import.meta.url,
);
const present = existsSync(FILE);
if (!present) console.log('skipped: fixture box-office/fr-cnc-cinemas-2022 is absent');

describe('a national year of cinemas', () => {
  it.skipIf(!present)('[BO2] fr-cnc: French cinemas of 2022, every figure as published', () => {
    const decoded = decodeText(readFileSync(FILE));
    if (!decoded.ok) throw new Error('not text');
    const read = readDelimited(decoded.value.text);
    if (!read.ok) throw new Error('not delimited');
    const [head, ...rows] = read.value.map((each) => each.cells);
    const sum = (name: RegExp) => {
      const column = head!.findIndex((cell) => name.test(String(cell)));
      expect(column, String(name)).toBeGreaterThan(-1);
      return rows.reduce((left, row) => left + Math.round(Number(row[column] || 0)), 0);
    };
    expect([rows.length, head!.length]).toEqual([2061, 40]);
    expect(rows.every((row) => row.length === head!.length)).toBe(true);
    expect(sum(/^.crans$/i)).toBe(6298);
    expect(sum(/^fauteuils$/i)).toBe(1_161_329);
    expect(sum(/^s.ances$/i)).toBe(8_416_213);
    expect(sum(/^entr.es 2022$/i)).toBe(152_499_845);
  });
});
