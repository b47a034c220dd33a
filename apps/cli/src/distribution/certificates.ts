import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type Certificate,
  checkCertificates,
  deviceName,
  entityOf,
  makeCertificate,
  makeChain,
  NAME_ATTRIBUTES,
  nameValues,
  readCertificates,
  rolesOf,
  serialFromRandom,
  thumbprintByText,
  thumbprintOf,
  writePem,
  writePemChain,
} from '@yinglian/certificates';
import { finding, type Finding, formatInstant, isIsoDate, parseInstant } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, publicKeyOf, randomBytes } from '@yinglian/host';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import {
  givenBundle,
  givenChain,
  givenFiles,
  givenPrivateKey,
  taken,
  writeSecret,
} from './given.ts';

/** `yinglian cert …`, without a server. Private keys go to files of their own and nowhere else. */
export function registerCertificates(program: Command, environment: Environment): void {
  const cert = program.command('cert').description('digital cinema certificates 数字证书');
  cert
    .command('check <file...>')
    .description('judge a certificate or a chain: PEM, DER, PKCS#7, folders, archives 检查证书')
    .option('--strict', 'by ST 430-2, as for certificates made now')
    .option('--root <pem...>', 'roots that are trusted')
    .action((files: string[], options: CheckCommand) => check(environment, files, options));
  cert
    .command('chain <source...>')
    .description('devices in files, folders, ZIP and TAR, with their chains 整理设备证书包')
    .option('--out <folder>', 'write one ordered chain for each device')
    .option('--expiring <days>', 'only those that expire within so many days')
    .action((sources: string[], options: ChainCommand) => chains(environment, sources, options));
  cert
    .command('make')
    .description('make a chain, or a certificate below an authority 制作证书')
    .requiredOption('--name <name>', 'what follows the roles: maker.model.serial, or a name')
    .requiredOption('--out <folder>', 'where certificates and keys go')
    .option('--organization <name>', 'O, the name of the root')
    .option('--unit <name>', 'OU; the organization unless told')
    .option('--roles <roles>', 'roles of the leaf, divided by commas', 'CS')
    .option('--from <date>', 'first day; today unless told')
    .option('--years <count>', 'years of validity', '10')
    .option('--issuer <pem...>', 'chain of an authority that signs; otherwise a new root is made')
    .option('--issuer-key <file>', 'its private key')
    .option('--authority', 'make an authority below the issuer, not a leaf')
    .action((options: MakeCommand) => make(environment, options));
}

type CheckCommand = { readonly strict?: boolean; readonly root?: readonly string[] };

async function check(environment: Environment, paths: string[], options: CheckCommand) {
  const terminal = environment.terminal();
  const profile = options.strict === true ? ('strict' as const) : ('field' as const);
  const read = await readAll(terminal, paths);
  const { certificates } = read;
  if (certificates.length === 0) {
    terminal.answer({ findings: read.findings });
    sayFindings(terminal, read.findings, ALL_TEXTS);
    environment.exit(EXIT.faulty);
    return;
  }
  const roots = options.root === undefined ? undefined : await givenRoots(terminal, options.root);
  const given = {
    profile,
    at: Date.now(),
    ...(roots === undefined ? {} : { trusted: roots, above: roots }),
  };
  const judged = checkCertificates(certificates, given, nodeCryptography);
  // Who asks about one certificate alone knows that its authorities are elsewhere.
  const alone = certificates.length === 1 && roots === undefined;
  const all = [...read.findings, ...judged.findings].map((each) =>
    alone && each.code === 'incomplete_chain' ? { ...each, severity: 'warning' as const } : each,
  );
  const shown = (judged.ok ? judged.value : []).map(described);
  terminal.answer({ certificates: shown, findings: all });
  sayCertificates(terminal, shown);
  sayFindings(terminal, all, ALL_TEXTS);
  environment.exit(exitFor(all));
}

/** Certificates of files, folders and archives. A folder may hold keys and letters beside them. */
async function readAll(terminal: Terminal, paths: string[]) {
  const { files, findings } = await givenFiles(terminal, paths);
  const certificates: Certificate[] = [];
  const refused: Finding[] = [];
  for (const { path, bytes } of files) {
    const read = readCertificates(bytes);
    const placed = read.findings.map((each) =>
      files.length === 1 ? each : { ...each, at: { file: path, ...each.at } },
    );
    if (read.ok) {
      certificates.push(...read.value);
      findings.push(...placed);
    } else refused.push(...placed);
  }
  const unread = certificates.length === 0 ? refused : [];
  if (files.length === 0) unread.push(finding('missing_certificate', 'error'));
  return { certificates, findings: [...findings, ...unread] };
}

