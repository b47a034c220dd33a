import { type Finding, finding } from '@yinglian/core';
import type { SoundLayout } from '../jobs.ts';
import { pictureLead, type Probe, type SoundStream, soundStreams } from '../probe.ts';

/** Channels of FFmpeg's layouts in the order in which they stand in a frame. */
const LAYOUT_CHANNELS: Readonly<Record<string, readonly string[]>> = {
  mono: ['FC'],
  stereo: ['FL', 'FR'],
  downmix: ['FL', 'FR'],
  '2.1': ['FL', 'FR', 'LFE'],
  '3.0': ['FL', 'FR', 'FC'],
  '3.1': ['FL', 'FR', 'FC', 'LFE'],
  '4.0': ['FL', 'FR', 'FC', 'BC'],
  quad: ['FL', 'FR', 'BL', 'BR'],
  'quad(side)': ['FL', 'FR', 'SL', 'SR'],
  '5.0': ['FL', 'FR', 'FC', 'BL', 'BR'],
  '5.0(side)': ['FL', 'FR', 'FC', 'SL', 'SR'],
  '5.1': ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'],
  '5.1(side)': ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'],
  '7.0': ['FL', 'FR', 'FC', 'BL', 'BR', 'SL', 'SR'],
  '7.1': ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR'],
};

/** Output order of ST 429-2 and ST 428-12; the first of the names that is there fills a place. */
export const TARGET_CHANNELS: Readonly<Record<SoundLayout, readonly (readonly string[])[]>> = {
  '1.0': [['FC']],
  '2.0': [['FL'], ['FR']],
  '5.1': [['FL'], ['FR'], ['FC'], ['LFE'], ['SL', 'BL'], ['SR', 'BR']],
  '7.1': [['FL'], ['FR'], ['FC'], ['LFE'], ['SL'], ['SR'], ['BL'], ['BR']],
};

const TARGET_LAYOUT: Readonly<Record<SoundLayout, string>> = {
  '1.0': 'mono',
  '2.0': 'stereo',
  '5.1': '5.1',
  '7.1': '7.1',
};

const LAYOUT_BY_COUNT: Readonly<Record<number, string>> = {
  1: 'mono',
  2: 'stereo',
  6: '5.1',
  8: '7.1',
};

export type Programme = {
  /** Graph text that ends in `[programme]`. */
  readonly graph: string;
  readonly channels: number;
  /** Layout by FFmpeg's name; null when channels are only numbered. */
  readonly layout: string | null;
  readonly findings: readonly Finding[];
};

/**
 * The sound one hears with the picture: the first stream, or, where each channel is a stream of
 * its own (common in MXF and ProRes), these joined.
 */
export function programmeSound(probe: Probe, input = 0): Programme | undefined {
  const streams = soundStreams(probe).filter((each) => each.channels > 0 && each.sampleRate > 0);
  const first = streams[0];
  if (first === undefined) return undefined;
  const monos = streams.filter(
    (each) => each.channels === 1 && each.sampleRate === first.sampleRate,
  );
  const shift = leadFilter(probe);
  const joined = [8, 6, 2].find((count) => monos.length >= count && monos[0] === first);
  if (joined === undefined || first.channels > 1) return single(first, input, shift);
  const layout = LAYOUT_BY_COUNT[joined]!;
  const used = monos.slice(0, joined);
  // Streams of a master stand in the order of the layout of cinemas: surrounds before backs.
  const order = joined === 8 ? TARGET_CHANNELS['7.1'].map((each) => each[0]!) : channelsOf(layout);
  const map = order.map((channel, at) => `${at}.0-${channel}`).join('|');
  const sources = used.map((each) => `[${input}:${each.index}]`).join('');
  const join = `join=inputs=${joined}:channel_layout=${layout}:map=${map}`;
  const graph = `${sources}${join},${shift}[programme]`;
  return { graph, channels: joined, layout, findings: [] };
}

/** Moves sound to a clock on which the first picture stands at zero. */
export function leadFilter(probe: Probe): string {
  const lead = pictureLead(probe);
  return lead === 0 ? 'anull' : `asetpts=PTS-(${lead.toFixed(6)})/TB`;
}

/** Channels that only have numbers, taken to stand as in a cinema package. */
const NUMBERED: Readonly<Record<number, { layout: string; pan: string }>> = {
  6: { layout: '5.1', pan: 'pan=5.1|c0=c0|c1=c1|c2=c2|c3=c3|c4=c4|c5=c5' },
  8: { layout: '7.1', pan: 'pan=7.1|c0=c0|c1=c1|c2=c2|c3=c3|c4=c6|c5=c7|c6=c4|c7=c5' },
};

function single(stream: SoundStream, input: number, shift: string): Programme {
  const { channels, index } = stream;
  const known = stream.layout !== null && LAYOUT_CHANNELS[stream.layout] !== undefined;
  const source = `[${input}:${index}]`;
  if (known || channels <= 2) {
    const layout = known ? stream.layout : LAYOUT_BY_COUNT[channels]!;
    return { graph: `${source}${shift}[programme]`, channels, layout, findings: [] };
  }
  const findings = [finding('unknown_layout', 'note', { facts: { channels } })];
  const numbered = stream.layout === null ? NUMBERED[channels] : undefined;
  const graph = `${source}${numbered?.pan ?? 'anull'},${shift}[programme]`;
  return { graph, channels, layout: numbered?.layout ?? null, findings };
}

/** Filters from a programme to what two loudspeakers play. */
export function toStereo({ channels, layout }: Programme): string {
  if (layout === null) return 'pan=stereo|c0=c0|c1=c1';
  return `aformat=channel_layouts=${channels === 1 ? 'mono' : 'stereo'}`;
}

function channelsOf(layout: string): readonly string[] {
  return LAYOUT_CHANNELS[layout] ?? [];
}

/** Filters that bring a programme into the order of a cinema's layout. */
export function toTargetLayout(programme: Programme, target: SoundLayout): string {
  const places = TARGET_CHANNELS[target];
  const pan = (sources: readonly (number | undefined)[]) => {
    const terms = sources.map((from, at) => `c${at}=${from === undefined ? '0*c0' : `c${from}`}`);
    // A capital C: so many channels without names, as names would put them in another order.
    return `pan=${places.length}C|${terms.join('|')}`;
  };
  const here = programme.layout === null ? undefined : LAYOUT_CHANNELS[programme.layout];
  if (here === undefined) {
    return pan(places.map((_, at) => (at < programme.channels ? at : undefined)));
  }
  if (programme.layout === 'mono' && target === '2.0') return pan([0, 0]);
  const taken = places.map((names) => here.findIndex((each) => names.includes(each)));
  const allUsed = here.every((_, at) => taken.includes(at));
  if (allUsed) return pan(taken.map((at) => (at < 0 ? undefined : at)));
  // More channels than places: FFmpeg's own mix-down, then the order of the target.
  const mixed = TARGET_LAYOUT[target];
  const after = channelsOf(mixed);
  const order = places.map((names) => after.findIndex((each) => names.includes(each)));
  return `aformat=channel_layouts=${mixed},${pan(order)}`;
}
