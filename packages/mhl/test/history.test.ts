import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { memorySource } from '@yinglian/core';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ascMhlExitCode,
  createGeneration,
  type CreateOptions,
  diffTree,
  type FileRecord,
  flattenHistory,
  readChain,
  readWholeManifest,
  renameInHistory,
  verifyTree,
} from '../src/index.ts';
import {
  COLLAB,
  createOptions,
  hasFixtures,
  hashing,
  newFolder,
  put,
  removeFolders,
  treeOf,
} from './fixtures.ts';

afterAll(removeFolders);

const FILES = { 'Clips/a.mov': 'first', 'Clips/b.mov': 'second', 'Sidecar.txt': 'about' };
const create = (folder: string, more: Partial<CreateOptions> = {}) =>
  createGeneration(treeOf(folder), hashing, createOptions(more));
const verify = (folder: string, folders = false) =>
  verifyTree(treeOf(folder), hashing, { folders });
const codes = (result: { readonly findings: readonly { readonly code: string }[] }) =>
  result.findings.map(({ code }) => code);

function card(files: Readonly<Record<string, string>> = FILES, name = 'A001'): string {
  const folder = newFolder(name);
  put(folder, files);
  return folder;
}

function manifests(folder: string): readonly string[] {
  return readdirSync(join(folder, 'ascmhl'))
    .filter((each) => each.endsWith('.mhl'))
    .sort();
}

async function lastManifest(folder: string) {
  const name = manifests(folder).at(-1)!;
  const { manifest, findings } = await readWholeManifest(
    memorySource(readFileSync(join(folder, 'ascmhl', name))),
  );
  expect(findings).toEqual([]);
  return manifest!;
}

const fileNamed = (records: readonly { kind: string; path: string }[], path: string) =>
  records.find((each) => each.path === path) as FileRecord | undefined;

describe('a generation', () => {
  it('[MH4] is named after number, folder and the time of the operation', async () => {
    const folder = card(FILES, 'A:0?1');
    await create(folder, { startedAt: Date.UTC(2026, 1, 3, 4, 5, 6) });
    expect(manifests(folder)).toEqual(['0001_A_0_1_2026-02-03_040506Z.mhl']);
  });

  it('[MH5] is never empty: nothing is written when nothing is in scope', async () => {
    for (const folder of [card({}), card({ '.DS_Store': 'x' })]) {
      const result = await create(folder);
      expect(codes(result)).toEqual(['empty_scope']);
      expect(ascMhlExitCode(result.findings)).toBe(1);
      expect(existsSync(join(folder, 'ascmhl'))).toBe(false);
    }
    const all = card();
    expect(codes(await create(all, { ignore: ['*'] }))).toEqual(['empty_scope']);
  });

  it('[MH6] patterns are matched against the scope and nothing above it', async () => {
    const outer = card({ 'ascmhl/tmp/A001/a.mov': 'x' });
    const folder = join(outer, 'ascmhl', 'tmp', 'A001');
    const result = await create(folder, { ignore: ['tmp/', '/A001'] });
    expect(result.counts.original).toBe(1);
    expect(codes(result)).toEqual([]);
    expect((await lastManifest(folder)).process.ignore).toEqual([
      '.DS_Store',
      'ascmhl',
      'ascmhl/',
      'tmp/',
      '/A001',
    ]);
    put(folder, { 'tmp/x': 'ignored' });
    expect(codes(await diffTree(treeOf(folder), {}))).toEqual([]);
    expect((await create(folder)).counts).toMatchObject({ verified: 1, original: 0, missing: 0 });
  });

  it('[MH7] a failed file gets no hash in a new format, its folder the real one', async () => {
    const folder = card();
    await create(folder);
    writeFileSync(join(folder, 'Clips/a.mov'), 'FIRST');
    const result = await create(folder, { formats: ['xxh128'] });
    expect(ascMhlExitCode(result.findings)).toBe(11);
    const { records } = await lastManifest(folder);
    const hashes = (path: string) =>
      fileNamed(records, path)!.hashes.map(({ format, action }) => [format, action]);
    expect(hashes('Clips/a.mov')).toEqual([['xxh64', 'failed']]);
    expect(hashes('Clips/b.mov')).toEqual([
      ['xxh128', 'verified'],
      ['xxh64', 'verified'],
    ]);
    expect(ascMhlExitCode((await verify(folder)).findings)).toBe(11);
    writeFileSync(join(folder, 'Clips/a.mov'), 'first');
    expect(codes(await verify(folder))).toEqual([]);
  });

  it('[MH8] links are told; a file that cannot be read spoils no other hash', async () => {
    const folder = card();
    symlinkSync('Sidecar.txt', join(folder, 'link'));
    const result = await create(folder);
    expect(codes(result)).toEqual(['unexpected_special_file']);
    const tree = treeOf(folder);
    const broken = {
      ...tree,
      hash: async (...all: Parameters<typeof tree.hash>) =>
        all[0] === 'Clips/a.mov'
          ? { failed: 'unreadable' as const, reason: 'EIO' }
          : tree.hash(...all),
    };
    const again = await createGeneration(broken, hashing, createOptions());
    expect(codes(again)).toContain('unreadable_file');
    const text = readFileSync(join(folder, 'ascmhl', manifests(folder).at(-1)!), 'utf8');
    expect(text).not.toContain('roothash');
    expect(text).not.toMatch(/>0{16}</);
    expect(fileNamed((await lastManifest(folder)).records, 'Clips/b.mov')?.hashes.length).toBe(1);
  });

  it('[MH9] interrupted, it leaves nothing', async () => {
    const folder = card();
    const result = await create(folder, { signal: { aborted: true } });
    expect(result.generations).toEqual([]);
    expect(
      existsSync(join(folder, 'ascmhl')) && readdirSync(join(folder, 'ascmhl')).length > 0,
    ).toBe(false);
  });
});

