import { createHash } from 'node:crypto';
import { permissionsOf } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import { type Context, systemContext } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import type { FileRecord, RegisterFile } from '../../kernel/files/files.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { found, invalid, Refusal } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { readBoxOfficeFile } from '../delivery.ts';
import type { ReportRecord } from '../report-repository.ts';
import type { ImportRequest, ReportService } from '../reports.ts';
import type { LogRecord } from './log-repository.ts';
import { LOG_BYTES_MAX, type LogParts, takeLog } from './logs.ts';
import { programmeOf, readProgramme, type TakeProgramme } from './programme.ts';

/** Who an agent speaks for, by its credential; the hall of distribution keeps those. */
export type SiteOf = (headers: Headers) => Promise<{
  readonly id: string;
  readonly cinemaId: string;
  readonly cinemaName: string;
}>;

export type SiteParts = LogParts & {
  readonly database: Database;
  readonly write: Write;
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
  readonly reports: ReportService;
  readonly siteOf: SiteOf;
  readonly takeProgramme: TakeProgramme;
};

const SHEET_BYTES_MAX = 32 * 1024 * 1024;

export type SiteEvidenceService = ReturnType<typeof createSiteEvidence>;

/** What agents hand in: of their own cinema alone, as often and in whatever order they like. */
export function createSiteEvidence(parts: SiteParts) {
  const { database, write, reports, siteOf, takeProgramme } = parts;

  /** The organisation that put the agent up, as its staff: an agent reports and does no more. */
  async function contextOf(site: { readonly id: string; readonly cinemaName: string }) {
    const result = await sql<{ organisation_id: string; name: string; kind: string }>`
      select site.organisation_id, organisation.name, organisation.kind
      from distribution.site join kernel.organisation on organisation.id = site.organisation_id
      where site.id = ${site.id}`.execute(database);
    const row = found(result.rows[0], { id: site.id });
    const roles = ['exhibition.staff'] as const;
    const context: Context = {
      ...systemContext(),
      user: { id: site.id, name: site.cinemaName, email: '', operator: false },
      organisation: { id: row.organisation_id, name: row.name, kind: row.kind, roles },
      permissions: permissionsOf(roles),
      requestId: 'site',
    };
    return { context, organisationId: row.organisation_id };
  }

  return {
    async log(headers: Headers, name: string, body: ReadableStream<Uint8Array>) {
      const site = await siteOf(headers);
      const { context, organisationId } = await contextOf(site);
      const { file, bytes } = await keep(parts, body, LOG_BYTES_MAX, { organisationId, name });
      return write(context, (work): Promise<LogRecord> =>
        takeLog(parts, work, { cinemaId: site.cinemaId, organisationId, file, bytes }),
      );
    },

    async report(headers: Headers, name: string, body: ReadableStream<Uint8Array>) {
      const site = await siteOf(headers);
      const { context, organisationId } = await contextOf(site);
      const { file, bytes } = await keep(parts, body, SHEET_BYTES_MAX, { organisationId, name });
      const cinemaCode = await requireOwnRows(database, site.cinemaId, bytes);
      return importOnce(reports, context, file.id, { cinemaCode });
    },

    async programme(headers: Headers, body: ReadableStream<Uint8Array>) {
      const site = await siteOf(headers);
      const { context } = await contextOf(site);
      const bytes = await gather(body, SHEET_BYTES_MAX);
      const { cinemas, findings } = await readProgramme(bytes);
      const code = await codeOf(database, site.cinemaId);
      const foreign = [...cinemas.keys()].find((each) => each !== '' && each !== code);
      if (foreign !== undefined) throw foreignCinema(foreign);
      const shows = [...cinemas.values()].flat();
      if (shows.length === 0 || findings.length > 0) throw invalid(...findings);
      const taken = await takeProgramme(context, site.cinemaId, programmeOf(shows));
      return { cinemas: 1, shows: shows.length, findings: taken.findings };
    },
  };
}

const foreignCinema = (text: string) =>
  invalid(finding('foreign_cinema_rows', 'error', { facts: { text } }));

async function codeOf(database: Database, cinemaId: string): Promise<string | null> {
  const result = await sql<{ code: string | null }>`
    select code from exhibition.cinema where id = ${cinemaId}`.execute(database);
  return result.rows[0]?.code ?? null;
}

/** Rows without a code are of the one cinema that sends them; its code is given. */
async function requireOwnRows(
  database: Database,
  cinemaId: string,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const cinemaCode = (await codeOf(database, cinemaId)) ?? undefined;
  const read = await readBoxOfficeFile(bytes, { policy: 'all_or_nothing', cinemaCode });
  if (!read.ok) throw invalid(...read.findings);
  const foreign = read.value.records.find((each) => each.cinemaCode !== cinemaCode);
  if (foreign !== undefined) throw foreignCinema(foreign.cinemaCode ?? '');
  return cinemaCode;
}

/**
 * The same bytes answer as they did the first time; a file that tells an earlier one again as a
 * whole replaces it, with the approval that it needs.
 */
export async function importOnce(
  reports: ReportService,
  context: Context,
  fileId: string,
  options: Pick<ImportRequest, 'cinemaCode'> = {},
): Promise<ReportRecord> {
  try {
    const request = { fileId, faults: 'refuse', unattended: true, ...options } as const;
    return await reports.import(context, request);
  } catch (thrown) {
    const known = thrown instanceof Refusal ? thrown.findings[0] : undefined;
    if (known?.code !== 'duplicate_report' || typeof known.facts['report'] !== 'string')
      throw thrown;
    return reports.get(context, known.facts['report']);
  }
}

/** Takes a body in as a file of an organisation; a body again is the file that it was. */
export async function keep(
  parts: Pick<SiteParts, 'database' | 'write' | 'objects' | 'registerFile'>,
  body: ReadableStream<Uint8Array>,
  limitBytes: number,
  { organisationId, name }: { readonly organisationId: string; readonly name: string },
): Promise<{ readonly file: FileRecord; readonly bytes: Uint8Array }> {
  const bytes = await gather(body, limitBytes);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const known = await sql<{ id: string; name: string; created_at: Date }>`
    select id, name, created_at from kernel.file
    where organisation_id = ${organisationId} and digest = ${digest}
    order by created_at limit 1`.execute(parts.database);
  const row = known.rows[0];
  if (row !== undefined) {
    const file = {
      id: row.id,
      name: row.name,
      mediaType: 'application/octet-stream',
      sizeBytes: bytes.length,
      digest,
      createdAt: row.created_at.toISOString(),
    };
    return { file, bytes };
  }
  const stored = await parts.objects.put(oneOf(bytes));
  const file = await parts.write(systemContext(), async (work) => {
    const made = await parts.registerFile(work.transaction, {
      organisationId,
      name: name.replace(/[/\\]/g, '_'),
      mediaType: 'application/octet-stream',
      ...stored,
    });
    work.audit({
      action: 'exhibition.file_handed_in',
      subjectKind: 'file',
      subjectId: made.id,
      organisationId,
      facts: { digest: stored.digest },
    });
    return made;
  });
  return { file, bytes };
}

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function gather(body: ReadableStream<Uint8Array>, limitBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > limitBytes) {
      const facts = { sizeBytes: size, limitBytes };
      const findings = [finding('excessive_file_size', 'error', { facts })];
      throw new Refusal('too_large', { findings });
    }
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
