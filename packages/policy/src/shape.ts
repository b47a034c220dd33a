import { accepted, finding, type Finding, isIsoDate, type Outcome, refused } from '@yinglian/core';

/**
 * Reading of plain JSON into a known shape: a department writes instruments in files, and an
 * auditor replays receipts that came from anywhere. Whatever is wrong is a finding with its path.
 */
export type Reader = (value: unknown, path: string, faults: Finding[]) => boolean;

/** Faults reported of one document; more say nothing new. */
const FAULTS_MAX = 50;
/** Members of one list. */
const LIST_MAX = 2_000;
/** Characters of one text. */
const TEXT_MAX = 10_000;
/** Values inside one another, for shapes that contain themselves. */
const DEPTH_MAX = 40;

function fault(faults: Finding[], path: string, wanted: string): false {
  if (faults.length < FAULTS_MAX) {
    faults.push(finding('invalid_document', 'error', { facts: { wanted }, at: { path } }));
  }
  return false;
}

/** A member that should be there and is not, or the other way round. */
function misplaced(
  faults: Finding[],
  path: string,
  code: 'missing_document_member' | 'unknown_document_member',
): false {
  if (faults.length < FAULTS_MAX) faults.push(finding(code, 'error', { at: { path } }));
  return false;
}

/** Reads a whole document. */
export function readShape<Value>(value: unknown, reader: Reader): Outcome<Value> {
  const faults: Finding[] = [];
  const whole = reader(value, '$', faults);
  return whole && faults.length === 0 ? accepted(value as Value) : refused(...faults);
}

/** A text, at most so long. */
export const text: Reader = (value, path, faults) =>
  (typeof value === 'string' && value.length <= TEXT_MAX) || fault(faults, path, 'text');

/** A text that matches. */
export function pattern(expression: RegExp, wanted: string): Reader {
  return (value, path, faults) =>
    (typeof value === 'string' && value.length <= TEXT_MAX && expression.test(value)) ||
    fault(faults, path, wanted);
}

/** A day that exists. */
export const day: Reader = (value, path, faults) =>
  (typeof value === 'string' && isIsoDate(value)) || fault(faults, path, 'date');

/** Money as digits of fen. */
export const money: Reader = pattern(/^\d{1,24}$/, 'fen');

/** True or false. */
export const flag: Reader = (value, path, faults) =>
  typeof value === 'boolean' || fault(faults, path, 'boolean');

/** A whole number within bounds. */
export function whole(least: number, most: number): Reader {
  return (value, path, faults) =>
    (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) ||
    fault(faults, path, `${least}…${most}`);
}

/** One of some texts. */
export function oneOf(...choices: readonly string[]): Reader {
  return (value, path, faults) =>
    (typeof value === 'string' && choices.includes(value)) ||
    fault(faults, path, choices.join(' | '));
}

/** The shape or null. */
export function orNull(reader: Reader): Reader {
  return (value, path, faults) => value === null || reader(value, path, faults);
}

/** A list of the shape. */
export function list(reader: Reader): Reader {
  return (value, path, faults) => {
    if (!Array.isArray(value) || value.length > LIST_MAX) return fault(faults, path, 'list');
    let good = true;
    for (let i = 0; i < value.length; i++) {
      if (!reader(value[i], `${path}[${i}]`, faults)) good = false;
    }
    return good;
  };
}

/** An object whose members all have the shape. */
export function record(reader: Reader): Reader {
  return (value, path, faults) => {
    if (!isPlain(value)) return fault(faults, path, 'object');
    const names = Object.keys(value);
    if (names.length > LIST_MAX) return fault(faults, path, 'object');
    return names
      .map((name) => reader(value[name], `${path}.${name.slice(0, 60)}`, faults))
      .every(Boolean);
  };
}

/** An object of named members; a member in `optional` may be absent; no other may be there. */
export function object(
  required: Readonly<Record<string, Reader>>,
  optional: Readonly<Record<string, Reader>> = {},
): Reader {
  return (value, path, faults) => {
    if (!isPlain(value)) return fault(faults, path, 'object');
    let good = true;
    for (const [name, reader] of Object.entries(required)) {
      if (!Object.hasOwn(value, name)) {
        good = misplaced(faults, `${path}.${name}`, 'missing_document_member');
      } else if (!reader(value[name], `${path}.${name}`, faults)) good = false;
    }
    for (const name of Object.keys(value)) {
      if (Object.hasOwn(required, name)) continue;
      const reader = Object.hasOwn(optional, name) ? optional[name] : undefined;
      const at = `${path}.${name.slice(0, 60)}`;
      if (reader === undefined) good = misplaced(faults, at, 'unknown_document_member');
      else if (!reader(value[name], at, faults)) good = false;
    }
    return good;
  };
}

/** An object whose shape depends on the value of one member. */
export function tagged(tag: string, shapes: () => Readonly<Record<string, Reader>>): Reader {
  const reader: Reader = (value, path, faults) => {
    if (path.split('.').length > DEPTH_MAX) return fault(faults, path, 'less depth');
    if (!isPlain(value)) return fault(faults, path, 'object');
    const kind = Object.hasOwn(value, tag) ? value[tag] : undefined;
    const known = shapes();
    if (typeof kind !== 'string' || !Object.hasOwn(known, kind)) {
      return fault(faults, `${path}.${tag}`, Object.keys(known).join(' | '));
    }
    return known[kind]!(value, path, faults);
  };
  return reader;
}

/** A value of a fact. */
export const factValue: Reader = (value, path, faults) => {
  if (typeof value === 'boolean' || typeof value === 'string') {
    return typeof value === 'boolean' || value.length <= TEXT_MAX || fault(faults, path, 'text');
  }
  if (typeof value === 'number') return whole(-1e15, 1e15)(value, path, faults);
  return list(text)(value, path, faults);
};

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
