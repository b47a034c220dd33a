import { readdir } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { uuidFromRandom } from '@yinglian/core';
import {
  type Cue,
  type EssenceSource,
  type Rational,
  readAnyCues,
  readTimedText,
  writeTimedText,
} from '@yinglian/dcp';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { inFile, remarkFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { framesOf, openGivenTrack, type SourceWork } from './dcp-sources.ts';
import { taken } from './given.ts';

/** What a text says of its reel. */
export type TextReel = {
  readonly number: number;
  readonly frames: number;
  readonly editRate: Rational;
  readonly title: string;
  readonly language: string;
  readonly issueDate: string;
  readonly font: string | undefined;
  /** Where the reel begins in cues that are of the whole film. */
  readonly fromMs?: number;
};

/** Text of a reel: cues of any form, or a document of the standard with its fonts and pictures. */
export async function givenText(
  work: SourceWork,
  path: string,
  reel: TextReel,
): Promise<EssenceSource | undefined> {
  const { terminal, standard } = work;
  const bytes = work.cues.has(path) ? NOTHING : await readGiven(path);
  const durationFrames = reel.frames;
  if (/\.xml$/i.test(path) && !work.cues.has(path)) {
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
  const cues = work.cues.get(path) ?? cuesIn(terminal, bytes, path);
  work.cues.set(path, cues);
  const { fromMs = 0 } = reel;
  const untilMs =
    fromMs + (reel.frames * reel.editRate.denominator * 1000) / reel.editRate.numerator;
  const shown = cues.some((cue) => cue.endMs > fromMs && cue.startMs < untilMs);
  // A reel of a film without a word in it has no text, where a reel's own text would be wrong.
  if (!shown && reel.fromMs !== undefined) return undefined;
  const id = uuidFromRandom(work.random(16));
  const font = reel.font === undefined ? undefined : await fontOf(work, reel.font);
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
    { fromMs, untilMs },
  );
  return {
    kind: 'timed_text',
    document,
    documentId: id,
    durationFrames,
    ...(font === undefined ? {} : { resources: [font] }),
  };
}

const NOTHING = new Uint8Array(0);

function cuesIn(terminal: Terminal, bytes: Uint8Array, path: string): readonly Cue[] {
  const outcome = readAnyCues(bytes, path);
  if (outcome.ok) remarkFindings(terminal, inFile(path, outcome.findings), ALL_TEXTS);
  return taken(terminal, outcome);
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
