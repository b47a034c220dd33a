import { assert, type Uuid } from '@yinglian/core';
import { CHANNELS, type ChannelLayout, SOUNDFIELDS } from './channels.ts';
import type { CodestreamHead } from './codestream-head.ts';
import {
  CHANNEL_CONFIGURATION,
  CODING_JPEG2000_2K,
  CODING_JPEG2000_4K,
  CONTAINER,
  type Label,
  type LabelSet,
} from './labels.ts';
import type { SetToWrite } from './metadata.ts';
import type { Rational } from './property-types.ts';

/** Gives the same id for the same name within one file, so that a header can be built twice. */
export type Ids = (name: string) => Uuid;

/** The file descriptor first, then its sub-descriptors. */
export type DescriptorSets = readonly SetToWrite[];

type Common = { readonly editRate: Rational; readonly durationFrames: number; readonly ids: Ids };

/** Track id of the essence track in every package that this writer makes. */
export const ESSENCE_TRACK_ID = 2;

/**
 * ST 429-4:2006 8: XYZ, 12 bits each. The layout is a list of (code, depth) pairs, where
 * ST 377-1:2019 G.2.40 codes X', Y', Z' as D8, D9, DA.
 */
const PIXEL_LAYOUT_XYZ12 = Uint8Array.of(
  0xd8,
  12,
  0xd9,
  12,
  0xda,
  12,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
);
/** Widest picture that counts as 2K (DCSS 3.2.1). */
const WIDTH_2K_MAX = 2048;

/** What a picture descriptor says, from the first codestream. */
export type PictureDescription = Common & {
  readonly head: CodestreamHead;
  readonly stereoscopic: boolean;
};

/** ST 429-4 descriptor with what the codestream header says, and ST 429-10 for two eyes. */
export function pictureDescriptor(picture: PictureDescription): DescriptorSets {
  const { head, ids, editRate } = picture;
  const width = head.gridWidth - head.gridOffsetX;
  const height = head.gridHeight - head.gridOffsetY;
  // ST 429-10:2008 6.3: both eyes are samples, so the sample rate is twice the edit rate.
  const sampleRate = picture.stereoscopic
    ? { numerator: editRate.numerator * 2, denominator: editRate.denominator }
    : editRate;
  const descriptor: SetToWrite = {
    name: 'rgbaDescriptor',
    values: {
      instanceId: ids('descriptor'),
      subDescriptors: [ids('codestream'), ...(picture.stereoscopic ? [ids('stereoscopic')] : [])],
      linkedTrackId: ESSENCE_TRACK_ID,
      sampleRate,
      containerDuration: picture.durationFrames,
      essenceContainer: CONTAINER.jpeg2000,
      frameLayout: 0,
      storedWidth: width,
      storedHeight: height,
      aspectRatio: { numerator: width, denominator: height },
      pictureCoding: width > WIDTH_2K_MAX ? CODING_JPEG2000_4K : CODING_JPEG2000_2K,
      componentMaximum: 4095,
      componentMinimum: 0,
      pixelLayout: PIXEL_LAYOUT_XYZ12,
    },
  };
  const codestream: SetToWrite = {
    name: 'jpeg2000SubDescriptor',
    values: {
      instanceId: ids('codestream'),
      capabilities: head.capabilities,
      gridWidth: head.gridWidth,
      gridHeight: head.gridHeight,
      gridOffsetX: head.gridOffsetX,
      gridOffsetY: head.gridOffsetY,
      tileWidth: head.tileWidth,
      tileHeight: head.tileHeight,
      tileOffsetX: head.tileOffsetX,
      tileOffsetY: head.tileOffsetY,
      componentCount: head.components.length,
      componentSizing: componentSizing(head),
      codingStyle: head.codingStyle,
      quantization: head.quantization,
    },
  };
  if (!picture.stereoscopic) return [descriptor, codestream];
  const eyes: SetToWrite = {
    name: 'stereoscopicSubDescriptor',
    values: { instanceId: ids('stereoscopic') },
  };
  return [descriptor, codestream, eyes];
}

function componentSizing(head: CodestreamHead): Uint8Array {
  const bytes = new Uint8Array(8 + 3 * head.components.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, head.components.length);
  view.setUint32(4, 3);
  head.components.forEach(({ depth, stepX, stepY }, i) =>
    bytes.set([depth, stepX, stepY], 8 + 3 * i),
  );
  return bytes;
}

/** What a sound descriptor says. */
export type SoundDescription = Common & {
  readonly samplingRateHz: number;
  readonly channelCount: number;
  /** Absent: no channel labels are written (Interop, or a layout nobody named). */
  readonly layout?: ChannelLayout;
  /** RFC 5646 tag of the main spoken language. */
  readonly language?: string;
};

/** ST 428-2:2006: 24 bits, three bytes of a sample. */
export const PCM_BITS = 24;
/** Bytes of one sample of one channel. */
export const PCM_SAMPLE_BYTES = 3;

