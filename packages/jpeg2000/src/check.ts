import { type Facts, type Finding, finding, type Place } from '@yinglian/core';
import {
  CINEMA_BIT_DEPTH,
  CINEMA_BLOCK_LOG2,
  CINEMA_COMPONENTS,
  CINEMA_MBIT_MAX,
  CINEMA_PRECINCT_LOG2,
  CINEMA_PRECINCT_LOWEST_LOG2,
  CINEMA_SIZES,
  cinemaLimits,
} from './cinema.ts';
import { type Codestream, parseCodestream } from './codestream.ts';
import { COC, PLM, PLT, PPM, PPT, QCC, RGN } from './markers.ts';
import type { CinemaOptions } from './model.ts';

/** How a codestream is going to be used. */
export type CinemaCheckOptions = Pick<
  CinemaOptions,
  'resolution' | 'frameRate' | 'stereo' | 'bitRateMbit'
> & {
  /** Put into the place of every finding, for example the number of the frame. */
  readonly at?: Place;
};

/** ISO/IEC 15444-1:2004/Amd.1:2006, the two digital cinema profiles. */
const PROFILE_CLAUSE = 'ISO/IEC 15444-1:2004/Amd.1 A.10.2';
const RATE_CLAUSE = 'DCI DCSS 4.4';
const RDD_CLAUSE = 'RDD 52:2020';
/** RDD 52 names four pictures; DCI allows any that fits its container. */
const RDD_SIZES = {
  '2k': [
    [1998, 1080],
    [2048, 858],
  ],
  '4k': [
    [3996, 2160],
    [4096, 1716],
  ],
} as const;
const RDD_RATES = { '2k': [24n, 25n, 48n], '4k': [24n] } as const;
/** libdcp and most graders warn from here: peaks are near. */
const HIGH_MBIT = 230;
const TILE_PARTS = { '2k': 3, '4k': 6 } as const;
const SOP_EPH_FREE = 'RDD 52:2020';

/**
 * Checks one picture against the digital cinema profile and RDD 52 (Bv2.1). An `error` breaks the
 * profile of ISO/IEC 15444-1 or DCI; a `warning` breaks RDD 52 alone; a `note` is close to a limit.
 * An empty list says that nothing was found.
 */
export function checkCinema(bytes: Uint8Array, options: CinemaCheckOptions): Finding[] {
  const parsed = parseCodestream(bytes);
  const check = new Check(options);
  for (const each of parsed.findings)
    check.findings.push({ ...each, at: { ...options.at, ...each.at } });
  if (!parsed.ok) return check.findings;
  const stream = parsed.value;
  checkSize(check, stream);
  checkCoding(check, stream);
  checkQuantisation(check, stream);
  checkMarkers(check, stream);
  checkTileParts(check, stream);
  checkRates(check, stream, bytes.length);
  return check.findings;
}

class Check {
  readonly findings: Finding[] = [];
  readonly options: CinemaCheckOptions;

  constructor(options: CinemaCheckOptions) {
    this.options = options;
  }

  error(code: string, facts: Facts, clause: string = PROFILE_CLAUSE): void {
    this.findings.push(finding(code, 'error', { facts, clause, at: this.options.at ?? {} }));
  }

  warning(code: string, facts: Facts, clause: string = RDD_CLAUSE): void {
    this.findings.push(finding(code, 'warning', { facts, clause, at: this.options.at ?? {} }));
  }

  note(code: string, facts: Facts): void {
    this.findings.push(finding(code, 'note', { facts, at: this.options.at ?? {} }));
  }

  /** An error unless both are equal. */
  equal(code: string, found: number | string, wanted: number | string): void {
    if (found !== wanted) this.error(code, { found, wanted });
  }
}

