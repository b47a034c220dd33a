import { COMPANY_ROLES, type Contract, type OutputOf, SCOPES } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { Argument, type Command, Option } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import { allRows } from '../kernel/remote.ts';
import { organisationIdOf, shotIdsOf } from './production-names.ts';
import { registerTurnovers } from './production-turnovers.ts';

/** `yinglian production invite|answer|sequence|task|turnover|decide …`: the room's own acts. */
export function registerRoom(production: Command, environment: Environment): void {
  registerCompanies(production, environment);
  registerWork(production, environment);
  registerTurnovers(production, environment);
  registerDecisions(production, environment);
}

function registerCompanies(production: Command, environment: Environment): void {
  production
    .command('invite <project> <company>')
    .description('ask a company in, by name or id 按名称邀请单位')
    .addOption(new Option('--role <role>', 'as what 承担').choices(COMPANY_ROLES).default('other'))
    .addOption(new Option('--scope <scope>', 'how much 范围').choices(SCOPES).default('turnover'))
    .action(async (project: string, company: string, options: Invitation) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const organisationId = await organisationIdOf(client, company);
      const made = await client.projects.invite({
        params: { id: project, organisationId },
        body: options,
      });
      terminal.answer(made);
      terminal.say(terminal.words(`已邀请 ${company}`, `invited ${company}`));
    });
  production
    .command('answer <project>')
    .description('join a project one is asked to; with --leave, decline or leave 参加或退出项目')
    .option('--leave', 'decline or leave 谢绝或退出')
    .action(async (project: string, { leave }: { leave?: boolean }) => {
      const terminal = environment.terminal();
      const join = leave !== true;
      const made = await environment.server().client.projects.answer({
        params: { id: project },
        body: { join },
      });
      terminal.answer(made);
      terminal.say(join ? terminal.words('已参加', 'joined') : terminal.words('已退出', 'left'));
    });
}
type Invitation = {
  readonly role: (typeof COMPANY_ROLES)[number];
  readonly scope: (typeof SCOPES)[number];
};

function registerWork(production: Command, environment: Environment): void {
  production
    .command('sequences <project>')
    .description('episodes and sequences 列出集与场')
    .option('--add <code>', 'add one 添加')
    .option('--name <name>', 'its name 名称', '')
    .option('--order <number>', 'low ones first 顺序', '0')
    .option('--episode', 'an episode, not a sequence 是一集')
    .action(async (project: string, options: SequenceOptions) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      if (options.add !== undefined) {
        await client.shots.addSequence({
          body: {
            projectId: project,
            code: options.add,
            name: options.name,
            ordinal: Number(options.order),
            kind: options.episode === true ? 'episode' : 'sequence',
          },
        });
      }
      const { rows } = await client.shots.sequences({ query: { projectId: project } });
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('代号', 'code'), terminal.words('名称', 'name'), ''],
        rows.map((each) => [each.id, each.code, each.name, String(each.shots)]),
      );
    });
  production
    .command('give-task <project> <name> <shots...>')
    .description('give a task to shots, named by code or id 给镜头下达任务')
    .option('--company <company>', 'who does it 承担单位')
    .option('--due <date>', 'until when, YYYY-MM-DD 期限')
    .action(async (project: string, task: string, shots: string[], options: TaskOptions) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const shotIds = await shotIdsOf(client, project, shots);
      const organisationId =
        options.company === undefined ? null : await organisationIdOf(client, options.company);
      const made = await client.tasks.create({
        body: {
          projectId: project,
          names: [task],
          shotIds,
          organisationId,
          dueOn: options.due ?? null,
        },
      });
      terminal.answer(made);
      terminal.say(terminal.words(`新任务 ${made.added}`, `${made.added} tasks given`));
    });
  production
    .command('set-task <project> <status> <tasks...>')
    .description('move tasks along the flow of the show 更改任务状态')
    .action(async (project: string, status: string, ids: string[]) => {
      const terminal = environment.terminal();
      const made = await environment.server().client.tasks.change({
        body: { projectId: project, ids, status },
      });
      terminal.answer(made);
      sayFindings(terminal, made.findings as Finding[], await environment.texts());
      terminal.say(terminal.words(`已更改 ${made.changed}`, `${made.changed} changed`));
    });
}
type SequenceOptions = {
  readonly add?: string;
  readonly name: string;
  readonly order: string;
  readonly episode?: boolean;
};
type TaskOptions = { readonly company?: string; readonly due?: string };

function registerDecisions(production: Command, environment: Environment): void {
  production
    .command('versions [project]')
    .description('versions that were delivered 列出版本')
    .action(async (project: string | undefined) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.versions.list({
          query: { limit: 500, after, ...(project === undefined ? {} : { projectId: project }) },
        }),
      );
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('版本', 'version'), terminal.words('单位', 'company'), ''],
        rows.map((each) => [
          each.id,
          `${each.subject} ${each.name} v${each.number}`,
          each.organisationName,
          each.state,
        ]),
      );
    });
  production
    .command('decide-version <project> <version>')
    .addArgument(
      new Argument('<decision>').choices(['approved', 'changes', 'rejected', 'withdrawn']),
    )
    .description('approve a version, send it back, or take it back 批准或退回版本')
    .option('--note <text>', 'why 说明', '')
    .action(async (project: string, id: string, state: Decision, { note }: { note: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.versions.list({ query: { projectId: project, limit: 500, after } }),
      );
      const before = rows.find((each) => each.id === id);
      if (before === undefined) throw new CommandFault(`no version 没有版本: ${id}`, EXIT.misused);
      const { version } = before;
      const made = await client.versions.decide({ params: { id }, body: { version, state, note } });
      terminal.answer(made);
      terminal.say(made.state);
    });
  production
    .command('submit <deliverable> <asset>')
    .description('hand a deliverable in; it is held against its specification 提交交付物')
    .option('--language <tag>', 'of the sound 语言')
    .option('--note <text>', 'what is to be known 说明', '')
    .action(async (id: string, assetId: string, options: { language?: string; note: string }) => {
      const { client } = environment.server();
      const { version } = await client.deliverables.get({ params: { id } });
      const made = await client.deliverables.submit({
        params: { id },
        body: { version, assetId, note: options.note, language: options.language ?? null },
      });
      await sayDeliverable(environment, made);
    });
  production
    .command('decide-deliverable <deliverable>')
    .addArgument(new Argument('<decision>').choices(['accepted', 'rejected']))
    .description('accept a deliverable, or send it back 验收或退回交付物')
    .option('--note <text>', 'why 说明', '')
    .option('--despite', 'although it is not what was agreed 虽不符仍验收')
    .action(async (id: string, decision: 'accepted' | 'rejected', options: DecisionOptions) => {
      const { client } = environment.server();
      const { version } = await client.deliverables.get({ params: { id } });
      const made = await client.deliverables.decide({
        params: { id },
        body: { version, decision, note: options.note, despite: options.despite === true },
      });
      await sayDeliverable(environment, made);
    });
}
type Decision = 'approved' | 'changes' | 'rejected' | 'withdrawn';
type DecisionOptions = { readonly note: string; readonly despite?: boolean };

async function sayDeliverable(
  environment: Environment,
  made: OutputOf<Contract['deliverables']['get']['result']>,
): Promise<void> {
  const terminal = environment.terminal();
  terminal.answer(made);
  sayFindings(terminal, made.findings as Finding[], await environment.texts());
  terminal.say(made.state);
}
