import type { Uuid } from '@yinglian/core';
import {
  CHANNEL_CONFIGURATION,
  CIPHER_AES_128_CBC,
  CODING_ATMOS,
  CONTAINER,
  type Label,
  type LabelSet,
  MIC_HMAC_SHA1,
  OPERATIONAL_PATTERN_INTEROP,
  OPERATIONAL_PATTERN_SMPTE,
  sameLabel,
} from './labels.ts';
import type { HeaderMetadata, MetadataSet } from './metadata.ts';
import type { PartitionPack } from './partition.ts';
import { assetOfUmid, type Rational } from './property-types.ts';
import type { PropertyName, SetName } from './sets.ts';

/** What a track file carries. */
export type EssenceKind =
  | 'jpeg2000'
  | 'stereoscopic'
  | 'mpeg2'
  | 'pcm'
  | 'timed_text'
  | 'atmos'
  | 'auxiliary_data'
  | 'unknown';

/** What the header of a track file says, in words of the field and not of MXF. */
export type TrackFileInfo = {
  /** Undefined where the file does not say. */
  readonly labels: LabelSet | undefined;
  readonly operationalPattern: Label;
  readonly assetId: Uuid | undefined;
  readonly essence: EssenceKind;
  readonly container: Label | undefined;
  readonly editRate: Rational | undefined;
  /** Edit units, from the essence descriptor; -1 or absent counts as unknown. */
  readonly durationFrames: number | undefined;
  /** Edit units that the essence track of the file package claims. */
  readonly trackDurationFrames: number | undefined;
  /** Edit units before the first one of the track; 0 in D-cinema. */
  readonly trackOrigin: number | undefined;
  /** SampleRate of the essence descriptor. */
  readonly descriptorRate: Rational | undefined;
  readonly maker: TrackFileMaker | undefined;
  readonly encryption: EncryptionInfo | undefined;
  readonly picture: PictureInfo | undefined;
  readonly sound: SoundInfo | undefined;
  readonly timedText: TimedTextInfo | undefined;
  readonly data: DataInfo | undefined;
};

/** Who wrote the file, from its Identification set. */
export type TrackFileMaker = {
  readonly company: string;
  readonly product: string;
  readonly version: string;
  readonly created: string | undefined;
};

/** What the cryptographic context says. */
export type EncryptionInfo = {
  readonly contextId: Uuid | undefined;
  readonly keyId: Uuid | undefined;
  readonly sourceContainer: Label | undefined;
  readonly knownCipher: boolean;
  readonly integrity: boolean;
};

/** What a picture descriptor says. */
export type PictureInfo = {
  readonly widthPixels: number;
  readonly heightPixels: number;
  readonly sampleRate: Rational | undefined;
  readonly aspectRatio: Rational | undefined;
  /** 0 is a full frame. */
  readonly frameLayout: number | undefined;
  readonly coding: Label | undefined;
  readonly codestream: CodestreamInfo | undefined;
};

/** What the sub-descriptor repeats of the first codestream. */
export type CodestreamInfo = {
  readonly capabilities: number | undefined;
  readonly gridWidth: number | undefined;
  readonly gridHeight: number | undefined;
  readonly componentCount: number | undefined;
  readonly codingStyle: Uint8Array | undefined;
  readonly quantization: Uint8Array | undefined;
};

/** What a sound descriptor and its labels say. */
export type SoundInfo = {
  readonly samplingRate: Rational | undefined;
  readonly channelCount: number;
  readonly bits: number;
  readonly blockAlign: number;
  /** Channel configuration of ST 429-2: 1 to 5; undefined when no known label is given. */
  readonly configuration: number | undefined;
  readonly soundfields: readonly SoundLabel[];
  readonly channels: readonly SoundLabel[];
};

/** One label of ST 377-4. */
export type SoundLabel = {
  readonly instanceId: Uuid | undefined;
  readonly symbol: string;
  readonly name: string | undefined;
  readonly dictionaryId: Label | undefined;
  readonly linkId: Uuid | undefined;
  readonly groupLinkId: Uuid | undefined;
  /** Channel number from 1. */
  readonly channel: number | undefined;
  readonly language: string | undefined;
};

