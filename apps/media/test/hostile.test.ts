import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkDescription,
  FINDING_TEXTS,
  mainPicture,
  type MediaEngine,
  type MediaInput,
} from '../src/index.ts';
import { codes, good, implementations, make, requireFreshBuild, scratch } from './media.ts';

const folder = scratch();
const all = implementations();
const at = (name: string) => join(folder.path, name);
const fileInput = (name: string): MediaInput => ({ kind: 'file', path: at(name) });

const SOURCES = ['a.mp4', 'b.mov', 'c.mxf', 'd.ts'] as const;
const HOSTILE: string[] = [];

/** A small generator with a seed, so that a failure can be seen again. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function put(name: string, bytes: Uint8Array | string): void {
  writeFileSync(at(name), bytes);
  HOSTILE.push(name);
}

beforeAll(async () => {
  requireFreshBuild();
  const maker = all[0]!.engine;
  await make(maker, at('a.mp4'), { frames: 30, bFrames: 2 });
  await make(maker, at('b.mov'), { frames: 10, preset: 'prores-mov' });
  await make(maker, at('c.mxf'), { frames: 20, preset: 'mpeg2-mxf', frameRate: '25' });
  await make(maker, at('d.ts'), { frames: 30, preset: 'h264-ts' });
  const random = randomOf(20_261_122);
  for (const source of SOURCES) {
    const bytes = readFileSync(at(source));
    for (const share of [0.02, 0.5]) {
      put(`cut-${share}-${source}`, bytes.subarray(0, Math.floor(bytes.length * share)));
    }
    const flipped = Uint8Array.from(bytes);
    for (let flip = 0; flip < 400; flip++) {
      flipped[Math.floor(random() * flipped.length)]! ^= 1 << Math.floor(random() * 8);
    }
    put(`flipped-${source}`, flipped);
  }
  put('text.mp4', 'This is not a film. '.repeat(500));
  put('zeros.mxf', new Uint8Array(200_000));
  put(
    'noise.mov',
    Uint8Array.from({ length: 100_000 }, () => Math.floor(random() * 256)),
  );
}, 120_000);
afterAll(() => folder.remove());

/** Processes that this one has started and that still live. */
function children(): number[] {
  const listed = execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.endsWith(' ps'))
    .map((line) => Number(line.trim().split(' ')[0]));
}

