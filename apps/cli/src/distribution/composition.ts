import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSigner } from '@yinglian/certificates';
import { isComposition, neededKeys, readComposition } from '@yinglian/dcp';
import { nodeCryptography } from '@yinglian/host';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { taken } from './given.ts';

/** A composition in a file, or the only one of a package, with its keys and who signed it. */
export async function givenComposition(terminal: Terminal, given: string) {
  const path = (await stat(given)).isDirectory() ? await onlyComposition(terminal, given) : given;
  const { model, document } = taken(terminal, readComposition(await readGiven(path), path));
  const { id, title, standard } = model;
  const { chain: signer } = checkSigner(document, [{ kind: 'document' }], {}, nodeCryptography);
  return { id, title, standard, keys: neededKeys(model), signer };
}

/** Packages keep their compositions beside their map. */
async function onlyComposition(terminal: Terminal, folder: string): Promise<string> {
  const found: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (!/\.xml$/i.test(name)) continue;
    const bytes = await readGiven(join(folder, name));
    if (isComposition(bytes)) found.push(name);
  }
  if (found.length === 1) return join(folder, found[0]!);
  const none = terminal.words('这里没有播放列表（CPL）', 'there is no composition here');
  const many = terminal.words('请指定其中一个', 'name one of these');
  const reason = found.length === 0 ? none : `${many}: ${found.join(' ')}`;
  throw new CommandFault(`${folder}: ${reason}`, EXIT.misused);
}

/** What a composition name by the naming convention gives to the name of a key file. */
export function nameParts(title: string) {
  const fields = title.split('_');
  const full = fields.length >= 12;
  const word = (index: number, fallback: string) => (full ? fields[index]! : fallback);
  return {
    title: fields[0] ?? title,
    contentType: word(1, 'FTR').split('-')[0]!,
    language: word(3, 'XX-XX'),
    audio: word(5, '51').split('-')[0]!,
    facility: word(9, 'ZZZ'),
    packageType: word(11, 'OV'),
    territory: word(4, 'INT').split('-')[0]!,
  };
}
