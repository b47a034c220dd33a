import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { type AgentEvent, createAgent } from './agent.ts';
import { installAgent, type InstallFlags, whatNext } from './install.ts';
import { LineFault, openLine, openNeighbour } from './line.ts';
import { parseWindow, type Window } from './plan.ts';
import { createThrottle } from './rate.ts';
import { shareStore } from './share.ts';
import { systemdUnit } from './unit.ts';

type AgentFlags = {
  readonly folder: string;
  readonly ingest?: string;
  readonly tokenFile?: string;
  readonly window: readonly string[];
  readonly rateMbit?: string;
  readonly urgentHours: string;
  readonly keepDays: string;
  readonly reserveGb: string;
  readonly every: string;
  readonly outbox?: string;
  readonly neighbour: readonly string[];
  readonly named: boolean;
  readonly share?: string;
  readonly shareUrl?: string;
  readonly once?: boolean;
};

const DEFAULT_FOLDER = './yinglian-site';
const INSTALLED_FOLDER = '/var/lib/yinglian-site';
/** When cinemas are closed and lines are free; what is needed soon comes at any hour. */
const NIGHT = '00:00-08:00';
/** What a unit says in its own way, or not at all. */
const OF_THE_UNIT = new Set(['folder', 'tokenFile', 'once']);
const VERSION = '0.1.0';
const GIGABYTE = 1e9;
const BYTES_A_MBIT = 125_000;
const WAIT_MAX_SECONDS = 900;
/** While the network is away it is asked this much less often at most. */
const WAIT_TIMES = 8;
const JITTER = 0.4;
const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** `yinglian agent`: one process in a cinema that fetches what is booked there. */
export function registerAgent(program: Command, environment: Environment): void {
  const agent = program
    .command('agent')
    .description('fetch what is booked for this cinema 影院接收端')
    .option('--folder <folder>', 'where packages and keys are kept 存放目录', DEFAULT_FOLDER)
    .option('--ingest <folder>', 'where theatre servers look; by default <folder>/ingest 入库目录')
    .option('--token-file <file>', 'the credential; else YINGLIAN_SITE_TOKEN 凭证文件')
    .option(
      '--window <from-to>',
      'hours of the line, 00:00-08:00; repeatable 传输时段',
      collect,
      [],
    )
    .option('--rate-mbit <number>', 'never use more of the line 限速')
    .option('--urgent-hours <hours>', 'needed this soon: fetched at any hour 紧急小时数', '24')
    .option('--keep-days <days>', 'keep what is not wanted any more 保留天数', '7')
    .option('--reserve-gb <number>', 'disk space that is never filled 预留空间', '5')
    .option('--every <seconds>', 'ask this often 询问间隔', '60')
    .option(
      '--outbox <folder>',
      'logs, box office, programmes to hand in; <folder>/outbox 上报目录',
    )
    .option('--neighbour <url>', 'another box on this network; repeatable 邻近接收端', collect, [])
    .option('--no-named', 'ask no box that the network names 不向网络指明的邻近端索取')
    .option('--share <host:port>', 'give held files to neighbours 向邻近共享')
    .option('--share-url <url>', 'the address at which neighbours reach it 共享地址')
    .option('--once', 'one round, then end 只执行一轮')
    .action((flags: AgentFlags) => run(environment, flags));
  registerInstall(agent, environment);
  registerUnit(agent, environment);
}

function registerInstall(agent: Command, environment: Environment): void {
  agent
    .command('install')
    .description('set this box up: credential, folder and systemd unit 安装接收端')
    .requiredOption('--token <token>', 'the credential that the page showed once 凭证')
    .option('--user <name>', 'the account that runs it 运行账户', 'yinglian')
    .option('--root <folder>', 'another root, for images of disks 其他根目录', '/')
    .action(async (flags: InstallFlags) => {
      const given = agent.opts<AgentFlags>();
      const terminal = environment.terminal();
      const chosen = given.folder === DEFAULT_FOLDER ? INSTALLED_FOLDER : given.folder;
      const unit = unitOptions(agent, environment, chosen);
      const options = given.window.length > 0 ? unit.options : [...unit.options, '--window', NIGHT];
      const installed = await installAgent({ ...flags, ...unit, options });
      terminal.answer(installed);
      terminal.say(terminal.words(...whatNext(installed, flags.user)));
    });
}

