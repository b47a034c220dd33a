// A roll sent to a real server by the command line, against the least that anybody could do: one
// PUT to a program that hashes what comes and forces it to the disk. Then the same roll again with
// `--known`, which should move next to nothing. Seconds of the wall; both ends share this machine.
import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import {
  createReadStream,
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './measure.mjs';
import { missingServer, signIn, startNetwork } from './support/network.mjs';

export const name = 'upload of a roll, seconds against one bare PUT';

const CLI = join(import.meta.dirname, '..', 'apps', 'cli', 'bin', 'yinglian.mjs');
const BYTES = 512 * 1024 * 1024;
const BLOCK = 16 * 1024 * 1024;
const TURNS = 3;

export async function run() {
  if (missingServer() !== undefined) throw new Error(missingServer());
  const network = await startNetwork();
  const place = mkdtempSync(join(tmpdir(), 'yinglian-bench-upload-'));
  try {
    const { client } = await signIn(network, 'post_house');
    const film = await client.film.create({ body: { title: 'bench', versions: [] } });
    const { key } = await client.session.createApiKey({ body: { name: 'cart' } });
    const send = (roll, ...more) => upload(network, key, place, [roll, '--film', film.id, ...more]);
    const seconds = { ours: [], put: [], known: [] };
    for (let turn = 0; turn < TURNS; turn++) {
      const roll = fill(join(place, `ROLL${turn}`));
      seconds.put.push(await barePut(join(roll, 'A001.mov'), join(place, 'put')));
      seconds.ours.push(await send(roll, '--name', `once ${turn}`));
      seconds.known.push(await send(roll, '--name', `again ${turn}`, '--known'));
    }
    const [ours, put, known] = [seconds.ours, seconds.put, seconds.known].map(median);
    const speed = (each) => `${(BYTES / 1e6 / each).toFixed(0)} MB/s`;
    const row = (what, mine, limit) => {
      const unit = 's wall';
      return { what: `${what} (${speed(mine)})`, ours: mine, limit, unit, ratio: mine / limit };
    };
    return [
      row(`537 MB sent, hashed at both ends, sealed; bare PUT ${speed(put)}`, ours, put),
      row('the same roll again with --known, against sending it', known, ours),
    ];
  } finally {
    await network.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

function fill(folder) {
  mkdirSync(folder);
  const descriptor = openSync(join(folder, 'A001.mov'), 'w');
  const block = Buffer.alloc(BLOCK);
  for (let at = 0; at < BYTES; at += BLOCK) writeSync(descriptor, randomFillSync(block));
  closeSync(descriptor);
  return folder;
}

async function upload(network, key, place, given) {
  const env = {
    ...process.env,
    YINGLIAN_SERVER: network.url,
    YINGLIAN_KEY: key,
    XDG_STATE_HOME: join(place, 'state'),
  };
  const began = performance.now();
  const child = spawn(process.execPath, [CLI, '--json', 'upload', ...given], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (bytes) => (said += bytes));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const { state } = code === 0 ? JSON.parse(said) : {};
  if (state !== 'sealed') throw new Error(`upload ended with ${code}: ${said}`);
  return (performance.now() - began) / 1000;
}

/** One request, hashed as it lands, on the disk before it is answered. */
async function barePut(path, target) {
  const server = createServer((asked, answer) => {
    const hash = createHash('sha256');
    const descriptor = openSync(target, 'w');
    asked.on('data', (bytes) => {
      hash.update(bytes);
      writeSync(descriptor, bytes);
    });
    asked.on('end', () => {
      fsyncSync(descriptor);
      closeSync(descriptor);
      answer.end(hash.digest('hex'));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const began = performance.now();
  const digest = await new Promise((resolve, reject) => {
    const put = request({ port: server.address().port, method: 'PUT' }, (answer) => {
      let text = '';
      answer.on('data', (bytes) => (text += bytes)).on('end', () => resolve(text));
    });
    put.on('error', reject);
    createReadStream(path, { highWaterMark: 1 << 20 }).pipe(put);
  });
  const seconds = (performance.now() - began) / 1000;
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new Error('the bare PUT failed');
  await new Promise((resolve) => server.close(resolve));
  return seconds;
}
