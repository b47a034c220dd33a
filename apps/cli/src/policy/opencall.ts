import { webcrypto } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Finding, fromBase64, hasErrors, toBase64, toHex } from '@yinglian/core';
import {
  bidKeyShape,
  bidShape,
  checkBid,
  checkEntries,
  entryShape,
  EXCLUDED_MAX,
  type KeyPair,
  openShare,
  readDocument,
  sealBid,
  sealedBidShape,
  scoreSheetShape,
  signSheet,
  verifyDraw,
  webSealing,
} from '@yinglian/opencall';
import { z } from 'zod';
import { taken } from '../distribution/given.ts';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readJson, readJsonGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { download } from '../kernel/remote.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { registerCatalogue } from './opencall-catalogue.ts';
import { registerExpert } from './opencall-expert.ts';
import { registerObjection } from './opencall-objection.ts';
import { registerProject } from './opencall-project.ts';
import { registerRound } from './opencall-round.ts';

const sealing = webSealing(webcrypto.subtle, (length) =>
  webcrypto.getRandomValues(new Uint8Array(length)),
);

/** A person's own keys: what opens shares and what signs sheets. It never leaves its machine. */
const keyFileShape = z.object({
  schema: z.literal('yinglian.opencall.keys/1'),
  sealing: z.object({ publicKey: z.string(), privateKey: z.string() }),
  signing: z.object({ publicKey: z.string(), privateKey: z.string() }),
});

/** Only their owner reads files with keys. */
const SECRET_MODE = 0o600;

/** `yinglian opencall …`: 攻关目录 and 揭榜挂帅, offline where keys are concerned. */
export function registerOpencall(program: Command, environment: Environment): void {
  const group = program.command('opencall').description('open calls 攻关目录、揭榜挂帅');
  group
    .command('check <catalogue>')
    .description('whether every indicator can be tested 检查目录指标是否可检测')
    .action((file: string) => check(environment, file));
  group
    .command('keys <file>')
    .description('make keys for opening and signing 生成开封与签名密钥')
    .option('--register', 'register the public keys with the network 登记公钥')
    .action((file: string, options: { register?: boolean }) => newKeys(environment, file, options));
  group
    .command('list')
    .description('rounds that are announced 榜单')
    .action(() => list(environment));
  group
    .command('seal <round> <bid>')
    .description('encrypt a bid here and hand it in 在本机加密并提交')
    .requiredOption('--key <file>', 'where to keep the key of this bid 密钥保存到')
    .option('--only-write <file>', 'write the sealed bid instead of sending it 只写文件')
    .action((round: string, bid: string, options: SealFlags) =>
      seal(environment, round, bid, options),
    );
  group
    .command('withdraw <round>')
    .description('take the sealed bid back before the hour 撤回')
    .action((round: string) => withdraw(environment, round));
  group
    .command('reveal <round>')
    .description('open our own bid after the hour 公布密钥')
    .requiredOption('--key <file>', 'the key of the bid 投标密钥')
    .action((round: string, { key }: { key: string }) => reveal(environment, round, key));
  group
    .command('open <round>')
    .description("give an opener's shares after the hour 提交开封份额")
    .requiredOption('--keys <file>', "the opener's keys 开封人密钥")
    .action((round: string, { keys }: { keys: string }) => open(environment, round, keys));
  group
    .command('reviews')
    .description('what I am to read, without names 我的盲评')
    .action(() => reviews(environment));
  group
    .command('sheet <file>')
    .description('sign a sheet and hand it in 签名并提交评分表')
    .requiredOption('--keys <file>', "the reviewer's keys 评审密钥")
    .action((file: string, { keys }: { keys: string }) => sheet(environment, file, keys));
  group
    .command('act <round> <action>')
    .description('lead a round: announce, open, draw, score, publish, decide … 推进一轮')
    .option('--reason <text>', 'why 理由', '')
    .option('--chosen <aliases...>', 'after a tie: who is chosen 并列时选定')
    .action((round: string, action: string, options: ActFlags) =>
      act(environment, round, action, options),
    );
  registerCatalogue(group, environment);
  registerRound(group, environment);
  registerExpert(group, environment);
  registerProject(group, environment);
  registerObjection(group, environment);
  registerDraw(group, environment);
}

