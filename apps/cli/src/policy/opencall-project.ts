import { type Command, Option } from 'commander';
import { type Finding, parseYuan } from '@yinglian/core';
import {
  DILIGENCE_PROOFS,
  type DiligenceProof,
  measurementShape,
  milestoneShape,
  readDocument,
  TERMINATION_KINDS,
  type TerminationKind,
} from '@yinglian/opencall';
import { z } from 'zod';
import { taken } from '../distribution/given.ts';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readJson } from '../kernel/files.ts';
import { sayFindings } from '../kernel/findings.ts';
import { download, uploadFile } from '../kernel/remote.ts';
import { sheetOptions, type SheetFlags } from './opencall-catalogue.ts';

type EndFlags = {
  readonly kind: TerminationKind;
  readonly spent: string;
  readonly reason: string;
  readonly proof?: DiligenceProof[];
};
type DecideFlags = { readonly refuse?: boolean; readonly reason: string };

/** `yinglian opencall project …`: values, acceptance, money, changes and ends. */
export function registerProject(group: Command, environment: Environment): void {
  const project = group.command('project').description('contracts 项目');
  project
    .command('list')
    .description('contracts that we are party to 本单位的项目')
    .action(() => list(environment));
  project
    .command('show <project>')
    .description('milestones, values, verdicts, changes 一个项目')
    .action(async (id: string) => {
      const read = await environment.server().client.opencall.project({ params: { id } });
      await tell(environment, read);
    });
  project
    .command('receipt <project>')
    .description('how the award was weighed, to compute again 立项金额凭据')
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (id: string, { to }: { to: string }) => {
      const file = await environment.server().client.opencall.awardReceipt({ params: { id } });
      await download(environment, file, to);
    });
  project
    .command('measure <project> <milestone> <values>')
    .description('enter measured values from a JSON file 录入实测值')
    .option('--report <file...>', 'the reports that the values name by SHA-256 检测报告')
    .action((id: string, milestone: string, file: string, flags: { report?: string[] }) =>
      measure(environment, id, { milestone, file, reports: flags.report ?? [] }),
    );
  project
    .command('act <project> <milestone> <action>')
    .description('submit, accept, find_missed, order_funds, pay 推进节点')
    .option('--reason <text>', 'a note 说明', '')
    .action((id: string, milestone: string, action: string, { reason }: { reason: string }) =>
      act(environment, id, { milestone, action, reason }),
    );
  project
    .command('change <project> <milestones>')
    .description('ask for a change, from a JSON file 申请变更')
    .requiredOption('--reason <text>', 'why 理由')
    .action((id: string, file: string, { reason }: { reason: string }) =>
      change(environment, id, file, reason),
    );
  project
    .command('decide <project> <change>')
    .description('decide a change 决定变更')
    .option('--refuse', 'do not approve 不同意')
    .requiredOption('--reason <text>', 'why 理由')
    .action((id: string, changeId: string, flags: DecideFlags) =>
      decide(environment, id, changeId, flags),
    );
  registerEnds(project, environment);
}

function registerEnds(project: Command, environment: Environment): void {
  project
    .command('end <project>')
    .description('end it before its time 终止项目')
    .addOption(
      new Option('--kind <kind>', 'why it ends 类型')
        .choices(TERMINATION_KINDS)
        .makeOptionMandatory(),
    )
    .requiredOption('--spent <yuan>', 'spent by examined records 经核实已使用（元）')
    .requiredOption('--reason <text>', 'why 理由')
    .addOption(
      new Option('--proof <kind...>', 'what shows diligence 材料').choices(DILIGENCE_PROOFS),
    )
    .action((id: string, flags: EndFlags) => end(environment, id, flags));
  project
    .command('repay <project>')
    .description('enter that the money came back 登记退回')
    .action(async (id: string) => {
      const { client } = environment.server();
      const { version } = await client.opencall.project({ params: { id } });
      const done = await client.opencall.repay({ params: { id }, body: { version } });
      await tell(environment, done);
    });
  sheetOptions(project.command('export'))
    .description('our contracts as a sheet 导出项目')
    .action(async ({ to, format }: SheetFlags) => {
      const { client } = environment.server();
      await download(environment, await client.opencall.exportProjects({ query: { format } }), to);
    });
}