async function settled(before: readonly number[]): Promise<number[]> {
  for (let wait = 0; wait < 40; wait++) {
    const left = children().filter((each) => !before.includes(each));
    if (left.length === 0) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return children().filter((each) => !before.includes(each));
}

describe.each(all)('bad input on $name', ({ engine }) => {
  it('[ME19] answers each broken file with a finding or a result, and lives on', async () => {
    const refusals = new Set<string>();
    let accepted = 0;
    for (const name of HOSTILE) {
      const probe = await engine.probe({ verb: 'probe', input: fileInput(name) });
      const output = at(`out-${engine.name}.mp4`);
      rmSync(output, { force: true });
      const proxy = await engine.proxy({ verb: 'proxy', input: fileInput(name), output });
      for (const each of [probe, proxy]) {
        if (!each.ok) each.findings.forEach((found) => refusals.add(found.code));
        for (const found of each.findings) expect(FINDING_TEXTS).toHaveProperty(found.code);
      }
      if (proxy.ok) {
        accepted++;
        expect(proxy.value.frames).toBeGreaterThan(0);
      } else {
        expect(existsSync(output)).toBe(false);
      }
    }
    expect(accepted).toBeGreaterThan(3);
    expect(refusals).toContain('unreadable_media');
    expect(refusals).not.toContain('failed_engine');
    good(await engine.probe({ verb: 'probe', input: fileInput('a.mp4') }));
  });

  it('[ME30] tells when pictures are missing that the container counts', async () => {
    const input = fileInput('cut-0.5-a.mp4');
    const claimed = mainPicture(good(await engine.probe({ verb: 'probe', input })))!.frames;
    expect(claimed).toBe(30);
    const output = at(`cut-${engine.name}.mp4`);
    const proxy = await engine.proxy({ verb: 'proxy', input, output });
    expect(good(proxy).frames).toBeLessThan(30);
    expect(codes(proxy.findings)).toContain('mismatched_frame_count');
  });

  it('[ME20] refuses what is not there, is empty or is a folder', async () => {
    writeFileSync(at('empty.mp4'), '');
    mkdirSync(at('folder.mp4'), { recursive: true });
    const code = async (name: string) =>
      codes((await engine.probe({ verb: 'probe', input: fileInput(name) })).findings);
    expect(await code('nowhere.mp4')).toEqual(['missing_file']);
    expect(await code('empty.mp4')).toEqual(['empty_file']);
    expect(await code('folder.mp4')).toEqual(['missing_file']);
    await make(all[0]!.engine, at('mute.mp4'), { frames: 5, channels: 0 });
    const output = at('mute.wav');
    const mute = await engine.pcm({
      verb: 'pcm',
      input: fileInput('mute.mp4'),
      output,
      layout: '2.0',
    });
    expect(codes(mute.findings)).toEqual(['missing_stream']);
  });

  it('[ME21] never follows a playlist to another file', async () => {
    const target = at('a.mp4');
    const lists = {
      'list.m3u8': `#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nfile://${target}\n#EXT-X-ENDLIST\n`,
      'list.ffconcat': `ffconcat version 1.0\nfile '${target}'\n`,
      'list.sdp': 'v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n',
      'list.mpd': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>file://${target}</BaseURL></MPD>`,
    };
    for (const [name, content] of Object.entries(lists)) {
      writeFileSync(at(name), content);
      const probe = await engine.probe({ verb: 'probe', input: fileInput(name) });
      expect([name, codes(probe.findings)]).toEqual([name, ['unreadable_media']]);
    }
  });

  it('[ME22] stops at limits of time and memory and when it is told to', async () => {
    const before = children();
    const output = at(`limited-${engine.name}.mov`);
    const job = {
      verb: 'render',
      output,
      preset: 'prores-mov',
      size: { width: 1280, height: 720 },
      frameRate: '24',
      frames: 2000,
      title: 'Long',
    } as const;
    const late = await engine.render(job, { limits: { timeSeconds: 1 } });
    expect(codes(late.findings)).toEqual(['exceeded_time']);
    const large = await engine.render(job, { limits: { memoryBytes: 30_000_000 } });
    expect(codes(large.findings)).toEqual(['exceeded_memory']);
    const cancel = new AbortController();
    let progressed = 0;
    const cancelled = await engine.render(job, {
      signal: cancel.signal,
      onProgress: ({ pictures, share }) => {
        progressed = pictures;
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
        if (pictures > 2) cancel.abort();
      },
    });
    expect(codes(cancelled.findings)).toEqual(['cancelled_job']);
    expect(progressed).toBeGreaterThan(2);
    expect(existsSync(output)).toBe(false);
    const gone = await engine.probe(
      { verb: 'probe', input: fileInput('a.mp4') },
      { signal: cancel.signal },
    );
    expect(codes(gone.findings)).toEqual(['cancelled_job']);
    expect(await settled(before)).toEqual([]);
  });

  it('[ME23] says when a disk is full and when a folder is not there', async () => {
    const full = await engine.pcm({
      verb: 'pcm',
      input: fileInput('a.mp4'),
      output: '/dev/full',
      layout: '2.0',
      container: 'raw',
    });
    expect(codes(full.findings)).toEqual(['full_disk']);
    expect(existsSync('/dev/full')).toBe(true);
    const output = at('no/such/folder/x.mp4');
    const lost = await engine.proxy({ verb: 'proxy', input: fileInput('a.mp4'), output });
    expect(codes(lost.findings)).toEqual(['failed_writing']);
  });

  it('[ME24] turns a dying child into a finding', async () => {
    const before = children();
    const outcome = await engine.frames(
      { verb: 'frames', input: fileInput('b.mov'), pixelFormat: 'rgb48le' },
      {
        consumer: async ({ number }) => {
          if (number !== 1) return;
          for (const child of children()) {
            if (!before.includes(child)) process.kill(child, 'SIGSEGV');
          }
          await new Promise((resolve) => setTimeout(resolve, 50));
        },
      },
    );
    expect(codes(outcome.findings)).toEqual(['failed_engine']);
    expect(outcome.findings[0]!.facts['reason']).toBe('SIGSEGV');
  });

  it('[ME25] lets the fault of a consumer through and leaves no child', async () => {
    const before = children();
    const run = engine.frames(
      { verb: 'frames', input: fileInput('b.mov'), pixelFormat: 'rgb48le' },
      {
        consumer: () => {
          throw new RangeError('mine');
        },
      },
    );
    await expect(run).rejects.toThrow(RangeError);
    expect(await settled(before)).toEqual([]);
  });

  it('[ME26] runs a description that came back from a queue', async () => {
    const job = JSON.parse(JSON.stringify({ verb: 'probe', input: fileInput('a.mp4') }));
    expect(good(await engine.run(job))).toMatchObject({
      container: expect.stringContaining('mp4'),
    });
    const nonsense = await engine.run({ ...job, verb: 'constructor' });
    expect(codes(nonsense.findings)).toEqual(['invalid_job']);
  });
});

it('[ME27] says when there is no engine', async () => {
  const { createMediaEngine } = await import('../src/index.ts');
  const engine: MediaEngine = createMediaEngine({ engine: 'ffmpeg', ffmpegPath: at('ffmpeg') });
  expect(codes((await engine.capabilities()).findings)).toEqual(['missing_engine']);
  const probe = await engine.probe({ verb: 'probe', input: fileInput('a.mp4') });
  expect(codes(probe.findings)).toEqual(['missing_engine']);
});

describe('[ME28] descriptions', () => {
  const input = { kind: 'file', path: '/films/a.mp4' } as const;
  const wrong: readonly [string, object][] = [
    [
      'a crafted number',
      { verb: 'proxy', input, output: '/o.mp4', heightMax: '540,movie=/etc/passwd' },
    ],
    [
      'a crafted rate',
      {
        verb: 'probe',
        input: {
          kind: 'sequence',
          pattern: '/a/%04d.dpx',
          firstNumber: 0,
          count: 1,
          frameRate: '24,movie=/x',
        },
      },
    ],
    ['a crafted format', { verb: 'frames', input, pixelFormat: 'rgb24,movie=/x' }],
    ['a relative path', { verb: 'probe', input: { kind: 'file', path: 'a.mp4' } }],
    ['an address', { verb: 'probe', input: { kind: 'file', path: 'http://host/a.mp4' } }],
    ['an unknown field', { verb: 'probe', input, extra: 1 }],
    ['a missing field', { verb: 'pcm', input, output: '/o.wav' }],
    ['the source as its own output', { verb: 'proxy', input, output: '/films/x/../a.mp4' }],
    ['no number', { verb: 'waveform', input, output: '/o.json', peaksPerSecond: Number.NaN }],
    ['a negative count', { verb: 'frames', input, pixelFormat: 'rgb24', firstFrame: -1 }],
  ];

  it.each(wrong)('[ME28] refuse %s', (_name, job) => {
    expect(checkDescription(job as never)?.code).toBe('invalid_job');
  });

  it('[ME28] accept what is right', () => {
    expect(
      checkDescription({ verb: 'proxy', input, output: '/films/proxy.mp4', heightMax: 540 }),
    ).toBeUndefined();
    expect(
      checkDescription({ verb: 'detect', input, kinds: ['black'], leastSeconds: 0.2 }),
    ).toBeUndefined();
  });
});

it('[ME29] has words in both languages for every code it can emit, and no others', () => {
  const sources = readdirSync(new URL('../src', import.meta.url), {
    recursive: true,
    encoding: 'utf8',
  }).filter((each) => each.endsWith('.ts') && !each.endsWith('codes.ts'));
  const used = new Set<string>();
  for (const source of sources) {
    const text = readFileSync(new URL(`../src/${source}`, import.meta.url), 'utf8');
    for (const match of text.matchAll(/'([a-z]+(?:_[a-z]+)+)'/g)) {
      if (FINDING_TEXTS[match[1]!] !== undefined) used.add(match[1]!);
    }
    for (const match of text.matchAll(/(?:finding|JobFault|make)\(\s*'([a-z_]+)'/g)) {
      expect(FINDING_TEXTS).toHaveProperty(match[1]!);
    }
  }
  expect([...used].sort()).toEqual(Object.keys(FINDING_TEXTS).sort());
  for (const text of Object.values(FINDING_TEXTS)) {
    const facts = (words: string) =>
      [...words.matchAll(/\{(\w+)\}/g)].map((each) => each[1]).sort();
    expect(facts(text.zh)).toEqual(facts(text.en));
  }
});
