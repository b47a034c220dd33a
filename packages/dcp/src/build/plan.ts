import type { Cryptography, RandomBytes, Uuid } from '@yinglian/core';
import type { CompositionMetadata, ReelAsset } from '../documents/model.ts';
import type { Standard } from '../documents/namespaces.ts';
import type { PackageSigner } from '../documents/signing.ts';
import type { ChannelLayout } from '../mxf/channels.ts';
import type { Label } from '../mxf/labels.ts';
import type { Rational } from '../mxf/property-types.ts';
import type { Frames, TimedTextResource } from '../mxf/track-file-writer.ts';

/**
 * What to build, as data: it can be stored with a job and built again. Essence is named, and comes
 * from the sources given beside it.
 */
export type PackagePlan = {
  /** SMPTE unless told. */
  readonly standard?: Standard;
  /** ContentTitleText; see `compositionName`. */
  readonly title: string;
  /** ISO 8601 with an offset and without a fraction: `2026-11-22T20:46:31+00:00`. */
  readonly issueDate: string;
  readonly issuer: string;
  readonly creator: string;
  readonly contentKind: { readonly value: string; readonly scope?: string };
  readonly contentVersion?: { readonly id?: string; readonly label: string };
  readonly ratings?: readonly { readonly agency: string; readonly label: string }[];
  readonly editRate: Rational;
  readonly reels: readonly ReelPlan[];
  /** Encrypts every track file of the package; needs a signer (DCSS 5.3.4.7). */
  readonly encrypted?: boolean;
  /** ST 429-16 values that the essence does not tell. SMPTE only. */
  readonly metadata?: MetadataPlan;
};

/** Values of ST 429-16 that override what the essence tells. */
export type MetadataPlan = Partial<
  Pick<
    CompositionMetadata,
    | 'fullTitle'
    | 'releaseTerritory'
    | 'version'
    | 'chain'
    | 'distributor'
    | 'facility'
    | 'luminance'
    | 'activeArea'
    | 'storedArea'
    | 'soundConfiguration'
    | 'soundSampleRate'
    | 'soundLabels'
    | 'subtitleLanguages'
  >
> & {
  /** Whether the composition claims Bv2.1 (RDD 52); it does unless told. */
  readonly bv21?: boolean;
};

/** The tracks and markers of one reel. */
export type ReelPlan = {
  readonly picture?: TrackPlan;
  readonly sound?: TrackPlan & { readonly language?: string };
  readonly subtitle?: TrackPlan & { readonly language?: string };
  /** Captions that everybody sees (ST 429-12 MainCaption); SMPTE only. */
  readonly openCaptions?: readonly (TrackPlan & { readonly language?: string })[];
  /** Captions on devices of their own, and subtitles on them; the latter SMPTE only. */
  readonly closedCaptions?: readonly (TrackPlan & { readonly language?: string })[];
  readonly closedSubtitles?: readonly (TrackPlan & { readonly language?: string })[];
  readonly auxiliaryData?: TrackPlan;
  /** Offsets in frames; FFOC of the first reel and LFOC of the last are added unless given. */
  readonly markers?: readonly { readonly label: string; readonly offset: number }[];
  readonly annotation?: string;
};

/** A track of a reel: written from a named source, or an asset of an original version (VF). */
export type TrackPlan =
  | { readonly source: string; readonly entryPoint?: number; readonly duration?: number }
  | { readonly existing: ReelAsset };

/** Where essence comes from. Functions are called once, when its turn comes. */
export type EssenceSource =
  | {
      readonly kind: 'codestreams';
      readonly frames: () => Frames;
      readonly stereoscopic?: boolean;
      /** Sizes of all codestreams, where known: the file can then be hashed while it is written. */
      readonly frameBytes?: readonly number[];
    }
  | {
      readonly kind: 'pcm';
      /** Interleaved 24-bit little endian. */
      readonly samples: () => Frames;
      readonly samplingRateHz: number;
      readonly channelCount: number;
      readonly layout?: ChannelLayout;
      /** Samples of each channel, where known. */
      readonly sampleCount?: number;
    }
  | {
      readonly kind: 'timed_text';
      readonly document: Uint8Array;
      /** The Id of the document; in Interop the asset has this id. */
      readonly documentId: Uuid;
      readonly namespaceName?: string;
      readonly durationFrames: number;
      readonly resources?: readonly (TimedTextResource & { readonly fileName?: string })[];
    }
  | {
      readonly kind: 'data';
      readonly frames: () => Frames;
      readonly coding?: Label;
      readonly atmos?: {
        readonly id: Uuid;
        readonly firstFrame: number;
        readonly channelCountMaximum: number;
        readonly objectCountMaximum: number;
        readonly version: number;
      };
    };

/** Essence by the name that the plan gives it. */
export type EssenceSources = { readonly [name: string]: EssenceSource };

/** The machine of a build; with a signer, CPL and PKL are signed. */
export type BuildPorts = {
  readonly cryptography: Cryptography;
  /** Ids, keys and initialization vectors. The same seed and plan give the same bytes. */
  readonly random: RandomBytes;
  readonly signer?: PackageSigner;
};
