import { type Finding, finding, parseRatio } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  buildTurnover,
  checkReference,
  onlyShots,
  type Timeline,
  type Turnover,
  type TurnoverOptions,
  zipTurnover,
} from '@yinglian/timeline';
import { sql } from 'kysely';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { registerFiles } from '../../kernel/files/files.ts';
import type { ObjectStore, StoredObject } from '../../kernel/objects/store.ts';
import { conflict, found } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { readNamedCut } from './named-cut.ts';
import type { ProjectRecord } from './repository.ts';
import { listCuts } from './shot-repository.ts';
import type { TurnoverRecord } from './turnover-repository.ts';

/** What a department works from, stored and not yet of any turnover. */
export type TurnoverLists = {
  readonly files: readonly (StoredObject & { readonly path: string; readonly name: string })[];
  readonly findings: readonly Finding[];
};

type ListParts = { readonly database: Queryable; readonly objects: ObjectStore };

/**
 * The lists of a turnover, and all of them with their manifest as one package. The manifest names
 * the media that go along as well, where the receiver puts them: its folder is then proven whole.
 */
export async function makeLists(
  parts: ListParts,
  project: ProjectRecord,
  of: TurnoverRecord,
): Promise<TurnoverLists> {
  if (of.cut === null) return { files: [], findings: [] };
  const stored = found((await listCuts(parts.database, { id: of.cut.cutId, limit: 1 }))[0]);
  const whole = await readNamedCut(parts, stored);
  if (!of.cut.whole && of.shots.length === 0) {
    throw conflict(finding('missing_turnover_shots', 'error'));
  }
  const { cut, findings } = of.cut.whole
    ? { cut: whole, findings: [] }
    : onlyShots(whole, new Set(of.shots.map((each) => each.code)));
  await expectReference(parts.database, of, cut);
  const { name, number } = stored.record;
  const made = buildTurnover(
    cut,
    { ...optionsFor(project, of), department: of.cut.department, version: `${name} (${number})` },
    nodeCryptography,
  );
  if (!made.ok) throw conflict(...made.findings);
  const base = `${project.code}-turnover-${of.number}`;
  const files = await storeAll(parts.objects, base, made.value);
  return { files, findings: [...findings, ...made.findings] };
}

function optionsFor(
  { settings }: ProjectRecord,
  of: TurnoverRecord,
): Omit<TurnoverOptions, 'department' | 'version'> {
  return {
    language: of.cut?.language === 'en' ? 'en' : 'zh',
    handles: { head: settings.headHandle, tail: settings.tailHandle },
    firstFrame: settings.firstFrame,
    attachments: attachmentsOf(of),
  };
}

/** Media whose originals are given, each under a path of its own. */
function attachmentsOf(of: TurnoverRecord): NonNullable<TurnoverOptions['attachments']> {
  const taken = new Set<string>();
  return of.assets
    .filter((each) => each.original)
    .map((each) => {
      const folder = each.purpose === 'reference' ? 'reference' : 'media';
      const name = asFileName(each.fileName);
      let path = `${folder}/${name}`;
      for (let copy = 2; taken.has(path.toLowerCase()); copy++) path = `${folder}/${copy}/${name}`;
      taken.add(path.toLowerCase());
      return { path, sizeBytes: each.sizeBytes, sha256: each.digest.replace(/^sha256:/, '') };
    });
}

/** A name that leads nowhere, whatever somebody called a file. */
function asFileName(of: string): string {
  const plain = of.replaceAll(/[/\\:\p{Cc}]/gu, '_');
  return /^\.*$/.test(plain) ? '_' : plain;
}

/** A reference video plays as fast as its cut, and, where the whole cut goes, as long. */
async function expectReference(
  database: Queryable,
  of: TurnoverRecord,
  cut: Timeline,
): Promise<void> {
  const ids = of.assets.filter((each) => each.purpose === 'reference').map((each) => each.assetId);
  const result = await sql<{ title: string; frames: number | null; rate: string | null }>`
    select asset.title, (asset.media ->> 'frameCount')::int as frames,
      asset.media -> 'video' ->> 'frameRate' as rate
    from production.asset where asset.id = any(${ids}::uuid[])`.execute(database);
  const faults = result.rows.flatMap(({ title, frames, rate }) =>
    checkReference(cut, {
      frames: of.cut?.whole === true ? frames : null,
      rate: rate === null ? undefined : parseRatio(rate),
    }).map((each) => ({ ...each, at: { ...each.at, path: title } })),
  );
  if (faults.length > 0) throw conflict(...faults);
}

async function storeAll(objects: ObjectStore, base: string, made: Turnover) {
  const packed = [...made.files, [`${base}.zip`, zipTurnover(made)] as const];
  const stored = await objects.putAll(packed.map(([, bytes]) => bytes));
  return packed.map(([path], index) => ({ ...stored[index]!, path, name: path }));
}

/** Keeps the lists with their turnover, as files of the sender. */
export async function keepLists(
  transaction: Transaction,
  newId: () => string,
  of: {
    readonly turnoverId: string;
    readonly organisationId: string;
    readonly filmId: string;
    readonly lists: TurnoverLists;
  },
): Promise<void> {
  const files = of.lists.files.map((each) => ({ ...each, id: newId() }));
  await registerFiles(
    transaction,
    files.map(({ id, name, digest, sizeBytes }) => ({
      id,
      organisationId: of.organisationId,
      filmId: of.filmId,
      hall: 'production' as const,
      name,
      mediaType: name.endsWith('.zip') ? 'application/zip' : 'application/octet-stream',
      digest,
      sizeBytes,
    })),
  );
  await sql`
    insert into production.turnover_file (turnover_id, file_id, path)
    select ${of.turnoverId}::uuid, each."id", each."path"
    from json_to_recordset(${jsonText(files)}::json) as each ("id" uuid, "path" text)
  `.execute(transaction);
  await sql`update production.turnover set findings = ${jsonText(of.lists.findings)}::json
    where id = ${of.turnoverId}`.execute(transaction);
}
