import type { Place, Uuid } from '@yinglian/core';
import {
  type Composition,
  isPicture,
  playedFrames,
  type Reel,
  type ReelAsset,
  type ReelAssetKind,
  reelFrames,
} from '../documents/model.ts';
import type { KnownAsset } from './assets.ts';
import type { CompositionContext } from './composition-context.ts';
import { checkHouse } from './house.ts';
import { isKnownLanguage } from './languages.ts';
import { checkMarkers } from './markers.ts';
import { checkMetadata } from './metadata.ts';
import { checkName } from './name.ts';
import { checkWhole, ratioText } from './reels.ts';
import type { FindingCollector } from './findings.ts';
import type { AssetReport } from './report.ts';
import { checkTextHead, checkTimedText, TEXT_LIMITS } from './timed-text.ts';

/** What the examination of a composition found out. */
export type CompositionFacts = {
  readonly encrypted: boolean;
  readonly external: readonly Uuid[];
  readonly durationFrames: number | undefined;
};

/** ST 429-7:2006 6.8 and ST 429-16, and kinds of ST 2067-3 that the registry of ISDCF takes in. */
const CONTENT_KINDS: readonly string[] = [
  'feature',
  'trailer',
  'test',
  'teaser',
  'rating',
  'advertisement',
  'short',
  'transitional',
  'psa',
  'policy',
  'clip',
  'promo',
  'stereocard',
  'episode',
  'highlights',
  'event',
];

/** Rates of ST 428-1, -11 (additional frame rates) and ST 428-21 (archive). */
const EDIT_RATES: readonly number[] = [24, 25, 30, 48, 50, 60, 96, 100, 120, 16, 18, 20, 22];

/** Judges one CPL against the assets it names. */
export function checkComposition(
  composition: Composition,
  context: CompositionContext,
): CompositionFacts {
  const { collector, path } = context;
  const place: Place = { file: path, composition: composition.id };
  if (composition.annotation !== undefined && composition.annotation !== composition.title) {
    collector.add('mismatched_composition_annotation', place, {
      annotation: composition.annotation,
      title: composition.title,
    });
  }
  if (composition.annotation === undefined) {
    collector.add('missing_composition_annotation', place);
  }
  if (composition.contentVersion?.label.trim() === '') {
    collector.add('empty_content_version', place);
  }
  if (/\d\.\d/.test(composition.issueDate)) {
    collector.add('fractional_issue_date', place, { date: composition.issueDate });
  }
  checkKind(composition, collector, place);
  if (composition.reels.length === 0) collector.add('empty_reel_list', place);
  const seen = new Set<Uuid>();
  const external = new Set<Uuid>();
  for (const [index, reel] of composition.reels.entries()) {
    if (seen.has(reel.id))
      collector.add('duplicate_reel_id', { ...place, reel: index + 1 }, { id: reel.id });
    seen.add(reel.id);
    checkReel(reel, index, composition, context, external);
  }
  checkWhole(composition, context, place);
  checkMarkers(composition, collector, place);
  const reports = knownReports(composition, context);
  checkMetadata(composition, context, place);
  checkLanguages(composition, context, place);
  checkName(
    composition,
    reports,
    { external: external.size > 0, alone: context.alone, naming: context.limits?.naming },
    collector,
    place,
  );
  if (context.limits !== undefined) checkHouse(composition, context.limits, context, place);
  const assets = composition.reels.flatMap((reel) => reel.assets);
  const encrypted = assets.some(
    (asset) => asset.keyId !== undefined || context.find(asset.id)?.info?.encryption !== undefined,
  );
  const rates = new Set(assets.map((asset) => ratioText(asset.editRate)));
  return {
    encrypted,
    external: [...external],
    durationFrames:
      rates.size !== 1
        ? undefined
        : composition.reels.reduce((sum, reel) => sum + reelFrames(reel), 0),
  };
}

/** Every language that the composition or its files name, once. */
function checkLanguages(
  composition: Composition,
  { collector, find }: CompositionContext,
  place: Place,
): void {
  const tags = new Set<string>();
  for (const reel of composition.reels) {
    for (const tag of reel.metadata?.subtitleLanguages ?? []) tags.add(tag);
    for (const asset of reel.assets) {
      if (asset.language !== undefined) tags.add(asset.language);
      const known = find(asset.id);
      const { soundfields = [], channels = [] } = known?.info?.sound ?? {};
      for (const { language } of [...soundfields, ...channels]) {
        if (language !== undefined) tags.add(language);
      }
      // Interop texts have names of languages in words.
      if (known?.text?.standard === 'smpte' && known.text.language !== undefined) {
        tags.add(known.text.language);
      }
    }
  }
  for (const language of tags) {
    if (!isKnownLanguage(language)) collector.add('unknown_language', place, { language });
  }
}