function checkSize(check: Check, { size, tilesWide, tilesHigh }: Codestream): void {
  const { resolution } = check.options;
  const limit = CINEMA_SIZES[resolution];
  check.equal('mismatched_profile', size.profile, limit.profile);
  const width = size.x1 - size.x0;
  const height = size.y1 - size.y0;
  const facts = { width, height };
  if (width > limit.width || height > limit.height) {
    check.error('excessive_picture_size', { ...facts, limit: `${limit.width}×${limit.height}` });
  } else if (!RDD_SIZES[resolution].some(([w, h]) => w === width && h === height)) {
    check.warning('unexpected_picture_size', facts);
  }
  if (size.x0 !== 0 || size.y0 !== 0 || size.tileX0 !== 0 || size.tileY0 !== 0) {
    check.error('unexpected_origin', { x: size.x0, y: size.y0 });
  }
  if (tilesWide * tilesHigh !== 1) {
    check.error('unexpected_tiles', { found: tilesWide * tilesHigh, wanted: 1 });
  }
  check.equal('mismatched_component_count', size.components.length, CINEMA_COMPONENTS);
  size.components.forEach((each, component) => {
    if (each.bitDepth !== CINEMA_BIT_DEPTH || each.signed) {
      check.error('mismatched_bit_depth', {
        component,
        found: each.bitDepth,
        wanted: CINEMA_BIT_DEPTH,
      });
    }
    if (each.stepX !== 1 || each.stepY !== 1) check.error('unexpected_subsampling', { component });
  });
}

function checkCoding(check: Check, { parameters }: Codestream): void {
  const coding = parameters.coding!;
  const { levels } = CINEMA_SIZES[check.options.resolution];
  check.equal('mismatched_progression', coding.progression, 'CPRL');
  check.equal('mismatched_layers', coding.layers, 1);
  if (!coding.colourTransform) check.error('missing_colour_transform', {});
  if (coding.reversible) check.error('mismatched_wavelet', { found: '5/3', wanted: '9/7' });
  if (coding.levels > levels)
    check.error('mismatched_levels', { found: coding.levels, wanted: levels });
  else if (coding.levels < levels) {
    check.warning('mismatched_levels', { found: coding.levels, wanted: levels });
  }
  if (coding.blockWidthLog2 !== CINEMA_BLOCK_LOG2 || coding.blockHeightLog2 !== CINEMA_BLOCK_LOG2) {
    const found = `${2 ** coding.blockWidthLog2}×${2 ** coding.blockHeightLog2}`;
    check.error('mismatched_block_size', { found, wanted: '32×32' });
  }
  check.equal('unexpected_block_style', coding.blockStyle, 0);
  const isPrecinct = coding.precincts.every(({ widthLog2, heightLog2 }, resolution) => {
    const wanted = resolution === 0 ? CINEMA_PRECINCT_LOWEST_LOG2 : CINEMA_PRECINCT_LOG2;
    return widthLog2 === wanted && heightLog2 === wanted;
  });
  if (!isPrecinct) {
    const found = coding.precincts.map((each) => `${2 ** each.widthLog2}×${2 ** each.heightLog2}`);
    check.error('mismatched_precincts', { found, wanted: '128×128, 256×256' });
  }
  if (coding.packetStarts || coding.headerEnds) {
    check.warning('unexpected_packet_markers', {}, SOP_EPH_FREE);
  }
}

function checkQuantisation(check: Check, { parameters }: Codestream): void {
  const quantisation = parameters.quantisation!;
  check.equal('mismatched_quantisation', quantisation.style, 'expounded');
  const wanted = CINEMA_SIZES[check.options.resolution].guardBits;
  if (quantisation.guardBits !== wanted) {
    check.warning('mismatched_guard_bits', { found: quantisation.guardBits, wanted });
  }
}

const FORBIDDEN = [COC, QCC, RGN, PPM, PPT];
const DISCOURAGED = [PLM, PLT];

