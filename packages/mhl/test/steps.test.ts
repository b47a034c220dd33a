import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ascMhlExitCode,
  createGeneration,
  diffTree,
  flattenHistory,
  type HashFormat,
  isHashFormat,
  readWholeManifest,
  verifyTree,
} from '../src/index.ts';
import { memorySource } from '@yinglian/core';
import {
  COLLAB,
  copyOf,
  createOptions,
  hasFixtures,
  hashing,
  newFolder,
  removeFolders,
  treeOf,
} from './fixtures.ts';

const STEPS = join(COLLAB, 'own', 'asc-mhl-steps');

type Step = { readonly do: string; readonly exit?: number; readonly out?: readonly string[] };
type Recorded = { readonly root: string; readonly steps: readonly Step[] };

const read = (name: string) =>
  JSON.parse(readFileSync(join(STEPS, name, 'steps.json'), 'utf8')) as Recorded;
const names = hasFixtures ? readdirSync(STEPS) : [];

afterAll(removeFolders);

/** The recorded tree as it was before the first step: without histories. */
function bare(name: string, root: string): string {
  const folder = join(copyOf('own', 'asc-mhl-steps', name, 'tree'), root);
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/(?:^|\/)ascmhl$/.test(entry)) rmSync(join(folder, entry), { recursive: true });
  }
  return folder;
}

/** Hashes that the reference printed: `(content)` and `(structure)`, and those of files. */
function hashesIn(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) =>
    [...line.matchAll(/\b(?:[0-9a-f]{16,40}|c4[1-9A-HJ-NP-Za-km-z]{88})\b/g)].map(([hash]) => hash),
  );
}

function manifestsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((each) => each.endsWith('.mhl'))
    .map((each) => join(folder, each));
}

async function perform(folder: string, step: Step, state: { altered: boolean }): Promise<number> {
  const [, verb, ...rest] = step.do.split(' ');
  const place = rest[0] === '.' || rest[0] === undefined ? folder : join(folder, rest[0]);
  const formats = rest.flatMap((each, i) => (each === '-h' ? [rest[i + 1]!] : []));
  const tree = treeOf(place);
  if (verb === 'create') {
    const { findings } = await createGeneration(
      tree,
      hashing,
      createOptions({
        formats: formats.filter(isHashFormat) as HashFormat[],
        detectRenames: rest.includes('-dr'),
        withoutFolderHashes: rest.includes('-n'),
      }),
    );
    return ascMhlExitCode(findings);
  }
  if (verb === 'verify') return ascMhlExitCode((await verifyTree(tree, hashing, {})).findings);
  if (verb === 'diff') return ascMhlExitCode((await diffTree(tree, {})).findings);
  if (verb === 'flatten') {
    const result = await flattenHistory(tree, treeOf(newFolder('flat')), createOptions());
    expect(result.recordCount).toBeGreaterThan(0);
    return ascMhlExitCode(result.findings);
  }
  if (verb === 'info') return ascMhlExitCode((await diffTree(tree, {})).findings);
  throw new Error(`${step.do}, ${state.altered}`);
}

/** What was done to the files between two commands. */
function change(folder: string, name: string, what: string): void {
  if (what.startsWith('delete Clips'))
    return rmSync(join(folder, 'Clips/A001C002_260101_R1AB.mov'));
  if (what.startsWith('rename C002')) {
    const from = join(folder, 'Clips/A001C002_260101_R1AB.mov');
    return renameSync(from, join(folder, 'Clips/A001C009_260101_R1AB.mov'));
  }
  if (what.startsWith('delete ascmhl_chain'))
    return rmSync(join(folder, 'ascmhl/ascmhl_chain.xml'));
  const file = what.startsWith('edit manifest')
    ? join(
        folder,
        'ascmhl',
        readdirSync(join(folder, 'ascmhl')).find((each) => each.startsWith('0001'))!,
      )
    : join(folder, 'Clips/A001C001_260101_R1AB.mov');
  const bytes = readFileSync(file);
  bytes[bytes.length - 20]! ^= 1;
  writeFileSync(file, bytes);
  expect(name).not.toBe('');
}

/** Puts back what later steps had changed, from the first recorded state. */
function restore(folder: string, name: string): void {
  const clips = join(STEPS, 'verified', 'tree', 'VERIFIED', 'Clips');
  if (!['altered', 'missing', 'renamed'].includes(name)) return;
  rmSync(join(folder, 'Clips'), { recursive: true });
  renameSync(
    join(copyOf('own', 'asc-mhl-steps', 'verified', 'tree'), 'VERIFIED', 'Clips'),
    join(folder, 'Clips'),
  );
  expect(existsSync(clips)).toBe(true);
}

describe.skipIf(!hasFixtures)('the recorded histories of the reference tool', () => {
  it.each(names)('[MH1] %s: the same steps give the same exit codes', async (name) => {
    const { root, steps } = read(name);
    const folder = bare(name, root);
    restore(folder, name);
    const codes: (number | undefined)[] = [];
    const state = { altered: false };
    for (const step of steps) {
      if (step.do.startsWith('ascmhl')) codes.push(await perform(folder, step, state));
      else change(folder, name, step.do);
    }
    expect(codes).toEqual(steps.flatMap((each) => (each.exit === undefined ? [] : [each.exit])));
  });

  const hashed = names.filter((name) => name !== 'altered' && name !== 'nohistory');
  it.each(hashed)('[MH2] %s: file, folder and root hashes are those it printed', async (name) => {
    const { root, steps } = read(name);
    const folder = bare(name, root);
    restore(folder, name);
    for (const step of steps) {
      if (!step.do.startsWith('ascmhl create')) break;
      await perform(folder, step, { altered: false });
      const printed = hashesIn(step.out ?? []);
      expect(printed.length).toBeGreaterThan(3);
      const text = manifestsBelow(folder)
        .map((each) => readFileSync(each, 'utf8'))
        .join('');
      expect(printed.filter((each) => !text.includes(each))).toEqual([]);
    }
  });

  it('[MH3] every manifest of the fixtures is read without a fault', async () => {
    const all = [...manifestsBelow(STEPS), ...manifestsBelow(join(COLLAB, 'ascmhl'))];
    expect(all.length).toBeGreaterThan(20);
    for (const path of all) {
      const { manifest, findings } = await readWholeManifest(memorySource(readFileSync(path)));
      const errors = findings.filter(({ severity }) => severity === 'error');
      // The sample beside the schema shows references with hashes that are no C4.
      const expected = path.endsWith('0001_TEST01_2019-10-11_155603.mhl')
        ? ['invalid_reference', 'invalid_reference']
        : [];
      expect([path, errors.map(({ code }) => code)]).toEqual([path, expected]);
      expect(manifest?.records.length).toBeGreaterThan(0);
    }
  });

  it('[MH1] its own histories verify here, each with its meaning', async () => {
    const expected: Record<string, number> = {
      altered: 11,
      missing: 10,
      tampered: 31,
      nochain: 32,
      nohistory: 30,
    };
    for (const name of names) {
      const folder = join(copyOf('own', 'asc-mhl-steps', name, 'tree'), read(name).root);
      const { findings } = await verifyTree(treeOf(folder), hashing, { everyFormat: true });
      expect([name, ascMhlExitCode(findings)]).toEqual([name, expected[name] ?? 0]);
    }
  });
});
