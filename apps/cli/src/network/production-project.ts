import type { Finding } from '@yinglian/core';
import type { Command } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { sayFindings } from '../kernel/findings.ts';
import { allRows, download, uploadFile } from '../kernel/remote.ts';
import { registerActs } from './production-acts.ts';
import { shotIdOf } from './production-names.ts';
import { registerRoom } from './production-room.ts';

/** `yinglian production project|cut|log|shots|…`: the project rooms from a desk or a script. */
export function registerProjects(production: Command, environment: Environment): void {
  registerProjectLists(production, environment);
  registerReaders(production, environment);
  registerDelivery(production, environment);
  registerRoom(production, environment);
  registerActs(production, environment);
}

function registerProjectLists(production: Command, environment: Environment): void {
  production
    .command('projects')
    .description('projects that we lead or share 制作项目')
    .option('--film <id>', 'of one film only 只看一部影片')
    .action(async ({ film }: { film?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.projects.list({
          query: { limit: 500, after, ...(film === undefined ? {} : { filmId: film }) },
        }),
      );
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('代号', 'code'), terminal.words('名称', 'name'), ''],
        rows.map((each) => [each.id, each.code, each.name, each.participation ?? each.scope]),
      );
    });
  production
    .command('new-project <film>')
    .description('begin a project for a film 建立项目')
    .requiredOption('--name <name>', 'its name 名称')
    .requiredOption('--code <code>', 'short, for shot names 代号')
    .option('--rate <rate>', 'frames a second 帧率', '24')
    .action(async (film: string, options: { name: string; code: string; rate: string }) => {
      const terminal = environment.terminal();
      const made = await environment.server().client.projects.create({
        body: { filmId: film, name: options.name, code: options.code, frameRate: options.rate },
      });
      terminal.answer(made);
      terminal.say(made.id);
    });
  production
    .command('shots <project>')
    .description('shots with status and frames 列出镜头')
    .option('--flagged', 'those that the last cut changed 只看有变更的')
    .option('--search <text>', 'of these names only 按名称查找')
    .action(async (project: string, options: { flagged?: boolean; search?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.shots.list({
          query: {
            projectId: project,
            limit: 500,
            after,
            ...(options.flagged === true ? { flagged: 'true' } : {}),
            ...(options.search === undefined ? {} : { search: options.search }),
          },
        }),
      );
      terminal.answer(rows);
      terminal.table(
        [
          terminal.words('镜头', 'shot'),
          terminal.words('状态', 'status'),
          terminal.words('入–出', 'in–out'),
          terminal.words('变更', 'changes'),
        ],
        rows.map((each) => [
          each.code,
          each.omitted ? 'omitted' : each.status,
          `${each.cutIn}–${each.cutOut ?? ''}`,
          each.changes.map((change) => change.kind).join(' '),
        ]),
      );
    });
  production
    .command('tasks <project>')
    .description('tasks by company and due date 列出任务')
    .option('--late', 'late ones only 只看逾期')
    .action(async (project: string, { late }: { late?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.tasks.list({
          query: {
            projectId: project,
            limit: 500,
            after,
            ...(late === true ? { late: 'true' } : {}),
          },
        }),
      );
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('镜头', 'shot'), terminal.words('任务', 'task'), '', ''],
        rows.map((each) => [
          each.id,
          each.subject,
          each.name,
          each.status,
          `${each.organisationName ?? ''} ${each.dueOn ?? ''}`.trim(),
        ]),
      );
    });
}