function knownReports(composition: Composition, { find }: CompositionContext): AssetReport[] {
  return composition.reels.flatMap((reel) =>
    reel.assets.flatMap((asset) => find(asset.id)?.report ?? []),
  );
}

function checkKind(
  { contentKind, standard }: Composition,
  collector: FindingCollector,
  place: Place,
): void {
  const { value, scope } = contentKind;
  const standardScope = scope === undefined || /smpte-ra\.org/.test(scope);
  // Another authority's kinds are its own business (ST 429-7:2006 6.8).
  if (!standardScope) return;
  const known = standard === 'interop' ? value.toLowerCase() : value;
  if (!CONTENT_KINDS.includes(known)) collector.add('invalid_content_kind', place, { value });
}

function checkReel(
  reel: Reel,
  index: number,
  composition: Composition,
  context: CompositionContext,
  external: Set<Uuid>,
): void {
  const { collector, path } = context;
  const place: Place = { file: path, composition: composition.id, reel: index + 1 };
  if (reel.assets.length === 0) {
    collector.add('empty_reel', place);
    return;
  }
  if (!reel.assets.some(isPicture)) collector.add('missing_picture', place);
  if (!reel.assets.some((asset) => asset.kind === 'sound')) collector.add('missing_sound', place);
  const frames = reelFrames(reel);
  const leading = reel.assets.find(isPicture) ?? reel.assets[0]!;
  for (const asset of reel.assets) {
    const at = { ...place, asset: asset.id, kind: asset.kind };
    checkTimes(asset, at, collector);
    if (playedFrames(asset) !== frames) {
      collector.add('mismatched_reel_duration', at, {
        frames: playedFrames(asset),
        expected: frames,
      });
    }
    if (ratioText(asset.editRate) !== ratioText(leading.editRate)) {
      collector.add('mismatched_reel_rates', at, {
        rate: ratioText(asset.editRate),
        expected: ratioText(leading.editRate),
      });
    }
    const known = context.find(asset.id);
    if (!context.packed.has(asset.id)) external.add(asset.id);
    if (known === undefined) {
      collector.add(
        context.packed.has(asset.id) ? 'missing_referenced_asset' : 'external_asset',
        at,
      );
      continue;
    }
    checkAgainstFile(asset, known, at, composition, context);
    if (known.text !== undefined) {
      const text = {
        collector,
        place: { ...at, file: known.report.path },
        asset,
        reel: index + 1,
      };
      checkTimedText(known.text, text);
      checkTextHead(known.text, text);
      checkCaptionSize(asset, known, collector, at);
    }
  }
}

function checkCaptionSize(
  asset: ReelAsset,
  known: KnownAsset,
  collector: FindingCollector,
  at: Place,
): void {
  const caption = asset.kind === 'closed_caption' || asset.kind === 'closed_subtitle';
  if (caption && known.report.sizeBytes > TEXT_LIMITS.closedCaptionBytes) {
    collector.add('excessive_timed_text_size', at, {
      bytes: known.report.sizeBytes,
      limit: TEXT_LIMITS.closedCaptionBytes,
    });
  }
}

function checkTimes(asset: ReelAsset, at: Place, collector: FindingCollector): void {
  const { numerator, denominator } = asset.editRate;
  const perSecond = numerator / denominator;
  if (!EDIT_RATES.includes(perSecond)) {
    collector.add('unexpected_edit_rate', at, { rate: ratioText(asset.editRate) });
  }
  const entry = asset.entryPoint ?? 0;
  const played = playedFrames(asset);
  if (entry + played > asset.intrinsicDuration || entry > asset.intrinsicDuration) {
    collector.add('excessive_duration', at, {
      entryPoint: entry,
      duration: played,
      intrinsicDuration: asset.intrinsicDuration,
    });
  }
  if (played < perSecond || asset.intrinsicDuration < perSecond) {
    collector.add('short_duration', at, { frames: Math.min(played, asset.intrinsicDuration) });
  }
  if (isPicture(asset) && asset.frameRate !== undefined) {
    const factor = asset.kind === 'stereoscopic_picture' ? 2 : 1;
    const wanted = { numerator: numerator * factor, denominator };
    // Interop stereoscopic compositions of some makers repeat the edit rate here.
    if (ratioText(asset.frameRate) !== ratioText(wanted)) {
      collector.add('mismatched_frame_rate', at, {
        rate: ratioText(asset.frameRate),
        expected: ratioText(wanted),
      });
    }
  }
}

