import { neededKeys, readComposition } from '@yinglian/dcp';
import { readGiven } from '../kernel/files.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { taken } from './given.ts';

/** A composition in a file, with the keys it needs. */
export async function givenComposition(terminal: Terminal, path: string) {
  const { model } = taken(terminal, readComposition(await readGiven(path), path));
  return { id: model.id, title: model.title, standard: model.standard, keys: neededKeys(model) };
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
