import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { deviceName, leavesForKeys } from '@yinglian/certificates';
import { finding, type Finding, type Uuid } from '@yinglian/core';
import { checkFacility, readFacilityList, suiteKeys } from '@yinglian/facility';
import { nodeCryptography, randomBytes } from '@yinglian/host';
import {
  CertificateMemory,
  cinemaWindow,
  type ForensicMarking,
  type Formulation,
  FORMULATIONS,
  isSameMessage,
  isTimeZone,
  issueKdms,
  type KdmBatch,
  kdmFileName,
  kdmIssuer,
  kdmMail,
  type KdmRecipient,
  type KdmWindow,
  kdmZipName,
  listsDevices,
  readKdm,
  timeInZone,
  writeZip,
  type ZipEntry,
} from '@yinglian/kdm';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { nameParts } from './composition.ts';
import {
  givenBundle,
  givenCertificates,
  givenFiles,
  givenSigner,
  type SignerOptions,
  taken,
} from './given.ts';
import { type Content, type ContentOptions, givenContent } from './kdm-content.ts';

const ZONE = 'Asia/Shanghai';

/** `yinglian kdm make`: messages for devices and whole facilities, in one command. */
export function registerKdmMake(kdm: Command, environment: Environment): void {
  kdm
    .command('make')
    .description('make key messages for devices and facilities 制作密钥')
    .option('--keys <file...>', 'content keys, from `dcp build` or `kdm open`')
    .option('--dkdm <file...>', 'key messages made out to us, instead of --keys or beside them')
    .option('--dkdm-key <file>', 'our private key that opens it')
    .option('--cpl <file>', 'the composition: a version takes keys of its original too')
    .requiredOption('--signer <pem...>', 'chain of the signer')
    .requiredOption('--signer-key <file>', 'its private key')
    .option('--to <source...>', 'devices: certificates in files, folders, ZIP and TAR')
    .option('--facility <file...>', 'facility lists: one message for each suite')
    .requiredOption('--from <local>', 'opens, on the clocks of the cinema: 2026-12-01T10:00')
    .requiredOption('--until <local>', 'closes')
    .option('--time-zone <name>', 'clocks of the cinema where no facility list tells', ZONE)
    .option('--formulation <name>', FORMULATIONS.join(', '), 'modified-transitional-1')
    .option('--authenticator <thumbprint>', 'ContentAuthenticator, for the DCI formulations')
    .option('--devices <pem...>', 'devices that are trusted beside the recipient')
    .option('--no-picture-mark', 'switch forensic marking of pictures off')
    .option('--no-sound-mark', 'switch forensic marking of sound off')
    .option('--mark-sound-up-to <channel>', 'mark no channel above this one')
    .option('--root <pem...>', 'roots that devices must come from')
    .option('--whole-chains', 'refuse devices that come without their authorities')
    .option('--zip', 'also one ZIP and one mail for each facility')
    .option('--force', 'make those again whose file is there already')
    .requiredOption('--out <folder>', 'where messages go; what is there already is not made again')
    .action((options: MakeCommand) => make(environment, options));
}

type MakeCommand = SignerOptions &
  ContentOptions & {
    readonly to?: readonly string[];
    readonly facility?: readonly string[];
    readonly from: string;
    readonly until: string;
    readonly timeZone: string;
    readonly formulation: string;
    readonly authenticator?: string;
    readonly devices?: readonly string[];
    readonly pictureMark: boolean;
    readonly soundMark: boolean;
    readonly markSoundUpTo?: string;
    readonly root?: readonly string[];
    readonly wholeChains?: boolean;
    readonly zip?: boolean;
    readonly force?: boolean;
    readonly out: string;
  };

/** A recipient with the file that its message becomes. */
type Target = KdmRecipient & {
  readonly file: string;
  readonly screen: string;
  readonly theatre: string;
  readonly timeZone: string;
};

