import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { copyFile } from '../src/offload/copy-file.ts';
import { identityOf } from '../src/offload/identity.ts';
import { withFolders } from '../src/offload/manifest.ts';
import {
  CARD,
  codesOf,
  contentOf,
  copiedContent,
  newPlace,
  offload,
  put,
  removePlaces,
  verifyCopy,
} from './offload-support.ts';

afterAll(removePlaces);

const copyIn = (target: string) => join(target, 'A001R1AB');
const isRoot = process.getuid?.() === 0;

describe('an offload', () => {
  it('[TF40] copies every byte, verified, with a history, and says it is safe', async () => {
    const place = newPlace();
    mkdirSync(join(place.source, 'Nothing/inside'), { recursive: true });
    const result = await offload(place, { workerCount: 4 });
    expect(result.verdict).toEqual({ safe: true, reasons: [] });
    expect(result.card).toMatchObject({ kind: 'arri', reel: 'A001' });
    expect([...result.files()].length).toBe(6);
    for (const target of place.targets) {
      expect(copiedContent(copyIn(target))).toEqual(contentOf(place.source));
      expect(existsSync(join(copyIn(target), 'Nothing/inside'))).toBe(true);
      expect(await verifyCopy(copyIn(target))).toEqual([]);
      expect(readdirSync(target)).toEqual(['A001R1AB']);
      const [made, was] = [copyIn(target), place.source].map((folder) =>
        statSync(join(folder, 'Sidecar.txt')),
      );
      expect(Math.abs(made!.mtimeMs - was!.mtimeMs)).toBeLessThan(1);
    }
  });

  it('[TF41] run again it verifies and adds a generation, and rewrites nothing', async () => {
    const place = newPlace();
    await offload(place);
    const before = place.targets.map((each) => lstatSync(join(copyIn(each), 'Sidecar.txt')));
    const result = await offload(place);
    expect(result.verdict.safe).toBe(true);
    place.targets.forEach((each, i) => {
      const after = lstatSync(join(copyIn(each), 'Sidecar.txt'));
      expect([after.ino, after.mtimeMs]).toEqual([before[i]!.ino, before[i]!.mtimeMs]);
      const history = readdirSync(join(copyIn(each), 'ascmhl'));
      expect(history.filter((name) => name.endsWith('.mhl')).length).toBe(2);
    });
  });

  it('[TF42] a history that came with the card is carried on, and believed', async () => {
    const place = newPlace();
    await offload(place);
    const second = {
      source: copyIn(place.targets[0]!),
      targets: [join(place.place, 'S1'), join(place.place, 'S2')],
    };
    const good = await offload(second);
    expect(good.verdict).toEqual({ safe: true, reasons: [] });
    const manifests = readdirSync(join(copyIn(second.targets[0]!), 'ascmhl')).sort();
    expect(manifests.map((each) => each.slice(0, 4))).toEqual(['0001', '0002', 'ascm']);
    const last = readFileSync(join(copyIn(second.targets[0]!), 'ascmhl', manifests[1]!), 'utf8');
    expect(last).toContain('<process>transfer</process>');
    expect(last).toContain('action="verified"');
    expect(last).not.toContain('action="original"');
    expect((await offload(second)).verdict.safe).toBe(true);

    writeFileSync(join(second.source, 'Sidecar.txt'), 'other');
    const third = { ...second, targets: [join(place.place, 'U1'), join(place.place, 'U2')] };
    const bad = await offload(third);
    expect(bad.verdict.safe).toBe(false);
    expect(codesOf(bad.verdict.reasons)).toContain('mismatched_hash');
  });

  it('[TF43] one copy is not enough unless somebody says so', async () => {
    const place = newPlace();
    const one = { ...place, targets: place.targets.slice(0, 1) };
    const result = await offload(one);
    expect(result.targets[0]?.complete).toBe(true);
    expect(codesOf(result.verdict.reasons)).toEqual(['insufficient_copies']);
    expect((await offload(one, { minimumCopies: 1 })).verdict.safe).toBe(true);
  });
});

