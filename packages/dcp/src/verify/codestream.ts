import type { Place } from '@yinglian/core';
import { type Codestream, parseCodestream } from '@yinglian/jpeg2000';
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
  const outcome = parseCodestream(bytes);
  if (!outcome.ok || outcome.findings.length > 0) {
    const reason = outcome.findings[0]?.code ?? '';
    collector.addFrame('invalid_codestream', place, frame, { reason });
    if (!outcome.ok) return;
  }
  const { size } = outcome.value;
  const [width, height] = [size.x1 - size.x0, size.y1 - size.y0];
  const { picture } = info;
  if (picture !== undefined && (picture.widthPixels !== width || picture.heightPixels !== height)) {
    collector.addFrame('mismatched_picture_size', place, frame, {
      size: `${width}x${height}`, expected: `${picture.widthPixels}x${picture.heightPixels}`,
    });
  }
  checkProfile(outcome.value, width, frame, collector, place);
  checkComponents(outcome.value, frame, frameBytesMax(info, COMPONENT_BYTES_PER_SECOND), collector, place);
}

/** DCSS 1.4.4 4.4: 200 Mbit/s for one colour component. */
const COMPONENT_BYTES_PER_SECOND = 25_000_000;
/** Widest 2K picture (DCSS 1.4.4 3.2.1). */
const WIDTH_2K_MAX = 2048;
const COMPONENTS = 3;
const BLOCK_LOG2 = 5;
const PRECINCT_LOWEST_LOG2 = 7;
const PRECINCT_LOG2 = 8;

/**
 * ISO/IEC 15444-1 Table A.45 (digital cinema profiles), one row for each thing that may differ. A
 * frame with many faults is told by the first, as all of them have one remedy.
 */
function checkProfile(
  { size, parameters, tileParts, partLengths, tilesWide, tilesHigh }: Codestream, width: number,
  frame: number, collector: FindingCollector, place: Place,
): void {
  const fourK = width > WIDTH_2K_MAX;
  const coding = parameters.coding!;
  const guardBits = parameters.quantisation!.guardBits;
  const wantedGuardBits = fourK ? 2 : 1;
  if (guardBits !== wantedGuardBits) {
    collector.addFrame('unexpected_guard_bits', place, frame, { bits: guardBits, expected: wantedGuardBits });
  }
  const wanted = fourK ? 6 : 3;
  const rows: readonly (readonly [item: string, value: number | string, expected: number | string])[] = [
    ['Rsiz', size.profile, fourK ? 4 : 3],
    ['tiles', tilesWide * tilesHigh, 1],
    ['components', size.components.length, COMPONENTS],
    ['bit_depth', size.components[0]?.bitDepth ?? 0, 12],
    ['layers', coding.layers, 1],
    ['progression', coding.progression, 'CPRL'],
    ['colour_transform', String(coding.colourTransform), 'true'],
    ['wavelet', coding.reversible ? '5/3' : '9/7', '9/7'],
    ['block_width', 2 ** coding.blockWidthLog2, 2 ** BLOCK_LOG2],
    ['block_height', 2 ** coding.blockHeightLog2, 2 ** BLOCK_LOG2],
    ['block_style', coding.blockStyle, 0],
    ['precincts', precinctText(coding.precincts), precinctText(expectedPrecincts(coding.levels))],
    ['progression_changes', parameters.volumeSegments, fourK ? 1 : 0],
    ['tile_parts', tileParts.length, wanted],
    ['TLM', partLengths.length === 0 ? 'absent' : 'present', 'present'],
  ];
  for (const [item, value, expected] of rows) {
    if (value === expected) continue;
    collector.addFrame('unexpected_codestream', place, frame, { item, value, expected });
    return;
  }
  const levelsMax = fourK ? 6 : 5;
  if (coding.levels > levelsMax || coding.levels < 1) {
    collector.addFrame('unexpected_codestream', place, frame, {
      item: 'levels', value: coding.levels, expected: levelsMax,
    });
  }
}

type Precinct = { readonly widthLog2: number; readonly heightLog2: number };

function expectedPrecincts(levels: number): Precinct[] {
  return Array.from({ length: levels + 1 }, (_, resolution) => {
    const log2 = resolution === 0 ? PRECINCT_LOWEST_LOG2 : PRECINCT_LOG2;
    return { widthLog2: log2, heightLog2: log2 };
  });
}

function precinctText(precincts: readonly Precinct[]): string {
  return precincts.map(({ widthLog2, heightLog2 }) => `${2 ** widthLog2}x${2 ** heightLog2}`).join(' ');
}

/** With the tile-parts of the profile, one after the other belong to the components in order. */
function checkComponents(
  { tileParts }: Codestream, frame: number, limit: number, collector: FindingCollector, place: Place,
): void {
  if (tileParts.length % COMPONENTS !== 0) return;
  for (let component = 0; component < COMPONENTS; component++) {
    let bytes = 0;
    for (let i = component; i < tileParts.length; i += COMPONENTS) {
      bytes += tileParts[i]!.dataEnd - tileParts[i]!.offset;
    }
    if (bytes > limit) {
      collector.addFrame('excessive_component_size', place, frame, { component, bytes, limit });
      return;
    }
  }
}