/** What a timed text descriptor says. */
export type TimedTextInfo = {
  readonly resourceId: Uuid | undefined;
  readonly namespaceName: string | undefined;
  readonly encoding: string | undefined;
  readonly resources: readonly {
    id: Uuid | undefined;
    mediaType: string | undefined;
    streamId: number;
  }[];
};

/** What a descriptor of auxiliary data says. */
export type DataInfo = {
  readonly coding: Label | undefined;
  readonly atmosId: Uuid | undefined;
  /** Undefined where the sub-descriptor is absent or not whole. */
  readonly atmos?: AtmosInfo | undefined;
};

/** What the sub-descriptor of Dolby Atmos says. */
export type AtmosInfo = {
  readonly id: Uuid;
  readonly firstFrame: number;
  readonly channelCountMaximum: number;
  readonly objectCountMaximum: number;
  readonly version: number;
};

/** Reads the header metadata in the field's words; missing parts are undefined, never guessed. */
export function describeTrackFile(metadata: HeaderMetadata, header: PartitionPack): TrackFileInfo {
  const source = sourcePackage(metadata);
  const descriptor = source === undefined ? undefined : linked(metadata, source, 'descriptor');
  const encryption = encryptionOf(metadata);
  const container = encryption?.sourceContainer ?? label(descriptor, 'essenceContainer');
  const parts = descriptor === undefined ? [] : references(metadata, descriptor, 'subDescriptors');
  const essence = essenceOf(container, descriptor, parts);
  const track = source === undefined ? undefined : essenceTrack(metadata, source);
  const sequence = track === undefined ? undefined : linked(metadata, track, 'sequence');
  const umid = text(source, 'packageId');
  return {
    labels: labelSet(header.operationalPattern),
    operationalPattern: header.operationalPattern,
    assetId: umid === undefined ? undefined : assetOfUmid(umid),
    essence,
    container,
    editRate: rational(track, 'editRate') ?? rational(descriptor, 'sampleRate'),
    durationFrames: number(descriptor, 'containerDuration'),
    trackDurationFrames: number(sequence, 'duration'),
    trackOrigin: number(track, 'origin'),
    descriptorRate: rational(descriptor, 'sampleRate'),
    maker: makerOf(metadata),
    encryption,
    picture:
      essence === 'jpeg2000' || essence === 'stereoscopic' || essence === 'mpeg2'
        ? pictureOf(descriptor, parts)
        : undefined,
    sound: essence === 'pcm' ? soundOf(descriptor, parts) : undefined,
    timedText: essence === 'timed_text' ? timedTextOf(descriptor, parts) : undefined,
    data:
      essence === 'atmos' || essence === 'auxiliary_data' ? dataOf(descriptor, parts) : undefined,
  };
}

/** The file package: the primary one, or the only source package that has a descriptor. */
function sourcePackage(metadata: HeaderMetadata): MetadataSet | undefined {
  const preface = first(metadata, 'preface');
  const primary = preface === undefined ? undefined : linked(metadata, preface, 'primaryPackage');
  if (primary?.name === 'sourcePackage') return primary;
  return metadata.sets.find(
    (set) => set.name === 'sourcePackage' && set.values.descriptor !== undefined,
  );
}

/** The track whose descriptor is meant: the first timeline track with a source clip. */
function essenceTrack(metadata: HeaderMetadata, source: MetadataSet): MetadataSet | undefined {
  const tracks = references(metadata, source, 'tracks').filter(
    (set) => set.name === 'timelineTrack',
  );
  return (
    tracks.find((track) => {
      const sequence = linked(metadata, track, 'sequence');
      const components = sequence === undefined ? [] : references(metadata, sequence, 'components');
      return components.some(
        (set) => set.name === 'sourceClip' || set.name === 'descriptiveSegment',
      );
    }) ?? tracks.at(-1)
  );
}

