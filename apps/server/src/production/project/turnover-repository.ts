import type { turnoverSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { type Listed, listedBy, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { inRoom } from './scope.ts';

export type TurnoverRecord = z.output<typeof turnoverSchema>;

type TurnoverRow = Omit<
  TurnoverRecord,
  'createdAt' | 'updatedAt' | 'sentAt' | 'receivedAt' | 'shots' | 'assets' | 'files' | 'findings'
> & {
  created: Date;
  updated: Date;
  sent: Date | null;
  received: Date | null;
  shots: TurnoverRecord['shots'] | null;
  assets: TurnoverRecord['assets'] | null;
  files: TurnoverRecord['files'] | null;
  findings: Finding[];
  sort_key: string;
};

/** Turnovers that we made or were sent; what was withdrawn is named, and shows nothing. */
export async function listTurnovers(
  database: Queryable,
  where: {
    readonly reader: string;
    readonly projectId?: string | undefined;
    readonly id?: string;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<Listed<TurnoverRecord>[]> {
  const { reader, projectId, id } = where;
  const result = await sql<TurnoverRow>`
    select turnover.id, turnover.version, turnover.created_at as created,
      turnover.updated_at as updated, turnover.project_id as "projectId",
      project.name as "projectName", turnover.organisation_id as "organisationId",
      company.name as "organisationName", turnover.number, turnover.name, turnover.note,
      turnover.state, turnover.sent_at as sent, turnover.received_at as received,
      case when ${inRoom(reader)} or turnover.state in ('sent', 'received')
        then turnover.manifest_file_id end as "manifestFileId",
      ${inRoom(reader)} as ours, turnover.created_at::text as sort_key,
      case when ${inRoom(reader)} or turnover.state in ('sent', 'received') then
        (select json_agg(json_build_object('id', shot.id, 'code', shot.code) order by shot.code)
          from production.turnover_shot as turned
          join production.shot on shot.id = turned.shot_id
          where turned.turnover_id = turnover.id) end as shots,
      case when ${inRoom(reader)} or turnover.state in ('sent', 'received') then
        (select json_agg(json_build_object('assetId', asset.id, 'purpose', turned.purpose,
            'original', turned.original, 'title', asset.title,
            'fileId', case when turned.original or ${inRoom(reader)} then file.id end,
            'fileName', file.name, 'sizeBytes', file.size_bytes, 'digest', file.digest)
            order by asset.title)
          from production.turnover_asset as turned
          join production.asset on asset.id = turned.asset_id
          join kernel.file on file.id = asset.original_file_id
          where turned.turnover_id = turnover.id) end as assets,
      case when turnover.cut_id is not null then json_build_object('cutId', turnover.cut_id,
        'name', cut.name, 'number', cut.number, 'department', turnover.department,
        'whole', turnover.whole_cut, 'language', turnover.language) end as cut,
      turnover.findings,
      case when ${inRoom(reader)} or turnover.state in ('sent', 'received') then
        (select json_agg(json_build_object('path', listed.path, 'fileId', file.id,
            'sizeBytes', file.size_bytes, 'digest', file.digest) order by listed.path)
          from production.turnover_file as listed
          join kernel.file on file.id = listed.file_id
          where listed.turnover_id = turnover.id) end as files
    from production.turnover
    left join production.cut on cut.id = turnover.cut_id
    join production.project on project.id = turnover.project_id
    join kernel.organisation as company on company.id = turnover.organisation_id
    where (${inRoom(reader)} or (turnover.organisation_id = ${reader}
        and turnover.state <> 'draft' and exists (select 1 from production.participant as part
          where part.project_id = project.id and part.organisation_id = ${reader}
            and part.state = 'joined')))
      and ${projectId === undefined ? sql`true` : sql`turnover.project_id = ${projectId}`}
      and ${id === undefined ? sql`true` : sql`turnover.id = ${id}`}
      and ${listedBy('turnover', { after: where.after })}
    ${newestFirst('turnover', where.limit)}`.execute(database);
  return result.rows.map(({ created, updated, sent, received, sort_key: sortKey, ...row }) => ({
    sortKey,
    row: {
      ...row,
      shots: row.shots ?? [],
      assets: row.assets ?? [],
      files: row.files ?? [],
      findings: row.findings.map(wireFinding),
      createdAt: created.toISOString(),
      updatedAt: updated.toISOString(),
      sentAt: sent?.toISOString() ?? null,
      receivedAt: received?.toISOString() ?? null,
    },
  }));
}

/** What a turnover is to hold. */
export type TurnoverBody = {
  readonly name: string;
  readonly note: string;
  readonly shotIds: readonly string[];
  readonly assets: readonly {
    readonly assetId: string;
    readonly purpose: string;
    readonly original: boolean;
  }[];
  readonly cut: {
    readonly cutId: string;
    readonly department: 'vfx' | 'sound' | 'colour';
    readonly whole: boolean;
    readonly language: 'zh-CN' | 'en';
  } | null;
};

/** Puts down what a turnover holds, in the place of what it held. */
export async function putContents(
  transaction: Transaction,
  id: string,
  body: TurnoverBody,
): Promise<void> {
  await sql`delete from production.turnover_shot where turnover_id = ${id}`.execute(transaction);
  await sql`delete from production.turnover_asset where turnover_id = ${id}`.execute(transaction);
  await sql`
    insert into production.turnover_shot (turnover_id, shot_id)
    select ${id}::uuid, each from unnest(${[...body.shotIds]}::uuid[]) as each
    on conflict do nothing`.execute(transaction);
  await sql`
    insert into production.turnover_asset (turnover_id, asset_id, purpose, original)
    select ${id}::uuid, each."assetId", each.purpose, each.original
    from json_to_recordset(${jsonText(body.assets)}::json)
      as each ("assetId" uuid, purpose text, original boolean)
    on conflict do nothing`.execute(transaction);  await sql`
    update production.turnover set cut_id = ${body.cut?.cutId ?? null}::uuid,
      department = ${body.cut?.department ?? null}, whole_cut = ${body.cut?.whole ?? false},
      language = ${body.cut?.language ?? null}
    where id = ${id}`.execute(transaction);
}
