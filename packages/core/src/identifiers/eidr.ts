import { accepted, finding, type Outcome, refused } from '../findings.ts';
import { mod3736 } from './mod37.ts';

/** An EIDR content id in its canonical form, `10.5240/XXXX-XXXX-XXXX-XXXX-XXXX-C`. */
export type Eidr = string;

const SHAPE = /^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:|urn:eidr:)?10\.5240[/:]([0-9A-F-]{24})-([0-9A-Z])$/i;

/** Reads a content id in any of its common dresses and checks its check character (ISO 7064). */
export function parseEidr(text: string): Outcome<Eidr> {
  const wrong = (code: string, facts = {}) =>
    refused(finding(code, 'error', { facts: { text, ...facts }, clause: 'EIDR ID format 1.61' }));
  const match = SHAPE.exec(text.trim());
  if (match === null || !/^(?:[0-9A-F]{4}-){4}[0-9A-F]{4}$/i.test(match[1]!)) {
    return wrong('invalid_eidr');
  }
  const body = match[1]!.toUpperCase();
  const expected = mod3736(body.replaceAll('-', ''))!;
  if (expected !== match[2]!.toUpperCase()) return wrong('mismatched_check_character', { expected });
  return accepted(`10.5240/${body}-${expected}`);
}
