import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type ByteSource, type Uuid } from '@yinglian/core';
import {
  buildPackage,
  CONTENT_KINDS,
  type EssenceSource,
  type Loudness,
  type MetadataPlan,
  type PackagePlan,
  type PictureArea,
  type ReelPlan,
  type Standard,
  verifyPackage,
} from '@yinglian/dcp';
import { folderReader, folderWriter, nodeCryptography, seededRandomBytes } from '@yinglian/host';
import { CINEMA_ENCODERS } from '@yinglian/media';
import { openExaminerCrew } from '@yinglian/transfer';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { checkTexts, textPaths, type TextOptions, textsOfReel } from './dcp-captions.ts';
import { METADATA_OPTIONS, type MetadataChoice, metadataOf, withMetadata } from './dcp-metadata.ts';
import {
  existingPicture,
  existingTracks,
  isGiven,
  keptMetadata,
  originalReels,
} from './dcp-original.ts';
import { beginning, essenceMark, refuseFinished } from './dcp-resume.ts';
import { type GivenSound, givenSound, type SoundChoice } from './dcp-sound.ts';
import { givenPicture, MODES, type PictureChoice, SPACES, type SourceWork } from './dcp-sources.ts';
import { givenData } from './dcp-text.ts';
import {
  givenKeys,
  givenSigner,
  type KeyOptions,
  type SignerOptions,
  taken,
  writeKeyFile,
} from './given.ts';

/** `yinglian dcp build`: a package from files, one reel for each picture given. */
export function registerDcpBuild(dcp: Command, environment: Environment): void {
  withMetadata(dcp.command('build <folder>'))
    .description('build a package from pictures, sound and text 制作发行包')
    .option('--picture <path...>', 'codestreams, pictures, a film or a track file; one per reel')
    .option('--right-eye <path...>', 'the right eye, for 3D: codestreams, pictures or a film')
    .option('--sound <path...>', 'WAVE, track file or film')
    .option('--subtitle <path...>', 'SRT, WebVTT, TTML, or XML of the standard')
    .option('--caption <path...>', 'closed captions, the same forms; fr=<path> for more languages')
    .option('--open-caption <path...>', 'captions that everybody sees, the same forms')
    .option('--closed-subtitle <path...>', 'subtitles on devices of their own, the same forms')
    .option('--immersive <path...>', 'Atmos or IAB track files')
    .option('--ov <folder>', 'a version file over this original: what is given replaces its tracks')
    .option('--ov-cpl <id>', 'which composition of the original, where it has several')
    .requiredOption('--title <text>', 'ContentTitleText')
    .option('--kind <code>', `${Object.keys(CONTENT_KINDS).join(', ')}`, 'FTR')
    .option('--standard <name>', 'smpte or interop', 'smpte')
    .option('--container <name>', 'flat, scope, full; what fits best unless told')
    .option('--resolution <name>', '2k or 4k', '2k')
    .option(
      '--mode <name>',
      'fit (all of the picture), fill (all of the container) or none (no scaling)',
      'fit',
    )
    .option('--crop <area>', 'what of the picture is taken: 1920x800+0+140, or a shape: 2.39')
    .option('--rate <rate>', 'pictures a second; that of the source where cinemas take it')
    .option('--repeat', 'keep time by repeating or leaving out pictures, not by speed')
    .option('--bit-rate <mbit>', 'highest rate of the picture', '250')
    .option('--encoder <name>', `what compresses pictures: ${CINEMA_ENCODERS.join(', ')}`, 'own')
    .option('--space <name>', `${SPACES.join(', ')}; as the source says unless told`)
    .option('--layout <name>', 'soundfield: 51, 61, 71, SDS, M')
    .option('--accessible <names>', 'channels 7 and 8: HI,VIN')
    .option('--sound-language <tag>', 'of the sound, RFC 5646')
    .option('--text-language <tag>', 'of subtitles and captions', 'en')
    .option('--font <file>', 'of subtitles that bring none')
    .option('--marker <text...>', '[reel:]LABEL=frame, for example 1:FFEC=4200')
    .option('--encrypt', 'encrypt every track file')
    .option('--signer <pem...>', 'chain that signs CPL and PKL')
    .option('--signer-key <file>', 'its private key')
    .option('--keys-out <file>', 'where content keys go; needed with --encrypt')
    .option('--keys <file>', 'content keys of encrypted sources')
    .option('--kdm <file...>', 'key messages for encrypted sources')
    .option('--kdm-key <file>', 'private key that opens them')
    .option('--issuer <text>', 'who issues', 'Yinglian')
    .option('--date <instant>', 'issue date with an offset; now unless told')
    .option('--seed <text>', 'the same sources, options, date and seed give the same bytes')
    .option('--no-check', 'do not judge the package after building')
    .action((folder: string, options: BuildCommand) => build(environment, folder, options));
}

