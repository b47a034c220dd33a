import { assert, concatBytes, fromHex, toHex, type Uuid } from '@yinglian/core';
import { klv, readKlvHead } from './klv.ts';
import {
  FILL_ITEM,
  type Label,
  type LabelSet,
  PRIMER_PACK,
  sameLabel,
  withoutVersion,
} from './labels.ts';
import { decodeProperty, encodeProperty, type PropertyValue } from './property-types.ts';
import {
  INTEROP_LABELS,
  PROPERTIES,
  type PropertyName,
  type PropertyRow,
  SETS,
  type SetName,
} from './sets.ts';

/** One metadata set as read or to be written. */
export type MetadataSet = {
  /** Undefined for a set that the table does not know; `key` still tells it apart. */
  readonly name?: SetName;
  readonly key: Label;
  readonly values: { readonly [Name in PropertyName]?: PropertyValue };
  /** Properties that the table does not know or whose bytes do not fit their type. */
  readonly others: readonly { readonly label: Label; readonly bytes: Uint8Array }[];
  /** Whether its last item announces more bytes than there are. */
  readonly cut?: true;
};

/** Local tag to property label, as the primer pack of a file says (ST 377-1:2019 9.2). */
export type Primer = ReadonlyMap<number, Label>;

/** Header metadata never has more items; a larger number is an attack or rubbish. */
const PRIMER_ITEMS_MAX = 8192;
/** Sets of one header; real ones have some dozens. */
export const SETS_MAX = 20_000;

const rows = Object.entries(PROPERTIES) as [PropertyName, PropertyRow][];
const PROPERTY_BY_LABEL = new Map(rows.map(([name, row]) => [withoutVersion(row.label), name]));
const PROPERTY_BY_TAG = new Map(
  rows.flatMap(([name, row]) => (row.tag === 0 ? [] : [[row.tag, name] as const])),
);
const SET_BY_KEY = new Map(
  (Object.entries(SETS) as [SetName, Label][]).map(([name, key]) => [withoutVersion(key), name]),
);

/** Undefined when the batch does not hold what its count says. */
export function parsePrimer(value: Uint8Array): Primer | undefined {
  if (value.length < 8) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const count = view.getUint32(0);
  if (view.getUint32(4) !== 18 || count > PRIMER_ITEMS_MAX || 8 + 18 * count > value.length) {
    return undefined;
  }
  const primer = new Map<number, Label>();
  for (let at = 8; at < 8 + 18 * count; at += 18) {
    primer.set(view.getUint16(at), toHex(value.subarray(at + 2, at + 18)));
  }
  return primer;
}

/**
 * Decodes one local set (2-byte tags, 2-byte lengths). What cannot be understood is kept in
 * `others`; a set cut short yields what stands before the cut.
 */
export function parseSet(key: Label, value: Uint8Array, primer: Primer): MetadataSet {
  const values: { [Name in PropertyName]?: PropertyValue } = {};
  const others: { label: Label; bytes: Uint8Array }[] = [];
  let at = 0;
  let cut = false;
  while (at + 4 <= value.length) {
    const tag = (value[at]! << 8) | value[at + 1]!;
    const length = (value[at + 2]! << 8) | value[at + 3]!;
    const bytes = value.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    if (bytes.length < length) {
      cut = true;
      break;
    }
    const label = primer.get(tag);
    const name =
      label === undefined ? PROPERTY_BY_TAG.get(tag) : PROPERTY_BY_LABEL.get(withoutVersion(label));
    const decoded = name === undefined ? undefined : decodeProperty(PROPERTIES[name].type, bytes);
    if (name !== undefined && decoded !== undefined) values[name] = decoded;
    else others.push({ label: label ?? tag.toString(16).padStart(4, '0'), bytes: bytes.slice() });
  }
  const name = SET_BY_KEY.get(withoutVersion(key));
  return {
    ...(name === undefined ? {} : { name }),
    ...(cut ? { cut } : {}),
    key,
    values,
    others,
  };
}

/** True for a set coded with 2-byte tags and lengths (ST 336 registry byte 0x53). */
export function isLocalSet(key: Label): boolean {
  return key.startsWith('060e2b340253');
}

/** All sets of a header, in file order and by instance. */
export type HeaderMetadata = {
  readonly sets: readonly MetadataSet[];
  readonly byInstance: ReadonlyMap<Uuid, MetadataSet>;
  readonly faults: readonly HeaderFault[];
};

