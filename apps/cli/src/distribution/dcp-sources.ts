import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type ByteSource,
  formatRatio,
  parseRatio,
  type RandomBytes,
  type Ratio,
  ratio,
  type Uuid,
} from '@yinglian/core';
import {
  cinemaRate,
  type ContainerName,
  type Cue,
  type EssenceSource,
  openTrackFile,
  type PictureArea,
  plainFrames,
  type Rational,
  RGB_SPACES,
  type RgbSpaceName,
  type Standard,
  suitableContainer,
  type TrackFile,
} from '@yinglian/dcp';
import { nodeCryptography, openFile } from '@yinglian/host';
import {
  cinemaActiveArea,
  type CinemaFrameEntry,
  type CinemaEncoderName,
  createMediaEngine,
  croppedPicture,
  encodeCinemaFrames,
  mainPicture,
  type MediaEngine,
  type CinemaMode,
  type CinemaSpace,
  type MediaInput,
  type PictureStream,
} from '@yinglian/media';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { remarkFindings } from '../kernel/findings.ts';
import { byNumber } from '../kernel/sequence.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { cropOf } from './dcp-crop.ts';
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
  /** Texts of the whole film, read once for all reels. */
  readonly cues: Map<string, readonly Cue[]>;
};

/** Picture of a reel, and what it settles for the rest of the reel. */
export type GivenPicture = {
  readonly source: EssenceSource;
  readonly frames: number;
  readonly editRate: Rational;
  /** How much faster than its original it plays; sound from the same original follows. */
  readonly speed: Ratio;
  readonly container: ContainerName | undefined;
  /** Where pictures were laid into a container: what of it they fill. */
  readonly activeArea?: PictureArea;
};

/** How pictures become codestreams. */
export type PictureChoice = {
  readonly container?: string;
  readonly resolution: string;
  readonly mode: string;
  /** What of the picture is taken. */
  readonly crop?: string;
  readonly rate?: string;
  readonly repeat?: boolean;
  readonly bitRate: string;
  readonly encoder: string;
  readonly space?: string;
};

/** How a picture of another shape is laid into its container. */
export const MODES: readonly string[] = ['fit', 'fill', 'none'];
/** Colour spaces that sources may have. */
export const SPACES: readonly string[] = [...Object.keys(RGB_SPACES), 'xyz'];

const ONE = ratio(1n);
const CODESTREAM = /\.(?:j2c|j2k|jpc|jp2c)$/i;
const PICTURE = /\.(?:tiff?|png|dpx|exr|jpe?g|bmp)$/i;

let engine: MediaEngine | undefined;
/** One engine for all sources of a command; nothing starts before its first job. */
export const mediaEngine = () => (engine ??= createMediaEngine());

/** A folder of codestreams or pictures, a track file, or a film. */
export async function givenPicture(
  work: SourceWork,
  path: string,
  rightEye: string | undefined,
  choice: PictureChoice,
): Promise<GivenPicture> {
  const left = await codestreamsIn(path);
  if (left !== undefined) {
    if (choice.crop !== undefined) throw uncroppable(path);
    const right = rightEye === undefined ? undefined : await codestreamsIn(rightEye);
    if (rightEye !== undefined && right?.length !== left.length) {
      throw new CommandFault(`${rightEye}: ${right?.length ?? 0} ≠ ${left.length}`, EXIT.misused);
    }
    return fromCodestreams(left, right, choice);
  }
  if (/\.mxf$/i.test(path)) {
    const file = await openGivenTrack(work, path);
    if (file !== undefined && file.info.picture !== undefined) {
      // A stereoscopic track file has both eyes in it.
      if (rightEye !== undefined) throw new CommandFault(`${path}: --right-eye`, EXIT.misused);
      if (choice.crop !== undefined) throw uncroppable(path);
      return fromTrack(work, file, path);
    }
  }
  const input = await pictureInput(work, path, choice);
  if (rightEye === undefined) return (await encoded(work, input, choice, false)).picture;
  return bothEyes(work, input, await pictureInput(work, rightEye, choice), choice, rightEye);
}

/** What is coded already stays as it is. */
function uncroppable(path: string): CommandFault {
  return new CommandFault(`${path}: --crop`, EXIT.misused);
}

/** Two films or folders of pictures, which play as one: picture by picture, left eye first. */
async function bothEyes(
  work: SourceWork,
  leftInput: MediaInput,
  rightInput: MediaInput,
  choice: PictureChoice,
  path: string,
): Promise<GivenPicture> {
  if (choice.resolution === '4k') {
    throw new CommandFault('--right-eye: --resolution 2k (RDD 52 7.2)', EXIT.misused);
  }
  const left = await encoded(work, leftInput, choice, true);
  const right = await encoded(work, rightInput, choice, true);
  for (const name of ['frames', 'editRate', 'container', 'activeArea'] as const) {
    const [one, other] = [left, right].map(({ picture }) => JSON.stringify(picture[name]));
    if (one === other) continue;
    throw new CommandFault(`${path}: ${name} ${other} ≠ ${one}`, EXIT.misused);
  }
  const files = left.files.flatMap((file, index) => [file, right.files[index]!]);
  return { ...left.picture, source: codestreamsOf(files, true) };
}

