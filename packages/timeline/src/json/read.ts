import { accepted, type Finding, finding, type Outcome, refused } from '@yinglian/core';
import { type JsonValue, setMember } from './value.ts';

/** Values inside one another; the deepest cut seen uses about 40. */
export const JSON_DEPTH_MAX = 512;
/** Digits of one number; a 1024-bit integer has 309. */
export const NUMBER_DIGITS_MAX = 400;

/** Why reading stopped, and at which character. */
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

/**
 * Reads JSON as OpenTimelineIO writes it: RFC 8259 and the words `NaN`, `Infinity`, `Inf` with or
 * without a minus. Of members with one name the last counts, with a warning. A byte order mark is
 * passed over.
 */
export function readJson(text: string): Outcome<JsonValue> {
  const reader = new Reader(text);
  try {
    return accepted(reader.document(), reader.notes);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return refused(
      finding(error.code, 'error', {
        facts: error.facts,
        at: placeAt(text, error.offset),
        clause: 'RFC 8259',
      }),
    );
  }
}

/** Line and column of a character, both from 1. */
export function placeAt(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BYTE_ORDER_MARK = 0xfeff;
/** Most of a cut's numbers are small and stand thousands of times. */
const SMALL_INTEGERS = Array.from({ length: 1024 }, (_, value) => BigInt(value));
const DUPLICATE_NOTES_MAX = 100;

class Reader {
  readonly notes: Finding[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) this.#at = 1;
  }

  document(): JsonValue {
    this.#skipSpace();
    if (this.#at >= this.#text.length) throw new Stop('empty_timeline_file', this.#at);
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return value;
  }

  #unexpected(): Stop {
    if (this.#at >= this.#text.length) return new Stop('truncated_json', this.#at);
    return new Stop('malformed_json', this.#at, { character: this.#text.charAt(this.#at) });
  }

  #skipSpace(): number {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      code = text.charCodeAt(++at);
    }
    this.#at = at;
    return code;
  }

  #value(depth: number): JsonValue {
    if (depth > JSON_DEPTH_MAX) {
      throw new Stop('excessive_json_depth', this.#at, { limit: JSON_DEPTH_MAX });
    }
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_OBJECT) return this.#object(depth);
    if (code === OPEN_LIST) return this.#list(depth);
    if (code === MINUS || (code >= 0x30 && code <= 0x39)) return this.#number();
    return this.#word();
  }

  #object(depth: number): JsonValue {
    if (this.#text.charCodeAt(this.#at + 1) !== CLOSE_OBJECT) {
      TIME.lastIndex = this.#at;
      const time = TIME.exec(this.#text);
      if (time !== null) {
        this.#at = TIME.lastIndex;
        return { OTIO_SCHEMA: 'RationalTime.1', rate: Number(time[1]), value: Number(time[2]) };
      }
    }
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
      this.#skipSpace();
      const value = this.#value(depth + 1);
      // `in` is asked first because it is quick and nearly always says no.
      if (name in made && Object.hasOwn(made, name)) this.#noteDuplicate(name, nameAt);
      setMember(made, name, value);
      code = this.#skipSpace();
      this.#at++;
      if (code === CLOSE_OBJECT) return made;
      if (code !== COMMA) {
        this.#at--;
        throw this.#unexpected();
      }
      code = this.#skipSpace();
    }
  }

  #noteDuplicate(name: string, at: number): void {
    if (this.notes.length >= DUPLICATE_NOTES_MAX) return;
    const place = placeAt(this.#text, at);
    this.notes.push(finding('repeated_json_member', 'warning', { facts: { name }, at: place }));
  }

  #list(depth: number): JsonValue {
    const made: JsonValue[] = [];
    this.#at++;
    if (this.#skipSpace() === CLOSE_LIST) {
      this.#at++;
      return made;
    }
    for (;;) {
      made.push(this.#value(depth + 1));
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

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (code === BACKSLASH) return this.#escapedString(start, at);
      if (!(code >= 0x20)) break;
      at++;
    }
    this.#at = at;
    throw this.#unexpected();
  }

  #escapedString(start: number, firstEscape: number): string {
    const text = this.#text;
    let made = text.slice(start, firstEscape);
    let at = firstEscape;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return made;
      }
      if (code === BACKSLASH) {
        const [piece, length] = this.#escape(at);
        made += piece;
        at += length;
        continue;
      }
      const from = at;
      let each = code;
      while (each !== QUOTE && each !== BACKSLASH && each >= 0x20) each = text.charCodeAt(++at);
      if (!(each >= 0x20)) {
        this.#at = at;
        throw this.#unexpected();
      }
      made += text.slice(from, at);
    }
  }

  #escape(at: number): [piece: string, length: number] {
    const letter = this.#text.charAt(at + 1);
    const plain = ESCAPES[letter];
    if (plain !== undefined) return [plain, 2];
    const digits = this.#text.slice(at + 2, at + 6);
    if (letter === 'u' && /^[0-9A-Fa-f]{4}$/.test(digits)) {
      return [String.fromCharCode(Number.parseInt(digits, 16)), 6];
    }
    this.#at = at;
    throw this.#unexpected();
  }

  #number(): JsonValue {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    let code = text.charCodeAt(at);
    const negative = code === MINUS;
    if (negative) code = text.charCodeAt(++at);
    if (!(code >= 0x30 && code <= 0x39)) {
      if (negative && code === 0x49) return this.#word();
      this.#at = at;
      throw this.#unexpected();
    }
    const firstDigit = at;
    while (code >= 0x30 && code <= 0x39) code = text.charCodeAt(++at);
    if (code === 0x2e || code === 0x65 || code === 0x45) return this.#double(start, at);
    this.#at = at;
    const digits = at - firstDigit;
    if (digits > 1 && text.charCodeAt(firstDigit) === 0x30) {
      this.#at = firstDigit;
      throw this.#unexpected();
    }
    if (digits > NUMBER_DIGITS_MAX) {
      throw new Stop('excessive_number_length', start, { digits, limit: NUMBER_DIGITS_MAX });
    }
    const written = text.slice(start, at);
    if (digits > 15) return BigInt(written);
    const value = Number(written);
    // A minus before a zero has a meaning in doubles only.
    if (negative && value === 0) return -0;
    return SMALL_INTEGERS[value] ?? BigInt(value);
  }

  #double(start: number, from: number): number {
    DOUBLE_REST.lastIndex = from;
    const rest = DOUBLE_REST.exec(this.#text);
    if (rest === null) {
      this.#at = from;
      throw this.#unexpected();
    }
    this.#at = from + rest[0].length;
    return Number(this.#text.slice(start, this.#at));
  }

  #word(): JsonValue {
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw this.#unexpected();
  }
}

/** Most objects of a cut are times, all spelled alike: they are read in one step. */
const TIME =
  /\{\s*"OTIO_SCHEMA":\s*"RationalTime\.1",\s*"rate":\s*(\d+\.\d+),\s*"value":\s*(-?\d+\.\d+)\s*\}/y;
const DOUBLE_REST = /(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

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
