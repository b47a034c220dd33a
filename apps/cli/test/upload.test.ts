import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Environment } from '../src/kernel/environment.ts';
import { registerUpload } from '../src/production/upload.ts';
import { filesBelow, isOtherFolder, settling } from '../src/production/upload-folder.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'yinglian-upload-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string, modified = '2026-01-01T00:00:00Z'): void {
  const at = join(folder, 'card', name);
  mkdirSync(join(at, '..'), { recursive: true });
  writeFileSync(at, content);
  utimesSync(at, new Date(modified), new Date(modified));
}

/** A server that knows every content already, and how rolls were put together there. */
function network(state: 'sealed' | 'faulty') {
  const rolls: string[][] = [];
  const remarks: string[] = [];
  let [sealed, until, stop] = [0, Number.NaN, new AbortController()];
  const roll = (id: string) => ({ id, name: 'card', version: 1, files: 1, state, findings: [] });
  const client = {
    arrivals: {
      create: async () => ({ id: String(rolls.push([]) - 1) }),
      add: async (asked: { params: { id: string }; body: { files: { path: string }[] } }) => {
        rolls[Number(asked.params.id)]!.push(...asked.body.files.map(({ path }) => path));
        return { added: asked.body.files.length, unknown: [] };
      },
      one: async ({ params }: { params: { id: string } }) => roll(params.id),
      seal: async () => {
        sealed += 1;
        if (sealed === until) stop.abort();
        return { jobId: 'job' };
      },
    },
    jobs: { get: async () => ({ state: 'done' }) },
  };
  const environment = {
    terminal: () => ({
      words: (_: string, en: string) => en,
      say: () => undefined,
      remark: (text: string) => void remarks.push(text),
      answer: () => undefined,
      progress: () => ({ update: () => undefined, done: () => undefined }),
      signal: stop.signal,
      locale: 'en',
      json: false,
    }),
    server: () => ({ client, baseUrl: 'http://127.0.0.1' }),
    texts: async () => ({}),
    exit: () => undefined,
  } as unknown as Environment;
  const upload = async (...more: string[]) => {
    const program = new Command();
    registerUpload(program, environment);
    const words = ['upload', join(folder, 'card'), '--film', 'f', '--known'];
    const journal = ['--state', join(folder, 'state', 'journal.json')];
    await program.parseAsync([...words, ...journal, ...more], { from: 'user' });
  };
  /** Watches the place of the cards until so many rolls are sealed. */
  const watch = async (seals: number, ...more: string[]) => {
    [sealed, until, stop] = [0, seals, new AbortController()];
    const program = new Command();
    registerUpload(program, environment);
    const words = ['upload', folder, '--film', 'f', '--known', '--rolls', '--seal-after', '0'];
    const state = ['--state', join(tmpdir(), `${basename(folder)}-state`)];
    const watching = program.parseAsync([...words, ...state, ...more], { from: 'user' });
    await watching.catch((fault: Error) => {
      if (fault.name !== 'AbortError') throw fault;
    });
  };
  return { rolls, remarks, upload, watch };
}

describe('sending a roll', () => {
  it('makes another roll of a second card at the same place', async () => {
    put('CLIPS/A001.mov', 'first card');
    const { rolls, upload } = network('sealed');
    await upload();
    expect(readdirSync(join(folder, 'state'))).toEqual([]);
    put('CLIPS/A001.mov', 'the second card', '2026-01-02T00:00:00Z');
    await upload();
    expect(rolls).toEqual([['CLIPS/A001.mov'], ['CLIPS/A001.mov']]);
  });

  it('goes on with a faulty roll, but not when another card lies there', async () => {
    put('A001.mov', 'one');
    put('A002.mov', 'two');
    const { rolls, remarks, upload } = network('faulty');
    await upload();
    put('A002.mov', 'two, mended');
    await upload();
    expect(rolls).toEqual([['A001.mov', 'A002.mov', 'A002.mov']]);
    put('A001.mov', 'of another card');
    put('A002.mov', 'and so is this');
    await upload();
    expect(rolls[1]).toEqual(['A001.mov', 'A002.mov']);
    expect(remarks.join()).toContain('roll of their own');
  });

  it('makes a roll of every folder that appears, and remembers those that are sealed', async () => {
    put('CLIPS/A001.mov', 'one');
    put('../A002R1/A002.mov', 'two');
    put('../A003R1/.DS_Store', 'x');
    const { rolls, watch } = network('sealed');
    await watch(2);
    expect(rolls).toEqual([['A002.mov'], ['CLIPS/A001.mov']]);
    put('../A002R1/A002.wav', 'late');
    await watch(1);
    expect(rolls.slice(2)).toEqual([['A002.mov', 'A002.wav']]);
    rmSync(join(tmpdir(), `${basename(folder)}-state`), { recursive: true });
  });

  it('tells a rate that is none before anything is sent', async () => {
    put('A001.0001.dpx', 'x');
    const { rolls, upload } = network('sealed');
    for (const rate of ['0', 'film', '-24']) {
      await expect(upload('--frame-rate', rate)).rejects.toThrow(`--frame-rate ${rate}`);
    }
    expect(rolls).toEqual([]);
    await upload('--frame-rate', '24000/1001');
    expect(rolls).toEqual([['A001.0001.dpx']]);
  });

  it('tells what it does not send', async () => {
    put('A001.mov', 'x');
    put('._A001.mov', 'x');
    put('copying.part', 'x');
    symlinkSync('A001.mov', join(folder, 'card', 'linked.mov'));
    const { rolls, remarks, upload } = network('sealed');
    await upload();
    expect(rolls).toEqual([['A001.mov']]);
    expect(remarks.join()).toContain('3 not sent');
    const { leftOut } = await filesBelow(join(folder, 'card'));
    expect(leftOut).toEqual(['._A001.mov', 'copying.part', 'linked.mov']);
  });

  it('knows a watched folder that was emptied, and a card in the place of another', () => {
    const sent = { 'a.mov': { sizeBytes: 1, modifiedMs: 1 } };
    const other = [{ path: 'b.mov', sizeBytes: 1, modifiedMs: 1 }];
    expect(isOtherFolder(sent, other, true)).toBe(false);
    expect(isOtherFolder(sent, other, false)).toBe(true);
    expect(isOtherFolder({}, other, false)).toBe(false);
  });

  it('settles a file from a clock that is ahead once it stays the same', () => {
    const isSettled = settling();
    const file = { path: 'a.mov', sizeBytes: 1, modifiedMs: 9_000_000 };
    expect(isSettled(file, 1000)).toBe(false);
    expect(isSettled({ ...file, sizeBytes: 2 }, 8000)).toBe(false);
    expect(isSettled({ ...file, sizeBytes: 2 }, 12_000)).toBe(false);
    expect(isSettled({ ...file, sizeBytes: 2 }, 18_000)).toBe(true);
    expect(isSettled({ ...file, modifiedMs: 0 }, 18_000)).toBe(true);
  });
});
