import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Finding, parseRatio } from '@yinglian/core';
import {
  checkCinema,
  type Codestream,
  createDecoder,
  type Decoder,
  type Image,
  parseCodestream,
  type Progression,
  PROGRESSIONS,
  type TilePartKey,
  transcodeHeaders,
} from '@yinglian/jpeg2000';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, inFile, remarkFindings, sayFindings } from '../kernel/findings.ts';
import { filesGiven, targetsOf } from '../kernel/sequence.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { Crew, threadCount } from './crew.ts';
import { inTurn, numberOf, registerEncode } from './encode.ts';
import { readPicture, writePicture } from './picture-files.ts';

/** Codestreams of a folder that is given as a sequence. */
const CODESTREAM = /\.(?:j2c|j2k|jpc|jp2)$/i;

/** `yinglian j2k …`: pictures and codestreams on this disk. */
export function registerJ2k(program: Command, environment: Environment): void {
  const group = program.command('j2k').description('JPEG 2000 codestreams 图像码流');
  registerEncode(group, environment);
  group
    .command('decode <codestream...>')
    .description('codestreams or folders of them to pictures (.ppm .pgm .pam .png .tif .raw) 解码')
    .requiredOption('-o, --out <path>', 'a file for one picture, a folder for several')
    .option('--type <extension>', 'of pictures in a folder', 'png')
    .option('--reduce <n>', 'halve the sides so many times', '0')
    .option('--layers <n>', 'quality layers to use')
    .option('--precision <bits>', 'for a screen: bits that samples shall be good to, like 8')
    .option('--threads <n>', 'by default as many as the machine runs at once')
    .action((files: string[], given: DecodeGiven) => decode(environment, files, given));
  group
    .command('explain <codestream>')
    .alias('info')
    .description('what the headers of a codestream say 解释码流')
    .action((file: string) => explain(environment, file));
  group
    .command('check <codestream...>')
    .description('judge codestreams or folders of them by DCI and RDD 52 检查码流')
    .option('--cinema <2k|4k>', 'by default what the stream claims')
    .option('--fps <rate>', 'frames a second of one eye', '24')
    .option('--stereo', 'one of two eyes')
    .option('--mbit <n>', 'megabits a second that were agreed')
    .action((files: string[], given: CheckGiven) => check(environment, files, given));
  group
    .command('transcode <codestream>')
    .description('new headers and order, the same picture 改写标头')
    .requiredOption('-o, --out <file>')
    .option('--cinema <2k|4k>', 'order, tile-parts and profile of digital cinema')
    .option('--progression <order>', PROGRESSIONS.join(' '))
    .option('--tile-parts <by>', 'one resolution component layer')
    .option('--markers', 'SOP and EPH around packet headers')
    .option('--pack-headers <where>', 'main (PPM) or part (PPT)')
    .option('--profile <n>', 'Rsiz')
    .option('--comment <text>', 'instead of what is there')
    .action((file: string, given: TranscodeGiven) => transcode(environment, file, given));
  group
    .command('compare <before> <after>')
    .description('two pictures or codestreams: PSNR, largest difference 比较两幅图像')
    .action((before: string, after: string) => compare(environment, before, after));
}

type DecodeGiven = {
  out: string;
  type: string;
  reduce: string;
  layers?: string;
  precision?: string;
  threads?: string;
};
type Picture = { file: string; out: string; width: number; height: number };
type CheckGiven = { cinema?: '2k' | '4k'; fps: string; stereo?: boolean; mbit?: string };
type TranscodeGiven = {
  out: string;
  cinema?: '2k' | '4k';
  progression?: Progression;
  tileParts?: TilePartKey;
  markers?: boolean;
  packHeaders?: 'main' | 'part';
  profile?: string;
  comment?: string;
};

