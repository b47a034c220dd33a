import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type contract, KEEPERS, type ResultOf } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { allRows, download, followJob } from '../kernel/remote.ts';

type ScopeFlags = {
  readonly release?: string;
  readonly circuit?: string;
  readonly cinema?: string;
};

function scopeOf({ release, circuit, cinema }: ScopeFlags) {
  return {
    ...(release === undefined ? {} : { releaseId: release }),
    ...(circuit === undefined ? {} : { circuitId: circuit }),
    ...(cinema === undefined ? {} : { cinemaId: cinema }),
  };
}

/** `yinglian keys …`: what lacks a key, who agrees, other windows, and how keys travel. */
export function registerKeyDesk(program: Command, environment: Environment): void {
  const keys = program.command('keys').description('keys of bookings and their delivery 密钥台');
  registerNeeds(keys, environment);
  registerChanges(keys, environment);
  registerOrders(keys, environment);
  registerLinks(keys, environment);
  registerMails(keys, environment);
}

function registerNeeds(keys: Command, environment: Environment): void {
  keys
    .command('needed')
    .description('booked screens that lack a key, the soonest show first 缺少的密钥')
    .option('--release <id>', 'of one release 某发行计划')
    .option('--circuit <id>', 'of one circuit 某院线')
    .option('--cinema <id>', 'of one cinema 某影院')
    .option('--issue', 'issue what can be issued 签发')
    .option('--sheet <file>', 'write the list here, CSV or XLSX 导出表格')
    .action(async (options: ScopeFlags & { issue?: boolean; sheet?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const scope = scopeOf(options);
      if (options.issue === true) {
        await sayOrdered(environment, await client.keys.issueNeeded({ body: scope }));
      }
      if (options.sheet !== undefined) {
        const format = options.sheet.endsWith('.xlsx') ? ('xlsx' as const) : ('csv' as const);
        const sheet = await client.keys.neededSheet({ query: { ...scope, format } });
        await download(environment, sheet, options.sheet);
      }
      const needed = await client.keys.needed({ query: { ...scope, limit: 2000 } });
      terminal.answer(needed);
      terminal.table(
        [
          terminal.words('影院', 'cinema'),
          terminal.words('影厅', 'screen'),
          terminal.words('影片', 'film'),
          terminal.words('下一场', 'next show'),
          '',
        ],
        needed.rows.map((each) => [
          each.cinemaName,
          each.screenName,
          each.filmTitle,
          each.nextShow ?? '',
          each.reason,
        ]),
      );
      environment.exit(needed.total > 0 ? EXIT.faulty : EXIT.done);
    });
}

type Ordered = {
  readonly screens: number;
  readonly jobIds: readonly string[];
  readonly proposals: readonly string[];
  readonly findings: readonly unknown[];
};

/** Follows the jobs of an order; what waits for a second person is named. */
async function sayOrdered(environment: Environment, ordered: Ordered): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  for (const jobId of ordered.jobIds) await followJob(client, jobId, terminal);
  terminal.remark(terminal.words(`${ordered.screens} 块银幕`, `${ordered.screens} screens`));
  for (const id of ordered.proposals) {
    terminal.remark(terminal.words(`须另一人同意 ${id}`, `waits for a second person: ${id}`));
  }
  const findings = ordered.findings as Finding[];
  if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
}

function registerChanges(keys: Command, environment: Environment): void {
  keys
    .command('change <key...>')
    .description('extend or shorten keys by new ones 延长或缩短密钥')
    .option('--to <time>', 'new end on the clock of the cinema 新的截止时间')
    .option('--from <time>', 'new beginning 新的生效时间')
    .action(async (keyIds: string[], options: { to?: string; from?: string }) => {
      const { client } = environment.server();
      const ordered = await client.keys.change({
        body: {
          keyIds,
          ...(options.from === undefined ? {} : { notBefore: options.from }),
          ...(options.to === undefined ? {} : { notAfter: options.to }),
        },
      });
      environment.terminal().answer(ordered);
      await sayOrdered(environment, ordered);
    });
  keys
    .command('withhold <key...>')
    .description('stop delivering keys; loaded ones open until their end 停止交付')
    .requiredOption('--reason <text>', 'why 原因')
    .action(async (keyIds: string[], options: { reason: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const done = await client.keys.withdraw({ body: { keyIds, reason: options.reason } });
      terminal.answer(done);
      terminal.say(
        terminal.words(
          `已停止交付 ${done.withdrawn}，其中 ${done.held} 个影院已收到`,
          `withheld ${done.withdrawn}, of which ${done.held} reached their cinemas`,
        ),
      );
      const findings = done.findings as Finding[];
      if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
      environment.exit(exitFor(findings));
    });
  keys
    .command('receipts <key>')
    .description('how a key reached its cinema 送达凭据')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const answer = await environment.server().client.keys.receipts({ params: { id } });
      terminal.answer(answer);
      terminal.table(
        ['', '', terminal.words('时间', 'at'), ''],
        answer.rows.map((each) => [each.way, each.state, each.at ?? '', each.detail]),
      );
    });
}

