import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type Finding, formatYuan, parseYuan } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { allRows, download, followJob, uploadFile } from '../kernel/remote.ts';

const sheetOption = () => new Option('--as <format>').choices(['xlsx', 'csv']).default('xlsx');
type Format = 'xlsx' | 'csv';
const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };

/** Findings with their words and, as everywhere, the exit that says how grave they are. */
async function tell(environment: Environment, findings: readonly Finding[]): Promise<void> {
  if (findings.length > 0) {
    sayFindings(environment.terminal(), [...findings], await environment.texts());
  }
  environment.exit(exitFor([...findings]));
}

/** `yinglian exhibition …`: evidence that cinemas hand in, and what is made of it. */
export function registerEvidence(exhibition: Command, environment: Environment): void {
  registerLogs(exhibition, environment);
  registerReports(exhibition, environment);
  registerFacts(exhibition, environment);
  registerDevices(exhibition, environment);
  registerExamination(exhibition, environment);
  registerCases(exhibition, environment);
}

function registerLogs(exhibition: Command, environment: Environment): void {
  exhibition
    .command('log <file...>')
    .description('hand in playback logs (ST 430-4, or a table), in any order 上报放映日志')
    .requiredOption('--cinema <id>', 'the cinema 影院')
    .option('--screen <id>', 'of what names no device, or an unregistered one 影厅')
    .action(async (files: string[], options: { cinema: string; screen?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const findings: Finding[] = [];
      const taken = [];
      for (const file of files) {
        const { fileId } = await uploadFile(client, file, terminal);
        const log = await client.evidence.takeLog({
          body: { fileId, cinemaId: options.cinema, ...given('screenId', options.screen) },
        });
        taken.push(log);
        findings.push(...(log.findings as Finding[]));
        const again = log.repeated ? terminal.words('（已收过）', ' (again)') : '';
        terminal.say(`${file}  ${log.records}  ${log.playbacks}/${log.fresh}${again}`);
      }
      terminal.answer(taken);
      await tell(environment, findings);
    });
  exhibition
    .command('place-log <log> <screen>')
    .description('say which screen an unregistered device of a log stands in 指明设备的影厅')
    .option('--device <name>', 'as the log names it; by default all that stand nowhere 设备')
    .action(async (id: string, screenId: string, options: { device?: string }) => {
      const terminal = environment.terminal();
      const body = { screenId, ...given('device', options.device) };
      const { client } = environment.server();
      const log = await client.evidence.placeLog({ params: { id }, body });
      terminal.answer(log);
      await tell(environment, log.findings as Finding[]);
    });
  exhibition
    .command('holes')
    .description('holes in the logs; ends with 1 while there is one 日志缺口')
    .option('--cinema <id>', 'of one cinema 影院')
    .action(async ({ cinema }: { cinema?: string }) => {
      const terminal = environment.terminal();
      const query = given('cinemaId', cinema);
      const { rows } = await environment.server().client.evidence.holes({ query });
      terminal.answer(rows);
      terminal.table(
        [terminal.words('影院', 'cinema'), terminal.words('设备', 'device'), '#', '', ''],
        rows.map((each) => [
          `${each.cinemaName} ${each.screenName ?? ''}`,
          each.device,
          `${each.afterSequence} … ${each.beforeSequence}`,
          each.from,
          each.until,
        ]),
      );
      environment.exit(rows.length > 0 ? EXIT.faulty : EXIT.done);
    });
  exhibition
    .command('playbacks')
    .description('what was played, as a file 导出放映记录')
    .requiredOption('--from <day>', 'first day 起')
    .requiredOption('--until <day>', 'last day 止')
    .option('--cinema <id>', 'of one cinema 影院')
    .option('--film <id>', 'of one film 影片')
    .addOption(sheetOption())
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (options: Span & { cinema?: string; film?: string; as: Format; to: string }) => {
      const query = {
        from: options.from,
        to: options.until,
        format: options.as,
        ...given('cinemaId', options.cinema),
        ...given('filmId', options.film),
      };
      const { client } = environment.server();
      await download(environment, await client.evidence.exportPlaybacks({ query }), options.to);
    });
  exhibition
    .command('programme <file>')
    .description('import a programme from CSV or XLSX 导入排片')
    .option('--cinema <id>', 'of sheets that name no cinema 影院')
    .option('--commit', 'do it; without this it only says what would happen 确认写入')
    .action(async (file: string, options: { cinema?: string; commit?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { fileId } = await uploadFile(client, file, terminal);
      const commit = options.commit === true;
      const body = { fileId, commit, ...given('cinemaId', options.cinema) };
      const done = await client.evidence.importProgramme({ body });
      terminal.answer({ ...done, committed: commit });
      terminal.say(
        terminal.words(
          `${done.cinemas} 家影院，${done.shows} 场`,
          `${done.cinemas} cinemas, ${done.shows} shows`,
        ),
      );
      await tell(environment, done.findings as Finding[]);
    });
}

type Span = { readonly from: string; readonly until: string };

function registerReports(exhibition: Command, environment: Environment): void {
  exhibition
    .command('feed <file>')
    .description('hand in box office as lines of yinglian-box-office/1 上报票房数据')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const bytes = new Uint8Array(await readFile(file));
      const report = await environment.server().client.evidence.feedReport({ bytes });
      terminal.answer(report);
      terminal.say(`${report.id}  ${report.rows}  ¥${formatYuan(BigInt(report.grossFen))}`);
    });
  exhibition
    .command('timeliness')
    .description('how punctually cinemas report 各影院上报是否及时')
    .requiredOption('--from <day>', 'first day 起')
    .requiredOption('--until <day>', 'last day 止')
    .option('--circuit <id>', 'of one circuit 院线')
    .addOption(sheetOption())
    .option('--to <file>', 'write the list here 写到')
    .action(async (options: Span & { circuit?: string; as: Format; to?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const query = {
        from: options.from,
        to: options.until,
        ...given('circuitId', options.circuit),
      };
      if (options.to !== undefined) {
        const sheet = { ...query, format: options.as };
        await download(
          environment,
          await client.evidence.exportTimeliness({ query: sheet }),
          options.to,
        );
        return;
      }
      const rows = await allRows((after) =>
        client.evidence.timeliness({ query: { ...query, limit: 500, after } }),
      );
      terminal.answer(rows);
      terminal.table(
        [terminal.words('影院', 'cinema'), terminal.words('已报', 'reported'), '', ''],
        rows.map((each) => [
          each.cinemaName,
          `${each.reported}/${each.days}`,
          each.medianHours === null ? '—' : `${each.medianHours} h`,
          each.verdict,
        ]),
      );
    });
  const correction = exhibition.command('correction').description('late corrections 更正申请');
  correction
    .command('apply <report>')
    .description('apply with the figures that will come 申请')
    .requiredOption('--reason <text>', 'why 理由')
    .requiredOption('--rows <number>', 'rows 行数', Number)
    .requiredOption('--screenings <number>', 'screenings 场次', Number)
    .requiredOption('--admissions <number>', 'admissions 人次', Number)
    .requiredOption('--gross <yuan>', 'box office in yuan 票房（元）')
    .action(async (reportId: string, options: Figures) => {
      const terminal = environment.terminal();
      const gross = parseYuan(options.gross);
      if (gross === undefined) throw new CommandFault(`--gross ${options.gross}`, EXIT.misused);
      const { reason, rows, screenings, admissions } = options;
      const figures = { rows, screenings, admissions, grossFen: String(gross) };
      const { client } = environment.server();
      const made = await client.evidence.applyForCorrection({
        body: { reportId, reason, figures },
      });
      terminal.answer(made);
      terminal.say(`${made.id}  ${made.state}`);
    });
  correction
    .command('decide <id>')
    .description('approve, or with --refuse not 批准或退回')
    .option('--refuse', 'do not approve 退回')
    .option('--note <text>', 'why 说明', '')
    .action(async (id: string, options: { refuse?: boolean; note: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.evidence.corrections({ query: { limit: 500, after } }),
      );
      const version = rows.find((each) => each.id === id)?.version ?? 1;
      const done = await client.evidence.decideCorrection({
        params: { id },
        body: { version, agree: options.refuse !== true, decision: options.note },
      });
      terminal.answer(done);
      terminal.say(`${done.id}  ${done.state}  ${done.dueAt ?? ''}`);
    });
}