/** Codestreams in files, whose sizes are known. */
function codestreamsOf(
  files: readonly { readonly path: string; readonly sizeBytes: number }[],
  stereoscopic: boolean,
): EssenceSource {
  return {
    kind: 'codestreams',
    frames: () => filesOf(files.map(({ path }) => path)),
    frameBytes: files.map(({ sizeBytes }) => sizeBytes),
    stereoscopic,
  };
}

async function codestreamsIn(path: string): Promise<string[] | undefined> {
  if (!(await stat(path)).isDirectory()) return undefined;
  const names = (await readdir(path)).filter((name) => CODESTREAM.test(name));
  if (names.length === 0) return undefined;
  return names.sort(byNumber).map((name) => join(path, name));
}

async function fromCodestreams(
  left: readonly string[],
  right: readonly string[] | undefined,
  choice: PictureChoice,
): Promise<GivenPicture> {
  const paths = right === undefined ? left : left.flatMap((path, index) => [path, right[index]!]);
  const files: { path: string; sizeBytes: number }[] = [];
  for (const path of paths) files.push({ path, sizeBytes: (await stat(path)).size });
  return {
    source: codestreamsOf(files, right !== undefined),
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

/** A file that stays open until the package is written. */
export async function openGiven(work: SourceWork, path: string): Promise<ByteSource> {
  const source = await openFile(resolve(path));
  work.opened.push(source);
  return source;
}

/** A track file of D-cinema; undefined for any other MXF. */
export async function openGivenTrack(
  work: SourceWork,
  path: string,
): Promise<TrackFile | undefined> {
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

/** Plain elements of a track file, opened with its key. */
export function framesOf(work: SourceWork, file: TrackFile): () => AsyncIterable<Uint8Array> {
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

async function pictureInput(
  work: SourceWork,
  path: string,
  choice: PictureChoice,
): Promise<MediaInput> {
  const at = resolve(path);
  if (!(await stat(at)).isDirectory()) return { kind: 'file', path: at };
  const names = (await readdir(at)).filter((name) => PICTURE.test(name)).sort(byNumber);
  const first = /^(.*?)(\d+)(\.\w+)$/.exec(names[0] ?? '');
  if (first === null) {
    const forms = '.j2c .tif .png .dpx .exr .jpg';
    throw new CommandFault(
      work.terminal.words(
        `${path}：没有带编号的画面（${forms}）`,
        `${path}: no numbered pictures (${forms})`,
      ),
      EXIT.misused,
    );
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
  stereo: boolean,
): Promise<{ readonly picture: GivenPicture; readonly files: readonly CinemaFrameEntry[] }> {
  const { terminal, standard } = work;
  const { signal } = terminal;
  const probe = taken(terminal, await mediaEngine().probe({ verb: 'probe', input }, { signal }));
  const whole = mainPicture(probe);
  if (whole === undefined || whole.frameRate === null) {
    throw new CommandFault(terminal.words('没有画面', 'no picture'), EXIT.faulty);
  }
  const crop = cropOf(choice.crop, whole);
  const picture = crop === undefined ? whole : croppedPicture(whole, crop);
  const fourK = choice.resolution === '4k';
  const { editRate, speed } = rateOf(terminal, whole.frameRate, choice, standard, fourK);
  const container = containerOf(choice, picture, fourK);
  const mode = choice.mode as CinemaMode;
  const folder = join(work.workFolder, 'codestreams');
  await mkdir(folder, { recursive: true });
  const progress = terminal.progress(terminal.words('压缩画面', 'pictures'));
  let done = 0;
  try {
    const outcome = await encodeCinemaFrames(
      mediaEngine(),
      {
        input,
        folder,
        container,
        mode,
        ...(crop === undefined ? {} : { crop }),
        editRate: formatRatio(editRate),
        repeat: choice.repeat === true,
        bitRateMbit: Number(choice.bitRate),
        stereo,
        encoder: choice.encoder as CinemaEncoderName,
        space: (choice.space as CinemaSpace | undefined) ?? spaceOf(picture),
      },
      {
        signal,
        onFrame: () => {
          const total = picture.frames ?? 0;
          progress.update(total > 0 ? ++done / total : undefined, String(done));
        },
      },
    );
    const remarks = outcome.ok ? outcome.findings : [];
    remarkFindings(terminal, remarks, ALL_TEXTS);
    const result = taken(terminal, outcome);
    if (result.frames.length === 0) {
      throw new CommandFault(terminal.words('没有画面', 'no picture'), EXIT.faulty);
    }
    const files = result.frames;
    const given = {
      source: codestreamsOf(files, false),
      frames: files.length,
      editRate: {
        numerator: Number(editRate.numerator),
        denominator: Number(editRate.denominator),
      },
      speed,
      container,
      activeArea: cinemaActiveArea(picture, container, mode),
    };
    return { picture: given, files };
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

function spaceOf({ colour, hdr }: PictureStream): RgbSpaceName {
  const { primaries } = colour;
  // What is brought down from PQ or HLG is BT.709 afterwards.
  if (hdr.kind !== 'sdr') return 'rec709';
  if (primaries === 'bt2020') return 'rec2020';
  if (primaries === 'smpte432') return 'p3_d65';
  return primaries === 'smpte431' ? 'p3_dci' : 'rec709';
}
