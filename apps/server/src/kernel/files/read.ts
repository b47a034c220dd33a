import { finding } from '@yinglian/core';
import type { RequireAccess } from '../access/access.ts';
import type { Context } from '../context.ts';
import type { Database } from '../database/database.ts';
import type { ObjectStore } from '../objects/store.ts';
import { found, Refusal } from '../refusal.ts';
import { type FileRecord, readFileRecords } from './files.ts';

/** A stored file whole, for readers that need it so: sheets, lists, certificates. */
export type ReadStoredFile = (
  context: Context,
  fileId: string,
  limitBytes: number,
) => Promise<FileRecord & { readonly bytes: Uint8Array }>;

export function storedFileReader(parts: {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly requireAccess: RequireAccess;
}): ReadStoredFile {
  const { database, objects, requireAccess } = parts;
  return async (context, fileId, limitBytes) => {
    await requireAccess(context, 'signed_in', { kind: 'file', ids: [fileId] });
    const record = found((await readFileRecords(database, [fileId])).get(fileId), { id: fileId });
    if (record.sizeBytes > limitBytes) {
      const facts = { sizeBytes: record.sizeBytes, limitBytes };
      throw new Refusal('too_large', {
        findings: [finding('excessive_file_size', 'error', { facts })],
      });
    }
    const source = await objects.open(record.digest);
    try {
      return { ...record, bytes: await source.read(0, source.sizeBytes) };
    } finally {
      await source.close();
    }
  };
}
