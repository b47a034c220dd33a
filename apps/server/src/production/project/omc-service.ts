import { type Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import { type Download, downloadBytes } from '../../kernel/http/routes.ts';
import { invalid } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { omcOfProject, workOfOmc } from './omc.ts';
import { type ProjectParts, readProject } from './service.ts';
import { SHEET_ROWS_MAX, type ShotService, told } from './shot-service.ts';
import { insertShots, listSequences, listShots, readKnownShots, UNCUT } from './shot-repository.ts';
import type { TaskService } from './task-service.ts';
import type { VersionService } from './version-service.ts';

/** A graph of a series with all its media has some tens of megabytes. */
const OMC_BYTES_MAX = 64 * 1024 * 1024;
const ORDINAL_STEP = 10;

export type OmcParts = ProjectParts & {
  readonly readFile: ReadStoredFile;
  readonly shots: ShotService;
  readonly tasks: TaskService;
  readonly versions: VersionService;
};
export type OmcService = ReturnType<typeof createOmcService>;

/** A project as MovieLabs OMC, out and in. */
export function createOmcService(parts: OmcParts) {
  const { database, write, requireAccess, newId } = parts;
  return {
    async exportOmc(context: Context, id: string): Promise<Download> {
      const { organisationId: reader } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [id],
      });
      const project = await readProject(database, reader, id);
      const { scope } = project;
      const listing = { projectId: id, reader, scope, limit: SHEET_ROWS_MAX };
      const shots = await listShots(database, listing);
      const all = { projectId: id, limit: SHEET_ROWS_MAX };
      const tasks = await parts.tasks.tasks(context, all);
      const versions = await parts.versions.versions(context, all);
      const sequences = await listSequences(database, { projectId: id });
      const text = omcOfProject({
        project,
        sequences,
        shots: shots.map((each) => each.row),
        tasks: tasks.rows,
        versions: versions.rows,
      });
      const bytes = new TextEncoder().encode(text);
      return downloadBytes(`${project.code}.omc.json`, 'application/json', bytes);
    },

    /** Adds the shots and tasks that are not there yet; what is there stays as it is. */
    async importOmc(
      context: Context,
      id: string,
      request: { readonly fileId: string; readonly commit: boolean },
    ) {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [id],
      });
      const project = await readProject(database, organisationId, id);
      const file = await parts.readFile(context, request.fileId, OMC_BYTES_MAX);
      const read = workOfOmc(new TextDecoder().decode(file.bytes));
      if (!('shots' in read)) throw invalid(...read.findings);
      const known = new Set((await readKnownShots(database, id, null)).map((each) => each.code));
      const sequences = await listSequences(database, { projectId: id });
      const sequenceIds = new Map(sequences.map((each) => [each.code, each.id]));
      const fresh = read.shots.filter((each) => !known.has(each.code));
      const missing = [...new Set(fresh.map((each) => each.sequence))].filter(
        (code) => code !== '' && !sequenceIds.has(code),
      );
      const findings: Finding[] = told(read.findings);
      const counted = {
        shots: fresh.length,
        sequences: missing.length,
        tasks: read.tasks.length,
        known: read.shots.length - fresh.length,
        findings,
      };
      if (!request.commit) return counted;
      const { settings } = project;
      return write(context, async (work) => {
        const { transaction } = work;
        for (const [index, code] of missing.entries()) {
          const sequenceId = newId();
          await sql`insert into production.sequence (id, project_id, kind, code, ordinal)
            values (${sequenceId}, ${id}, 'sequence', ${code}, ${sequences.length + index})
          `.execute(transaction);
          sequenceIds.set(code, sequenceId);
        }
        await insertShots(
          transaction,
          fresh.map((each, index) => ({
            id: newId(),
            projectId: id,
            sequenceId: sequenceIds.get(each.sequence) ?? null,
            code: each.code,
            description: each.description,
            status: settings.shotFlow[0]!.code,
            ordinal: (known.size + index + 1) * ORDINAL_STEP,
            frameCount: each.frameCount,
            firstFrame: settings.firstFrame,
            headHandle: settings.headHandle,
            tailHandle: settings.tailHandle,
            ...UNCUT,
          })),
        );
        const rows = read.tasks.map((each) => ({ ...each, id: newId() }));
        const tasks = await sql<{ id: string }>`
          insert into production.task (id, project_id, shot_id, name, status)
          select each.id, ${id}::uuid, shot.id, each.name, ${settings.taskFlow[0]!.code}
          from json_to_recordset(${jsonText(rows)}::json) as each (id uuid, shot text, name text)
          join production.shot on shot.project_id = ${id} and shot.code = each.shot
          on conflict do nothing returning id`.execute(transaction);
        work.audit({
          action: 'production.omc_read',
          subjectKind: 'project',
          subjectId: id,
          facts: { file: file.digest, shots: fresh.length, tasks: tasks.rows.length },
        });
        work.changed({ kind: 'project', id, filmId: project.filmId });
        return { ...counted, tasks: tasks.rows.length };
      });
    },
  };
}