type Figures = {
  readonly reason: string;
  readonly rows: number;
  readonly screenings: number;
  readonly admissions: number;
  readonly gross: string;
};

function registerFacts(exhibition: Command, environment: Environment): void {
  exhibition
    .command('facts <cinema>')
    .description('what is so of a cinema on a day, and who says it 影院资料与出处')
    .option('--on <day>', 'on which day 哪一天')
    .option('--known <instant>', 'as it was known then 当时所知')
    .action(async (id: string, options: { on?: string; known?: string }) => {
      const terminal = environment.terminal();
      const query = { ...given('on', options.on), ...given('known', options.known) };
      const answer = await environment.server().client.facilities.facts({ params: { id }, query });
      terminal.answer(answer);
      terminal.table(
        [terminal.words('影厅', 'screen'), '', '', terminal.words('来源', 'source'), '!'],
        answer.rows.map((each) => [
          each.subjectName,
          each.fact,
          each.value ?? '—',
          each.from?.source ?? '',
          each.conflicts.map((word) => `${word.value ?? '—'} (${word.source})`).join(', '),
        ]),
      );
    });
  exhibition
    .command('conflicts')
    .description('facts on which sources disagree 来源之间的出入')
    .action(async () => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.facilities.conflicts({ query: { limit: 500, after } }),
      );
      terminal.answer(rows);
      terminal.table(
        ['', terminal.words('影院', 'cinema'), '', ''],
        rows.map((each) => [
          each.subjectId,
          `${each.cinemaName} ${each.screenName ?? ''}`,
          each.fact,
          each.words.map((word) => `${word.value ?? '—'} (${word.source})`).join(' / '),
        ]),
      );
    });
  exhibition
    .command('resolve <subject> <fact> [value]')
    .description('decide which word is right 确定采用哪一个')
    .requiredOption('--reason <text>', 'why 理由')
    .option('--screen', 'the subject is a screen 对象是影厅')
    .action(
      async (
        subjectId: string,
        fact: string,
        value: string | undefined,
        options: { reason: string; screen?: boolean },
      ) => {
        const terminal = environment.terminal();
        const subjectKind = options.screen === true ? ('screen' as const) : ('cinema' as const);
        const done = await environment.server().client.facilities.resolve({
          body: { subjectKind, subjectId, fact, value: value ?? null, reason: options.reason },
        });
        terminal.answer(done);
        terminal.say(`${done.fact}  ${done.value ?? '—'}`);
      },
    );
  exhibition
    .command('subscribe <url>')
    .description('read a feed of facility lists regularly (FLM-x) 订阅设施清单')
    .requiredOption('--name <text>', 'what to call it 名称')
    .option('--every <minutes>', 'how often 间隔（分钟）', Number, 1440)
    .action(async (url: string, options: { name: string; every: number }) => {
      const terminal = environment.terminal();
      const made = await environment.server().client.facilities.createFeed({
        body: { name: options.name, url, pollMinutes: options.every },
      });
      terminal.answer(made);
      terminal.say(made.id);
    });
  exhibition
    .command('poll <source>')
    .description('read a feed now 立即读取订阅')
    .action(async (id: string) => {
      const { client } = environment.server();
      const { jobId } = await client.facilities.pollSource({ params: { id }, body: {} });
      environment.terminal().answer(await followJob(client, jobId, environment.terminal()));
      const { findings } = await client.jobs.get({ params: { id: jobId } });
      await tell(environment, findings as Finding[]);
    });
}

