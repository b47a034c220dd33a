// Mutated documents, track files, certificates and key messages against their readers: no
// exception, no hang and no growth of memory. Seeds are a small package, a chain and a key message
// of our own, and whatever files are given.
// `node bench/package-mutations.mjs [--count N] [--seconds S] [--seed N] [--kind K] [FILE …]`.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  makeChain,
  readCertificate,
  readCertificates,
  writePem,
} from '@yinglian/certificates';
import { memorySource, uuidFromRandom } from '@yinglian/core';
import {
  buildPackage,
  channelLayout,
  openTrackFile,
  readAnyCues,
  readAssetMap,
  readComposition,
  readFrame,
  readPackingList,
  readTimedText,
  TrackFileScanner,
} from '@yinglian/dcp';
import { readFacilityList } from '@yinglian/facility';
import {
  createFileSink,
  folderReader,
  generateRsaKey,
  nodeCryptography,
  seededRandomBytes,
} from '@yinglian/host';
import { readImfComposition, readImfPackingList } from '@yinglian/imf';
import { createEncoder } from '@yinglian/jpeg2000';
import { issueKdms, kdmIssuer, openKdm } from '@yinglian/kdm';
import { readLogReport } from '@yinglian/playlog';
import { readXml } from '@yinglian/xml';
import {
  MUTATION_OPTIONS,
  mutationNumbers,
  tellMutations,
  tryMutations,
} from './support/mutations.mjs';

/** Files longer than this would make a run of the same length see far fewer mutations. */
const SEED_BYTES_MAX = 60_000;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22);
const PIECE_BYTES = 5000;
/** Real packets begin every so often; the filler between them would only waste mutations. */
const FILLER_BYTES = 15_000;

const random = seededRandomBytes('mutations');
const encode = (text) => new TextEncoder().encode(text);

