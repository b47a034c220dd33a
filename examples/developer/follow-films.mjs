// Registers a film once, reads every page of a list, and hears changes as they happen.
//
//   YINGLIAN_SERVER=http://127.0.0.1:4300 YINGLIAN_KEY=… node examples/developer/follow-films.mjs
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { contract, createClient, ProblemError } from '@yinglian/contract';

/** A client that names every creation, so that a request sent twice makes one thing. */
export function connect(baseUrl, key, newKey = randomUUID) {
  return createClient(contract, { baseUrl, headers: { authorization: `Bearer ${key}` }, newKey });
}

/** Registers a film; where its code is taken already, says what the server found. */
export async function registerFilm(client, title, filmCode) {
  const version = { format: '2D', filmCode, audioLanguage: 'zh', subtitleLanguages: ['en'] };
  try {
    return await client.film.create({
      body: { title, versions: [{ ...version, runtimeSeconds: null }] },
    });
  } catch (thrown) {
    if (!(thrown instanceof ProblemError)) throw thrown;
    // `code` is for programs, `title` for people, and every finding has facts of its own.
    return { refused: thrown.problem.code, findings: thrown.problem.findings ?? [] };
  }
}

/** All rows of a list, page by page: `next` of one page is `after` of the following. */
export async function* rowsOf(list, query = {}) {
  let after;
  do {
    const page = await list({ query: { ...query, ...(after === undefined ? {} : { after }) } });
    yield* page.rows;
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** Events of a stream: `{type:'job',…}` and `{type:'changed',kind,id}`; a break ends the stream. */
export async function* eventsOf(response) {
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const data = block.split('\n').flatMap((line) => /^data: ?(.*)$/.exec(line)?.[1] ?? []);
      if (data.length > 0) yield JSON.parse(data.join('\n'));
    }
  }
}

async function main() {
  const { YINGLIAN_SERVER: server = 'http://127.0.0.1:4300', YINGLIAN_KEY: key } = process.env;
  const client = connect(server, key);
  for await (const film of rowsOf(client.film.list, { limit: 100 })) console.log(film.title);
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
  const stream = await fetch(`${server}/api/events`, { headers });
  for await (const event of eventsOf(stream)) console.log(event);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
