// Table: labels of SMPTE registers that applications 2 and 2E name, by their last eight bytes.

/** What a picture compression label stands for. */
export type Compression = {
  readonly family: 'broadcast' | 'imf' | 'ht';
  /** Widest picture the profile allows. */
  readonly widthMax: number;
  readonly heightMax: number;
  readonly lossless: boolean;
};

/** A colour system of ST 2067-21 table 5. */
export type ColourSystem = {
  readonly name: string;
  readonly primaries: string;
  readonly transfer: string;
  /** Undefined where the system knows RGB only. */
  readonly equations: string | undefined;
};

/** The hexadecimal digits of a label written as a URN; undefined for any other text. */
export function labelDigits(text: string | undefined): string | undefined {
  const match = /^urn:(?:smpte:ul|uuid|oid):([0-9a-f.\s-]+)$/i.exec(text?.trim() ?? '');
  const digits = match?.[1]?.replace(/[^0-9a-f]/gi, '').toLowerCase();
  return digits?.length === 32 && digits.startsWith('060e2b34') ? digits : undefined;
}

/** The last eight bytes, which tell labels apart. The version byte before them does not. */
export const tailOf = (digits: string): string => digits.slice(16);

/** Rec. ISO/IEC 15444-1 broadcast contribution and IMF profiles, and ISO/IEC 15444-15. */
export function compressionOf(tail: string): Compression | undefined {
  const match = /^04010202030101(1[1-7])$/.exec(tail);
  if (match !== null) {
    return { family: 'broadcast', widthMax: 3840, heightMax: 2160, lossless: match[1]! >= '16' };
  }
  const imf = /^040102020301(0[2-7])(\d\d)$/.exec(tail);
  if (imf !== null) {
    const index = Number(imf[1]) - 2;
    const size = IMF_SIZES[index % 3]!;
    return { family: 'imf', ...size, lossless: index >= 3 };
  }
  if (/^040102020301080[1-9]$/.test(tail)) {
    return { family: 'ht', widthMax: 8192, heightMax: 6224, lossless: false };
  }
  return undefined;
}

const IMF_SIZES = [
  { widthMax: 2048, heightMax: 1556 },
  { widthMax: 4096, heightMax: 3112 },
  { widthMax: 8192, heightMax: 6224 },
] as const;

const colour = (last: string) => `04010101${last}`;

/** Colour systems in the order of the standard. */
export const COLOUR_SYSTEMS: readonly ColourSystem[] = [
  {
    name: 'COLOR.1',
    primaries: colour('03020000'),
    transfer: colour('01020000'),
    equations: colour('02010000'),
  },
  {
    name: 'COLOR.2',
    primaries: colour('03010000'),
    transfer: colour('01020000'),
    equations: colour('02010000'),
  },
  {
    name: 'COLOR.3',
    primaries: colour('03030000'),
    transfer: colour('01020000'),
    equations: colour('02020000'),
  },
  {
    name: 'COLOR.4',
    primaries: colour('03030000'),
    transfer: colour('01080000'),
    equations: colour('02020000'),
  },
  {
    name: 'COLOR.5',
    primaries: colour('03040000'),
    transfer: colour('01090000'),
    equations: colour('02060000'),
  },
  {
    name: 'COLOR.6',
    primaries: colour('03060000'),
    transfer: colour('010a0000'),
    equations: undefined,
  },
  {
    name: 'COLOR.7',
    primaries: colour('03040000'),
    transfer: colour('010a0000'),
    equations: colour('02060000'),
  },
  {
    name: 'COLOR.8',
    primaries: colour('03040000'),
    transfer: colour('010b0000'),
    equations: colour('02060000'),
  },
];

/** Systems of application 2: standard definition and high definition television. */
export const APPLICATION_2_SYSTEMS: readonly string[] = ['COLOR.1', 'COLOR.2', 'COLOR.3'];

/** Levels of black, white and the range of colour differences by bits (BT.709, BT.2020). */
export const CODING_LEVELS: ReadonlyMap<
  number,
  readonly [black: number, white: number, range: number]
> = new Map([
  [8, [16, 235, 225]],
  [10, [64, 940, 897]],
  [12, [256, 3760, 3585]],
  [16, [4096, 60_160, 57_345]],
]);