function registerDraw(group: Command, environment: Environment): void {
  const draw = group.command('draw').description('the draw of experts 专家抽取');
  draw
    .command('verify <file>')
    .description('replay a published draw, offline 离线重算抽取结果')
    .action((file: string) => verify(environment, file));
  draw
    .command('fetch <round>')
    .description('the published draw of a round 下载抽取文件')
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (id: string, { to }: { to: string }) => {
      const { client } = environment.server();
      await download(environment, await client.opencall.drawFile({ params: { id } }), to);
    });
}

type SealFlags = { readonly key: string; readonly onlyWrite?: string };
type ActFlags = { readonly reason: string; readonly chosen?: string[] };

async function check(environment: Environment, file: string): Promise<void> {
  const terminal = environment.terminal();
  const given = await readJsonGiven(file);
  const read = given.ok ? readDocument(z.array(entryShape), listOf(given.value)) : given;
  const findings = read.ok ? checkEntries(read.value) : read.findings;
  terminal.answer({ findings });
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

function listOf(value: unknown): unknown {
  const held = value as { entries?: unknown } | null;
  return Array.isArray(value) ? value : (held?.entries ?? value);
}

async function newKeys(
  environment: Environment,
  file: string,
  { register = false }: { register?: boolean },
): Promise<void> {
  const terminal = environment.terminal();
  const text = ({ publicKey, privateKey }: KeyPair) => ({
    publicKey: toBase64(publicKey),
    privateKey: toBase64(privateKey),
  });
  const keys = {
    schema: 'yinglian.opencall.keys/1',
    sealing: text(await sealing.newAgreementKey()),
    signing: text(await sealing.newSigningKey()),
  };
  await writeSecret(file, keys);
  const shown = { sealing: keys.sealing.publicKey, signing: keys.signing.publicKey };
  if (register) await environment.server().client.opencall.saveKey({ body: shown });
  terminal.answer(shown);
  terminal.say(`${file}  ${terminal.words('请妥善保管，不要外传', 'keep it, show it to nobody')}`);
}

/** A key file is never written over: what it opens would be lost. */
async function writeSecret(file: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  try {
    await writeFile(file, text, { mode: SECRET_MODE, flag: 'wx' });
  } catch (fault) {
    throw new CommandFault(`${file}: ${(fault as Error).message}`, EXIT.misused);
  }
}

async function list(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.opencall.rounds();
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('任务', 'task'), terminal.words('状态', 'state'), '⏱'],
    rows.map((each) => [each.id, `${each.entry.code} ${each.title}`, each.state, each.closesAt]),
  );
}

async function seal(
  environment: Environment,
  id: string,
  file: string,
  options: SealFlags,
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const round = await client.opencall.round({ params: { id } });
  const { organisation } = await client.session.get();
  if (organisation === null) throw new CommandFault('organisation', EXIT.misused);
  const bid = taken(terminal, readDocument(bidShape, await readJson(file)));
  const { indicators, due, budgetFen } = round.entry;
  const terms = {
    indicators: indicators as Parameters<typeof checkBid>[1]['indicators'],
    due,
    budgetFen,
    excludedMax: round.excludedMax ?? EXCLUDED_MAX,
    checkpoint: round.checkpoint ?? null,
  };
  const wrong = checkBid(bid, terms);
  // What would be refused at the opening is told while it can still be mended.
  if (hasErrors(wrong)) return end(environment, wrong);
  const { openers, threshold } = round;
  const given = { round: id, bidder: organisation.id, bid, openers, threshold };
  const made = taken(terminal, await sealBid(sealing, given));
  await writeSecret(options.key, made.key);
  if (options.onlyWrite !== undefined) {
    await writeFile(options.onlyWrite, `${JSON.stringify(made.sealed)}\n`);
  } else {
    await client.opencall.handIn({ params: { id }, body: { sealed: made.sealed } });
  }
  terminal.answer({ commitment: made.sealed.commitment, key: options.key });
  terminal.say(`${terminal.words('承诺值', 'commitment')} ${made.sealed.commitment}`);
}

async function withdraw(environment: Environment, id: string): Promise<void> {
  const { client } = environment.server();
  const receipt = await client.opencall.withdrawBid({ params: { id }, body: {} });
  environment.terminal().answer(receipt);
  environment.terminal().say(receipt.state);
}