function registerUnit(agent: Command, environment: Environment): void {
  agent
    .command('unit')
    .description('print a systemd unit for this box 输出 systemd 单元')
    .option('--user <name>', 'the account that runs it 运行账户', 'yinglian')
    .action((flags: { readonly user: string }) => {
      const given = agent.opts<AgentFlags>();
      const terminal = environment.terminal();
      const unit = systemdUnit({ ...unitOptions(agent, environment, given.folder), ...flags });
      terminal.answer({ unit });
      terminal.say(unit);
    });
}

/** The unit says what this command line said; a folder is what it is seen from here. */
function unitOptions(agent: Command, environment: Environment, folder: string) {
  const given = agent.opts<AgentFlags>();
  const elsewhere = [given.ingest, given.outbox].flatMap((each) =>
    each === undefined ? [] : [resolve(each)],
  );
  const options = agent.options.flatMap((option) => {
    const name = option.attributeName();
    if (OF_THE_UNIT.has(name) || agent.getOptionValueSource(name) !== 'cli') return [];
    const value: unknown = agent.getOptionValue(name);
    if (typeof value === 'boolean') return [option.long ?? ''];
    const isFolder = name === 'ingest' || name === 'outbox';
    const values = (Array.isArray(value) ? value : [value]).map(String);
    return values.flatMap((each) => [option.long ?? '', isFolder ? resolve(each) : each]);
  });
  const [, script = ''] = process.argv;
  return {
    serverUrl: environment.server().baseUrl,
    program: [process.execPath, realpathSync(script)],
    folder: resolve(folder),
    writable: elsewhere,
    options,
  };
}

async function run(environment: Environment, flags: AgentFlags): Promise<void> {
  const terminal = environment.terminal();
  const token = await readToken(flags, terminal);
  const folder = resolve(flags.folder);
  const teller = tell(terminal);
  const share = flags.share === undefined ? undefined : addressOf(flags.share);
  const shareUrl = share === undefined ? undefined : (flags.shareUrl ?? urlOfShare(share));
  const agent = await createAgent({
    folder,
    ingest: resolve(flags.ingest ?? `${folder}/ingest`),
    outbox: resolve(flags.outbox ?? `${folder}/outbox`),
    asksNamed: flags.named,
    ...(shareUrl === undefined ? {} : { shareUrl }),
    line: openLine({ serverUrl: environment.server().baseUrl, token }),
    neighbours: flags.neighbour.map(openNeighbour),
    throttle: createThrottle(
      flags.rateMbit === undefined ? undefined : number(flags.rateMbit) * BYTES_A_MBIT,
    ),
    policy: { windows: flags.window.map(windowOf), urgentHours: number(flags.urgentHours) },
    keepDays: number(flags.keepDays),
    reserveBytes: number(flags.reserveGb) * GIGABYTE,
    version: VERSION,
    signal: terminal.signal,
    say: teller.say,
  });
  const shared = share === undefined ? undefined : await shareStore(agent.store, share);
  if (shared !== undefined) terminal.remark(shareUrl ?? shared.url);
  try {
    if (flags.once === true) {
      const round = await agent.round();
      teller.done();
      terminal.answer(round);
      environment.exit(round.faults > 0 ? EXIT.faulty : EXIT.done);
      return;
    }
    await forever(() => agent.round(), number(flags.every), terminal, teller);
  } finally {
    teller.done();
    await shared?.close();
  }
}

/** Rounds without end: weeks without a line are no fault, a refused credential is. */
async function forever(
  round: () => Promise<unknown>,
  everySeconds: number,
  terminal: Terminal,
  teller: ReturnType<typeof tell>,
): Promise<void> {
  let waitSeconds = everySeconds;
  while (!terminal.signal.aborted) {
    try {
      await round();
      waitSeconds = everySeconds;
    } catch (fault) {
      if (terminal.signal.aborted) return;
      if (fault instanceof LineFault && fault.status === 401) {
        throw new CommandFault(
          terminal.words('凭证已失效，请重新登记接收端', 'the credential is not valid any more'),
          EXIT.refused,
        );
      }
      teller.say({ kind: 'fault', reason: String(fault) });
      waitSeconds = Math.min(WAIT_MAX_SECONDS, everySeconds * WAIT_TIMES, waitSeconds * 2);
    }
    teller.done();
    // Boxes that were started together, after a power cut, do not ask together for ever.
    const jitter = 1 + (Math.random() - 0.5) * JITTER;
    await pause(waitSeconds * jitter * 1000, undefined, { signal: terminal.signal }).catch(
      () => undefined,
    );
  }
}

function tell(terminal: Terminal) {
  let bar: ReturnType<Terminal['progress']> | undefined;
  const done = () => {
    bar?.done();
    bar = undefined;
  };
  const say = (event: AgentEvent): void => {
    if (event.kind === 'arriving') {
      bar ??= terminal.progress(terminal.words('传输', 'arriving'));
      bar.update(event.share, event.title);
      return;
    }
    done();
    terminal.remark(sentence(event, terminal));
  };
  return { say, done };
}