function registerOrders(keys: Command, environment: Environment): void {
  keys
    .command('orders')
    .description('orders of keys; with --open those that wait 密钥申请')
    .option('--open', 'only what waits for a second person 只看等待同意的')
    .action(async (options: { open?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.keys.orders({
          query: {
            after,
            limit: 500,
            ...(options.open === true ? { state: 'proposed' as const } : {}),
          },
        }),
      );
      terminal.answer({ rows });
      terminal.table(
        ['id', terminal.words('影片', 'film'), terminal.words('银幕', 'screens'), '', ''],
        rows.map((each) => [
          each.id,
          each.filmTitle,
          String(each.screens),
          each.reason,
          each.state,
        ]),
      );
    });
  keys
    .command('approve <order>')
    .description('agree to an order that another person proposed 同意签发')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const order = await client.keys.approve({ params: { id }, body: {} });
      terminal.answer(order);
      if (order.jobId !== null) await followJob(client, order.jobId, terminal);
      terminal.say(`${order.id}  ${order.state}`);
    });
  keys
    .command('decline <order>')
    .description('decline an order, or take back one’s own 不同意或撤回')
    .option('--note <text>', 'why 原因', '')
    .action(async (id: string, options: { note: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const order = await client.keys.decline({ params: { id }, body: { note: options.note } });
      terminal.answer(order);
      terminal.say(`${order.id}  ${order.state}`);
    });
  keys
    .command('policy [file]')
    .description('limits and alarms; with a JSON file sets them 签发规则与警报')
    .action(async (file: string | undefined) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const before = await client.keys.policy();
      const wanted =
        file === undefined ? undefined : (JSON.parse(await readFile(file, 'utf8')) as object);
      const policy =
        wanted === undefined
          ? before
          : await client.keys.setPolicy({ body: { ...before, ...wanted } });
      terminal.answer(policy);
      terminal.table(
        ['', ''],
        Object.entries(policy).map(([name, value]) => [name, value === null ? '—' : String(value)]),
      );
    });
}

function registerLinks(keys: Command, environment: Environment): void {
  keys
    .command('link <cinema>')
    .description('a link under which one cinema fetches its keys 下载链接')
    .option('--hours <number>', 'how long it opens 有效小时', Number, 72)
    .option('--fetches <number>', 'how often 次数', Number, 3)
    .option('--signed-in', 'only for members of the cinema or circuit 须登录')
    .action(async (cinemaId: string, options: LinkFlags) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const made = await client.keys.createLink({
        body: {
          cinemaId,
          hours: options.hours,
          fetchesMax: options.fetches,
          signedIn: options.signedIn === true,
        },
      });
      terminal.answer(made);
      terminal.say(made.address);
    });
  keys
    .command('fetch <address>')
    .description('as a cinema: fetch the keys of a link, ZIP 以链接取密钥')
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (address: string, { to }: { to: string }) => {
      const { client } = environment.server();
      const token = address.split('#').at(-1) ?? '';
      const held = await client.keyLink.open({ body: { token } });
      environment.terminal().remark(`${held.cinemaName}  ${held.keys.length}  ${held.expiresAt}`);
      await download(environment, await client.keyLink.fetch({ body: { token } }), to);
    });
  keys
    .command('links')
    .description('links and how often they were used 全部链接')
    .option('--revoke <id>', 'close this one 停用')
    .action(async (options: { revoke?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      if (options.revoke !== undefined) {
        await client.keys.revokeLink({ params: { id: options.revoke } });
      }
      const rows = await allRows((after) => client.keys.links({ query: { after, limit: 500 } }));
      terminal.answer({ rows });
      terminal.table(
        ['id', terminal.words('影院', 'cinema'), '', ''],
        rows.map((each) => [
          each.id,
          each.cinemaName,
          `${each.fetches}/${each.fetchesMax}`,
          each.state,
        ]),
      );
    });
}

type LinkFlags = { readonly hours: number; readonly fetches: number; readonly signedIn?: boolean };

function registerMails(keys: Command, environment: Environment): void {
  keys
    .command('mail <package>')
    .description('mail keys, one mail for each cinema 以邮件发送密钥')
    .option('--cinema <id...>', 'only to these cinemas 只发给这些影院', [])
    .addOption(new Option('--language <tag>').choices(['zh-CN', 'en']))
    .action(async (packageId: string, options: { cinema: string[]; language?: 'en' }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const sent = await client.keys.send({
        body: {
          packageId,
          cinemaIds: options.cinema,
          ...(options.language === undefined ? {} : { language: options.language }),
        },
      });
      terminal.answer(sent);
      terminal.say(terminal.words(`已排队 ${sent.mails} 封`, `queued ${sent.mails}`));
      for (const name of sent.withoutAddress) {
        terminal.remark(terminal.words(`没有邮箱：${name}`, `no address: ${name}`));
      }
      environment.exit(sent.withoutAddress.length > 0 ? EXIT.faulty : EXIT.done);
    });
  keys
    .command('mails')
    .description('mails and what became of them 邮件与结果')
    .action(async () => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) => client.keys.mails({ query: { after, limit: 500 } }));
      terminal.answer({ rows });
      terminal.table(
        [terminal.words('影院', 'cinema'), terminal.words('邮箱', 'address'), '', '', ''],
        rows.map((each) => [
          each.cinemaName,
          each.address,
          each.state,
          String(each.attempts),
          each.answer,
        ]),
      );
    });
  keys
    .command('bounce <file>')
    .description('hand in a returned mail, as the mailbox of the sender keeps it 交入退信')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const bytes = new Uint8Array(await readFile(file));
      const done = await client.keys.bounce({ bytes });
      terminal.answer(done);
      terminal.say(String(done.bounced));
    });
}

