import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { formatInstant } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  checkKdm,
  kdmFileName,
  kdmMail,
  type KdmReport,
  type KdmTime,
  openKdm,
  readKdm,
  writeZip,
  type ZipEntry,
} from '@yinglian/kdm';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import {
  givenCertificates,
  givenFiles,
  givenPrivateKey,
  taken,
  TOLERANT,
  writeKeyFile,
} from './given.ts';
import { givenComposition, nameParts } from './composition.ts';
import { registerKdmMake } from './kdm-make.ts';

/** `yinglian kdm …`, without a server. Keys themselves are never printed. */
export function registerKdm(program: Command, environment: Environment): void {
  const kdm = program.command('kdm').description('key delivery messages 密钥');
  registerKdmMake(kdm, environment);
  kdm
    .command('check <file>')
    .description('judge a key message; with the device key also its inside 检查密钥')
    .option('--device <pem>', 'certificate of the device that should play')
    .option('--private-key <file>', 'its private key: opens the blocks')
    .option('--cpl <file>', 'the composition that should play')
    .option('--root <pem...>', 'roots that signers must come from')
    .option('--verbose', 'also list the checks that held')
    .action((file: string, options: CheckCommand) => check(environment, file, options));
  kdm
    .command('open <file>')
    .description('take the content keys out of a key message, into a file 打开密钥')
    .requiredOption('--private-key <file>', 'of the recipient')
    .requiredOption('--out <file>', 'where the keys go; only its owner may read it')
    .option('--cpl <file>', 'the composition: tells whether it is SMPTE or Interop')
    .option('--tolerate <codes...>', 'errors that are known and accepted')
    .action((file: string, options: OpenCommand) => open(environment, file, options));
  kdm
    .command('bundle <source...>')
    .description('list key messages in files, folders, ZIP and TAR; pack them 整理密钥包')
    .option('--out <zip>', 'one ZIP of all, named by the convention')
    .option('--mail <file>', 'text of the mail that brings the ZIP')
    .option('--cinema <name>', 'for the mail', 'Cinema')
    .option('--time-zone <name>', 'of the cinema, for the mail', 'Asia/Shanghai')
    .action((sources: string[], options: BundleCommand) => bundle(environment, sources, options));
}

type CheckCommand = {
  readonly device?: string;
  readonly privateKey?: string;
  readonly cpl?: string;
  readonly root?: readonly string[];
  readonly verbose?: boolean;
};

/** A time with its own offset, as the message has it. */
export const shownTime = (time: KdmTime | undefined) =>
  time === undefined ? '?' : formatInstant(time.instant, time.offsetMinutes);

async function check(environment: Environment, file: string, options: CheckCommand) {
  const terminal = environment.terminal();
  const { device, privateKey: keyPath, root, cpl } = options;
  const recipient =
    device === undefined ? undefined : (await givenCertificates(terminal, [device]))[0];
  const privateKey = keyPath === undefined ? undefined : await givenPrivateKey(keyPath);
  const roots = root === undefined ? undefined : await givenCertificates(terminal, root);
  const composition = cpl === undefined ? undefined : await givenComposition(terminal, cpl);
  const outcome = checkKdm(
    await readGiven(file),
    {
      at: Date.now(),
      ...(recipient === undefined ? {} : { recipient }),
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(roots === undefined ? {} : { trustedRoots: roots }),
      ...(composition === undefined
        ? {}
        : {
            cpl: {
              id: composition.id,
              title: composition.title,
              keyIds: composition.keys.map(({ keyId }) => keyId),
              signer: composition.signer,
              keyTypes: new Map(composition.keys.map(({ keyId, type }) => [keyId, type])),
            },
          }),
    },
    nodeCryptography,
  );
  if (outcome.ok) sayKdm(terminal, outcome.value, privateKey !== undefined, outcome.findings);
  else terminal.answer({ findings: outcome.findings });
  sayFindings(terminal, outcome.findings, ALL_TEXTS, options);
  environment.exit(exitFor(outcome.findings));
}

function sayKdm(
  terminal: Terminal,
  { kdm, formulation, keys }: KdmReport,
  opened: boolean,
  findings: readonly unknown[],
): void {
  terminal.answer({
    messageId: kdm.messageId,
    cplId: kdm.cplId,
    contentTitle: kdm.contentTitle,
    recipient: kdm.recipient?.subjectName,
    notBefore: shownTime(kdm.notBefore),
    notAfter: shownTime(kdm.notAfter),
    formulation,
    keyIds: kdm.keyIds,
    openedKeys: keys.length,
    findings,
  });
  terminal.say(`${kdm.contentTitle ?? '?'}  ${kdm.cplId ?? ''}`);
  terminal.say(kdm.recipient?.subjectName ?? '?');
  terminal.say(`${shownTime(kdm.notBefore)} → ${shownTime(kdm.notAfter)}`);
  if (opened) {
    terminal.say(terminal.words(`打开了 ${keys.length} 把密钥`, `opened ${keys.length} keys`));
  }
}

type OpenCommand = {
  readonly privateKey: string;
  readonly out: string;
  readonly cpl?: string;
  readonly tolerate?: readonly string[];
};

