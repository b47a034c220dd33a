// The media engine against the bare `ffmpeg` program given the same work by hand: CPU seconds of
// all children. Skips with a reason where the machine has no ffmpeg.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMediaEngine } from '../apps/media/dist/index.js';

export const name = 'media engine, CPU seconds against bare ffmpeg';

const SECONDS = 10;
const FRAMES = SECONDS * 24;
const TICKS_A_SECOND = 100;

/** CPU of this process and of all its ended children, from the kernel's own account. */
function cpuSeconds() {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  // After the name: utime is the 12th field, then stime, cutime, cstime.
  return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0) / TICKS_A_SECOND;
}

async function cost(work) {
  await settle();
  const before = cpuSeconds();
  const outcome = await work();
  await settle();
  if (outcome.ok !== true) throw new Error(JSON.stringify(outcome.findings));
  return cpuSeconds() - before;
}

/** The kernel adds a child's time when the child has been waited for. */
function settle() {
  return new Promise((resolve) => setTimeout(resolve, 400));
}

function bare(args) {
  return async () => {
    const done = spawnSync('ffmpeg', ['-v', 'error', '-y', '-nostdin', ...args]);
    return { ok: done.status === 0, findings: String(done.stderr) };
  };
}

export async function run() {
  if (spawnSync('ffmpeg', ['-version']).status !== 0) {
    process.stderr.write('skipped: no ffmpeg on this machine\n');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-bench-media-'));
  try {
    return await compare(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(folder) {
  const at = (file) => join(folder, file);
  const engine = createMediaEngine();
  const film = at('film.mp4');
  const made = await engine.render({
    verb: 'render',
    output: film,
    preset: 'h264-mp4',
    size: { width: 1920, height: 1080 },
    frameRate: '24',
    frames: FRAMES,
    title: 'Bench',
    bFrames: 2,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.findings));
  const works = worksOn(engine, film, at);
  const rows = [];
  for (const { what, ours, peer } of works) {
    const mine = await cost(ours);
    const limit = await cost(peer);
    rows.push({ what, ours: mine, limit, unit: 'CPU s', ratio: mine / limit, cpuSeconds: mine });
  }
  return rows;
}

/** The same work twice: by the engine and by hand. */
function worksOn(engine, film, at) {
  const input = { kind: 'file', path: film };
  const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-g', '12', '-bf', '0'];
  return [
    {
      what: `proxy 1080p to 540p, ${SECONDS} s`,
      ours: () => engine.proxy({ verb: 'proxy', input, output: at('proxy.mp4') }),
      peer: bare(['-i', film, '-vf', 'scale=960:540', ...x264, '-c:a', 'aac', at('peer.mp4')]),
    },
    {
      what: '48 pictures as 2K RGB48',
      ours: () =>
        engine.frames(
          {
            verb: 'frames',
            input,
            pixelFormat: 'rgb48le',
            size: { width: 1998, height: 1080 },
            count: 48,
          },
          { consumer: () => {} },
        ),
      peer: bare([
        '-i',
        film,
        '-frames:v',
        '48',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'rgb48le',
        '-vf',
        'zscale=1920:1080:m=gbr:r=full:f=lanczos,format=gbrp16le,pad=1998:1080:-1:-1',
        '/dev/null',
      ]),
    },
    {
      what: `waveform, ${SECONDS} s`,
      ours: () => engine.waveform({ verb: 'waveform', input, output: at('peaks.json') }),
      peer: bare(['-i', film, '-f', 's16le', '/dev/null']),
    },
    {
      what: `loudness with true peak, ${SECONDS} s`,
      ours: () => engine.loudness({ verb: 'loudness', input }),
      peer: bare(['-i', film, '-vn', '-af', 'ebur128=peak=true', '-f', 'null', '-']),
    },
    {
      what: 'one thumbnail in the middle',
      ours: () =>
        engine.thumbnail({ verb: 'thumbnail', input, output: at('t.jpg'), frame: FRAMES / 2 }),
      peer: bare(['-ss', '5', '-i', film, '-frames:v', '1', '-vf', 'scale=640:-1', at('p.jpg')]),
    },
  ];
}
