import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHANGE_EVENTS } from '@yinglian/contract';
import { FINDING_TEXTS as certificates } from '@yinglian/certificates';
import { FINDING_TEXTS as core } from '@yinglian/core';
import { FINDING_TEXTS as boxoffice } from '@yinglian/boxoffice';
import { FINDING_TEXTS as dcp } from '@yinglian/dcp';
import { FINDING_TEXTS as facility } from '@yinglian/facility';
import { FINDING_TEXTS as host } from '@yinglian/host';
import { FINDING_TEXTS as jpeg2000 } from '@yinglian/jpeg2000';
import { FINDING_TEXTS as kdm } from '@yinglian/kdm';
import { FINDING_TEXTS as ledger } from '@yinglian/ledger';
import { FINDING_TEXTS as media } from '@yinglian/media';
import { FINDING_TEXTS as policy } from '@yinglian/policy';
import { FINDING_TEXTS as release } from '@yinglian/release';
import { FINDING_TEXTS as review } from '@yinglian/review';
import { FINDING_TEXTS as settlement } from '@yinglian/settlement';
import { FINDING_TEXTS as timeline } from '@yinglian/timeline';
import { describe, expect, it } from 'vitest';
import { FINDING_TEXTS } from '../../src/codes.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'src');
const others: Readonly<Record<string, unknown>> = {
  ...core,
  ...host,
  ...certificates,
  ...jpeg2000,
  ...media,
  ...facility,
  ...boxoffice,
  ...ledger,
  ...policy,
  ...release,
  ...settlement,
  ...kdm,
  ...dcp,
  ...review,
  ...timeline,
};

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') && entry.name !== 'codes.ts' ? [path] : [];
  });
}

/** Codes as they stand in the sources: `finding('a', …)` and `finding(x ? 'a' : 'b', …)`. */
function codesIn(text: string): string[] {
  const calls = text.matchAll(/\bfinding\(\s*(?:[^'()]*\?\s*)?'(\w+)'(?:\s*:\s*'(\w+)')?/g);
  return [...calls].flatMap((match) => [match[1], match[2]]).filter((code) => code !== undefined);
}

describe('the kinds of changes', () => {
  it('are all among those a webhook may listen to', () => {
    const told = sources(SOURCE).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\bchanged\(\{\s*kind: '(\w+)'/g)].map(
        (match) => match[1]!,
      ),
    );
    expect(told.length).toBeGreaterThan(20);
    expect(CHANGE_EVENTS).toEqual(expect.arrayContaining([...new Set(told)]));
  });
});

describe('the wording of findings', () => {
  const used = new Set(sources(SOURCE).flatMap((path) => codesIn(readFileSync(path, 'utf8'))));

  it('[HF1] words every code that the kernel and the halls find', () => {
    expect(used.size).toBeGreaterThan(60);
    expect(codesIn("finding('a_b'); finding(  x ? 'c_d' : 'e_f', 1)")).toEqual([
      'a_b',
      'c_d',
      'e_f',
    ]);
    const unworded = [...used].filter(
      (code) => !Object.hasOwn(FINDING_TEXTS, code) && !Object.hasOwn(others, code),
    );
    expect(unworded).toEqual([]);
  });

  it('[HF2] words nothing that is never found', () => {
    const every = sources(SOURCE)
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    const idle = Object.keys(FINDING_TEXTS).filter(
      // What a package finds it words itself; the hall only passes it on.
      (code) => !every.includes(`'${code}'`) && !Object.hasOwn(others, code),
    );
    expect(idle).toEqual([]);
  });

  it('[HF3] asks the same facts in both languages', () => {
    const facts = (text: string) =>
      [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).toSorted();
    for (const [code, { zh, en }] of Object.entries(FINDING_TEXTS)) {
      expect([code, facts(zh)]).toEqual([code, facts(en)]);
    }
  });
});
