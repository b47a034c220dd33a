import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import {
  accepted,
  type Finding,
  type FrameRate,
  type Outcome,
  parseFrameRate,
} from '@yinglian/core';
import { folderReader, folderWriter } from '@yinglian/host';
import {
  chooseTimeline,
  readOtiod,
  readTimeline,
  type ReportLanguage,
  type Timeline,
  type TimelineObject,
  writeOtiod,
  type WrittenFormat,
  WRITTEN_FORMATS,
} from '@yinglian/timeline';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { inFile } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';

const ENDINGS: Readonly<Record<string, WrittenFormat>> = {
  '.otio': 'otio',
  '.otiod': 'otio',
  '.otioz': 'otioz',
  '.edl': 'edl',
  '.xml': 'fcp7',
  '.fcpxml': 'fcpxml',
  '.fcpxmld': 'fcpxml',
  '.ale': 'ale',
  '.m3u8': 'hls',
};

/** How a file of cuts is read. */
export type CutGiven = { readonly rate?: string; readonly timeline?: string };

/** Final Cut Pro's bundle is a folder with the document in it. */
const FCPXMLD_DOCUMENT = 'Info.fcpxml';

/** What a file of cuts holds; what cannot be read ends the command with the findings. */
export async function readCut(
  file: string,
  rate: string | undefined,
): Promise<{ made: TimelineObject; findings: readonly Finding[] }> {
  const read = await readFileOrBundle(file, rate === undefined ? undefined : rateGiven(rate));
  if (!read.ok) {
    throw new CommandFault('', EXIT.faulty, inFile(file, read.findings));
  }
  return { made: read.value, findings: read.findings };
}

/** A cut may be a folder: an `.otiod`, or Final Cut Pro's `.fcpxmld`. */
async function readFileOrBundle(
  file: string,
  rate: FrameRate | undefined,
): Promise<Outcome<TimelineObject>> {
  const isFolder = (await stat(file)).isDirectory();
  if (isFolder && extname(file).toLowerCase() === '.otiod') {
    const bundle = await readOtiod(folderReader(file));
    return bundle.ok ? accepted(bundle.value.content, bundle.findings) : bundle;
  }
  const isProject = isFolder && extname(file).toLowerCase() === '.fcpxmld';
  const bytes = await readGiven(isProject ? join(file, FCPXMLD_DOCUMENT) : file);
  return readTimeline(bytes, rate === undefined ? {} : { rate });
}

/** The cut that is asked for, else the first of a file; a nameless one is named after the file. */
export async function readOne(
  file: string,
  { rate, timeline }: CutGiven,
): Promise<{ cut: Timeline; findings: readonly Finding[] }> {
  const { made, findings } = await readCut(file, rate);
  const chosen = chooseTimeline(made, timeline);
  if (!chosen.ok) throw new CommandFault('', EXIT.faulty, inFile(file, chosen.findings));
  const cut = chosen.value;
  const name = cut.name === '' ? basename(file) : cut.name;
  return { cut: { ...cut, name }, findings: [...findings, ...inFile(file, chosen.findings)] };
}

/** Writes a cut where it belongs: a file, or a folder whose ending means one. */
export async function writeCut(
  target: string,
  bytes: Uint8Array,
  content: TimelineObject,
): Promise<void> {
  const ending = extname(target).toLowerCase();
  if (ending === '.otiod') return writeOtiod(content, folderWriter(target));
  if (ending !== '.fcpxmld') return writeFile(target, bytes);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, FCPXMLD_DOCUMENT), bytes);
}

/** `--rate`, or whichever option says one. */
export function rateGiven(text: string, option = '--rate'): FrameRate {
  const rate = parseFrameRate(text);
  if (rate === undefined) throw new CommandFault(`${option} ${text}`, EXIT.misused);
  return rate;
}

/** The format that is asked for, or that the target's ending means. */
export function formatFor(target: string, stated: string | undefined): WrittenFormat {
  const format = oneOf(stated, WRITTEN_FORMATS as readonly WrittenFormat[], '--to');
  const byEnding = ENDINGS[extname(target).toLowerCase()];
  if (format !== undefined) return format;
  if (byEnding !== undefined) return byEnding;
  throw new CommandFault(`${target}: --to ${WRITTEN_FORMATS.join(', ')}`, EXIT.misused);
}

/** One of the words that an option takes. */
export function oneOf<Kind extends string>(
  text: string | undefined,
  known: readonly Kind[],
  option: string,
): Kind | undefined {
  if (text === undefined) return undefined;
  const found = known.find((each) => each === text);
  if (found === undefined) {
    throw new CommandFault(`${option} ${text}: ${known.join(', ')}`, EXIT.misused);
  }
  return found;
}

/** Nothing is written over unasked. */
export function expectFree(target: string, force: boolean | undefined): void {
  if (existsSync(target) && force !== true) {
    throw new CommandFault(`${target}: exists (--force)`, EXIT.misused);
  }
}

/** The language of lists, as the terminal has it. */
export function languageOf(terminal: Terminal): ReportLanguage {
  return terminal.locale === 'zh-CN' ? 'zh' : 'en';
}

/** Writes files into a folder, which is made when it is missing. */
export async function writeAll(
  folder: string,
  files: Record<string, string | Uint8Array>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}
