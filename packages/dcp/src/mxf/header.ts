import type { Uuid } from '@yinglian/core';
import { BODY_STREAM_ID, INDEX_STREAM_ID } from './index-table.ts';
import {
  CIPHER_AES_128_CBC,
  CONTAINER,
  DATA_DEFINITION,
  DESCRIPTIVE_SCHEME_CRYPTOGRAPHIC,
  GENERIC_CONTAINER,
  type Label,
  type LabelSet,
  MIC_HMAC_SHA1,
  MIC_NONE,
  operationalPattern,
} from './labels.ts';
import type { SetToWrite } from './metadata.ts';
import { type DescriptorSets, ESSENCE_TRACK_ID, type Ids } from './descriptors.ts';
import { type Rational, UMID_ZERO, umidOfAsset } from './property-types.ts';

/** Who makes a file and when; all of it comes from the caller so that a build can be repeated. */
export type TrackFileIdentity = {
  readonly assetId: Uuid;
  readonly labels: LabelSet;
  /** ISO 8601 in UTC. */
  readonly created: string;
  readonly company: string;
  readonly product: string;
  readonly version: string;
};

/** Identifies this writer in Identification sets (ST 377-1:2019 A.3 ProductUID). */
const PRODUCT_ID: Uuid = '5a0f9c1e-0b3d-4c86-9d57-7e1a6f2b8c44';
/** Release type 0: unknown, as the version string says more. */
const PRODUCT_VERSION = [0, 1, 0, 0, 0] as const;
const PLATFORM = 'ECMAScript';

/** Everything the header metadata of one file says. */
export type HeaderPlan = {
  readonly identity: TrackFileIdentity;
  readonly ids: Ids;
  readonly editRate: Rational;
  readonly durationFrames: number;
  readonly descriptor: DescriptorSets;
  readonly container: Label;
  readonly trackName: string;
  readonly trackNumber: number;
  readonly dataDefinition: Label;
  readonly packageName: string;
  readonly encryption?: {
    readonly keyId: Uuid;
    readonly contextId: Uuid;
    readonly integrity: boolean;
  };
};

/** The labels that preface and partitions list, in ascending order as writers keep them. */
export function essenceContainers(plan: Pick<HeaderPlan, 'container' | 'encryption'>): Label[] {
  const own = plan.encryption === undefined ? plan.container : CONTAINER.encrypted;
  return [GENERIC_CONTAINER, own].sort();
}

/** All header metadata sets of one track file, in the order in which they are written. */
export function headerSets(plan: HeaderPlan): SetToWrite[] {
  return [
    ...prefaceSets(plan),
    ...materialPackageSets(plan),
    ...sourcePackageSets(plan),
    ...plan.descriptor,
  ];
}

function prefaceSets(plan: HeaderPlan): SetToWrite[] {
  const { identity, ids } = plan;
  return [
    {
      name: 'preface',
      values: {
        instanceId: ids('preface'),
        lastModified: identity.created,
        version: 0x0102,
        objectModelVersion: 1,
        primaryPackage: ids('source-package'),
        identifications: [ids('identification')],
        contentStorage: ids('content-storage'),
        operationalPattern: operationalPattern(identity.labels),
        essenceContainers: essenceContainers(plan),
        descriptiveSchemes: plan.encryption === undefined ? [] : [DESCRIPTIVE_SCHEME_CRYPTOGRAPHIC],
      },
    },
    {
      name: 'identification',
      values: {
        instanceId: ids('identification'),
        thisGenerationId: ids('generation'),
        companyName: identity.company,
        productName: identity.product,
        productVersion: PRODUCT_VERSION,
        versionString: identity.version,
        productId: PRODUCT_ID,
        modificationDate: identity.created,
        toolkitVersion: PRODUCT_VERSION,
        platform: PLATFORM,
      },
    },
    {
      name: 'contentStorage',
      values: {
        instanceId: ids('content-storage'),
        packages: [ids('material-package'), ids('source-package')],
        essenceContainerData: [ids('essence-data')],
      },
    },
    {
      name: 'essenceContainerData',
      values: {
        instanceId: ids('essence-data'),
        linkedPackageId: umidOfAsset(identity.assetId),
        indexStreamId: INDEX_STREAM_ID,
        bodyStreamId: BODY_STREAM_ID,
      },
    },
  ];
}

function materialPackageSets(plan: HeaderPlan): SetToWrite[] {
  const { identity, ids } = plan;
  return [
    {
      name: 'materialPackage',
      values: {
        instanceId: ids('material-package'),
        packageId: umidOfAsset(ids('material-asset')),
        packageName: 'Material Package',
        packageCreated: identity.created,
        packageModified: identity.created,
        tracks: [ids('material-timecode-track'), ids('material-essence-track')],
      },
    },
    ...timecodeTrack(plan, 'material'),
    ...essenceTrack(plan, 'material', 0, umidOfAsset(identity.assetId), ESSENCE_TRACK_ID),
  ];
}