async function open(environment: Environment, file: string, options: OpenCommand) {
  const terminal = environment.terminal();
  const privateKey = await givenPrivateKey(options.privateKey);
  const tolerate = [...TOLERANT.tolerate, ...(options.tolerate ?? [])];
  const outcome = openKdm(await readGiven(file), privateKey, { tolerate }, nodeCryptography);
  const report = taken(terminal, outcome);
  const { kdm, keys, blockForm } = report;
  const { cpl } = options;
  const composition = cpl === undefined ? undefined : await givenComposition(terminal, cpl);
  await mkdir(dirname(resolve(options.out)), { recursive: true });
  await writeKeyFile(
    options.out,
    {
      compositionId: kdm.cplId!,
      title: kdm.contentTitle ?? '',
      standard: composition?.standard ?? blockForm ?? 'smpte',
    },
    keys.map(({ keyId, keyType, key }) => ({ keyId, type: keyType, key })),
  );
  sayKdm(terminal, report, true, outcome.findings);
  sayFindings(terminal, outcome.findings, ALL_TEXTS);
  environment.exit(exitFor(outcome.findings));
}

type BundleCommand = {
  readonly out?: string;
  readonly mail?: string;
  readonly cinema: string;
  readonly timeZone: string;
};

async function bundle(environment: Environment, sources: string[], options: BundleCommand) {
  const terminal = environment.terminal();
  const { files, findings } = await givenFiles(terminal, sources);
  const messages = files
    .filter(({ path }) => /\.xml$/i.test(path))
    .flatMap(({ path, bytes }) => {
      const read = readKdm(bytes);
      if (!read.ok) {
        findings.push(
          ...read.findings.map((each) => ({ ...each, at: { file: path, ...each.at } })),
        );
        return [];
      }
      return [{ path, bytes, kdm: read.value }];
    });
  if (messages.length === 0) {
    terminal.answer({ messages: [], findings });
    sayFindings(terminal, findings, ALL_TEXTS);
    throw new CommandFault(terminal.words('没有密钥文件', 'no key message'), EXIT.faulty);
  }
  const entries = uniqueNames(messages);
  terminal.answer({
    messages: messages.map(({ path, kdm }, index) => ({
      path,
      name: entries[index]!.name,
      contentTitle: kdm.contentTitle,
      cplId: kdm.cplId,
      recipient: kdm.recipient?.subjectName,
      notBefore: shownTime(kdm.notBefore),
      notAfter: shownTime(kdm.notAfter),
      keys: kdm.keyIds.length,
    })),
    findings,
  });
  terminal.table(
    [
      terminal.words('影片', 'film'),
      terminal.words('设备', 'device'),
      terminal.words('生效', 'opens'),
      terminal.words('失效', 'closes'),
      terminal.words('密钥数', 'keys'),
    ],
    messages.map(({ kdm }) => [
      kdm.contentTitle ?? '?',
      deviceIn(kdm.recipient?.subjectName),
      shownTime(kdm.notBefore),
      shownTime(kdm.notAfter),
      String(kdm.keyIds.length),
    ]),
  );
  if (options.out !== undefined) await pack(options, messages, entries);
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

type Message = { readonly path: string; readonly bytes: Uint8Array; readonly kdm: KdmOf };
type KdmOf = Extract<ReturnType<typeof readKdm>, { ok: true }>['value'];

async function pack(options: BundleCommand, messages: readonly Message[], entries: ZipEntry[]) {
  const now = { instant: Math.floor(Date.now() / 1000) * 1000, offsetMinutes: 480 };
  await mkdir(dirname(resolve(options.out!)), { recursive: true });
  await writeFile(options.out!, writeZip(entries, now));
  const { kdm } = messages[0]!;
  if (options.mail === undefined || kdm.notBefore === undefined || kdm.notAfter === undefined)
    return;
  const mail = kdmMail(
    {
      film: kdm.contentTitle ?? '',
      cinema: options.cinema,
      screens: messages.map((each, index) => ({
        name: deviceIn(each.kdm.recipient?.subjectName),
        fileName: entries[index]!.name,
      })),
      window: { notBefore: kdm.notBefore, notAfter: kdm.notAfter },
      timeZone: options.timeZone,
      zipName: options.out!.split(/[/\\]/).at(-1)!,
    },
    'zh-CN',
  );
  await writeFile(join(options.mail), `Subject: ${mail.subject}\n\n${mail.text}`);
}

/** `CN=SM.maker.model.serial` without its roles. */
function deviceIn(subject: string | undefined): string {
  const name = /(?:^|,)\s*CN=((?:\\.|[^,])*)/i.exec(subject ?? '')?.[1] ?? subject ?? '?';
  return name.slice(name.indexOf('.') + 1);
}

function uniqueNames(messages: readonly Message[]): ZipEntry[] {
  const names = new Set<string>();
  return messages.map(({ bytes, kdm, path }) => {
    const base = conventionalName(kdm) ?? path.split('/').at(-1)!;
    let name = base;
    for (let count = 2; names.has(name); count++) name = base.replace(/\.xml$/, `-${count}.xml`);
    names.add(name);
    return { name, bytes };
  });
}

/** The parts of the convention that a title by DCNC tells. */
function conventionalName(kdm: KdmOf): string | undefined {
  const { contentTitle, notBefore, notAfter } = kdm;
  if (notBefore === undefined || notAfter === undefined) return undefined;
  const parts = nameParts(contentTitle ?? '');
  const serial = deviceIn(kdm.recipient?.subjectName);
  return kdmFileName({ ...parts, serial, opens: notBefore, closes: notAfter });
}