describe('an offload never overwrites', () => {
  it('[TF44] a different file of the same name stays, and the card is not safe', async () => {
    const place = newPlace();
    put(copyIn(place.targets[0]!), { 'Sidecar.txt': 'mine!' });
    const result = await offload(place);
    expect(codesOf(result.verdict.reasons)).toEqual([
      'existing_different_file',
      'incomplete_target',
      'insufficient_copies',
    ]);
    expect(readFileSync(join(copyIn(place.targets[0]!), 'Sidecar.txt'), 'utf8')).toBe('mine!');
    expect(copiedContent(copyIn(place.targets[1]!))).toEqual(contentOf(place.source));
  });

  it('[TF45] foreign files, nested, repeated and busy targets are refused', async () => {
    const place = newPlace();
    put(copyIn(place.targets[0]!), { 'foreign.txt': 'x' });
    expect(codesOf((await offload(place)).verdict.reasons)).toContain('unexpected_target_file');
    expect(readdirSync(copyIn(place.targets[0]!))).toEqual(['foreign.txt']);

    const shown = newPlace();
    const left = { '.DS_Store': 'x', 'Clips/._A001C001.mov': 'x', '.Trashes/1': 'x' };
    put(copyIn(shown.targets[0]!), left);
    expect((await offload(shown)).verdict).toEqual({ safe: true, reasons: [] });
    const history = join(copyIn(shown.targets[0]!), 'ascmhl');
    const list = readdirSync(history).find((each) => each.endsWith('.mhl'))!;
    expect(readFileSync(join(history, list), 'utf8')).not.toMatch(/DS_Store<\/path|\._|Trashes/);

    expect([...withFolders(['._a/b/1.mov', '._a/b/2.mov', '.Trashes'])]).toEqual([
      '._a/b/1.mov',
      '._a/b',
      '._a',
      '._a/b/2.mov',
      '.Trashes',
    ]);

    const inside = {
      ...place,
      targets: [join(place.source, 'Clips'), place.place, place.targets[1]!, place.targets[1]!],
    };
    const refused = await offload(inside);
    expect(codesOf(refused.verdict.reasons)).toContain('nested_target');
    expect(codesOf(refused.verdict.reasons)).toContain('repeated_target');
    expect(readdirSync(join(place.source, 'Clips')).length).toBe(2);

    const busy = newPlace();
    const staging = join(busy.targets[0]!, '.A001R1AB.yinglian-offload');
    put(staging, {
      lock: `${process.ppid}@${execFileSync('hostname', { encoding: 'utf8' }).trim()}`,
    });
    expect(codesOf((await offload(busy)).verdict.reasons)).toContain('busy_target');
    rmSync(join(staging, 'lock'));
    expect((await offload(busy)).verdict.safe).toBe(true);
  });
});

describe('an offload doubts', () => {
  it('[TF46] links and pipes make a card unsafe; the rest is copied', async () => {
    const place = newPlace();
    symlinkSync('/etc/hostname', join(place.source, 'link'));
    execFileSync('mkfifo', [join(place.source, 'pipe')]);
    const result = await offload(place);
    expect(codesOf(result.verdict.reasons)).toEqual(['uncopied_special_file']);
    expect(result.verdict.reasons.length).toBe(2);
    expect([...copiedContent(copyIn(place.targets[0]!)).keys()].sort()).toEqual(
      Object.keys(CARD).sort(),
    );
  });

  it('[TF47] a source that grows, changes or loses files on the way is not safe', async () => {
    const place = newPlace();
    let touched = false;
    const result = await offload(place, {
      onProgress: ({ phase }) => {
        if (phase !== 'copy' || touched) return;
        touched = true;
        appendFileSync(join(place.source, 'new.txt'), 'late');
        appendFileSync(join(place.source, 'Sidecar.txt'), 'more');
      },
    });
    expect(result.verdict.safe).toBe(false);
    expect(codesOf(result.verdict.reasons)).toContain('changed_source');
    const again = await offload(place);
    expect(again.verdict.safe === copiedContent(copyIn(place.targets[0]!)).has('new.txt')).toBe(
      true,
    );
  });

  it('[TF48] an empty source is never safe', async () => {
    const place = newPlace({});
    expect(codesOf((await offload(place)).verdict.reasons)).toContain('empty_source');
  });

  it('[TF49] names that differ only in case are told', async () => {
    const place = newPlace({ 'a.mov': '1', 'A.mov': '2', 'caf\u00e9': '3', 'cafe\u0301': '4' });
    const result = await offload(place);
    expect(codesOf(result.findings)).toContain('colliding_names');
    expect(copiedContent(copyIn(place.targets[0]!)).size).toBe(4);
  });
});

