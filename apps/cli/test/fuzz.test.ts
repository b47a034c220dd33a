import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { orderChain, readBundle, readCertificates } from '@yinglian/certificates';
import { memorySource, ratio } from '@yinglian/core';
import {
  openTrackFile,
  openWave,
  parseTriplet,
  readAnyCues,
  readAssetMap,
  readCodestreamHead,
  readComposition,
  readFrame,
  readPackingList,
  readTimedText,
} from '@yinglian/dcp';
import { checkFacility, readFacilityList } from '@yinglian/facility';
import { nodeCryptography, readArchive, readPrivateKey } from '@yinglian/host';
import {
  checkImfComposition,
  readImfComposition,
  readImfPackingList,
  readOutputProfile,
} from '@yinglian/imf';
import { checkCinema } from '@yinglian/jpeg2000';
import { checkKdm } from '@yinglian/kdm';
import { checkLog, playbacksOf, readLogReport, readPlaybackTable } from '@yinglian/playlog';
import { readXml } from '@yinglian/xml';

/*
 * Mutated inputs for every reader of foreign bytes: nothing throws, nothing hangs. A handful of
 * seconds here; YINGLIAN_FUZZ_RUNS=1000000 makes as many inputs for each reader and prints what it
 * cost.
 */
const RUNS = Number(process.env['YINGLIAN_FUZZ_RUNS'] ?? 60);
const SEED = Number(process.env['YINGLIAN_FUZZ_SEED'] ?? 20_261_123);
/**
 * One input that takes longer is as good as a hang: a thousand times the usual. Time of the
 * processor, not of the clock, so that a busy or a sleeping machine is no fault of a reader.
 */
const HANG_MS = 20_000;
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
/** Long runs tell how far they are, so that one that is stopped is worth what it did. */
const PROGRESS_INPUTS = 100_000;
/** Small inputs reach the same code sooner, and a mutation of one is seldom lost in filler. */
const SAMPLE_BYTES_MAX = 32 * 1024;

const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '../../../../shared/fixtures/dcp');
const HAS = existsSync(FIXTURES);
if (!HAS) console.log('skipped: the fixtures are not beside the checkout');

/** xorshift32: the same seed gives the same inputs. */
function generator(seed: number) {
  let state = seed | 1;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
type Next = ReturnType<typeof generator>;

const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const WORDS = [
  '<',
  '>',
  '&#x10FFFF;',
  '<!DOCTYPE a [',
  ']]>',
  '999999999999',
  '-1',
  '\u0000',
  'NaN',
];

/** One to six changes: bits, bytes, numbers, words, pieces moved, doubled or cut out. */
function mutated(base: Uint8Array, other: Uint8Array, next: Next): Uint8Array {
  let bytes = base.slice();
  for (let changes = 1 + next(6); changes > 0 && bytes.length > 8; changes--) {
    const at = next(bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    switch (next(9)) {
      case 0:
        bytes[at] = bytes[at]! ^ (1 << next(8));
        break;
      case 1:
        bytes[at] = next(256);
        break;
      case 2:
        view.setUint32(
          Math.min(at, bytes.length - 4),
          NUMBERS[next(NUMBERS.length)]!,
          next(2) === 0,
        );
        break;
      case 3:
        bytes.set(
          new TextEncoder().encode(WORDS[next(WORDS.length)]!).subarray(0, bytes.length - at),
          at,
        );
        break;
      case 4:
        bytes.copyWithin(at, next(bytes.length), next(bytes.length));
        break;
      case 5:
        bytes = bytes.slice(0, next(bytes.length));
        break;
      case 6: {
        const from = next(other.length);
        const piece = other.subarray(from, from + next(200));
        bytes.set(piece.subarray(0, bytes.length - at), at);
        break;
      }
      case 7: {
        const end = Math.min(bytes.length, at + 1 + next(64));
        const joined = new Uint8Array(bytes.length + end - at);
        joined.set(bytes.subarray(0, end));
        joined.set(bytes.subarray(at), end);
        bytes = joined;
        break;
      }
      default: {
        const end = Math.min(bytes.length, at + 1 + next(64));
        const joined = new Uint8Array(bytes.length - (end - at));
        joined.set(bytes.subarray(0, at));
        joined.set(bytes.subarray(end), at);
        bytes = joined;
      }
    }
  }
  return bytes;
}

/** Certificates and ciphers are most of a signed document, and no reader looks into their text. */
const LONG_BASE64 = />([A-Za-z0-9+/=\s]{80})[A-Za-z0-9+/=\s]{200,}</g;

function lean(documents: readonly Uint8Array[]): Uint8Array[] {
  return documents.map((each) =>
    new TextEncoder().encode(new TextDecoder().decode(each).replace(LONG_BASE64, '>$1<')),
  );
}

function samples(folder: string, names: RegExp, most = 12): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const name of readdirSync(join(FIXTURES, folder), {
    recursive: true,
    encoding: 'utf8',
  }).sort()) {
    const path = join(FIXTURES, folder, name);
    if (found.length >= most || !names.test(name)) continue;
    const { size } = statSync(path);
    if (size > 0 && size <= SAMPLE_BYTES_MAX) found.push(new Uint8Array(readFileSync(path)));
  }
  return found;
}

