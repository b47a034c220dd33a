import type { Label } from './labels.ts';

/**
 * Audio channels and soundfield groups of D-cinema (ST 428-12:2013 tables 1 to 3 and the
 * registry of ISDCF), by tag symbol without its prefix.
 */
export type ChannelRow = { readonly symbol: string; readonly name: string; readonly label: Label };

const dictionary = (tail: string): Label => `060e2b340401010d${tail}`.padEnd(32, '0');

/** Channels by the name that MainSoundConfiguration gives them. */
export const CHANNELS = {
  L: { symbol: 'chL', name: 'Left', label: dictionary('03020101') },
  R: { symbol: 'chR', name: 'Right', label: dictionary('03020102') },
  C: { symbol: 'chC', name: 'Center', label: dictionary('03020103') },
  LFE: { symbol: 'chLFE', name: 'LFE', label: dictionary('03020104') },
  Ls: { symbol: 'chLs', name: 'Left Surround', label: dictionary('03020105') },
  Rs: { symbol: 'chRs', name: 'Right Surround', label: dictionary('03020106') },
  Lss: { symbol: 'chLss', name: 'Left Side Surround', label: dictionary('03020107') },
  Rss: { symbol: 'chRss', name: 'Right Side Surround', label: dictionary('03020108') },
  Lrs: { symbol: 'chLrs', name: 'Left Rear Surround', label: dictionary('03020109') },
  Rrs: { symbol: 'chRrs', name: 'Right Rear Surround', label: dictionary('0302010a') },
  Lc: { symbol: 'chLc', name: 'Left Center', label: dictionary('0302010b') },
  Rc: { symbol: 'chRc', name: 'Right Center', label: dictionary('0302010c') },
  Cs: { symbol: 'chCs', name: 'Center Surround', label: dictionary('0302010d') },
  HI: { symbol: 'chHI', name: 'Hearing Impaired', label: dictionary('0302010e') },
  VIN: { symbol: 'chVIN', name: 'Visually Impaired-Narrative', label: dictionary('0302010f') },
  SLVS: {
    symbol: 'SLVS',
    name: 'Sign Language Video Stream',
    label: dictionary('0d0f030201010000'),
  },
  DBOX: {
    symbol: 'DBOX',
    name: 'D-BOX Motion Code Primary Stream',
    label: dictionary('0e16010101010201'),
  },
  DBOX2: {
    symbol: 'DBOX2',
    name: 'D-BOX Motion Code Secondary Stream',
    label: dictionary('0e16010101010202'),
  },
} as const satisfies Record<string, ChannelRow>;

/** A channel by its short name. */
export type ChannelName = keyof typeof CHANNELS;

/** A soundfield and the channels that make it whole. */
export type GroupRow = ChannelRow & {
  /** Tag in MainSoundConfiguration (ST 429-16). */
  readonly configuration: string;
  readonly channels: readonly ChannelName[];
};

/** Soundfields by their configuration tag. */
export const SOUNDFIELDS = {
  '51': {
    symbol: 'sg51',
    name: '5.1',
    configuration: '51',
    label: dictionary('03020201'),
    channels: ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'],
  },
  '71': {
    symbol: 'sg71',
    name: '7.1DS',
    configuration: '71',
    label: dictionary('03020202'),
    channels: ['L', 'R', 'C', 'LFE', 'Lss', 'Rss', 'Lrs', 'Rrs'],
  },
  SDS: {
    symbol: 'sgSDS',
    name: '7.1SDS',
    configuration: 'SDS',
    label: dictionary('03020203'),
    channels: ['L', 'R', 'C', 'LFE', 'Ls', 'Rs', 'Lc', 'Rc'],
  },
  '61': {
    symbol: 'sg61',
    name: '6.1',
    configuration: '61',
    label: dictionary('03020204'),
    channels: ['L', 'R', 'C', 'LFE', 'Ls', 'Rs', 'Cs'],
  },
  M: {
    symbol: 'sgM',
    name: 'Monoaural',
    configuration: 'M',
    label: dictionary('03020205'),
    channels: ['C'],
  },
} as const satisfies Record<string, GroupRow>;

/** A soundfield by its configuration tag. */
export type SoundfieldName = keyof typeof SOUNDFIELDS;

/**
 * Which channel lies in which slot of the interleaved PCM, in the order of ST 428-12 and
 * ISDCF Doc 4: 1 to 6 main, 7 HI, 8 VI-N, 9/10 Lc/Rc, 11/12 rear surrounds, 13 motion,
 * 15 sign language. Undefined slots are silent.
 */
export type ChannelLayout = {
  readonly soundfield: SoundfieldName;
  readonly slots: readonly (ChannelName | undefined)[];
  /** What each slot speaks (RFC 5646); without the list, all speak what the soundfield speaks. */
  readonly languages?: readonly (string | undefined)[];
};

/** Where channels beyond the first six lie (ISDCF Doc 4, as ST 428-12 labels them). */
const LATER_SLOTS: Partial<Record<SoundfieldName, readonly (readonly [number, ChannelName])[]>> = {
  SDS: [
    [9, 'Lc'],
    [10, 'Rc'],
  ],
  '71': [
    [11, 'Lrs'],
    [12, 'Rrs'],
  ],
  '61': [[9, 'Cs']],
};

/** The usual slots for a soundfield; `slotCount` pads with silent channels to an even number. */
export function channelLayout(
  soundfield: SoundfieldName,
  options: { accessible?: readonly ('HI' | 'VIN')[]; slotCount?: number } = {},
): ChannelLayout {
  const slots: (ChannelName | undefined)[] =
    soundfield === 'M'
      ? [undefined, undefined, 'C']
      : [
          'L',
          'R',
          'C',
          'LFE',
          ...(soundfield === '71' ? (['Lss', 'Rss'] as const) : (['Ls', 'Rs'] as const)),
        ];
  const place = (slot: number, name: ChannelName) => {
    while (slots.length < slot) slots.push(undefined);
    slots[slot - 1] = name;
  };
  for (const name of options.accessible ?? []) place(name === 'HI' ? 7 : 8, name);
  for (const [slot, name] of LATER_SLOTS[soundfield] ?? []) place(slot, name);
  const count = Math.max(options.slotCount ?? 0, slots.length + (slots.length % 2));
  while (slots.length < count) slots.push(undefined);
  return { soundfield, slots };
}
