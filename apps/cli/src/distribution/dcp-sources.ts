import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import {
  type ByteSource,
  formatRatio,
  parseRatio,
  ratio,
  type Ratio,
  type Uuid,
  uuidFromRandom,
} from '@yinglian/core';
import {
  channelLayout,
  type ChannelLayout,
  channelWeights,
  cinemaRate,
  type ContainerName,
  type EssenceSource,
  LoudnessMeter,
  mapChannels,
  openTrackFile,
  openWave,
  plainFrames,
  type Rational,
  readAnyCues,
  readTimedText,
  type RgbSpaceName,
  type Standard,
  suitableContainer,
  type TrackFile,
  usualSlots,
  wavePcm,
  writeTimedText,
} from '@yinglian/dcp';
import { nodeCryptography, openFile } from '@yinglian/host';
import {
  createMediaEngine,
  encodeCinemaFrames,
  mainPicture,
  type MediaEngine,
  type MediaInput,
} from '@yinglian/media';
import type { RandomBytes } from '@yinglian/core';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { taken } from './given.ts';

/** What all sources of one build share. */
export type SourceWork = {
  readonly terminal: Terminal;
  readonly standard: Standard;
  /** Of ids that documents get here. */
  readonly random: RandomBytes;
  /** Codestreams and sound that were made, kept until the package is whole. */
  readonly workFolder: string;
  readonly keys: ReadonlyMap<Uuid, Uint8Array>;
  /** Files that are read while the package is written, to be closed after it. */
  readonly opened: ByteSource[];
};

/** Picture of a reel, and what it settles for the rest of the reel. */
export type GivenPicture = {
  readonly source: EssenceSource;
  readonly frames: number;
  readonly editRate: Rational;
  /** How much faster than its original it plays; sound from the same original follows. */
  readonly speed: Ratio;
  readonly container: ContainerName | undefined;
};

/** How pictures become codestreams. */
export type PictureChoice = {
  readonly container?: string;
  readonly resolution: string;
  readonly mode: string;
  readonly rate?: string;
  readonly repeat?: boolean;
  readonly bitRate: string;
  readonly space?: string;
};

const ONE = ratio(1n);
const CODESTREAM = /\.(?:j2c|j2k|jpc|jp2c)$/i;
const PICTURE = /\.(?:tiff?|png|dpx|exr|jpe?g|bmp)$/i;

let engine: MediaEngine | undefined;
const mediaEngine = () => (engine ??= createMediaEngine());

/** A folder of codestreams or pictures, a track file, or a film. */
export async function givenPicture(
  work: SourceWork,
  path: string,
  rightEye: string | undefined,
  choice: PictureChoice,
): Promise<GivenPicture> {
  const left = await codestreamsIn(path);
  if (left !== undefined) {
    const right = rightEye === undefined ? undefined : await codestreamsIn(rightEye);
    if (rightEye !== undefined && right?.length !== left.length) {
      throw new CommandFault(`${rightEye}: ${right?.length ?? 0} ≠ ${left.length}`, EXIT.misused);
    }
    return fromCodestreams(left, right, choice);
  }
  if (rightEye !== undefined) throw new CommandFault('--right-eye: .j2c', EXIT.misused);
  if (/\.mxf$/i.test(path)) {
    const file = await openGivenTrack(work, path);
    if (file !== undefined && file.info.picture !== undefined) return fromTrack(work, file, path);
  }
  return encoded(work, await pictureInput(path, choice), choice);
}

async function codestreamsIn(path: string): Promise<string[] | undefined> {
  if (!(await stat(path)).isDirectory()) return undefined;
  const names = (await readdir(path)).filter((name) => CODESTREAM.test(name));
  if (names.length === 0) return undefined;
  return names.sort(byNumber).map((name) => join(path, name));
}

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

async function fromCodestreams(
  left: readonly string[],
  right: readonly string[] | undefined,
  choice: PictureChoice,
): Promise<GivenPicture> {
  const paths = right === undefined ? left : left.flatMap((path, index) => [path, right[index]!]);
  const frameBytes: number[] = [];
  for (const path of paths) frameBytes.push((await stat(path)).size);
  return {
    source: {
      kind: 'codestreams',
      frames: () => filesOf(paths),
      frameBytes,
      stereoscopic: right !== undefined,
    },
    frames: left.length,
    editRate: rationalOf(choice.rate ?? '24'),
    speed: ONE,
    container: undefined,
  };
}

async function* filesOf(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield new Uint8Array(await readFile(path));
}

/** `24`, `25/1`; exits as misused for anything else. */
export function rationalOf(text: string): Rational {
  const parsed = parseRatio(text);
  if (parsed === undefined || parsed.numerator <= 0n) {
    throw new CommandFault(`--rate ${text}`, EXIT.misused);
  }
  return { numerator: Number(parsed.numerator), denominator: Number(parsed.denominator) };
}

async function openGiven(work: SourceWork, path: string): Promise<ByteSource> {
  const source = await openFile(resolve(path));
  work.opened.push(source);
  return source;
}

