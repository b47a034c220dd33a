import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useTheme } from '../../kernel/theme.ts';
import type { FrameClock } from './clock.ts';
import type { Player } from './player.ts';

/** Peaks as audiowaveform version 2 writes them: least and greatest of each channel in turn. */
type Peaks = {
  channels: number;
  bits: number;
  length: number;
  data: number[];
  sample_rate: number;
  samples_per_pixel: number;
};

/** The loudness of the sound along the length, on a canvas; pressing goes there. */
export function Waveform({
  fileId,
  player,
  clock,
}: {
  fileId: string | null;
  player: Player;
  clock: FrameClock;
}) {
  const { t } = useTranslation('production');
  const canvas = useRef<HTMLCanvasElement>(null);
  const { shown } = useTheme();
  const { data: peaks } = useQuery({
    queryKey: ['waveform', fileId],
    enabled: fileId !== null,
    staleTime: Infinity,
    queryFn: async ({ signal }) =>
      (await fetch(`/api/files/${fileId}`, { signal })).json() as Promise<Peaks>,
  });
  const played = player.frame / Math.max(1, clock.frames - 1);
  useEffect(() => {
    const element = canvas.current;
    if (element === null || peaks === undefined) return undefined;
    const paint = () => draw(element, peaks, played);
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    return () => observer.disconnect();
  }, [peaks, played, shown]);
  if (fileId === null) return <p className="room-silent">{t('noSound')}</p>;
  return (
    <canvas
      ref={canvas}
      className="waveform"
      role="img"
      aria-label={t('waveform')}
      onPointerDown={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        player.show(((event.clientX - box.left) / box.width) * (clock.frames - 1));
      }}
    />
  );
}

function draw(canvas: HTMLCanvasElement, peaks: Peaks, played: number): void {
  const ratio = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const before = style.getPropertyValue('--wave-played');
  const after = style.getPropertyValue('--wave');
  const full = 2 ** (peaks.bits - 1);
  const channels = Math.max(1, peaks.channels);
  for (let x = 0; x < width; x += 1) {
    const first = Math.floor((x / width) * peaks.length);
    const last = Math.max(first + 1, Math.floor(((x + 1) / width) * peaks.length));
    let least = 0;
    let greatest = 0;
    for (let at = first * channels; at < Math.min(last, peaks.length) * channels; at += 1) {
      least = Math.min(least, peaks.data[2 * at] ?? 0);
      greatest = Math.max(greatest, peaks.data[2 * at + 1] ?? 0);
    }
    const top = ((1 - greatest / full) * height) / 2;
    const bottom = ((1 - least / full) * height) / 2;
    context.fillStyle = x / width <= played ? before : after;
    context.fillRect(x, top, 1, Math.max(1, bottom - top));
  }
}
