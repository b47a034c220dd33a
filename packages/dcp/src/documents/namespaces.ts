import type { LabelSet } from '../mxf/labels.ts';

/** The two document standards go with the two label sets of track files. */
export type Standard = LabelSet;

/** Namespaces of the documents (ST 429-7, -8, -9, and the Interop ones of 2004). */
export const NAMESPACES = {
  smpte: {
    assetMap: 'http://www.smpte-ra.org/schemas/429-9/2007/AM',
    volumeIndex: 'http://www.smpte-ra.org/schemas/429-9/2007/AM',
    packingList: 'http://www.smpte-ra.org/schemas/429-8/2007/PKL',
    composition: 'http://www.smpte-ra.org/schemas/429-7/2006/CPL',
    stereoscopic: 'http://www.smpte-ra.org/schemas/429-10/2008/Main-Stereo-Picture-CPL',
    closedCaption: 'http://www.smpte-ra.org/schemas/429-12/2008/TT',
  },
  interop: {
    assetMap: 'http://www.digicine.com/PROTO-ASDCP-AM-20040311#',
    volumeIndex: 'http://www.digicine.com/PROTO-ASDCP-VL-20040311#',
    packingList: 'http://www.digicine.com/PROTO-ASDCP-PKL-20040311#',
    composition: 'http://www.digicine.com/PROTO-ASDCP-CPL-20040511#',
    stereoscopic: 'http://www.digicine.com/schemas/437-Y/2007/Main-Stereo-Picture-CPL',
    closedCaption: 'http://www.digicine.com/PROTO-ASDCP-CC-CPL-20070926#',
  },
} as const satisfies Record<Standard, Record<string, string>>;

/** Documents and extensions that have a namespace of their own. */
export type DocumentKind = keyof (typeof NAMESPACES)['smpte'];

/** ST 429-16:2014. */
export const CPL_METADATA = 'http://www.smpte-ra.org/schemas/429-16/2014/CPL-Metadata';
/** As asdcplib and every Atmos package write auxiliary data in a CPL. */
export const DOLBY_AUXILIARY = 'http://www.dolby.com/schemas/2012/AD';
/** Sound labels in a composition (RDD 52:2020 8.3). */
export const MCA_METADATA = 'http://isdcf.com/ns/cplmd/mca';
/** Registered descriptors as XML (ST 2001-1): groups and properties. */
export const REGISTERED_GROUPS = 'http://www.smpte-ra.org/reg/395/2014/13/1/aaf';
/** Properties of the same. */
export const REGISTERED_PROPERTIES = 'http://www.smpte-ra.org/reg/335/2012';
/** RDD 52:2020 8.5: how a composition says that it keeps Bv2.1. */
export const BV21_SCOPE = 'http://isdcf.com/ns/cplmd/app';
/** Name of the extension. */
export const BV21_NAME = 'Application';
/** Name of its property. */
export const BV21_PROPERTY = 'DCP Constraints Profile';
/** Value of the property for Bv2.1. */
export const BV21_VALUE = 'SMPTE-RDD-52:2020-Bv2.1';
/** Scope of the content kinds of ST 429-7. */
export const STANDARD_CONTENT = 'http://www.smpte-ra.org/schemas/429-7/2006/CPL#standard-content';

/** Which standard a document's namespace belongs to; undefined for a namespace nobody knows. */
export function standardOf(kind: DocumentKind, namespace: string): Standard | undefined {
  if (namespace === NAMESPACES.smpte[kind]) return 'smpte';
  if (namespace === NAMESPACES.interop[kind]) return 'interop';
  // Interop makers used one namespace for both the map and its volume index.
  if (kind === 'volumeIndex' && namespace === NAMESPACES.interop.assetMap) return 'interop';
  return undefined;
}