function sourcePackageSets(plan: HeaderPlan): SetToWrite[] {
  const { identity, ids } = plan;
  return [
    {
      name: 'sourcePackage',
      values: {
        instanceId: ids('source-package'),
        packageId: umidOfAsset(identity.assetId),
        packageName: plan.packageName,
        packageCreated: identity.created,
        packageModified: identity.created,
        tracks: [
          ids('source-timecode-track'),
          ids('source-essence-track'),
          ...(plan.encryption === undefined ? [] : [ids('cryptographic-track')]),
        ],
        descriptor: plan.descriptor[0]!.values.instanceId!,
      },
    },
    ...timecodeTrack(plan, 'source'),
    ...essenceTrack(plan, 'source', plan.trackNumber, UMID_ZERO, 0),
    ...cryptographicTrack(plan),
  ];
}

type Owner = 'material' | 'source';

function timecodeTrack(plan: HeaderPlan, owner: Owner): SetToWrite[] {
  const { ids, durationFrames, editRate } = plan;
  return [
    ...trackWithSequence(plan, {
      name: `${owner}-timecode`,
      trackId: 1,
      trackNumber: 0,
      title: 'Timecode Track',
      dataDefinition: DATA_DEFINITION.timecode,
    }),
    {
      name: 'timecodeComponent',
      values: {
        instanceId: ids(`${owner}-timecode-component`),
        dataDefinition: DATA_DEFINITION.timecode,
        duration: durationFrames,
        roundedTimecodeBase: Math.ceil(editRate.numerator / editRate.denominator),
        startTimecode: 0,
        dropFrame: 0,
      },
    },
  ];
}

function essenceTrack(
  plan: HeaderPlan,
  owner: Owner,
  trackNumber: number,
  sourcePackage: Label,
  sourceTrack: number,
): SetToWrite[] {
  const { ids, durationFrames, dataDefinition } = plan;
  const track = trackWithSequence(plan, {
    name: `${owner}-essence`,
    trackId: ESSENCE_TRACK_ID,
    trackNumber,
    title: plan.trackName,
    dataDefinition,
  });
  return [
    ...track,
    {
      name: 'sourceClip',
      values: {
        instanceId: ids(`${owner}-essence-component`),
        dataDefinition,
        duration: durationFrames,
        startPosition: 0,
        sourcePackageId: sourcePackage,
        sourceTrackId: sourceTrack,
      },
    },
  ];
}

type TrackRow = {
  name: string;
  trackId: number;
  trackNumber: number;
  title: string;
  dataDefinition: Label;
};

function trackWithSequence(plan: HeaderPlan, track: TrackRow): SetToWrite[] {
  const { ids, editRate, durationFrames } = plan;
  return [
    {
      name: 'timelineTrack',
      values: {
        instanceId: ids(`${track.name}-track`),
        trackId: track.trackId,
        trackNumber: track.trackNumber,
        trackName: track.title,
        sequence: ids(`${track.name}-sequence`),
        editRate,
        origin: 0,
      },
    },
    {
      name: 'sequence',
      values: {
        instanceId: ids(`${track.name}-sequence`),
        dataDefinition: track.dataDefinition,
        duration: durationFrames,
        components: [ids(`${track.name}-component`)],
      },
    },
  ];
}

/** ST 429-6:2006 7.2 and 7.3: a static descriptive track that leads to the context. */
function cryptographicTrack(plan: HeaderPlan): SetToWrite[] {
  const { ids, encryption } = plan;
  if (encryption === undefined) return [];
  return [
    {
      name: 'staticTrack',
      values: {
        instanceId: ids('cryptographic-track'),
        trackId: 3,
        trackNumber: 0,
        trackName: 'Descriptive Track',
        sequence: ids('cryptographic-sequence'),
      },
    },
    {
      name: 'sequence',
      values: {
        instanceId: ids('cryptographic-sequence'),
        dataDefinition: DATA_DEFINITION.descriptive,
        components: [ids('cryptographic-segment')],
      },
    },
    {
      name: 'descriptiveSegment',
      values: {
        instanceId: ids('cryptographic-segment'),
        dataDefinition: DATA_DEFINITION.descriptive,
        eventComment: 'AS-DCP KLV Encryption',
        descriptiveFramework: ids('cryptographic-framework'),
      },
    },
    {
      name: 'cryptographicFramework',
      values: {
        instanceId: ids('cryptographic-framework'),
        contextSet: ids('cryptographic-context'),
      },
    },
    {
      name: 'cryptographicContext',
      values: {
        instanceId: ids('cryptographic-context'),
        contextId: encryption.contextId,
        sourceContainer: plan.container,
        cipherAlgorithm: CIPHER_AES_128_CBC,
        integrityAlgorithm: encryption.integrity ? MIC_HMAC_SHA1 : MIC_NONE,
        cryptographicKeyId: encryption.keyId,
      },
    },
  ];
}