type BuildCommand = SignerOptions &
  KeyOptions &
  PictureChoice &
  SoundChoice &
  MetadataChoice &
  TextOptions & {
    readonly picture?: readonly string[];
    readonly rightEye?: readonly string[];
    readonly sound?: readonly string[];
    readonly immersive?: readonly string[];
    readonly ov?: string;
    readonly ovCpl?: string;
    readonly title: string;
    readonly kind: string;
    readonly standard: string;
    readonly soundLanguage?: string;
    readonly font?: string;
    readonly marker?: readonly string[];
    readonly encrypt?: boolean;
    readonly keysOut?: string;
    readonly issuer: string;
    readonly date?: string;
    readonly seed?: string;
    readonly check: boolean;
  };

async function build(environment: Environment, out: string, options: BuildCommand) {
  const terminal = environment.terminal();
  checkOptions(options);
  const folder = resolve(out);
  const workFolder = `${folder}.work`;
  await refuseFinished(terminal, folder, workFolder);
  await mkdir(workFolder, { recursive: true });
  const essence = await essenceMark(essenceOf(options), sourcesIn(options));
  const begun = await beginning({ folder, workFolder }, options, essence);
  const random = seededRandomBytes(`${begun.seed}/sources`);
  const standard = options.standard as Standard;
  const keys = await givenKeys(terminal, options);
  const opened: ByteSource[] = [];
  const cues: SourceWork['cues'] = new Map();
  const work: SourceWork = { terminal, standard, random, workFolder, keys, opened, cues };
  const signer = await givenSigner(terminal, options);
  const given = await gather(work, options, begun.issueDate);
  const plan = planOf(options, given, begun.issueDate);
  await mkdir(folder, { recursive: true });
  const progress = terminal.progress(terminal.words('写入', 'write'));
  const built = await buildPackage(
    plan,
    given.sources,
    { ...folderReader(folder), ...folderWriter(folder) },
    {
      cryptography: nodeCryptography,
      random: seededRandomBytes(`${begun.seed}/package`),
      ...(signer === undefined ? {} : { signer }),
    },
    {
      resume: true,
      signal: terminal.signal,
      onProgress: ({ done, total, file }) =>
        progress.update(total === undefined ? undefined : done / total, file),
    },
  ).finally(() => progress.done());
  const value = taken(terminal, built);
  if (value.keys.length > 0) {
    const about = { compositionId: value.composition.id, title: options.title, standard };
    await writeKeyFile(options.keysOut!, about, value.keys);
  }
  for (const source of opened) await source.close?.();
  const allKeys = new Map<Uuid, Uint8Array>([
    ...keys,
    ...value.keys.map(({ keyId, key }) => [keyId, key] as const),
  ]);
  const findings = options.check
    ? await judged(terminal, folder, allKeys, options.ov)
    : built.findings;
  await rm(workFolder, { recursive: true, force: true });
  const loudness = given.sounds.map(({ meter }) => meter.result());
  terminal.answer({
    folder,
    composition: { id: value.composition.id, title: value.composition.title },
    files: value.files.map(({ path, sizeBytes, hash }) => ({ path, sizeBytes, hash })),
    keys: value.keys.map(({ keyId, type, assetId }) => ({ keyId, type, assetId })),
    loudness,
    findings,
  });
  terminal.say(`${value.composition.title}  ${value.composition.id}`);
  for (const each of loudness) sayLoudness(terminal, each);
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

function planOf(options: BuildCommand, given: Gathered, issueDate: string): PackagePlan {
  const { numerator, denominator } = given.editRate;
  const { metadata, ratings } = metadataOf(options);
  return {
    standard: options.standard as Standard,
    title: options.title,
    issueDate,
    issuer: options.issuer,
    creator: 'Yinglian',
    contentKind: { value: CONTENT_KINDS[options.kind] ?? options.kind.toLowerCase() },
    editRate: { numerator, denominator },
    encrypted: options.encrypt === true,
    reels: given.reels,
    ...(ratings === undefined ? {} : { ratings }),
    metadata: { ...given.metadata, ...metadata },
  };
}

function checkOptions(options: BuildCommand): void {
  const fault = (text: string): never => {
    throw new CommandFault(text, EXIT.misused);
  };
  if (!['smpte', 'interop'].includes(options.standard)) fault('--standard smpte | interop');
  if (options.encrypt === true && options.keysOut === undefined) fault('--encrypt --keys-out');
  if (options.encrypt === true && options.signer === undefined) fault('--encrypt --signer');
  if (options.picture === undefined && options.ov === undefined) fault('--picture, --ov');
  if (!(Number(options.bitRate) > 0)) fault('--bit-rate');
  if (!(CINEMA_ENCODERS as readonly string[]).includes(options.encoder)) {
    fault(`--encoder ${CINEMA_ENCODERS.join(' | ')}`);
  }
  if (!MODES.includes(options.mode)) fault(`--mode ${MODES.join(' | ')}`);
  if (!['2k', '4k'].includes(options.resolution)) fault('--resolution 2k | 4k');
  const { space } = options;
  if (space !== undefined && !SPACES.includes(space)) fault(`--space ${SPACES.join(' | ')}`);
  checkTexts(options, options.standard);
  const described = metadataOf(options);
  if (options.standard === 'interop' && Object.keys(described.metadata).length > 0) {
    fault('--standard interop: ST 429-16');
  }
}

/** Options that change no track file: a run that was cut goes on with others of these. */
const NOT_ESSENCE: ReadonlySet<string> = new Set([
  'kind',
  'marker',
  'issuer',
  'check',
  'signer',
  'signerKey',
  'keysOut',
  'keys',
  'kdm',
  'kdmKey',
  'seed',
  ...METADATA_OPTIONS,
]);

/** What of the options of a build track files are made by. */
export function essenceOf(
  options: Partial<TextOptions> & MetadataChoice & { readonly date?: string },
): object {
  // Only texts carry the date of issue in themselves.
  const dated = textPaths(options).length > 0;
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => (name === 'date' ? dated : !NOT_ESSENCE.has(name))),
  );
}