async function openGivenTrack(work: SourceWork, path: string): Promise<TrackFile | undefined> {
  const source = await openGiven(work, path);
  const opened = await openTrackFile(source);
  // A film in MXF that is no track file of D-cinema is the media engine's.
  if (
    !opened.ok ||
    !['jpeg2000', 'stereoscopic', 'pcm', 'timed_text', 'atmos', 'auxiliary_data'].includes(
      opened.value.info.essence,
    )
  ) {
    return undefined;
  }
  const keyId = opened.value.info.encryption?.keyId;
  if (keyId !== undefined && !work.keys.has(keyId)) {
    throw new CommandFault(`${path}: ${keyId}: --keys, --kdm`, EXIT.misused);
  }
  return opened.value;
}

function framesOf(work: SourceWork, file: TrackFile): () => AsyncIterable<Uint8Array> {
  const keyId = file.info.encryption?.keyId;
  const key = keyId === undefined ? undefined : work.keys.get(keyId);
  return () =>
    plainFrames(file, {
      cryptography: nodeCryptography,
      ...(key === undefined ? {} : { key }),
      signal: work.terminal.signal,
    });
}

function fromTrack(work: SourceWork, file: TrackFile, path: string): GivenPicture {
  const { editRate, essence } = file.info;
  if (editRate === undefined) throw new CommandFault(`${path}: EditRate`, EXIT.misused);
  const stereoscopic = essence === 'stereoscopic';
  return {
    source: { kind: 'codestreams', frames: framesOf(work, file), stereoscopic },
    frames: file.frameCount,
    editRate,
    speed: ONE,
    container: undefined,
  };
}

async function pictureInput(path: string, choice: PictureChoice): Promise<MediaInput> {
  const at = resolve(path);
  if (!(await stat(at)).isDirectory()) return { kind: 'file', path: at };
  const names = (await readdir(at)).filter((name) => PICTURE.test(name)).sort(byNumber);
  const first = /^(.*?)(\d+)(\.\w+)$/.exec(names[0] ?? '');
  if (first === null) {
    throw new CommandFault(`${path}: .j2c .tif .png .dpx .exr .jpg`, EXIT.misused);
  }
  const [, stem, digits, extension] = first;
  const numbers = names
    .map((name) => (name.startsWith(stem!) ? /(\d+)(\.\w+)$/.exec(name) : null))
    .filter((match) => match !== null && match[2] === extension)
    .map((match) => Number(match![1]));
  const gap = numbers.findIndex((number, index) => number !== numbers[0]! + index);
  if (gap >= 0) throw new CommandFault(`${path}: ${numbers[0]! + gap} ?`, EXIT.misused);
  return {
    kind: 'sequence',
    pattern: join(at, `${stem}%0${digits!.length}d${extension}`),
    firstNumber: numbers[0]!,
    count: numbers.length,
    frameRate: choice.rate ?? '24',
  };
}

async function encoded(
  work: SourceWork,
  input: MediaInput,
  choice: PictureChoice,
): Promise<GivenPicture> {
  const { terminal, standard } = work;
  const { signal } = terminal;
  const probe = taken(terminal, await mediaEngine().probe({ verb: 'probe', input }, { signal }));
  const picture = mainPicture(probe);
  if (picture === undefined || picture.frameRate === null) {
    throw new CommandFault(terminal.words('没有画面', 'no picture'), EXIT.faulty);
  }
  const fourK = choice.resolution === '4k';
  const { editRate, speed } = rateOf(terminal, picture.frameRate, choice, standard, fourK);
  const container = containerOf(choice, picture, fourK);
  const folder = join(work.workFolder, 'codestreams');
  await mkdir(folder, { recursive: true });
  const progress = terminal.progress(terminal.words('压缩画面', 'pictures'));
  let done = 0;
  try {
    const result = taken(
      terminal,
      await encodeCinemaFrames(
        mediaEngine(),
        {
          input,
          folder,
          container,
          mode: choice.mode === 'fill' ? 'fill' : 'fit',
          editRate: formatRatio(editRate),
          repeat: choice.repeat === true,
          bitRateMbit: Number(choice.bitRate),
          space: (choice.space as RgbSpaceName | undefined) ?? spaceOf(picture.colour.primaries),
        },
        {
          signal,
          onFrame: () => {
            const total = picture.frames ?? 0;
            progress.update(total > 0 ? ++done / total : undefined, String(done));
          },
        },
      ),
    );
    if (result.frames.length === 0) {
      throw new CommandFault(terminal.words('没有画面', 'no picture'), EXIT.faulty);
    }
    const paths = result.frames.map((each) => each.path);
    const frameBytes = result.frames.map((each) => each.sizeBytes);
    return {
      source: { kind: 'codestreams', frames: () => filesOf(paths), frameBytes },
      frames: paths.length,
      editRate: {
        numerator: Number(editRate.numerator),
        denominator: Number(editRate.denominator),
      },
      speed,
      container,
    };
  } finally {
    progress.done();
  }
}

