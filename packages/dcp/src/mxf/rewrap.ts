import {
  accepted,
  type ByteSink,
  type Cryptography,
  type Finding,
  finding,
  type Outcome,
  refused,
} from '@yinglian/core';
import {
  CHANNELS,
  type ChannelLayout,
  type ChannelName,
  SOUNDFIELDS,
  type SoundfieldName,
} from './channels.ts';
import { readResource, type TrackFile } from './reader.ts';
import { plainFrames, FrameFault } from './unwrap.ts';
import type { SoundInfo } from './track-file.ts';
import type {
  EncryptionToWrite,
  TimedTextResource,
  TrackFileOptions,
  TrackFileSummary,
  WriterPorts,
} from './track-file-writer.ts';
import {
  writeAuxiliaryDataTrackFile,
  writePictureTrackFile,
  writerSupports,
  writeSoundTrackFile,
  writeTimedTextTrackFile,
} from './writer.ts';
import { parseTriplet, tripletOpener } from './encryption.ts';

/** Identity and keys of the new file. */
export type RewrapOptions = Pick<TrackFileOptions, 'identity' | 'signal' | 'onFrame'> & {
  /** Opens the frames where the file is encrypted. */
  readonly key?: Uint8Array;
  /** Encrypts the new file; left out, it is plain. */
  readonly encryption?: EncryptionToWrite;
};

/**
 * Writes a track file anew from another one: to encrypt it, to decrypt it, to change its key, its
 * asset id or its label set. The essence stays byte for byte what it was.
 */
export async function rewrapTrackFile(
  file: TrackFile,
  sink: ByteSink,
  ports: WriterPorts,
  options: RewrapOptions,
): Promise<Outcome<TrackFileSummary>> {
  const { info } = file;
  const editRate = info.editRate;
  if (editRate === undefined || !writerSupports(info.essence)) {
    return refused(
      finding('unexpected_essence', 'error', { facts: { container: info.container ?? '' } }),
    );
  }
  const reading = {
    cryptography: ports.cryptography,
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const common: TrackFileOptions = {
    identity: options.identity,
    editRate,
    ...(options.encryption === undefined ? {} : { encryption: options.encryption }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onFrame === undefined ? {} : { onFrame: options.onFrame }),
  };
  const frames = () => plainFrames(file, reading);
  try {
    switch (info.essence) {
      case 'jpeg2000':
      case 'stereoscopic':
        return await writePictureTrackFile(sink, ports, {
          ...common,
          frames: frames(),
          stereoscopic: info.essence === 'stereoscopic',
        });
      case 'pcm': {
        const { layout, findings } = layoutOfSound(info.sound!);
        const language = info.sound!.soundfields[0]?.language;
        const rate = info.sound!.samplingRate!;
        const written = await writeSoundTrackFile(sink, ports, {
          ...common,
          samples: frames(),
          samplingRateHz: rate.numerator / rate.denominator,
          channelCount: info.sound!.channelCount,
          ...(layout === undefined ? {} : { layout }),
          ...(language === undefined ? {} : { language }),
        });
        return { ...written, findings: [...findings, ...written.findings] };
      }
      case 'timed_text':
        return await rewrapText(file, sink, ports, options, common);
      default:
        return await writeAuxiliaryDataTrackFile(sink, ports, {
          ...common,
          frames: frames(),
          ...(info.data?.coding === undefined ? {} : { coding: info.data.coding }),
          ...(info.data?.atmos === undefined ? {} : { atmos: info.data.atmos }),
        });
    }
  } catch (error) {
    if (error instanceof FrameFault) return refused(error.finding);
    throw error;
  }
}

async function rewrapText(
  file: TrackFile,
  sink: ByteSink,
  ports: WriterPorts,
  options: RewrapOptions,
  common: TrackFileOptions,
): Promise<Outcome<TrackFileSummary>> {
  const { info } = file;
  const text = info.timedText!;
  const documents: Uint8Array[] = [];
  const reading = {
    cryptography: ports.cryptography,
    ...(options.key === undefined ? {} : { key: options.key }),
  };
  for await (const element of plainFrames(file, reading)) documents.push(element);
  const resources = await readResources(file, reading);
  if (!resources.ok) return resources;
  const { expected: _expected, onFrame: _onFrame, ...rest } = common;
  return writeTimedTextTrackFile(sink, ports, {
    ...rest,
    document: documents[0]!,
    resourceId: text.resourceId ?? '',
    resources: resources.value,
    namespaceName: text.namespaceName ?? '',
    durationFrames: info.durationFrames ?? 0,
  });
}

/** Fonts and pictures of a timed text file, opened with its key where it is encrypted. */
export async function readResources(
  file: TrackFile,
  reading: { readonly cryptography: Cryptography; readonly key?: Uint8Array },
): Promise<Outcome<readonly TimedTextResource[]>> {
  const resources: TimedTextResource[] = [];
  for (const { id, mediaType, streamId } of file.info.timedText?.resources ?? []) {
    const element = await readResource(file, streamId);
    if (element === undefined || id === undefined) {
      return refused(
        finding('missing_timed_text_resource', 'error', {
          facts: { resource: id ?? String(streamId) },
        }),
      );
    }
    let bytes = element.value;
    if (element.encrypted) {
      if (reading.key === undefined) return refused(finding('missing_key', 'error'));
      const triplet = parseTriplet(element.value);
      const opener = tripletOpener(reading.cryptography, reading.key, file.info.labels ?? 'smpte');
      const opened = triplet === undefined ? undefined : opener.open(triplet);
      if (opened === undefined) return refused(finding('mismatched_key', 'error'));
      bytes = opened;
    }
    resources.push({ id, mediaType: mediaType ?? 'application/octet-stream', bytes });
  }
  return accepted(resources);
}

/**
 * The layout as the labels of a sound file tell it; a channel whose label is unknown here stays
 * without one, and without a known soundfield there is no layout. Either is told.
 */
export function layoutOfSound(sound: SoundInfo): {
  readonly layout: ChannelLayout | undefined;
  readonly findings: readonly Finding[];
} {
  const { soundfields, channels, channelCount } = sound;
  const unknown = (symbol: string, channel: number | undefined) =>
    finding('unknown_channel_label', 'warning', { facts: { symbol, channel: channel ?? 0 } });
  const [field] = soundfields;
  if (field === undefined) return { layout: undefined, findings: [] };
  const soundfield = (Object.keys(SOUNDFIELDS) as SoundfieldName[]).find(
    (name) => SOUNDFIELDS[name].symbol === field.symbol,
  );
  if (soundfield === undefined) {
    return { layout: undefined, findings: [unknown(field.symbol, undefined)] };
  }
  const slots: (ChannelName | undefined)[] = Array.from({ length: channelCount }, () => undefined);
  const languages: (string | undefined)[] = slots.map(() => undefined);
  const findings: Finding[] = [];
  for (const { symbol, channel, language } of channels) {
    const name = (Object.keys(CHANNELS) as ChannelName[]).find(
      (each) => CHANNELS[each].symbol === symbol,
    );
    const there = channel !== undefined && channel >= 1 && channel <= channelCount;
    if (name !== undefined && there) {
      slots[channel - 1] = name;
      languages[channel - 1] = language;
    } else findings.push(unknown(symbol, channel));
  }
  const differ = languages.some((each) => each !== undefined && each !== field.language);
  return { layout: { soundfield, slots, ...(differ ? { languages } : {}) }, findings };
}
