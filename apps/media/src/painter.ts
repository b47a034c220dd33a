/**
 * The process that draws a synthetic film: it writes raw pictures (R, G, B, 0) to its standard
 * output, or the sound as WAV into a file. Drawing takes time; the server has none for it.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import type { RenderJob } from './jobs.ts';
import { FilmPainter } from './render/film.ts';
import { writeSound } from './render/sound.ts';

const [what, description, path] = process.argv.slice(2) as [string, string, string | undefined];
const job = JSON.parse(description) as RenderJob;
process.stdout.on('error', () => process.exit(1));

async function write(to: Writable, bytes: Uint8Array): Promise<void> {
  if (!to.write(bytes)) await once(to, 'drain');
}

if (what === 'pictures') {
  const painter = new FilmPainter(job);
  for (let frame = 0; frame < job.frames; frame++) {
    // A copy: the canvas is drawn on again while the pipe still holds the last picture.
    await write(process.stdout, painter.draw(frame).slice());
  }
} else {
  const file = createWriteStream(path!);
  file.on('error', () => process.exit(1));
  await writeSound(job, (bytes) => write(file, bytes));
  file.end();
  await once(file, 'finish');
}