describe('renaming', () => {
  it('[MH13] a missing file under another name is recorded as verified', async () => {
    const folder = card();
    await create(folder);
    renameSync(join(folder, 'Clips/b.mov'), join(folder, 'Clips/c.mov'));
    expect(ascMhlExitCode((await diffTree(treeOf(folder), {})).findings)).toBe(21);
    const result = await create(folder, { detectRenames: true });
    expect(result.counts).toMatchObject({ verified: 3, renamed: 1, missing: 0 });
    const record = fileNamed((await lastManifest(folder)).records, 'Clips/c.mov');
    expect(record).toMatchObject({ previousPath: 'Clips/b.mov', hashes: [{ action: 'verified' }] });
    expect(codes(await verify(folder, true))).toEqual([]);
    writeFileSync(join(folder, 'Clips/c.mov'), 'SECOND');
    expect(codes(await verify(folder))).toEqual(['mismatched_hash']);
  });

  it('[MH14] as the reference tool does, only when asked for', async () => {
    const folder = card();
    await create(folder);
    renameSync(join(folder, 'Clips/b.mov'), join(folder, 'Clips/c.mov'));
    await create(folder, { detectRenames: true, renamedAsOriginal: true });
    const record = fileNamed((await lastManifest(folder)).records, 'Clips/c.mov');
    expect(record?.hashes[0]?.action).toBe('original');
  });

  it('[MH15] a folder that moved whole is recorded too', async () => {
    const folder = card();
    await create(folder);
    renameSync(join(folder, 'Clips'), join(folder, 'Takes'));
    await create(folder, { detectRenames: true });
    const { records } = await lastManifest(folder);
    expect(records.find((each) => each.path === 'Takes')).toMatchObject({ previousPath: 'Clips' });
  });

  it('[MH16] the command renames on the disk and records it; nothing is overwritten', async () => {
    const folder = card();
    await create(folder);
    const rename = (from: string, to: string) =>
      renameInHistory(treeOf(folder), hashing, { ...createOptions(), from, to });
    expect(codes(await rename('Clips/a.mov', 'Sidecar.txt'))).toEqual(['existing_target']);
    expect(codes(await rename('Clips/x.mov', 'Clips/y.mov'))).toEqual(['missing_named_file']);
    expect(codes(await rename('Clips', '../Clips'))).toEqual(['unsafe_path']);
    const result = await rename('Clips/a.mov', 'Clips/z.mov');
    expect([codes(result), result.counts.verified]).toEqual([[], 1]);
    expect(existsSync(join(folder, 'Clips/z.mov'))).toBe(true);
    expect((await rename('Clips', 'Takes')).counts.renamed).toBe(2);
    expect(codes(await verify(folder))).toEqual([]);
    expect(codes(await create(folder))).toEqual([]);
  });

  it('[MH17] empty files are told apart by their names alone', async () => {
    const folder = card({ 'a.txt': '', 'b.txt': '', 'c.txt': 'x' });
    await create(folder);
    renameSync(join(folder, 'a.txt'), join(folder, 'd.txt'));
    expect(codes(await create(folder, { detectRenames: true }))).toEqual(['missing_file']);
  });
});

