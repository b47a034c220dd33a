import { assert } from '@yinglian/core';
import { isKeyType, type KeyType } from '@yinglian/kdm';
import type { Queryable } from '../kernel/database/database.ts';
import type { Custody } from './custody/custody.ts';
import { readContentKeys } from './repository.ts';

/** Content keys are sealed under a purpose of their own; clear bytes never leave a job. */
export const CONTENT_KEY_PURPOSE = 'distribution.content_key';

export type OpenContentKey = {
  readonly keyId: string;
  readonly keyType: KeyType;
  readonly key: Uint8Array;
  readonly compositionId: string;
};

/** The content keys of a package in clear, for the job that needs them. */
export async function openContentKeys(
  parts: { readonly database: Queryable; readonly custody: Custody },
  packageId: string,
): Promise<OpenContentKey[]> {
  const rows = await readContentKeys(parts.database, packageId);
  return Promise.all(
    rows.map(async (row) => {
      assert(isKeyType(row.key_type), 'a stored key has a type of ST 430-1');
      const chest = await parts.custody.of(row.custody_id, parts.database);
      return {
        keyId: row.key_id,
        keyType: row.key_type as KeyType,
        compositionId: row.composition_id,
        key: chest.open(CONTENT_KEY_PURPOSE, row.sealed_key),
      };
    }),
  );
}
