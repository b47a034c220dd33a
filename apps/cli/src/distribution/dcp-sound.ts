import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { formatRatio } from '@yinglian/core';
import {
  channelLayout,
  type ChannelLayout,
  channelWeights,
  type EssenceSource,
  LoudnessMeter,
  mapChannels,
  openWave,
  type TrackFile,
  usualSlots,
  wavePcm,
} from '@yinglian/dcp';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import type { Terminal } from '../kernel/terminal.ts';
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
    if (file?.info.sound !== undefined) return soundOfTrack(work, file);
  }
  const plain = picture.speed.numerator === picture.speed.denominator;
  if (plain && /\.(?:wav|bwf|rf64)$/i.test(path)) {
    const wave = taken(work.terminal, await openWave(await openGiven(work, path), path));
    const { channelCount, samplingRateHz } = wave;
    if (samplingRateHz === 48_000 || samplingRateHz === 96_000) {
      const { layout, slots } = layoutFor(channelCount, choice);
      const samples = samplesFor(picture, samplingRateHz);
      tellLength(work.terminal, path, wave.sampleCount, samples, samplingRateHz);
      const pieces = () => mapped(wavePcm(wave), channelCount, slots);
      return measured(pieces, { layout, samplingRateHz, sampleCount: samples });
    }
  }
  return soundOfFilm(work, path, picture, choice);
}

/** Which slot each channel of a file goes to: by the usual order, or as it lies. */
function layoutFor(
  channelCount: number,
  choice: SoundChoice,
): { layout: ChannelLayout; slots: (number | undefined)[] | undefined } {
  const accessible = (choice.accessible ?? '')
    .split(',')
    .filter((name) => name === 'HI' || name === 'VIN');
  const named = choice.layout ?? (channelCount === 8 && accessible.length === 0 ? '71' : '51');
  if (!['51', '71', '61', 'SDS', 'M'].includes(named)) {
    throw new CommandFault('--layout 51 | 61 | 71 | SDS | M', EXIT.misused);
  }
  const soundfield = named as ChannelLayout['soundfield'];
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

async function soundOfTrack(work: SourceWork, file: TrackFile): Promise<GivenSound> {
  const { sound } = file.info;
  const rate = sound?.samplingRate ?? { numerator: 48_000, denominator: 1 };
  const layout = channelLayout('51', { slotCount: sound!.channelCount });
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

async function soundOfFilm(
  work: SourceWork,
  path: string,
  picture: Pick<GivenPicture, 'frames' | 'editRate' | 'speed'>,
  choice: SoundChoice,
): Promise<GivenSound> {
  const wide = choice.layout === '71';
  const output = join(work.workFolder, `${basename(path, extname(path))}.pcm`);
  await mkdir(work.workFolder, { recursive: true });
  const sampleCount = samplesFor(picture, 48_000);
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
