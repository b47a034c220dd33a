import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type ByteSource,
  type FolderReader,
  formatInstant,
  refused,
  type Uuid,
} from '@yinglian/core';
import {
  channelWeights,
  FrameFault,
  kindOfMediaType,
  LoudnessMeter,
  openTrackFile,
  openWave,
  plainFrames,
  programmeChannels,
  readResources,
  rewrapPackage,
  type TrackFile,
  unwrapTrackFile,
  usualChannels,
  type VerificationReport,
  WAVE_HEAD_BYTES,
  waveHead,
  wavePcm,
} from '@yinglian/dcp';
import {
  createFileSink,
  folderReader,
  folderWriter,
  nodeCryptography,
  openFile,
  randomBytes,
} from '@yinglian/host';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { sayLoudness } from './dcp-build.ts';
import {
  givenKeys,
  givenSigner,
  type KeyOptions,
  type SignerOptions,
  taken,
  writeKeyFile,
} from './given.ts';

/** `yinglian dcp encrypt|decrypt|unwrap|loudness`: what is inside track files. */
export function registerDcpEssence(dcp: Command, environment: Environment): void {
  const keyed = (command: Command) =>
    command
      .option('--keys <file>', 'content keys, from `dcp build` or `kdm open`')
      .option('--kdm <file...>', 'key messages, instead of --keys')
      .option('--kdm-key <file>', 'private key that opens them');
  keyed(
    dcp
      .command('encrypt <folder> <out>')
      .description('write a package anew, every track file encrypted 加密发行包')
      .requiredOption('--signer <pem...>', 'chain that signs CPL and PKL')
      .requiredOption('--signer-key <file>', 'its private key')
      .requiredOption('--keys-out <file>', 'where the content keys go')
      .option('--issuer <text>', 'who issues', 'Yinglian'),
  ).action((folder: string, out: string, options: RewrapCommand) =>
    rewrap(environment, folder, out, options, 'encrypted'),
  );
  keyed(
    dcp
      .command('decrypt <folder> <out>')
      .description('write a package anew, every track file plain 解密发行包')
      .option('--signer <pem...>', 'chain that signs CPL and PKL')
      .option('--signer-key <file>', 'its private key')
      .option('--issuer <text>', 'who issues', 'Yinglian'),
  ).action((folder: string, out: string, options: RewrapCommand) =>
    rewrap(environment, folder, out, options, 'plain'),
  );
  keyed(
    dcp
      .command('unwrap <mxf> <out>')
      .description('take the essence out of a track file 解封 MXF')
      .option('--from <frame>', 'first frame', '0')
      .option('--count <frames>', 'how many; all unless told')
      .option('--stream', 'one file instead of one for each frame; sound is always one'),
  ).action((file: string, out: string, options: UnwrapCommand) =>
    unwrap(environment, file, out, options),
  );
  keyed(
    dcp
      .command('loudness <file...>')
      .description('LUFS, LU, true peak and Leq(m) of WAVE and sound track files 响度'),
  ).action((files: string[], options: KeyOptions) => loudness(environment, files, options));
}

type RewrapCommand = SignerOptions &
  KeyOptions & { readonly keysOut?: string; readonly issuer: string };

