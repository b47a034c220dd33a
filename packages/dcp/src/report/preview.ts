import {
  concatBytes,
  type Cryptography,
  encodeUtf8,
  type FolderReader,
  type Uuid,
} from '@yinglian/core';
import { createDecoder } from '@yinglian/jpeg2000';
import { openTrackFile } from '../mxf/reader.ts';
import { FrameFault, plainFrames } from '../mxf/unwrap.ts';
import { fromCinemaXyz } from '../picture/xyz.ts';
import type { VerificationReport } from '../verify/report.ts';

/** A small picture of a package, as a person would see it on a screen. */
export type ReportPicture = {
  readonly assetId: Uuid;
  readonly path: string;
  /** Counted from 0 in the track file. */
  readonly frame: number;
  readonly width: number;
  readonly height: number;
  /** Interleaved sRGB, 8 bits. */
  readonly rgb: Uint8Array;
};

/** Which pictures are taken. */
export type PreviewOptions = {
  readonly cryptography: Cryptography;
  /** Keys by key id; what stays closed has no picture. */
  readonly keys?: ReadonlyMap<Uuid, Uint8Array>;
  /** Pictures of each track file. */
  readonly each?: number;
  /** Pictures of all. */
  readonly most?: number;
};

const PICTURES_EACH = 3;
const PICTURES_MAX = 9;
const WIDTH_MAX = 320;

/**
 * A few pictures of the track files of a report, evenly from their length, small. What cannot be
 * decoded has none: why it cannot is among the findings already.
 */
export async function reportPictures(
  folder: FolderReader,
  report: VerificationReport,
  options: PreviewOptions,
): Promise<readonly ReportPicture[]> {
  const pictures: ReportPicture[] = [];
  const each = options.each ?? PICTURES_EACH;
  const decoder = await createDecoder();
  for (const asset of report.assets) {
    if (asset.essence !== 'jpeg2000' && asset.essence !== 'stereoscopic') continue;
    const source = await folder.open(asset.path).catch(() => undefined);
    if (source === undefined) continue;
    try {
      const opened = await openTrackFile(source);
      if (!opened.ok) continue;
      const file = opened.value;
      const keyId = file.info.encryption?.keyId;
      const key = keyId === undefined ? undefined : options.keys?.get(keyId);
      if (file.info.encryption !== undefined && key === undefined) continue;
      for (let index = 0; index < each; index++) {
        if (pictures.length >= (options.most ?? PICTURES_MAX)) return pictures;
        const frame = Math.floor(((index + 0.5) * file.frameCount) / each);
        const reading = { from: frame, count: 1, cryptography: options.cryptography };
        for await (const element of plainFrames(
          file,
          key === undefined ? reading : { ...reading, key },
        )) {
          const small = smallPicture(decoder, element);
          if (small !== undefined) {
            pictures.push({ assetId: asset.id, path: asset.path, frame, ...small });
          }
          // Of two eyes the left one stands for both.
          break;
        }
      }
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
    } finally {
      await source.close?.();
    }
  }
  return pictures;
}

/** Each wavelet level halves the picture; the smallest that is still wide enough is decoded. */
function smallPicture(
  decoder: Awaited<ReturnType<typeof createDecoder>>,
  codestream: Uint8Array,
): Pick<ReportPicture, 'width' | 'height' | 'rgb'> | undefined {
  for (const reduce of [3, 2, 0]) {
    const { width, height, components } = decoder.decode(codestream, { reduce });
    const [x, y, z] = components;
    if (width === 0 || x === undefined || y === undefined || z === undefined) continue;
    const planes = [x, y, z] as const;
    if (planes.some((plane) => plane.length !== width * height)) continue;
    const rgb = fromCinemaXyz(planes, width, height, 'srgb');
    return shrunk(rgb, width, height);
  }
  return undefined;
}

/** Every so manieth pixel, where the smallest level is still too wide. */
function shrunk(rgb: Uint8Array, width: number, height: number) {
  const step = Math.max(1, Math.ceil(width / WIDTH_MAX));
  if (step === 1) return { width, height, rgb };
  const [w, h] = [Math.floor(width / step), Math.floor(height / step)];
  const small = new Uint8Array(w * h * 3);
  for (let row = 0, to = 0; row < h; row++) {
    for (let column = 0; column < w; column++, to += 3) {
      const from = (row * step * width + column * step) * 3;
      small.set(rgb.subarray(from, from + 3), to);
    }
  }
  return { width: w, height: h, rgb: small };
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

const word = (value: number) =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = concatBytes(encodeUtf8(name), data);
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return concatBytes(word(data.length), body, word(~crc >>> 0));
}

const STORED_BLOCK_MAX = 65_535;

/** A PNG whose deflate blocks are stored: larger than need be, and made without any library. */
export function pngOf({ width, height, rgb }: Pick<ReportPicture, 'width' | 'height' | 'rgb'>) {
  const raw = new Uint8Array(height * (1 + width * 3));
  for (let row = 0; row < height; row++) {
    raw.set(rgb.subarray(row * width * 3, (row + 1) * width * 3), row * (1 + width * 3) + 1);
  }
  const blocks: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let at = 0; at < raw.length; at += STORED_BLOCK_MAX) {
    const part = raw.subarray(at, at + STORED_BLOCK_MAX);
    const last = at + part.length >= raw.length ? 1 : 0;
    const [low, high] = [part.length & 0xff, part.length >> 8];
    blocks.push(Uint8Array.of(last, low, high, ~low & 0xff, ~high & 0xff), part);
  }
  let [a, b] = [1, 0];
  for (const byte of raw) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  blocks.push(word(((b << 16) | a) >>> 0));
  return concatBytes(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', concatBytes(word(width), word(height), Uint8Array.of(8, 2, 0, 0, 0))),
    chunk('IDAT', concatBytes(...blocks)),
    chunk('IEND', new Uint8Array(0)),
  );
}
