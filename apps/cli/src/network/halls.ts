import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { formatYuan } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { readJson } from '../kernel/files.ts';
import { followJob, uploadFile } from '../kernel/remote.ts';

/** Commands that talk to a running network with an API key, one group for each hall. */
export function registerHalls(program: Command, environment: Environment): void {
  registerFilm(program, environment);
  registerProduction(program, environment);
  registerDistribution(program, environment);
  registerExhibition(program, environment);
  registerStatements(program, environment);
}

function registerFilm(program: Command, environment: Environment): void {
  const film = program.command('film').description('films of the network 影片');
  film.command('list').action(async () => {
    const terminal = environment.terminal();
    const { rows } = await environment.server().client.film.list({ query: { limit: 500 } });
    terminal.answer(rows);
    terminal.table(
      ['id', terminal.words('片名', 'title'), terminal.words('编码', 'code')],
      rows.map((each) => [each.id, each.title, each.versions[0]?.filmCode ?? '']),
    );
  });
  film
    .command('create <title>')
    .option('--english <title>')
    .option('--code <filmCode>')
    .option('--year <year>')
    .action(async (title: string, options: { english?: string; code?: string; year?: string }) => {
      const terminal = environment.terminal();
      const made = await environment.server().client.film.create({
        body: {
          title,
          titleEnglish: options.english ?? null,
          year: options.year === undefined ? null : Number(options.year),
          versions: [
            {
              format: '2D',
              filmCode: options.code ?? null,
              audioLanguage: 'zh',
              subtitleLanguages: [],
              runtimeSeconds: null,
            },
          ],
        },
      });
      terminal.answer(made);
      terminal.say(made.id);
    });
}

function registerProduction(program: Command, environment: Environment): void {
  const production = program.command('production').description('production hall 制作');
  production
    .command('ingest <file>')
    .description('upload a file and prepare it for review 上传并处理素材')
    .requiredOption('--film <id>')
    .option('--sound <file>')
    .option('--frame-rate <rate>')
    .action(async (file: string, options: { film: string; sound?: string; frameRate?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const fileId = await uploadFile(client, file, terminal);
      const soundFileId =
        options.sound === undefined ? undefined : await uploadFile(client, options.sound, terminal);
      const asset = await client.production.ingest({
        body: {
          filmId: options.film,
          fileId,
          ...(soundFileId === undefined ? {} : { soundFileId }),
          ...(options.frameRate === undefined ? {} : { sequenceFrameRate: options.frameRate }),
        },
      });
      await followJob(client, asset.jobId!, terminal);
      const done = await client.production.asset({ params: { id: asset.id } });
      terminal.answer(done);
      terminal.say(`${done.id}  ${done.state}`);
    });
  production
    .command('accept <asset>')
    .description('accept an asset as the master 验收母版')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { version } = await client.production.asset({ params: { id } });
      const done = await client.production.accept({ params: { id }, body: { version } });
      terminal.answer(done);
      terminal.say(`${done.id}  ${done.state}`);
    });
}

function registerDistribution(program: Command, environment: Environment): void {
  const distribution = program.command('distribution').description('distribution hall 发行');
  distribution
    .command('build <asset>')
    .description('build and check a package 制作并检查发行包')
    .requiredOption('--film <id>')
    .option('--container <name>', 'flat, scope or full', 'flat')
    .option('--plain', 'without encryption')
    .action(
      async (assetId: string, options: { film: string; container: string; plain?: boolean }) => {
        const terminal = environment.terminal();
        const { client } = environment.server();
        const made = await client.distribution.build({
          body: {
            filmId: options.film,
            assetId,
            container: options.container as 'flat',
            encrypt: options.plain !== true,
          },
        });
        await followJob(client, made.jobId!, terminal);
        const done = await client.distribution.package({ params: { id: made.id } });
        terminal.answer(done);
        terminal.say(`${done.id}  ${done.title}  ${done.state}`);
      },
    );
  distribution
    .command('download <package>')
    .description('fetch a whole package as TAR 下载发行包')
    .requiredOption('--to <file>')
    .action(async (id: string, options: { to: string }) => {
      const response = await environment.server().client.distribution.download({ params: { id } });
      await writeFile(options.to, response.body!);
      environment.terminal().say(options.to);
    });
  distribution
    .command('keys <package>')
    .description('issue keys for screens in their own clocks 签发密钥')
    .requiredOption('--from <time>', '2026-12-01T00:01')
    .requiredOption('--to <time>')
    .option('--screen <id...>', 'by default every screen with a certificate')
    .option('--zip <file>', 'write the keys here')
    .action(async (packageId: string, options: KeysCommand) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const screenIds = options.screen ?? (await equippedScreens(client));
      const { jobId } = await client.distribution.issueKeys({
        body: {
          packageId,
          screenIds,
          notBefore: options.from,
          notAfter: options.to,
        },
      });
      const result = await followJob(client, jobId, terminal);
      terminal.answer(result);
      terminal.say(JSON.stringify(result));
      if (options.zip === undefined) return;
      const archive = await client.distribution.keyArchive({ query: { packageId, jobId } });
      await writeFile(options.zip, archive.body!);
    });
}

