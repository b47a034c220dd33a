import type { Place } from '@yinglian/core';
import { type Composition, isPicture, type Reel, reelFrames } from '../documents/model.ts';
import type { Rational } from '../mxf/property-types.ts';
import type { CompositionContext } from './composition-context.ts';
import type { FindingCollector } from './findings.ts';
import { primaryLanguage } from './languages.ts';
import type { HouseLimits, MeasureLimits } from './profile.ts';
import type { AssetReport } from './report.ts';

/** A composition and its assets against what the house asks beyond the standards. */
export function checkHouse(
  composition: Composition,
  limits: HouseLimits,
  { collector, find, packed }: CompositionContext,
  place: Place,
): void {
  const assets = composition.reels.flatMap((reel) => reel.assets);
  const known = new Map(
    assets.flatMap(({ id }) => {
      const report = find(id)?.report;
      return report === undefined ? [] : [[id, report] as const];
    }),
  );
  for (const [id, report] of known) {
    const at = { file: report.path, asset: id };
    const rate = assets.find((each) => each.id === id)!.editRate;
    checkPicture(report, rate, limits, collector, at);
    // Sound of an original that was only looked up was judged with the original.
    if (packed.has(id)) checkLoudness(report, limits, collector, at);
    checkSoundfield(report, limits, collector, at);
    if (limits.encryption === 'required' && isEssence(report) && report.encryption === undefined) {
      collector.add('missing_encryption', at);
    }
    if (limits.encryption === 'forbidden' && report.encryption !== undefined) {
      collector.add('unexpected_encryption', at);
    }
  }
  checkRates(composition, limits, collector, place);
  checkMinutes(composition, limits, collector, place);
  checkHouseMarkers(composition.reels, limits, collector, place);
  checkTongues(composition, [...known.values()], limits, collector, place);
}

const isEssence = ({ kind }: AssetReport): boolean => kind === 'track_file';

const perSecond = ({ numerator, denominator }: Rational): number =>
  denominator === 0 ? 0 : numerator / denominator;

const MBIT = 1_000_000;
/** What of a rate is told. */
const tenths = (value: number): number => Math.round(value * 10) / 10;

function checkPicture(
  { picture, sizeBytes, durationFrames = 0, essence }: AssetReport,
  rate: Rational,
  limits: HouseLimits,
  collector: FindingCollector,
  at: Place,
): void {
  if (picture === undefined) return;
  const { pictureMbitPeak: peak, pictureMbitAverage: average, pictureSizes: sizes } = limits;
  // Each eye is a picture of its own, and both are shown in the time of one.
  const eyes = essence === 'stereoscopic' ? 2 : 1;
  const highest = (picture.largestFrameBytes * 8 * perSecond(rate) * eyes) / MBIT;
  if (peak !== undefined && highest > peak) {
    collector.add('excessive_bit_rate', at, { mbit: tenths(highest), limit: peak });
  }
  const mean = durationFrames === 0 ? 0 : (sizeBytes * 8 * perSecond(rate)) / durationFrames / MBIT;
  if (average !== undefined && mean > average) {
    collector.add('excessive_average_bit_rate', at, { mbit: tenths(mean), limit: average });
  }
  const size = `${picture.width}x${picture.height}`;
  if (sizes !== undefined && !sizes.includes(size)) {
    collector.add('forbidden_picture_size', at, { size, allowed: sizes });
  }
}

function checkSoundfield(
  { sound }: AssetReport,
  { soundfields }: HouseLimits,
  collector: FindingCollector,
  at: Place,
): void {
  const soundfield = sound?.soundfield?.replace(/^sg/, '');
  if (sound === undefined || soundfields === undefined) return;
  if (soundfield !== undefined && soundfields.includes(soundfield)) return;
  collector.add('forbidden_soundfield', at, {
    soundfield: soundfield ?? '-',
    allowed: soundfields,
  });
}

const MEASURES = [
  ['integratedLufs', 'LUFS'],
  ['leqM', 'Leq(m)'],
  ['truePeakDbtp', 'dBTP'],
] as const;