function registerReaders(production: Command, environment: Environment): void {
  production
    .command('read-cut <project> <file>')
    .description('make shots of a cut, or bring them to the next one 读入剪辑')
    .option('--rate <rate>', 'of a list that does not say 帧率')
    .option('--sequence <id>', 'which sequence it is the cut of 属于哪一场')
    .option('--commit', 'keep it; without, it is only shown 写入，否则只预览')
    .action(async (project: string, file: string, options: CutOptions) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { fileId } = await uploadFile(client, file, terminal);
      const read = await client.shots.readCut({
        body: {
          projectId: project,
          fileId,
          commit: options.commit === true,
          sequenceId: options.sequence ?? null,
          ...(options.rate === undefined ? {} : { rate: options.rate }),
        },
      });
      terminal.answer(read);
      sayFindings(terminal, read.findings as Finding[], await environment.texts());
      for (const [kind, count] of Object.entries(read.counts)) {
        terminal.say(`${kind}  ${count}`);
      }
    });
  production
    .command('read-log <project> <file>')
    .description('takes from ALE, CSV, XLSX or MHL 读入场记或清单')
    .option('--day <number>', 'for lines that name no day 拍摄日')
    .option('--roll <name>', 'for lines that name no roll 卷号')
    .option('--rate <rate>', 'of a list that does not say 帧率')
    .option('--commit', 'keep it; without, it is only shown 写入，否则只预览')
    .action(
      async (
        project: string,
        file: string,
        options: { day?: string; roll?: string; rate?: string; commit?: boolean },
      ) => {
        const terminal = environment.terminal();
        const { client } = environment.server();
        const { fileId } = await uploadFile(client, file, terminal);
        const read = await client.shoot.readLog({
          body: {
            projectId: project,
            fileId,
            commit: options.commit === true,
            ...(options.day === undefined ? {} : { day: { number: Number(options.day) } }),
            ...(options.roll === undefined ? {} : { roll: { name: options.roll } }),
            ...(options.rate === undefined ? {} : { rate: options.rate }),
          },
        });
        terminal.answer(read);
        sayFindings(terminal, read.findings as Finding[], await environment.texts());
        terminal.say(
          terminal.words(
            `新增 ${read.added}，更新 ${read.changed}，不变 ${read.unchanged}`,
            `${read.added} added, ${read.changed} changed, ${read.unchanged} unchanged`,
          ),
        );
      },
    );
}

type CutOptions = {
  readonly rate?: string;
  readonly sequence?: string;
  readonly commit?: boolean;
};

function registerDelivery(production: Command, environment: Environment): void {
  production
    .command('deliver-version <project> <shot> <asset>')
    .description('deliver a version of a shot 提交版本')
    .option('--name <name>', 'line of work, such as comp 工种', '')
    .option('--note <text>', 'what is new 说明', '')
    .action(
      async (
        project: string,
        shot: string,
        asset: string,
        options: { name: string; note: string },
      ) => {
        const terminal = environment.terminal();
        const { client } = environment.server();
        const made = await client.versions.deliver({
          body: {
            projectId: project,
            subjectKind: 'shot',
            subjectId: await shotIdOf(client, project, shot),
            assetId: asset,
            ...options,
          },
        });
        terminal.answer(made);
        terminal.say(`${made.subject} ${made.name} v${String(made.number).padStart(3, '0')}`);
      },
    );
  production
    .command('deliverables <project>')
    .description('what is to be delivered, and how it stands 列出交付物')
    .action(async (project: string) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.deliverables.list({ query: { projectId: project, limit: 500, after } }),
      );
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('交付物', 'deliverable'), terminal.words('状态', 'state'), ''],
        rows.map((each) => [each.id, each.name, each.state, String(each.findings.length)]),
      );
    });
  production
    .command('omc <project>')
    .description('the project as MovieLabs OMC JSON; with --read, take one in 导出或读入 OMC')
    .option('--output <file>', 'where to write it 输出文件')
    .option('--read <file>', 'take shots and tasks of this file in 读入此文件')
    .action(async (project: string, options: { output?: string; read?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      if (options.read !== undefined) {
        const { fileId } = await uploadFile(client, options.read, terminal);
        const taken = await client.projects.importOmc({
          params: { id: project },
          body: { fileId, commit: true },
        });
        terminal.answer(taken);
        sayFindings(terminal, taken.findings as Finding[], await environment.texts());
        terminal.say(terminal.words(`镜头 ${taken.shots}`, `${taken.shots} shots`));
        return;
      }
      const answer = await client.projects.exportOmc({ params: { id: project } });
      await download(environment, answer, options.output ?? `${project}.omc.json`);
    });
}
