import { entityOf, isAuthority, readCertificates, thumbprintOf } from '@yinglian/certificates';
import { type Cryptography, finding, type Finding, hasErrors } from '@yinglian/core';
import { sql } from 'kysely';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable, Transaction } from '../../kernel/database/database.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import { afterName, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { invalid } from '../../kernel/refusal.ts';
import { readSheetFile } from '../../kernel/sheets.ts';
import { jsonText, type Write } from '../../kernel/write.ts';

export type TrustedParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly readFile: ReadStoredFile;
  readonly cryptography: Cryptography;
  readonly now: () => Date;
};

export type TrustedDevice = {
  readonly thumbprint: string;
  readonly maker: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly note: string;
};
type Change = {
  readonly added: readonly TrustedDevice[];
  readonly removed: readonly string[];
  readonly unchanged: number;
};

const LIST_BYTES_MAX = 64 * 1024 * 1024;
const DEVICES_MAX = 500_000;
const FINDINGS_MAX = 100;

/** Columns of the list, by their headings in either language; the first is written. */
const COLUMNS = {
  thumbprint: ['指纹', 'thumbprint', '证书指纹', 'certificate'],
  maker: ['厂商', 'maker', 'manufacturer', '制造商'],
  model: ['型号', 'model'],
  serial: ['序列号', 'serial', 'serial number'],
  note: ['备注', 'note', 'remark'],
} as const;
type Column = keyof typeof COLUMNS;
export const TRUSTED_HEADINGS = Object.values(COLUMNS).map((names) => names[0]);

/** A SHA-1 in base64, as ST 430-2 5.4 writes thumbprints. */
const THUMBPRINT = /^[A-Za-z0-9+/]{27}=$/;

export type TrustedService = ReturnType<typeof createTrustedService>;

/** The list of devices that the operator of the network trusts, in versions with their reasons. */
export function createTrustedService(parts: TrustedParts) {
  const { database, write, requireAccess, readFile, cryptography, now } = parts;

  return {
    async versions(context: Context) {
      await requireAccess(context, 'exhibition.read');
      const result = await sql<{
        version: number;
        reason: string;
        made_by: string;
        made_at: Date;
        devices: number;
        added: number;
        removed: number;
      }>`select * from exhibition.trusted_version order by version desc limit 500`.execute(
        database,
      );
      return {
        rows: result.rows.map(({ made_by: by, made_at: at, ...row }) => ({
          ...row,
          by,
          at: at.toISOString(),
        })),
      };
    },

    async devices(
      context: Context,
      query: PageQuery & {
        readonly version?: number | undefined;
        readonly search?: string | undefined;
      },
    ): Promise<Page<TrustedDevice & { since: number }>> {
      await requireAccess(context, 'exhibition.read');
      const rows = await readDevices(database, { ...query, after: afterName(query)?.[0] });
      return pageOf(
        rows,
        query,
        // The second part only fills the place of an id: thumbprints are unique.
        (each) => [each.thumbprint, NO_ID],
        (each) => each,
      );
    },

    async all(context: Context, version: number | undefined) {
      await requireAccess(context, 'exhibition.read');
      return readDevices(database, { version, limit: DEVICES_MAX });
    },

    async import(
      context: Context,
      request: {
        readonly fileId: string;
        readonly mode: 'replace' | 'add' | 'remove';
        readonly reason: string;
        readonly commit: boolean;
      },
    ) {
      await requireAccess(context, 'network.administer');
      const file = await readFile(context, request.fileId, LIST_BYTES_MAX);
      const read = await readList(file.bytes, cryptography);
      if (hasErrors(read.findings) && request.commit) throw invalid(...read.findings);
      return write(context, async (work) => {
        const { transaction } = work;
        await sql`lock table exhibition.trusted_version in share row exclusive mode`.execute(
          transaction,
        );
        const change = await changeOf(transaction, read.devices, request.mode);
        const counts = {
          added: change.added.length,
          removed: change.removed.length,
          unchanged: change.unchanged,
          findings: read.findings.slice(0, FINDINGS_MAX),
        };
        if (!request.commit || (counts.added === 0 && counts.removed === 0)) return counts;
        const by = context.user?.name ?? '';
        const version = await carryOutChange(transaction, change, {
          reason: request.reason,
          at: now(),
          by,
        });
        work.audit({
          action: 'exhibition.trusted_list_changed',
          subjectKind: 'trusted_list',
          subjectId: context.organisation?.id ?? '',
          facts: { version, added: counts.added, removed: counts.removed, reason: request.reason },
        });
        work.changed({ kind: 'trusted_list', id: String(version) });
        return counts;
      });
    },
  };
}

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Devices of the present list; undefined where nobody keeps one. */
export async function trustedNow(
  database: Queryable,
): Promise<readonly Pick<TrustedDevice, 'thumbprint' | 'maker'>[] | undefined> {
  const kept = await sql`select 1 from exhibition.trusted_version limit 1`.execute(database);
  if (kept.rows.length === 0) return undefined;
  const result = await sql<Pick<TrustedDevice, 'thumbprint' | 'maker'>>`
    select thumbprint, maker from exhibition.trusted_device where until_version is null
  `.execute(database);
  return result.rows;
}

