import { accepted, type ByteSource, finding, type Outcome, refused } from '@yinglian/core';
import { PCM_SAMPLE_BYTES } from '../mxf/descriptors.ts';

/** Where the samples of a WAVE file lie and what they are. */
export type WaveFile = {
  readonly source: ByteSource;
  readonly samplingRateHz: number;
  readonly channelCount: number;
  /** As stored: 16, 24 or 32 bits of integer, or 32 bits of float. */
  readonly bits: number;
  readonly float: boolean;
  readonly dataOffset: number;
  /** Samples of each channel. */
  readonly sampleCount: number;
};

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;
/** Chunks before the samples: a Broadcast Wave has a handful. */
const CHUNKS_MAX = 200;
const CHANNELS_MAX = 64;
/** A RIFF of 4 GiB says so, and its size stands in `ds64` (EBU Tech 3306, ITU-R BS.2088). */
const SIZE_IN_DS64 = 0xffff_ffff;

const text = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

/**
 * Opens a WAVE, RF64 or BW64 file of integer or float PCM. Other coders are refused by name. A
 * file whose header promises more than it has is read to its end, with a warning.
 */
export async function openWave(source: ByteSource, file: string): Promise<Outcome<WaveFile>> {
  const head = await source.read(0, 12);
  const form = head.length === 12 ? text(head, 0) : '';
  if (!['RIFF', 'RF64', 'BW64'].includes(form) || text(head, 8) !== 'WAVE') {
    return refused(finding('invalid_sound_file', 'error', { at: { file } }));
  }
  let at = 12;
  let largeBytes: number | undefined;
  let format: WaveFormat | undefined;
  for (let count = 0; count < CHUNKS_MAX && at + 8 <= source.sizeBytes; count++) {
    const chunk = await source.read(at, 8);
    const view = new DataView(chunk.buffer, chunk.byteOffset, 8);
    const name = text(chunk, 0);
    const size = view.getUint32(4, true);
    if (name === 'ds64') {
      const bytes = await source.read(at + 8, 16);
      if (bytes.length === 16) {
        largeBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8, true));
      }
    } else if (name === 'fmt ') {
      format = readFormat(await source.read(at + 8, Math.min(size, 40)));
    } else if (name === 'data') {
      // Some writers leave ds64 out: all that is there is sound then, however much it is.
      const rest = Math.max(size, source.sizeBytes - at - 8);
      const promised = size === SIZE_IN_DS64 ? (largeBytes ?? rest) : size;
      return waveOf(source, file, format, at + 8, promised);
    }
    at += 8 + size + (size % 2);
  }
  return refused(finding('invalid_sound_file', 'error', { at: { file } }));
}

/** Bytes of what {@link waveHead} gives. */
export const WAVE_HEAD_BYTES = 80;
const DS64_BYTES = 28;

/**
 * The head of a WAVE file of integers. What RIFF cannot count becomes RF64, for whose sizes room is
 * kept in a chunk of junk (EBU Tech 3306), so that a head of one length can be written afterwards.
 */
export function waveHead(sound: {
  readonly channelCount: number;
  readonly samplingRateHz: number;
  readonly bits: number;
  readonly dataBytes: number;
}): Uint8Array {
  const { channelCount, samplingRateHz, bits, dataBytes } = sound;
  const head = new Uint8Array(WAVE_HEAD_BYTES);
  const view = new DataView(head.buffer);
  const put = (at: number, name: string) =>
    head.set(
      Uint8Array.from(name, (letter) => letter.charCodeAt(0)),
      at,
    );
  const align = channelCount * Math.ceil(bits / 8);
  const riffBytes = WAVE_HEAD_BYTES - 8 + dataBytes + (dataBytes % 2);
  const large = riffBytes >= SIZE_IN_DS64;
  put(0, large ? 'RF64' : 'RIFF');
  view.setUint32(4, large ? SIZE_IN_DS64 : riffBytes, true);
  put(8, 'WAVE');
  put(12, large ? 'ds64' : 'JUNK');
  view.setUint32(16, DS64_BYTES, true);
  if (large) {
    view.setBigUint64(20, BigInt(riffBytes), true);
    view.setBigUint64(28, BigInt(dataBytes), true);
    view.setBigUint64(36, BigInt(Math.floor(dataBytes / align)), true);
  }
  put(48, 'fmt ');
  view.setUint32(52, 16, true);
  view.setUint16(56, FORMAT_PCM, true);
  view.setUint16(58, channelCount, true);
  view.setUint32(60, samplingRateHz, true);
  view.setUint32(64, samplingRateHz * align, true);
  view.setUint16(68, align, true);
  view.setUint16(70, bits, true);
  put(72, 'data');
  view.setUint32(76, large ? SIZE_IN_DS64 : dataBytes, true);
  return head;
}