describe('when disks fail', () => {
  it('[TF50] a target that goes away on the way is lost, the others are completed', async () => {
    const place = newPlace();
    let gone = false;
    const result = await offload(place, {
      onProgress: ({ phase }) => {
        if (phase !== 'copy' || gone) return;
        gone = true;
        rmSync(place.targets[0]!, { recursive: true, force: true });
      },
    });
    expect(result.targets.map((each) => each.complete)).toEqual([false, true]);
    expect(result.verdict.safe).toBe(false);
    expect(copiedContent(copyIn(place.targets[1]!))).toEqual(contentOf(place.source));
  });

  it.skipIf(!isRoot)(
    '[TF51] a target that is or becomes full is told, the others are completed',
    async () => {
      const place = newPlace({ ...CARD, 'big.mov': new Uint8Array(20_000_000).fill(7) });
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', place.targets[0]!], {
          stdio: 'pipe',
        });
      } catch {
        process.stderr.write('skipped: nothing can be mounted here\n');
        return;
      }
      try {
        const result = await offload(place);
        expect(codesOf(result.verdict.reasons)).toContain('insufficient_space');
        expect(result.targets.map((each) => each.complete)).toEqual([false, true]);
        const part = join(place.targets[0]!, 'x.part');
        const file = join(place.source, 'big.mov');
        const copied = await copyFile(
          requestFor(file, [part, join(place.targets[0]!, 'x')]),
          quiet,
        );
        expect(copied).toMatchObject({ places: [{ failed: 'failed_copy', reason: 'ENOSPC' }] });
        expect(existsSync(part) || existsSync(join(place.targets[0]!, 'x'))).toBe(false);
      } finally {
        execFileSync('umount', ['-l', place.targets[0]!]);
      }
    },
  );

  it('[TF52] a bit that turns over on its way is found, and the copy gets no name', async () => {
    const place = newPlace();
    const file = join(place.source, 'Clips/A001C001_260101_R1AB.mov');
    const [part, path] = [join(place.targets[0]!, 'p'), join(place.targets[0]!, 'c.mov')];
    const copied = await copyFile(requestFor(file, [part, path]), {
      ...quiet,
      openFile: async (name, flags) => {
        const handle = await open(name, flags);
        if (name !== part) return handle;
        const write = handle.write.bind(handle) as (
          ...all: unknown[]
        ) => Promise<{ bytesWritten: number }>;
        const flipping = async (bytes: Uint8Array, ...rest: unknown[]) => {
          const turned = Uint8Array.from(bytes);
          turned[1000]! ^= 4;
          return write(turned, ...rest);
        };
        return Object.assign(handle, { write: flipping as unknown as typeof handle.write });
      },
    });
    expect(copied).toMatchObject({ places: [{ failed: 'mismatched_copy' }] });
    expect(existsSync(part) || existsSync(path)).toBe(false);
  });

  it('[TF53] a copy gets its name only if the name is still free', async () => {
    const place = newPlace();
    const file = join(place.source, 'Sidecar.txt');
    const [part, path] = [join(place.targets[0]!, 'p'), join(place.targets[0]!, 'c.txt')];
    const copied = await copyFile(requestFor(file, [part, path]), {
      ...quiet,
      onBytes: () => writeFileSync(path, 'somebody was faster'),
    });
    expect(copied).toMatchObject({ places: [{ failed: 'existing_different_file' }] });
    expect(readFileSync(path, 'utf8')).toBe('somebody was faster');
  });
});