function sentence(event: Exclude<AgentEvent, { kind: 'arriving' }>, { words }: Terminal): string {
  switch (event.kind) {
    case 'published':
      return words(
        `已就位：${event.title} → ${event.folder}`,
        `ready: ${event.title} → ${event.folder}`,
      );
    case 'removed':
      return event.withdrawn
        ? words(`已撤回并删除：${event.title}`, `withdrawn and removed: ${event.title}`)
        : words(`不再需要，已删除：${event.title}`, `not needed any more, removed: ${event.title}`);
    case 'key':
      return words(`密钥到达：${event.screen} ${event.name}`, `key: ${event.screen} ${event.name}`);
    case 'clock': {
      const minutes = Math.round(event.offsetMs / 60_000);
      const { cinema, box } = event.windows;
      const [zh, en] =
        cinema === ''
          ? ['', '']
          : [
              `；传输时段 ${cinema}（影院时间）即本机 ${box}`,
              `; the hours ${cinema} of the cinema are ${box} on this box`,
            ];
      return words(
        `本机时钟偏差 ${minutes} 分钟，请校时${zh}`,
        `this clock is ${minutes} minutes off, set it right${en}`,
      );
    }
    case 'yielding':
      return event.to === null
        ? words(`停止接收：${event.title}`, `not any more: ${event.title}`)
        : words(
            `先接收 ${event.to}，再继续 ${event.title}`,
            `${event.to} comes first, then ${event.title} goes on`,
          );
    case 'handed':
      return words(`已上报：${event.name}`, `handed in: ${event.name}`);
    case 'refused':
      return words(
        `未被接受：${event.name}（${event.reason}）`,
        `refused: ${event.name} (${event.reason})`,
      );
    case 'full':
      return words(
        `磁盘空间不足：${event.title} 需要 ${event.neededBytes} 字节，剩余 ${event.freeBytes}`,
        `the disk is full: ${event.title} needs ${event.neededBytes} bytes of ${event.freeBytes}`,
      );
    case 'offline':
      return words(
        `网络不通，按 ${event.since} 的任务继续（${event.reason}）`,
        `no line: going on with the work of ${event.since} (${event.reason})`,
      );
    case 'waiting':
      return words(
        `${event.files} 个文件等待传输时段`,
        `${event.files} files wait for their hours`,
      );
    case 'fault':
      return event.reason;
  }
}

async function readToken(flags: AgentFlags, terminal: Terminal): Promise<string> {
  const text =
    flags.tokenFile === undefined
      ? process.env['YINGLIAN_SITE_TOKEN']
      : await readFile(flags.tokenFile, 'utf8').catch(() => undefined);
  const token = text?.trim() ?? '';
  if (token !== '') return token;
  throw new CommandFault(terminal.words(...NO_CREDENTIAL), EXIT.misused);
}

const TRY = 'agent --token-file /etc/yinglian/site-token --once';
const NO_CREDENTIAL = [
  [
    '没有凭证。请在网页“传输与接收端”登记接收端，把只显示一次的凭证存入文件，然后运行：',
    `  yinglian --server https://网络地址 ${TRY}`,
    '也可放在环境变量 YINGLIAN_SITE_TOKEN 中。',
  ].join('\n'),
  [
    'There is no credential. Register this box on the page "Deliveries", keep the credential',
    'that is shown once in a file, and run:',
    `  yinglian --server https://network.example ${TRY}`,
    'The environment variable YINGLIAN_SITE_TOKEN does as well.',
  ].join('\n'),
] as const;

/** An address of this machine that others on its network reach. */
function urlOfShare({ host, port }: { readonly host: string; readonly port: number }): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find((each) => each.family === 'IPv4' && !each.internal)?.address;
  return `http://${isEverywhere ? (own ?? '127.0.0.1') : host}:${port}`;
}

function number(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new CommandFault(`不是数字 not a number: ${text}`, EXIT.misused);
}

function windowOf(text: string): Window {
  const window = parseWindow(text);
  if (window !== undefined) return window;
  throw new CommandFault(`不是时段 not hours of a day: ${text}`, EXIT.misused);
}

function addressOf(text: string): { host: string; port: number } {
  const match = /^(.*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match !== null && match[1] !== '' && port <= 65_535) return { host: match[1]!, port };
  throw new CommandFault(`不是地址 not an address: ${text}`, EXIT.misused);
}
