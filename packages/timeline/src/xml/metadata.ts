import { element, type XmlElement } from '@yinglian/xml';
import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../json/value.ts';

/**
 * An element as metadata: attributes by `@name`, children by name (a list where there are
 * several), text by itself or, beside attributes or children, as `#text`. The shape that
 * OpenTimelineIO's adapter for Final Cut Pro 7 has made common.
 */
export function metadataOf(of: XmlElement, skip: ReadonlySet<string> = NOTHING): JsonValue {
  const made: Record<string, JsonValue> = {};
  for (const { local, value } of of.attributes) setMember(made, `@${local}`, value);
  let text = '';
  let plain = of.attributes.length === 0;
  const seen = new Map<string, JsonValue[]>();
  for (const child of of.children) {
    if (child.kind === 'text') text += child.text;
    if (child.kind !== 'element' || skip.has(child.local)) continue;
    plain = false;
    const value = metadataOf(child);
    const list = seen.get(child.local);
    if (list === undefined) seen.set(child.local, [value]);
    else list.push(value);
  }
  for (const [name, list] of seen) setMember(made, name, list.length === 1 ? list[0]! : list);
  const trimmed = text.trim();
  if (plain && skip === NOTHING) return trimmed;
  if (trimmed !== '' && seen.size === 0) setMember(made, '#text', trimmed);
  return made;
}

const NOTHING: ReadonlySet<string> = new Set();

/** Children and attributes that metadata keeps, as elements again; `skip` are written otherwise. */
export function elementsOf(of: JsonObject, skip: ReadonlySet<string> = NOTHING): XmlElement[] {
  const made: XmlElement[] = [];
  for (const [name, value] of Object.entries(of)) {
    if (name.startsWith('@') || name.startsWith('#') || skip.has(name)) continue;
    if (!XML_NAME.test(name)) continue;
    for (const each of Array.isArray(value) ? (value as readonly JsonValue[]) : [value]) {
      made.push(elementOf(name, each));
    }
  }
  return made;
}

const XML_NAME = /^[A-Za-z_][A-Za-z0-9._-]*$/;

/** Attributes that metadata keeps. */
export function attributesOf(of: JsonObject): Record<string, string> {
  const made: Record<string, string> = {};
  for (const [name, value] of Object.entries(of)) {
    const bare = name.slice(1);
    if (name.startsWith('@') && XML_NAME.test(bare) && typeof value === 'string')
      made[bare] = value;
  }
  return made;
}

function elementOf(name: string, value: JsonValue): XmlElement {
  if (!isJsonObject(value)) {
    const text = value === null ? '' : String(value as string | number | bigint | boolean);
    return element(name, '', { children: text === '' ? [] : [text] });
  }
  const text = value['#text'];
  const children = typeof text === 'string' ? [text] : elementsOf(value);
  return element(name, '', { attributes: attributesOf(value), children });
}
