import type { Command } from 'commander';
import type { Finding } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import { allRows, followJob, uploadFile } from '../kernel/remote.ts';
import { registerProjects } from './production-project.ts';

/** `yinglian production …`: media comes in and becomes the accepted master. */
export function registerProduction(program: Command, environment: Environment): void {
  const production = program.command('production').description('production hall 制作');
  registerProjects(production, environment);
  production
    .command('ingest <path>')
    .description('send a file, an archive or a folder of frames 上传并处理素材')
    .requiredOption('--film <id>', 'the film it belongs to 所属影片')
    .option('--sound <file>', 'sound in a file of its own 单独的声音文件')
    .option('--frame-rate <rate>', 'of frames: 24, 25, 24000/1001 … 图片序列的帧率')
    .option('--accept', 'accept it as the master at once 同时验收')
    .action((path: string, options: IngestCommand) => ingest(environment, path, options));
  production
    .command('list')
    .description('assets and their state 列出素材')
    .option('--film <id>', 'of one film only 只看一部影片')
    .action(async ({ film }: { film?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.production.assets({
          query: { limit: 500, after, ...(film === undefined ? {} : { filmId: film }) },
        }),
      );
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('素材', 'asset'), terminal.words('状态', 'state'), ''],
        rows.map((each) => [each.id, each.title, each.state, pictureOf(each)]),
      );
    });
  production
    .command('accept <asset>')
    .description('accept an asset as the master 验收母版')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const done = await accept(environment, id);
      terminal.answer(done);
      terminal.say(`${done.id}  ${done.state}`);
    });
}

type IngestCommand = {
  readonly film: string;
  readonly sound?: string;
  readonly frameRate?: string;
  readonly accept?: boolean;
};

async function ingest(
  environment: Environment,
  path: string,
  options: IngestCommand,
): Promise<void> {
  const terminal = environment.terminal();
  const { client, baseUrl } = environment.server();
  const sent = await uploadFile(client, path, terminal);
  if (sent.isSequence && options.frameRate === undefined) {
    throw new CommandFault(
      terminal.words('图片序列需要 --frame-rate', 'frames need --frame-rate'),
      EXIT.misused,
    );
  }
  const sound =
    options.sound === undefined ? undefined : await uploadFile(client, options.sound, terminal);
  const asset = await client.production.ingest({
    body: {
      filmId: options.film,
      fileId: sent.fileId,
      ...(sound === undefined ? {} : { soundFileId: sound.fileId }),
      ...(options.frameRate === undefined ? {} : { sequenceFrameRate: options.frameRate }),
    },
  });
  await followJob(client, asset.jobId!, terminal);
  const done =
    options.accept === true
      ? await accept(environment, asset.id)
      : await client.production.asset({ params: { id: asset.id } });
  const watch = `${baseUrl}/production/assets/${done.id}`;
  terminal.answer({ ...done, watch });
  terminal.say(`${done.id}  ${done.state}  ${pictureOf(done)}`);
  terminal.say(`${terminal.words('观看', 'watch')} ${watch}`);
  if (done.findings.length > 0) {
    sayFindings(terminal, done.findings as Finding[], await environment.texts());
  }
}

async function accept(environment: Environment, id: string) {
  const { client } = environment.server();
  const { version } = await client.production.asset({ params: { id } });
  return client.production.accept({ params: { id }, body: { version } });
}

type Pictured = {
  readonly media: {
    readonly video: {
      readonly width: number;
      readonly height: number;
      readonly frameRate: string;
    } | null;
  } | null;
};

function pictureOf({ media }: Pictured): string {
  const video = media?.video;
  return video == null ? '' : `${video.width}×${video.height} ${video.frameRate}`;
}
