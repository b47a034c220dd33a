/**
 * Universal labels (ST 298) used in D-cinema track files, as lower-case hex of the 16 bytes.
 * Byte 8 (offset 7) is the version of the register and is ignored in comparison (ST 336, 6.2.3):
 * makers differ in it for the same meaning.
 */
export type Label = string;

/** A label with its register version zeroed, so that two makers' spellings meet. */
export function withoutVersion(label: Label): Label {
  return `${label.slice(0, 14)}00${label.slice(16)}`;
}

/** Whether two labels mean the same, whatever their register versions. */
export function sameLabel(a: Label, b: Label): boolean {
  return withoutVersion(a) === withoutVersion(b);
}

/** ST 377-1:2019 6.2.3 and 7.1: the prefix of every partition pack, primer pack and RIP. */
export const PACK_PREFIX = '060e2b34020501010d0102010';
/** ST 377-1:2019 9.2. */
export const PRIMER_PACK = '060e2b34020501010d01020101050100';
/** ST 377-1:2019 12. */
export const RANDOM_INDEX_PACK = '060e2b34020501010d01020101110100';
/** ST 377-1:2019 11.2. */
export const INDEX_SEGMENT = '060e2b34025301010d01020101100100';
/** ST 377-1:2019 6.3.3; two register versions are in use for the same filler. */
export const FILL_ITEM = '060e2b34010101020301021001000000';
/** ST 429-6:2006 Table 4; Interop files carry register version 7. */
export const ENCRYPTED_TRIPLET_SMPTE = '060e2b34020401010d010301027e0100';
/** The same triplet in Interop files. */
export const ENCRYPTED_TRIPLET_INTEROP = '060e2b34020401070d010301027e0100';

/** OP-Atom (ST 390) as AS-DCP writes it: ST 429-3:2006 6.1 and MXF Interop (2004). */
export const OPERATIONAL_PATTERN_SMPTE = '060e2b34040101020d01020110000000';
/** OP-Atom as MXF Interop (2004) writes it. */
export const OPERATIONAL_PATTERN_INTEROP = '060e2b34040101010d01020110000000';

/** ST 379-1: the generic container label that every partition lists beside its essence. */
export const GENERIC_CONTAINER = '060e2b34040101030d010301027f0100';

/** Essence container labels by kind of essence. */
export const CONTAINER = {
  /** ST 429-4:2006 7 (ST 422 frame wrapping). */
  jpeg2000: '060e2b34040101070d010301020c0100',
  /** ST 382 Wave, frame wrapped. */
  pcm: '060e2b34040101010d01030102060100',
  /** ST 429-5:2009 8. */
  timedText: '060e2b340401010a0d01030102130101',
  /** ST 429-6:2006 7.1: the label that says "open the cryptographic context first". */
  encrypted: '060e2b34040101070d010301020b0100',
  /** As asdcplib writes it, in place of the key that ST 429-14 names. */
  auxiliaryData: '060e2b34040101050e09060500000000',
  /** ST 381 MPEG elementary streams, frame wrapped, video: Interop MPEG packages. */
  mpeg2: '060e2b34040101020d01030102046001',
} as const;

/** Keys of essence elements by kind of essence. */
export const ESSENCE_ELEMENT = {
  jpeg2000: '060e2b34010201010d01030115010801',
  pcm: '060e2b34010201010d01030116010101',
  timedText: '060e2b34010201010d01030117010b01',
  auxiliaryData: '060e2b34010201050e09060100000001',
  mpeg2: '060e2b34010201010d01030115010501',
} as const;

/** ST 410: body partition of a generic stream, and the element that holds one resource. */
export const GENERIC_STREAM_PARTITION = '060e2b34020501010d01020101031100';
/** ST 410:2008: the element that holds one resource. */
export const GENERIC_STREAM_ELEMENT = '060e2b340101010c0d01050901000000';

/** What a track carries (ST 377-1:2019 A.4). */
export const DATA_DEFINITION = {
  timecode: '060e2b34040101010103020101000000',
  picture: '060e2b34040101010103020201000000',
  sound: '060e2b34040101010103020202000000',
  data: '060e2b34040101010103020203000000',
  descriptive: '060e2b34040101010103020110000000',
} as const;

/** ST 422 picture coding of D-cinema profiles 3 and 4. */
export const CODING_JPEG2000_2K = '060e2b34040101090401020203010103';
/** ST 422 picture coding of profile 4. */
export const CODING_JPEG2000_4K = '060e2b34040101090401020203010104';
/** Data coding of Dolby Atmos (registry of ISDCF). */
export const CODING_ATMOS = '060e2b34040101050e09060400000000';

/** ST 429-6:2006 7.2: the scheme of the cryptographic framework. */
export const DESCRIPTIVE_SCHEME_CRYPTOGRAPHIC = '060e2b34040101070d01040102010100';
/** ST 429-6:2006 7.3.2: AES-128 in CBC mode. */
export const CIPHER_AES_128_CBC = '060e2b34040101070209020101000000';
/** ST 429-6:2006 7.3.3: HMAC-SHA1, 128-bit key. */
export const MIC_HMAC_SHA1 = '060e2b34040101070209020201000000';
/** The node above it in the register: no code is carried. */
export const MIC_NONE = '060e2b34040101070209020200000000';

/** ST 429-2: channel configurations 1 to 4 and configuration 4 ("wild track format", MCA). */
export const CHANNEL_CONFIGURATION: Readonly<Record<1 | 2 | 3 | 4 | 5, Label>> = {
  1: '060e2b340401010b0402021003010100',
  2: '060e2b340401010b0402021003010200',
  3: '060e2b340401010b0402021003010300',
  4: '060e2b340401010b0402021003010400',
  5: '060e2b340401010b0402021003010500',
};

/** The two label sets of D-cinema: SMPTE (429 family) and MXF Interop (2004). */
export type LabelSet = 'smpte' | 'interop';

/** Operational pattern of a label set. */
export function operationalPattern(set: LabelSet): Label {
  return set === 'smpte' ? OPERATIONAL_PATTERN_SMPTE : OPERATIONAL_PATTERN_INTEROP;
}

/** Key of encrypted triplets in a label set. */
export function encryptedTriplet(set: LabelSet): Label {
  return set === 'smpte' ? ENCRYPTED_TRIPLET_SMPTE : ENCRYPTED_TRIPLET_INTEROP;
}