function essenceOf(
  container: Label | undefined,
  descriptor: MetadataSet | undefined,
  parts: readonly MetadataSet[],
): EssenceKind {
  if (container !== undefined) {
    // ST 381 and ST 422 labels differ in their last bytes by mapping; the kind is in the middle.
    const kind = container.slice(24, 28);
    const generic = container.slice(16, 24) === '0d010301';
    if (generic && kind === '020c') {
      return parts.some((set) => set.name === 'stereoscopicSubDescriptor')
        ? 'stereoscopic'
        : 'jpeg2000';
    }
    if (generic && kind === '0206') return 'pcm';
    if (generic && kind === '0204') return 'mpeg2';
    if (generic && kind === '0213') return 'timed_text';
    if (sameLabel(container, CONTAINER.auxiliaryData)) return auxiliaryKind(descriptor);
  }
  switch (descriptor?.name) {
    case 'timedTextDescriptor':
      return 'timed_text';
    case 'dataDescriptor':
      return auxiliaryKind(descriptor);
    case 'waveDescriptor':
    case 'aes3Descriptor':
      return 'pcm';
    case 'mpeg2VideoDescriptor':
      return 'mpeg2';
    default:
      return 'unknown';
  }
}

function auxiliaryKind(descriptor: MetadataSet | undefined): EssenceKind {
  const coding = label(descriptor, 'dataCoding');
  return coding !== undefined && sameLabel(coding, CODING_ATMOS) ? 'atmos' : 'auxiliary_data';
}

function labelSet(pattern: Label): LabelSet | undefined {
  // Only here the register version tells something: it is what sets the two apart.
  if (pattern === OPERATIONAL_PATTERN_SMPTE) return 'smpte';
  if (pattern === OPERATIONAL_PATTERN_INTEROP) return 'interop';
  return undefined;
}

function makerOf(metadata: HeaderMetadata): TrackFileMaker | undefined {
  const set = first(metadata, 'identification');
  if (set === undefined) return undefined;
  return {
    company: text(set, 'companyName') ?? '',
    product: text(set, 'productName') ?? '',
    version: text(set, 'versionString') ?? '',
    created: text(set, 'modificationDate'),
  };
}

function encryptionOf(metadata: HeaderMetadata): EncryptionInfo | undefined {
  const set = first(metadata, 'cryptographicContext');
  if (set === undefined) return undefined;
  const cipher = label(set, 'cipherAlgorithm');
  const mic = label(set, 'integrityAlgorithm');
  return {
    contextId: text(set, 'contextId'),
    keyId: text(set, 'cryptographicKeyId'),
    sourceContainer: label(set, 'sourceContainer'),
    knownCipher: cipher !== undefined && sameLabel(cipher, CIPHER_AES_128_CBC),
    integrity: mic !== undefined && sameLabel(mic, MIC_HMAC_SHA1),
  };
}

function pictureOf(
  descriptor: MetadataSet | undefined,
  parts: readonly MetadataSet[],
): PictureInfo {
  const set = parts.find((each) => each.name === 'jpeg2000SubDescriptor');
  return {
    widthPixels: number(descriptor, 'storedWidth') ?? 0,
    heightPixels: number(descriptor, 'storedHeight') ?? 0,
    sampleRate: rational(descriptor, 'sampleRate'),
    aspectRatio: rational(descriptor, 'aspectRatio'),
    frameLayout: number(descriptor, 'frameLayout'),
    coding: label(descriptor, 'pictureCoding'),
    codestream:
      set === undefined
        ? undefined
        : {
            capabilities: number(set, 'capabilities'),
            gridWidth: number(set, 'gridWidth'),
            gridHeight: number(set, 'gridHeight'),
            componentCount: number(set, 'componentCount'),
            codingStyle: bytes(set, 'codingStyle'),
            quantization: bytes(set, 'quantization'),
          },
  };
}