const quiet = { cancelled: () => false };

function requestFor(source: string, [part, path]: readonly [string, string]) {
  const stats = lstatSync(source, { bigint: true });
  return {
    source,
    identity: identityOf(stats),
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeNs / 1_000_000n),
    algorithms: ['xxh64', 'md5'] as const,
    places: [{ target: 0, part, path }],
  };
}

const HOST = fileURLToPath(new URL('../dist/offload/offload.js', import.meta.url));
const RUNNER = `
import { runOffload } from ${JSON.stringify(HOST)};
const [source, ...targets] = process.argv.slice(1);
let told = 0;
const result = await runOffload({
  source, targets, workerCount: 1, formats: ['xxh128'], startedAt: Date.now(), now: Date.now,
  creator: {
    creationDate: '2026-01-01T00:00:00+00:00', hostname: 'h', authors: [],
    tool: { name: 't', version: '1' },
  },
  onProgress: () => process.stdout.write('.'),
});
process.exit(result.verdict.safe ? 0 : 1);
`;

/** Runs an offload and kills it after so many signs of progress; true when it ended by itself. */
function runAndKill(
  source: string,
  targets: readonly string[],
  afterSigns: number,
): Promise<number | null> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', RUNNER, source, ...targets], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let signs = 0;
  child.stdout.on('data', (text: Buffer) => {
    signs += text.length;
    if (signs >= afterSigns) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.on('exit', (code) => resolve(code)));
}

const KILLS = Number(process.env['YINGLIAN_KILLS'] ?? 3);

describe('an offload that is killed', () => {
  it(
    '[TF54] goes on wherever it was, and what it calls a copy is one',
    { timeout: 120_000 },
    async () => {
      const files: Record<string, Uint8Array> = {};
      for (let i = 0; i < 60; i++) {
        files[`Clips/${i % 7}/clip${i}.mov`] = new Uint8Array(1000 + 20_000 * i).fill(i);
      }
      const place = newPlace(files);
      const original = contentOf(place.source);
      for (let kill = 0; kill < KILLS; kill++) {
        // From the first sign to shortly before the end, in an order that repeats nowhere.
        const code = await runAndKill(place.source, place.targets, 1 + ((kill * 37) % 90));
        expect([null, 0]).toContain(code);
        for (const target of place.targets) {
          const folder = copyIn(target);
          if (!existsSync(folder)) continue;
          for (const [path, bytes] of copiedContent(folder))
            expect([path, bytes === original.get(path)]).toEqual([path, true]);
        }
      }
      expect(await runAndKill(place.source, place.targets, Infinity)).toBe(0);
      for (const target of place.targets) {
        expect(copiedContent(copyIn(target))).toEqual(original);
        expect(await verifyCopy(copyIn(target))).toEqual([]);
        expect(readdirSync(target)).toEqual(['A001R1AB']);
      }
    },
  );

  it('[TF55] cancelled, it leaves no half file, and the next run finishes it', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`c${i}.mov`, new Uint8Array(300_000).fill(i)]),
    );
    const place = newPlace(files);
    const control = new AbortController();
    let signs = 0;
    const result = await offload(place, {
      workerCount: 2,
      signal: control.signal,
      onProgress: ({ phase }) => {
        if (phase === 'copy' && ++signs === 10) control.abort();
      },
    });
    expect(codesOf(result.verdict.reasons)).toContain('interrupted_offload');
    const partial = copiedContent(copyIn(place.targets[0]!));
    expect(partial.size).toBeLessThan(40);
    const original = contentOf(place.source);
    for (const [path, bytes] of partial) expect(bytes).toBe(original.get(path));
    const again = await offload(place);
    expect(again.verdict.safe).toBe(true);
    expect(again.resumedCount).toBeGreaterThan(0);
  });
});
