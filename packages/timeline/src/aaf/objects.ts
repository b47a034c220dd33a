import type { CompoundEntry } from './compound.ts';

/** How a property is stored (AAF Low-Level Container Specification). */
const FORM = Object.freeze({
  data: 0x82,
  strong: 0x22,
  strongVector: 0x32,
  strongSet: 0x3a,
  weak: 0x02,
} as const);

/** Properties of the model that are read, by their number (AAF Object Specification). */
export const PROPERTY = Object.freeze({
  header: 0x0002,
  content: 0x3b03,
  dictionary: 0x3b04,
  mobs: 0x1901,
  operationDefinitions: 0x2603,
  identification: 0x1b01,
  definitionName: 0x1b02,
  mobId: 0x4401,
  mobName: 0x4402,
  slots: 0x4403,
  mobComments: 0x4406,
  usageCode: 0x4408,
  mobAttributes: 0x4409,
  essenceDescription: 0x4701,
  slotId: 0x4801,
  slotName: 0x4802,
  segment: 0x4803,
  physicalTrack: 0x4804,
  editRate: 0x4b01,
  origin: 0x4b02,
  eventEditRate: 0x4901,
  dataDefinition: 0x0201,
  length: 0x0202,
  componentComments: 0x0204,
  componentAttributes: 0x0205,
  components: 0x1001,
  sourceId: 0x1101,
  sourceSlot: 0x1102,
  startTime: 0x1201,
  position: 0x0601,
  comment: 0x0602,
  describedSlots: 0x6102,
  operation: 0x0b01,
  inputs: 0x0b02,
  parameters: 0x0b03,
  transitionGroup: 0x1801,
  cutPoint: 0x1802,
  timecodeStart: 0x1501,
  timecodeRate: 0x1502,
  timecodeDrop: 0x1503,
  selected: 0x0f01,
  alternates: 0x0f02,
  scopeSlots: 0x0c01,
  choices: 0x0501,
  pulldownInput: 0x0d01,
  tagName: 0x5001,
  tagValue: 0x5003,
  parameterDefinition: 0x4c01,
  parameterValue: 0x4d01,
  pointList: 0x4e02,
  pointValue: 0x1a02,
  pointTime: 0x1a04,
  locators: 0x2f01,
  sampleRate: 0x3001,
  fileLength: 0x3002,
  url: 0x4001,
} as const);

/** Classes by the byte that tells them apart in their identification. */
export const CLASS = Object.freeze({
  essenceGroup: 0x05,
  event: 0x06,
  commentMarker: 0x08,
  filler: 0x09,
  operationGroup: 0x0a,
  nestedScope: 0x0b,
  pulldown: 0x0c,
  scopeReference: 0x0d,
  selector: 0x0e,
  sequence: 0x0f,
  sourceClip: 0x11,
  timecode: 0x14,
  transition: 0x17,
  compositionMob: 0x35,
  masterMob: 0x36,
  sourceMob: 0x37,
  eventSlot: 0x39,
  staticSlot: 0x3a,
  timelineSlot: 0x3b,
  tapeDescriptor: 0x2e,
  descriptiveMarker: 0x41,
} as const);

type Property = { readonly form: number; readonly data: Uint8Array };

/** An object of an AAF file; its properties are read when they are asked for. */
export class AafObject {
  readonly #entry: CompoundEntry;
  #properties: Map<number, Property> | undefined;
  readonly #objects = new Map<string, AafObject>();

  constructor(entry: CompoundEntry) {
    this.#entry = entry;
  }

  /** The byte of its class, see {@link CLASS}; 0 for classes of other makers. */
  get classCode(): number {
    const id = this.#entry.classId;
    // 0d010101-0101-xx00-060e-2b34-0206-0101, its first three groups little-endian.
    return id[3] === 0x0d && id[8] === 0x06 && id[6] === 0x00 ? id[7]! : 0;
  }

  /** Its name in the file, for findings. */
  get place(): string {
    return this.#entry.name;
  }

  #all(): Map<number, Property> {
    if (this.#properties !== undefined) return this.#properties;
    const made = new Map<number, Property>();
    const bytes = this.#entry.children.get('properties')?.read();
    if (bytes !== undefined && bytes.length >= 4) {
      const view = viewOf(bytes);
      const little = bytes[0] === 0x4c;
      const count = view.getUint16(2, little);
      let at = 4 + 6 * count;
      for (let i = 0; i < count && 4 + 6 * i + 6 <= bytes.length; i++) {
        const number = view.getUint16(4 + 6 * i, little);
        const form = view.getUint16(6 + 6 * i, little);
        const length = view.getUint16(8 + 6 * i, little);
        made.set(number, { form, data: bytes.subarray(at, at + length) });
        at += length;
      }
    }
    this.#properties = made;
    return made;
  }

