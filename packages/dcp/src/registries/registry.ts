import { FACILITY_CODES, LANGUAGE_CODES, STUDIO_CODES, TERRITORY_CODES } from './name-codes.ts';

/** What a registry lists. */
export type NameRegistryName = 'language' | 'territory' | 'studio' | 'facility';

/** What a registry says of a code: what it means elsewhere, or what is written instead today. */
export type RegisteredCode = {
  /** Of RFC 5646 for languages, of ST 429-16 for territories. */
  readonly tag?: string;
  /** Empty for a code that is in use; codes that took its place, if any did. */
  readonly replacedBy?: readonly string[];
};

const TEXTS: Readonly<Record<NameRegistryName, string>> = {
  language: LANGUAGE_CODES,
  territory: TERRITORY_CODES,
  studio: STUDIO_CODES,
  facility: FACILITY_CODES,
};

const registries = new Map<NameRegistryName, ReadonlyMap<string, RegisteredCode>>();

/** The code of a composition name in its registry (ISDCF); undefined where it is not listed. */
export function registeredCode(name: NameRegistryName, code: string): RegisteredCode | undefined {
  const known = registries.get(name) ?? parse(TEXTS[name]);
  registries.set(name, known);
  return known.get(code);
}

function parse(text: string): ReadonlyMap<string, RegisteredCode> {
  const codes = new Map<string, RegisteredCode>();
  for (const entry of text.split(' ')) {
    const [, code, mark, rest = ''] = /^([A-Z0-9]+)(?:([:>])(.*))?$/.exec(entry)!;
    const own = mark === ':' ? { tag: rest } : {};
    const replacedBy = rest.split(',').filter((each) => each !== '');
    // A code that was given up may have been given out again.
    if (mark !== '>') codes.set(code!, own);
    else if (!codes.has(code!)) codes.set(code!, { replacedBy });
  }
  return codes;
}
