import { randomBytes } from 'node:crypto';
import { assert, finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Database, Queryable, Transaction } from '../../kernel/database/database.ts';
import type { KeeperSettings } from '../../kernel/keeper-settings.ts';
import { conflict, found, invalid } from '../../kernel/refusal.ts';
import { type Vault, vaultOf } from '../../kernel/vault.ts';
import { jsonText } from '../../kernel/write.ts';
import type { Keeper, KeeperName } from './keeper.ts';
import { openKeepers } from './keepers.ts';

/** What content keys and signers are sealed in, while its keeper lets us. */
export type Chest = Pick<Vault, 'seal' | 'open'> & {
  /** Null for the server's own vault, under which everything lies until a keeper is chosen. */
  readonly custodyId: string | null;
};

export type CustodyState = {
  readonly keeper: KeeperName;
  readonly state: 'open' | 'sealed';
  readonly id: string | null;
  readonly since: string | null;
  readonly contentKeys: number;
  /** Still under a key before the present one; zero when a change is through. */
  readonly waiting: number;
  readonly keepers: KeeperName[];
};

type Row = {
  readonly id: string;
  readonly created_at: Date;
  readonly keeper: KeeperName;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly wrapped: Buffer | null;
  readonly current: boolean;
};

const KEY_BYTES = 32;

export type Custody = ReturnType<typeof openCustody>;

/**
 * Content keys lie under a key of their own, and that one under its keeper. It is in the memory of
 * this process alone, from when the keeper gave it until the custody is sealed or the server ends.
 */