function sourcesIn(options: BuildCommand): string[] {
  const { picture, rightEye, sound, immersive, font } = options;
  const lists = [picture, rightEye, sound, textPaths(options), immersive];
  return [...lists.flatMap((each) => each ?? []), ...(font === undefined ? [] : [font])];
}

type Gathered = {
  readonly reels: readonly ReelPlan[];
  readonly sources: Readonly<Record<string, EssenceSource>>;
  readonly editRate: { readonly numerator: number; readonly denominator: number };
  readonly sounds: readonly GivenSound[];
  /** What an original version says of tracks that stay. */
  readonly metadata: MetadataPlan;
};

async function gather(
  work: SourceWork,
  options: BuildCommand,
  issueDate: string,
): Promise<Gathered> {
  const original =
    options.ov === undefined ? [] : await originalReels(work.terminal, options.ov, options.ovCpl);
  const count = Math.max(original.length, options.picture?.length ?? 0);
  const sources: Record<string, EssenceSource> = {};
  const sounds: GivenSound[] = [];
  const reels: ReelPlan[] = [];
  let editRate: Gathered['editRate'] | undefined;
  let activeArea: PictureArea | undefined;
  let elapsedMs = 0;
  for (let index = 0; index < count; index++) {
    const base = original[index];
    const path = options.picture?.[index];
    const picture =
      path === undefined
        ? existingPicture(base)
        : await givenPicture(work, path, options.rightEye?.[index], options);
    if (picture === undefined) throw new CommandFault(`reel ${index + 1}: --picture`, EXIT.misused);
    editRate ??= picture.editRate;
    if (index === 0 && isGiven(picture)) activeArea = picture.activeArea;
    const put = (name: string, source: EssenceSource): { source: string } => {
      sources[`${name}${index}`] = source;
      return { source: `${name}${index}` };
    };
    const { soundLanguage } = options;
    const language = soundLanguage === undefined ? {} : { language: soundLanguage };
    const soundPath = options.sound?.[index];
    const sound =
      soundPath === undefined ? undefined : await givenSound(work, soundPath, picture, options);
    if (sound !== undefined) sounds.push(sound);
    const about = {
      number: index + 1,
      frames: picture.frames,
      editRate: picture.editRate,
      title: options.title,
      issueDate,
      font: options.font,
    };
    const texts = await textsOfReel(work, options, about, { index, count, elapsedMs }, put);
    const { numerator, denominator } = picture.editRate;
    elapsedMs += (picture.frames * denominator * 1000) / numerator;
    const immersive = options.immersive?.[index];
    const markers = markersOf(options, index, count);
    reels.push({
      ...existingTracks(base),
      ...(isGiven(picture) ? { picture: put('picture', picture.source) } : {}),
      ...(sound === undefined ? {} : { sound: { ...put('sound', sound.source), ...language } }),
      ...texts,
      ...(immersive === undefined
        ? {}
        : { auxiliaryData: put('immersive', await givenData(work, immersive)) }),
      ...(markers.length === 0 ? {} : { markers }),
    });
  }
  const area = activeArea === undefined ? {} : { activeArea };
  const metadata = { ...keptMetadata(original[0]), ...area };
  return { reels, sources, sounds, editRate: editRate!, metadata };
}

