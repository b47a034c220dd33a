import { readOtio, type Timeline, timelinesOf } from '@yinglian/timeline';
import type { Queryable } from '../../kernel/database/database.ts';
import { readFileRecords } from '../../kernel/files/files.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { conflict, found } from '../../kernel/refusal.ts';
import type { StoredCut } from './shot-repository.ts';

/** A cut with its shots' names, as it was kept when it was read. */
export async function readNamedCut(
  { database, objects }: { readonly database: Queryable; readonly objects: ObjectStore },
  cut: StoredCut,
): Promise<Timeline> {
  const files = await readFileRecords(database, [cut.namedFileId]);
  const source = await objects.open(found(files.get(cut.namedFileId)).digest);
  try {
    const read = readOtio(await source.read(0, source.sizeBytes));
    if (!read.ok) throw conflict(...read.findings);
    return found(timelinesOf(read.value)[0]);
  } finally {
    await source.close();
  }
}
