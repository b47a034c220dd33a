import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Finding } from '@yinglian/core';
import { createFileSink } from '@yinglian/host';
import {
  algorithmOf,
  type AnyHashFormat,
  type CreateResult,
  dateOf1,
  encodeHash,
  type FileDigests,
  type FileRecord1,
  type HashFailure,
  ignoreRules,
  type MediaTree,
  type MhlProgress,
  orderedPipeline,
  walkTree,
  writeManifest1,
} from '@yinglian/mhl';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { TOOL } from './tool.ts';

/** What MHL v1 has elements for; XXH128, XXH3 and C4 are of ASC MHL. */
const FORMATS_1 = ['md5', 'sha1', 'xxh64', 'xxh32'] as const;
/** Files hashed ahead of the one whose record is next. */
const PIPELINE_WINDOW = 256;

/** How an MHL v1 list is made. */
export type Version1Options = {
  readonly formats: readonly AnyHashFormat[];
  readonly littleEndian: boolean;
  readonly ignore: readonly string[];
  readonly author: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MhlProgress) => void;
};

/** Formats of an MHL v1 list, one by one or with commas; one that it lacks is refused. */
export function olderFormatsOf(given: readonly string[] | undefined): readonly AnyHashFormat[] {
  const asked = (given ?? []).flatMap((each) => each.split(','));
  const known: readonly string[] = FORMATS_1;
  const other = asked.find((each) => !known.includes(each));
  if (other !== undefined) {
    throw new CommandFault(`--v1 --format ${other}: ${FORMATS_1.join(', ')}`, EXIT.misused);
  }
  return asked.length === 0 ? ['xxh64'] : (asked as AnyHashFormat[]);
}

type Hashed = { readonly path: string; readonly result: FileDigests | HashFailure };

/** Writes an MHL v1 list of a folder; an interrupted run writes none. */
export async function createVersion1(
  tree: MediaTree,
  file: string,
  options: Version1Options,
): Promise<CreateResult> {
  const { formats, signal } = options;
  const startDate = dateOf1(Date.now());
  const rules = ignoreRules(['.DS_Store', 'ascmhl/', '/*.mhl', ...options.ignore]);
  const findings: Finding[] = [];
  const records: FileRecord1[] = [];
  let bytes = 0;
  const pipeline = orderedPipeline<Hashed>(PIPELINE_WINDOW, async ({ path, result }) => {
    if ('failed' in result) {
      const facts = { reason: result.reason };
      findings.push({ code: 'unreadable_file', severity: 'error', facts, at: { path } });
      return;
    }
    bytes += result.sizeBytes;
    const progress = { files: records.length, fileCount: 0, bytes, byteCount: 0, path };
    options.onProgress(progress);
    records.push(recordOf(path, result, formats));
  });
  for await (const event of walkTree(tree, { rules })) {
    if (signal.aborted) break;
    if (event.kind === 'problem') findings.push(event.finding);
    if (event.kind !== 'file') continue;
    const { path } = event;
    const algorithms = formats.map(algorithmOf);
    await pipeline.push(async () => ({
      path,
      result: await tree.hash(path, algorithms, { signal }),
    }));
  }
  await pipeline.drain();
  const whole = { severity: 'error', facts: {}, at: { folder: tree.name } } as const;
  if (signal.aborted) {
    findings.splice(0, findings.length, { code: 'interrupted_work', ...whole });
  } else if (records.length === 0) {
    findings.push({ code: 'empty_scope', ...whole });
  } else await write(file, records, startDate, options);
  const nothing = { verified: 0, renamed: 0, missing: 0, failed: findings.length };
  return { generations: [], findings, counts: { original: records.length, bytes, ...nothing } };
}

function recordOf(
  path: string,
  { sizeBytes, modifiedMs, digests }: FileDigests,
  formats: readonly AnyHashFormat[],
): FileRecord1 {
  return {
    path,
    sizeBytes,
    modificationDate: dateOf1(modifiedMs),
    hashDate: dateOf1(Date.now()),
    hashes: formats.map((format) => ({
      format,
      value: encodeHash(format, digests[algorithmOf(format)]!),
    })),
  };
}

async function write(
  file: string,
  records: readonly FileRecord1[],
  startDate: string,
  { author, littleEndian }: Version1Options,
): Promise<void> {
  const { username } = userInfo();
  await writeManifest1(await createFileSink(resolve(file)), records, {
    creator: {
      ...(author === undefined ? {} : { name: author }),
      username,
      hostname: hostname(),
      tool: `${TOOL.name} ver. ${TOOL.version}`,
      startDate,
      finishDate: dateOf1(Date.now()),
    },
    littleEndian,
  });
}
