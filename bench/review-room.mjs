// A live room at the pace of the busiest screening: twenty people, each with a line of its own to a
// real server, 200 comments a minute spread over them, while the lead moves the film and people
// draw. Measured is the time from the moment somebody sends a comment to the moment everybody else
// has heard of it; at the end all have to hold the same state as the server.
//
//   node bench/review-room.mjs
//   node bench/review-room.mjs --people=20 --comments=200 --seconds=60
import { setTimeout as pause } from 'node:timers/promises';
import { applyEvent } from '@yinglian/review';
import { isMain, median } from './measure.mjs';
import {
  cpuOf,
  cpuOfBackends,
  missingServer,
  newSession,
  signIn,
  startNetwork,
} from './support/network.mjs';
import { printTable } from './table.mjs';

export const name = 'a live room, 20 people, 200 comments a minute';

const argument = (word, otherwise) =>
  Number(
    process.argv.find((each) => each.startsWith(`--${word}=`))?.slice(word.length + 3) ?? otherwise,
  );
const PEOPLE = argument('people', 20);
const COMMENTS = argument('comments', 200);
const SECONDS = argument('seconds', 60);
/** A comment that comes a second after it was said is still of this frame. */
const GOAL_MS = 1000;
/** The lead moves the film and somebody draws, for each comment. */
const ACTS_A_COMMENT = 2;
const ASSET = '0199aaaa-0000-7000-8000-0000000000b2';
const SETTLE_MS = 30_000;

export async function run() {
  const reason = missingServer();
  if (reason !== undefined) {
    process.stderr.write(`not measured: ${reason}\n`);
    return [];
  }
  const network = await startNetwork({ YINGLIAN_LOG: 'warn' });
  const ended = new AbortController();
  try {
    const { members, roomId } = await fill(network);
    const heard = new Map();
    for (const who of members) void hear(network, who, roomId, heard, ended.signal);
    await until(() => members.every((each) => each.state !== undefined));
    const serving = () => cpuOf(network.child.pid) + cpuOfBackends(network.databasePid);
    const before = serving();
    const said = await speak(network, members, roomId);
    await until(() => said.every(({ id }) => heard.get(id)?.length === PEOPLE), SETTLE_MS);
    const cpuSeconds = serving() - before;
    const truth = await members[0].client.review.room({ params: { id: roomId } });
    await until(() => members.every((each) => each.state.seq === truth.state.seq), SETTLE_MS);
    const expected = JSON.stringify(truth.state);
    const same = members.filter((each) => JSON.stringify(each.state) === expected).length;
    if (same !== PEOPLE) throw new Error(`${PEOPLE - same} people hold another state`);
    const times = said.flatMap(({ id, at }) => heard.get(id).map((each) => each - at));
    return rowsOf(times, said, cpuSeconds);
  } finally {
    ended.abort();
    await network.stop();
  }
}

function rowsOf(times, said, cpuSeconds) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const row = (what, ours) => ({ what, ours, limit: GOAL_MS, unit: 'ms', ratio: ours / GOAL_MS });
  return [
    { ...row(`heard by all ${PEOPLE}: half of ${sorted.length}`, at(0.5)), cpuSeconds },
    row('heard: 99 of 100', at(0.99)),
    row('heard: the latest of all', sorted.at(-1)),
    row('the sender has its answer: half', median(said.map((each) => each.answered))),
  ];
}

/** Comments at an even pace, from everybody in turn; between them the film moves and lines come. */
async function speak(network, members, roomId) {
  const every = (SECONDS * 1000) / COMMENTS;
  const began = performance.now();
  const calls = [];
  for (let n = 0; n < COMMENTS; n++) {
    const wait = began + n * every - performance.now();
    if (wait > 0) await pause(wait);
    const who = members[n % members.length];
    const at = performance.now();
    const body = { frame: n, text: `意见 ${n}` };
    calls.push(
      post(network, who, `/api/production/assets/${ASSET}/notes`, body).then((note) => ({
        id: note.id,
        at,
        answered: performance.now() - at,
      })),
    );
    const path = `/api/production/review-rooms/${roomId}/acts`;
    calls.push(post(network, members[0], path, { acts: [control(n)] }).then(() => undefined));
    calls.push(post(network, who, path, { acts: [line(n)] }).then(() => undefined));
  }
  const answers = await Promise.all(calls);
  if (answers.length !== COMMENTS * (1 + ACTS_A_COMMENT)) throw new Error('calls are missing');
  return answers.filter((each) => each !== undefined);
}

const control = (n) => ({ kind: 'control', frame: n, speed: 0 });
const line = (n) => ({
  kind: 'draw',
  frame: n,
  shape: {
    id: `s-${n}`,
    kind: 'line',
    points: [
      [0, 0],
      [1, n / COMMENTS],
    ],
    colour: '#ff0000',
    width: 0.01,
  },
});

async function post(network, who, path, body) {
  const response = await fetch(`${network.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      cookie: who.cookie(),
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Everybody of the room, and the room itself over a film whose length is known. */
async function fill(network) {
  const first = await signIn(network, 'producer');
  const { client, organisationId } = first;
  const film = await client.film.create({ body: { title: '长夜' } });
  const members = [{ client, cookie: first.cookie, state: undefined }];
  for (let n = 1; n < PEOPLE; n++) {
    const { link } = await client.organisations.invite({
      params: { id: organisationId },
      body: { email: `p${n}@example.org`, roles: ['production.reviewer'] },
    });
    members.push(await join(network, link, n));
  }
  const upload = await client.files.createUpload({ body: { name: 'a.mp4', sizeBytes: 3 } });
  const { fileId } = await client.files.append({
    params: { id: upload.id },
    query: { offset: 0 },
    bytes: new Uint8Array([1, 2, 3]),
  });
  const video = {
    codec: 'h264',
    width: 1920,
    height: 1080,
    frameRate: '25',
    pixelFormat: null,
    colour: {},
    timecode: null,
  };
  const media = { container: 'mp4', durationSeconds: '40', frameCount: 1000, audio: [], video };
  await network.pool.query(
    `insert into production.asset (id, organisation_id, film_id, title, state,
       original_file_id, media) values ($1, $2, $3, 'a.mp4', 'ready', $4, $5)`,
    [ASSET, organisationId, film.id, fileId, JSON.stringify(media)],
  );
  const room = await client.review.openRoom({ body: { assetId: ASSET } });
  return { members, roomId: room.id };
}

async function join(network, link, n) {
  const { client, cookie } = newSession(network);
  const token = link.slice(link.indexOf('#') + 1);
  const body = { token, name: `人员 ${n}`, password: 'correct horse battery' };
  await client.organisations.acceptInvitation({ body });
  return { client, cookie, state: undefined };
}

/** Listens as a browser does, and notes when each comment came. */
async function hear(network, who, roomId, heard, signal) {
  const seen = new Set();
  try {
    const path = `/api/production/review-rooms/${roomId}/events`;
    const response = await fetch(network.url + path, { headers: { cookie: who.cookie() }, signal });
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const each of parts) {
        if (!each.startsWith('data: ')) continue;
        const told = JSON.parse(each.slice(6));
        if (told.type === 'state') who.state = told.state;
        if (told.type === 'event') who.state = applyEvent(who.state, told.event);
        for (const { id } of who.state?.notes ?? []) {
          if (seen.has(id)) continue;
          seen.add(id);
          heard.set(id, [...(heard.get(id) ?? []), performance.now()]);
        }
      }
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

async function until(holds, within = 60_000) {
  const deadline = performance.now() + within;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('not in time');
    await pause(20);
  }
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