function checkLoudness(
  { sound, essence, encryption }: AssetReport,
  limits: HouseLimits,
  collector: FindingCollector,
  at: Place,
): void {
  if (essence !== 'pcm') return;
  const asked = MEASURES.filter(([name]) => limits[name] !== undefined);
  const loudness = sound?.loudness;
  if (loudness === undefined) {
    const facts = { encrypted: encryption === undefined ? 'no' : 'yes' };
    if (asked.length > 0) collector.add('unmeasured_loudness', at, facts);
    return;
  }
  for (const [name, measure] of asked) {
    const value = name === 'truePeakDbtp' ? Math.max(...loudness[name]) : loudness[name];
    // Silence has no loudness: below every lower limit and above none.
    checkSpan(value ?? -Infinity, limits[name]!, measure, collector, at);
  }
}

function checkSpan(
  value: number,
  { least, most }: MeasureLimits,
  measure: string,
  collector: FindingCollector,
  at: Place,
): void {
  const shown = Number.isFinite(value) ? tenths(value) : '-∞';
  if (most !== undefined && value > most) {
    collector.add('excessive_measure', at, { measure, value: shown, limit: most });
  }
  if (least !== undefined && value < least) {
    collector.add('insufficient_measure', at, { measure, value: shown, limit: least });
  }
}

function checkRates(
  { reels }: Composition,
  { frameRates }: HouseLimits,
  collector: FindingCollector,
  place: Place,
): void {
  if (frameRates === undefined) return;
  const pictures = reels.flatMap((reel) => reel.assets).filter(isPicture);
  const told = pictures.map(({ editRate: { numerator, denominator } }) =>
    numerator % denominator === 0 ? String(numerator / denominator) : `${numerator}/${denominator}`,
  );
  for (const rate of new Set(told)) {
    if (frameRates.includes(rate)) continue;
    collector.add('forbidden_frame_rate', place, { rate, allowed: frameRates });
  }
}

const SECONDS_PER_MINUTE = 60;

function checkMinutes(
  { reels }: Composition,
  { minutes }: HouseLimits,
  collector: FindingCollector,
  place: Place,
): void {
  if (minutes === undefined) return;
  const seconds = reels.reduce((sum, reel) => {
    const rate = reel.assets[0] === undefined ? 0 : perSecond(reel.assets[0].editRate);
    return rate === 0 ? sum : sum + reelFrames(reel) / rate;
  }, 0);
  checkSpan(seconds / SECONDS_PER_MINUTE, minutes, 'min', collector, place);
}

function checkHouseMarkers(
  reels: readonly Reel[],
  { markers = [] }: HouseLimits,
  collector: FindingCollector,
  place: Place,
): void {
  const present = reels.flatMap((reel) => reel.markers?.markers ?? []).map(({ label }) => label);
  for (const label of markers) {
    if (!present.includes(label)) collector.add('missing_marker', place, { label });
  }
}

/** Languages that are asked for and that no track has. */
function checkTongues(
  { reels }: Composition,
  known: readonly AssetReport[],
  { soundLanguages = [], textLanguages = [] }: HouseLimits,
  collector: FindingCollector,
  place: Place,
): void {
  const assets = reels.flatMap((reel) => reel.assets);
  const told = (tags: readonly (string | undefined)[]) =>
    new Set(tags.flatMap((tag) => (tag === undefined ? [] : primaryLanguage(tag))));
  const spoken = told([
    ...assets.filter(({ kind }) => kind === 'sound').map(({ language }) => language),
    ...known.map(({ sound }) => sound?.language),
  ]);
  const written = told([
    ...assets.filter(({ kind }) => TEXTS.includes(kind)).map(({ language }) => language),
    ...known.map(({ text }) => text?.language),
  ]);
  for (const [wanted, present, track] of [
    [soundLanguages, spoken, 'sound'],
    [textLanguages, written, 'text'],
  ] as const) {
    for (const language of wanted) {
      if (present.has(primaryLanguage(language))) continue;
      collector.add('missing_language_track', place, { language, track });
    }
  }
}

const TEXTS: readonly string[] = ['subtitle', 'caption', 'closed_caption', 'closed_subtitle'];