describe('nested histories', () => {
  async function day(): Promise<string> {
    const folder = card({ 'A001/a.mov': 'a', 'B001/b.mov': 'b', 'Report.txt': 'r' }, 'DAY');
    await create(join(folder, 'A001'));
    await create(join(folder, 'B001'));
    await create(folder);
    return folder;
  }

  it('[MH18] a file belongs to the nearest history, to which outer ones refer', async () => {
    const folder = await day();
    const outer = await lastManifest(folder);
    expect(outer.records.map(({ path }) => path)).toEqual(['A001', 'B001', 'Report.txt']);
    expect(outer.references.map(({ path }) => path.replace(/_20.*/, ''))).toEqual([
      'A001/ascmhl/0002_A001',
      'B001/ascmhl/0002_B001',
    ]);
    expect(codes(await verify(folder, true))).toEqual([]);
    writeFileSync(join(folder, 'A001/a.mov'), 'A');
    expect(codes(await verify(folder))).toEqual(['mismatched_hash']);
  });

  it('[MH19] an inner history that was replaced or removed is found by the outer one', async () => {
    const folder = await day();
    rmSync(join(folder, 'A001/ascmhl'), { recursive: true });
    expect(ascMhlExitCode((await verify(folder)).findings)).toBe(33);
    await create(join(folder, 'A001'));
    expect(ascMhlExitCode((await verify(folder)).findings)).toBe(33);
    rmSync(join(folder, 'A001'), { recursive: true });
    expect(ascMhlExitCode((await diffTree(treeOf(folder), {})).findings)).toBe(33);
  });

  it('[MH20] an inner history may move with its folder', async () => {
    const folder = await day();
    renameSync(join(folder, 'A001'), join(folder, 'A001_renamed'));
    const result = await verify(folder);
    expect([codes(result), ascMhlExitCode(result.findings)]).toEqual([['moved_history'], 0]);
    expect(ascMhlExitCode((await create(folder)).findings)).toBe(0);
  });

  it('[MH21] an inner renaming is no missing file of the outer history', async () => {
    const folder = card({ 'A001/a.mov': 'a', 'Report.txt': 'r' }, 'DAY');
    await create(folder);
    await create(join(folder, 'A001'));
    renameSync(join(folder, 'A001/a.mov'), join(folder, 'A001/z.mov'));
    await create(join(folder, 'A001'), { detectRenames: true });
    expect(codes(await verify(folder))).toEqual([]);
  });

  it('[MH22] flattening gives every file once, with its earliest hashes', async () => {
    const folder = await day();
    renameSync(join(folder, 'Report.txt'), join(folder, 'Bericht.txt'));
    await create(folder, { detectRenames: true });
    const target = newFolder('flat');
    const first = await flattenHistory(treeOf(folder), treeOf(target), createOptions());
    const second = await flattenHistory(treeOf(folder), treeOf(target), createOptions());
    const bytes = readFileSync(join(target, second.path!));
    const { manifest } = await readWholeManifest(memorySource(bytes));
    const records = manifest!.records as readonly FileRecord[];
    expect(records.map(({ path, previousPath }) => [path, previousPath])).toEqual([
      ['A001/a.mov', undefined],
      ['B001/b.mov', undefined],
      ['Bericht.txt', 'Report.txt'],
    ]);
    expect(records.every(({ hashes }) => hashes[0]?.action === 'original')).toBe(true);
    expect(records.every(({ modificationDate }) => modificationDate !== undefined)).toBe(true);
    const place = join(target, first.path!.split('/')[0]!, 'ascmhl_collection.xml');
    const chain = await readChain(memorySource(readFileSync(place)));
    expect(chain.entries.map(({ number }) => number)).toEqual([1, 2]);
  });
});

