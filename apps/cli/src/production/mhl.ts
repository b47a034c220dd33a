import { hostname } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Finding, Outcome } from '@yinglian/core';
import { openFile } from '@yinglian/host';
import {
  diskTree,
  type HashJournal,
  type HashPool,
  loadHashing,
  openHashJournal,
  openHashPool,
} from '@yinglian/transfer';
import {
  ascMhlExitCode,
  createGeneration,
  type CreateResult,
  type CreatorInfo,
  diffTree,
  flattenHistory,
  HASH_FORMATS,
  type HashFormat,
  HISTORY_FOLDER,
  isHashFormat,
  KnownFiles,
  knownFilesOf,
  manifestDate,
  type MediaTree,
  type MhlProgress,
  readManifest,
  readManifest1,
  renameInHistory,
  verifyAgainst,
  type VerifyResult,
  verifyTree,
} from '@yinglian/mhl';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { expectFolder } from '../kernel/files.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { MHL_TEXTS, registerMhlReports } from './mhl-reports.ts';
import { createVersion1, olderFormatsOf } from './mhl-v1.ts';
import { TOOL } from './tool.ts';

/** Options that more than one command of the group takes. */
export type CommonOptions = {
  readonly format?: readonly string[];
  readonly ignore?: readonly string[];
  readonly only?: readonly string[];
  readonly resume?: string;
};

type CreatorOptions = {
  readonly author?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly role?: string;
  readonly location?: string;
  readonly comment?: string;
};

/** `yinglian mhl …`: hash lists, offline; exit codes are those of the ASC MHL reference tool. */
export function registerMhl(program: Command, environment: Environment): void {
  const mhl = program.command('mhl').description('media hash lists 介质散列清单（ASC MHL）');
  registerCreate(mhl, environment);
  registerVerify(mhl, environment);
  registerDiff(mhl, environment);
  registerFlatten(mhl, environment);
  registerRename(mhl, environment);
  registerMhlReports(mhl, environment);
}

/** Adds who made it, where and why. */
export function withCreator(command: Command): Command {
  return command
    .option('--author <name>', 'who does this 操作人')
    .option('--email <address>', 'of the author')
    .option('--phone <number>', 'of the author')
    .option('--role <text>', 'of the author, for example DIT')
    .option('--location <text>', 'where this is done 地点')
    .option('--comment <text>', 'a remark 备注');
}