type KeysCommand = {
  readonly from: string;
  readonly to: string;
  readonly screen?: string[];
  readonly zip?: string;
};

async function equippedScreens(client: ReturnType<Environment['server']>['client']) {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await client.exhibition.screens({
      query: { limit: 500, ...(after === undefined ? {} : { after }) },
    });
    ids.push(...page.rows.filter((each) => each.device !== null).map((each) => each.id));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return ids;
}

function registerExhibition(program: Command, environment: Environment): void {
  const exhibition = program.command('exhibition').description('exhibition hall 放映');
  exhibition
    .command('report <file>')
    .description('import a box-office file 导入票房文件')
    .option('--film <id>')
    .option('--quarantine', 'take the good rows, set the others aside')
    .action(async (file: string, options: { film?: string; quarantine?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const fileId = await uploadFile(client, file, terminal);
      const report = await client.exhibition.importReport({
        body: {
          fileId,
          faults: options.quarantine === true ? 'quarantine' : 'refuse',
          ...(options.film === undefined ? {} : { filmId: options.film }),
        },
      });
      terminal.answer(report);
      terminal.say(
        `${report.id}  ${report.rows}  ¥${formatYuan(BigInt(report.grossFen), { grouped: true })}`,
      );
    });
}

function registerStatements(program: Command, environment: Environment): void {
  const settlement = program.command('settlement').description('settlement hall 结算');
  settlement
    .command('run')
    .description('settle a film for a period 结算')
    .requiredOption('--film <id>')
    .requiredOption('--terms <id>')
    .requiredOption('--report <id...>')
    .requiredOption('--from <date>')
    .requiredOption('--to <date>')
    .action(async (options: RunCommand) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const run = await client.settlement.settle({
        body: {
          filmId: options.film,
          termsId: options.terms,
          reportIds: options.report,
          from: options.from,
          to: options.to,
        },
      });
      await followJob(client, run.jobId!, terminal);
      const { rows } = await client.settlement.statements({ query: { runId: run.id, limit: 500 } });
      terminal.answer(rows);
      terminal.table(
        [
          terminal.words('单号', 'number'),
          terminal.words('对象', 'with'),
          terminal.words('合计', 'total'),
        ],
        rows.map((each) => [
          each.number,
          each.counterparty ?? each.party,
          formatYuan(BigInt(each.totalFen), { grouped: true }),
        ]),
      );
    });
  settlement
    .command('terms <file>')
    .description('draw up terms for a film from JSON 订立条款')
    .requiredOption('--film <id>')
    .option('--title <title>')
    .option('--agree', 'agreed at once')
    .action(async (file: string, options: { film: string; title?: string; agree?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const terms = await readJson(file);
      const title = options.title ?? basename(file, '.json');
      const drawn = await client.settlement.createTerms({
        body: { filmId: options.film, title, terms },
      });
      const stored =
        options.agree === true
          ? await client.settlement.updateTerms({
              params: { id: drawn.id },
              body: { version: drawn.version, title, terms, state: 'agreed' },
            })
          : drawn;
      terminal.answer(stored);
      terminal.say(`${stored.id}  ${stored.state}`);
    });
  settlement
    .command('download <statement>')
    .option('--as <kind>', 'xlsx, print or proof', 'xlsx')
    .requiredOption('--to <file>')
    .action(async (id: string, options: { as: string; to: string }) => {
      const { client } = environment.server();
      const call = { params: { id }, query: {} };
      const response =
        options.as === 'proof'
          ? await client.settlement.proof({ params: { id } })
          : options.as === 'print'
            ? await client.settlement.print(call)
            : await client.settlement.spreadsheet(call);
      await writeFile(options.to, response.body!);
      environment.terminal().say(options.to);
    });
}

type RunCommand = {
  readonly film: string;
  readonly terms: string;
  readonly report: string[];
  readonly from: string;
  readonly to: string;
};
