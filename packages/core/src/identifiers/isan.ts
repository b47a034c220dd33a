import { accepted, finding, type Outcome, refused } from '../findings.ts';
import { mod3736 } from './mod37.ts';

/** ISO 15706: root and episode, and for a version (ISO 15706-2) eight digits more. */
export type Isan = {
  readonly root: string;
  readonly episode: string;
  readonly version?: string;
  /** With check characters, as printed: `ISAN 0000-0000-D07A-0090-Q-0000-0000-X`. */
  readonly text: string;
};

const SHAPE =
  /^(?:ISAN[ :]?)?([0-9A-F]{4})-?([0-9A-F]{4})-?([0-9A-F]{4})-?([0-9A-F]{4})(?:-?([0-9A-Z]))?(?:-?([0-9A-F]{4})-?([0-9A-F]{4})(?:-?([0-9A-Z]))?)?$/i;

/** Check characters may be absent, as in files; where present they must be right. */
export function parseIsan(input: string): Outcome<Isan> {
  const wrong = (code: string, facts = {}) =>
    refused(finding(code, 'error', { facts: { text: input, ...facts }, clause: 'ISO 15706' }));
  const match = SHAPE.exec(input.trim().replace(/^urn:isan:/i, ''));
  if (match === null) return wrong('invalid_isan');
  const groups = match.slice(1, 5).map((group) => group.toUpperCase());
  const body = groups.join('');
  const first = mod3736(body)!;
  if (match[5] !== undefined && match[5].toUpperCase() !== first) {
    return wrong('mismatched_check_character', { expected: first });
  }
  const base = { root: body.slice(0, 12), episode: body.slice(12) };
  const printed = `ISAN ${groups.join('-')}-${first}`;
  if (match[6] === undefined) return accepted({ ...base, text: printed });
  const version = (match[6] + match[7]!).toUpperCase();
  const second = mod3736(body + version)!;
  if (match[8] !== undefined && match[8].toUpperCase() !== second) {
    return wrong('mismatched_check_character', { expected: second });
  }
  const tail = `${version.slice(0, 4)}-${version.slice(4)}-${second}`;
  return accepted({ ...base, version, text: `${printed}-${tail}` });
}
