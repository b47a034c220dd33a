import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { digest, encodeUtf8, formatRatio, toHex } from '@yinglian/core';
import {
  channelLayout,
  type ChannelLayout,
  channelWeights,
  type EssenceSource,
  layoutOfSound,
  LoudnessMeter,
  mapChannels,
  openWave,
  SOUNDFIELDS,
  type SoundInfo,
  type TrackFile,
  usualSlots,
  wavePcm,
} from '@yinglian/dcp';
import { nodeCryptography } from '@yinglian/host';
import { programmeSound } from '@yinglian/media';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { inFile, remarkFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import {
  framesOf,
  type GivenPicture,
  mediaEngine,
  openGiven,
  openGivenTrack,
  type SourceWork,
} from './dcp-sources.ts';
import { taken } from './given.ts';

/** How the channels of sound are meant. */
export type SoundChoice = { readonly layout?: string; readonly accessible?: string };

/** Sound of a reel with what measures it as it passes. */
export type GivenSound = {
  readonly source: EssenceSource;
  /** Undefined until the sound has passed. */
  readonly meter: LoudnessMeter;
};

const PCM_BYTES = 3;

/** A WAVE file, a sound track file, or the sound of a film; as long as its picture, exactly. */
export async function givenSound(
  work: SourceWork,
  path: string,
  picture: Pick<GivenPicture, 'frames' | 'editRate' | 'speed'>,
  choice: SoundChoice,
): Promise<GivenSound> {
  if (/\.mxf$/i.test(path)) {
    const file = await openGivenTrack(work, path);
    if (file?.info.sound !== undefined) return soundOfTrack(work, file, path, choice);
  }
  const plain = picture.speed.numerator === picture.speed.denominator;
  if (plain && /\.(?:wav|bwf|rf64)$/i.test(path)) {
    const wave = taken(work.terminal, await openWave(await openGiven(work, path), path));
    const { channelCount, samplingRateHz } = wave;
    if (samplingRateHz === 48_000 || samplingRateHz === 96_000) {
      const { layout, slots } = layoutFor(channelCount, choice);
      tellChannels(work.terminal, path, channelCount, { layout, slots });
      const samples = samplesFor(picture, samplingRateHz);
      tellLength(work.terminal, path, wave.sampleCount, samples, samplingRateHz);
      const pieces = () => mapped(wavePcm(wave), channelCount, slots);
      return measured(pieces, { layout, samplingRateHz, sampleCount: samples });
    }
  }
  return soundOfFilm(work, path, picture, choice);
}

const SOUNDFIELD_NAMES: readonly string[] = Object.keys(SOUNDFIELDS);

function accessibleOf({ accessible }: SoundChoice): ('HI' | 'VIN')[] {
  const names = (accessible ?? '').split(',').filter((name) => name !== '');
  const wrong = names.find((name) => name !== 'HI' && name !== 'VIN');
  if (wrong !== undefined) throw new CommandFault(`--accessible HI,VIN: ${wrong}`, EXIT.misused);
  return names as ('HI' | 'VIN')[];
}

function soundfieldOf({ layout }: SoundChoice): ChannelLayout['soundfield'] | undefined {
  if (layout === undefined || SOUNDFIELD_NAMES.includes(layout)) {
    return layout as ChannelLayout['soundfield'] | undefined;
  }
  throw new CommandFault(`--layout ${SOUNDFIELD_NAMES.join(' | ')}`, EXIT.misused);
}

type Placed = { layout: ChannelLayout; slots: (number | undefined)[] | undefined };

/** Which slot each channel of a file goes to: by the usual order, or as it lies. */
function layoutFor(channelCount: number, choice: SoundChoice): Placed {
  const accessible = accessibleOf(choice);
  const usualName = channelCount === 8 && accessible.length === 0 ? '71' : '51';
  const soundfield = soundfieldOf(choice) ?? usualName;
  const layout = channelLayout(soundfield, { accessible });
  const usual = accessible.length > 0 ? undefined : usualSlots(layout.slots, channelCount);
  if (usual !== undefined) return { layout, slots: usual };
  // More channels than a soundfield has lie as ISDCF Doc 4 has them.
  const whole = channelLayout(soundfield, {
    accessible,
    slotCount: channelCount + (channelCount % 2),
  });
  const slots = whole.slots.map((_, index) => (index < channelCount ? index : undefined));
  return { layout: whole, slots };
}

/** Channels that no label names, and labels whose channel is silent, are no secret. */
function tellChannels(terminal: Terminal, path: string, channelCount: number, placed: Placed) {
  const { layout } = placed;
  const from = placed.slots ?? layout.slots.map((_, index) => index);
  const silent = layout.slots.filter(
    (name, slot) => name !== undefined && from[slot] === undefined,
  );
  const labelled = new Set(from.filter((_, slot) => layout.slots[slot] !== undefined));
  const unnamed = Array.from({ length: channelCount }, (_, index) => index)
    .filter((index) => !labelled.has(index))
    .map((index) => index + 1);
  if (unnamed.length > 0) {
    terminal.remark(
      terminal.words(
        `${path}：声道 ${unnamed.join('、')} 没有标签（${layout.soundfield}）`,
        `${path}: channels ${unnamed.join(', ')} have no label (${layout.soundfield})`,
      ),
    );
  }
  // Few channels in a wider soundfield are usual for stereo and mono.
  if (silent.length > 0 && channelCount > 3) {
    const names = silent.join(' ');
    terminal.remark(terminal.words(`${path}：${names} 无声`, `${path}: ${names} are silent`));
  }
}

async function* mapped(
  pieces: AsyncIterable<Uint8Array>,
  channels: number,
  slots: readonly (number | undefined)[] | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield slots === undefined ? piece : mapChannels(piece, channels, slots);
  }
}