function registerDevices(exhibition: Command, environment: Environment): void {
  exhibition
    .command('watch')
    .description('certificates that need attention; ends with 1 on an error 证书监看')
    .option('--circuit <id>', 'of one circuit 院线')
    .option('--cinema <id>', 'of one cinema 影院')
    .addOption(sheetOption())
    .option('--to <file>', 'write the list here 写到')
    .action(async (options: { circuit?: string; cinema?: string; as: Format; to?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const filter = {
        ...given('circuitId', options.circuit),
        ...given('cinemaId', options.cinema),
      };
      if (options.to !== undefined) {
        const query = { ...filter, format: options.as };
        await download(environment, await client.facilities.exportWatch({ query }), options.to);
        return;
      }
      const rows = await allRows((after) =>
        client.facilities.watch({ query: { ...filter, limit: 500, after } }),
      );
      terminal.answer(rows);
      terminal.table(
        [terminal.words('影院', 'cinema'), '', ''],
        rows.map((each) => [
          `${each.cinemaName} ${each.screenName}`,
          each.notAfter?.slice(0, 10) ?? '—',
          each.findings.map((one) => one.code).join(' '),
        ]),
      );
      environment.exit(exitFor(rows.flatMap((each) => each.findings as Finding[])));
    });
  const trusted = exhibition.command('trusted').description('trusted-device list 可信设备名单');
  trusted
    .command('import <file>')
    .description('bring the list forward from CSV, XLSX or PEM 更新名单')
    .requiredOption('--reason <text>', 'why 理由')
    .addOption(new Option('--mode <way>').choices(['add', 'remove', 'replace']).default('add'))
    .option('--commit', 'do it; without this it only says what would happen 确认写入')
    .action(async (file: string, options: { reason: string; mode: 'add'; commit?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { fileId } = await uploadFile(client, file, terminal);
      const { reason, mode, commit } = options;
      const done = await client.facilities.importTrusted({
        body: { fileId, reason, mode, commit: commit === true },
      });
      terminal.answer(done);
      terminal.say(`+${done.added} −${done.removed} =${done.unchanged}`);
      await tell(environment, done.findings as Finding[]);
    });
  trusted
    .command('export')
    .description('the list, or a version of it 导出名单')
    .option('--version <number>', 'which version 哪一版', Number)
    .addOption(sheetOption())
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (options: { version?: number; as: Format; to: string }) => {
      const query = { format: options.as, ...given('version', options.version) };
      const { client } = environment.server();
      await download(environment, await client.facilities.exportTrusted({ query }), options.to);
    });
}

function registerExamination(exhibition: Command, environment: Environment): void {
  exhibition
    .command('rules')
    .description('the rules and how often they are wrong 核查规则与误报率')
    .action(async () => {
      const terminal = environment.terminal();
      const set = await environment.server().client.cases.rules();
      terminal.answer(set);
      terminal.say(`${set.edition} · ${set.version}`);
      terminal.table(
        ['', '', terminal.words('误报/百万场', 'false alarms per million'), ''],
        set.rules.map((rule) => {
          const measure = set.measures.find((each) => each.code === rule.code);
          return [
            rule.code,
            rule.enabled ? rule.severity : '—',
            measure === undefined ? '—' : ((measure.falseAlarms / measure.honest) * 1e6).toFixed(1),
            measure === undefined ? '—' : `${measure.found}/${measure.planted}`,
          ];
        }),
      );
    });
  exhibition
    .command('examine')
    .description('join shows, plays, tickets and keys of some days 核对场次')
    .requiredOption('--from <day>', 'first day 起')
    .requiredOption('--until <day>', 'last day 止')
    .option('--circuit <id>', 'of one circuit 院线')
    .option('--cinema <id>', 'of one cinema 影院')
    .option('--film <id>', 'of one film 影片')
    .action(async (options: Span & { circuit?: string; cinema?: string; film?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const made = await client.cases.examine({
        body: {
          from: options.from,
          to: options.until,
          circuitId: options.circuit ?? null,
          cinemaId: options.cinema ?? null,
          filmId: options.film ?? null,
        },
      });
      const result = await followJob(client, made.jobId!, terminal);
      terminal.answer(result);
      const counts = result as Readonly<Record<string, number>>;
      terminal.table(Object.keys(counts), [Object.values(counts).map(String)]);
    });
}

function registerCases(exhibition: Command, environment: Environment): void {
  const cases = exhibition.command('cases').description('what does not fit 疑点案件');
  const CASE_STATES = ['open', 'asked', 'answered', 'proposed', 'decided', 'cleared'] as const;
  cases
    .command('list', { isDefault: true })
    .description('cases; with --to as a file 列出案件')
    .addOption(new Option('--state <state>').choices(CASE_STATES))
    .option('--rule <code>', 'of one rule 规则')
    .addOption(sheetOption())
    .option('--to <file>', 'write the list here 写到')
    .action(
      async (options: {
        state?: (typeof CASE_STATES)[number];
        rule?: string;
        as: Format;
        to?: string;
      }) => {
        const terminal = environment.terminal();
        const { client } = environment.server();
        const filter = { ...given('state', options.state), ...given('rule', options.rule) };
        if (options.to !== undefined) {
          const query = { ...filter, format: options.as };
          await download(environment, await client.cases.export({ query }), options.to);
          return;
        }
        const rows = await allRows((after) =>
          client.cases.list({ query: { ...filter, limit: 500, after } }),
        );
        terminal.answer(rows);
        terminal.table(
          ['id', '', terminal.words('影院', 'cinema'), '', ''],
          rows.map((each) => [
            each.id,
            each.localAt.replace('T', ' '),
            `${each.cinemaName} ${each.screenName}`,
            each.rule,
            each.verdict ?? each.state,
          ]),
        );
      },
    );
  cases
    .command('show <case>')
    .description('a case with its evidence and all that was said 案件详情')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const one = await environment.server().client.cases.get({ params: { id } });
      terminal.answer(one);
      const facts = JSON.stringify(one.facts);
      terminal.say(`${one.rule} ${facts}  ${one.cinemaName} ${one.screenName} ${one.localAt}`);
      terminal.table(
        ['', '', '', ''],
        one.evidence.map((each) => [
          each.kind,
          each.startsAt,
          each.title,
          each.grossFen === null
            ? (each.endsAt ?? '')
            : `${each.admissions} · ¥${formatYuan(BigInt(each.grossFen))}`,
        ]),
      );
      for (const event of one.events) {
        terminal.say(`${event.at}  ${event.organisation} ${event.person}  ${event.action}`);
        if (event.text !== '') terminal.say(`  ${event.text}`);
      }
    });
  registerCaseSteps(cases, environment);
}