async function decode(environment: Environment, paths: string[], given: DecodeGiven) {
  const terminal = environment.terminal();
  const files = await filesGiven(paths, CODESTREAM);
  const targets = targetsOf(files, given.out, `.${given.type.replace(/^\./, '')}`);
  const options = {
    reduce: numberOf(given.reduce),
    ...(given.layers === undefined ? {} : { layers: numberOf(given.layers) }),
    ...(given.precision === undefined ? {} : { precisionBits: numberOf(given.precision) }),
  };
  await mkdir(dirname(targets[0]!), { recursive: true });
  const threads = Math.min(threadCount(given.threads), files.length);
  const crew = new Crew(threads);
  const progress = terminal.progress(terminal.words('解码', 'decoding'));
  const made: { file: string; findings: Finding[]; picture?: Picture }[] = [];
  try {
    let done = 0;
    await inTurn(files, threads + 1, async (file, index) => {
      if (terminal.signal.aborted) throw new CommandFault('', EXIT.cancelled);
      const bytes = await readGiven(file);
      const decoded = await crew.perform({ kind: 'decode', bytes, options });
      made[index] = { file, findings: inFile(file, decoded.findings) };
      progress.update(++done / files.length, basename(file));
      if (decoded.components.length === 0) return;
      const out = targets[index]!;
      await writeFile(out, writePicture(out, decoded));
      made[index].picture = { file, out, width: decoded.width, height: decoded.height };
    });
  } finally {
    progress.done();
    await crew.close();
  }
  const findings = made.flatMap((each) => each.findings);
  const pictures = made.flatMap((each) => each.picture ?? []);
  terminal.answer({ pictures, findings });
  for (const each of pictures) terminal.say(`${each.out}  ${each.width}×${each.height}`);
  remarkFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

async function explain(environment: Environment, file: string) {
  const terminal = environment.terminal();
  const parsed = parseCodestream(await readGiven(file));
  const findings = inFile(file, parsed.findings);
  terminal.answer({ codestream: parsed.ok ? shown(parsed.value) : null, findings });
  if (parsed.ok) describe(terminal, parsed.value);
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

/** Maps as plain objects, and packed headers by their length alone. */
function shown(stream: Codestream): unknown {
  const plain = (key: string, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value);
    return key === 'packedHeaders' ? (value as Uint8Array).length : value;
  };
  return JSON.parse(JSON.stringify(stream, plain)) as unknown;
}

function describe(terminal: Terminal, stream: Codestream): void {
  const { size, parameters, tileParts } = stream;
  const coding = parameters.coding!;
  const quantisation = parameters.quantisation!;
  const precincts = coding.precincts.map(
    (each) => `${2 ** each.widthLog2}×${2 ** each.heightLog2}`,
  );
  const depths = size.components.map(
    (each) => `${each.signed ? '-' : ''}${each.bitDepth}/${each.stepX}×${each.stepY}`,
  );
  const { words } = terminal;
  terminal.table(
    ['', ''],
    [
      [
        words('尺寸', 'picture'),
        `${size.x1 - size.x0}×${size.y1 - size.y0} +${size.x0}+${size.y0}`,
      ],
      ['Rsiz', String(size.profile)],
      [words('分量', 'components'), depths.join(' ')],
      [words('瓦片', 'tiles'), `${stream.tilesWide}×${stream.tilesHigh}`],
      [words('小波', 'wavelet'), `${coding.reversible ? '5/3' : '9/7'}, ${coding.levels}`],
      [words('码块', 'blocks'), `${2 ** coding.blockWidthLog2}×${2 ** coding.blockHeightLog2}`],
      [words('块风格', 'block style'), String(coding.blockStyle)],
      [words('分区', 'precincts'), precincts.join(' ')],
      [words('顺序', 'progression'), `${coding.progression}, ${coding.layers}`],
      ['POC', parameters.volumes.map((each) => each.progression).join(' ')],
      [words('色彩变换', 'colour transform'), coding.colourTransform ? '✓' : '–'],
      [words('保护位', 'guard bits'), String(quantisation.guardBits)],
      [words('量化', 'quantisation'), quantisation.style],
      [words('标记', 'markers'), stream.segments.map((each) => each.name).join(' ')],
      [words('说明', 'comment'), stream.comments.join(' ')],
    ],
  );
  terminal.table(
    [words('瓦片', 'tile'), words('分段', 'part'), words('位置', 'offset'), words('字节', 'bytes')],
    tileParts.map((each) =>
      [each.tile, each.part, each.offset, each.dataEnd - each.offset].map(String),
    ),
  );
}

async function check(environment: Environment, paths: string[], given: CheckGiven) {
  const terminal = environment.terminal();
  const files = await filesGiven(paths, CODESTREAM);
  const frameRate = parseRatio(given.fps);
  if (frameRate === undefined) throw new CommandFault(`--fps ${given.fps}`, EXIT.misused);
  const findings: Finding[] = [];
  for (const file of files) {
    const bytes = await readGiven(file);
    const parsed = parseCodestream(bytes);
    const claimed = parsed.ok && parsed.value.size.profile === 4 ? '4k' : '2k';
    findings.push(
      ...checkCinema(bytes, {
        resolution: given.cinema ?? claimed,
        frameRate,
        at: { file },
        ...(given.stereo === true ? { stereo: true } : {}),
        ...(given.mbit === undefined ? {} : { bitRateMbit: numberOf(given.mbit) }),
      }),
    );
  }
  terminal.answer({ files, findings });
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

async function transcode(environment: Environment, file: string, given: TranscodeGiven) {
  const terminal = environment.terminal();
  if (given.progression !== undefined && !PROGRESSIONS.includes(given.progression)) {
    throw new CommandFault(`--progression ${PROGRESSIONS.join(' ')}`, EXIT.misused);
  }
  const outcome = transcodeHeaders(await readGiven(file), {
    ...(given.cinema === undefined ? {} : { cinema: given.cinema }),
    ...(given.progression === undefined ? {} : { progression: given.progression }),
    ...(given.tileParts === undefined ? {} : { tileParts: given.tileParts }),
    ...(given.markers === true ? { packetMarkers: true } : {}),
    ...(given.packHeaders === undefined ? {} : { packHeaders: given.packHeaders }),
    ...(given.profile === undefined ? {} : { profile: numberOf(given.profile) }),
    ...(given.comment === undefined ? {} : { comment: given.comment }),
  });
  const findings = inFile(file, outcome.findings);
  if (outcome.ok) await writeFile(given.out, outcome.value);
  terminal.answer({ out: outcome.ok ? resolve(given.out) : null, findings });
  if (outcome.ok) terminal.say(`${resolve(given.out)}  ${outcome.value.length}`);
  remarkFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

async function compare(environment: Environment, before: string, after: string) {
  const terminal = environment.terminal();
  const decoder = await createDecoder();
  const [a, b] = [await pictureIn(decoder, before), await pictureIn(decoder, after)];
  if (a.width !== b.width || a.height !== b.height || a.components.length !== b.components.length) {
    const sizes = [a, b].map((each) => `${each.width}×${each.height}×${each.components.length}`);
    throw new CommandFault(sizes.join(' ≠ '), EXIT.misused);
  }
  const bitDepth = Math.max(a.bitDepth, b.bitDepth);
  const components = a.components.map((plane, c) => {
    let sum = 0;
    let largest = 0;
    for (let i = 0; i < plane.length; i++) {
      const one = plane[i]! * 2 ** (bitDepth - a.bitDepth);
      const difference = Math.abs(one - b.components[c]![i]! * 2 ** (bitDepth - b.bitDepth));
      sum += difference ** 2;
      largest = Math.max(largest, difference);
    }
    return { meanSquare: sum / plane.length, largest };
  });
  const mean = components.reduce((sum, each) => sum + each.meanSquare, 0) / components.length;
  const psnrOf = (square: number) => 10 * Math.log10((2 ** bitDepth - 1) ** 2 / square);
  const rows = components.map((each) => ({ psnr: psnrOf(each.meanSquare), largest: each.largest }));
  const largest = Math.max(...rows.map((each) => each.largest));
  // JSON has no infinity: equal pictures have no ratio.
  const told = (value: number) => (Number.isFinite(value) ? value : null);
  terminal.answer({
    bitDepth,
    equal: largest === 0,
    psnr: told(psnrOf(mean)),
    largest,
    components: rows.map((each) => ({ ...each, psnr: told(each.psnr) })),
  });
  terminal.table(
    ['', 'PSNR dB', terminal.words('最大差', 'largest difference')],
    [...rows, { psnr: psnrOf(mean), largest }].map((each, c) => [
      c < rows.length ? String(c) : terminal.words('合计', 'all'),
      each.psnr.toFixed(2),
      String(each.largest),
    ]),
  );
}

async function pictureIn(decoder: Decoder, file: string): Promise<Image> {
  const bytes = await readGiven(file);
  const isStream = bytes[0] === 0xff || (bytes[3] === 12 && bytes[4] === 0x6a);
  if (!isStream) return readPicture(file, bytes);
  const decoded = decoder.decode(bytes);
  if (decoded.components.length > 0) return decoded;
  throw new CommandFault(`${file}: ${decoded.findings.map((f) => f.code).join(' ')}`, EXIT.faulty);
}