async function rewrap(
  environment: Environment,
  from: string,
  out: string,
  options: RewrapCommand,
  to: 'encrypted' | 'plain',
) {
  const terminal = environment.terminal();
  const target = resolve(out);
  await mkdir(target, { recursive: true });
  const writable = { ...folderReader(target), ...folderWriter(target) };
  if ((await writable.list()).length > 0) {
    throw new CommandFault(
      terminal.words(`${out} 不是空文件夹`, `${out} is not empty`),
      EXIT.misused,
    );
  }
  const signer = await givenSigner(terminal, options);
  const progress = terminal.progress(
    to === 'encrypted' ? terminal.words('加密', 'encrypt') : terminal.words('解密', 'decrypt'),
  );
  const outcome = await rewrapPackage(
    folderReader(resolve(from)),
    writable,
    {
      cryptography: nodeCryptography,
      random: randomBytes,
      ...(signer === undefined ? {} : { signer }),
    },
    {
      to,
      keys: await givenKeys(terminal, options),
      issueDate: formatInstant(Math.floor(Date.now() / 1000) * 1000).replace(/Z$/, '+00:00'),
      issuer: options.issuer,
      creator: 'Yinglian',
      signal: terminal.signal,
      onProgress: ({ done, total, file }) =>
        progress.update(total === undefined ? undefined : done / total, file),
    },
  ).finally(() => progress.done());
  const { compositions, files, keys } = taken(terminal, outcome);
  if (options.keysOut !== undefined) {
    const { id, title, standard } = compositions[0]!;
    const several = compositions.map((each) => ({ id: each.id, title: each.title }));
    const about = { compositionId: id, title, standard };
    const all = several.length > 1 ? { ...about, compositions: several } : about;
    await writeKeyFile(options.keysOut, all, keys);
  }
  terminal.answer({
    folder: target,
    compositions: compositions.map(({ id, title }) => ({ id, title })),
    files: files.map(({ path, sizeBytes, hash }) => ({ path, sizeBytes, hash })),
    keys: keys.map(({ keyId, type, assetId }) => ({ keyId, type, assetId })),
    findings: outcome.findings,
  });
  for (const { id, title } of compositions) terminal.say(`${title}  ${id}`);
  sayFindings(terminal, outcome.findings, ALL_TEXTS);
}

type UnwrapCommand = KeyOptions & {
  readonly from: string;
  readonly count?: string;
  readonly stream?: boolean;
};

/** The key of a track file; undefined where it is plain. */
function keyOf(file: TrackFile, keys: ReadonlyMap<Uuid, Uint8Array>): Uint8Array | undefined {
  const id = file.info.encryption?.keyId;
  return id === undefined ? undefined : keys.get(id);
}

async function unwrap(environment: Environment, path: string, out: string, options: UnwrapCommand) {
  const source = await openFile(resolve(path));
  try {
    await unwrapFrom(environment, source, path, out, options);
  } finally {
    await source.close?.();
  }
}

async function unwrapFrom(
  environment: Environment,
  source: ByteSource,
  path: string,
  out: string,
  options: UnwrapCommand,
) {
  const terminal = environment.terminal();
  const file = taken(terminal, await openTrackFile(source), path);
  const key = keyOf(file, await givenKeys(terminal, options));
  const [from, count] = [Number(options.from), Number(options.count ?? file.frameCount)];
  if (!Number.isInteger(from) || !Number.isInteger(count) || from < 0 || count < 0) {
    throw new CommandFault('--from, --count', EXIT.misused);
  }
  const reading = {
    from,
    count,
    cryptography: nodeCryptography,
    signal: terminal.signal,
    ...(key === undefined ? {} : { key }),
  };
  const folder = resolve(out);
  const { essence, sound } = file.info;
  let elements: number;
  if (essence === 'pcm') {
    elements = await unwrapSound(file, folder, reading);
  } else if (options.stream === true) {
    const sink = await createFileSink(folder);
    elements = taken(
      terminal,
      await unwrapTrackFile(file, { kind: 'stream', sink }, reading),
    ).elements;
    await sink.close();
  } else {
    const create = (name: string) => createFileSink(join(folder, name), { durable: false });
    const target = { kind: 'frames' as const, create };
    elements = taken(terminal, await unwrapTrackFile(file, target, reading)).elements;
    if (essence === 'timed_text') await unwrapResources(terminal, file, folder, key);
  }
  terminal.answer({ essence, elements, out: folder, sound, findings: [] });
  terminal.say(terminal.words(`${essence}：${elements} 个`, `${essence}: ${elements} elements`));
}

