import type { Uuid } from '@yinglian/core';
import type { Rational } from '../mxf/property-types.ts';
import type { Standard } from './namespaces.ts';

/** Documents as data. What a file does not say is undefined; nothing is filled in by guess. */

export type AssetMap = {
  readonly standard: Standard;
  readonly id: Uuid;
  readonly annotation?: string | undefined;
  readonly creator?: string | undefined;
  readonly issuer?: string | undefined;
  readonly issueDate: string;
  readonly volumeCount: number;
  readonly assets: readonly MappedAsset[];
};

/** One entry of an asset map. */
export type MappedAsset = {
  readonly id: Uuid;
  readonly packingList: boolean;
  readonly chunks: readonly Chunk[];
};

/** A piece of an asset in a file; in practice the whole of it. */
export type Chunk = {
  readonly path: string;
  /** From 1. */
  readonly volume: number;
  readonly offsetBytes: number;
  readonly lengthBytes?: number | undefined;
};

/** A packing list (ST 429-8). */
export type PackingList = {
  readonly standard: Standard;
  readonly id: Uuid;
  readonly annotation?: string | undefined;
  readonly issueDate: string;
  readonly issuer?: string | undefined;
  readonly creator?: string | undefined;
  readonly groupId?: Uuid | undefined;
  readonly assets: readonly PackedAsset[];
  readonly signed: boolean;
};

/** One entry of a packing list. */
export type PackedAsset = {
  readonly id: Uuid;
  readonly annotation?: string | undefined;
  /** Base64 of the SHA-1 of the file. */
  readonly hash: string;
  readonly sizeBytes: number;
  readonly type: string;
  readonly originalFileName?: string | undefined;
};

/** A composition playlist (ST 429-7). */
export type Composition = {
  readonly standard: Standard;
  readonly id: Uuid;
  readonly annotation?: string | undefined;
  readonly issueDate: string;
  readonly issuer?: string | undefined;
  readonly creator?: string | undefined;
  readonly title: string;
  readonly contentKind: { readonly value: string; readonly scope?: string | undefined };
  readonly contentVersion?: { readonly id: string; readonly label: string } | undefined;
  readonly ratings: readonly { readonly agency: string; readonly label: string }[];
  readonly reels: readonly Reel[];
  readonly signed: boolean;
};

/** One reel: its assets in the order written. */
export type Reel = {
  readonly id: Uuid;
  readonly annotation?: string | undefined;
  readonly assets: readonly ReelAsset[];
  readonly markers?: MarkerAsset | undefined;
  readonly metadata?: CompositionMetadata | undefined;
};

/** What an asset is for, from its element name. */
export type ReelAssetKind =
  | 'picture'
  | 'stereoscopic_picture'
  | 'sound'
  | 'subtitle'
  | 'caption'
  | 'closed_caption'
  | 'closed_subtitle'
  | 'auxiliary_data'
  | 'unknown';

/** An asset of a reel: which part of which file is played. */
export type ReelAsset = {
  readonly kind: ReelAssetKind;
  readonly id: Uuid;
  readonly annotation?: string | undefined;
  readonly editRate: Rational;
  readonly intrinsicDuration: number;
  readonly entryPoint?: number | undefined;
  readonly duration?: number | undefined;
  readonly keyId?: Uuid | undefined;
  readonly hash?: string | undefined;
  /** RFC 5646, as written. */
  readonly language?: string | undefined;
  readonly frameRate?: Rational | undefined;
  /** `1998 1080` in SMPTE, `1.85` in Interop. */
  readonly aspectRatio?: string | undefined;
  /** Label of auxiliary data as a URN. */
  readonly dataType?: string | undefined;
};

/** The markers of a reel (ST 429-7:2006 8.7). */
export type MarkerAsset = {
  readonly id: Uuid;
  readonly editRate: Rational;
  readonly intrinsicDuration: number;
  readonly entryPoint?: number | undefined;
  readonly duration?: number | undefined;
  readonly markers: readonly { readonly label: string; readonly offset: number }[];
};