async function givenRoots(terminal: Terminal, paths: readonly string[]) {
  const roots: Certificate[] = [];
  for (const path of paths) roots.push(...taken(terminal, readCertificates(await readGiven(path))));
  return roots;
}

type Described = ReturnType<typeof described>;

function described(each: Certificate) {
  return {
    subject: each.subject.text,
    entity: entityOf(each),
    roles: rolesOf(each),
    thumbprint: thumbprintOf(each, nodeCryptography),
    thumbprintByText: thumbprintByText(each, nodeCryptography),
    serialNumber: String(each.serial),
    notBefore: formatInstant(each.notBefore),
    notAfter: formatInstant(each.notAfter),
  };
}

function sayCertificates(terminal: Terminal, shown: readonly Described[]): void {
  for (const each of shown) {
    terminal.say(each.subject);
    terminal.say(
      `  ${each.roles.join(' ')}  ${each.thumbprint}  ${each.notBefore} → ${each.notAfter}`,
    );
    // Lists of some makers carry the other reading of ST 430-2 5.4.
    terminal.say(`  ${each.thumbprintByText}  (ST 430-2 5.4)`);
  }
}

type ChainCommand = { readonly out?: string; readonly expiring?: string };
const MS_PER_DAY = 86_400_000;

async function chains(environment: Environment, sources: string[], options: ChainCommand) {
  const terminal = environment.terminal();
  const { bundle, findings } = await givenBundle(terminal, sources);
  const until =
    options.expiring === undefined ? undefined : Date.now() + Number(options.expiring) * MS_PER_DAY;
  const leaves = bundle.leaves.filter(
    ({ chain }) => until === undefined || chain.some((each) => each.notAfter <= until),
  );
  const shown = leaves.map(({ chain, path, maker, model, serial }) => ({
    ...described(chain[0]!),
    maker,
    model,
    serial,
    path,
    complete: chain.at(-1)!.issuer.text === chain.at(-1)!.subject.text,
    chain: chain.map((each) => each.subject.text),
  }));
  terminal.answer({
    devices: shown,
    authorities: bundle.authorities.map(described),
    findings,
  });
  terminal.table(
    [
      terminal.words('厂商', 'maker'),
      terminal.words('型号', 'model'),
      terminal.words('序列号', 'serial'),
      terminal.words('角色', 'roles'),
      terminal.words('证书链', 'chain'),
      terminal.words('到期', 'expires'),
    ],
    shown.map((each) => [
      each.maker ?? '',
      each.model ?? '',
      each.serial ?? '',
      each.roles.join(' '),
      each.complete ? String(each.chain.length) : `${each.chain.length} …`,
      each.notAfter.slice(0, 10),
    ]),
  );
  if (options.out !== undefined) {
    await mkdir(options.out, { recursive: true });
    const names = new Set<string>();
    for (const { chain, path } of leaves) {
      const name = fileName(chain[0]!, path, names);
      await writeFile(join(options.out, name), writePemChain(chain));
    }
  }
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

function fileName(leaf: Certificate, path: string, taken: Set<string>): string {
  const { maker, model, serial } = deviceName(leaf, path);
  const parts = [maker, model, serial].filter((part) => part !== undefined);
  const stem = parts.join('_').replace(/[^A-Za-z0-9_-]+/g, '-') || 'device';
  let name = `${stem}.pem`;
  for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${stem}-${count}.pem`;
  taken.add(name.toLowerCase());
  return name;
}

type MakeCommand = {
  readonly name: string;
  readonly out: string;
  readonly organization?: string;
  readonly unit?: string;
  readonly roles: string;
  readonly from?: string;
  readonly years: string;
  readonly issuer?: readonly string[];
  readonly issuerKey?: string;
  readonly authority?: boolean;
};

const YEARS_MAX = 50;

async function make(environment: Environment, options: MakeCommand) {
  const terminal = environment.terminal();
  const folder = resolve(options.out);
  await mkdir(folder, { recursive: true });
  const validity = validityOf(options);
  const roles = options.roles
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const made =
    options.issuer === undefined
      ? await wholeChain(terminal, folder, options, validity, roles)
      : await belowIssuer(terminal, folder, options, validity, roles);
  const shown = made.map(described);
  terminal.answer({ folder, certificates: shown });
  sayCertificates(terminal, shown);
  terminal.say(folder);
}

type Validity = { readonly notBefore: number; readonly notAfter: number };

function validityOf({ from, years }: MakeCommand): Validity {
  const count = Number(years);
  const day = from ?? new Date().toISOString().slice(0, 10);
  if (!isIsoDate(day) || !(count > 0 && count <= YEARS_MAX)) {
    throw new CommandFault('--from YYYY-MM-DD --years 1…50', EXIT.misused);
  }
  const first = parseInstant(`${day}T00:00:00Z`);
  const notBefore = first.ok ? first.value : 0;
  return { notBefore, notAfter: notBefore + Math.round(count * 365.25) * MS_PER_DAY - 1000 };
}

const newSerial = () => serialFromRandom(randomBytes(8));

async function wholeChain(
  terminal: Terminal,
  folder: string,
  options: MakeCommand,
  validity: Validity,
  roles: readonly string[],
): Promise<readonly Certificate[]> {
  if (options.organization === undefined) {
    throw new CommandFault(
      terminal.words(
        '--organization：新根证书要有机构名，或用 --issuer 指定上级',
        '--organization: a new root needs its name; or name an authority by --issuer',
      ),
      EXIT.misused,
    );
  }
  const [root, intermediate, leaf] = await Promise.all([1, 2, 3].map(() => generateRsaKey()));
  const keys = { root: root!, intermediate: intermediate!, leaf: leaf! };
  const chain = taken(
    terminal,
    await makeChain(
      {
        ...validity,
        organization: options.organization,
        organizationUnit: options.unit ?? options.organization,
        name: options.name,
        roles,
        serials: { root: newSerial(), intermediate: newSerial(), leaf: newSerial() },
      },
      keys,
      nodeCryptography,
    ),
  );
  const names = ['leaf', 'intermediate', 'root'] as const;
  for (const [index, name] of names.entries()) {
    await writeFile(join(folder, `${name}.pem`), writePem('CERTIFICATE', chain[index]!.der));
    await writeSecret(join(folder, `${name}.key`), writePem('PRIVATE KEY', keys[name].privateKey));
  }
  await writeFile(join(folder, 'chain.pem'), writePemChain(chain));
  return chain;
}

/** O, which is the same in a whole chain. */
function organizationOf(certificate: Certificate): string {
  const { organization } = NAME_ATTRIBUTES;
  return nameValues(certificate.subject, organization)[0] ?? 'unit';
}

async function belowIssuer(
  terminal: Terminal,
  folder: string,
  options: MakeCommand,
  validity: Validity,
  roles: readonly string[],
): Promise<readonly Certificate[]> {
  if (options.issuerKey === undefined) throw new CommandFault('--issuer-key', EXIT.misused);
  const above = await givenChain(terminal, options.issuer!);
  const privateKey = await givenPrivateKey(options.issuerKey);
  const issuer = above[0]!;
  if (!Buffer.from(publicKeyOf(privateKey)).equals(issuer.key.info)) {
    throw new CommandFault(
      terminal.words('私钥与签发证书不符', 'the key is not that of the issuer'),
      EXIT.misused,
    );
  }
  const key = await generateRsaKey();
  const kind = options.authority === true ? ('authority' as const) : ('leaf' as const);
  const certificate = taken(
    terminal,
    await makeCertificate(
      {
        ...validity,
        notAfter: Math.min(validity.notAfter, issuer.notAfter),
        notBefore: Math.max(validity.notBefore, issuer.notBefore),
        kind,
        ...(options.organization === undefined ? {} : { organization: options.organization }),
        organizationUnit: options.unit ?? options.organization ?? organizationOf(issuer),
        entity: options.name,
        ...(kind === 'leaf' ? { roles } : {}),
        publicKey: key.publicKey,
        serial: newSerial(),
      },
      { privateKey, certificate: issuer },
      nodeCryptography,
    ),
  );
  const chain = [certificate, ...above];
  await writeFile(join(folder, `${kind}.pem`), writePem('CERTIFICATE', certificate.der));
  await writeSecret(join(folder, `${kind}.key`), writePem('PRIVATE KEY', key.privateKey));
  await writeFile(join(folder, 'chain.pem'), writePemChain(chain));
  return chain;
}
