import {
  accepted,
  decodeUtf8,
  encodeUtf8,
  type Finding,
  finding,
  type Outcome,
  refused,
} from '@yinglian/core';
import { Strings } from './strings.ts';
import { type JsonObject, type JsonValue, setMember } from './value.ts';

/** Values inside one another; the deepest cut seen uses about 40. */
export const JSON_DEPTH_MAX = 512;
/** Digits of one number; a 1024-bit integer has 309. */
export const NUMBER_DIGITS_MAX = 400;

/** Why reading stopped, and at which byte. */
class Stop extends Error {
  readonly code: string;
  readonly offset: number;
  readonly facts: Readonly<Record<string, string | number>>;
  constructor(code: string, offset: number, facts: Readonly<Record<string, string | number>> = {}) {
    super(code);
    this.code = code;
    this.offset = offset;
    this.facts = facts;
  }
}

/** A member was named twice while lists were shaped: what was shaped may not be what counts. */
const AGAIN = new Error('read again as a whole');

/**
 * Takes the elements of chosen lists as soon as they are read, so that a document of 100,000 of
 * them is never held as JSON. A list is chosen by its owner, of which the members before it are
 * known. `Inside` is whatever the shaper wants to know about a place.
 */
export type JsonShaper<Inside> = {
  /** The place of the document itself. */
  readonly root: Inside;
  /** The place of a member that is an object or a list; undefined where nothing below is shaped. */
  readonly member: (owner: JsonObject, at: Inside, name: string) => Inside | undefined;
  /** The place of an element of a list that has a place. */
  readonly element: (list: Inside, index: number) => Inside;
  /**
   * Reads an object of the list by itself, from its brace to behind its last one; undefined where
   * it meets anything it does not expect: the object is then read as any other.
   */
  readonly take: (cursor: JsonCursor, at: Inside) => JsonValue | undefined;
  /** What stands in the list for an object that has been read. */
  readonly shape: (made: JsonObject, at: Inside) => JsonValue;
};

/** A place in a document, for who knows what comes next. Each step says whether it was taken. */
export type JsonCursor = {
  /** Steps into an object. */
  readonly opens: () => boolean;
  /** Steps out of an object. */
  readonly closes: () => boolean;
  /** Steps to the value of the next member, where that has this name, given with its quotes. */
  readonly member: (quotedName: Uint8Array) => boolean;
  /** Steps to the value of the next member, whatever its name; undefined where there is none. */
  readonly anyMember: () => string | undefined;
  /** Steps over a value that is spelled exactly like this. */
  readonly is: (spelled: Uint8Array) => boolean;
  /** Steps over a text. */
  readonly text: () => string | undefined;
  /** Steps over a number of either kind. */
  readonly double: () => number | undefined;
  /** Steps over any value. */
  readonly json: () => JsonValue;
};

/**
 * Reads JSON as OpenTimelineIO writes it: RFC 8259 and the words `NaN`, `Infinity`, `Inf` with or
 * without a minus. Of members with one name the last counts, with a warning. A byte order mark is
 * passed over.
 */
export function readJson(text: string): Outcome<JsonValue> {
  return readJsonBytes(encodeUtf8(text));
}

/** Like {@link readJson}, from UTF-8; a shaper may take elements of lists while they are read. */
export function readJsonBytes<Inside>(
  bytes: Uint8Array,
  shaper?: JsonShaper<Inside>,
): Outcome<JsonValue> {
  const reader = new Reader(bytes, shaper);
  try {
    return accepted(reader.document(), reader.notes);
  } catch (error) {
    if (error === AGAIN) return readJsonBytes(bytes);
    if (!(error instanceof Stop)) throw error;
    return refused(
      finding(error.code, 'error', {
        facts: error.facts,
        at: placeAt(bytes, error.offset),
        clause: 'RFC 8259',
      }),
    );
  }
}

