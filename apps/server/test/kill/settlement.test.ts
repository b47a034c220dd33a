import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { contract, createClient, ProblemError } from '@yinglian/contract';
import { nodeCryptography } from '@yinglian/host';
import { verifyStatement } from '@yinglian/settlement';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '../../src/kernel/database/database.ts';
import { type EmbeddedDatabase, startEmbedded } from '../../src/kernel/database/supervisor.ts';
import { cinemaFields } from '../halls/support.ts';
import { urlOf } from '../support/postgres.ts';
import { missingBuild, type RealServer, startRealServer } from '../support/real-server.ts';

/** A hundred in a run by hand: `YINGLIAN_SETTLEMENT_KILLS=100`. */
const KILLS = Number(process.env['YINGLIAN_SETTLEMENT_KILLS'] ?? 4);
const SEED = Number(process.env['YINGLIAN_KILL_SEED'] ?? 20_261_124);
/** Every so many kills PostgreSQL dies too, as in a power cut. */
const DATABASE_EVERY = 4;
/** A step is killed at any moment of it, or a little after; how long it takes is learnt. */
const BEYOND_THE_STEP = 1.2;
const FIRST_GUESS_MS = 150;
const CINEMAS = 8;
const DAYS = 25;
/** What a cinema takes on a day, so that a total has fen to lose. */
const ROW_FEN = 123_457n;
const MONTH = { from: '2026-10-01', to: '2026-10-31' };
/** Months before the network: each round closes one, in their order. */
const FIRST_YEAR = 2010;
const WITHIN_MS = 300_000 + KILLS * 60_000;

const reason = missingBuild();
if (reason !== undefined) console.warn(`the kill test of settlement is skipped: ${reason}`);

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A part that is no document's open amount, so that its reference alone tells what it pays. */
const paidOf = (totalFen: string): bigint => BigInt(totalFen) / 3n;

/** What must hold at any moment that anybody sees; each query names what breaks it. */
const LAWS: readonly { readonly law: string; readonly broken: string }[] = [
  {
    law: 'a report has all its rows',
    broken: `select r.id::text from exhibition.report r where r.row_count <> (
      select count(*) from exhibition.report_row w where w.report_id = r.id)`,
  },
  {
    law: 'a run that is not done has no statement, and a statement all its lines',
    broken: `select s.id::text from settlement.statement s
      join settlement.run r on r.id = s.run_id
      where r.state <> 'done' or s.line_count <> (
        select count(*) from settlement.statement_line l where l.statement_id = s.id)`,
  },
  {
    law: 'an issued statement is signed and opened in the book once, an unissued one never',
    broken: `select s.number from settlement.statement s where (s.state <> 'draft')::int <> all (
      array[(select count(*)::int from settlement.book_entry e
          where e.organisation_id = s.organisation_id and e.opens_item = s.number),
        (select count(*)::int from settlement.statement_signature g
          where g.statement_id = s.id and g.role = 'issuer')])`,
  },
  {
    law: 'what a statement opened in the book is what it states',
    broken: `select s.number from settlement.statement s join settlement.book_entry e
        on e.organisation_id = s.organisation_id and e.opens_item = s.number
      where abs(s.total_fen) <> (select sum(t.fen) from settlement.book_transfer t
        where t.organisation_id = e.organisation_id and t.number = e.number)`,
  },
  {
    law: 'a line of the bank is posted with its entry, or not at all',
    broken: `select b.serial from settlement.bank_line b left join settlement.book_entry e
        on e.organisation_id = b.organisation_id and e.key = 'bank/' || b.id
      where b.entry_number is distinct from e.number
        or (b.state = 'posted') <> (e.number is not null)
        or abs(b.fen) <> (select sum(t.fen) from settlement.book_transfer t
          where t.organisation_id = e.organisation_id and t.number = e.number)`,
  },
  {
    law: 'every balance is the sum of its transfers',
    broken: `with sides as (
        select organisation_id, debit_account as account, debit_party as party,
          debit_item as item, fen from settlement.book_transfer
        union all
        select organisation_id, credit_account, credit_party, credit_item, -fen
          from settlement.book_transfer
      ), sums as (select organisation_id, account, party, item, sum(fen) as fen from sides
        group by organisation_id, account, party, item)
      select coalesce(s.account, b.account) || ' ' || coalesce(s.item, b.item) from sums s
      full join settlement.book_balance b using (organisation_id, account, party, item)
      where coalesce(s.fen, 0) <> coalesce(b.fen, 0)`,
  },
  {
    law: 'a book counts its entries and ends with the last of them',
    broken: `select b.organisation_id::text from settlement.book b where b.entry_count <> (
        select count(*) from settlement.book_entry e where e.organisation_id = b.organisation_id)
      or b.entry_count > 0 and b.head is distinct from (select e.hash from settlement.book_entry e
        where e.organisation_id = b.organisation_id and e.number = b.entry_count)`,
  },
  {
    law: 'an entry has transfers',
    broken: `select e.key from settlement.book_entry e where not exists (
      select 1 from settlement.book_transfer t
      where t.organisation_id = e.organisation_id and t.number = e.number)`,
  },
  {
    law: 'a closed month holds what its seal says',
    broken: `select p.month from settlement.book_period p where p.state = 'closed' and (
      p.entries <> (select count(*) from settlement.book_entry e
        where e.organisation_id = p.organisation_id and to_char(e.date, 'YYYY-MM') = p.month)
      or p.turnover_fen <> (select coalesce(sum(t.fen), 0) from settlement.book_entry e
        join settlement.book_transfer t using (organisation_id, number)
        where e.organisation_id = p.organisation_id and to_char(e.date, 'YYYY-MM') = p.month))`,
  },
];