function samplesFor(
  { frames, editRate }: Pick<GivenPicture, 'frames' | 'editRate'>,
  rateHz: number,
) {
  return Math.round((frames * editRate.denominator * rateHz) / editRate.numerator);
}

/** Sound shorter than its picture ends in silence; longer sound is cut. Both are said. */
function tellLength(terminal: Terminal, path: string, have: number, need: number, rate: number) {
  if (have === need) return;
  const seconds = (Math.abs(have - need) / rate).toFixed(3);
  terminal.remark(
    have < need
      ? terminal.words(
          `${path}：比画面短 ${seconds} 秒，以静音补足`,
          `${path}: ${seconds} s shorter than the picture, filled with silence`,
        )
      : terminal.words(
          `${path}：比画面长 ${seconds} 秒，已截去`,
          `${path}: ${seconds} s longer than the picture, cut`,
        ),
  );
}

/** The source with its exact length, measured on its way. */
function measured(
  pieces: () => AsyncIterable<Uint8Array>,
  sound: { layout: ChannelLayout; samplingRateHz: number; sampleCount: number },
): GivenSound {
  const { layout, samplingRateHz, sampleCount } = sound;
  const channelCount = layout.slots.length;
  const meter = new LoudnessMeter(samplingRateHz, channelWeights(layout.slots));
  const exact = async function* (): AsyncGenerator<Uint8Array> {
    const whole = sampleCount * channelCount * PCM_BYTES;
    let at = 0;
    for await (const piece of pieces()) {
      const part = piece.subarray(0, whole - at);
      at += part.length;
      meter.add(part);
      if (part.length > 0) yield part;
      if (at >= whole) return;
    }
    const pieceBytes = samplingRateHz * channelCount * PCM_BYTES;
    while (at < whole) {
      const silence = new Uint8Array(Math.min(pieceBytes, whole - at));
      at += silence.length;
      meter.add(silence);
      yield silence;
    }
  };
  return {
    meter,
    source: { kind: 'pcm', samples: exact, samplingRateHz, channelCount, sampleCount, layout },
  };
}

