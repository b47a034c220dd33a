import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../kernel/database/database.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { found } from '../../kernel/refusal.ts';

/** What a broken line costs at most: two seconds at 16 Mbit/s. */
export const PIECE_BYTES = 4 * 1024 * 1024;
/** One gigabyte: its hashes are computed in a second and sent in one short answer. */
export const BLOCK_PIECES = 256;
const HASH_BYTES = 32;

export type Pieces = { readonly sizeBytes: number; readonly hashes: readonly string[] };

/** The hashes of one block of an object's pieces; empty beyond its end. */
export function pieceReader(database: Database, objects: ObjectStore) {
  // Two hundred agents ask for the same block at once; it is read once.
  const under = new Map<string, Promise<Buffer>>();

  async function compute(digest: string, block: number, sizeBytes: number): Promise<Buffer> {
    const first = block * BLOCK_PIECES * PIECE_BYTES;
    const last = Math.min(sizeBytes, first + BLOCK_PIECES * PIECE_BYTES) - 1;
    const hashes: Buffer[] = [];
    let hash = createHash('sha256');
    let filled = 0;
    for await (const chunk of await objects.stream(digest, { first, last })) {
      for (let at = 0; at < chunk.length;) {
        const length = Math.min(PIECE_BYTES - filled, chunk.length - at);
        hash.update(chunk.subarray(at, at + length));
        at += length;
        filled += length;
        if (filled < PIECE_BYTES) continue;
        hashes.push(hash.digest());
        hash = createHash('sha256');
        filled = 0;
      }
    }
    if (filled > 0) hashes.push(hash.digest());
    const joined = Buffer.concat(hashes);
    await sql`insert into distribution.piece_block (digest, block, hashes)
      values (${digest}, ${block}, ${joined}) on conflict do nothing`.execute(database);
    return joined;
  }

  async function read(digest: string, block: number): Promise<Buffer> {
    const stored = await sql<{ hashes: Buffer }>`
      select hashes from distribution.piece_block where digest = ${digest} and block = ${block}
    `.execute(database);
    if (stored.rows[0] !== undefined) return stored.rows[0].hashes;
    const sizeBytes = found(await objects.sizeOf(digest), { digest });
    if (block * BLOCK_PIECES * PIECE_BYTES >= sizeBytes) return Buffer.alloc(0);
    const name = `${digest} ${block}`;
    const running =
      under.get(name) ?? compute(digest, block, sizeBytes).finally(() => under.delete(name));
    under.set(name, running);
    return running;
  }

  return async (digest: string, block: number): Promise<string[]> => {
    const hashes = await read(digest, block);
    return Array.from({ length: hashes.length / HASH_BYTES }, (_, index) =>
      hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES).toString('hex'),
    );
  };
}