/** ST 382 descriptor; in SMPTE files with configuration 4 and its labels. */
export function soundDescriptor(sound: SoundDescription, labels: LabelSet): DescriptorSets {
  const { ids, layout, language } = sound;
  const blockAlign = sound.channelCount * PCM_SAMPLE_BYTES;
  const labelSets =
    layout === undefined || labels === 'interop' ? [] : channelLabels(layout, ids, language);
  const descriptor: SetToWrite = {
    name: 'waveDescriptor',
    values: {
      instanceId: ids('descriptor'),
      ...(labelSets.length === 0
        ? {}
        : {
            subDescriptors: labelSets.map((set) => set.values.instanceId as Uuid),
          }),
      linkedTrackId: ESSENCE_TRACK_ID,
      sampleRate: sound.editRate,
      containerDuration: sound.durationFrames,
      essenceContainer: CONTAINER.pcm,
      audioSamplingRate: { numerator: sound.samplingRateHz, denominator: 1 },
      locked: 0,
      channelCount: sound.channelCount,
      quantizationBits: PCM_BITS,
      blockAlign,
      averageBytesPerSecond: sound.samplingRateHz * blockAlign,
      ...(labels === 'interop' ? {} : { channelAssignment: CHANNEL_CONFIGURATION[4] }),
    },
  };
  return [descriptor, ...labelSets];
}

/** ST 377-4:2012: one soundfield group and one label for each slot that carries something. */
function channelLabels(layout: ChannelLayout, ids: Ids, language?: string): SetToWrite[] {
  const group = SOUNDFIELDS[layout.soundfield];
  const speaking = (tag: string | undefined) => (tag === undefined ? {} : { spokenLanguage: tag });
  const groupLink = ids('label-link-group');
  const sets: SetToWrite[] = [
    {
      name: 'soundfieldGroupLabel',
      values: {
        instanceId: ids('label-group'),
        labelDictionaryId: group.label,
        labelLinkId: groupLink,
        tagSymbol: group.symbol,
        tagName: group.name,
        ...speaking(language),
      },
    },
  ];
  layout.slots.forEach((name, index) => {
    if (name === undefined) return;
    const channel = CHANNELS[name];
    const inGroup = (group.channels as readonly string[]).includes(name);
    sets.push({
      name: 'audioChannelLabel',
      values: {
        instanceId: ids(`label-${index}`),
        labelDictionaryId: channel.label,
        labelLinkId: ids(`label-link-${index}`),
        tagSymbol: channel.symbol,
        tagName: channel.name,
        labelChannelId: index + 1,
        ...speaking(layout.languages === undefined ? language : layout.languages[index]),
        ...(inGroup ? { soundfieldGroupLinkId: groupLink } : {}),
      },
    });
  });
  return sets;
}

/** What a timed text descriptor says. */
export type TimedTextDescription = Common & {
  /** The Id element of the document (ST 429-5:2009 9.2). */
  readonly resourceId: Uuid;
  readonly namespaceName: string;
  readonly resources: readonly { id: Uuid; mediaType: string; streamId: number }[];
};

/** ST 429-5:2009 9.1: no essence coding label is defined for timed text. */
const CODING_NONE: Label = '0'.repeat(32);

/** ST 429-5 descriptor with one sub-descriptor for each resource. */
export function timedTextDescriptor(text: TimedTextDescription): DescriptorSets {
  const { ids } = text;
  const resources = text.resources.map((resource): SetToWrite => ({
    name: 'timedTextResource',
    values: {
      instanceId: ids(`resource-${resource.id}`),
      ancillaryResourceId: resource.id,
      mediaType: resource.mediaType,
      bodyStreamId: resource.streamId,
    },
  }));
  const descriptor: SetToWrite = {
    name: 'timedTextDescriptor',
    values: {
      instanceId: ids('descriptor'),
      ...(resources.length === 0
        ? {}
        : {
            subDescriptors: resources.map((set) => set.values.instanceId as Uuid),
          }),
      linkedTrackId: ESSENCE_TRACK_ID,
      sampleRate: text.editRate,
      containerDuration: text.durationFrames,
      essenceContainer: CONTAINER.timedText,
      dataCoding: CODING_NONE,
      resourceId: text.resourceId,
      characterEncoding: 'UTF-8',
      namespaceName: text.namespaceName,
    },
  };
  return [descriptor, ...resources];
}

/** What a descriptor of auxiliary data says. */
export type AuxiliaryDataDescription = Common & {
  /** Label of what the frames are: Atmos, or the coding of another maker. */
  readonly coding: Label;
  readonly atmos?: {
    readonly id: Uuid;
    readonly firstFrame: number;
    readonly channelCountMaximum: number;
    readonly objectCountMaximum: number;
    readonly version: number;
  };
};

/** ST 429-14 descriptor, with the sub-descriptor of Atmos where it is that. */
export function auxiliaryDataDescriptor(data: AuxiliaryDataDescription): DescriptorSets {
  const { ids, atmos } = data;
  assert(data.coding.length === 32, 'a data coding label has 16 bytes');
  const descriptor: SetToWrite = {
    name: 'dataDescriptor',
    values: {
      instanceId: ids('descriptor'),
      ...(atmos === undefined ? {} : { subDescriptors: [ids('atmos')] }),
      linkedTrackId: ESSENCE_TRACK_ID,
      sampleRate: data.editRate,
      containerDuration: data.durationFrames,
      essenceContainer: CONTAINER.auxiliaryData,
      dataCoding: data.coding,
    },
  };
  if (atmos === undefined) return [descriptor];
  return [
    descriptor,
    {
      name: 'atmosSubDescriptor',
      values: {
        instanceId: ids('atmos'),
        atmosId: atmos.id,
        firstFrame: atmos.firstFrame,
        channelCountMaximum: atmos.channelCountMaximum,
        objectCountMaximum: atmos.objectCountMaximum,
        atmosVersion: atmos.version,
      },
    },
  ];
}