async function make(environment: Environment, options: MakeCommand) {
  const terminal = environment.terminal();
  if (!FORMULATIONS.includes(options.formulation as Formulation)) {
    throw new CommandFault(`--formulation ${FORMULATIONS.join(' | ')}`, EXIT.misused);
  }
  if (!isTimeZone(options.timeZone)) {
    throw new CommandFault(`--time-zone ${options.timeZone}: Asia/Shanghai ?`, EXIT.misused);
  }
  const content = await givenContent(terminal, options);
  const signer = (await givenSigner(terminal, options))!;
  const roots = options.root && (await givenCertificates(terminal, options.root));
  const batch: KdmBatch = {
    cplId: content.cplId,
    contentTitle: content.title,
    standard: content.standard,
    keys: content.keys,
    ...(content.cplKeyIds === undefined ? {} : { cplKeyIds: content.cplKeyIds }),
    ...(content.cplSigner === undefined ? {} : { cplSigner: content.cplSigner }),
    signer,
    issueDate: timeInZone(Math.floor(Date.now() / 1000) * 1000, options.timeZone),
    forensic: markingOf(options),
    recipientTrust: options.wholeChains === true ? 'chain' : 'leaf',
    memory: new CertificateMemory(),
    ...(options.authenticator === undefined ? {} : { contentAuthenticator: options.authenticator }),
    ...(roots === undefined ? {} : { trustedRoots: roots }),
  };
  const { targets, findings } = await givenTargets(terminal, options, content.title);
  if (targets.length === 0) {
    throw new CommandFault(
      terminal.words('没有收件设备', 'no device to make a message for'),
      EXIT.misused,
    );
  }
  const issuer = taken(terminal, await kdmIssuer(batch, nodeCryptography, randomBytes));
  const made = await issueAll(terminal, issuer, targets, batch, options);
  const zips =
    options.zip === true ? await zipTheatres(terminal, options, targets, content, made) : [];
  const all = [...content.findings, ...findings, ...issuer.findings, ...made.findings];
  terminal.answer({
    folder: resolve(options.out),
    made: made.made,
    kept: made.kept,
    refused: made.refused,
    zips,
    findings: all,
  });
  const [count, kept, refused] = [made.made.length, made.kept, made.refused.length];
  terminal.say(
    terminal.words(
      `制作 ${count} 个，已有 ${kept} 个，拒绝 ${refused} 个`,
      `made ${count}, ${kept} there already, refused ${refused}`,
    ),
  );
  sayFindings(terminal, all, ALL_TEXTS);
  environment.exit(exitFor(all));
}

function markingOf(options: MakeCommand): ForensicMarking {
  const above = options.markSoundUpTo === undefined ? undefined : Number(options.markSoundUpTo);
  if (above !== undefined && !(Number.isInteger(above) && above >= 1 && above <= 99)) {
    throw new CommandFault('--mark-sound-up-to 1…99', EXIT.misused);
  }
  return {
    ...(options.pictureMark ? {} : { picture: 'off' as const }),
    ...(options.soundMark ? {} : { audio: 'off' as const }),
    ...(above === undefined ? {} : { audio: { aboveChannel: above } }),
  };
}

async function givenTargets(
  terminal: Terminal,
  options: MakeCommand,
  title: string,
): Promise<{ targets: Target[]; findings: Finding[] }> {
  const targets: Target[] = [];
  const findings: Finding[] = [];
  const names = new Set<string>();
  const formulation = options.formulation as Formulation;
  const listed = options.devices && (await givenCertificates(terminal, options.devices));
  const add = (
    recipient: Pick<KdmRecipient, 'chain' | 'window'> & Partial<KdmRecipient>,
    about: { serial: string; screen: string; theatre: string; timeZone: string },
  ) => {
    const { notBefore: opens, notAfter: closes } = recipient.window;
    const name = kdmFileName({ ...nameParts(title), serial: about.serial, opens, closes });
    let file = name;
    for (let n = 2; names.has(file); n++) file = name.replace(/\.xml$/, `-${n}.xml`);
    names.add(file);
    const devices = listed === undefined ? {} : { trustedDevices: listed };
    targets.push({ formulation, ...devices, ...recipient, file, ...about });
  };
  if (options.to !== undefined) {
    const given = await givenBundle(terminal, options.to);
    findings.push(...given.findings);
    const window = windowOf(terminal, options, options.timeZone);
    for (const { chain, path, serial } of leavesForKeys(given.bundle.leaves)) {
      const label =
        serial ??
        path
          .split('/')
          .at(-1)!
          .replace(/\.\w+$/, '');
      const about = { serial: label, screen: label, theatre: '', timeZone: options.timeZone };
      add({ chain, window }, about);
    }
  }
  const lists = await givenFiles(terminal, options.facility ?? []);
  findings.push(...lists.findings);
  for (const { path, bytes } of lists.files) {
    const read = readFacilityList(bytes, nodeCryptography);
    if (!read.ok) {
      findings.push(...read.findings.map((each) => ({ ...each, at: { file: path, ...each.at } })));
      continue;
    }
    const timeZone = read.value.timeZone ?? options.timeZone;
    const local = cinemaWindow({ opens: options.from, closes: options.until, timeZone });
    if (!local.ok) {
      // Another cinema's clocks are no reason to leave this command's other cinemas without keys.
      findings.push(...local.findings.map((each) => ({ ...each, at: { file: path, ...each.at } })));
      continue;
    }
    const window = local.value;
    const suites = suiteKeys(read.value);
    const screens = read.value.auditoriums.reduce((sum, each) => sum + each.suites.length, 0);
    if (suites.length < screens) {
      // Why a suite has no recipient is the facility list's business to say.
      const why = checkFacility(read.value, { at: Date.now() }, nodeCryptography);
      findings.push(...why.map((each) => ({ ...each, at: { file: path, ...each.at } })));
    }
    for (const { auditorium, chain, trustedDevices, device } of suites) {
      const serial = device.serial ?? deviceName(chain[0]!).serial ?? auditorium;
      const about = { serial, screen: auditorium, theatre: read.value.name, timeZone };
      const remoteDevices = trustedDevices.length;
      const trusted = listsDevices(formulation) ? { trustedDevices } : {};
      add({ chain, window, remoteDevices, ...trusted }, about);
    }
  }
  return { targets, findings };
}

