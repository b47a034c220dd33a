import { concatBytes, decodeUtf8, encodeUtf8 } from '@yinglian/core';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** How JSON is laid out: four blanks a level as OpenTimelineIO does, or all on one line. */
export type JsonLayout = 'indented' | 'compact';

/** Collects JSON text piece by piece, so that 100,000 clips need no tree of their own. */
export class JsonWriter {
  readonly #parts: Uint8Array[] = [];
  #text = '';
  readonly #indented: boolean;
  readonly #convert: ((value: JsonObject, writer: JsonWriter) => boolean) | undefined;
  #level = 0;
  #first = true;

  /** @param convert takes over objects that have a form of their own, such as OTIO schemas */
  constructor(layout: JsonLayout, convert?: (value: JsonObject, writer: JsonWriter) => boolean) {
    this.#indented = layout === 'indented';
    this.#convert = convert;
  }

  /** All that was written. */
  finish(): string {
    if (this.#parts.length === 0) return this.#text;
    // Only whole texts were put, and lone surrogates are escaped: the bytes are good UTF-8.
    return decodeUtf8(this.finishBytes()) ?? '';
  }

  /** All that was written, in UTF-8. */
  finishBytes(): Uint8Array {
    return concatBytes(...this.#parts, encodeUtf8(this.#text));
  }

  #put(text: string): void {
    this.#text += text;
    // A text put together of pieces keeps all of them until it is read: made bytes early, they
    // never grow old, and collecting them costs next to nothing.
    if (this.#text.length > 65_536) {
      this.#parts.push(encodeUtf8(this.#text));
      this.#text = '';
    }
  }

  #newLine(): void {
    if (this.#indented) this.#put(indentation(this.#level));
  }

  beginObject(): void {
    this.#put('{');
    this.#level++;
    this.#first = true;
  }

  endObject(): void {
    this.#level--;
    if (!this.#first) this.#newLine();
    this.#put('}');
    this.#first = false;
  }

  beginList(): void {
    this.#put('[');
    this.#level++;
    this.#first = true;
  }

  endList(): void {
    this.#level--;
    if (!this.#first) this.#newLine();
    this.#put(']');
    this.#first = false;
  }

  /** Comma and line before the next element of a list. */
  element(): void {
    if (!this.#first) this.#put(',');
    this.#first = false;
    this.#newLine();
  }

  /** The name of the next member. */
  name(name: string): void {
    this.element();
    this.#put(memberName(name, this.#indented));
  }

  /** Text that is already JSON. */
  raw(json: string): void {
    this.#put(json);
  }

  /** A whole object of members that are JSON already, in one step. */
  object(members: readonly (readonly [name: string, json: string])[]): void {
    const line = this.#indented ? indentation(this.#level + 1) : '';
    let text = '';
    for (const [name, json] of members) {
      text += `${text === '' ? '{' : ','}${line}${memberName(name, this.#indented)}${json}`;
    }
    this.#put(`${text}${this.#indented ? indentation(this.#level) : ''}}`);
    this.#first = false;
  }

  string(text: string): void {
    this.#put(quoted(text));
  }

  double(value: number): void {
    this.#put(formatDouble(value));
  }

  /** Any value; objects with their members sorted by the bytes of their names. */
  value(value: JsonValue): void {
    if (typeof value === 'string') this.string(value);
    else if (typeof value === 'number') this.double(value);
    else if (value === null || typeof value === 'boolean' || typeof value === 'bigint') {
      this.#put(String(value));
    } else if (isJsonObject(value)) this.#object(value);
    else {
      this.beginList();
      for (const each of value) {
        this.element();
        this.value(each);
      }
      this.endList();
    }
  }

  #object(value: JsonObject): void {
    if (this.#convert?.(value, this) === true) return;
    this.beginObject();
    for (const name of sortedNames(value)) {
      this.name(name);
      this.value(value[name]!);
    }
    this.endObject();
  }
}

/** Names written before, with their colon; hostile files have more, which are made anew. */
const NAMES_MAX = 4096;
const NAMES = { indented: new Map<string, string>(), compact: new Map<string, string>() };

function memberName(name: string, indented: boolean): string {
  const names = indented ? NAMES.indented : NAMES.compact;
  const known = names.get(name);
  if (known !== undefined) return known;
  const made = `${quoted(name)}${indented ? ': ' : ':'}`;
  if (names.size < NAMES_MAX) names.set(name, made);
  return made;
}

const INDENTATIONS: string[] = [];

function indentation(level: number): string {
  return (INDENTATIONS[level] ??= `\n${'    '.repeat(level)}`);
}

/** Names in the order of their UTF-8 bytes, which is that of their code points. */
export function sortedNames(of: JsonObject): string[] {
  const names = Object.keys(of);
  if (names.length < 2) return names;
  // Surrogates sort below the rest of the basic plane in UTF-16, above it in UTF-8.
  return names.some((name) => SURROGATE.test(name)) ? names.sort(byCodePoint) : names.sort();
}

const SURROGATE = /[\ud800-\udfff]/;

function byCodePoint(a: string, b: string): number {
  const left = Array.from(a, (each) => each.codePointAt(0)!);
  const right = Array.from(b, (each) => each.codePointAt(0)!);
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  return left.length - right.length;
}

const PLAIN = /^[ !#-[\]-\u007f\u00a0-\ud7ff\ue000-\uffff]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  // OpenTimelineIO writes escapes of control characters with capital digits.
  return JSON.stringify(text).replace(/\\u([0-9a-f]{4})/g, (whole, digits: string, at, all) =>
    evenBackslashes(all as string, at as number) ? `\\u${digits.toUpperCase()}` : whole,
  );
}

/** Whether the backslash at a place begins an escape, as one after an even number of others. */
function evenBackslashes(text: string, at: number): boolean {
  let count = 0;
  while (text.charAt(at - 1 - count) === '\\') count++;
  return count % 2 === 0;
}

/** A double as OpenTimelineIO writes it: shortest digits, always a point or an exponent. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  if (text.includes('e')) return text.replace('+', '');
  return text.includes('.') ? text : `${text}.0`;
}

/** A value on its own, sorted, as text. */
export function writeJson(value: JsonValue, layout: JsonLayout = 'indented'): string {
  const writer = new JsonWriter(layout);
  writer.value(value);
  return writer.finish();
}
