import { readdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Command, Option } from 'commander';
import { CONFORMS } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { allRows, download, followJob, uploadFile } from '../kernel/remote.ts';

/** `yinglian distribution …`: a master becomes a package, and a screen gets its key. */
export function registerDistribution(program: Command, environment: Environment): void {
  const distribution = program.command('distribution').description('distribution hall 发行');
  registerBuild(distribution, environment);
  distribution
    .command('rates <asset>')
    .description('ways in which the master may meet a package’s frame rate 可用的帧率')
    .addOption(new Option('--standard <name>').choices(['smpte', 'interop']).default('smpte'))
    .addOption(new Option('--resolution <name>').choices(['2k', '4k']).default('2k'))
    .action(async (id: string, query: { standard: 'smpte'; resolution: '2k' }) => {
      const terminal = environment.terminal();
      const rates = await environment.server().client.distribution.rates({ params: { id }, query });
      terminal.answer(rates);
      terminal.table(
        ['--conform', '--rate', terminal.words('速度', 'speed'), ''],
        rates.choices.map((each) => [
          each.conform,
          each.frameRate,
          each.speed,
          each.recommended ? terminal.words('推荐', 'recommended') : '',
        ]),
      );
    });
  distribution
    .command('check <package>')
    .description('judge a stored package again 重新检查发行包')
    .action(async (id: string) => {
      const { client } = environment.server();
      const { jobId } = await client.distribution.check({ params: { id } });
      await followJob(client, jobId, environment.terminal());
      await sayPackage(environment, id);
    });
  distribution
    .command('download <package>')
    .description('fetch a whole package as TAR 下载发行包')
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (id: string, options: { to: string }) => {
      const { client } = environment.server();
      await download(
        environment,
        await client.distribution.download({ params: { id } }),
        options.to,
      );
    });
  distribution
    .command('withdraw <package>')
    .description('take a package, and what hangs on it, from every site 撤回发行包')
    .action(async (id: string) => {
      const { client } = environment.server();
      const done = await client.sites.withdrawPackage({ params: { id } });
      environment.terminal().answer(done);
      for (const each of done.withdrawn) environment.terminal().say(`${each.id}  ${each.title}`);
    });
  registerIntake(distribution, environment);
  registerKeys(distribution, environment);
}

/** Packages and keys of other houses. */
function registerIntake(distribution: Command, environment: Environment): void {
  distribution
    .command('take <folder>')
    .description('send a package of another house, judged on arrival 收取外来发行包')
    .requiredOption('--film <id>', 'the film 影片')
    .option('--film-version <id>', 'which version it is; by default the first 版本')
    .action(async (folder: string, options: { film: string; filmVersion?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const film = await client.film.get({ params: { id: options.film } });
      const files: { path: string; fileId: string }[] = [];
      const names = await readdir(folder, { recursive: true, withFileTypes: true });
      for (const each of names.filter((entry) => entry.isFile())) {
        const place = join(each.parentPath, each.name);
        const path = relative(folder, place).split(sep).join('/');
        files.push({ path, fileId: (await uploadFile(client, place, terminal)).fileId });
      }
      const made = await client.distribution.take({
        body: {
          filmId: options.film,
          filmVersionId: options.filmVersion ?? film.versions[0]?.id ?? null,
          files,
        },
      });
      await followJob(client, made.jobId!, terminal);
      await sayPackage(environment, made.id);
    });
  distribution
    .command('certificate')
    .description('our certificate chain, for houses that make us a DKDM 本组织证书')
    .action(async () => {
      const { client } = environment.server();
      const answer = await client.distribution.certificate({ body: {} });
      environment.terminal().answer(answer);
      environment.terminal().say(answer.pem.trimEnd());
    });
  distribution
    .command('dkdm <package> <file>')
    .description('take a DKDM; its content keys go into custody 导入 DKDM')
    .action(async (id: string, file: string) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { fileId } = await uploadFile(client, file, terminal);
      const done = await client.distribution.takeDkdm({ params: { id }, body: { fileId } });
      await followJob(client, done.jobId, terminal);
      terminal.remark(terminal.words(`${done.keys} 个内容密钥`, `${done.keys} content keys`));
      await sayPackage(environment, id);
    });
}