function windowOf(terminal: Terminal, options: MakeCommand, timeZone: string): KdmWindow {
  return taken(terminal, cinemaWindow({ opens: options.from, closes: options.until, timeZone }));
}

type Issued = {
  readonly made: { readonly file: string; readonly messageId: Uuid; readonly screen: string }[];
  kept: number;
  readonly refused: { readonly file: string; readonly codes: readonly string[] }[];
  readonly findings: Finding[];
};

/** Messages that are there already are not made again: a run that was cut goes on where it was. */
async function issueAll(
  terminal: Terminal,
  issuer: Parameters<typeof issueKdms>[0],
  targets: readonly Target[],
  batch: KdmBatch,
  options: MakeCommand,
): Promise<Issued> {
  const folder = resolve(options.out);
  await mkdir(folder, { recursive: true });
  const result: Issued = { made: [], kept: 0, refused: [], findings: [] };
  const there = new Set(options.force === true ? [] : await readdir(folder));
  const left: Target[] = [];
  for (const target of targets) {
    if (!there.has(target.file)) left.push(target);
    else if (isSame(await readGiven(join(folder, target.file)), target, batch)) result.kept++;
    else {
      // Names tell the day only. An old key for another hour would be sent as the new one.
      const at = { file: target.file };
      result.findings.push(finding('mismatched_kept_message', 'error', { at }));
      result.refused.push({ file: target.file, codes: ['mismatched_kept_message'] });
    }
  }
  const progress = terminal.progress(terminal.words('制作密钥', 'key messages'));
  let done = 0;
  try {
    for await (const { recipient, outcome } of issueKdms(issuer, left)) {
      terminal.signal.throwIfAborted();
      progress.update(++done / left.length, recipient.file);
      const at = { file: recipient.file };
      result.findings.push(
        ...outcome.findings.map((each) => ({ ...each, at: { ...each.at, ...at } })),
      );
      if (!outcome.ok) {
        const codes = outcome.findings.filter((each) => each.severity === 'error');
        result.refused.push({ file: recipient.file, codes: codes.map((each) => each.code) });
        continue;
      }
      keepMessage(join(folder, recipient.file), outcome.value.bytes);
      const { messageId } = outcome.value;
      result.made.push({ file: recipient.file, messageId, screen: recipient.screen });
    }
  } finally {
    progress.done();
  }
  return result;
}

/** Whether a message that is there already is the one that would be made. */
function isSame(bytes: Uint8Array, target: Target, batch: KdmBatch): boolean {
  const read = readKdm(bytes);
  return read.ok && isSameMessage(read.value, batch, target, nodeCryptography);
}

/**
 * A message has its name only when it is whole, since a run that is cut goes on by names. It is
 * written at once: on the thread pool it would wait behind all signatures that are on their way.
 */
function keepMessage(path: string, bytes: Uint8Array): void {
  const part = `${path}.part`;
  writeFileSync(part, bytes);
  renameSync(part, path);
}

async function zipTheatres(
  terminal: Terminal,
  options: MakeCommand,
  targets: readonly Target[],
  content: Content,
  made: Issued,
): Promise<string[]> {
  const refused = new Set(made.refused.map((each) => each.file));
  const folder = resolve(options.out);
  const zips: string[] = [];
  const theatres = new Map<string, Target[]>();
  for (const target of targets) {
    const known = theatres.get(target.theatre);
    if (known === undefined) theatres.set(target.theatre, [target]);
    else known.push(target);
  }
  for (const [theatre, own] of theatres) {
    const first = own[0]!;
    const { notBefore: opens, notAfter: closes } = first.window;
    const entries: ZipEntry[] = [];
    const screens: { name: string; fileName: string }[] = [];
    for (const { file, screen } of own) {
      const path = join(folder, file);
      // Neither packed nor named in the mail: what was refused, and what is another key.
      if (refused.has(file) || (await stat(path).catch(() => undefined)) === undefined) continue;
      entries.push({ name: file, bytes: await readGiven(path) });
      screens.push({ name: screen, fileName: file });
    }
    if (entries.length === 0) continue;
    const parts = { ...nameParts(content.title), opens, closes };
    const zip = kdmZipName({ ...parts, theatre: theatre === '' ? 'devices' : theatre });
    await writeFile(join(folder, zip), writeZip(entries, opens));
    const mail = kdmMail(
      {
        film: content.title,
        cinema: theatre,
        screens,
        window: first.window,
        timeZone: first.timeZone,
        zipName: zip,
      },
      terminal.locale,
    );
    const letter = `Subject: ${mail.subject}\n\n${mail.text}`;
    await writeFile(join(folder, zip.replace(/\.zip$/, '.txt')), letter);
    zips.push(zip);
  }
  return zips;
}
