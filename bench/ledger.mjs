// Posting in an organisation's book, with its hashes, checks, chain and balances, against raw
// batches of as many transfers on the same PostgreSQL: insert, sum the deltas, lock the accounts in
// the order of their ids, update their balances. Both in turns, each batch one durable commit.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepted, assert } from '@yinglian/core';
import { openDatabase, openPool } from '../apps/server/dist/kernel/database/database.js';
import { migrate, readMigrations } from '../apps/server/dist/kernel/database/migrations.js';
import { startEmbedded } from '../apps/server/dist/kernel/database/supervisor.js';
import { postInBook } from '../apps/server/dist/settlement/book-repository.js';
import { isMain, median } from './measure.mjs';
import { printTable } from './table.mjs';

export const name = 'ledger';

/** As the reference's measurement: 8,000 transfers a batch, 13,000 accounts, a third on five. */
const BATCH = 8000;
const ACCOUNTS = 13_000;
const HOT = 5;
const TURNS = 7;
/** Takers of one entry: what a statement of seven parties and its tax posts. */
const TRANSFERS_AN_ENTRY = 8;

const accountOf = (i) => (i % 10 < 3 ? i % HOT : (i * 7919) % ACCOUNTS);

async function raw(pool, turn) {
  const numbers = Array.from({ length: BATCH }, (_, i) => turn * BATCH + i);
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(
      `with fresh as (
        insert into raw_transfer
        select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
        returning debit, credit, fen
      ), deltas as (
        select account, sum(fen) as fen from (
          select debit as account, fen from fresh union all select credit, -fen from fresh
        ) sides group by account
      ), locked as (
        select a.id, d.fen from raw_account a join deltas d on d.account = a.id
        order by a.id for update of a
      )
      update raw_account a set fen = a.fen + locked.fen from locked where a.id = locked.id`,
      [
        numbers,
        numbers.map((i) => (i * 31) % ACCOUNTS),
        numbers.map((i) => ((i * 31) % ACCOUNTS === accountOf(i) ? ACCOUNTS : accountOf(i))),
        numbers.map((i) => 100 + (i % 9000)),
      ],
    );
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** Entries of a batch: each moves what several parties owe or get. */
function drafts(turn) {
  return Array.from({ length: BATCH / TRANSFERS_AN_ENTRY }, (_, entry) => ({
    key: `bench/${turn}/${entry}`,
    kind: 'statement',
    date: '2026-10-31',
    memo: '',
    transfers: Array.from({ length: TRANSFERS_AN_ENTRY }, (_, line) => {
      const i = turn * BATCH + entry * TRANSFERS_AN_ENTRY + line;
      return {
        debit: { account: 'receivable', party: `party-${(i * 31) % ACCOUNTS}`, item: 'run' },
        credit: { account: 'income', party: `party-${accountOf(i)}` },
        fen: BigInt(100 + (i % 9000)),
      };
    }),
  }));
}

async function post(database, organisationId, turn) {
  const made = drafts(turn);
  const keys = made.map((each) => each.key);
  await database
    .transaction()
    .execute((transaction) =>
      postInBook(transaction, { organisationId, userId: null, items: [], keys }, () =>
        accepted(made),
      ),
    );
}

async function seconds(work) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const used = process.cpuUsage(cpu);
  return {
    wall: (performance.now() - wall) / 1000,
    cpu: (used.user + used.system) / 1e6,
  };
}

/** Every posted fen is on both sides, and the kept balances are the sums of the transfers. */
async function checkBook(pool, posted) {
  const { rows } = await pool.query(`select
    (select count(*) from settlement.book_transfer)::int as transfers,
    (select coalesce(sum(fen), 0) from settlement.book_balance)::text as net,
    (select sum(fen) from settlement.book_balance where account = 'receivable')::text as owed,
    (select sum(fen) from settlement.book_transfer)::text as moved,
    (select count(*) from raw_transfer)::int as raw,
    (select sum(fen) from raw_account)::text as raw_net`);
  const [row] = rows;
  assert(row.transfers === posted && row.raw === posted, 'every transfer is there once');
  assert(row.net === '0' && row.raw_net === '0' && row.owed === row.moved, 'balances are sums');
}

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-bench-ledger-'));
  const embedded = await startEmbedded({ folder });
  const pool = openPool(embedded.connection);
  try {
    await migrate(pool, readMigrations());
    const organisationId = randomUUID();
    await pool.query(
      `insert into kernel.organisation (id, name, kind) values ($1, 'bench', 'distributor')`,
      [organisationId],
    );
    await pool.query(`create table raw_account (id bigint primary key, fen numeric not null);
      insert into raw_account select i, 0 from generate_series(0, ${ACCOUNTS}) i;
      create table raw_transfer (id bigint primary key, debit bigint not null,
        credit bigint not null, fen bigint not null)`);
    const database = openDatabase(pool);
    const spent = { ours: [], raw: [], cpu: [] };
    for (let turn = 0; turn <= TURNS; turn++) {
      const bare = await seconds(() => raw(pool, turn));
      const ours = await seconds(() => post(database, organisationId, turn));
      if (turn === 0) continue;
      spent.raw.push(bare.wall);
      spent.ours.push(ours.wall);
      spent.cpu.push(ours.cpu);
    }
    await checkBook(pool, (TURNS + 1) * BATCH);
    const [ours, limit] = [median(spent.ours), median(spent.raw)];
    return [
      {
        what: `posting, batches of ${BATCH} transfers ÷ raw batches`,
        ours: BATCH / ours,
        limit: BATCH / limit,
        unit: '1/s',
        ratio: ours / limit,
        cpuSeconds: median(spent.cpu),
      },
    ];
  } finally {
    await pool.end();
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
