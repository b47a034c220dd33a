import { writePemChain } from '@yinglian/certificates';
import { type Cryptography, finding } from '@yinglian/core';
import { openKdm } from '@yinglian/kdm';
import { sql } from 'kysely';
import { readFilms } from '../film/face.ts';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { readFileRecords, shareFile } from '../kernel/files/files.ts';
import type { JobDefinition } from '../kernel/jobs/definition.ts';
import type { ObjectStore } from '../kernel/objects/store.ts';
import { conflict, found, invalid } from '../kernel/refusal.ts';
import { jsonText, type Write } from '../kernel/write.ts';
import { CONTENT_KEY_PURPOSE } from './content-keys.ts';
import type { Custody } from './custody/custody.ts';
import { ordererOf } from './order-keys.ts';
import { type PackageRecord, readPackage, setPackageJob } from './repository.ts';
import { makeSigner, readSigner } from './signer.ts';

export type IntakeParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly objects: ObjectStore;
  readonly custody: Custody;
  readonly cryptography: Cryptography;
  readonly checkJob: JobDefinition<{ packageId: string }>;
  readonly newId: () => string;
  readonly now: () => Date;
};

export type IntakeRequest = {
  readonly filmId: string;
  readonly filmVersionId: string | null;
  readonly title?: string | undefined;
  readonly files: readonly { readonly path: string; readonly fileId: string }[];
};

/** A DKDM of a feature has some hundred kilobytes. */
const DKDM_BYTES_MAX = 4 * 1024 * 1024;

export type IntakeService = ReturnType<typeof createIntakeService>;

/** Packages and content keys that come from other houses: judged on arrival, kept as our own. */
export function createIntakeService(parts: IntakeParts) {
  const { database, write, requireAccess, objects, custody, newId, now } = parts;

  return {
    /** Files that were uploaded before become a package, and are judged at once. */
    async take(context: Context, request: IntakeRequest): Promise<PackageRecord> {
      const { organisationId } = await requireAccess(context, 'distribution.build', {
        kind: 'film',
        ids: [request.filmId],
      });
      const ids = request.files.map((each) => each.fileId);
      await requireAccess(context, 'production.read', { kind: 'file', ids });
      const film = found((await readFilms(database, [request.filmId])).get(request.filmId));
      const known = film.versions.some((each) => each.id === request.filmVersionId);
      if (request.filmVersionId !== null && !known) {
        const facts = { version: request.filmVersionId };
        throw invalid(finding('foreign_version', 'error', { facts }));
      }
      const paths = new Set(request.files.map((each) => each.path.toLowerCase()));
      if (paths.size !== request.files.length) {
        throw invalid(finding('duplicate_package_path', 'error', { at: { field: 'files' } }));
      }
      const records = await readFileRecords(database, ids);
      const sizeBytes = ids.reduce((sum, id) => sum + found(records.get(id), { id }).sizeBytes, 0);
      const id = newId();
      return write(context, async (work) => {
        const { transaction } = work;
        await sql`
          insert into distribution.package (id, organisation_id, film_id, film_version_id, title,
            standard, state, encrypted, options, size_bytes)
          values (${id}, ${organisationId}, ${request.filmId}, ${request.filmVersionId},
            ${request.title ?? film.title}, 'smpte', 'checking', false,
            ${jsonText({ intake: true })}, ${sizeBytes})`.execute(transaction);
        for (const { path, fileId } of request.files) {
          await sql`insert into distribution.package_file (package_id, path, file_id)
            values (${id}, ${path}, ${fileId})`.execute(transaction);
          await shareFile(transaction, fileId, request.filmId, 'distribution');
        }
        const jobId = await work.enqueue(
          parts.checkJob,
          { packageId: id },
          {
            filmId: request.filmId,
          },
        );
        await setPackageJob(transaction, id, jobId, 'checking');
        work.audit({
          action: 'distribution.package_taken',
          subjectKind: 'package',
          subjectId: id,
          facts: { film: request.filmId, files: request.files.length },
        });
        work.changed({ kind: 'package', id, filmId: request.filmId });
        return readPackage(transaction, organisationId, id);
      });
    },

    /** Our certificate with its chain: what another house needs to make us a DKDM. */
    async certificate(context: Context): Promise<string> {
      await requireAccess(context, 'distribution.build');
      const { organisation } = ordererOf(context);
      return write(context, async (work) => {
        const signer =
          (await readSigner(work.transaction, custody, organisation.id)) ??
          (await makeSigner(work, { ...parts, id: newId(), now: now() }, organisation));
        return writePemChain(signer.chain);
      });
    },

    /** Opens a DKDM that was made for our certificate; its keys go into custody, sealed. */
    async takeDkdm(context: Context, id: string, fileId: string) {
      const { organisationId } = await requireAccess(context, 'distribution.build', {
        kind: 'package',
        ids: [id],
      });
      await requireAccess(context, 'production.read', { kind: 'file', ids: [fileId] });
      const stored = await readPackage(database, organisationId, id);
      const signer = await readSigner(database, custody, organisationId);
      if (signer === undefined) throw conflict(finding('missing_own_certificate', 'error'));
      const bytes = await readSmall(objects, database, fileId);
      const [recipient] = signer.chain;
      const opened = openKdm(
        bytes,
        signer.privateKey,
        {
          recipient: recipient!,
          at: now().getTime(),
        },
        parts.cryptography,
      );
      if (!opened.ok) throw invalid(...opened.findings);
      const compositionId = opened.value.kdm.cplId;
      if (!stored.compositions.some((each) => each.id === compositionId)) {
        const facts = { composition: compositionId ?? '' };
        throw invalid(finding('foreign_composition', 'error', { facts }));
      }
      return write(context, async (work) => {
        const chest = await custody.current(work.transaction);
        for (const { keyId, keyType, key } of opened.value.keys) {
          await sql`
            insert into distribution.content_key (package_id, key_id, composition_id, key_type,
              sealed_key, custody_id)
            values (${id}, ${keyId}, ${compositionId!}, ${keyType},
              ${Buffer.from(chest.seal(CONTENT_KEY_PURPOSE, key))}, ${chest.custodyId})
            on conflict do nothing`.execute(work.transaction);
          key.fill(0);
        }
        // With keys in hand the frames themselves can be judged.
        const jobId = await work.enqueue(
          parts.checkJob,
          { packageId: id },
          {
            filmId: stored.filmId,
          },
        );
        await setPackageJob(work.transaction, id, jobId, 'checking');
        work.audit({
          action: 'distribution.dkdm_taken',
          subjectKind: 'package',
          subjectId: id,
          facts: { composition: compositionId!, keys: opened.value.keys.length },
        });
        work.changed({ kind: 'package', id, filmId: stored.filmId });
        return { keys: opened.value.keys.length, jobId };
      });
    },
  };
}

async function readSmall(
  objects: ObjectStore,
  database: Queryable,
  fileId: string,
): Promise<Uint8Array> {
  const record = found((await readFileRecords(database, [fileId])).get(fileId), { id: fileId });
  if (record.sizeBytes > DKDM_BYTES_MAX) {
    const facts = { file: record.name, sizeBytes: record.sizeBytes, limitBytes: DKDM_BYTES_MAX };
    throw invalid(finding('excessive_file_size', 'error', { facts }));
  }
  const source = await objects.open(record.digest);
  try {
    return await source.read(0, source.sizeBytes);
  } finally {
    await source.close();
  }
}