type WaveFormat = {
  readonly code: number;
  readonly channelCount: number;
  readonly samplingRateHz: number;
  readonly bits: number;
};

function readFormat(bytes: Uint8Array): WaveFormat | undefined {
  if (bytes.length < 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const code = view.getUint16(0, true);
  return {
    // The first two bytes of the sub-format's GUID are the code that would stand here.
    code: code === FORMAT_EXTENSIBLE && bytes.length >= 26 ? view.getUint16(24, true) : code,
    channelCount: view.getUint16(2, true),
    samplingRateHz: view.getUint32(4, true),
    bits: view.getUint16(14, true),
  };
}

function waveOf(
  source: ByteSource,
  file: string,
  format: WaveFormat | undefined,
  dataOffset: number,
  promised: number,
): Outcome<WaveFile> {
  const known =
    format !== undefined &&
    ((format.code === FORMAT_PCM && [16, 24, 32].includes(format.bits)) ||
      (format.code === FORMAT_FLOAT && format.bits === 32));
  const { channelCount = 0, samplingRateHz = 0, bits = 0, code = 0 } = format ?? {};
  if (!known || channelCount < 1 || channelCount > CHANNELS_MAX || samplingRateHz < 1) {
    const facts = { coder: code, bits, channels: channelCount };
    return refused(finding('unsupported_sound_file', 'error', { at: { file }, facts }));
  }
  const there = Math.min(promised, source.sizeBytes - dataOffset);
  const sampleCount = Math.floor(there / (channelCount * (bits / 8)));
  const wave: WaveFile = {
    source,
    samplingRateHz,
    channelCount,
    bits,
    float: code === FORMAT_FLOAT,
    dataOffset,
    sampleCount,
  };
  if (there === promised) return accepted(wave);
  const facts = { bytes: there, expected: promised };
  return accepted(wave, [finding('truncated_sound_file', 'warning', { at: { file }, facts })]);
}

const PIECE_SAMPLES = 48_000;

/**
 * The samples as interleaved 24-bit little endian, a second or so at a time, as track files take
 * them. 16 bits are widened; 32 bits and floats are rounded to nearest, and what is louder than
 * full scale is clipped.
 */
export async function* wavePcm(wave: WaveFile): AsyncGenerator<Uint8Array> {
  const stride = wave.channelCount * (wave.bits / 8);
  for (let sample = 0; sample < wave.sampleCount; sample += PIECE_SAMPLES) {
    const count = Math.min(PIECE_SAMPLES, wave.sampleCount - sample);
    const bytes = await wave.source.read(wave.dataOffset + sample * stride, count * stride);
    if (bytes.length < count * stride) throw new RangeError('a sound file is shorter than it was');
    yield wave.bits === 24 ? bytes : converted(bytes, wave);
  }
}

const FULL_SCALE = 0x7f_ffff;

function converted(bytes: Uint8Array, { bits, float }: WaveFile): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const width = bits / 8;
  const samples = bytes.length / width;
  const pcm = new Uint8Array(samples * PCM_SAMPLE_BYTES);
  for (let i = 0, to = 0; i < samples; i++, to += PCM_SAMPLE_BYTES) {
    let value: number;
    if (float) {
      const scaled = view.getFloat32(i * width, true) * (FULL_SCALE + 1);
      value = Number.isNaN(scaled) ? 0 : Math.round(scaled);
    } else if (bits === 16) value = view.getInt16(i * width, true) << 8;
    else value = Math.round(view.getInt32(i * width, true) / 256);
    value = Math.max(-FULL_SCALE - 1, Math.min(FULL_SCALE, value));
    pcm[to] = value & 0xff;
    pcm[to + 1] = (value >> 8) & 0xff;
    pcm[to + 2] = (value >> 16) & 0xff;
  }
  return pcm;
}