type Target = {
  readonly name: string;
  readonly samples: () => Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
  /** Opening keys and following chains costs a hundred times a parse. */
  readonly share?: number;
};

const cpls = () =>
  lean(samples('generated/dcp', /cpl.*\.xml$/i).concat(samples('node-cpl', /\.xml$/, 4)));
const xml = (name: RegExp) => () => lean(samples('photon/TestIMP', name));
const TARGETS: readonly Target[] = [
  { name: 'XML', samples: cpls, read: readXml },
  { name: 'CPL', samples: cpls, read: (bytes) => readComposition(bytes, 'a') },
  {
    name: 'PKL',
    samples: () => lean(samples('generated/dcp', /pkl.*\.xml$/i)),
    read: (bytes) => readPackingList(bytes, 'a'),
  },
  {
    name: 'ASSETMAP',
    samples: () => samples('generated/dcp', /ASSETMAP/),
    read: (bytes) => readAssetMap(bytes, 'a'),
  },
  {
    name: 'timed text',
    samples: () => samples('libdcp/data', /subs.*\.xml$/),
    read: (bytes) => [readTimedText(bytes, 'a'), readAnyCues(bytes, 'a')],
  },
  {
    name: 'KDM',
    samples: () => samples('generated/kdm', /\.xml$/),
    read: (bytes) => checkKdm(bytes, { at: 0 }, nodeCryptography),
    share: 0.1,
  },
  {
    // A certificate cut short is refused at once, so that a million reach the rest of a message.
    name: 'lean KDM',
    samples: () => lean(samples('generated/kdm', /\.xml$/)),
    read: (bytes) => checkKdm(bytes, { at: 0 }, nodeCryptography),
  },
  {
    name: 'certificate',
    samples: () => samples('generated', /\.pem$/),
    read: (bytes) => chainOf(bytes),
    share: 0.5,
  },
  {
    name: 'private key',
    samples: () => samples('generated/chains', /\.key$/),
    read: (bytes) => readPrivateKey(bytes),
  },
  {
    name: 'facility list',
    samples: () => samples('generated/flm', /\.xml$/),
    read: facilityOf,
    share: 0.1,
  },
  {
    name: 'lean facility list',
    samples: () => lean(samples('generated/flm', /\.xml$/)),
    read: facilityOf,
  },
  { name: 'IMF composition', samples: xml(/CPL[^/]*\.xml$/), read: imfOf },
  {
    name: 'IMF lists',
    samples: xml(/(?:PKL|OPL)[^/]*\.xml$/),
    read: (bytes) => [readImfPackingList(bytes, 'a'), readOutputProfile(bytes, 'a')],
  },
  {
    name: 'track file',
    samples: () => samples('', /\.mxf(?:\.hdr)?$/, 16),
    read: trackOf,
    share: 0.3,
  },
  {
    name: 'codestream',
    samples: () => samples('generated/j2k', /gb1.*\.j2c$/).concat(samples('libdcp/data', /\.j2c$/)),
    read: codestreamOf,
  },
  { name: 'encrypted triplet', samples: () => samples('libdcp', /\.mxf$/, 2), read: parseTriplet },
  {
    name: 'sound file',
    samples: () => [soundSample()],
    read: (bytes) => openWave(memorySource(bytes), 'a'),
  },
  {
    name: 'archive',
    samples: () => [archiveSample()],
    read: (bytes) => readArchive(bytes, { bytes: 1 << 22 }),
  },
  { name: 'playback log', samples: () => [logSample()], read: logOf },
  {
    name: 'playback table',
    samples: () => [
      new TextEncoder().encode('cpl,start,end\n,2026-12-01 19:00,2026-12-01 21:00\n'),
    ],
    read: (bytes) => readPlaybackTable(bytes, 'a', { offsetMinutes: 480 }),
  },
];

function chainOf(bytes: Uint8Array) {
  const read = readCertificates(bytes);
  readBundle([{ path: 'a.pem', bytes }], nodeCryptography);
  return read.ok ? orderChain(read.value, nodeCryptography) : read;
}

