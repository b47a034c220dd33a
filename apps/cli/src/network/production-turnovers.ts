import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Finding, isFolderPath } from '@yinglian/core';
import { TURNOVER_MANIFEST } from '@yinglian/timeline';
import { Argument, type Command, Option } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import { allRows } from '../kernel/remote.ts';
import { proveTurnover } from '../production/turnover.ts';
import { organisationIdOf, shotIdsOf } from './production-names.ts';

const DEPARTMENTS = ['vfx', 'sound', 'colour'] as const;

/** `yinglian production turnovers|turn-over|turnover-act|turnover-fetch`. */
export function registerTurnovers(production: Command, environment: Environment): void {
  production
    .command('turnovers [project]')
    .description('turnovers to and from others 列出交接单')
    .action(async (project: string | undefined) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.turnovers.list({
          query: { limit: 500, after, ...(project === undefined ? {} : { projectId: project }) },
        }),
      );
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('交接', 'turnover'), terminal.words('单位', 'company'), ''],
        rows.map((each) => [
          each.id,
          `${each.number} ${each.name}`,
          each.organisationName,
          each.state,
        ]),
      );
    });
  production
    .command('turn-over <project> <company>')
    .description('send shots and media to a company 交接镜头与素材')
    .requiredOption('--name <name>', 'what it is called 名称')
    .option('--shots <codes...>', 'shots by code or id 镜头')
    .option('--media <assets...>', 'media by id 素材')
    .option('--no-original', 'media to watch only 不给原始文件')
    .option('--note <text>', 'what is to be known 说明', '')
    .option('--cut <cut>', 'a cut, of which its lists are made, by id 附上剪辑')
    .addOption(
      new Option('--for <department>', 'who works from the cut 部门')
        .choices(DEPARTMENTS)
        .default('vfx'),
    )
    .option('--whole', 'the whole cut, not only these shots 交出整版剪辑')
    .option('--draft', 'prepare it only 只准备，不发出')
    .action((project: string, company: string, options: TurnoverOptions) =>
      turnOver(environment, project, company, options),
    );
  production
    .command('turnover-fetch <turnover> <folder>')
    .description('fetch what was turned over, and prove it 下载并核对交接内容')
    .action((id: string, folder: string) => fetchTurnover(environment, id, folder));
  production
    .command('turnover-act <turnover>')
    .addArgument(new Argument('<act>').choices(['send', 'receive', 'withdraw']))
    .description('send, take receipt, or take back 发出、签收或收回')
    .action(async (id: string, act: 'receive' | 'send' | 'withdraw') => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { version } = await client.turnovers.get({ params: { id } });
      const made = await client.turnovers.act({ params: { id }, body: { version, act } });
      terminal.answer(made);
      terminal.say(made.state);
    });
}
type TurnoverOptions = {
  readonly name: string;
  readonly shots?: string[];
  readonly media?: string[];
  readonly original: boolean;
  readonly note: string;
  readonly cut?: string;
  readonly for: (typeof DEPARTMENTS)[number];
  readonly whole?: boolean;
  readonly draft?: boolean;
};

async function turnOver(
  environment: Environment,
  projectId: string,
  company: string,
  options: TurnoverOptions,
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const organisationId = await organisationIdOf(client, company);
  const shotIds = await shotIdsOf(client, projectId, options.shots ?? []);
  const made = await client.turnovers.create({
    body: {
      projectId,
      organisationId,
      name: options.name,
      note: options.note,
      shotIds,
      cut:
        options.cut === undefined
          ? null
          : {
              cutId: options.cut,
              department: options.for,
              whole: options.whole === true,
              language: terminal.locale,
            },
      assets: (options.media ?? []).map((assetId) => ({ assetId, original: options.original })),
    },
  });
  const { id, version } = made;
  const sent =
    options.draft === true
      ? made
      : await client.turnovers.act({ params: { id }, body: { version, act: 'send' } });
  terminal.answer(sent);
  terminal.say(`${sent.id}  ${sent.state}`);
  for (const { path, sizeBytes } of sent.files) terminal.say(`${path}  ${sizeBytes}`);
  sayFindings(terminal, sent.findings as Finding[], await environment.texts());
}

/** Fetches the lists of a turnover and the media of its manifest, and proves all of them. */
async function fetchTurnover(environment: Environment, id: string, folder: string): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const turnover = await client.turnovers.get({ params: { id } });
  const fetched = new Map(turnover.files.map((each) => [each.path, each.fileId]));
  const manifestId = fetched.get(TURNOVER_MANIFEST);
  if (manifestId === undefined) {
    const reason = terminal.words('交接单没有附剪辑', 'the turnover carries no cut');
    throw new CommandFault(reason, EXIT.misused);
  }
  const answer = await client.files.download({ params: { id: manifestId }, query: {} });
  const manifest = (await answer.json()) as Manifest;
  const media = new Map(turnover.assets.map((each) => [each.digest, each.fileId]));
  const progress = terminal.progress(terminal.words('下载', 'fetching'));
  try {
    const wanted = [TURNOVER_MANIFEST, ...manifest.files.map((each) => each.path)];
    for (const [index, path] of wanted.entries()) {
      if (!isFolderPath(path)) throw new CommandFault(path, EXIT.faulty);
      progress.update(index / wanted.length, path);
      const listed = manifest.files.find((each) => each.path === path);
      const fileId = fetched.get(path) ?? media.get(`sha256:${listed?.sha256}`);
      // What cannot be had is told by the proof.
      if (fileId === undefined || fileId === null) continue;
      await fetchFile(environment, fileId, join(folder, path));
    }
  } finally {
    progress.done();
  }
  await proveTurnover(environment, folder);
}
type Manifest = { readonly files: readonly { readonly path: string; readonly sha256: string }[] };

/** A file has its name once all of it is there; one that is there is kept, and proven with all. */
async function fetchFile(environment: Environment, fileId: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  await mkdir(dirname(to), { recursive: true });
  const { signal } = environment.terminal();
  const call = { params: { id: fileId }, query: {}, signal };
  const answer = await environment.server().client.files.download(call);
  await writeFile(`${to}.part`, answer.body!, { signal });
  await rename(`${to}.part`, to);
}
