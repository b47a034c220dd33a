import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatTimecode, parseTimecode, ratio, type Ratio } from '@yinglian/core';
import { createMediaEngine, mainPicture, type Probe, soundStreams } from '@yinglian/media';
import type { CardClip, ClipDetails } from '@yinglian/offload';

/** Clips with a picture; a report with more pictures is no longer looked at. */
const PICTURES_MAX = 300;
const THUMBNAIL_WIDTH = 320;
const PROBE_SECONDS_MAX = 60;

/** Pictures, timecode and formats of the clips, from one verified copy and never from the card. */
export async function lookIntoClips(
  folder: string,
  clips: readonly CardClip[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ClipDetails>> {
  const details = new Map<string, ClipDetails>();
  const engine = createMediaEngine();
  const work = await mkdtemp(join(tmpdir(), 'yinglian-thumbnails-'));
  try {
    for (const [index, clip] of clips.entries()) {
      if (signal.aborted) break;
      const path = join(folder, clip.firstPath);
      const picture = index < PICTURES_MAX ? join(work, 'picture.jpg') : undefined;
      const about = await lookInto(engine, path, picture, signal);
      if (about !== undefined) details.set(clip.name, about);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return details;
}

type Engine = ReturnType<typeof createMediaEngine>;

async function lookInto(
  engine: Engine,
  path: string,
  picture: string | undefined,
  signal: AbortSignal,
): Promise<ClipDetails | undefined> {
  const input = { kind: 'file', path } as const;
  const options = { signal, limits: { timeSeconds: PROBE_SECONDS_MAX } };
  const probed = await engine.probe({ verb: 'probe', input, count: false }, options);
  if (!probed.ok) return undefined;
  const about = describe(probed.value);
  if (about.width === undefined || picture === undefined) return about;
  const job = { verb: 'thumbnail', input, output: picture, widthMax: THUMBNAIL_WIDTH } as const;
  const made = await engine.thumbnail(job, options);
  if (!made.ok) return about;
  return { ...about, thumbnail: (await readFile(picture)).toString('base64') };
}

function describe(probe: Probe): ClipDetails {
  const picture = mainPicture(probe);
  const sounds = soundStreams(probe);
  const seconds = secondsOf(probe.duration);
  const rate = picture?.frameRate ?? undefined;
  const time =
    rate === undefined ? undefined : timecodes(probe, rate, picture?.frames ?? undefined, seconds);
  return {
    ...(Number.isFinite(seconds) ? { durationSeconds: seconds } : {}),
    ...(rate === undefined ? {} : { frameRate: rate }),
    ...(picture === undefined
      ? {}
      : { width: picture.width, height: picture.height, codec: picture.codec }),
    soundTracks: sounds.reduce((sum, each) => sum + each.channels, 0),
    ...time,
  };
}

/** Exact fractions, such as `1001/100`, are what the engine answers. */
function secondsOf(duration: string | null): number {
  const [above, below = '1'] = (duration ?? '').split('/');
  return above === '' ? Number.NaN : Number(above) / Number(below);
}

/** Start and end as the clip's own timecode track counts them. */
function timecodes(probe: Probe, rate: string, counted: number | undefined, seconds: number) {
  const start = probe.startTimecode ?? undefined;
  const [above, below = '1'] = rate.split('/');
  if (start === undefined || !/^\d+$/.test(above ?? '') || !/^\d+$/.test(below)) return {};
  const exact: Ratio = ratio(BigInt(above!), BigInt(below));
  const how = { rate: exact, dropFrame: /[;.]/.test(start) };
  const first = parseTimecode(start, how);
  const frameCount = counted ?? Math.round((seconds * Number(above)) / Number(below));
  if (!first.ok || !Number.isFinite(frameCount)) return { startTimecode: start };
  const frames = BigInt(frameCount);
  return { startTimecode: start, endTimecode: formatTimecode(first.value + frames, how) };
}