describe('trust', () => {
  it('[MH23] nothing is built on a history whose chain does not hold', async () => {
    const folder = card();
    await create(folder);
    const path = join(folder, 'ascmhl', manifests(folder)[0]!);
    writeFileSync(path, readFileSync(path, 'utf8').replace('Clips/a.mov', 'Clips/A.mov'));
    const result = await create(folder);
    expect([result.generations, ascMhlExitCode(result.findings)]).toEqual([[], 31]);
    expect(manifests(folder).length).toBe(1);
  });

  it('[MH24] manifests outside the chain are told and not believed', async () => {
    const folder = card();
    await create(folder);
    writeFileSync(join(folder, 'ascmhl', '0002_forged.mhl'), '<hashlist/>');
    const result = await verify(folder);
    expect([codes(result), ascMhlExitCode(result.findings)]).toEqual([['unchained_manifest'], 0]);
  });

  it('[MH25] hostile lists: paths that leave the scope, broken documents', async () => {
    const list = (inside: string) =>
      `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><creatorinfo><creationdate/>` +
      `<hostname/><tool/></creatorinfo><processinfo><process>in-place</process></processinfo>` +
      `<hashes>${inside}</hashes></hashlist>`;
    const record = (path: string) =>
      `<hash><path size="1">${path}</path><md5 action="original">${'0'.repeat(32)}</md5></hash>`;
    const read = (text: string) => readWholeManifest(memorySource(Buffer.from(text)));
    for (const path of ['../x', '/x', 'a//b', 'a/./b', 'a/..', '']) {
      const { manifest, findings } = await read(list(record(path)));
      expect([path, manifest?.records, findings.map(({ code }) => code)]).toEqual([
        path,
        [],
        ['unsafe_path'],
      ]);
    }
    const cut = list(record('a')).slice(0, -5);
    expect((await read(cut)).manifest).toBeUndefined();
    expect(
      (await read(list(record('a').replace('0'.repeat(32), 'zz')))).findings.map(
        ({ code }) => code,
      ),
    ).toContain('invalid_hash');
    const folder = card({ a: 'a' });
    mkdirSync(join(folder, 'ascmhl'));
    writeFileSync(join(folder, 'ascmhl', 'ascmhl_chain.xml'), '<a><b');
    expect(ascMhlExitCode((await verify(folder)).findings)).toBe(32);
  });

  it('[MH26] an empty folder that is gone is found by the folder hashes alone', async () => {
    const folder = card({ ...FILES, 'Empty/x': '' });
    rmSync(join(folder, 'Empty/x'));
    await create(folder);
    expect(codes(await verify(folder, true))).toEqual([]);
    rmSync(join(folder, 'Empty'), { recursive: true });
    expect(codes(await verify(folder))).toEqual([]);
    expect(ascMhlExitCode((await verify(folder, true)).findings)).toBe(12);
  });

  it('[MH29] folder hashes of histories in different formats are all checked', async () => {
    const folder = card({ 'A001/a.mov': 'a', 'A001/Empty/x': '', 'Report.txt': 'r' }, 'DAY');
    rmSync(join(folder, 'A001/Empty/x'));
    await create(join(folder, 'A001'), { formats: ['xxh64'] });
    await create(folder, { formats: ['md5'] });
    await create(join(folder, 'A001'), { formats: ['xxh64'] });
    expect(codes(await verify(folder, true))).toEqual([]);
    rmSync(join(folder, 'A001/Empty'), { recursive: true });
    const { findings } = await verify(folder, true);
    const formats = findings.map(({ facts }) => facts['format']);
    expect(new Set(formats)).toEqual(new Set(['md5', 'xxh64']));
  });

  it('[MH29] folders above files that were not asked for are not held to be wrong', async () => {
    const folder = card();
    await create(folder);
    const options = { folders: true, only: ['Clips/a.mov'] };
    expect(codes(await verifyTree(treeOf(folder), hashing, options))).toEqual([]);
    rmSync(join(folder, 'Sidecar.txt'));
    put(folder, { 'Clips/b.mov': 'changed' });
    expect(codes(await verifyTree(treeOf(folder), hashing, options))).toEqual([]);
    const whole = { folders: true, only: ['Clips'] };
    const { findings } = await verifyTree(treeOf(folder), hashing, whole);
    expect(findings.map(({ code }) => code)).toContain('mismatched_folder_hash');
  });

  it('[MH27] a file whose name another disk composed is the same file', async () => {
    const folder = card({ 'caf\u00e9.mov': 'x', 'other.mov': 'y' });
    await create(folder);
    renameSync(join(folder, 'caf\u00e9.mov'), join(folder, 'cafe\u0301.mov'));
    expect(codes(await verify(folder))).toEqual([]);
  });
});