function rateOf(
  terminal: Terminal,
  frameRate: string,
  choice: PictureChoice,
  standard: Standard,
  fourK: boolean,
): { editRate: Ratio; speed: Ratio } {
  const source = parseRatio(frameRate)!;
  const wanted = choice.rate === undefined ? undefined : parseRatio(choice.rate);
  if (wanted !== undefined) {
    if (choice.repeat === true) return { editRate: wanted, speed: ONE };
    const speed = ratio(
      wanted.numerator * source.denominator,
      wanted.denominator * source.numerator,
    );
    return { editRate: wanted, speed };
  }
  const plan = cinemaRate(source, standard, fourK);
  if (plan !== undefined) return plan;
  throw new CommandFault(
    terminal.words(
      `片源为每秒 ${frameRate} 幅，请用 --rate 选定（加 --repeat 则保持时长）`,
      `the source has ${frameRate} pictures a second: choose with --rate (--repeat keeps time)`,
    ),
    EXIT.misused,
  );
}

function containerOf(
  { container }: PictureChoice,
  picture: { readonly width: number; readonly height: number },
  fourK: boolean,
): ContainerName {
  if (container === undefined) return suitableContainer(picture, { fourK });
  if (['flat', 'scope', 'full'].includes(container)) {
    return `${container}_${fourK ? '4k' : '2k'}` as ContainerName;
  }
  throw new CommandFault('--container flat | scope | full', EXIT.misused);
}

function spaceOf(primaries: string | null): RgbSpaceName {
  if (primaries === 'smpte432') return 'p3_d65';
  return primaries === 'smpte431' ? 'p3_dci' : 'rec709';
}

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

/** Text of a reel: cues of any form, or a document of the standard with its fonts and pictures. */
export async function givenText(
  work: SourceWork,
  path: string,
  reel: {
    readonly number: number;
    readonly frames: number;
    readonly editRate: Rational;
    readonly title: string;
    readonly language: string;
    readonly issueDate: string;
    readonly font: string | undefined;
  },
): Promise<EssenceSource> {
  const { terminal, standard } = work;
  const bytes = await readGiven(path);
  const durationFrames = reel.frames;
  if (/\.xml$/i.test(path)) {
    const read = readTimedText(bytes, path);
    if (read.ok && read.value.standard === standard && read.value.id !== undefined) {
      const wanted = [...read.value.fonts, ...read.value.images].map((each) => each.target);
      return {
        kind: 'timed_text',
        document: bytes,
        documentId: read.value.id,
        namespaceName: read.value.namespaceName,
        durationFrames,
        resources: await resourcesOf(work, dirname(resolve(path)), [...new Set(wanted)]),
      };
    }
  }
  const cues = taken(terminal, readAnyCues(bytes, path));
  const id = uuidFromRandom(work.random(16));
  const font = reel.font === undefined ? undefined : await fontOf(work, reel.font);
  const seconds = (reel.frames * reel.editRate.denominator) / reel.editRate.numerator;
  const document = writeTimedText(
    cues,
    {
      standard,
      id,
      title: reel.title,
      language: reel.language,
      issueDate: reel.issueDate,
      reelNumber: reel.number,
      editRate: reel.editRate,
      ...(font === undefined ? {} : { font: { id: font.id, fileName: font.fileName } }),
    },
    { fromMs: 0, untilMs: seconds * 1000 },
  );
  return {
    kind: 'timed_text',
    document,
    documentId: id,
    durationFrames,
    ...(font === undefined ? {} : { resources: [font] }),
  };
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.ttf': 'application/x-font-opentype',
  '.otf': 'application/x-font-opentype',
};

async function fontOf(work: SourceWork, path: string) {
  const id = uuidFromRandom(work.random(16));
  const extension = extname(path).toLowerCase();
  return {
    id,
    mediaType: 'application/x-font-opentype',
    bytes: await readGiven(path),
    fileName: `${id}${extension === '' ? '.ttf' : extension}`,
  };
}

/** Resources lie beside the document under their id (SMPTE) or their name (Interop). */
async function resourcesOf(work: SourceWork, folder: string, wanted: readonly string[]) {
  const names = await readdir(folder);
  return Promise.all(
    wanted.map(async (target) => {
      const name = names.find((each) => each === target || each.startsWith(`${target}.`));
      if (name === undefined) throw new CommandFault(`${folder}: ${target} ?`, EXIT.misused);
      const id =
        /^[0-9a-f-]{36}/i.exec(target)?.[0].toLowerCase() ?? uuidFromRandom(work.random(16));
      const mediaType = MEDIA_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';
      return { id, mediaType, bytes: await readGiven(join(folder, name)), fileName: name };
    }),
  );
}

/** Immersive sound and other data, out of a track file. */
export async function givenData(work: SourceWork, path: string): Promise<EssenceSource> {
  const file = await openGivenTrack(work, path);
  if (file === undefined || !['atmos', 'auxiliary_data'].includes(file.info.essence)) {
    throw new CommandFault(`${path}: MXF, ST 429-14, ST 429-18`, EXIT.misused);
  }
  const { coding, atmos } = file.info.data ?? {};
  return {
    kind: 'data',
    frames: framesOf(work, file),
    ...(coding === undefined ? {} : { coding }),
    ...(atmos === undefined ? {} : { atmos }),
  };
}
