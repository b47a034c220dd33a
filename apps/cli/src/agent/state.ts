import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from './kept-file.ts';

/** What an agent remembers between runs, and while it is cut off. */
const stateSchema = z.object({
  /** The site's clock minus the server's, as last heard. */
  clockOffsetMs: z.number().default(0),
  packages: z
    .record(
      z.string(),
      z.object({
        title: z.string(),
        digests: z.array(z.string()),
        sizeBytes: z.number(),
        published: z.boolean(),
        /** When the server first did not want it any more, ISO 8601. */
        unwantedSince: z.string().nullable(),
      }),
    )
    .default({}),
  /** Keys that are in the key folder, with their file. */
  keys: z.record(z.string(), z.string()).default({}),
  /** Digests of what the cinema handed in, oldest first: a file that comes back is not sent. */
  handedIn: z.array(z.string()).default([]),
  /** What lay in the cinema's folder at the last look, by its place there. */
  looked: z
    .record(
      z.string(),
      z.object({ sizeBytes: z.number(), changedMs: z.number(), sinceMs: z.number() }),
    )
    .default({}),
});
export type AgentState = z.output<typeof stateSchema>;

const fileIn = (folder: string) => join(folder, 'state.json');

/** A state that cannot be read is begun anew: everything in it can be found out again. */
export async function readState(
  folder: string,
): Promise<{ readonly state: AgentState; readonly isLost: boolean }> {
  const text = await readFile(fileIn(folder), 'utf8').catch(() => '');
  try {
    return { state: stateSchema.parse(JSON.parse(text)), isLost: false };
  } catch {
    return { state: stateSchema.parse({}), isLost: true };
  }
}

export const writeState = (folder: string, state: AgentState): Promise<void> =>
  writeWhole(fileIn(folder), JSON.stringify(state));