function registerBuild(distribution: Command, environment: Environment): void {
  distribution
    .command('build <asset>')
    .description('build and check a package 制作并检查发行包')
    .requiredOption('--film <id>', 'the film 影片')
    .addOption(new Option('--container <name>').choices(['flat', 'scope', 'full']).default('flat'))
    .addOption(new Option('--resolution <name>').choices(['2k', '4k']).default('2k'))
    .addOption(new Option('--standard <name>').choices(['smpte', 'interop']).default('smpte'))
    .addOption(new Option('--conform <way>', 'keep, speed or repeat; see rates').choices(CONFORMS))
    .option('--rate <rate>', 'frame rate of the package 发行包帧率')
    .option('--bit-rate <mbit>', 'Mbit/s 码率', Number)
    .option('--title <text>', 'composition title; by default after the DCNC 标题')
    .option('--plain', 'without encryption 不加密')
    .action(async (assetId: string, options: BuildCommand) => {
      const { client } = environment.server();
      const made = await client.distribution.build({
        body: {
          filmId: options.film,
          assetId,
          container: options.container,
          resolution: options.resolution,
          standard: options.standard,
          encrypt: options.plain !== true,
          ...(options.conform === undefined ? {} : { conform: options.conform }),
          ...(options.rate === undefined ? {} : { frameRate: options.rate }),
          ...(options.bitRate === undefined ? {} : { bitRateMbit: options.bitRate }),
          ...(options.title === undefined ? {} : { title: options.title }),
        },
      });
      await followJob(client, made.jobId!, environment.terminal());
      await sayPackage(environment, made.id);
    });
}

type BuildCommand = {
  readonly film: string;
  readonly container: 'flat' | 'scope' | 'full';
  readonly resolution: '2k' | '4k';
  readonly standard: 'smpte' | 'interop';
  readonly conform?: (typeof CONFORMS)[number];
  readonly rate?: string;
  readonly bitRate?: number;
  readonly title?: string;
  readonly plain?: boolean;
};

/** A package that failed its check is told with what was found, and ends with that code. */
async function sayPackage(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const done = await environment.server().client.distribution.package({ params: { id } });
  terminal.answer(done);
  terminal.say(`${done.id}  ${done.title}  ${done.state}`);
  const findings = done.findings as Finding[];
  if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
  environment.exit(exitFor(findings));
}

function registerKeys(distribution: Command, environment: Environment): void {
  distribution
    .command('keys <package>')
    .description('issue keys for screens in their own clocks 签发密钥')
    .requiredOption('--from <time>', 'local time of each cinema, 2026-12-01T00:01')
    .requiredOption('--to <time>', 'local time of each cinema')
    .option('--screen <id...>', 'these screens; by default every one with a certificate')
    .option('--circuit <id>', 'screens of one circuit 某院线的影厅')
    .option('--cinema <id>', 'screens of one cinema 某影院的影厅')
    .option('--zip <file>', 'write the keys here 打包写到')
    .action(async (packageId: string, options: KeysCommand) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const screenIds = options.screen ?? (await equippedScreens(environment, options));
      if (screenIds.length === 0) {
        throw new CommandFault(
          terminal.words('没有带证书的影厅', 'no screen has a certificate'),
          EXIT.misused,
        );
      }
      const { jobId, orderId } = await client.distribution.issueKeys({
        body: { packageId, screenIds, notBefore: options.from, notAfter: options.to },
      });
      if (jobId === null) {
        terminal.answer({ orderId });
        terminal.say(
          terminal.words(`须另一人同意 ${orderId}`, `waits for a second person: ${orderId}`),
        );
        return;
      }
      const result = await followJob(client, jobId, terminal);
      const { findings } = await client.jobs.get({ params: { id: jobId } });
      const keys = await allRows((after) =>
        client.distribution.keys({ query: { packageId, limit: 500, after } }),
      );
      const issued = keys.filter((each) => each.jobId === jobId);
      terminal.answer({ result, keys: issued, findings });
      terminal.table(
        [terminal.words('影院', 'cinema'), terminal.words('影厅', 'screen'), '', ''],
        issued.map((each) => [each.cinemaName, each.screenName, each.notBefore, each.notAfter]),
      );
      if (findings.length > 0) {
        sayFindings(terminal, findings as Finding[], await environment.texts());
        environment.exit(exitFor(findings as Finding[]));
      }
      if (options.zip === undefined || issued.length === 0) return;
      const archive = await client.distribution.keyArchive({ query: { packageId, jobId } });
      await writeFile(options.zip, archive.body!);
      terminal.say(options.zip);
    });
}

type KeysCommand = {
  readonly from: string;
  readonly to: string;
  readonly screen?: string[];
  readonly circuit?: string;
  readonly cinema?: string;
  readonly zip?: string;
};

async function equippedScreens(
  environment: Environment,
  { circuit, cinema }: KeysCommand,
): Promise<string[]> {
  const { client } = environment.server();
  const rows = await allRows((after) =>
    client.exhibition.screens({
      query: {
        limit: 500,
        after,
        ...(circuit === undefined ? {} : { circuitId: circuit }),
        ...(cinema === undefined ? {} : { cinemaId: cinema }),
      },
    }),
  );
  return rows.filter((each) => each.device?.certificate != null).map((each) => each.id);
}