function checkMarkers(check: Check, stream: Codestream): void {
  const all = [...stream.segments, ...stream.tileParts.flatMap((part) => part.segments)];
  for (const { marker, name, offset } of all) {
    if (FORBIDDEN.includes(marker)) check.error('forbidden_marker', { marker: name, offset });
    if (DISCOURAGED.includes(marker)) check.warning('forbidden_marker', { marker: name, offset });
  }
  checkProgressionChange(check, stream);
  if (stream.partLengths.length === 0) check.error('missing_part_lengths', {});
  else {
    const found = stream.partLengths.map((each) => each.bytes);
    const wanted = stream.tileParts.map((part) => part.dataEnd - part.offset);
    if (found.length !== wanted.length || found.some((bytes, i) => bytes !== wanted[i])) {
      check.error('mismatched_part_lengths', {
        found: found.map(String),
        wanted: wanted.map(String),
      });
    }
  }
  if (!stream.ended) check.error('missing_end_marker', {}, 'ISO/IEC 15444-1 A.4.4');
}

/** 2K has none; 4K has exactly one, in the main header: the 2K part, then the rest. */
function checkProgressionChange(check: Check, stream: Codestream): void {
  const inParts = stream.tileParts.reduce((sum, part) => sum + part.parameters.volumeSegments, 0);
  const { volumeSegments, volumes, coding } = stream.parameters;
  const count = volumeSegments + inParts;
  if (check.options.resolution === '2k') {
    if (count > 0) check.error('unexpected_progression_change', { found: count });
    return;
  }
  if (volumeSegments !== 1 || inParts > 0) {
    check.error('missing_progression_change', { found: count, wanted: 1 });
    return;
  }
  const { levels } = coding!;
  const wanted = [
    [0, levels],
    [levels, levels + 1],
  ];
  const isRight =
    volumes.length === 2 &&
    volumes.every(
      (volume, i) =>
        volume.progression === 'CPRL' &&
        volume.componentStart === 0 &&
        volume.componentEnd >= CINEMA_COMPONENTS &&
        volume.resolutionStart === wanted[i]![0] &&
        volume.resolutionEnd === wanted[i]![1],
    );
  if (!isRight) check.error('mismatched_progression_change', { found: volumes.length });
}

function checkTileParts(check: Check, { tileParts }: Codestream): void {
  const wanted = TILE_PARTS[check.options.resolution];
  if (tileParts.length !== wanted) {
    check.error('mismatched_tile_parts', { found: tileParts.length, wanted });
  }
  const isOrdered = tileParts.every((each, index) => each.part === index);
  if (!isOrdered) check.error('mismatched_tile_part_order', {});
}

function checkRates(check: Check, stream: Codestream, givenBytes: number): void {
  const { options } = check;
  const { resolution, frameRate, stereo } = options;
  const isRate =
    frameRate.denominator === 1n &&
    (RDD_RATES[resolution] as readonly bigint[]).includes(frameRate.numerator);
  if (!isRate) {
    check.warning('unexpected_frame_rate', {
      rate: `${frameRate.numerator}/${frameRate.denominator}`,
    });
  }
  if (stereo === true && resolution === '4k') check.warning('unexpected_stereo', {});
  const limits = cinemaLimits({ ...options, bitRateMbit: options.bitRateMbit ?? CINEMA_MBIT_MAX });
  const facts = { bytes: givenBytes, limit: limits.frameBytes };
  if (givenBytes > limits.frameBytes) check.error('excessive_frame_bytes', facts, RATE_CLAUSE);
  else if (
    givenBytes * CINEMA_MBIT_MAX > limits.frameBytes * HIGH_MBIT &&
    options.bitRateMbit === undefined
  ) {
    check.note('high_bit_rate', facts);
  }
  const components = [0, 0, 0];
  stream.tileParts.forEach((part, index) => {
    const component = index % CINEMA_COMPONENTS;
    components[component]! += part.dataEnd - part.offset;
  });
  if (stream.tileParts.length !== TILE_PARTS[resolution]) return;
  components.forEach((bytes, component) => {
    if (bytes <= limits.componentBytes) return;
    const excess = { component, bytes, limit: limits.componentBytes };
    check.error('excessive_component_bytes', excess, RATE_CLAUSE);
  });
}
