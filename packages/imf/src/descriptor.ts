import { compareRatio, type Facts, type Finding, finding, type Place, ratio } from '@yinglian/core';
import {
  childElement,
  childElements,
  elementsWithin,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import {
  APPLICATION_2_SYSTEMS,
  CODING_LEVELS,
  COLOUR_SYSTEMS,
  type ColourSystem,
  type Compression,
  compressionOf,
  labelDigits,
  tailOf,
} from './labels.ts';
import type { Application, EssenceDescriptor } from './model.ts';
import { ratioOf } from './read.ts';

/** Says a fault of one descriptor. */
type Tell = (code: string, facts?: Facts, severity?: Finding['severity']) => void;

/** The text of the first descendant property of that name that stands directly in a descriptor. */
export function propertyOf(descriptor: XmlElement, name: string): string | undefined {
  const child = childElements(descriptor).find(({ local }) => local === name);
  return child === undefined ? undefined : textOf(child);
}

function numberOf(descriptor: XmlElement, name: string): number | undefined {
  const text = propertyOf(descriptor, name);
  return text !== undefined && /^-?\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/** Whether a descriptor is of a picture. */
export function isPictureDescriptor({ kind }: EssenceDescriptor): boolean {
  return kind === 'CDCIDescriptor' || kind === 'RGBADescriptor';
}

/** Picture rates of television and cinema that the applications take. */
const RATES = ['24', '25', '30', '48', '50', '60', '96', '100', '120'].flatMap((text) => {
  const rate = BigInt(text);
  return rate % 6n === 0n ? [ratio(rate), ratio(rate * 1000n, 1001n)] : [ratio(rate)];
});
const CLAUSE = 'ST 2067-21 6';

/**
 * Judges the descriptor of the main picture by application 2 or 2E: kind, sizes, rate, sampling,
 * depth and levels, colour system, compression and its sub-descriptor.
 */
export function checkPicture(
  descriptor: EssenceDescriptor,
  application: Application,
  at: Place,
): Finding[] {
  const findings: Finding[] = [];
  const place = { ...at, descriptor: descriptor.id ?? '' };
  const clause = application.name === '2' ? 'ST 2067-20 6' : CLAUSE;
  const tell: Tell = (code, facts = {}, severity = 'error') =>
    void findings.push(finding(code, severity, { at: place, facts, clause }));
  const of = descriptor.element;
  if (!isPictureDescriptor(descriptor)) {
    tell('unexpected_picture_descriptor', { kind: descriptor.kind });
    return findings;
  }
  const size = checkSize(of, application, tell);
  const rate = ratioOf(propertyOf(of, 'SampleRate'));
  if (rate === undefined || !RATES.some((each) => compareRatio(each, rate) === 0)) {
    tell('unsupported_sample_rate', { rate: propertyOf(of, 'SampleRate') ?? '' });
  }
  const layout = propertyOf(of, 'FrameLayout');
  if (layout !== 'FullFrame' && layout !== 'SeparateFields') {
    tell('unsupported_frame_layout', { layout: layout ?? '' });
  }
  const depth = descriptor.kind === 'CDCIDescriptor' ? checkCdci(of, tell) : checkRgba(of, tell);
  const depths = application.name === '2' ? [8, 10] : [8, 10, 12, 16];
  if (depth !== undefined && !depths.includes(depth))
    tell('unsupported_component_depth', { depth });
  checkColour(of, descriptor.kind === 'CDCIDescriptor', application, tell);
  const compression = checkCompression(of, application, size, tell);
  if (compression !== undefined) checkCodestream(of, descriptor.kind, depth, size, tell);
  return findings;
}

type Size = { readonly width: number; readonly height: number } | undefined;

function checkSize(of: XmlElement, application: Application, tell: Tell): Size {
  const [width, height] = [numberOf(of, 'StoredWidth'), numberOf(of, 'StoredHeight')];
  if (width === undefined || height === undefined || width <= 0 || height <= 0) {
    tell('invalid_picture_size', { width: width ?? '', height: height ?? '' });
    return undefined;
  }
  // Makers write the height of the frame for fields as well, where ST 377-1 has that of a field.
  const [widest, highest] = sizeLimits(application);
  if (width > widest || height > highest) {
    tell('excessive_picture_size', { width, height, widest, highest });
  }
  return { width, height };
}

function sizeLimits({ name, edition }: Application): readonly [number, number] {
  if (name === '2') return [1920, 1080];
  if (edition === '2014' || edition === '2015') return [3840, 2160];
  return edition === '2021' || edition === '5ED' ? [8192, 6224] : [4096, 3112];
}

/** YCbCr is 4:2:2 with the levels of its depth (ST 2067-21 6.2.4). */
function checkCdci(of: XmlElement, tell: Tell): number | undefined {
  const depth = numberOf(of, 'ComponentDepth');
  const across = numberOf(of, 'HorizontalSubsampling');
  // Left out, there is no vertical subsampling (ST 377-1 F.4.2).
  const down = numberOf(of, 'VerticalSubsampling') ?? 1;
  if (across !== 2 || down !== 1) {
    tell('unsupported_sampling', { horizontal: across ?? '', vertical: down });
  }
  if (depth === undefined) {
    tell('missing_descriptor_property', { property: 'ComponentDepth' });
    return undefined;
  }
  const expected = CODING_LEVELS.get(depth);
  const found = ['BlackRefLevel', 'WhiteRefLevel', 'ColorRange'].map((name) => numberOf(of, name));
  if (expected !== undefined && expected.some((level, index) => found[index] !== level)) {
    const shown = found.map((level) => level ?? '–').join('/');
    tell('unsupported_quantization', { depth, levels: shown, expected: expected.join('/') });
  }
  return depth;
}

/** RGB has all its codes, or the levels of television. */
function checkRgba(of: XmlElement, tell: Tell): number | undefined {
  const layout = childElement(of, 'PixelLayout');
  const components = layout === undefined ? [] : componentsOf(layout);
  const [min, max] = [numberOf(of, 'ComponentMinRef'), numberOf(of, 'ComponentMaxRef')];
  const fromLayout = components.find(({ code }) => /red|green|blue/i.test(code))?.size;
  // Without a layout the levels themselves tell the depth.
  const depth = fromLayout ?? depthOfLevels(min, max);
  if (depth === undefined) {
    tell('missing_descriptor_property', { property: 'PixelLayout' });
    return undefined;
  }
  const video = CODING_LEVELS.get(depth);
  const full = min === 0 && max === 2 ** depth - 1;
  if (!full && (min !== video?.[0] || max !== video?.[1])) {
    const expected = `0/${2 ** depth - 1} ${video?.slice(0, 2).join('/') ?? ''}`.trim();
    tell('unsupported_quantization', { depth, levels: `${min ?? '–'}/${max ?? '–'}`, expected });
  }
  return depth;
}

function depthOfLevels(min: number | undefined, max: number | undefined): number | undefined {
  for (const [depth, [black, white]] of CODING_LEVELS) {
    if ((min === 0 && max === 2 ** depth - 1) || (min === black && max === white)) return depth;
  }
  return undefined;
}

/** Components of a layout, those that are nothing left out. */
function componentsOf(layout: XmlElement): { readonly code: string; readonly size: number }[] {
  return [...elementsWithin(layout)]
    .filter(({ local }) => local === 'RGBAComponent')
    .map((each) => {
      const part = (name: string) => childElements(each).find(({ local }) => local === name);
      const [code, size] = [part('Code'), part('ComponentSize') ?? part('Depth')];
      return {
        code: code === undefined ? '' : textOf(code),
        size: size === undefined ? Number.NaN : Number(textOf(size)),
      };
    })
    .filter(({ code }) => !/^CompNull$/i.test(code));
}

function checkColour(of: XmlElement, ycbcr: boolean, application: Application, tell: Tell): void {
  const tail = (name: string) => {
    const digits = labelDigits(propertyOf(of, name));
    return digits === undefined ? undefined : tailOf(digits);
  };
  const [primaries, transfer, equations] = [
    tail('ColorPrimaries'),
    tail('TransferCharacteristic'),
    tail('CodingEquations'),
  ];
  const fits = (system: ColourSystem) =>
    system.primaries === primaries &&
    system.transfer === transfer &&
    (ycbcr ? system.equations !== undefined && system.equations === equations : true);
  const found = COLOUR_SYSTEMS.find(fits);
  const facts = {
    primaries: propertyOf(of, 'ColorPrimaries') ?? '–',
    transfer: propertyOf(of, 'TransferCharacteristic') ?? '–',
    equations: propertyOf(of, 'CodingEquations') ?? '–',
  };
  if (found === undefined) tell('unsupported_colour_system', facts);
  else if (application.name === '2' && !APPLICATION_2_SYSTEMS.includes(found.name)) {
    tell('unsupported_colour_system', facts);
  } else if (!ycbcr && propertyOf(of, 'CodingEquations') !== undefined) {
    tell('unexpected_coding_equations', facts, 'warning');
  }
}

function checkCompression(
  of: XmlElement,
  application: Application,
  size: Size,
  tell: Tell,
): Compression | undefined {
  const text = propertyOf(of, 'PictureCompression');
  const digits = labelDigits(text);
  const compression = digits === undefined ? undefined : compressionOf(tailOf(digits));
  const later = ['2021', '5ED'].includes(application.edition);
  const known =
    compression !== undefined &&
    (compression.family !== 'ht' || later) &&
    (compression.widthMax <= 4096 || later);
  if (!known) {
    tell('unsupported_compression', { compression: text ?? '–', application: application.name });
    return undefined;
  }
  if (
    size !== undefined &&
    (size.width > compression.widthMax || size.height > compression.heightMax)
  ) {
    const { widthMax: widest, heightMax: highest } = compression;
    tell('excessive_profile_size', { width: size.width, height: size.height, widest, highest });
  }
  return compression;
}

/** ST 422 and ST 2067-21 6.5: the sub-descriptor repeats what the codestream says. */
function checkCodestream(
  of: XmlElement,
  kind: string,
  depth: number | undefined,
  size: Size,
  tell: Tell,
): void {
  const parts = childElements(of).find(({ local }) => local === 'SubDescriptors');
  const sub =
    parts === undefined
      ? undefined
      : childElements(parts).find(({ local }) => local === 'JPEG2000SubDescriptor');
  if (sub === undefined) {
    tell('missing_codestream_descriptor');
    return;
  }
  const layout = childElements(sub).find(({ local }) => local === 'J2CLayout');
  if (layout === undefined) tell('missing_descriptor_property', { property: 'J2CLayout' });
  else {
    const wanted = kind === 'CDCIDescriptor' ? YCBCR : RGB;
    const components = componentsOf(layout);
    const codes = components.map(({ code }) => code);
    const right =
      wanted.every((code, index) => codes[index] === code) &&
      codes.length === wanted.length &&
      (depth === undefined || components.every((each) => each.size === depth));
    if (!right) {
      const found = components.map((each) => `${each.code} ${each.size}`).join(', ');
      const expected = wanted.map((code) => `${code} ${depth ?? ''}`.trim()).join(', ');
      tell('mismatched_codestream_layout', { found, expected });
    }
  }
  const [x, y] = [numberOf(sub, 'Xsiz'), numberOf(sub, 'Ysiz')];
  const [left, top] = [numberOf(sub, 'XOsiz') ?? 0, numberOf(sub, 'YOsiz') ?? 0];
  if (size === undefined || x === undefined || y === undefined) return;
  if (x - left !== size.width || y - top !== size.height) {
    const facts = { found: `${x - left}×${y - top}`, expected: `${size.width}×${size.height}` };
    tell('mismatched_codestream_size', facts);
  }
}

const YCBCR = ['CompLuma', 'CompColorDifferenceU', 'CompColorDifferenceV'];
const RGB = ['CompRed', 'CompGreen', 'CompBlue'];

/** Properties in which all resources of one picture track agree (ST 2067-2 6.3.2). */
const PICTURE_PROPERTIES: readonly string[] = [
  'StoredWidth',
  'StoredHeight',
  'FrameLayout',
  'SampleRate',
  'ImageAspectRatio',
  'PictureCompression',
  'TransferCharacteristic',
  'ColorPrimaries',
  'CodingEquations',
  'ComponentDepth',
  'HorizontalSubsampling',
  'VerticalSubsampling',
  'BlackRefLevel',
  'WhiteRefLevel',
  'ColorRange',
  'ComponentMinRef',
  'ComponentMaxRef',
];
/** … and of one sound track, its labels included. */
const SOUND_PROPERTIES: readonly string[] = [
  'AudioSampleRate',
  'ChannelCount',
  'QuantizationBits',
  'ChannelAssignment',
];
const SOUND_LABELS: readonly string[] = [
  'MCATagSymbol',
  'MCAChannelID',
  'RFC5646SpokenLanguage',
  'RFC5646AudioLanguageCode',
];

/** The first property in which two descriptors of one track differ; undefined where they agree. */
export function differenceOf(a: EssenceDescriptor, b: EssenceDescriptor): string | undefined {
  if (a.kind !== b.kind) return 'kind';
  const names = isPictureDescriptor(a) ? PICTURE_PROPERTIES : SOUND_PROPERTIES;
  const normal = (text: string | undefined) => labelDigits(text) ?? text?.replace('/', ' ');
  const own = names.find(
    (name) => normal(propertyOf(a.element, name)) !== normal(propertyOf(b.element, name)),
  );
  if (own !== undefined || isPictureDescriptor(a)) return own;
  const labels = (of: EssenceDescriptor, name: string) =>
    [...elementsWithin(of.element)]
      .filter(({ local }) => local === name)
      .map(textOf)
      .join(' ');
  return SOUND_LABELS.find((name) => labels(a, name) !== labels(b, name));
}

/** Judges a PCM descriptor by the core constraints (ST 2067-2 5.3.2): 48 or 96 kHz, 24 bits. */
export function checkSound(descriptor: EssenceDescriptor, at: Place): Finding[] {
  if (descriptor.kind !== 'WAVEPCMDescriptor') return [];
  const place = { ...at, descriptor: descriptor.id ?? '' };
  const clause = 'ST 2067-2 5.3.2';
  const findings: Finding[] = [];
  const rate = ratioOf(propertyOf(descriptor.element, 'AudioSampleRate'));
  const known = [ratio(48_000n), ratio(96_000n)];
  if (rate === undefined || !known.some((each) => compareRatio(each, rate) === 0)) {
    const facts = { rate: propertyOf(descriptor.element, 'AudioSampleRate') ?? '' };
    findings.push(finding('unsupported_sample_rate', 'error', { at: place, facts, clause }));
  }
  const channels = numberOf(descriptor.element, 'ChannelCount');
  if (channels !== undefined && channels < 1) {
    findings.push(finding('empty_sound', 'error', { at: place, clause }));
  }
  const bits = numberOf(descriptor.element, 'QuantizationBits');
  if (bits !== 24) {
    const facts = { depth: bits ?? '' };
    findings.push(finding('unsupported_component_depth', 'error', { at: place, facts, clause }));
  }
  return findings;
}
