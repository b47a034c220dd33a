import { readFile, stat } from 'node:fs/promises';
import { CommandFault, EXIT } from './exit-codes.ts';

/** What a document of this trade stays below; essence is streamed elsewhere. */
const DOCUMENT_BYTES_MAX = 512 * 1024 * 1024;

/** A file given on the command line, whole. */
export async function readGiven(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > DOCUMENT_BYTES_MAX) {
    throw new CommandFault(`${path}: ${size} bytes > ${DOCUMENT_BYTES_MAX}`, EXIT.misused);
  }
  return new Uint8Array(await readFile(path));
}

/** JSON in a file; `-` is standard input. */
export async function readJson(path: string): Promise<unknown> {
  const text = Buffer.from(await readGiven(path === '-' ? '/dev/stdin' : path)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandFault(`${path}: ${(error as Error).message}`, EXIT.misused);
  }
}