async function ownPackage() {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-mutations-'));
  try {
    const encoder = await createEncoder();
    const plane = new Uint16Array(1998 * 1080).fill(2000);
    const image = { width: 1998, height: 1080, bitDepth: 12, components: [plane, plane, plane] };
    const frameRate = { numerator: 24n, denominator: 1n };
    const { codestream } = encoder.encodeCinema(image, { resolution: '2k', frameRate });
    const reel = { picture: { source: 'picture' }, sound: { source: 'sound', language: 'zh' } };
    const plan = {
      title: 'Mutations_TST_F_ZH-XX_CN_51_2K_YL_20261122_YL_SMPTE_OV',
      issueDate: '2026-11-22T20:46:31+00:00',
      issuer: 'bench',
      creator: 'bench',
      contentKind: { value: 'test' },
      editRate: { numerator: 24, denominator: 1 },
      reels: [reel],
    };
    const sources = {
      picture: { kind: 'codestreams', frames: () => Array.from({ length: 3 }, () => codestream) },
      sound: {
        kind: 'pcm',
        samples: () => Array.from({ length: 3 }, () => new Uint8Array(36_000)),
        samplingRateHz: 48_000,
        channelCount: 6,
        layout: channelLayout('51'),
      },
    };
    const create = (path) => createFileSink(join(folder, path), { durable: false });
    const ports = { cryptography: nodeCryptography, random };
    const built = await buildPackage(plan, sources, { ...folderReader(folder), create }, ports);
    if (!built.ok) throw new Error(built.findings.map(({ code }) => code).join());
    return readdirSync(folder).map((name) => read(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ownKeys() {
  const [root, intermediate, leaf] = await Promise.all([1, 2, 3].map(() => generateRsaKey()));
  const request = {
    organization: 'bench.example',
    organizationUnit: 'bench.example',
    notBefore: NOW - 1000 * HOUR,
    notAfter: NOW + 90_000 * HOUR,
  };
  const serials = { root: 1n, intermediate: 2n, leaf: 3n };
  const chainOf = async (name, roles) => {
    const keys = { root, intermediate, leaf };
    const made = await makeChain({ ...request, serials, name, roles }, keys, nodeCryptography);
    return made.value;
  };
  const [signer, device] = [
    await chainOf('signer', ['CS']),
    await chainOf('maker.model.1', ['SM', 'MIC']),
  ];
  const batch = {
    cplId: uuidFromRandom(random(16)),
    contentTitle: 'Mutations_TST_F_ZH-XX_CN_51_2K_YL_20261122_YL_SMPTE_OV',
    standard: 'smpte',
    keys: [{ keyId: uuidFromRandom(random(16)), keyType: 'MDIK', key: random(16) }],
    signer: { chain: signer, privateKey: leaf.privateKey },
    issueDate: { instant: NOW, offsetMinutes: 480 },
  };
  const issuer = await kdmIssuer(batch, nodeCryptography, random);
  const window = {
    notBefore: { instant: NOW, offsetMinutes: 480 },
    notAfter: { instant: NOW + 240 * HOUR, offsetMinutes: 480 },
  };
  const recipient = { chain: device, window, formulation: 'modified-transitional-1' };
  const messages = [];
  for await (const { outcome } of issueKdms(issuer.value, [recipient], 1)) {
    messages.push({ name: 'own message', bytes: outcome.value.bytes });
  }
  const pem = encode(signer.map(({ der }) => writePem('CERTIFICATE', der)).join(''));
  const certificates = signer.map(({ der }) => ({ name: 'own certificate', bytes: der }));
  certificates.push({ name: 'own bundle', bytes: pem });
  return { messages, certificates, privateKey: leaf.privateKey };
}

const read = (path) => ({ name: basename(path), bytes: new Uint8Array(readFileSync(path)) });

/** Which readers a file is for, by its first bytes. */
function kindOf({ name, bytes }) {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
  if (head.startsWith('\x06\x0e\x2b\x34')) return 'track file';
  if (/DCinemaSecurityMessage/.test(head) && !/FacilityInfo/.test(head)) return 'key message';
  if (/^(?:\xef\xbb\xbf)?\s*</.test(head)) return 'document';
  return /\.(?:pem|der|crt|cer|p7b)$/i.test(name) ? 'certificate' : 'other';
}

/** Without the filler in its middle, where there is so much. */
function dense({ name, bytes }) {
  if (bytes.length <= FILLER_BYTES + 6000) return { name, bytes };
  const short = new Uint8Array(bytes.length - FILLER_BYTES + 5000);
  short.set(bytes.subarray(0, 6000));
  short.set(bytes.subarray(FILLER_BYTES + 1000), 6000);
  return { name: `${name}, dense`, bytes: short };
}

const told = (outcome) => {
  if (!Array.isArray(outcome.findings)) throw new Error('no findings');
  return outcome.ok;
};

const DOCUMENT_READERS = [
  (bytes) => readXml(bytes),
  (bytes) => readAssetMap(bytes, 'x'),
  (bytes) => readPackingList(bytes, 'x'),
  (bytes) => readComposition(bytes, 'x'),
  (bytes) => readTimedText(bytes, 'x'),
  (bytes) => readAnyCues(bytes, 'x'),
  (bytes) => readImfComposition(bytes, 'x'),
  (bytes) => readImfPackingList(bytes, 'x'),
  (bytes) => readFacilityList(bytes, nodeCryptography),
  (bytes) => readLogReport(bytes),
];

async function readTrackFile(bytes) {
  const opened = await openTrackFile(memorySource(bytes));
  if (opened.ok) told(await readFrame(opened.value, 0));
  const scanner = new TrackFileScanner(() => undefined);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    scanner.push(bytes.subarray(at, at + PIECE_BYTES));
  }
  scanner.finish();
  return told(opened);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...MUTATION_OPTIONS, kind: { type: 'string' } },
});
const { messages, certificates, privateKey } = await ownKeys();
const files = [...(await ownPackage()), ...positionals.map(read)];
const seedsOf = (kind, own = []) =>
  [...own, ...files.filter((each) => kindOf(each) === kind)].filter(
    ({ bytes }) => bytes.length <= SEED_BYTES_MAX,
  );
const trackFiles = seedsOf('track file');
const RUNS = [
  {
    name: 'document',
    seeds: seedsOf('document'),
    read: (bytes) => DOCUMENT_READERS.map((reader) => told(reader(bytes))).some(Boolean),
  },
  {
    name: 'track file',
    seeds: [...trackFiles, ...trackFiles.map(dense)],
    read: readTrackFile,
  },
  {
    name: 'certificate',
    seeds: seedsOf('certificate', certificates),
    read: (bytes) => [readCertificates(bytes), readCertificate(bytes)].map(told).some(Boolean),
  },
  {
    name: 'key message',
    seeds: seedsOf('key message', messages),
    read: (bytes) => told(openKdm(bytes, privateKey, {}, nodeCryptography)),
  },
];
for (const run of RUNS.filter(({ name }) => [undefined, name].includes(values.kind))) {
  const numbers = mutationNumbers(values);
  const log = (line) => console.log(line);
  tellMutations(await tryMutations({ ...run, log, ...numbers }), numbers.seed);
}
