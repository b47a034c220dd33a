import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { open, readFile, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { build, type Rolldown } from 'vite';

/** A frame of the film carries its own number as 16 black or white cells. */
export const CELLS = { columns: 8, rows: 2, width: 320, height: 180 } as const;

export type FilmKind = 'h264' | 'vp9' | 'av1' | 'prores' | 'hls' | 'hls-ts' | 'uneven';
export type NumberedFilm = {
  readonly kind: FilmKind;
  readonly rate: string;
  readonly frames: number;
  readonly width?: number;
  readonly height?: number;
};

const X264 = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-bf',
  '2',
  '-g',
  '48',
  '-pix_fmt',
  'yuv420p',
];
const HLS = ['-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod'];
type Encoding = { readonly name: string; readonly options: readonly string[] };
const ENCODINGS: Readonly<Record<FilmKind, Encoding>> = {
  h264: { name: 'film.mp4', options: [...X264, '-movflags', '+faststart'] },
  vp9: {
    name: 'film.webm',
    options: [
      '-c:v',
      'libvpx-vp9',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-g',
      '48',
      '-pix_fmt',
      'yuv420p',
    ],
  },
  av1: {
    name: 'film.mp4',
    options: ['-c:v', 'libsvtav1', '-preset', '12', '-g', '48', '-pix_fmt', 'yuv420p'],
  },
  prores: {
    name: 'film.mov',
    options: ['-c:v', 'prores_ks', '-profile:v', '0', '-pix_fmt', 'yuv422p10le'],
  },
  hls: { name: 'film.m3u8', options: [...X264, ...HLS, '-hls_segment_type', 'fmp4'] },
  'hls-ts': { name: 'film.m3u8', options: [...X264, ...HLS] },
  // Frames 7, 8, 9 of every ten last twice as long as the others, as phones write them.
  uneven: {
    name: 'film.mp4',
    options: [
      '-vf',
      'settb=1/90000,setpts=(N+max(mod(N\\,10)-6\\,0)+floor(N/10)*3)*3000',
      '-fps_mode',
      'passthrough',
      '-enc_time_base',
      '1/90000',
      ...X264,
    ],
  },
};

/** Draws one frame of grey bytes with its number. */
function drawNumber(frame: number, width: number, height: number): Uint8Array {
  const { columns, rows } = CELLS;
  const bytes = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height);
    for (let column = 0; column < columns; column++) {
      const bit = (frame >> (row * columns + column)) & 1;
      const from = y * width + Math.floor((column * width) / columns);
      bytes.fill(bit === 1 ? 235 : 16, from, from + Math.ceil(width / columns));
    }
  }
  return bytes;
}

/** Writes the film into a folder by FFmpeg; gives the name of the file to open. */
export async function numberedFilm(folder: string, film: NumberedFilm): Promise<string> {
  const { name, options } = ENCODINGS[film.kind];
  const [width, height] = [film.width ?? CELLS.width, film.height ?? CELLS.height];
  const program = spawn(
    'ffmpeg',
    [
      '-v',
      'error',
      '-y',
      '-threads',
      '2',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-s',
      `${width}x${height}`,
      '-r',
      film.rate,
      '-i',
      '-',
      '-an',
      ...options,
      join(folder, name),
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let said = '';
  program.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  program.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => program.on('close', resolve));
  for (let frame = 0; frame < film.frames; frame++) {
    if (!program.stdin.write(drawNumber(frame, width, height))) {
      await new Promise((resolve) => program.stdin.once('drain', resolve));
    }
  }
  program.stdin.end();
  if ((await ended) !== 0) throw new Error(`ffmpeg wrote no ${film.kind}: ${said}`);
  return name;
}

/** Whether FFmpeg is there to make films with. */
export async function hasFfmpeg(): Promise<boolean> {
  return new Promise((resolve) => {
    const program = spawn('ffmpeg', ['-version'], { stdio: 'ignore' });
    program.on('error', () => resolve(false));
    program.on('close', (code) => resolve(code === 0));
  });
}

/** The player's own sources as a browser takes them, by file name. */
export async function bundlePlayer(entry: string): Promise<ReadonlyMap<string, string>> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    root: join(import.meta.dirname, '../../..'),
    resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
    build: {
      write: false,
      target: 'es2023',
      minify: false,
      lib: { entry, formats: ['es'], fileName: 'player' },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  return new Map(
    outputs.flatMap(({ output }) =>
      output.flatMap((each) =>
        each.type === 'chunk' ? [[each.fileName, each.code] as const] : [],
      ),
    ),
  );
}

const TYPES: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  m4s: 'video/iso.segment',
  ts: 'video/mp2t',
  m3u8: 'application/vnd.apple.mpegurl',
};

/** Serves the player and a folder of films, with ranges as the network serves them. */
export async function serveFilms(
  folder: string,
  scripts: ReadonlyMap<string, string>,
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://a').pathname));
    const script = scripts.get(path.replace(/^\//, ''));
    if (path === '/') {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>films</title>');
    } else if (script !== undefined) {
      response.setHeader('content-type', 'text/javascript').end(script);
    } else {
      sendFile(join(folder, path), request.headers.range, response).catch(() => {
        response.statusCode = 404;
        response.end();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function sendFile(
  path: string,
  range: string | undefined,
  response: import('node:http').ServerResponse,
): Promise<void> {
  const { size } = await stat(path);
  response.setHeader('content-type', TYPES[path.split('.').at(-1)!] ?? 'video/mp4');
  response.setHeader('accept-ranges', 'bytes');
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (asked === null) {
    response.end(await readFile(path));
    return;
  }
  const first = Number(asked[1]);
  const last = Math.min(asked[2] === '' ? size - 1 : Number(asked[2]), size - 1);
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(last - first + 1), 0, last - first + 1, first);
    response.writeHead(206, {
      'content-range': `bytes ${first}-${last}/${size}`,
      'content-length': buffer.length,
    });
    response.end(buffer);
  } finally {
    await file.close();
  }
}
