import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { planSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { allRows, download, followJob } from '../kernel/remote.ts';

/** `yinglian release …`: plans, their revisions and notices, and the keys that bookings lack. */
export function registerReleases(program: Command, environment: Environment): void {
  const release = program.command('release').description('release plans 发行计划');
  release
    .command('list')
    .description('releases 全部发行计划')
    .action(async () => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.releases.list({ query: after === undefined ? {} : { after } }),
      );
      terminal.answer({ rows });
      terminal.table(
        ['id', terminal.words('影片', 'film'), terminal.words('状态', 'state'), '#', '✓'],
        rows.map((each) => [
          each.id,
          each.filmTitle,
          each.state,
          String(each.revision),
          String(each.bookings.confirmed),
        ]),
      );
    });
  release
    .command('plan <film> <file>')
    .description('plan a release from a JSON file, or change one 由 JSON 新建或修改计划')
    .option('--release <id>', 'change this release instead 修改已有计划')
    .option('--announce', 'announce it as the next revision 随即发布')
    .action((film: string, file: string, options: PlanFlags) =>
      plan(environment, film, file, options),
    );
  release
    .command('withdraw <release>')
    .description('withdraw a release; its bookings end 撤回发行')
    .action(async (id: string) => {
      const { releases } = environment.server().client;
      const { version } = await releases.get({ params: { id } });
      const done = await releases.withdraw({ params: { id }, body: { version } });
      environment.terminal().answer(done);
      environment.terminal().say(`${done.id}  ${done.state}`);
    });
  release
    .command('notice <release>')
    .description('the distribution notice as a page 发行通知')
    .requiredOption('--to <file>', 'where to write it 写到')
    .addOption(new Option('--language <tag>').choices(['zh-CN', 'en']).default('zh-CN'))
    .option('--revision <number>', 'an earlier revision 指定版本', Number)
    .action(async (id: string, options: { to: string; language: 'en'; revision?: number }) => {
      const { to, ...query } = options;
      const { client } = environment.server();
      await download(environment, await client.releases.notice({ params: { id }, query }), to);
    });
  release
    .command('changes <release>')
    .description('all revisions with what each changed 各版发行通知的差异')
    .action((id: string) => changes(environment, id));
  release
    .command('missing-keys <release>')
    .description('booked screens that lack a key; with --issue makes them 缺少的密钥')
    .option('--issue', 'issue what can be issued 签发')
    .action((id: string, options: { issue?: boolean }) =>
      missingKeys(environment, id, options.issue === true),
    );
  release
    .command('screenings <release>')
    .description('cinemas against the minimum screenings of the notice 最低场次的履行')
    .option('--short', 'only those that show too few 只列不足的')
    .action((id: string, options: { short?: boolean }) => screenings(environment, id, options));
}

/** What each revision changed, the newest first; and what the draft would change next. */
async function changes(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const params = { id };
  const { changes: draft } = await client.releases.get({ params });
  const { rows } = await client.releases.revisions({ params });
  terminal.answer({ draft, rows });
  const say = (title: string, changed: typeof draft) => {
    terminal.say(title);
    for (const { path, before, after } of changed) {
      terminal.say(`  ${path.join(' ')}: ${before ?? '—'} → ${after ?? '—'}`);
    }
  };
  if (draft.length > 0) say(terminal.words('草案', 'draft'), draft);
  for (const { revision, announcedAt, announcedBy, changes: changed } of rows) {
    say(`#${revision}  ${announcedAt}  ${announcedBy}`, changed);
  }
}

/** Cinemas against what the notice asks for; ends with 1 while one is short. */
async function screenings(
  environment: Environment,
  releaseId: string,
  options: { readonly short?: boolean },
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const only = options.short === true ? ({ only: 'short' } as const) : {};
  const rows = await allRows((after) =>
    client.bookings.screenings({
      query: { releaseId, limit: 200, ...only, ...(after === undefined ? {} : { after }) },
    }),
  );
  terminal.answer({ rows });
  terminal.table(
    [
      terminal.words('影院', 'cinema'),
      terminal.words('日期', 'days'),
      terminal.words('约定', 'promised'),
      terminal.words('排片', 'planned'),
      terminal.words('放映', 'played'),
      '',
    ],
    rows.map((each) => [
      each.cinemaName,
      `${each.from} – ${each.to}`,
      String(each.promised),
      String(each.planned ?? '—'),
      String(each.played ?? '—'),
      each.state,
    ]),
  );
  const findings = rows.flatMap((row) =>
    row.findings.map((each) => ({ ...each, at: { cinema: row.cinemaName, ...each.at } })),
  ) as Finding[];
  if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
  environment.exit(findings.length > 0 ? EXIT.faulty : EXIT.done);
}

