// Mutated hash lists against every reader of them: no exception, no hang and no growth of memory.
// Seeds are whatever manifests, chains and lists of version 1 are given, and two of our own.
// `node bench/mhl-mutations.mjs [--count N] [--seconds S] [--seed N] [FILE …]`.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { memorySource } from '../packages/core/dist/index.js';
import { readChain, readManifest1, readWholeManifest } from '../packages/mhl/dist/index.js';
import {
  MUTATION_OPTIONS,
  mutationNumbers,
  tellMutations,
  tryMutations,
} from './support/mutations.mjs';

const SEED_BYTES_MAX = 40_000;
const READERS = [readWholeManifest, readManifest1, readChain];
const OWN = [
  '<hashlist version="1.1"><hash><file>a</file><size>1</size><md5>00</md5></hash></hashlist>',
  '<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="1">' +
    '<path>a.mhl</path><c4>c41</c4></hashlist></ascmhldirectory>',
].map((text) => ({ name: 'own', bytes: new TextEncoder().encode(text) }));

const { values, positionals } = parseArgs({ allowPositionals: true, options: MUTATION_OPTIONS });
const given = positionals.map((name) => ({ name, bytes: new Uint8Array(readFileSync(name)) }));
const seeds = [...OWN, ...given.filter(({ bytes }) => bytes.length <= SEED_BYTES_MAX)];
const read = async (bytes) => {
  let isSound = false;
  for (const reader of READERS) {
    const { findings } = await reader(memorySource(bytes));
    if (!Array.isArray(findings)) throw new Error('no findings');
    isSound ||= findings.every(({ severity }) => severity !== 'error');
  }
  return isSound;
};
const numbers = mutationNumbers(values);
const log = (line) => console.log(line);
tellMutations(await tryMutations({ name: 'mhl', seeds, read, log, ...numbers }), numbers.seed);
