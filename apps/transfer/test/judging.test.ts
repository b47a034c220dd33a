import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type VerificationReport, verifyPackage, type VerifyOptions } from '@yinglian/dcp';
import { folderReader, nodeCryptography as cryptography } from '@yinglian/host';
import { afterAll, describe, expect, it } from 'vitest';
import { FILE_FAULTS } from '../../../packages/dcp/test/fault-list.ts';
import { BASES, type BaseName } from '../../../packages/dcp/test/faults.ts';
import { FIXTURES, HAS_FIXTURES } from '../../../packages/dcp/test/fixtures.ts';
import { openExaminerCrew } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-judging-'));
const crew = openExaminerCrew({ workerCount: 2, bytesMin: 0 });
afterAll(async () => {
  await crew.close();
  rmSync(folder, { recursive: true, force: true });
});

const AT = Date.UTC(2026, 10, 23);

function write(name: string, files: ReadonlyMap<string, Uint8Array>): string {
  const path = join(folder, name);
  for (const [file, bytes] of files) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), bytes);
  }
  return path;
}

/** The report of one thread and that of two workers, as they are stored. */
async function both(path: string, options: VerifyOptions = {}): Promise<[string, string]> {
  const judge = async (ports: Parameters<typeof verifyPackage>[1]) =>
    JSON.stringify(await verifyPackage(folderReader(path), ports, { at: AT, ...options }));
  return [await judge({ cryptography }), await judge({ cryptography, examiner: crew })];
}

const codesIn = (report: string) =>
  (JSON.parse(report) as VerificationReport).findings.map(({ code }) => code);

/** Folders of the fixtures that hold a map. */
function packagesBelow(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true });
  const own = entries.some(({ name }) => /^ASSETMAP(?:\.xml)?$/i.test(name)) ? [path] : [];
  return entries
    .filter((each) => each.isDirectory())
    .reduce((all, { name }) => [...all, ...packagesBelow(join(path, name))], own);
}

describe.skipIf(!HAS_FIXTURES)('[DCP103] judging on several cores', () => {
  it('says the same to the byte of packages of other makers', async () => {
    const paths = packagesBelow(FIXTURES);
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      const [alone, together] = await both(path, { profile: 'bv21' });
      expect(together === alone, path).toBe(true);
    }
  }, 120_000);

  it('says the same of built packages, of their faults, and of those with keys', async () => {
    for (const base of Object.keys(BASES) as BaseName[]) {
      const target = await BASES[base]();
      const keys = new Map(target.built.keys.map(({ keyId, key }) => [keyId, key]));
      const [alone, together] = await both(write(base, target.files), { keys });
      expect(together === alone, base).toBe(true);
      const profile = base === 'interop' ? 'auto' : 'bv21';
      const own = FILE_FAULTS.filter((each) => (each.base ?? 'plain') === base);
      for (const fault of own.filter((_, at) => at % 8 === 0)) {
        const changed = target.copy();
        fault.apply(changed);
        const path = write(`${base}-${own.indexOf(fault)}`, changed.files);
        const [one, two] = await both(path, { keys, profile });
        expect(codesIn(one), fault.name).toContain(fault.code);
        expect(two === one, fault.name).toBe(true);
      }
    }
  }, 120_000);

  it('follows progress to the end of every file and stops when it is told to', async () => {
    const path = write('watched', (await BASES.plain()).files);
    const done = new Map<string, boolean>();
    const onProgress: VerifyOptions['onProgress'] = (each) =>
      done.set(each.file, each.done === each.total);
    await verifyPackage(folderReader(path), { cryptography, examiner: crew }, { onProgress });
    const tracks = readdirSync(path).filter((name) => name.endsWith('.mxf'));
    expect([...done].sort()).toEqual(tracks.sort().map((name) => [name, true]));
    const stop = new AbortController();
    const reason = new Error('enough');
    const cancelled = verifyPackage(
      folderReader(path),
      { cryptography, examiner: crew },
      { signal: stop.signal, onProgress: () => stop.abort(reason) },
    );
    await expect(cancelled).rejects.toThrow('enough');
    const [alone, together] = await both(path);
    expect(together === alone).toBe(true);
  });

  it('gives the fault of a disk on, and does the work of a worker that is lost', async () => {
    const target = await BASES.plain();
    const path = write('broken', target.files);
    const picture = target.path('picture_');
    const order = {
      file: { id: 'x', path: picture, standard: 'smpte' },
      profile: { base: 'auto' },
      bv21: false,
      keys: undefined,
    } as const;
    const filePath = join(path, 'gone.mxf');
    const source = { filePath, sizeBytes: 1, read: () => Promise.reject(new Error('no')) };
    await expect(crew.examine(source, order, {})).rejects.toThrow(/ENOENT/);
    const closed = openExaminerCrew({ workerCount: 2, bytesMin: 0 });
    await closed.close();
    const real = await folderReader(path).open(picture);
    const { known } = await closed.examine(real!, order, {});
    await real!.close?.();
    expect(known.report.sizeBytes).toBe(statSync(join(path, picture)).size);
  });
});