/** Labels stay what they are, unless another layout is asked for. */
function layoutOfTrack(terminal: Terminal, sound: SoundInfo, path: string, choice: SoundChoice) {
  const slotCount = sound.channelCount;
  const [soundfield, accessible] = [soundfieldOf(choice), accessibleOf(choice)];
  const own = layoutOfSound(sound);
  if (soundfield === undefined && accessible.length === 0 && own.layout !== undefined) {
    remarkFindings(terminal, inFile(path, own.findings), ALL_TEXTS);
    return own.layout;
  }
  const layout = channelLayout(soundfield ?? own.layout?.soundfield ?? '51', {
    slotCount,
    accessible,
  });
  if (layout.slots.length === slotCount) return layout;
  const need = `${layout.slots.length} ≠ ${slotCount}`;
  throw new CommandFault(`${path}: --layout, --accessible: ${need}`, EXIT.misused);
}

async function soundOfTrack(
  work: SourceWork,
  file: TrackFile,
  path: string,
  choice: SoundChoice,
): Promise<GivenSound> {
  const { sound } = file.info;
  const rate = sound?.samplingRate ?? { numerator: 48_000, denominator: 1 };
  const layout = layoutOfTrack(work.terminal, sound!, path, choice);
  const samplingRateHz = rate.numerator / rate.denominator;
  const perFrame =
    (samplingRateHz * file.info.editRate!.denominator) / file.info.editRate!.numerator;
  const sampleCount = Math.round(perFrame * file.frameCount);
  return measured(framesOf(work, file), { layout, samplingRateHz, sampleCount });
}

const FILM_LAYOUTS: Readonly<Record<6 | 8, ChannelLayout>> = {
  6: channelLayout('51'),
  8: { soundfield: '71', slots: ['L', 'R', 'C', 'LFE', 'Lss', 'Rss', 'Lrs', 'Rrs'] },
};

/** Whether sound that is converted becomes 7.1; other layouts are not guessed at. */
async function isWide(work: SourceWork, path: string, choice: SoundChoice): Promise<boolean> {
  const soundfield = soundfieldOf(choice);
  if (accessibleOf(choice).length > 0 || !['51', '71', undefined].includes(soundfield)) {
    throw new CommandFault(
      work.terminal.words(
        `${path}：须换算的声音只能是 51 或 71；其他布局请用同速 48 kHz WAVE`,
        `${path}: sound that is converted is 51 or 71; for other layouts give WAVE of 48 kHz ` +
          'at the speed of the picture',
      ),
      EXIT.misused,
    );
  }
  if (soundfield !== undefined) return soundfield === '71';
  const { signal } = work.terminal;
  const input = { kind: 'file' as const, path: resolve(path) };
  const probe = taken(
    work.terminal,
    await mediaEngine().probe({ verb: 'probe', input }, { signal }),
  );
  // Each channel may be a stream of its own.
  return programmeSound(probe)?.channels === 8;
}

async function soundOfFilm(
  work: SourceWork,
  path: string,
  picture: Pick<GivenPicture, 'frames' | 'editRate' | 'speed'>,
  choice: SoundChoice,
): Promise<GivenSound> {
  const wide = await isWide(work, path, choice);
  await mkdir(work.workFolder, { recursive: true });
  const sampleCount = samplesFor(picture, 48_000);
  // Mixes of several reels have one name in several folders.
  const about = JSON.stringify([resolve(path), formatRatio(picture.speed), sampleCount, wide]);
  const mark = toHex(digest(nodeCryptography, 'sha1', encodeUtf8(about))).slice(0, 12);
  const output = join(work.workFolder, `${basename(path, extname(path))}-${mark}.pcm`);
  const made = taken(
    work.terminal,
    await mediaEngine().pcm(
      {
        verb: 'pcm',
        input: { kind: 'file', path: resolve(path) },
        output,
        container: 'raw',
        layout: wide ? '7.1' : '5.1',
        sampleRate: 48_000,
        speed: formatRatio(picture.speed),
        samples: sampleCount,
      },
      { signal: work.terminal.signal },
    ),
  );
  const layout = FILM_LAYOUTS[wide ? 8 : 6];
  const pieces = () =>
    createReadStream(made.path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>;
  return measured(pieces, { layout, samplingRateHz: 48_000, sampleCount });
}
