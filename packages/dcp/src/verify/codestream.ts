import { type Place, ratio } from '@yinglian/core';
import { checkCinema } from '@yinglian/jpeg2000';
import { readCodestreamHead } from '../mxf/codestream-head.ts';
import type { TrackFileInfo } from '../mxf/track-file.ts';
import type { FindingCollector } from './findings.ts';

/** Widest 2K picture (DCSS 1.4.4 3.2.1). */
const WIDTH_2K_MAX = 2048;
/** Told once for the file by its header, and not again for every frame. */
const TOLD_BY_FILE: readonly string[] = [
  'unexpected_picture_size',
  'unexpected_frame_rate',
  'unexpected_stereo',
];

/** One codestream against its file, the cinema profile, and the rules of Bv2.1 where they count. */
export function checkCinemaFrame(
  bytes: Uint8Array,
  frame: number,
  info: TrackFileInfo,
  collector: FindingCollector,
  place: Place,
): void {
  const head = readCodestreamHead(bytes);
  if (head === undefined) {
    collector.addFrame('invalid_codestream', place, frame);
    return;
  }
  const width = head.gridWidth - head.gridOffsetX;
  const height = head.gridHeight - head.gridOffsetY;
  const { picture, editRate } = info;
  if (picture !== undefined && (picture.widthPixels !== width || picture.heightPixels !== height)) {
    collector.addFrame('mismatched_picture_size', place, frame, {
      size: `${width}x${height}`,
      expected: `${picture.widthPixels}x${picture.heightPixels}`,
    });
  }
  const findings = checkCinema(bytes, {
    resolution: width > WIDTH_2K_MAX ? '4k' : '2k',
    frameRate: editRate === undefined ? ratio(24) : ratio(editRate.numerator, editRate.denominator),
    stereo: info.essence === 'stereoscopic',
  });
  for (const each of findings) {
    if (TOLD_BY_FILE.includes(each.code)) continue;
    const bv21 = each.severity === 'warning' && each.clause?.startsWith('RDD 52') === true;
    // What only RDD 52 asks is nothing outside Bv2.1, and a breach of it inside.
    if (bv21 && !collector.bv21) continue;
    const severity = bv21 ? 'error' : each.severity === 'note' ? 'warning' : each.severity;
    collector.takeFrame({ ...each, severity }, place, frame);
  }
}