const ESSENCE_OF: Partial<Record<ReelAssetKind, readonly string[]>> = {
  picture: ['jpeg2000', 'mpeg2'],
  stereoscopic_picture: ['stereoscopic'],
  sound: ['pcm'],
  subtitle: ['timed_text'],
  caption: ['timed_text'],
  closed_caption: ['timed_text'],
  closed_subtitle: ['timed_text'],
  auxiliary_data: ['atmos', 'auxiliary_data'],
};

function checkAgainstFile(
  asset: ReelAsset,
  known: KnownAsset,
  at: Place,
  composition: Composition,
  { collector }: CompositionContext,
): void {
  const { report, info } = known;
  const kinds = ESSENCE_OF[asset.kind];
  if (
    kinds !== undefined &&
    report.essence !== undefined &&
    report.essence !== 'unknown' &&
    !kinds.includes(report.essence)
  ) {
    collector.add('mismatched_asset_kind', at, { kind: asset.kind, essence: report.essence });
  }
  if (report.editRate !== undefined && ratioText(report.editRate) !== ratioText(asset.editRate)) {
    collector.add('mismatched_edit_rate', at, {
      rate: ratioText(asset.editRate),
      expected: ratioText(report.editRate),
    });
  }
  const frames = report.durationFrames;
  if (frames !== undefined && frames !== asset.intrinsicDuration) {
    collector.add('mismatched_intrinsic_duration', at, {
      frames: asset.intrinsicDuration,
      expected: frames,
    });
  }
  if (asset.hash !== undefined && report.hash !== undefined && asset.hash !== report.hash) {
    collector.add('mismatched_reel_hash', at, { hash: asset.hash, expected: report.hash });
  }
  if (asset.hash === undefined) collector.add('missing_reel_hash', at);
  checkKeyId(asset, report, at, collector);
  if (report.picture !== undefined) checkAspect(asset, report.picture, at, composition, collector);
  const spoken = info?.sound?.soundfields[0]?.language;
  if (
    asset.language !== undefined &&
    spoken !== undefined &&
    !sameLanguage(asset.language, spoken)
  ) {
    collector.add('mismatched_language', at, { language: asset.language, expected: spoken });
  }
  const written = known.text?.language;
  if (
    asset.language !== undefined &&
    written !== undefined &&
    known.text?.standard === 'smpte' &&
    !sameLanguage(asset.language, written)
  ) {
    collector.add('mismatched_language', at, { language: asset.language, expected: written });
  }
}

/** `en` and `en-US` agree; `en-GB` and `en-US` do not. */
function sameLanguage(a: string, b: string): boolean {
  const [first, second] = [a.toLowerCase(), b.toLowerCase()];
  return first === second || first.startsWith(`${second}-`) || second.startsWith(`${first}-`);
}

function checkKeyId(
  asset: ReelAsset,
  report: AssetReport,
  at: Place,
  collector: FindingCollector,
): void {
  if (report.kind !== 'track_file' || report.essence === undefined) return;
  const own = report.encryption?.keyId;
  if (report.encryption !== undefined && asset.keyId === undefined) {
    collector.add('missing_key_id', at, { expected: own ?? '' });
  } else if (report.encryption === undefined && asset.keyId !== undefined) {
    collector.add('unexpected_key_id', at, { keyId: asset.keyId });
  } else if (asset.keyId !== undefined && own !== undefined && own !== asset.keyId) {
    collector.add('mismatched_key_id', at, { keyId: asset.keyId, expected: own });
  }
}

/** Interop ratios as makers write them are rounded in many ways: two hundredths are let pass. */
const ASPECT_TOLERANCE = 0.02;

function checkAspect(
  asset: ReelAsset,
  picture: { width: number; height: number },
  at: Place,
  { standard }: Composition,
  collector: FindingCollector,
): void {
  const text = asset.aspectRatio;
  if (text === undefined) return;
  const pair = /^(\d+)\s+(\d+)$/.exec(text);
  const ratio = pair === null ? Number(text) : Number(pair[1]) / Number(pair[2]);
  // A ratio of nothing to nothing is no number, and near to none.
  const wrong = !(Math.abs(ratio - picture.width / picture.height) <= ASPECT_TOLERANCE);
  // SMPTE takes any pair of whole numbers; a decimal is Interop's form.
  if (wrong || (standard === 'smpte' && pair === null)) {
    collector.add('mismatched_aspect_ratio', at, {
      ratio: text,
      expected: `${picture.width} ${picture.height}`,
    });
  }
}
