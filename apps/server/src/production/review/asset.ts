import { allowsDropFrame, parseRatio, parseTimecode, type TimecodeFormat } from '@yinglian/core';
import type { MarkerScope } from '@yinglian/review';
import type { Queryable } from '../../kernel/database/database.ts';
import { found } from '../../kernel/refusal.ts';
import { type AssetRecord, listAssets } from '../media/repository.ts';

/** An asset as its organisation sees it. */
export async function readAsset(
  database: Queryable,
  organisationId: string,
  id: string,
): Promise<AssetRecord> {
  const rows = await listAssets(database, { organisationId, ids: [id], limit: 1 });
  return found(rows[0]?.row, { id });
}

/** How an asset's frames are counted, from its first timecode on. */
export function scopeOf(asset: Pick<AssetRecord, 'title' | 'media'>): MarkerScope {
  const video = asset.media?.video ?? null;
  const rate = parseRatio(video?.frameRate ?? '24') ?? { numerator: 24n, denominator: 1n };
  const start = video?.timecode ?? null;
  const dropFrame = start?.includes(';') === true && allowsDropFrame(rate);
  const clock: TimecodeFormat = { rate, dropFrame };
  const first = start === null ? undefined : parseTimecode(start, clock);
  const frames = asset.media?.frameCount ?? countedFrames(asset.media?.durationSeconds, rate);
  return {
    title: asset.title,
    clock,
    first: first?.ok === true ? first.value : 0n,
    frames: Math.max(1, frames),
  };
}

function countedFrames(
  duration: string | null | undefined,
  rate: { readonly numerator: bigint; readonly denominator: bigint },
): number {
  const seconds = parseRatio(duration ?? '0');
  if (seconds === undefined) return 0;
  return Number((seconds.numerator * rate.numerator) / (seconds.denominator * rate.denominator));
}