const xmllint = hasFixtures && has('xmllint');
function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
if (!xmllint) process.stderr.write('skipped: xmllint or the schema is not there\n');

describe.skipIf(!xmllint)('the schema of the ASC', () => {
  it('[MH28] accepts every kind of manifest and chain', async () => {
    const folder = card(
      { 'A001/a.mov': 'a', 'quote"\'s & <tag>.txt': 'q', 'Report.txt': 'r' },
      'DAY',
    );
    await create(join(folder, 'A001'), {
      formats: ['c4', 'md5', 'sha1', 'xxh128', 'xxh3', 'xxh64'],
    });
    const authors = [{ name: 'Li Wei', email: 'li@example.org', phone: '+86', role: 'DIT' }];
    const { creator } = createOptions();
    await create(folder, { creator: { ...creator, authors, location: '横店', comment: 'a & b' } });
    renameSync(join(folder, 'Report.txt'), join(folder, 'R.txt'));
    await create(folder, { detectRenames: true, withoutFolderHashes: true });
    writeFileSync(join(folder, 'R.txt'), 'R');
    await create(folder, { only: ['R.txt'], process: 'transfer' });
    const target = newFolder('flat');
    const { path } = await flattenHistory(treeOf(folder), treeOf(target), createOptions());
    const xsd = (name: string) => join(COLLAB, 'ascmhl', 'xsd', name);
    const lists = [folder, join(folder, 'A001')].flatMap((each) =>
      manifests(each).map((name) => join(each, 'ascmhl', name)),
    );
    expect(lists.length).toBe(6);
    const judge = (schema: string, files: readonly string[]) =>
      execFileSync('xmllint', ['--nonet', '--noout', '--schema', xsd(schema), ...files], {
        stdio: 'pipe',
      });
    judge('ASCMHL.xsd', [...lists, join(target, path!)]);
    const chain = readFileSync(join(folder, 'ascmhl', 'ascmhl_chain.xml'));
    const read = await readChain(memorySource(chain));
    expect(read.entries.map(({ number }) => number)).toEqual([1, 2, 3]);
    judge('ASCMHLDirectory__combined.xsd', [join(folder, 'ascmhl', 'ascmhl_chain.xml')]);
  });
});