  /** Whether the object has a property. */
  has(property: number): boolean {
    return this.#all().has(property);
  }

  /** The bytes of a property. */
  data(property: number): Uint8Array | undefined {
    const found = this.#all().get(property);
    return found?.form === FORM.data ? found.data : undefined;
  }

  /** UTF-16 text up to its zero. */
  text(property: number): string | undefined {
    const bytes = this.data(property);
    return bytes === undefined ? undefined : utf16(bytes);
  }

  /** A signed whole number of 1, 2, 4 or 8 bytes; undefined beyond what a double holds. */
  integer(property: number): number | undefined {
    const bytes = this.data(property);
    if (bytes === undefined) return undefined;
    const view = viewOf(bytes);
    switch (bytes.length) {
      case 1:
        return view.getUint8(0);
      case 2:
        return view.getUint16(0, true);
      case 4:
        return view.getInt32(0, true);
      case 8: {
        const value = Number(view.getBigInt64(0, true));
        return Number.isSafeInteger(value) ? value : undefined;
      }
      default:
        return undefined;
    }
  }

  /** Two signed 32-bit numbers. */
  rational(property: number): readonly [numerator: number, denominator: number] | undefined {
    const bytes = this.data(property);
    if (bytes === undefined || bytes.length !== 8) return undefined;
    const view = viewOf(bytes);
    return [view.getInt32(0, true), view.getInt32(4, true)];
  }

  #child(name: string): AafObject | undefined {
    const known = this.#objects.get(name);
    if (known !== undefined) return known;
    const entry = this.#entry.children.get(name);
    if (entry?.kind !== 'storage') return undefined;
    const made = new AafObject(entry);
    this.#objects.set(name, made);
    return made;
  }

  /** The object a property holds. */
  object(property: number): AafObject | undefined {
    const found = this.#all().get(property);
    return found?.form === FORM.strong ? this.#child(utf16(found.data)) : undefined;
  }

  /** The objects a property holds, in their order. */
  objects(property: number): AafObject[] {
    const found = this.#all().get(property);
    if (found?.form !== FORM.strongVector && found?.form !== FORM.strongSet) return [];
    const name = utf16(found.data);
    const index = this.#entry.children.get(`${name} index`)?.read();
    if (index === undefined) return [];
    const keys = found.form === FORM.strongVector ? vectorKeys(index) : setKeys(index);
    return keys.flatMap((key) => this.#child(`${name}{${key.toString(16)}}`) ?? []);
  }

  /** The key of the object a property points to: 16 or 32 bytes in hexadecimal. */
  weak(property: number): string | undefined {
    const found = this.#all().get(property);
    if (found?.form !== FORM.weak || found.data.length < 5) return undefined;
    return hex(found.data.subarray(5, 5 + found.data[4]!));
  }
}

function vectorKeys(index: Uint8Array): number[] {
  if (index.length < 12) return [];
  const view = viewOf(index);
  const count = Math.min(view.getUint32(0, true), Math.floor((index.length - 12) / 4));
  return Array.from({ length: count }, (_, i) => view.getUint32(12 + 4 * i, true));
}

function setKeys(index: Uint8Array): number[] {
  if (index.length < 15) return [];
  const view = viewOf(index);
  const step = 8 + index[14]!;
  const count = Math.min(view.getUint32(0, true), Math.floor((index.length - 15) / step));
  return Array.from({ length: count }, (_, i) => view.getUint32(15 + step * i, true));
}

/** A value with its type (an "indirect"): its bytes and whether they are text. */
export function indirectText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length < 17) return undefined;
  const type = hex(bytes.subarray(1, 17));
  const value = bytes.subarray(17);
  const view = viewOf(value);
  // 01100200-0000-0000-060e-2b34-0104-0101 is UTF-16 text, 01010x00 are whole numbers.
  if (type.startsWith('00021001')) return utf16(value);
  if (/^000[1-8]0101/.test(type) && [1, 2, 4].includes(value.length)) {
    return String(
      value.length === 1
        ? view.getInt8(0)
        : value.length === 2
          ? view.getInt16(0, true)
          : view.getInt32(0, true),
    );
  }
  if (value.length === 8 && type.startsWith('00010103')) {
    return `${view.getInt32(0, true)}/${view.getInt32(4, true)}`;
  }
  return undefined;
}

/** A rational with its type. */
export function indirectRational(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined || bytes.length !== 25) return undefined;
  const view = viewOf(bytes);
  const denominator = view.getInt32(21, true);
  return denominator === 0 ? undefined : view.getInt32(17, true) / denominator;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function utf16(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const unit = bytes[i]! | (bytes[i + 1]! << 8);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const each of bytes) text += each.toString(16).padStart(2, '0');
  return text;
}
