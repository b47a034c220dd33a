import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { site, type SiteWork } from '@yinglian/contract';
import { z } from 'zod';
import { readSealed, writeSealed } from './kept-file.ts';
import { type Line, LineFault } from './line.ts';
import { isPublished, safeName } from './publish.ts';
import type { AgentState } from './state.ts';
import { hexOf } from './store.ts';

/** What a box needs to go on for weeks without its line, and to find itself again. */
export type Memory = ReturnType<typeof openMemory>;

const heldSchema = z.object({
  title: z.string(),
  digests: z.array(z.string()),
  sizeBytes: z.number(),
});
type Held = z.output<typeof heldSchema>;

/** Whether nothing but the line failed: a refusal is the network's word and stands. */
export const isCutOff = (fault: unknown): boolean =>
  !(fault instanceof LineFault) || fault.status === 0 || fault.status >= 500;

/** Keeps the last list of work, the pieces of files, and what lies in the ingest folder. */
export function openMemory(folder: string) {
  const workPath = join(folder, 'work.sealed');
  const piecesFolder = join(folder, 'pieces');
  const publishedFolder = join(folder, 'published');
  const publishedPath = (id: string) => join(publishedFolder, `${safeName(id)}.sealed`);
  let keptText = '';
  return {
    /** The clock in the list moves with every answer and says nothing of the work. */
    async keepWork(work: SiteWork): Promise<void> {
      const text = JSON.stringify({ ...work, now: '' });
      if (text === keptText) return;
      await writeSealed(workPath, work);
      keptText = text;
    },
    async lastWork(): Promise<SiteWork | undefined> {
      const read = site.work.result.safeParse(await readSealed(workPath));
      return read.success ? read.data : undefined;
    },

    /** A line whose lists of pieces are remembered, for the days when it is cut. */
    remembering(line: Line): Line {
      return {
        ...line,
        async pieces(digest, block, signal) {
          const path = join(piecesFolder, `${hexOf(digest)}-${block}.sealed`);
          try {
            const answer = await line.pieces(digest, block, signal);
            await writeSealed(path, answer);
            return answer;
          } catch (fault) {
            signal.throwIfAborted();
            const known = site.pieces.result.safeParse(await readSealed(path));
            if (!isCutOff(fault) || !known.success) throw fault;
            return known.data;
          }
        },
      };
    },
    /** Lists of pieces of files that nobody needs any more. */
    async forgetPieces(digests: ReadonlySet<string>): Promise<void> {
      const kept = new Set([...digests].map(hexOf));
      for (const name of await readdir(piecesFolder).catch(() => [])) {
        if (!kept.has(name.split('-')[0]!)) await rm(join(piecesFolder, name), { force: true });
      }
    },

    async notePublished(id: string, held: Held): Promise<void> {
      const { title, digests, sizeBytes } = held;
      await writeSealed(publishedPath(id), { id, title, digests, sizeBytes });
    },
    async forgetPublished(id: string): Promise<void> {
      await rm(publishedPath(id), { force: true });
    },
    async published(): Promise<ReadonlyMap<string, Held>> {
      const found = new Map<string, Held>();
      for (const name of await readdir(publishedFolder).catch(() => [])) {
        const noted = heldSchema
          .extend({ id: z.string() })
          .safeParse(await readSealed(join(publishedFolder, name)));
        if (noted.success) found.set(noted.data.id, noted.data);
      }
      return found;
    },
  };
}

/** Finds out again what a lost state said: from what was noted, and from what lies on the disk. */
export async function rebuildState(
  state: AgentState,
  work: SiteWork,
  parts: { readonly memory: Memory; readonly folder: string; readonly ingest: string },
): Promise<void> {
  for (const [id, held] of await parts.memory.published()) {
    state.packages[id] = { ...held, published: true, unwantedSince: null };
  }
  for (const wanted of work.packages) {
    if (state.packages[wanted.id] !== undefined) continue;
    if (!(await isPublished(parts.ingest, wanted))) continue;
    const digests = wanted.files.map((file) => file.digest);
    const sizeBytes = wanted.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const { title } = wanted;
    const held = { title, digests, sizeBytes };
    state.packages[wanted.id] = { ...held, published: true, unwantedSince: null };
    await parts.memory.notePublished(wanted.id, held);
  }
  await rebuildKeys(state, work, join(parts.folder, 'keys'));
}

/** Keys that are as they were announced are held; others in the folder ended meanwhile. */
async function rebuildKeys(state: AgentState, work: SiteWork, folder: string): Promise<void> {
  const wanted = new Map(
    work.keys.map((key) => [join(folder, safeName(key.screenName), safeName(key.name)), key]),
  );
  for (const screen of await readdir(folder).catch(() => [])) {
    for (const name of await readdir(join(folder, screen)).catch(() => [])) {
      const path = join(folder, screen, name);
      const key = wanted.get(path);
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      if (key?.digest === digest) state.keys[key.id] = path;
      else await rm(path, { force: true });
    }
  }
}