/** The creator's information of an operation that begins now. */
export function creatorOf(options: CreatorOptions, startedAt: number): CreatorInfo {
  const { author, email, phone, role, location, comment } = options;
  if (email !== undefined && !/^[^@]+@[^.]+\..+$/.test(email)) {
    throw new CommandFault(`--email: ${email}`, EXIT.misused);
  }
  const person = {
    name: author ?? '',
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
    ...(role === undefined ? {} : { role }),
  };
  const named = author !== undefined || email !== undefined || role !== undefined;
  return {
    creationDate: manifestDate(startedAt),
    hostname: hostname(),
    tool: TOOL,
    authors: named ? [person] : [],
    ...(location === undefined ? {} : { location }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** An option that may be given several times. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Formats given on the command line, one by one or with commas. */
export function formatsOf(given: readonly string[] | undefined): readonly HashFormat[] {
  const formats = (given ?? []).flatMap((each) => each.split(','));
  for (const each of formats) {
    if (isHashFormat(each)) continue;
    throw new CommandFault(`--format ${each}: ${HASH_FORMATS.join(', ')}`, EXIT.misused);
  }
  return formats as HashFormat[];
}

/** The tree of a folder with all cores behind it, while `act` runs. */
export async function withTree<Result extends { readonly findings: readonly Finding[] }>(
  folder: string,
  resume: string | undefined,
  act: (tree: MediaTree, pool: HashPool) => Promise<Result>,
): Promise<Result> {
  await expectFolder(folder);
  const pool = openHashPool();
  let journal: HashJournal | undefined;
  let done = false;
  try {
    if (resume !== undefined) journal = await openHashJournal(pool, resolve(resume));
    const result = await act(diskTree(resolve(folder), journal ?? pool), pool);
    done = !result.findings.some(({ code }) => code === 'interrupted_work');
    return result;
  } finally {
    await journal?.close(done);
    await pool.close();
  }
}

/** Progress in bytes, with the file under way. */
export function progressOf(terminal: Terminal, label: string) {
  const bar = terminal.progress(label);
  const onProgress = (each: MhlProgress) =>
    bar.update(each.byteCount === 0 ? undefined : each.bytes / each.byteCount, each.path);
  return { onProgress, done: () => bar.done() };
}

function registerCreate(mhl: Command, environment: Environment): void {
  withCreator(
    mhl
      .command('create <folder>')
      .description('hash, verify against the history, add a generation 建立或续写散列清单')
      .option('-f, --format <name>', `${HASH_FORMATS.join(', ')}; default xxh64`, several)
      .option('--ignore <pattern>', 'patterns as in .gitignore, relative to the folder', several)
      .option('--detect-renames', 'find missing files under their new names 识别改名')
      .option('--renamed-as-original', 'as the reference tool writes them')
      .option('--no-folder-hashes', 'leave out the hashes of folders')
      .option('--only <path>', 'only these files and folders', several)
      .option('--process <kind>', 'in-place or transfer', 'in-place')
      .option('--resume <file>', 'journal of what is hashed, to go on after an interruption')
      .option('--v1 <file>', 'write an MHL v1 list to this file instead 写 MHL v1')
      .option('--little-endian', 'with --v1: XXH64 as xxhash64, for readers of no other'),
  ).action(async (folder: string, options: CreateCommand) => {
    const terminal = environment.terminal();
    const startedAt = Date.now();
    const bar = progressOf(terminal, terminal.words('散列', 'hash'));
    const formats = options.v1 === undefined ? formatsOf(options.format) : [];
    if (options.process !== 'in-place' && options.process !== 'transfer') {
      throw new CommandFault(`--process ${options.process}`, EXIT.misused);
    }
    const { process } = options;
    try {
      const result = await withTree(folder, options.resume, async (tree) => {
        if (options.v1 !== undefined) {
          return createVersion1(tree, options.v1, {
            formats: olderFormatsOf(options.format),
            littleEndian: options.littleEndian === true,
            ignore: options.ignore ?? [],
            author: options.author,
            signal: terminal.signal,
            onProgress: bar.onProgress,
          });
        }
        return createGeneration(tree, await loadHashing(), {
          formats: formats.length === 0 ? ['xxh64'] : formats,
          creator: creatorOf(options, startedAt),
          startedAt,
          now: Date.now,
          process,
          ignore: options.ignore ?? [],
          withoutFolderHashes: !options.folderHashes,
          detectRenames: options.detectRenames === true,
          renamedAsOriginal: options.renamedAsOriginal === true,
          ...(options.only === undefined ? {} : { only: options.only.map(pathGiven) }),
          signal: terminal.signal,
          onProgress: bar.onProgress,
        });
      });
      bar.done();
      tellCreated(environment, result);
    } finally {
      bar.done();
    }
  });
}

type CreateCommand = CommonOptions &
  CreatorOptions & {
    readonly detectRenames?: boolean;
    readonly renamedAsOriginal?: boolean;
    readonly folderHashes: boolean;
    readonly process: string;
    readonly v1?: string;
    readonly littleEndian?: boolean;
  };

/** Says what a generation became and ends with the code of the trade. */
export function tellCreated(environment: Environment, result: CreateResult): void {
  const terminal = environment.terminal();
  terminal.answer({ ...result, exitCode: ascMhlExitCode(result.findings) });
  const { original, verified, failed, renamed, missing } = result.counts;
  for (const each of result.generations) terminal.say(`${each.path}  ${each.c4}`);
  terminal.say(
    terminal.words(
      `首次 ${original}，验证 ${verified}，失败 ${failed}，改名 ${renamed}，缺失 ${missing}`,
      `${original} original, ${verified} verified, ${failed} failed, ` +
        `${renamed} renamed, ${missing} missing`,
    ),
  );
  sayFindings(terminal, result.findings, MHL_TEXTS);
  environment.exit(ascMhlExitCode(result.findings));
}

/** A path on the command line, relative to the folder of the history. */
function pathGiven(path: string): string {
  return path.replace(/^\.\//, '').replace(/\/+$/, '');
}

type VerifyCommand = CommonOptions & {
  readonly everyFormat?: boolean;
  readonly folders?: boolean;
  readonly record?: boolean;
  readonly packingList?: string;
};

function registerVerify(mhl: Command, environment: Environment): void {
  mhl
    .command('verify <folder>')
    .description('hold files against a history, a packing list, or an MHL v1 list 验证')
    .option('-f, --format <name>', 'verify by these where a file has them', several)
    .option('--every-format', 'verify every hash that is known')
    .option('--folders', 'verify the hashes of folders too')
    .option('--ignore <pattern>', 'patterns as in .gitignore', several)
    .option('--only <path>', 'only these files and folders', several)
    .option('--record', 'write the verification as a new generation')
    .option('--packing-list <file>', 'hold against this list 按装箱单验证')
    .option('--resume <file>', 'journal of what is hashed, to go on after an interruption')
    .action(async (folder: string, options: VerifyCommand) => {
      const terminal = environment.terminal();
      const bar = progressOf(terminal, terminal.words('验证', 'verify'));
      const formats = formatsOf(options.format);
      const verifying = {
        ...(formats.length === 0 ? {} : { formats }),
        everyFormat: options.everyFormat === true,
        folders: options.folders === true,
        ignore: options.ignore ?? [],
        ...(options.only === undefined ? {} : { only: options.only.map(pathGiven) }),
        signal: terminal.signal,
        onProgress: bar.onProgress,
      };
      try {
        const list = folder.endsWith('.mhl') ? folder : options.packingList;
        const root = list === folder ? folderOfList(resolve(folder)) : folder;
        if (options.record === true && list === undefined) {
          const startedAt = Date.now();
          const result = await withTree(root, options.resume, async (tree) =>
            createGeneration(tree, await loadHashing(), {
              formats: formats.length === 0 ? ['xxh64'] : formats,
              creator: creatorOf({}, startedAt),
              startedAt,
              now: Date.now,
              ...verifying,
            }),
          );
          bar.done();
          return tellCreated(environment, result);
        }
        const result = await withTree(root, options.resume, async (tree) => {
          if (list === undefined) return verifyTree(tree, await loadHashing(), verifying);
          const outcome = await readList(resolve(list));
          if (!outcome.ok) return { findings: outcome.findings, counts: NO_COUNTS };
          const { files, listedOnly } = outcome.value;
          const ignore = [...outcome.value.ignore, ...verifying.ignore];
          const verified = await verifyAgainst(tree, files, { ...verifying, ignore, listedOnly });
          return { ...verified, findings: [...outcome.findings, ...verified.findings] };
        });
        bar.done();
        tellVerified(environment, result);
      } finally {
        bar.done();
      }
    });
}

/** What a list speaks of: the folder it lies in, or above the one where histories are kept. */
function folderOfList(path: string): string {
  const folder = dirname(path);
  return basename(folder) === HISTORY_FOLDER ? dirname(folder) : folder;
}

const NO_COUNTS = { verified: 0, failed: 0, missing: 0, unexpected: 0, bytes: 0 };

type ListRead = {
  readonly files: KnownFiles;
  readonly listedOnly: boolean;
  /** Patterns that the list itself leaves out by. */
  readonly ignore: readonly string[];
};

/** The files of one list: MHL v1 or a manifest of ASC MHL, whichever it is. */
async function readList(
  path: string,
): Promise<Outcome<ListRead>> {
  const at = { file: basename(path) };
  const source = await openFile(path);
  try {
    const files = new KnownFiles();
    const reading = await readManifest(
      source,
      (record) => void (record.kind === 'file' && files.add(record, 1)),
      at,
    );
    const errors = reading.findings.filter(({ severity }) => severity === 'error');
    if (reading.frame !== undefined && errors.length === 0) {
      const { process, ignore } = reading.frame.process;
      const value = { files, listedOnly: process !== 'flatten', ignore };
      return { ok: true, value, findings: reading.findings };
    }
    if (reading.findings.every(({ code }) => code !== 'unexpected_manifest_root')) {
      return { ok: false, findings: reading.findings };
    }
    const older = await readManifest1(source, at);
    if (older.manifest === undefined || older.manifest.records.length === 0) {
      return { ok: false, findings: older.findings };
    }
    const known = knownFilesOf(older.manifest);
    return {
      ok: true,
      value: { files: known.files, listedOnly: true, ignore: [] },
      findings: [...older.findings, ...known.findings],
    };
  } finally {
    await source.close?.();
  }
}

function tellVerified(environment: Environment, result: VerifyResult): void {
  const terminal = environment.terminal();
  const exitCode = ascMhlExitCode(result.findings);
  terminal.answer({ ...result, exitCode });
  const { verified, failed, missing, unexpected } = result.counts;
  terminal.say(
    terminal.words(
      `相符 ${verified}，不符 ${failed}，缺失 ${missing}，多出 ${unexpected}`,
      `${verified} good, ${failed} bad, ${missing} missing, ${unexpected} new`,
    ),
  );
  sayFindings(terminal, result.findings, MHL_TEXTS);
  environment.exit(exitCode);
}

function registerDiff(mhl: Command, environment: Environment): void {
  mhl
    .command('diff <folder>')
    .description('what is missing, new or of another size, without hashing 比较')
    .option('--ignore <pattern>', 'patterns as in .gitignore', several)
    .option('--only <path>', 'only these files and folders', several)
    .action(async (folder: string, options: CommonOptions) => {
      const { signal } = environment.terminal();
      const result = await withTree(folder, undefined, (tree) =>
        diffTree(tree, {
          ignore: options.ignore ?? [],
          ...(options.only === undefined ? {} : { only: options.only.map(pathGiven) }),
          signal,
        }),
      );
      tellVerified(environment, result);
    });
}

function registerFlatten(mhl: Command, environment: Environment): void {
  withCreator(
    mhl
      .command('flatten <folder>')
      .description('one packing list of all generations 生成装箱单')
      .requiredOption('--to <folder>', 'where the collection is kept')
      .option('--collection <name>', 'folder of the collection; collection_YYYY-MM-DD')
      .option('--ignore <pattern>', 'patterns as in .gitignore', several),
  ).action(async (folder: string, options: FlattenCommand) => {
    const terminal = environment.terminal();
    const startedAt = Date.now();
    const result = await withTree(folder, undefined, (tree, pool) =>
      flattenHistory(tree, diskTree(resolve(options.to), pool), {
        creator: creatorOf(options, startedAt),
        startedAt,
        ignore: options.ignore ?? [],
        ...(options.collection === undefined ? {} : { collection: options.collection }),
        signal: terminal.signal,
      }),
    );
    terminal.answer({ ...result, exitCode: ascMhlExitCode(result.findings) });
    if (result.path !== undefined) terminal.say(`${result.path}  ${result.recordCount}`);
    sayFindings(terminal, result.findings, MHL_TEXTS);
    environment.exit(ascMhlExitCode(result.findings));
  });
}

type FlattenCommand = CommonOptions &
  CreatorOptions & { readonly to: string; readonly collection?: string };

function registerRename(mhl: Command, environment: Environment): void {
  withCreator(
    mhl
      .command('rename <folder> <from> <to>')
      .description('give a file or folder another name and record it 改名并记录')
      .option('-f, --format <name>', 'format of the record; default xxh64', several)
      .option('--renamed-as-original', 'as the reference tool writes them'),
  ).action(async (folder: string, from: string, to: string, options: RenameCommand) => {
    const startedAt = Date.now();
    const formats = formatsOf(options.format);
    const result = await withTree(folder, undefined, async (tree) =>
      renameInHistory(tree, await loadHashing(), {
        from: pathGiven(from),
        to: pathGiven(to),
        formats: formats.length === 0 ? ['xxh64'] : formats,
        creator: creatorOf(options, startedAt),
        startedAt,
        now: Date.now,
        renamedAsOriginal: options.renamedAsOriginal === true,
      }),
    );
    tellCreated(environment, result);
  });
}

type RenameCommand = CommonOptions & CreatorOptions & { readonly renamedAsOriginal?: boolean };