/** Line and column, in UTF-16 units, of a byte of UTF-8; both from 1. */
function placeAt(bytes: Uint8Array, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line++;
    lineStart = at + 1;
  }
  let column = 1;
  for (let at = lineStart; at < offset; at++) {
    const byte = bytes[at]!;
    // Bytes that continue a character are no units of their own; four bytes make two units.
    if ((byte & 0xc0) !== 0x80) column += byte >= 0xf0 ? 2 : 1;
  }
  return { line, column };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const POINT = 0x2e;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** Most of a cut's numbers are small and stand thousands of times. */
const SMALL_INTEGERS = Array.from({ length: 1024 }, (_, value) => BigInt(value));
const DUPLICATE_NOTES_MAX = 100;
/** Decimal digits that every double holds exactly, and powers of ten that are exact themselves. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

class Reader<Inside> implements JsonCursor {
  readonly notes: Finding[] = [];
  readonly #bytes: Uint8Array;
  readonly #strings: Strings;
  readonly #shaper: JsonShaper<Inside> | undefined;
  #at = 0;
  /** How deep a shaper has stepped, and whether it is at the first member of an object. */
  #takenDepth = 0;
  #isFirst = true;

  constructor(bytes: Uint8Array, shaper: JsonShaper<Inside> | undefined) {
    this.#bytes = bytes;
    this.#strings = new Strings(bytes);
    this.#shaper = shaper;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
  }

  document(): JsonValue {
    this.#skipSpace();
    if (this.#at >= this.#bytes.length) throw new Stop('empty_timeline_file', this.#at);
    const value = this.#value(0, this.#shaper?.root);
    this.#skipSpace();
    if (this.#at < this.#bytes.length) throw this.#unexpected();
    return value;
  }

  #unexpected(): Stop {
    const at = this.#at;
    if (at >= this.#bytes.length) return new Stop('truncated_json', at);
    let end = at + 1;
    while (end < at + 4 && (this.#bytes[end]! & 0xc0) === 0x80) end++;
    const character = decodeUtf8(this.#bytes.subarray(at, end));
    if (character === undefined) return new Stop('unknown_text_encoding', at);
    return new Stop('malformed_json', at, { character });
  }

  #skipSpace(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let code = bytes[at];
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = bytes[++at];
    this.#at = at;
    // The end of a document is no character at all.
    return code ?? -1;
  }

  #value(depth: number, inside: Inside | undefined): JsonValue {
    if (depth > JSON_DEPTH_MAX) {
      throw new Stop('excessive_json_depth', this.#at, { limit: JSON_DEPTH_MAX });
    }
    const code = this.#bytes[this.#at] ?? -1;
    if (code === QUOTE) return this.#string();
    if (code === OPEN_OBJECT) return this.#object(depth, inside);
    if (code === OPEN_LIST) return this.#list(depth, inside);
    if (code === MINUS || (code >= 0x30 && code <= 0x39)) return this.#number();
    return this.#word();
  }

  #object(depth: number, inside: Inside | undefined): JsonObject {
    const made: Record<string, JsonValue> = {};
    this.#at++;
    let code = this.#skipSpace();
    if (code === CLOSE_OBJECT) {
      this.#at++;
      return made;
    }
    for (;;) {
      if (code !== QUOTE) throw this.#unexpected();
      const nameAt = this.#at;
      const name = this.#string();
      if (this.#skipSpace() !== COLON) throw this.#unexpected();
      this.#at++;
      code = this.#skipSpace();
      let below: Inside | undefined;
      if (inside !== undefined && (code === OPEN_OBJECT || code === OPEN_LIST)) {
        below = this.#shaper!.member(made, inside, name);
      }
      const value = this.#value(depth + 1, below);
      // `in` is asked first because it is quick and nearly always says no.
      if (name in made && Object.hasOwn(made, name)) this.#noteDuplicate(name, nameAt);
      setMember(made, name, value);
      code = this.#skipSpace();
      if (code !== COMMA) break;
      this.#at++;
      code = this.#skipSpace();
    }
    if (code !== CLOSE_OBJECT) throw this.#unexpected();
    this.#at++;
    return made;
  }

  #noteDuplicate(name: string, at: number): void {
    if (this.#shaper !== undefined) throw AGAIN;
    if (this.notes.length >= DUPLICATE_NOTES_MAX) return;
    const place = placeAt(this.#bytes, at);
    this.notes.push(finding('repeated_json_member', 'warning', { facts: { name }, at: place }));
  }

  #list(depth: number, inside: Inside | undefined): JsonValue[] {
    const made: JsonValue[] = [];
    this.#at++;
    if (this.#skipSpace() === CLOSE_LIST) {
      this.#at++;
      return made;
    }
    for (;;) {
      made.push(
        inside === undefined
          ? this.#value(depth + 1, undefined)
          : this.#shaped(depth + 1, this.#shaper!.element(inside, made.length)),
      );
      const code = this.#skipSpace();
      this.#at++;
      if (code === CLOSE_LIST) return made;
      if (code !== COMMA) {
        this.#at--;
        throw this.#unexpected();
      }
      this.#skipSpace();
    }
  }

  #shaped(depth: number, at: Inside): JsonValue {
    if (this.#bytes[this.#at] !== OPEN_OBJECT) return this.#value(depth, undefined);
    if (depth > JSON_DEPTH_MAX) return this.#value(depth, undefined);
    const start = this.#at;
    this.#takenDepth = depth - 1;
    const taken = this.#shaper!.take(this, at);
    if (taken !== undefined) return taken;
    this.#at = start;
    return this.#shaper!.shape(this.#object(depth, at), at);
  }

  opens(): boolean {
    if (this.#bytes[this.#at] !== OPEN_OBJECT) return false;
    this.#at++;
    this.#takenDepth++;
    this.#isFirst = true;
    return true;
  }

  closes(): boolean {
    if (this.#skipSpace() !== CLOSE_OBJECT) return false;
    this.#at++;
    this.#takenDepth--;
    this.#isFirst = false;
    return true;
  }

  member(quotedName: Uint8Array): boolean {
    const before = this.#at;
    if (this.#comma() && this.is(quotedName) && this.#colon()) return true;
    this.#at = before;
    return false;
  }

  anyMember(): string | undefined {
    const before = this.#at;
    const name = this.#comma() ? this.text() : undefined;
    if (name !== undefined && this.#colon()) return name;
    this.#at = before;
    return undefined;
  }

  /** Steps over the comma before every member but the first, and the space after it. */
  #comma(): boolean {
    const code = this.#skipSpace();
    if (this.#isFirst) return true;
    if (code !== COMMA) return false;
    this.#at++;
    this.#skipSpace();
    return true;
  }

  #colon(): boolean {
    if (this.#skipSpace() !== COLON) return false;
    this.#at++;
    this.#skipSpace();
    this.#isFirst = false;
    return true;
  }

  is(spelled: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < spelled.length; i++) {
      if (bytes[at + i] !== spelled[i]) return false;
    }
    this.#at = at + spelled.length;
    return true;
  }

  text(): string | undefined {
    return this.#bytes[this.#at] === QUOTE ? this.#string() : undefined;
  }

  double(): number | undefined {
    const code = this.#bytes[this.#at] ?? -1;
    if (code !== MINUS && !(code >= 0x30 && code <= 0x39)) return undefined;
    const value = this.#number();
    return typeof value === 'number' ? value : undefined;
  }

  json(): JsonValue {
    return this.#value(this.#takenDepth + 1, undefined);
  }

  #string(): string {
    const start = this.#at + 1;
    const plain = this.#strings.plain(start);
    this.#at = this.#strings.end;
    if (plain === null) throw new Stop('unknown_text_encoding', start);
    if (plain !== undefined) {
      this.#at++;
      return plain;
    }
    return this.#escapedString(start);
  }

  #escapedString(start: number): string {
    const bytes = this.#bytes;
    let made = '';
    let from = start;
    for (;;) {
      const code = bytes[this.#at] ?? -1;
      if (code !== QUOTE && code !== BACKSLASH) throw this.#unexpected();
      const piece = decodeUtf8(bytes.subarray(from, this.#at));
      if (piece === undefined) throw new Stop('unknown_text_encoding', from);
      made += piece;
      if (code === QUOTE) {
        this.#at++;
        return made;
      }
      made += this.#escape();
      from = this.#at;
      let each = bytes[from] ?? -1;
      while (each !== QUOTE && each !== BACKSLASH && each >= 0x20) each = bytes[++this.#at] ?? -1;
    }
  }

  /** The character that an escape stands for; goes behind it. */
  #escape(): string {
    const bytes = this.#bytes;
    const letter = String.fromCharCode(bytes[this.#at + 1] ?? 0);
    const plain = ESCAPES[letter];
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const digits = decodeUtf8(bytes.subarray(this.#at + 2, this.#at + 6)) ?? '';
    if (letter !== 'u' || !/^[0-9A-Fa-f]{4}$/.test(digits)) throw this.#unexpected();
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): JsonValue {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let code = bytes[at] ?? -1;
    const negative = code === MINUS;
    if (negative) code = bytes[++at] ?? -1;
    if (!(code >= 0x30 && code <= 0x39)) {
      if (negative && code === 0x49) return this.#word();
      this.#at = at;
      throw this.#unexpected();
    }
    const firstDigit = at;
    let value = 0;
    while (code >= 0x30 && code <= 0x39) {
      value = value * 10 + (code - 0x30);
      code = bytes[++at] ?? -1;
    }
    const digits = at - firstDigit;
    if (code === POINT || code === 0x65 || code === 0x45) {
      return this.#double(start, at, digits, negative ? -value : value);
    }
    this.#at = at;
    if (digits > 1 && bytes[firstDigit] === 0x30) {
      this.#at = firstDigit;
      throw this.#unexpected();
    }
    if (digits > NUMBER_DIGITS_MAX) {
      throw new Stop('excessive_number_length', start, { digits, limit: NUMBER_DIGITS_MAX });
    }
    if (digits > EXACT_DIGITS) return BigInt(this.#written(start, at));
    // A minus before a zero has a meaning in doubles only.
    if (negative && value === 0) return -0;
    return negative ? BigInt(-value) : (SMALL_INTEGERS[value] ?? BigInt(value));
  }

  #written(start: number, end: number): string {
    return decodeUtf8(this.#bytes.subarray(start, end))!;
  }

  /**
   * Digits that fit a double are put together here: a whole number below 2^53, divided by a power
   * of ten that is exact, is the nearest double. All others are left to the language.
   */
  #double(start: number, from: number, wholeDigits: number, whole: number): number {
    const bytes = this.#bytes;
    let at = from;
    let code = bytes[at] ?? -1;
    let fraction = 0;
    let digits = 0;
    if (code === POINT) {
      code = bytes[++at] ?? -1;
      while (code >= 0x30 && code <= 0x39) {
        fraction = fraction * 10 + (code - 0x30);
        digits++;
        code = bytes[++at] ?? -1;
      }
      if (digits === 0) {
        this.#at = from;
        throw this.#unexpected();
      }
    }
    const isPlain = code !== 0x65 && code !== 0x45;
    this.#at = isPlain ? at : this.#exponent(at);
    if (!isPlain || wholeDigits + digits > EXACT_DIGITS) {
      return Number(this.#written(start, this.#at));
    }
    const power = POWERS[digits]!;
    const isBelow = bytes[start] === MINUS;
    return isBelow ? -((-whole * power + fraction) / power) : (whole * power + fraction) / power;
  }

  /** The end of an exponent. */
  #exponent(from: number): number {
    let at = from + 1;
    if (this.#bytes[at] === MINUS || this.#bytes[at] === 0x2b) at++;
    const first = at;
    while (this.#bytes[at]! >= 0x30 && this.#bytes[at]! <= 0x39) at++;
    if (at > first) return at;
    this.#at = from;
    throw this.#unexpected();
  }

  #word(): JsonValue {
    for (const [word, value] of WORDS) {
      if (this.#startsWith(word)) {
        this.#at += word.length;
        return value;
      }
    }
    throw this.#unexpected();
  }

  #startsWith(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    }
    return true;
  }
}

const ESCAPES: Readonly<Record<string, string>> = Object.freeze({
  __proto__: null,
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
} as unknown as Record<string, string>);

/** Longer words first, because one begins another. */
const WORDS: readonly (readonly [string, JsonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['Inf', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
];