describe.skipIf(reason !== undefined)('settlement under a server that is killed', () => {
  const random = seeded(SEED);
  let folder = '';
  let embedded: EmbeddedDatabase;
  let server: RealServer;
  /** Ends when the server answers again. */
  let standing = Promise.resolve();
  let cookie = '';
  let key = '';
  let kills = 0;
  let over = false;
  let step = { name: 'set-up', count: 0 };
  const lasts = new Map<string, number>();
  const points = new Map<string, number>();

  const boot = () =>
    startRealServer(join(folder, 'data'), {
      YINGLIAN_DATABASE_URL: urlOf(embedded.connection),
      YINGLIAN_LOG: 'warn',
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-settlement-kills-'));
    embedded = await startEmbedded({ folder, watch: true });
    server = await boot();
  }, 240_000);
  afterAll(async () => {
    await server.stop();
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = createClient(contract, {
    baseUrl: '',
    newKey: () => key,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      if (cookie !== '') headers.set('cookie', cookie);
      const response = await fetch(server.url + String(url), { ...init, headers });
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      return response;
    },
  });
  const { settlement, ledger } = client;

  /** Asks until there is an answer; a request that was cut off is repeated under its own key. */
  async function ask<Result>(name: string, action: () => Promise<Result>): Promise<Result> {
    const kind = name.replace(/ .*$/, '');
    for (;;) {
      await standing;
      key = name;
      const asked = kills;
      if (kind !== 'look') step = { name: kind, count: step.count + 1 };
      const began = performance.now();
      try {
        const result = await action();
        if (kills === asked) lasts.set(kind, performance.now() - began);
        return result;
      } catch (thrown) {
        const answered = thrown instanceof ProblemError && thrown.problem.status < 500;
        await pause(200);
        await standing;
        // Only a kill excuses a call that was not answered.
        if (answered || kills === asked) throw thrown;
      }
    }
  }

  async function upload(name: string, text: string): Promise<string> {
    const bytes = new TextEncoder().encode(text);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const body = { name, sizeBytes: bytes.length, digest };
    const made = await ask(`upload ${name}`, () => client.files.createUpload({ body }));
    const params = { id: made.id };
    return ask(`append ${name}`, async () => {
      const held = await client.files.upload({ params });
      if (held.fileId !== null) return held.fileId;
      const query = { offset: held.offsetBytes };
      const rest = new Uint8Array(bytes.subarray(held.offsetBytes));
      return (await client.files.append({ params, query, bytes: rest })).fileId!;
    });
  }

  /** From the file of a film's takings to what the bank received for it. */
  async function round(number: number): Promise<string> {
    const filmCode = `0011${String(number).padStart(4, '0')}2026`;
    const versions = [
      { format: '2D' as const, filmCode, audioLanguage: 'zh', runtimeSeconds: null },
    ];
    const film = await ask(`film ${number}`, () =>
      client.film.create({ body: { title: `影片 ${number}`, versions } }),
    );
    const reportId = await report(number, film.id, filmCode);
    const { rows } = await ask('look templates', () => settlement.templates());
    const names = { title: { zh: '片', en: 'Film' }, versions: [{ code: filmCode, label: '2D' }] };
    const terms = await ask(`terms ${number}`, () =>
      settlement.createTerms({
        body: {
          filmId: film.id,
          title: '国产',
          state: 'agreed',
          terms: { ...(rows[0]!.terms as object), film: names },
        },
      }),
    );
    const run = await ask(`settle ${number}`, () =>
      settlement.settle({
        body: { filmId: film.id, termsId: terms.id, ...MONTH, reportIds: [reportId] },
      }),
    );
    await ask(`settling ${number}`, () => ended(run.jobId!));
    const page = await ask('look statements', () =>
      settlement.statements({ query: { runId: run.id } }),
    );
    for (const { id } of page.rows) await issue(id);
    await receive(number, page.rows.find((each) => each.kind === 'circuit')!.id);
    return run.id;
  }

  async function report(number: number, filmId: string, filmCode: string): Promise<string> {
    const yuan = `${ROW_FEN / 100n}.${ROW_FEN % 100n}`;
    const lines = ['影院编码,影片编码,日期,场次,人次,票房'];
    for (let cinema = 0; cinema < CINEMAS; cinema++)
      for (let day = 1; day <= DAYS; day++)
        lines.push(
          `${codeOf(cinema)},${filmCode},2026-10-${String(day).padStart(2, '0')},3,30,${yuan}`,
        );
    const fileId = await upload(`box-${number}.csv`, `${lines.join('\n')}\n`);
    const made = await ask(`import ${number}`, () =>
      client.exhibition.importReport({ body: { fileId, filmId } }),
    );
    return made.id;
  }

  async function ended(jobId: string): Promise<void> {
    for (;;) {
      const job = await client.jobs.get({ params: { id: jobId } });
      if (job.state === 'done') return;
      if (job.state === 'failed' || job.state === 'cancelled') {
        throw new Error(`${job.kind} ${job.state}: ${JSON.stringify(job.findings)}`);
      }
      await pause(30);
    }
  }

  const issue = (id: string) =>
    ask(`issue ${id}`, async () => {
      const stored = await settlement.statement({ params: { id } });
      if (stored.state === 'issued') return;
      await settlement.issue({ params: { id }, body: { version: stored.version } });
    });

  /** The bank's file with a part of what is owed, posted, and its month closed. */
  async function receive(number: number, statementId: string): Promise<void> {
    const stated = await ask('look statement', () =>
      settlement.statement({ params: { id: statementId } }),
    );
    const { rows: items } = await ask('look items', () =>
      ledger.items({ query: { side: 'receivable' } }),
    );
    const payer = items.find((each) => each.item === stated.number)!.party!;
    const fen = paidOf(stated.totalFen);
    const month = monthAt(number);
    const heading = '交易日期,流水号,收入,支出,对方户名,附言';
    const yuan = `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`;
    const fileId = await upload(
      `bank-${number}.csv`,
      `${heading}\n${month}-15,R${number},${yuan},,${payer},付 ${stated.number}\n`,
    );
    await ask(`bank ${number}`, () => ledger.importBankFile({ body: { fileId } }));
    const { rows } = await ask('look lines', () => ledger.bankLines({ query: { limit: 500 } }));
    const { id, suggestion } = rows.find((each) => each.date.startsWith(month))!;
    expect(suggestion?.parts).toEqual([{ item: stated.number, fen: String(fen) }]);
    await ask(`post ${number}`, async () => {
      const { rows: now } = await ledger.bankLines({ query: { limit: 500 } });
      if (now.find((each) => each.id === id)!.state === 'posted') return;
      const { party, parts } = suggestion!;
      await ledger.postBankLine({ params: { id }, body: { party, parts } });
    });
    await ask(`close ${number}`, async () => {
      const { rows: periods } = await ledger.periods();
      if (periods.find((each) => each.month === month)?.state === 'closed') return;
      expect(await ledger.closePeriod({ body: { month } })).toMatchObject({ entries: 1 });
    });
  }

  const monthAt = (number: number): string =>
    `${FIRST_YEAR + Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`;

  /** Looks into the database itself, as it stands between two lives of the server. */
  async function examine(): Promise<void> {
    const pool = openPool(embedded.connection);
    try {
      for (const { law, broken } of LAWS) {
        const { rows } = await pool.query<Record<string, string>>(broken);
        expect(rows, `${law}, after kill ${kills} at ${step.name}`).toEqual([]);
      }
    } finally {
      await pool.end();
    }
  }

  async function databaseRisen(before: number): Promise<void> {
    while (embedded.pid === before) await pause(20);
  }

  async function killer(): Promise<void> {
    while (kills < KILLS && !over) {
      const from = step.count + 1 + Math.floor(random() * 4);
      while (step.count < from && !over) await pause(1);
      await pause(random() * BEYOND_THE_STEP * (lasts.get(step.name) ?? FIRST_GUESS_MS));
      if (over) return;
      points.set(step.name, (points.get(step.name) ?? 0) + 1);
      let again = (): void => {};
      standing = new Promise((resolve) => void (again = resolve));
      try {
        kills += 1;
        const { pid } = embedded;
        const cut = kills % DATABASE_EVERY === 0;
        if (cut) process.kill(pid, 'SIGKILL');
        await server.kill();
        if (cut) await databaseRisen(pid);
        await examine();
        server = await boot();
      } finally {
        again();
      }
    }
  }

  const codeOf = (cinema: number) => `4301901${cinema}`;

  async function setUp(): Promise<void> {
    key = 'set-up';
    const token = server.ownerToken ?? '';
    const person = { name: '所有者', email: 'o@example.org', password: 'correct horse battery' };
    await client.session.claimOwnerLink({ body: { token, ...person } });
    await client.organisations.create({
      body: { name: '发行方', nameEnglish: null, kind: 'distributor', creditCode: null },
    });
    const { organisation } = await client.session.get();
    key = 'circuit';
    const circuit = await client.exhibition.createCircuit({
      body: { name: '院线', code: null, organisationId: organisation!.id },
    });
    for (let cinema = 0; cinema < CINEMAS; cinema++) {
      key = `cinema ${cinema}`;
      const at = { code: codeOf(cinema), circuitId: circuit.id, equipment: 'owned' as const };
      await client.exhibition.createCinema({
        body: cinemaFields({ name: `影院 ${cinema}`, ...at }),
      });
    }
  }

  it(
    '[HK2] leaves no half state and neither loses nor doubles a fen, whenever it is killed',
    async () => {
      await setUp();
      let failed: unknown;
      const killing = killer().catch((thrown: unknown) => void (failed = thrown));
      const runs: string[] = [];
      try {
        do {
          runs.push(
            await round(runs.length).catch(async (thrown: unknown) => {
              await pause(500);
              throw failed ?? thrown;
            }),
          );
          if (failed !== undefined) throw failed;
        } while (kills < KILLS);
      } finally {
        over = true;
        await killing;
      }
      if (failed !== undefined) throw failed;
      console.info(`${kills} kills over ${runs.length} films, at:`, Object.fromEntries(points));
      await examine();
      await reckon(runs);
    },
    WITHIN_MS,
  );

  /** Everything once: what was sold, shared, stated, booked, received and closed. */
  async function reckon(runs: readonly string[]): Promise<void> {
    const sum = (values: readonly string[]) =>
      values.reduce((total, each) => total + BigInt(each), 0n);
    const sold = ROW_FEN * BigInt(CINEMAS * DAYS);
    let stated = 0n;
    let received = 0n;
    for (const runId of runs) {
      const run = await settlement.run({ params: { id: runId } });
      expect(run.grossFen).toBe(String(sold));
      expect(sum(run.parties.map((each) => each.amountFen))).toBe(sold);
      const { rows } = await settlement.statements({ query: { runId } });
      expect(new Set(rows.map((each) => each.kind)).size).toBe(rows.length);
      expect(rows.every((each) => each.state === 'issued')).toBe(true);
      for (const { id, kind, totalFen } of rows) {
        const lines = await settlement.lines({ params: { id }, query: { limit: 500 } });
        expect(String(sum(lines.rows.map((each) => each.shareFen)))).toBe(totalFen);
        const proof: unknown = await (await settlement.proof({ params: { id } })).json();
        expect(verifyStatement(proof, nodeCryptography).ok).toBe(true);
        if (kind !== 'circuit') continue;
        stated += BigInt(totalFen);
        received += paidOf(totalFen);
      }
    }
    const open = await ledger.items({ query: { side: 'receivable' } });
    expect(sum(open.rows.map((each) => each.openFen))).toBe(stated - received);
    const { rows: accounts } = await ledger.accounts({ query: {} });
    expect(accounts.find((each) => each.account === 'bank')?.debitFen).toBe(String(received));
    const { rows: periods } = await ledger.periods();
    expect(periods.filter((each) => each.state === 'closed')).toHaveLength(runs.length);
    expect((await ledger.checkBook()).findings).toEqual([]);
    expect(await client.audit.verify()).toMatchObject({ intact: true });
  }
});
