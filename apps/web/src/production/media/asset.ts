import type { contract, OutputOf } from '@yinglian/contract';

/** An asset as the API tells it. */
export type Asset = OutputOf<typeof contract.production.asset.result>;

/** `1920 × 1080 · 24 fps · prores`. */
export function pictureText(
  video:
    | {
        width: number;
        height: number;
        frameRate: string;
        codec: string;
      }
    | null
    | undefined,
): string {
  if (video === null || video === undefined) return '—';
  return `${video.width} × ${video.height} · ${video.frameRate} fps · ${video.codec}`;
}