function registerCaseSteps(cases: Command, environment: Environment): void {
  type Client = ReturnType<Environment['server']>['client'];
  /** Steps name the version they were taken from; the command takes the one that is there. */
  const step = async (
    id: string,
    take: (client: Client, version: number) => Promise<{ id: string; state: string }>,
  ) => {
    const terminal = environment.terminal();
    const { client } = environment.server();
    const { version } = await client.cases.get({ params: { id } });
    const done = await take(client, version);
    terminal.answer(done);
    terminal.say(`${done.id}  ${done.state}`);
  };
  cases
    .command('ask <case> <text>')
    .description('ask the cinema for its statement 请影院说明')
    .action((id: string, text: string) =>
      step(id, (client, version) => client.cases.ask({ params: { id }, body: { version, text } })),
    );
  cases
    .command('answer <case> <text>')
    .description('the cinema’s statement, with files 影院答复')
    .option('--file <path...>', 'evidence 附件', [])
    .action((id: string, text: string, options: { file: string[] }) =>
      step(id, async (client, version) => {
        const fileIds: string[] = [];
        for (const path of options.file) {
          fileIds.push((await uploadFile(client, path, environment.terminal())).fileId);
        }
        return client.cases.answer({ params: { id }, body: { version, text, fileIds } });
      }),
    );
  cases
    .command('decide <case>')
    .description('decide; an upheld one leaves its rows out, or takes --rows 作出结论')
    .addOption(
      new Option('--verdict <verdict>')
        .choices(['upheld', 'dismissed', 'tolerated'])
        .makeOptionMandatory(),
    )
    .option('--text <text>', 'why 理由', '')
    .option('--rows <file>', 'JSON: [{reportId, line, admissions, grossFen}]')
    .action((id: string, options: { verdict: 'upheld'; text: string; rows?: string }) =>
      step(id, async (client, version) => {
        const { verdict, text } = options;
        const rows =
          options.rows === undefined
            ? []
            : (JSON.parse(await readFile(options.rows, 'utf8')) as never[]);
        return client.cases.decide({ params: { id }, body: { version, verdict, text, rows } });
      }),
    );
  cases
    .command('confirm <case>')
    .description('confirm what another person proposed, or --back 复核结论')
    .option('--back', 'send it back 退回')
    .option('--text <text>', 'why 说明', '')
    .action((id: string, options: { back?: boolean; text: string }) =>
      step(id, (client, version) =>
        client.cases.confirm({
          params: { id },
          body: { version, agree: options.back !== true, text: options.text },
        }),
      ),
    );
}