/** Sound as WAVE: 24 bits, as it lay in the file. */
async function unwrapSound(
  file: TrackFile,
  path: string,
  reading: Parameters<typeof plainFrames>[1],
): Promise<number> {
  const { channelCount, samplingRate, bits } = file.info.sound!;
  const rate =
    samplingRate === undefined ? 48_000 : samplingRate.numerator / samplingRate.denominator;
  const sink = await createFileSink(/\.wav$/i.test(path) ? path : `${path}.wav`);
  await sink.write(new Uint8Array(WAVE_HEAD_BYTES));
  let [bytes, elements] = [0, 0];
  try {
    for await (const frame of plainFrames(file, reading)) {
      await sink.write(frame);
      bytes += frame.length;
      elements++;
    }
    const about = { channelCount, samplingRateHz: rate, bits, dataBytes: bytes };
    await sink.patch(0, waveHead(about));
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return elements;
}

async function unwrapResources(
  terminal: Terminal,
  file: TrackFile,
  folder: string,
  key: Uint8Array | undefined,
): Promise<void> {
  const options = { cryptography: nodeCryptography, ...(key === undefined ? {} : { key }) };
  const resources = taken(terminal, await readResources(file, options));
  for (const { id, mediaType, bytes } of resources) {
    const kind = kindOfMediaType(mediaType);
    const extension = kind === 'png' ? 'png' : kind === 'font' ? 'ttf' : 'bin';
    const sink = await createFileSink(join(folder, `${id}.${extension}`));
    await sink.write(bytes);
    await sink.close();
  }
}

async function loudness(environment: Environment, paths: readonly string[], options: KeyOptions) {
  const terminal = environment.terminal();
  const keys = await givenKeys(terminal, options);
  const shown = [];
  for (const path of paths) {
    const source = await openFile(resolve(path));
    try {
      const meter = /\.mxf$/i.test(path)
        ? await trackLoudness(terminal, source, keys, path)
        : await waveLoudness(terminal, source, path);
      if (meter === undefined) {
        const reason = terminal.words('没有声音', 'no sound');
        throw new CommandFault(`${path}: ${reason}`, EXIT.faulty);
      }
      const result = meter.result();
      shown.push({ file: path, ...result });
      terminal.say(path);
      sayLoudness(terminal, result);
    } finally {
      await source.close?.();
    }
  }
  terminal.answer({ files: shown, findings: [] });
}

async function waveLoudness(terminal: Terminal, source: ByteSource, path: string) {
  const wave = taken(terminal, await openWave(source, path));
  const meter = new LoudnessMeter(
    wave.samplingRateHz,
    channelWeights(usualChannels(wave.channelCount)),
  );
  const progress = terminal.progress(path);
  try {
    for await (const piece of wavePcm(wave)) {
      terminal.signal.throwIfAborted();
      meter.add(piece);
    }
  } finally {
    progress.done();
  }
  return meter;
}

/** Undefined for a file that holds no sound. */
async function trackLoudness(
  terminal: Terminal,
  source: ByteSource,
  keys: ReadonlyMap<Uuid, Uint8Array>,
  path: string,
): Promise<LoudnessMeter | undefined> {
  const track = await openTrackFile(source);
  if (!track.ok || track.value.info.sound === undefined) return undefined;
  const { sound } = track.value.info;
  const rate = sound.samplingRate ?? { numerator: 48_000, denominator: 1 };
  const meter = new LoudnessMeter(
    rate.numerator / rate.denominator,
    channelWeights(programmeChannels(sound)),
  );
  const key = keyOf(track.value, keys);
  const reading = { cryptography: nodeCryptography, ...(key === undefined ? {} : { key }) };
  const progress = terminal.progress(path);
  let done = 0;
  try {
    for await (const frame of plainFrames(track.value, reading)) {
      terminal.signal.throwIfAborted();
      meter.add(frame);
      progress.update(++done / track.value.frameCount);
    }
  } catch (error) {
    if (error instanceof FrameFault) taken(terminal, refused(error.finding));
    throw error;
  } finally {
    progress.done();
  }
  return meter;
}

/** Loudness of every sound file of a package that is plain or whose key is there. */
export async function soundOfPackage(
  terminal: Terminal,
  folder: FolderReader,
  report: VerificationReport,
  keys: ReadonlyMap<Uuid, Uint8Array>,
) {
  const measured = [];
  for (const { path, essence, encryption } of report.assets) {
    const closed = encryption !== undefined && !keys.has(encryption.keyId ?? '');
    const source = essence === 'pcm' && !closed ? await folder.open(path) : undefined;
    if (source === undefined) continue;
    try {
      const meter = await trackLoudness(terminal, source, keys, path);
      if (meter !== undefined) measured.push({ path, loudness: meter.result() });
    } finally {
      await source.close?.();
    }
  }
  return measured;
}