/** `yinglian desk …`: calls for help, and their answers. */
export function registerHelpDesk(program: Command, environment: Environment): void {
  const desk = program.command('desk').description('calls for help from cinemas 求助台');
  desk
    .command('list')
    .description('calls, the latest first 全部求助')
    .option('--open', 'only what waits for an answer 只看未答复的')
    .action(async (options: { open?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.help.list({
          query: {
            after,
            limit: 500,
            ...(options.open === true ? { open: 'true' as const } : {}),
          },
        }),
      );
      terminal.answer({ rows });
      terminal.table(
        ['id', terminal.words('开场', 'start'), '', '', ''],
        rows.map((each) => [
          each.id,
          each.localStart.replace('T', ' '),
          `${each.cinemaName} ${each.screenName}`,
          each.note,
          each.answer ?? '',
        ]),
      );
      environment.exit(rows.some((each) => each.mine) ? EXIT.faulty : EXIT.done);
    });
  desk
    .command('ask <show>')
    .description('ask the distributor for help with a show of the board 求助')
    .option('--note <text>', 'what is wrong 情况')
    .action(async (id: string, { note }: { note?: string }) => {
      const body = note === undefined ? {} : { note };
      await environment.server().client.shows.help({ params: { id }, body });
      environment.terminal().answer({ id });
    });
  desk
    .command('answer <call> <text>')
    .description('answer a call; the cinema’s board shows it 答复')
    .action(async (id: string, answer: string) => {
      const { client } = environment.server();
      environment.terminal().answer(await client.help.answer({ params: { id }, body: { answer } }));
    });
}

/** `yinglian custody …`: who keeps the key of the content keys; for the operator. */
export function registerCustody(program: Command, environment: Environment): void {
  const custody = program.command('custody').description('custody of content keys 密钥保管');
  const say = (state: ResultOf<typeof contract.custody.state>) => {
    const terminal = environment.terminal();
    terminal.answer(state);
    terminal.table(
      ['', ''],
      [
        [terminal.words('保管', 'keeper'), state.keeper],
        [terminal.words('状态', 'state'), state.state],
        [terminal.words('内容密钥', 'content keys'), String(state.contentKeys)],
      ],
    );
    environment.exit(state.state === 'open' ? EXIT.done : EXIT.faulty);
  };
  custody
    .command('state')
    .description('the keeper, and whether keys can be issued 状态')
    .action(async () => say(await environment.server().client.custody.state()));
  custody
    .command('change <keeper>')
    .description(`another keeper or a new key: ${KEEPERS.join(', ')} 更换或轮换`)
    .option('--passphrase-file <file>', 'read the passphrase here 口令文件')
    .action(async (name: string, options: PassphraseFlags) => {
      const keeper = KEEPERS.find((each) => each === name);
      if (keeper === undefined) throw new CommandFault(KEEPERS.join(' | '), EXIT.misused);
      const { client } = environment.server();
      const passphrase = await passphraseOf(options);
      const { jobId } = await client.custody.change({
        body: {
          keeper,
          ...(passphrase === undefined ? {} : { passphrase }),
        },
      });
      await followJob(client, jobId, environment.terminal());
      say(await client.custody.state());
    });
  custody
    .command('unseal')
    .description('open it with its passphrase 启封')
    .requiredOption('--passphrase-file <file>', 'read the passphrase here; - is standard input')
    .action(async (options: PassphraseFlags) => {
      const passphrase = (await passphraseOf(options)) ?? '';
      say(await environment.server().client.custody.unseal({ body: { passphrase } }));
    });
  custody
    .command('seal')
    .description('close it until the passphrase is given again 封存')
    .action(async () => say(await environment.server().client.custody.seal({ body: {} })));
}

type PassphraseFlags = { readonly passphraseFile?: string };

/** Never on the command line, which everybody on the machine can read. */
async function passphraseOf({ passphraseFile }: PassphraseFlags): Promise<string | undefined> {
  if (passphraseFile === undefined) return undefined;
  const text = await readFile(passphraseFile === '-' ? '/dev/stdin' : passphraseFile, 'utf8');
  return text.replace(/\r?\n$/, '');
}