/** Why header metadata is not as it should be. */
export type HeaderFault =
  | 'missing_primer'
  | 'invalid_primer'
  | 'invalid_klv'
  | 'invalid_set'
  | 'excessive_sets';

/** Decodes a primer pack and the sets after it, as they stand in a header partition. */
export function parseHeaderMetadata(bytes: Uint8Array): HeaderMetadata {
  const sets: MetadataSet[] = [];
  const byInstance = new Map<Uuid, MetadataSet>();
  const faults: HeaderFault[] = [];
  let primer: Primer | undefined;
  let at = 0;
  while (at < bytes.length) {
    const head = readKlvHead(bytes, at, at);
    if (head === undefined || typeof head === 'string') {
      faults.push('invalid_klv');
      break;
    }
    const begin = at + head.headBytes;
    const value = bytes.subarray(begin, begin + head.valueBytes);
    if (value.length < head.valueBytes) {
      faults.push('invalid_klv');
      break;
    }
    at = begin + head.valueBytes;
    if (sameLabel(head.key, PRIMER_PACK)) {
      primer = parsePrimer(value);
      if (primer === undefined) faults.push('invalid_primer');
    } else if (isLocalSet(head.key)) {
      if (sets.length >= SETS_MAX) {
        faults.push('excessive_sets');
        break;
      }
      const set = parseSet(head.key, value, primer ?? new Map());
      sets.push(set);
      const id = set.values.instanceId;
      if (typeof id === 'string') byInstance.set(id, set);
    }
  }
  if (primer === undefined && !faults.includes('invalid_primer')) faults.push('missing_primer');
  if (sets.some((set) => set.cut)) faults.push('invalid_set');
  return { sets, byInstance, faults };
}

/** One set to be written: properties are laid down in the order given. */
export type SetToWrite = {
  readonly name: SetName;
  readonly values: { readonly [Name in PropertyName]?: PropertyValue };
};

/** Primer pack and sets as bytes; local tags without a static number come from 0xFFFF down. */
export function encodeHeaderMetadata(sets: readonly SetToWrite[], labels: LabelSet): Uint8Array {
  const tags = new Map<PropertyName, number>();
  let nextTag = 0xffff;
  const encoded = sets.map((set) => {
    const items = (Object.entries(set.values) as [PropertyName, PropertyValue][]).map(
      ([name, value]) => {
        const row = PROPERTIES[name];
        if (!tags.has(name)) tags.set(name, row.tag === 0 ? nextTag-- : row.tag);
        return encodeItem(tags.get(name)!, encodeProperty(row.type, value));
      },
    );
    return klv(SETS[set.name], concatBytes(...items));
  });
  const primer = new Uint8Array(8 + 18 * tags.size);
  const view = new DataView(primer.buffer);
  view.setUint32(0, tags.size);
  view.setUint32(4, 18);
  let at = 8;
  for (const [name, tag] of tags) {
    const label =
      (labels === 'interop' ? INTEROP_LABELS[name] : undefined) ?? PROPERTIES[name].label;
    view.setUint16(at, tag);
    primer.set(fromHex(label), at + 2);
    at += 18;
  }
  return concatBytes(klv(PRIMER_PACK, primer), ...encoded);
}

/** A set outside the header, such as an index segment, whose tags are all static. */
export function encodeSet(key: Label, values: SetToWrite['values']): Uint8Array {
  const items = (Object.entries(values) as [PropertyName, PropertyValue][]).map(([name, value]) => {
    const row = PROPERTIES[name];
    assert(row.tag !== 0, 'a set outside the header metadata uses static tags only');
    return encodeItem(row.tag, encodeProperty(row.type, value));
  });
  return klv(key, concatBytes(...items));
}

function encodeItem(tag: number, bytes: Uint8Array): Uint8Array {
  assert(bytes.length <= 0xffff, 'a local set item has at most 65535 bytes');
  const item = new Uint8Array(4 + bytes.length);
  new DataView(item.buffer).setUint32(0, tag * 0x10000 + bytes.length);
  item.set(bytes, 4);
  return item;
}

/** Filler of exactly `totalBytes`, which is at least the smallest KLV (20 bytes). */
export function encodeFill(totalBytes: number): Uint8Array {
  assert(totalBytes >= FILL_BYTES_MIN, 'filler has room for its key and length');
  return klv(FILL_ITEM, new Uint8Array(totalBytes - FILL_BYTES_MIN));
}

/** A filler with nothing in it: key and length. */
export const FILL_BYTES_MIN = 20;