export function openCustody(parts: {
  readonly database: Database;
  readonly vault: Vault;
  readonly keepers: KeeperSettings;
}) {
  const keepers = openKeepers(parts.vault, parts.keepers);
  const open = new Map<string, { readonly key: Uint8Array; readonly vault: Vault }>();
  const own: Chest = { custodyId: null, seal: parts.vault.seal, open: parts.vault.open };

  function keeperOf(name: KeeperName): Keeper {
    const keeper = keepers[name];
    if (keeper === undefined) {
      throw conflict(finding('missing_keeper', 'error', { facts: { keeper: name } }));
    }
    return keeper;
  }

  function keep(id: string, key: Uint8Array): Chest {
    assert(key.length === KEY_BYTES, 'a custody key has 32 bytes');
    const chest = { key, vault: vaultOf(key) };
    open.set(id, chest);
    return { custodyId: id, seal: chest.vault.seal, open: chest.vault.open };
  }

  /** Asks the keeper; a passphrase comes from a person, or from the environment at the start. */
  async function openRow(row: Row, passphrase?: string): Promise<Chest> {
    const held = open.get(row.id);
    if (held !== undefined) {
      return { custodyId: row.id, seal: held.vault.seal, open: held.vault.open };
    }
    if (row.wrapped === null) throw conflict(finding('destroyed_custody', 'error'));
    const keeper = keeperOf(row.keeper);
    const given = passphrase ?? parts.keepers.passphrase;
    if (keeper.needsPassphrase && given === undefined) {
      throw conflict(finding('sealed_custody', 'error'));
    }
    return keep(row.id, await keeper.unwrap({ ...row, wrapped: row.wrapped }, given));
  }

  async function current(queryable: Queryable = parts.database): Promise<Chest> {
    const row = await readCustody(queryable, undefined);
    return row === undefined ? own : openRow(row);
  }

  async function of(custodyId: string | null, queryable: Queryable = parts.database) {
    if (custodyId === null) return own;
    return openRow(found(await readCustody(queryable, custodyId), { id: custodyId }));
  }

  return {
    /** What new secrets go into. Refuses with `sealed_custody` while it waits for a passphrase. */
    current,
    /** What a stored secret was put into. */
    of,

    /** A secret with the name of its chest, for results of steps and other texts. */
    async sealText(purpose: string, plain: Uint8Array): Promise<string> {
      const chest = await current();
      const text = Buffer.from(chest.seal(purpose, plain)).toString('base64');
      return `${chest.custodyId ?? ''}|${text}`;
    },
    async openText(purpose: string, sealed: string): Promise<Uint8Array> {
      // Texts from before custodies had names carry none.
      const bar = sealed.indexOf('|');
      const chest = await of(bar <= 0 ? null : sealed.slice(0, bar));
      return chest.open(purpose, Buffer.from(sealed.slice(bar + 1), 'base64'));
    },

    /** A fresh key under a keeper, as the current one. What there is moves into it later. */
    async change(transaction: Transaction, id: string, keeper: KeeperName, passphrase?: string) {
      const key = new Uint8Array(randomBytes(KEY_BYTES));
      const wrapped = await keeperOf(keeper).wrap(key, passphrase);
      // Whoever keeps it shows at once that it gives it back.
      const back = await keeperOf(keeper).unwrap(wrapped, passphrase);
      if (!Buffer.from(back).equals(key)) {
        throw conflict(finding('unreachable_keeper', 'error', { facts: { keeper } }));
      }
      await sql`update distribution.custody set current = false where current`.execute(transaction);
      await sql`insert into distribution.custody (id, keeper, parameters, wrapped, current)
        values (${id}, ${keeper}, ${jsonText(wrapped.parameters)},
          ${Buffer.from(wrapped.wrapped)}, true)`.execute(transaction);
      return { keep: () => void keep(id, key) };
    },

    /** Opens whatever a passphrase still keeps closed. */
    async unseal(passphrase: string): Promise<void> {
      const rows = await readClosed(parts.database);
      const waiting = rows.filter((row) => row.keeper === 'passphrase' && !open.has(row.id));
      const [first] = waiting;
      if (first === undefined) throw conflict(finding('open_custody', 'error'));
      let opened = 0;
      let fault: unknown;
      for (const row of waiting) {
        try {
          await openRow(row, passphrase);
          opened += 1;
        } catch (thrown) {
          fault = thrown;
        }
      }
      // A passphrase before the present one opens what still lies under it.
      if (opened === 0) throw fault;
    },

    /** Forgets what is open; only a passphrase brings it back, or the keeper when next asked. */
    async seal(): Promise<void> {
      const row = await readCustody(parts.database, undefined);
      if (row?.keeper !== 'passphrase') {
        throw invalid(finding('unsealable_custody', 'error'));
      }
      for (const { key } of open.values()) key.fill(0);
      open.clear();
    },

    async state(): Promise<CustodyState> {
      const row = await readCustody(parts.database, undefined);
      const counts = await sql<{ keys: bigint; waiting: bigint }>`
        select count(*) as keys, count(*) filter (
          where custody_id is distinct from ${row?.id ?? null}::uuid) as waiting
        from distribution.content_key`.execute(parts.database);
      const closed =
        row !== undefined &&
        (await openRow(row).then(
          () => false,
          () => true,
        ));
      return {
        keeper: row?.keeper ?? 'server',
        state: closed ? 'sealed' : 'open',
        id: row?.id ?? null,
        since: row?.created_at.toISOString() ?? null,
        contentKeys: Number(counts.rows[0]?.keys ?? 0n),
        waiting: Number(counts.rows[0]?.waiting ?? 0n),
        keepers: Object.keys(keepers) as KeeperName[],
      };
    },
  };
}

/** One custody by its id, or the current one. */
async function readCustody(database: Queryable, id: string | undefined) {
  const which = id === undefined ? sql`current` : sql`id = ${id}::uuid`;
  // Shared: a key is not destroyed while somebody puts something under it.
  const result =
    await sql<Row>`select * from distribution.custody where ${which} for share`.execute(database);
  return result.rows[0];
}

/** All that may hold something, the present one first. */
async function readClosed(database: Queryable): Promise<Row[]> {
  const result = await sql<Row>`select * from distribution.custody where wrapped is not null
    order by current desc, created_at desc`.execute(database);
  return result.rows;
}
