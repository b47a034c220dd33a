// Many agents in one process, for bench/delivery.mjs: each has a folder, a credential and a line of
// its own. With an address of nginx, only the bytes of files come from there; what is wanted and
// the hashes of pieces were asked before.
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'dist', 'agent');
const { createAgent } = await import(join(CLI, 'agent.js'));
const { openLine } = await import(join(CLI, 'line.js'));
const { createThrottle } = await import(join(CLI, 'rate.js'));

const { server, nginx, folder, tokens } = JSON.parse(process.env['BENCH_AGENTS']);
const never = () => new AbortController().signal;
const TRIES = 5;
let whole = 0;

/** Before the clock runs, a connection that ended just now is asked again. */
async function patiently(ask) {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (thrown) {
      if (tries === TRIES) throw thrown;
    }
  }
}

/** Answers from before, and files from nginx by their place in the folder of objects. */
async function nginxLine(line) {
  const work = await patiently(() => line.work(never()));
  const digests = work.packages.flatMap((each) => each.files.map((file) => file.digest));
  const pieces = new Map();
  for (const digest of digests) {
    pieces.set(digest, await patiently(() => line.pieces(digest, 0, never())));
  }
  return {
    ...line,
    work: async () => ({ ...work, now: new Date().toISOString() }),
    pieces: async (digest) => pieces.get(digest),
    report: async () => undefined,
    async open(digest, first, last, asked) {
      const hex = digest.slice(7);
      const response = await fetch(`${nginx}/${hex.slice(0, 2)}/${hex.slice(2)}`, {
        headers: { range: `bytes=${first}-${last}` },
        signal: asked,
      });
      if (response.status !== 206) throw new Error(`nginx answered ${response.status}`);
      return response.body;
    },
  };
}

const agents = [];
for (const [n, token] of tokens.entries()) {
  const line = openLine({ serverUrl: server, token });
  const place = join(folder, String(n));
  let published = 0;
  agents.push(
    await createAgent({
      folder: place,
      ingest: join(place, 'ingest'),
      line: nginx === null ? line : await nginxLine(line),
      neighbours: [],
      throttle: createThrottle(undefined),
      policy: { windows: [], urgentHours: 24 },
      keepDays: 7,
      reserveBytes: 0,
      version: 'bench',
      signal: never(),
      say(event) {
        if (event.kind === 'published' && ++published === 2) whole += 1;
        if (event.kind === 'fault') process.stderr.write(`${event.reason}\n`);
      },
    }),
  );
}
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const before = process.cpuUsage();
const rounds = await Promise.all(agents.map((each) => each.round()));
const used = process.cpuUsage(before);
const faults = rounds.reduce((sum, each) => sum + each.faults, 0);
const cpu = (used.user + used.system) / 1e6;
const answer = { cpu, faults, whole, agents: agents.length };
process.stdout.write(`done${JSON.stringify(answer)}\n`, () => process.exit(0));