/** What a version may say of itself (ST 429-16:2014 6). */
export const VERSION_STATES: readonly string[] = ['temp', 'pre', 'final'];

/** ST 429-16:2014 6. */
export type CompositionMetadata = {
  readonly id: Uuid;
  readonly editRate: Rational;
  readonly intrinsicDuration: number;
  readonly entryPoint?: number | undefined;
  readonly duration?: number | undefined;
  readonly fullTitle: string;
  readonly releaseTerritory?:
    | { readonly value: string; readonly scope?: string | undefined }
    | undefined;
  readonly version?: { readonly number: number; readonly status?: string | undefined } | undefined;
  readonly chain?: string | undefined;
  readonly distributor?: string | undefined;
  readonly facility?: string | undefined;
  readonly luminance?: { readonly value: string; readonly units: string } | undefined;
  readonly soundConfiguration?: string | undefined;
  readonly soundSampleRate?: Rational | undefined;
  readonly storedArea?: PictureArea | undefined;
  readonly activeArea?: PictureArea | undefined;
  readonly subtitleLanguages: readonly string[];
  readonly extensions: readonly MetadataExtension[];
  readonly soundLabels: readonly SoundLabelElement[];
};

/** Width and height in pixels. */
export type PictureArea = { readonly width: number; readonly height: number };

/** A named list of properties in a scope (ST 429-16:2014 6.15). */
export type MetadataExtension = {
  readonly scope: string;
  readonly name: string;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
};

/** One sub-descriptor of the sound track file as the CPL repeats it (RDD 52:2020 8.3). */
export type SoundLabelElement = {
  readonly group: boolean;
  readonly instanceId: Uuid;
  readonly dictionaryId: string;
  readonly linkId: Uuid;
  readonly symbol: string;
  readonly name?: string | undefined;
  readonly channel?: number | undefined;
  readonly language?: string | undefined;
  readonly groupLinkId?: Uuid | undefined;
};

/** Frames of an asset that are played. */
export function playedFrames(
  asset: Pick<ReelAsset, 'duration' | 'intrinsicDuration' | 'entryPoint'>,
): number {
  return asset.duration ?? asset.intrinsicDuration - (asset.entryPoint ?? 0);
}

/** Whether an asset is the picture of its reel, mono or stereoscopic. */
export function isPicture(asset: Pick<ReelAsset, 'kind'>): boolean {
  return asset.kind === 'picture' || asset.kind === 'stereoscopic_picture';
}

/** Frames a reel plays: those of its picture, or of its first asset where it has none. */
export function reelFrames(reel: Reel): number {
  const leading = reel.assets.find(isPicture) ?? reel.assets[0];
  return leading === undefined ? 0 : playedFrames(leading);
}

/** A key that a composition needs, as a key message lists it (ST 430-1:2017 6.1.4). */
export type NeededKey = {
  readonly keyId: Uuid;
  /** Picture, sound, subtitle or caption, anything else. */
  readonly type: 'MDIK' | 'MDAK' | 'MDSK' | 'MDEK';
  /** Assets that it opens. */
  readonly assetIds: readonly Uuid[];
};

/** The keys of a composition in the order in which they are first needed. */
export function neededKeys(composition: Pick<Composition, 'reels'>): readonly NeededKey[] {
  const keys = new Map<Uuid, { type: NeededKey['type']; assetIds: Uuid[] }>();
  for (const asset of composition.reels.flatMap((reel) => reel.assets)) {
    if (asset.keyId === undefined) continue;
    const known = keys.get(asset.keyId);
    if (known === undefined) keys.set(asset.keyId, { type: keyType(asset), assetIds: [asset.id] });
    else if (!known.assetIds.includes(asset.id)) known.assetIds.push(asset.id);
  }
  return [...keys].map(([keyId, key]) => ({ keyId, ...key }));
}

function keyType(asset: ReelAsset): NeededKey['type'] {
  if (isPicture(asset)) return 'MDIK';
  if (asset.kind === 'sound') return 'MDAK';
  return asset.kind === 'auxiliary_data' || asset.kind === 'unknown' ? 'MDEK' : 'MDSK';
}