function soundOf(descriptor: MetadataSet | undefined, parts: readonly MetadataSet[]): SoundInfo {
  const assignment = label(descriptor, 'channelAssignment');
  const configuration = Object.entries(CHANNEL_CONFIGURATION).find(
    ([, known]) => assignment !== undefined && sameLabel(known, assignment),
  );
  const labels = (...names: SetName[]) =>
    parts.filter((set) => set.name !== undefined && names.includes(set.name)).map(soundLabel);
  return {
    samplingRate: rational(descriptor, 'audioSamplingRate'),
    channelCount: number(descriptor, 'channelCount') ?? 0,
    bits: number(descriptor, 'quantizationBits') ?? 0,
    blockAlign: number(descriptor, 'blockAlign') ?? 0,
    configuration: configuration === undefined ? undefined : Number(configuration[0]),
    soundfields: labels('soundfieldGroupLabel'),
    channels: labels('audioChannelLabel'),
  };
}

function soundLabel(set: MetadataSet): SoundLabel {
  return {
    instanceId: text(set, 'instanceId'),
    symbol: text(set, 'tagSymbol') ?? '',
    name: text(set, 'tagName'),
    dictionaryId: label(set, 'labelDictionaryId'),
    linkId: text(set, 'labelLinkId'),
    groupLinkId: text(set, 'soundfieldGroupLinkId'),
    channel: number(set, 'labelChannelId'),
    language: text(set, 'spokenLanguage'),
  };
}

function timedTextOf(
  descriptor: MetadataSet | undefined,
  parts: readonly MetadataSet[],
): TimedTextInfo {
  return {
    resourceId: text(descriptor, 'resourceId'),
    namespaceName: text(descriptor, 'namespaceName'),
    encoding: text(descriptor, 'characterEncoding'),
    resources: parts
      .filter((set) => set.name === 'timedTextResource')
      .map((set) => ({
        id: text(set, 'ancillaryResourceId'),
        mediaType: text(set, 'mediaType'),
        streamId: number(set, 'bodyStreamId') ?? 0,
      })),
  };
}

function dataOf(descriptor: MetadataSet | undefined, parts: readonly MetadataSet[]): DataInfo {
  const atmos = parts.find((set) => set.name === 'atmosSubDescriptor');
  const id = text(atmos, 'atmosId');
  const [firstFrame, version] = [number(atmos, 'firstFrame'), number(atmos, 'atmosVersion')];
  const channelCountMaximum = number(atmos, 'channelCountMaximum');
  const objectCountMaximum = number(atmos, 'objectCountMaximum');
  const whole =
    id === undefined ||
    firstFrame === undefined ||
    version === undefined ||
    channelCountMaximum === undefined ||
    objectCountMaximum === undefined
      ? undefined
      : { id, firstFrame, version, channelCountMaximum, objectCountMaximum };
  return { coding: label(descriptor, 'dataCoding'), atmosId: id, atmos: whole };
}

function first(metadata: HeaderMetadata, name: SetName): MetadataSet | undefined {
  return metadata.sets.find((set) => set.name === name);
}

function linked(
  metadata: HeaderMetadata,
  set: MetadataSet,
  name: PropertyName,
): MetadataSet | undefined {
  const id = text(set, name);
  return id === undefined ? undefined : metadata.byInstance.get(id);
}

function references(metadata: HeaderMetadata, set: MetadataSet, name: PropertyName): MetadataSet[] {
  const ids = set.values[name];
  if (!Array.isArray(ids)) return [];
  return (ids as readonly string[]).flatMap((id) => metadata.byInstance.get(id) ?? []);
}

function text(set: MetadataSet | undefined, name: PropertyName): string | undefined {
  const value = set?.values[name];
  return typeof value === 'string' ? value : undefined;
}

const label = text;

/** Counts of -1 (unknown length, ST 377-1:2019) come out as huge numbers and are unknown here. */
function number(set: MetadataSet | undefined, name: PropertyName): number | undefined {
  const value = set?.values[name];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

function rational(set: MetadataSet | undefined, name: PropertyName): Rational | undefined {
  const value = set?.values[name];
  if (value === undefined || typeof value !== 'object' || !('denominator' in value))
    return undefined;
  return value.denominator > 0 && value.numerator > 0 ? value : undefined;
}

function bytes(set: MetadataSet | undefined, name: PropertyName): Uint8Array | undefined {
  const value = set?.values[name];
  return value instanceof Uint8Array ? value : undefined;
}
