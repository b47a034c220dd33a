import { readFile, stat } from 'node:fs/promises';
import { decodeText } from '@yinglian/boxoffice';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import { CommandFault, EXIT } from './exit-codes.ts';

/** What a document of this trade stays below; essence is streamed elsewhere. */
const DOCUMENT_BYTES_MAX = 512 * 1024 * 1024;

/** A file given on the command line, whole. */
export async function readGiven(path: string): Promise<Uint8Array> {
  const found = await stat(path);
  if (found.isDirectory()) {
    // Reading it would say so too, but not which of the paths it is.
    throw Object.assign(new Error(path), { code: 'EISDIR', path });
  }
  const { size } = found;
  if (size > DOCUMENT_BYTES_MAX) {
    throw new CommandFault(`${path}: ${size} bytes > ${DOCUMENT_BYTES_MAX}`, EXIT.misused);
  }
  return new Uint8Array(await readFile(path));
}

/** Ends the command unless there is a folder of that path. */
export async function expectFolder(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) return;
  throw Object.assign(new Error(path), { code: 'ENOTDIR', path });
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

/** A text in UTF-8 or GB18030, or with a mark that says otherwise; `-` is standard input. */
export async function readTextGiven(path: string): Promise<Outcome<string>> {
  const decoded = decodeText(await readGiven(path === '-' ? '/dev/stdin' : path));
  // Bytes of no text at all may still happen to be characters; none of them is NUL in a text.
  if (!decoded.ok || decoded.value.text.includes('\0')) {
    return refused(finding('binary_file', 'error', { at: { file: path } }));
  }
  return accepted(decoded.value.text);
}

/** JSON in a file that is to be examined: what is wrong with it is a finding, not a fault. */
export async function readJsonGiven(path: string): Promise<Outcome<unknown>> {
  const text = await readTextGiven(path);
  if (!text.ok) return text;
  try {
    return accepted(JSON.parse(text.value) as unknown);
  } catch (error) {
    const facts = { reason: (error as Error).message };
    return refused(finding('invalid_json_file', 'error', { facts, at: { file: path } }));
  }
}
