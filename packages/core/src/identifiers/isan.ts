import { accepted, finding, type Outcome, refused } from '../findings.ts';
import { clipText } from '../text.ts';
import { mod3736 } from './mod37.ts';

/** ISO 15706: root and episode, and for a version (ISO 15706-2) eight digits more. */
export type Isan = {
  /** 12 hexadecimal digits: the work. */
  readonly root: string;
  /** 4 hexadecimal digits: the episode, `0000` for a single work. */
  readonly episode: string;
  /** 8 hexadecimal digits: the version (V-ISAN). */
  readonly version?: string;
  /** With check characters, as printed: `ISAN 0000-0000-D07A-0090-Q-0000-0000-X`. */
  readonly text: string;
};

type Parts = {
  readonly work: string;
  readonly workCheck: string;
  readonly version: string;
  readonly versionCheck: string;
};

const PREFIX = /^(?:urn:isan:|isan[ :]?)/i;
const PRINTED = /^((?:[0-9A-F]{4}-){3}[0-9A-F]{4})(?:-([0-9A-Z])(?=-|$))?(.*)$/i;
const PRINTED_VERSION = /^-([0-9A-F]{4}-[0-9A-F]{4})(?:-([0-9A-Z]))?$/i;
/**
 * Without hyphens 25 characters can be read in two ways: a check character after the work, or one
 * after the version. Both are tried; the check characters decide.
 */
const COMPACT = [
  /^([0-9A-F]{16})([0-9A-Z]?)$/i,
  /^([0-9A-F]{16})([0-9A-Z]?)([0-9A-F]{8})$/i,
  /^([0-9A-F]{16})()([0-9A-F]{8})([0-9A-Z])$/i,
  /^([0-9A-F]{16})([0-9A-Z])([0-9A-F]{8})([0-9A-Z])$/i,
];

/** Check characters may be absent, as in files; where present they must be right. */
export function parseIsan(text: string): Outcome<Isan> {
  const wrong = (code: string, facts = {}) => {
    const all = { text: clipText(text), ...facts };
    return refused<Isan>(finding(code, 'error', { facts: all, clause: 'ISO 15706' }));
  };
  const readings = readingsOf(text.trim().replace(PREFIX, ''));
  let expected: string | undefined;
  for (const { work, workCheck, version, versionCheck } of readings) {
    const first = mod3736(work)!;
    const second = version === '' ? '' : mod3736(work + version)!;
    if (workCheck !== '' && workCheck !== first) expected ??= first;
    else if (versionCheck !== '' && versionCheck !== second) expected ??= second;
    else return accepted(isanFrom(work, first, version, second));
  }
  if (expected === undefined) return wrong('invalid_isan');
  return wrong('mismatched_check_character', { expected });
}

function readingsOf(input: string): Parts[] {
  const printed = PRINTED.exec(input);
  if (printed !== null) {
    const tail = printed[3] === '' ? [] : PRINTED_VERSION.exec(printed[3]!);
    if (tail === null) return [];
    return [parts(printed[1], printed[2], tail[1], tail[2])];
  }
  return COMPACT.flatMap((shape) => {
    const match = shape.exec(input);
    return match === null ? [] : [parts(match[1], match[2], match[3], match[4])];
  });
}

function parts(work = '', workCheck = '', version = '', versionCheck = ''): Parts {
  const plain = (text: string) => text.replaceAll('-', '').toUpperCase();
  return {
    work: plain(work),
    workCheck: plain(workCheck),
    version: plain(version),
    versionCheck: plain(versionCheck),
  };
}

function isanFrom(work: string, first: string, version: string, second: string): Isan {
  const groups = (digits: string) => digits.match(/.{4}/g)!.join('-');
  const base = { root: work.slice(0, 12), episode: work.slice(12) };
  const text = `ISAN ${groups(work)}-${first}`;
  if (version === '') return { ...base, text };
  return { ...base, version, text: `${text}-${groups(version)}-${second}` };
}