async function reveal(environment: Environment, id: string, file: string): Promise<void> {
  const terminal = environment.terminal();
  const { key } = taken(terminal, readDocument(bidKeyShape, await readJson(file)));
  const { client } = environment.server();
  const receipt = await client.opencall.reveal({ params: { id }, body: { key } });
  terminal.answer(receipt);
  terminal.say(receipt.state);
  end(environment, receipt.findings as Finding[]);
}

async function readKeys(environment: Environment, file: string) {
  const read = readDocument(keyFileShape, await readJson(file));
  const keys = taken(environment.terminal(), read);
  const pair = ({ publicKey, privateKey }: { publicKey: string; privateKey: string }): KeyPair => ({
    publicKey: fromBase64(publicKey),
    privateKey: fromBase64(privateKey),
  });
  return { sealing: pair(keys.sealing), signing: pair(keys.signing) };
}

async function open(environment: Environment, id: string, file: string): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const keys = await readKeys(environment, file);
  const round = await client.opencall.round({ params: { id } });
  // An opener goes by a clock of one's own: a network whose clock runs ahead opens nothing here.
  if (Date.now() < Date.parse(round.closesAt)) {
    throw new CommandFault(`${round.closesAt}`, EXIT.refused);
  }
  const { userId } = await client.opencall.ownKey();
  const { rows } = await client.opencall.sealedBids({ params: { id } });
  const findings: Finding[] = [];
  let given = 0;
  for (const row of rows) {
    const sealed = taken(terminal, readDocument(sealedBidShape, row.sealed));
    const share = await openShare(sealing, sealed, { id: userId, keys: keys.sealing });
    findings.push(...share.findings);
    if (!share.ok) continue;
    const body = { index: share.value.index, bytes: toHex(share.value.bytes) };
    await client.opencall.handShare({ params: { id: row.id }, body });
    given += 1;
  }
  terminal.answer({ given, findings });
  terminal.say(`${given} / ${rows.length}`);
  end(environment, findings);
}

async function reviews(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.opencall.reviews();
  terminal.answer({ rows });
  terminal.table(
    [terminal.words('轮次', 'round'), terminal.words('评审', 'reviewer'), '#', '✓'],
    rows.flatMap((each) =>
      each.proposals.map(({ alias, sheet: own }) => [
        each.roundId,
        each.candidate,
        alias,
        own === null ? '' : '✓',
      ]),
    ),
  );
}

async function sheet(environment: Environment, file: string, keyFile: string): Promise<void> {
  const terminal = environment.terminal();
  const made = taken(terminal, readDocument(scoreSheetShape, await readJson(file)));
  const { signing } = await readKeys(environment, keyFile);
  const signature = await signSheet(sealing, signing.privateKey, made);
  const { client } = environment.server();
  await client.opencall.handSheet({ params: { id: made.round }, body: { sheet: made, signature } });
  terminal.answer({ proposal: made.proposal, signature });
  terminal.say(`${made.proposal} ✓`);
}

async function act(
  environment: Environment,
  id: string,
  action: string,
  { reason, chosen }: ActFlags,
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const { version } = await client.opencall.round({ params: { id } });
  const more = chosen === undefined ? {} : { chosen };
  const body = { version, action, reason, ...more };
  const desk = await client.opencall.actRound({ params: { id }, body });
  terminal.answer(desk);
  terminal.say(desk.round.state);
}

async function verify(environment: Environment, file: string): Promise<void> {
  const terminal = environment.terminal();
  const given = await readJsonGiven(file);
  const verified = given.ok ? await verifyDraw(sealing, given.value) : given;
  terminal.answer({ valid: verified.ok, findings: verified.findings });
  if (verified.ok) {
    const { seats, order } = verified.value;
    terminal.table(
      [
        terminal.words('组', 'panel'),
        terminal.words('专家', 'expert'),
        terminal.words('名额', 'seat'),
        '#',
      ],
      seats.map(({ panel, candidate, field }) => [
        panel,
        candidate,
        field,
        String(order.indexOf(`${panel}/${candidate}`) + 1),
      ]),
    );
    terminal.say(terminal.words('重算结果一致。', 'It is the draw that the seed gives.'));
  }
  end(environment, verified.findings);
}

function end(environment: Environment, findings: readonly Finding[]): void {
  if (findings.length > 0) sayFindings(environment.terminal(), findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}
