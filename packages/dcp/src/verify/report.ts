import type { Finding, Uuid } from '@yinglian/core';
import type { Composition, PackedAsset } from '../documents/model.ts';
import type { Standard } from '../documents/namespaces.ts';
import type { EncryptionInfo, EssenceKind, TrackFileInfo } from '../mxf/track-file.ts';
import type { Loudness } from '../sound/loudness.ts';
import type { Rational } from '../mxf/property-types.ts';

/** What was found out about a folder. It is data, and can be stored and sent. */
export type VerificationReport = {
  readonly packages: readonly PackageReport[];
  readonly compositions: readonly CompositionReport[];
  readonly assets: readonly AssetReport[];
  readonly findings: readonly Finding[];
  /** Findings beyond the limit that were counted and not kept. */
  readonly droppedFindings: number;
  readonly profile: string;
  readonly checked: Checked;
};

/** How much was looked at, so that a report without findings says what it is worth. */
export type Checked = {
  files: number;
  bytes: number;
  hashes: number;
  frames: number;
  signatures: number;
  /** Encrypted frames whose integrity code was computed with a key. */
  integrityCodes: number;
  timedTexts: number;
};

/** One packing list. */
export type PackageReport = {
  readonly id: Uuid;
  readonly path: string;
  readonly standard: Standard;
  readonly annotation: string | undefined;
  readonly issuer: string | undefined;
  readonly creator: string | undefined;
  readonly issueDate: string;
  readonly signed: boolean;
  readonly signer: string | undefined;
  readonly assets: readonly PackedAsset[];
};

/** One composition and what it needs to be played. */
export type CompositionReport = {
  readonly id: Uuid;
  readonly path: string;
  readonly composition: Composition;
  readonly signer: string | undefined;
  readonly encrypted: boolean;
  /** Frames played, when all reels have the same rate. */
  readonly durationFrames: number | undefined;
  readonly editRate: Rational | undefined;
  /** Assets that are not in the folder: a version file, or something is missing. */
  readonly externalAssets: readonly Uuid[];
  readonly bv21: boolean;
};

/** One asset, small enough to be stored and used later to judge a version file alone. */
export type AssetReport = {
  readonly id: Uuid;
  readonly path: string;
  readonly sizeBytes: number;
  /** Base64 of SHA-1; undefined when the file was not read. */
  readonly hash: string | undefined;
  readonly kind:
    | 'composition'
    | 'packing_list'
    | 'track_file'
    | 'subtitle'
    | 'image'
    | 'font'
    | 'other';
  readonly essence: EssenceKind | undefined;
  readonly standard: Standard | undefined;
  readonly editRate: Rational | undefined;
  readonly durationFrames: number | undefined;
  readonly encryption: EncryptionInfo | undefined;
  readonly picture:
    | { readonly width: number; readonly height: number; readonly largestFrameBytes: number }
    | undefined;
  readonly sound:
    | {
        readonly samplingRateHz: number;
        readonly channelCount: number;
        readonly soundfield: string | undefined;
        readonly labels: readonly string[];
        readonly language: string | undefined;
        /** Where a house profile asks for it. */
        readonly loudness?: Loudness;
      }
    | undefined;
  readonly text:
    | { readonly language: string | undefined; readonly documentId: Uuid | undefined }
    | undefined;
  readonly maker: TrackFileInfo['maker'];
};
