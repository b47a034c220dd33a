import type { Ratio, Uuid } from '@yinglian/core';
import type { XmlElement } from '@yinglian/xml';

/** Editions of the composition playlist (ST 2067-3) by namespace. */
export const CPL_EDITIONS: Readonly<Record<string, Edition>> = Object.freeze({
  'http://www.smpte-ra.org/schemas/2067-3/2013': '2013',
  'http://www.smpte-ra.org/schemas/2067-3/2016': '2016',
  'http://www.smpte-ra.org/ns/2067-3/2020': '2020',
});
/** Editions of the core constraints (ST 2067-2) by namespace. */
export const CORE_EDITIONS: Readonly<Record<string, Edition>> = Object.freeze({
  'http://www.smpte-ra.org/schemas/2067-2/2013': '2013',
  'http://www.smpte-ra.org/schemas/2067-2/2016': '2016',
  'http://www.smpte-ra.org/ns/2067-2/2020': '2020',
});
/** Packing lists: that of ST 429-8, and that of ST 2067-2:2016, which names its hash. */
export const PKL_NAMESPACES: readonly string[] = [
  'http://www.smpte-ra.org/schemas/429-8/2007/PKL',
  'http://www.smpte-ra.org/schemas/2067-2/2016/PKL',
];
/** Output profile lists, ST 2067-100. */
export const OPL_NAMESPACE = 'http://www.smpte-ra.org/schemas/2067-100/2014';

/** An edition of a standard of the family. */
export type Edition = '2013' | '2016' | '2020';

/** Applications by the URI that a composition claims. */
export const APPLICATIONS: Readonly<Record<string, Application>> = Object.freeze({
  'http://www.smpte-ra.org/schemas/2067-20/2013': { name: '2', edition: '2013' },
  'http://www.smpte-ra.org/schemas/2067-20/2015': { name: '2', edition: '2015' },
  'http://www.smpte-ra.org/schemas/2067-20/2016': { name: '2', edition: '2016' },
  'http://www.smpte-ra.org/schemas/2067-21/2014': { name: '2E', edition: '2014' },
  'http://www.smpte-ra.org/schemas/2067-21/2015': { name: '2E', edition: '2015' },
  'http://www.smpte-ra.org/schemas/2067-21/2016': { name: '2E', edition: '2016' },
  'http://www.smpte-ra.org/ns/2067-21/2020': { name: '2E', edition: '2020' },
  'http://www.smpte-ra.org/ns/2067-21/2021': { name: '2E', edition: '2021' },
  'http://www.smpte-ra.org/ns/2067-21/5ED': { name: '2E', edition: '5ED' },
});

/** One application a composition may claim. */
export type Application = { readonly name: '2' | '2E'; readonly edition: string };

/** An essence descriptor of a composition, as the registers write it in XML. */
export type EssenceDescriptor = {
  readonly id: Uuid | undefined;
  /** `CDCIDescriptor`, `RGBADescriptor`, `WAVEPCMDescriptor` … */
  readonly kind: string;
  readonly element: XmlElement;
};

/** A piece of a track file, or of markers, that is played. */
export type Resource = {
  readonly element: XmlElement;
  readonly id: Uuid | undefined;
  readonly editRate: Ratio | undefined;
  readonly intrinsicDuration: number | undefined;
  readonly entryPoint: number;
  readonly sourceDuration: number | undefined;
  readonly repeatCount: number;
  readonly sourceEncoding: Uuid | undefined;
  readonly trackFileId: Uuid | undefined;
  readonly hash: string | undefined;
  readonly keyId: Uuid | undefined;
};

/** What is played of one virtual track in one segment. */
export type Sequence = {
  readonly element: XmlElement;
  /** `MainImageSequence`, `MainAudioSequence`, `MarkerSequence` … */
  readonly kind: string;
  readonly namespace: string;
  readonly trackId: Uuid | undefined;
  readonly resources: readonly Resource[];
};

/** A stretch of the composition that all virtual tracks share. */
export type Segment = { readonly id: Uuid | undefined; readonly sequences: readonly Sequence[] };

/** A composition playlist as read. */
export type ImfComposition = {
  /** The document's root, for what is judged of its form. */
  readonly root: XmlElement;
  readonly edition: Edition;
  /** Edition of the core constraints, from the sequences. */
  readonly core: Edition | undefined;
  readonly id: Uuid | undefined;
  readonly title: string;
  readonly annotation: string | undefined;
  readonly kind: string | undefined;
  readonly issueDate: string;
  readonly issuer: string | undefined;
  readonly creator: string | undefined;
  readonly editRate: Ratio | undefined;
  readonly applications: readonly string[];
  readonly descriptors: readonly EssenceDescriptor[];
  readonly segments: readonly Segment[];
  readonly signed: boolean;
};

/** An output profile list as read. */
export type OutputProfile = {
  readonly id: Uuid | undefined;
  readonly compositionId: Uuid | undefined;
  readonly annotation: string | undefined;
  readonly aliases: readonly { readonly name: string; readonly handle: string }[];
  readonly macros: readonly { readonly name: string; readonly type: string }[];
  /** Handles that macros take as input, with the macro that does. */
  readonly inputs: readonly { readonly macro: string; readonly handle: string }[];
};

/** An entry of a packing list. */
export type ImfAsset = {
  readonly id: Uuid | undefined;
  readonly hash: string;
  readonly hashName: 'sha1' | 'sha256';
  readonly sizeBytes: number | undefined;
  readonly type: string;
  readonly fileName: string | undefined;
};

/** A packing list as read. */
export type ImfPackingList = {
  readonly id: Uuid | undefined;
  readonly annotation: string | undefined;
  readonly assets: readonly ImfAsset[];
  readonly signed: boolean;
};