type PlanFlags = { readonly release?: string; readonly announce?: boolean };

async function plan(
  environment: Environment,
  filmId: string,
  file: string,
  options: PlanFlags,
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const wanted = planSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  let release;
  if (options.release === undefined) {
    release = await client.releases.create({ body: { filmId, plan: wanted } });
  } else {
    const params = { id: options.release };
    const { version } = await client.releases.get({ params });
    release = await client.releases.update({ params, body: { plan: wanted, version } });
  }
  if (options.announce === true) {
    const { id, version } = release;
    release = await client.releases.announce({ params: { id }, body: { version } });
  }
  terminal.answer(release);
  terminal.say(`${release.id}  ${release.filmTitle}  ${release.state} ${release.revision}`);
  const findings = release.findings as Finding[];
  if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
  environment.exit(exitFor(findings));
}

async function missingKeys(environment: Environment, id: string, issue: boolean): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const params = { id };
  if (issue) {
    const { screens, jobIds, proposals } = await client.releases.issueKeys({ params, body: {} });
    for (const jobId of jobIds) await followJob(client, jobId, terminal);
    for (const order of proposals) {
      terminal.remark(
        terminal.words(`须另一人同意 ${order}`, `waits for a second person: ${order}`),
      );
    }
    terminal.remark(terminal.words(`已签发 ${screens} 块银幕`, `issued for ${screens} screens`));
  }
  const missing = await client.releases.missingKeys({ params, query: { limit: 2000 } });
  terminal.answer(missing);
  terminal.table(
    [terminal.words('影院', 'cinema'), terminal.words('影厅', 'screen'), ''],
    missing.rows.map((each) => [each.cinemaName, each.screenName, each.reason]),
  );
  environment.exit(missing.total > 0 ? EXIT.faulty : EXIT.done);
}

const DISTRIBUTOR_ACTIONS = ['confirm', 'withdraw', 'cancel', 'hold_over'] as const;
const CINEMA_ACTIONS = ['accept', 'decline'] as const;
type Action = (typeof DISTRIBUTOR_ACTIONS)[number] | (typeof CINEMA_ACTIONS)[number] | 'move';

/** `yinglian booking …`: offers, answers and decisions, one by one or a release at a time. */
export function registerBookings(program: Command, environment: Environment): void {
  const booking = program.command('booking').description('bookings 订片');
  booking
    .command('list')
    .description('bookings with their conflicts 订片与冲突')
    .option('--release <id>', 'of this release 按发行计划')
    .action(async (options: { release?: string }) => {
      const terminal = environment.terminal();
      const rows = await bookingsOf(environment, options.release);
      terminal.answer({ rows });
      terminal.table(
        ['id', terminal.words('影院', 'cinema'), terminal.words('日期', 'days'), '', '!'],
        rows.map((each) => [
          each.id,
          each.cinemaName,
          `${each.from} – ${each.to}`,
          each.state,
          String(each.conflicts.length),
        ]),
      );
    });
  booking
    .command('offer <release> <version>')
    .description('offer a film version to circuits and cinemas 发出订片')
    .option('--circuit <id...>', 'all cinemas of these circuits 院线', [])
    .option('--cinema <id...>', 'these cinemas 影院', [])
    .option('--from <day>', 'a later first day than the release has 起')
    .option('--to <day>', 'an earlier last day 止')
    .action(async (releaseId: string, filmVersionId: string, options: OfferFlags) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const done = await client.bookings.offer({
        body: {
          releaseId,
          filmVersionId,
          circuitIds: options.circuit,
          cinemaIds: options.cinema,
          ...(options.from === undefined ? {} : { from: options.from }),
          ...(options.to === undefined ? {} : { to: options.to }),
        },
      });
      terminal.answer(done);
      terminal.say(terminal.words(`已发出 ${done.offered}`, `offered ${done.offered}`));
      const findings = done.skipped.flatMap((each) => each.findings) as Finding[];
      if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
    });
  for (const action of [...CINEMA_ACTIONS, ...DISTRIBUTOR_ACTIONS]) {
    booking
      .command(`${action.replace('_', '-')} [booking...]`)
      .description(`${action.replace('_', ' ')} bookings, or all of a release 处理订片`)
      .option('--release <id>', 'all of this release that allow it 该发行计划的全部')
      .option('--to <day>', 'the new last day, to hold over 延映至')
      .option('--as-cinema', 'to cancel as the cinema 以影院身份取消')
      .action((ids: string[], options: ActFlags) => act(environment, action, ids, options));
  }
  registerMoves(booking, environment);
}