async function list(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.opencall.projects();
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('任务', 'task'), terminal.words('单位', 'by'), '⚑', '¥'],
    rows.map(({ id, code, title, applicant, state, grantFen }) => [
      id,
      `${code} ${title}`,
      applicant,
      state,
      grantFen,
    ]),
  );
}

type Project = Awaited<
  ReturnType<ReturnType<Environment['server']>['client']['opencall']['project']>
>;

async function tell(environment: Environment, read: Project): Promise<void> {
  const terminal = environment.terminal();
  terminal.answer(read);
  terminal.say(`${read.code} ${read.title}  ${read.state}  ${read.paidFen} / ${read.grantFen}`);
  terminal.table(
    ['#', terminal.words('节点', 'milestone'), '⚑', '✓', '→'],
    read.milestones.map(({ code, title, state, verdicts, actions }) => [
      code,
      title,
      state,
      verdicts.map((each) => `${each.indicator}: ${each.verdict}`).join(', '),
      actions.join(', '),
    ]),
  );
  terminal.table(
    ['id', terminal.words('变更', 'change'), '⚑'],
    read.changes.map(({ id, reason, state }) => [id, reason, state]),
  );
  const found = read.milestones.flatMap(({ findings }) => findings) as Finding[];
  if (found.length > 0) sayFindings(terminal, found, await environment.texts());
}

async function measure(
  environment: Environment,
  id: string,
  given: { readonly milestone: string; readonly file: string; readonly reports: readonly string[] },
): Promise<void> {
  const terminal = environment.terminal();
  const values = readDocument(z.array(measurementShape), await readJson(given.file));
  const measurements = taken(terminal, values);
  const { client } = environment.server();
  const files: string[] = [];
  for (const path of given.reports) files.push((await uploadFile(client, path, terminal)).fileId);
  const { version } = await client.opencall.project({ params: { id } });
  const { milestone } = given;
  const body = { version, milestone, measurements, files };
  await tell(environment, await client.opencall.measure({ params: { id }, body }));
}

async function act(
  environment: Environment,
  id: string,
  given: { readonly milestone: string; readonly action: string; readonly reason: string },
): Promise<void> {
  const { client } = environment.server();
  const { version } = await client.opencall.project({ params: { id } });
  const body = { version, ...given };
  await tell(environment, await client.opencall.actMilestone({ params: { id }, body }));
}

async function change(
  environment: Environment,
  id: string,
  file: string,
  reason: string,
): Promise<void> {
  const terminal = environment.terminal();
  const read = readDocument(z.array(milestoneShape), await readJson(file));
  const milestones = taken(terminal, read);
  const { client } = environment.server();
  const done = await client.opencall.askChange({ params: { id }, body: { milestones, reason } });
  await tell(environment, done);
  const found = done.changes.at(-1)?.findings ?? [];
  sayFindings(terminal, found as Finding[], await environment.texts());
}

async function decide(
  environment: Environment,
  id: string,
  changeId: string,
  { refuse, reason }: DecideFlags,
): Promise<void> {
  const { client } = environment.server();
  const body = { changeId, approved: refuse !== true, reason };
  await tell(environment, await client.opencall.decideChange({ params: { id }, body }));
}

async function end(environment: Environment, id: string, flags: EndFlags): Promise<void> {
  const { client } = environment.server();
  const spent = parseYuan(flags.spent);
  if (spent === undefined || spent < 0n) throw new CommandFault(flags.spent, EXIT.misused);
  const { version } = await client.opencall.project({ params: { id } });
  const { kind, reason, proof } = flags;
  const body = { version, kind, spentFen: String(spent), reason, proofs: proof ?? [] };
  await tell(environment, await client.opencall.terminate({ params: { id }, body }));
}
