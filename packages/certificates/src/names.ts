import { decodeText, decodeUtf8, equalBytes } from '@yinglian/core';
import {
  contentsOf,
  der,
  DerFault,
  type DerValue,
  derOid,
  derSequence,
  derText,
  members,
  oidOf,
  TAG,
  wholeOf,
} from './der.ts';

/** Attribute types that names of the field use (RFC 5280 appendix A; ST 430-2 5.3). */
export const NAME_ATTRIBUTES = Object.freeze({
  commonName: '2.5.4.3',
  country: '2.5.4.6',
  locality: '2.5.4.7',
  state: '2.5.4.8',
  organization: '2.5.4.10',
  organizationUnit: '2.5.4.11',
  /** Base64 of the SHA-1 of the public key. */
  qualifier: '2.5.4.46',
});

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  [NAME_ATTRIBUTES.commonName, 'CN'],
  [NAME_ATTRIBUTES.country, 'C'],
  [NAME_ATTRIBUTES.locality, 'L'],
  [NAME_ATTRIBUTES.state, 'ST'],
  [NAME_ATTRIBUTES.organization, 'O'],
  [NAME_ATTRIBUTES.organizationUnit, 'OU'],
  [NAME_ATTRIBUTES.qualifier, 'dnQualifier'],
]);

/** One attribute of a name. */
export type NameAttribute = {
  /** Object identifier. */
  readonly type: string;
  readonly value: string;
  /** The DER tag of the string. ST 430-2 wants PrintableString. */
  readonly tag: number;
};

/** A name of a certificate, in all the forms in which it is compared. */
export type DistinguishedName = {
  readonly attributes: readonly NameAttribute[];
  /** As in the certificate: names are compared by these bytes. */
  readonly bytes: Uint8Array;
  /** RFC 2253 text, last attribute first, as XML signatures write it. */
  readonly text: string;
};

/** Attributes of one name; those of the field have four. */
const ATTRIBUTES_MAX = 32;

/** Reads a Name (RFC 5280 4.1.2.4). */
export function readName(value: DerValue | undefined): DistinguishedName {
  const attributes: NameAttribute[] = [];
  for (const set of members(value)) {
    for (const pair of members(set, TAG.set)) {
      const [type, text] = members(pair);
      if (text === undefined) throw new DerFault('name attribute without value');
      attributes.push({ type: oidOf(type), value: textOf(text), tag: text.tag });
    }
  }
  if (attributes.length > ATTRIBUTES_MAX) throw new DerFault('too many name attributes');
  return { attributes, bytes: wholeOf(value!), text: nameText(attributes) };
}

function textOf(value: DerValue): string {
  const { tag, bytes, from, end } = value;
  if (tag === TAG.utf8String) {
    const text = decodeUtf8(contentsOf(value));
    if (text === undefined) throw new DerFault('name is not UTF-8');
    return text;
  }
  if (tag === TAG.bmpString) {
    const text = decodeText(contentsOf(value), 'utf-16be');
    if (text === undefined) throw new DerFault('name is not UTF-16');
    return text;
  }
  if (tag !== TAG.printableString && tag !== TAG.ia5String && tag !== TAG.teletexString) {
    throw new DerFault('name is not a text');
  }
  let text = '';
  for (let at = from; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** Values of one attribute type; ST 430-2 wants exactly one of each. */
export function nameValues(name: DistinguishedName, type: string): string[] {
  const values: string[] = [];
  for (const each of name.attributes) if (each.type === type) values.push(each.value);
  return values;
}

/** Whether two names are the same bytes, as chains need them. */
export function sameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return equalBytes(a.bytes, b.bytes);
}

function nameText(attributes: readonly NameAttribute[]): string {
  let text = '';
  for (const { type, value } of attributes) {
    const part = `${SHORT_NAMES.get(type) ?? type}=${escapeValue(value)}`;
    text = text === '' ? part : `${part},${text}`;
  }
  return text;
}

/** RFC 2253 section 2.4. */
const ESCAPED = /[,+"\\<>;]|^[# ]| $/;

function escapeValue(value: string): string {
  if (!ESCAPED.test(value)) return value;
  return value
    .replace(/[,+"\\<>;]/g, '\\$&')
    .replace(/^[# ]/, '\\$&')
    .replace(/ $/, '\\ ');
}

/**
 * Whether a text names this name, however makers write it: either order of the attributes, with or
 * without escapes, with blanks after commas. The `+` of a dnQualifier often stands bare.
 */
export function nameMatchesText(name: DistinguishedName, text: string): boolean {
  const wanted = name.attributes.map(
    ({ type, value }) => `${(SHORT_NAMES.get(type) ?? type).toLowerCase()}=${value}`,
  );
  const parts = splitName(text).map(({ type, value }) => `${canonicalType(type)}=${value}`);
  const same = (list: readonly string[]) =>
    list.length === wanted.length && list.every((part, index) => part === wanted[index]);
  return same([...parts].reverse()) || same(parts);
}

function canonicalType(type: string): string {
  const bare = type
    .trim()
    .toLowerCase()
    .replace(/^oid\./, '');
  return (SHORT_NAMES.get(bare) ?? bare).toLowerCase();
}

/** Names longer than this are nobody's. */
const NAME_TEXT_MAX = 4096;

function splitName(text: string): { type: string; value: string }[] {
  if (text.length > NAME_TEXT_MAX) return [];
  const parts: { type: string; value: string }[] = [];
  let type: string | undefined;
  let current = '';
  const finish = () => {
    if (type !== undefined) parts.push({ type, value: current.trim() });
    type = undefined;
    current = '';
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && i + 1 < text.length) current += text[++i]!;
    else if (char === '=' && type === undefined) {
      type = current;
      current = '';
    } else if (char === ',' || char === ';') finish();
    else current += char;
  }
  finish();
  return parts;
}

/** The four attributes of ST 430-2 5.3. */
export type SubjectName = {
  /** The root's name, the same in the whole chain. */
  readonly organization: string;
  readonly organizationUnit: string;
  /** Roles, a dot, the entity; for CAs nothing before the dot. */
  readonly commonName: string;
  readonly qualifier: string;
};

/** X.680: letters, digits, space and `'()+,-./:=?`. */
export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]+$/.test(text);
}

/** A name of ST 430-2 5.3.1, PrintableString throughout, in the order O, OU, CN, dnQualifier. */
export function writeName(name: SubjectName): Uint8Array {
  const pair = (type: string, value: string) =>
    der(TAG.set, derSequence(derOid(type), derText(TAG.printableString, value)));
  return derSequence(
    pair(NAME_ATTRIBUTES.organization, name.organization),
    pair(NAME_ATTRIBUTES.organizationUnit, name.organizationUnit),
    pair(NAME_ATTRIBUTES.commonName, name.commonName),
    pair(NAME_ATTRIBUTES.qualifier, name.qualifier),
  );
}