function markersOf({ marker }: BuildCommand, index: number, count: number) {
  return (marker ?? []).flatMap((text) => {
    const match = /^(?:(\d+):)?([A-Z]{4})=(\d+)$/.exec(text);
    if (match === null || Number(match[1] ?? 1) > count) {
      throw new CommandFault(`--marker ${text}`, EXIT.misused);
    }
    if (Number(match[1] ?? 1) !== index + 1) return [];
    return [{ label: match[2]!, offset: Number(match[3]) }];
  });
}

async function judged(
  terminal: Terminal,
  folder: string,
  keys: ReadonlyMap<Uuid, Uint8Array>,
  ov: string | undefined,
) {
  const progress = terminal.progress(terminal.words('检查', 'verify'));
  const examiner = openExaminerCrew();
  try {
    const { findings } = await verifyPackage(
      folderReader(folder),
      { cryptography: nodeCryptography, examiner },
      {
        keys,
        at: Date.now(),
        signal: terminal.signal,
        ...(ov === undefined ? {} : { ovFolders: [folderReader(resolve(ov))] }),
        onProgress: ({ file }) => progress.update(undefined, file),
      },
    );
    return findings;
  } finally {
    await examiner.close();
    progress.done();
  }
}

/** What measuring gives for digital silence, whose level is not a number. */
const SILENT_DBTP = -200;

/** One line of a loudness report. */
export function sayLoudness(terminal: Terminal, loudness: Loudness): void {
  const { integratedLufs, rangeLu, leqM, truePeakDbtp } = loudness;
  const number = (value: number | undefined) => value?.toFixed(1) ?? '-∞';
  const peak = truePeakDbtp.reduce<number | undefined>(
    (largest, each) => (each <= SILENT_DBTP || each < (largest ?? each) ? largest : each),
    undefined,
  );
  terminal.say(
    `${number(integratedLufs)} LUFS  ${rangeLu.toFixed(1)} LU  ` +
      `${number(peak)} dBTP  Leq(m) ${number(leqM)} dB`,
  );
}
