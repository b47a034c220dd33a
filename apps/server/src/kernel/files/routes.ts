import { contract } from '@yinglian/contract';
import type { RequireAccess } from '../access/access.ts';
import type { Database } from '../database/database.ts';
import { mountGroup, type MountedGroup } from '../http/routes.ts';
import type { ObjectStore } from '../objects/store.ts';
import { found } from '../refusal.ts';
import { downloadFile, readFileRecords } from './files.ts';
import type { Uploads } from './uploads.ts';

export type FileRoutesOptions = {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly uploads: Uploads;
  readonly requireAccess: RequireAccess;
};

export function fileRoutes(options: FileRoutesOptions): MountedGroup {
  const { database, objects, requireAccess, uploads } = options;
  const read = async (id: string) =>
    found((await readFileRecords(database, [id])).get(id), { kind: 'file', id });
  return mountGroup('files', contract.files, {
    createUpload: ({ body }, context) => uploads.create(context, body),
    upload: ({ params }, context) => uploads.get(context, params.id),
    append: ({ params, query, bytes }, context) =>
      uploads.append(
        context,
        params.id,
        query.offset,
        bytes,
        query.sha256 === undefined
          ? undefined
          : { algorithm: 'sha256', digest: Buffer.from(query.sha256, 'hex') },
      ),
    endUpload: ({ params }, context) => uploads.remove(context, params.id),
    async record({ params }, context) {
      await requireAccess(context, 'signed_in', { kind: 'file', ids: [params.id] });
      return read(params.id);
    },
    async download({ params, query }, context) {
      await requireAccess(context, 'signed_in', { kind: 'file', ids: [params.id] });
      return downloadFile(objects, await read(params.id), { inline: query.inline === '1' });
    },
  });
}