function registerMoves(booking: Command, environment: Environment): void {
  booking
    .command('move <booking> <screen...>')
    .description('put a booking into other screens of its cinema; keys follow 调厅')
    .option('--as-cinema', 'as the cinema, not as the distributor 以影院身份')
    .action((id: string, screenIds: string[], { asCinema }: { asCinema?: boolean }) =>
      act(environment, 'move', [id], { screenIds, asCinema: asCinema === true }),
    );
  booking
    .command('history <booking>')
    .description('what became of a booking 订片经过')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { rows } = await client.bookings.history({ params: { id } });
      terminal.answer({ rows });
      terminal.table(
        [terminal.words('时间', 'at'), '', '', terminal.words('状态', 'state')],
        rows.map((each) => [each.at, `${each.side} ${each.actor}`, each.action, each.state]),
      );
    });
}

type OfferFlags = {
  readonly circuit: string[];
  readonly cinema: string[];
  readonly from?: string;
  readonly to?: string;
};
type ActFlags = {
  readonly release?: string;
  readonly to?: string;
  readonly screenIds?: readonly string[];
  readonly asCinema?: boolean;
};

async function bookingsOf(environment: Environment, releaseId: string | undefined) {
  const { client } = environment.server();
  return allRows((after) =>
    client.bookings.list({
      query: {
        limit: 500,
        ...(after === undefined ? {} : { after }),
        ...(releaseId === undefined ? {} : { releaseId }),
      },
    }),
  );
}

async function act(
  environment: Environment,
  action: Action,
  given: readonly string[],
  options: ActFlags,
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const all = options.release === undefined ? [] : await bookingsOf(environment, options.release);
  const bookingIds = [
    ...given,
    ...all.filter((each) => each.actions.includes(action)).map((each) => each.id),
  ];
  if (bookingIds.length === 0) {
    throw new CommandFault('没有可处理的订片 no booking allows it', EXIT.misused);
  }
  const { to, screenIds, asCinema = false } = options;
  const more = {
    ...(to === undefined ? {} : { to }),
    ...(screenIds === undefined ? {} : { screenIds: [...screenIds] }),
  };
  const isCinema =
    CINEMA_ACTIONS.includes(action as 'accept') ||
    (asCinema && (action === 'cancel' || action === 'move'));
  const done = isCinema
    ? await client.bookings.answer({ body: { action: action as 'accept', bookingIds, ...more } })
    : await client.bookings.decide({ body: { action: action as 'confirm', bookingIds, ...more } });
  terminal.answer(done);
  terminal.say(terminal.words(`已处理 ${done.changed}`, `changed ${done.changed}`));
  const findings = done.refused.flatMap((each) => each.findings) as Finding[];
  if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
  environment.exit(done.refused.length > 0 ? EXIT.faulty : EXIT.done);
}

/** `yinglian board`: what will not start, first. Ends with 1 while something is red. */
export function registerBoard(program: Command, environment: Environment): void {
  program
    .command('board')
    .description('shows of the next hours, red first 开映看板')
    .option('--hours <number>', 'how far 小时', Number, 72)
    .option('--cinema <id>', 'of one cinema 影院')
    .action(async (options: { hours: number; cinema?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const board = await client.shows.board({
        query: {
          hours: options.hours,
          limit: 500,
          ...(options.cinema === undefined ? {} : { cinemaId: options.cinema }),
        },
      });
      const texts = await environment.texts();
      terminal.answer(board);
      terminal.say(`✗ ${board.red}  ! ${board.amber}  ✓ ${board.green}`);
      const why = (code: string) => {
        const text = texts[code];
        return text === undefined ? code : terminal.words(text.zh, text.en);
      };
      terminal.table(
        ['', terminal.words('开场', 'start'), terminal.words('影院', 'cinema'), '', ''],
        board.rows.map((each) => [
          each.findings.some((one) => one.code === 'unjudged_show')
            ? '·'
            : { red: '✗', amber: '!', green: '✓' }[each.worst],
          each.localStart.replace('T', ' '),
          `${each.cinemaName} ${each.screenName}`,
          each.filmTitle,
          each.findings.map((one) => why(one.code)).join('; '),
        ]),
      );
      environment.exit(board.red > 0 ? EXIT.faulty : EXIT.done);
    });
}