async function readDevices(
  database: Queryable,
  query: {
    readonly version?: number | undefined;
    readonly search?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<(TrustedDevice & { since: number })[]> {
  const { version, search, after, limit } = query;
  const like = `%${(search ?? '').trim().replace(/[\\%_]/g, '\\$&')}%`;
  const result = await sql<TrustedDevice & { since: number }>`
    select thumbprint, maker, model, serial, note, since_version as since
    from exhibition.trusted_device
    where ${
      version === undefined
        ? sql`until_version is null`
        : sql`since_version <= ${version} and coalesce(until_version > ${version}, true)`
    }
      and ${
        search === undefined
          ? sql`true`
          : sql`(thumbprint ilike ${like} or maker ilike ${like} or serial ilike ${like})`
      }
      and ${after === undefined ? sql`true` : sql`thumbprint > ${after}`}
    order by thumbprint limit ${limit + 1}`.execute(database);
  return result.rows;
}

async function readList(
  bytes: Uint8Array,
  cryptography: Cryptography,
): Promise<{ readonly devices: readonly TrustedDevice[]; readonly findings: readonly Finding[] }> {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096));
  if (text.includes('-----BEGIN CERTIFICATE-----')) return readPem(bytes, cryptography);
  const sheet = await readSheetFile(bytes);
  if (!sheet.ok) return { devices: [], findings: sheet.findings };
  const cells = (row: readonly unknown[] = []) => row.map((cell) => String(cell ?? '').trim());
  const headings = cells(sheet.value[0]).map((cell) =>
    (Object.keys(COLUMNS) as Column[]).find((name) =>
      (COLUMNS[name] as readonly string[]).includes(cell.toLowerCase()),
    ),
  );
  if (!headings.includes('thumbprint')) {
    const facts = { heading: COLUMNS.thumbprint.slice(0, 2).join(' / ') };
    return { devices: [], findings: [finding('missing_heading', 'error', { facts })] };
  }
  const findings: Finding[] = [];
  const devices = new Map<string, TrustedDevice>();
  for (const [index, given] of sheet.value.slice(1, DEVICES_MAX + 1).entries()) {
    const row = cells(given);
    if (row.every((cell) => cell === '')) continue;
    const cell = (name: Column) => row[headings.indexOf(name)] || null;
    const thumbprint = cell('thumbprint') ?? '';
    if (!THUMBPRINT.test(thumbprint)) {
      const facts = { text: thumbprint.slice(0, 60) };
      findings.push(finding('invalid_thumbprint', 'error', { facts, at: { row: index + 2 } }));
      continue;
    }
    const [maker, model, serial] = [cell('maker'), cell('model'), cell('serial')];
    devices.set(thumbprint, { thumbprint, maker, model, serial, note: cell('note') ?? '' });
  }
  return { devices: [...devices.values()], findings };
}

/** Leaves only: nobody trusts a device for its maker's authority. */
function readPem(bytes: Uint8Array, cryptography: Cryptography) {
  const read = readCertificates(bytes);
  if (!read.ok) return { devices: [], findings: read.findings };
  const devices = read.value
    .filter((each) => !isAuthority(each))
    .map((each): TrustedDevice => {
      const names = entityOf(each).split('.');
      return {
        thumbprint: thumbprintOf(each, cryptography),
        maker: names[0] || null,
        model: names.length >= 3 ? names[1]! : null,
        serial: names.length >= 2 ? names.at(-1)! : null,
        note: '',
      };
    });
  return { devices, findings: read.findings };
}

async function changeOf(
  database: Queryable,
  devices: readonly TrustedDevice[],
  mode: 'replace' | 'add' | 'remove',
): Promise<Change> {
  const result = await sql<{ thumbprint: string }>`
    select thumbprint from exhibition.trusted_device where until_version is null
  `.execute(database);
  const known = new Set(result.rows.map((row) => row.thumbprint));
  const given = new Set(devices.map((each) => each.thumbprint));
  const fresh = mode === 'remove' ? [] : devices.filter((each) => !known.has(each.thumbprint));
  const gone = [...known].filter((each) =>
    mode === 'remove' ? given.has(each) : mode === 'replace' && !given.has(each),
  );
  return { added: fresh, removed: gone, unchanged: known.size - gone.length };
}

async function carryOutChange(
  transaction: Transaction,
  change: Change,
  made: { readonly reason: string; readonly at: Date; readonly by: string },
): Promise<number> {
  const devices = change.unchanged + change.added.length;
  const result = await sql<{ version: number }>`
    insert into exhibition.trusted_version
      (version, reason, made_at, made_by, devices, added, removed)
    select coalesce(max(version), 0) + 1, ${made.reason}, ${made.at}::timestamptz, ${made.by},
      ${devices}::integer, ${change.added.length}::integer, ${change.removed.length}::integer
    from exhibition.trusted_version returning version`.execute(transaction);
  const { version } = result.rows[0]!;
  await sql`update exhibition.trusted_device set until_version = ${version}
    where until_version is null and thumbprint = any(${[...change.removed]}::text[])`.execute(
    transaction,
  );
  await sql`insert into exhibition.trusted_device
      (thumbprint, since_version, maker, model, serial, note)
    select each->>'thumbprint', ${version}::integer, each->>'maker', each->>'model',
      each->>'serial', each->>'note'
    from json_array_elements(${jsonText(change.added)}::json) as each`.execute(transaction);
  return version;
}
