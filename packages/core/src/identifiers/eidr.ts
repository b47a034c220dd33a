import { accepted, finding, type Outcome, refused } from '../findings.ts';
import { clipText } from '../text.ts';
import { mod3736 } from './mod37.ts';

/** An EIDR content id in its canonical form, `10.5240/XXXX-XXXX-XXXX-XXXX-XXXX-C`. */
export type Eidr = string;

/** Prefixes under which the trade writes a content id; matched without regard to case. */
const DRESS = /^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:|urn:eidr:)?10\.5240[/:]/i;
const SUFFIX = /^((?:[0-9A-F]{4}-){5})([0-9A-Z])$/i;

/**
 * Reads a content id in any of its common dresses (bare, `doi:`, DOI link, `urn:eidr:`) and checks
 * its check character, which ISO/IEC 7064 MOD 37,36 takes over the 20 digits without the prefix.
 */
export function parseEidr(text: string): Outcome<Eidr> {
  const wrong = (code: string, facts = {}) => {
    const all = { text: clipText(text), ...facts };
    return refused<Eidr>(finding(code, 'error', { facts: all, clause: 'EIDR ID Format' }));
  };
  const trimmed = text.trim();
  const dress = DRESS.exec(trimmed);
  const match = dress === null ? null : SUFFIX.exec(trimmed.slice(dress[0].length));
  if (match === null) return wrong('invalid_eidr');
  const digits = match[1]!.toUpperCase();
  const expected = mod3736(digits.replaceAll('-', ''))!;
  if (expected !== match[2]!.toUpperCase()) {
    return wrong('mismatched_check_character', { expected });
  }
  return accepted(`10.5240/${digits}${expected}`);
}