function facilityOf(bytes: Uint8Array) {
  const read = readFacilityList(bytes, nodeCryptography);
  return read.ok ? checkFacility(read.value, { at: 0 }, nodeCryptography) : read;
}

function imfOf(bytes: Uint8Array) {
  const read = readImfComposition(bytes, 'a');
  return read.ok ? checkImfComposition(read.value.model, 'a') : read;
}

async function trackOf(bytes: Uint8Array) {
  const opened = await openTrackFile(memorySource(bytes));
  if (!opened.ok || opened.value.frameCount === 0) return;
  await readFrame(opened.value, 0);
  await readFrame(opened.value, opened.value.frameCount - 1);
}

function codestreamOf(bytes: Uint8Array) {
  readCodestreamHead(bytes);
  checkCinema(bytes, { resolution: '2k', frameRate: ratio(24n) });
}

function logOf(bytes: Uint8Array) {
  const read = readLogReport(bytes);
  if (!read.ok) return;
  playbacksOf(read.value, checkLog(read.value, {}, nodeCryptography).proof);
}

function soundSample(): Uint8Array {
  const bytes = Buffer.alloc(344);
  bytes.write(
    'RIFF\x50\x01\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\x65\x04\0\x06\0\x18\0data',
    0,
    'latin1',
  );
  bytes.writeUInt32LE(300, 40);
  return new Uint8Array(bytes);
}

function archiveSample(): Uint8Array {
  const bytes = Buffer.alloc(2048);
  bytes.write('a/b.pem', 0);
  bytes.write('00000000010\0', 124);
  bytes.write('        0', 148);
  let sum = 0;
  for (let i = 0; i < 512; i++) sum += bytes[i]!;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  bytes.write('eight...', 512);
  return new Uint8Array(bytes);
}

function logSample(): Uint8Array {
  const record = (n: number) =>
    `<LogRecordElement><LogRecordHeader><EventID>urn:uuid:00000000-0000-4000-8000-00000000000${n}` +
    '</EventID><TimeStamp>2026-12-01T10:00:00+08:00</TimeStamp><EventSequence>1</EventSequence>' +
    '<DeviceSourceID><PrimaryID idtype="CertThumbprint">x</PrimaryID></DeviceSourceID>' +
    '<EventType>Playout</EventType><previousHeaderHash>AAAAAAAAAAAAAAAAAAAAAAAAAAA=' +
    '</previousHeaderHash><recordBodyHash>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</recordBodyHash>' +
    '</LogRecordHeader><LogRecordBody><EventSubType>FrameSequencePlayed</EventSubType><Parameters>' +
    '<Parameter><Name>FirstFrame</Name><Value>0</Value></Parameter></Parameters></LogRecordBody>' +
    '<LogRecordSignature><SequenceLength>1</SequenceLength><RecordAuthData Id="a"/>' +
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></LogRecordSignature></LogRecordElement>';
  return new TextEncoder().encode(
    '<LogReport xmlns="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/"><reportDate>' +
      `2026-12-02T00:00:00+08:00</reportDate>${[1, 2, 3].map(record).join('')}</LogReport>`,
  );
}

describe.skipIf(!HAS)('mutated inputs', () => {
  it.each(TARGETS)(
    '$name neither throws nor hangs',
    { timeout: 24 * 3_600_000 },
    async (target) => {
      const bases = target.samples();
      expect(bases.length).toBeGreaterThan(0);
      const next = generator(SEED);
      const runs = Math.max(20, Math.round(RUNS * (target.share ?? 1)));
      const begun = performance.now();
      let slowest = 0;
      const say = (inputs: number) => {
        if (RUNS < 1000) return;
        const took = ((performance.now() - begun) / 1000).toFixed(1);
        const memory = Math.round(process.memoryUsage().rss / 1_048_576);
        process.stderr.write(
          `${target.name}: ${inputs} inputs, ${took} s, ` +
            `slowest ${slowest.toFixed(1)} ms, ${memory} MiB\n`,
        );
      };
      for (let index = 0; index < runs; index++) {
        const base = bases[index % bases.length]!;
        const bytes = mutated(base, bases[next(bases.length)]!, next);
        const from = cpuMs();
        try {
          const read = target.read(bytes);
          if (read instanceof Promise) await read;
        } catch (error) {
          const shown = Buffer.from(bytes.subarray(0, 4096)).toString('base64');
          throw new Error(`input ${index} of seed ${SEED}: ${shown}`, { cause: error });
        }
        slowest = Math.max(slowest, cpuMs() - from);
        if (index % PROGRESS_INPUTS === PROGRESS_INPUTS - 1) say(index + 1);
      }
      expect(slowest).toBeLessThan(HANG_MS);
      say(runs);
    },
  );
});
