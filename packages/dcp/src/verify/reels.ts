import type { Place, Uuid } from '@yinglian/core';
import {
  type Composition,
  isPicture,
  type Reel,
  type ReelAsset,
  type ReelAssetKind,
  reelFrames,
} from '../documents/model.ts';
import { NO_ID } from '../documents/reading.ts';
import type { Rational } from '../mxf/property-types.ts';
import type { CompositionContext } from './composition-context.ts';
import type { FindingCollector } from './findings.ts';

/** What holds over all reels: one rate, one size, all encrypted or none, one text language. */
export function checkWhole(
  composition: Composition,
  context: CompositionContext,
  place: Place,
): void {
  const { collector, find } = context;
  const assets = composition.reels.flatMap((reel) => reel.assets);
  const rates = [...new Set(assets.filter(isPicture).map((asset) => ratioText(asset.editRate)))];
  if (rates.length > 1) collector.add('changed_edit_rate', place, { rates });
  const sizes = [
    ...new Set(
      assets.flatMap((asset) => {
        const picture = find(asset.id)?.report.picture;
        return picture === undefined ? [] : [`${picture.width}x${picture.height}`];
      }),
    ),
  ];
  if (sizes.length > 1) collector.add('changed_picture_size', place, { sizes });
  checkKeys(assets, collector, place);
  checkTexts(composition, context, place);
  checkChannels(assets, context, place);
  checkIds(composition, collector, place);
  for (const [index, reel] of composition.reels.entries()) {
    checkTimeless(reel, composition, collector, { ...place, reel: index + 1 });
  }
}

function checkKeys(assets: readonly ReelAsset[], collector: FindingCollector, place: Place): void {
  const secret = assets.map((asset) => asset.keyId !== undefined);
  if (secret.includes(true) && secret.includes(false)) {
    collector.add('partial_encryption', place, {
      encrypted: secret.filter(Boolean).length,
      assets: secret.length,
    });
  }
  const byKey = new Map<Uuid, Set<Uuid>>();
  for (const asset of assets) {
    if (asset.keyId === undefined) continue;
    byKey.set(asset.keyId, (byKey.get(asset.keyId) ?? new Set()).add(asset.id));
  }
  for (const [keyId, users] of byKey) {
    if (users.size > 1) collector.add('reused_key', place, { keyId, assets: users.size });
  }
}

const TEXT_KINDS: readonly ReelAssetKind[] = ['subtitle', 'closed_caption', 'closed_subtitle'];

/** Texts that stop after a reel are nearly always a file that was forgotten. */
function checkTexts(
  { reels }: Composition,
  { collector, find }: CompositionContext,
  place: Place,
): void {
  for (const kind of TEXT_KINDS) {
    const byReel = reels.map((reel) => reel.assets.filter((asset) => asset.kind === kind));
    const counts = byReel.map((each) => each.length);
    if (new Set(counts).size > 1)
      collector.add('changed_text_count', place, { kind, counts: counts.map(String) });
    // Several captions are several languages, each in its own order.
    if (kind !== 'closed_subtitle' && Math.max(0, ...counts) === 1) {
      const texts = byReel.flat().flatMap((asset) => find(asset.id)?.text?.language ?? []);
      const languages = [...new Set(texts)];
      if (languages.length > 1) collector.add('changed_text_language', place, { languages });
    }
  }
}

/** A processor is set up once for a composition, not anew for each reel. */
function checkChannels(
  assets: readonly ReelAsset[],
  { collector, find }: CompositionContext,
  place: Place,
): void {
  const counts = new Set<number>();
  for (const asset of assets) {
    const sound = asset.kind === 'sound' ? find(asset.id)?.report.sound : undefined;
    if (sound !== undefined) counts.add(sound.channelCount);
  }
  if (counts.size > 1)
    collector.add('changed_channel_count', place, { counts: [...counts].map(String) });
}

/** A track file may play in several reels; every other id names one thing (ST 429-7:2006 6.1). */
function checkIds({ id, reels }: Composition, collector: FindingCollector, place: Place): void {
  const assets = new Set(reels.flatMap((reel) => reel.assets.map((asset) => asset.id)));
  const seen = new Set<Uuid>();
  const take = (own: Uuid, element: string) => {
    if (own === NO_ID) return;
    if (seen.has(own) || assets.has(own)) {
      collector.add('reused_id', place, { id: own, element });
    }
    seen.add(own);
  };
  take(id, 'CompositionPlaylist');
  const reelIds = new Set(reels.map((reel) => reel.id));
  for (const own of reelIds) take(own, 'Reel');
  for (const { markers, metadata } of reels) {
    if (markers !== undefined) take(markers.id, 'MainMarkers');
    if (metadata !== undefined) take(metadata.id, 'CompositionMetadataAsset');
  }
}

/** Markers and metadata have no essence: they are as long as their reel and begin where it does. */
function checkTimeless(
  reel: Reel,
  { standard }: Composition,
  collector: FindingCollector,
  at: Place,
): void {
  const leading = reel.assets.find(isPicture);
  if (standard === 'interop' || leading === undefined) return;
  for (const [kind, asset] of [
    ['markers', reel.markers],
    ['metadata', reel.metadata],
  ] as const) {
    if (asset === undefined) continue;
    const place = { ...at, kind };
    if (asset.entryPoint !== undefined) {
      collector.add('unexpected_entry_point', place, { kind, entryPoint: asset.entryPoint });
    }
    if (asset.duration !== undefined) {
      collector.add('unexpected_duration', place, { kind, duration: asset.duration });
    }
    const [rate, wanted] = [ratioText(asset.editRate), ratioText(leading.editRate)];
    const frames = reelFrames(reel);
    if (rate !== wanted || asset.intrinsicDuration !== frames) {
      collector.add('mismatched_marker_times', place, {
        kind,
        rate,
        frames: asset.intrinsicDuration,
        expected: `${wanted}, ${frames}`,
      });
    }
  }
}

/** `24 1` in lowest terms, for comparing and telling. */
export function ratioText({ numerator, denominator }: Rational): string {
  let [a, b] = [numerator, denominator];
  while (b !== 0) [a, b] = [b, a % b];
  const divisor = a === 0 ? 1 : a;
  return `${numerator / divisor} ${denominator / divisor}`;
}
