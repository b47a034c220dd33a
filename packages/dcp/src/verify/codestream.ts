import type { Place } from '@yinglian/core';
import { parseCodestream } from '@yinglian/jpeg2000';
import { readCodestreamHead } from '../mxf/codestream-head.ts';
import type { TrackFileInfo } from '../mxf/track-file.ts';
import type { FindingCollector } from './findings.ts';

/** DCSS 1.4.4 4.4: 250 Mbit/s for the picture, both eyes together, in bytes per second. */
const PICTURE_BYTES_PER_SECOND = 31_250_000;
/** From here libdcp and mastering houses warn: 230 Mbit/s leaves no room for a busy frame. */
const LARGE_BYTES_PER_SECOND = 28_750_000;

export function frameBytesMax(info: TrackFileInfo, perSecond: number = PICTURE_BYTES_PER_SECOND): number {
  // The sample rate counts both eyes of a stereoscopic file, as ST 429-10 has it.
  const rate = info.picture?.sampleRate ?? info.editRate ?? { numerator: 24, denominator: 1 };
  return Math.floor((perSecond * rate.denominator) / rate.numerator);
}

/** Size and form of one codestream against its file and the cinema profile. */
export function checkCinemaFrame(
  bytes: Uint8Array, frame: number, info: TrackFileInfo, collector: FindingCollector, place: Place,
): void {
  const limit = frameBytesMax(info);
  if (bytes.length > limit) {
    collector.addFrame('excessive_frame_size', place, frame, { bytes: bytes.length, limit });
  } else if (bytes.length > frameBytesMax(info, LARGE_BYTES_PER_SECOND)) {
    collector.addFrame('large_frame_size', place, frame, { bytes: bytes.length, limit });
  }
  const head = readCodestreamHead(bytes);
  if (head === undefined) {
    collector.addFrame('invalid_codestream', place, frame);
    return;
  }
  const width = head.gridWidth - head.gridOffsetX;
  const height = head.gridHeight - head.gridOffsetY;
  const { picture } = info;
  if (picture !== undefined && (picture.widthPixels !== width || picture.heightPixels !== height)) {
    collector.addFrame('mismatched_picture_size', place, frame, {
      size: `${width}x${height}`, expected: `${picture.widthPixels}x${picture.heightPixels}`,
    });
  }
  void parseCodestream;
}
