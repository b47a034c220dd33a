import type { Command } from 'commander';
import { type Expert, expertShape, readDocument } from '@yinglian/opencall';
import { taken } from '../distribution/given.ts';
import type { Environment } from '../kernel/environment.ts';
import { readJson } from '../kernel/files.ts';
import { download } from '../kernel/remote.ts';
import { sheetOptions, type SheetFlags } from './opencall-catalogue.ts';

/** `yinglian opencall expert …`: declaring oneself, and a department's pool. */
export function registerExpert(group: Command, environment: Environment): void {
  const expert = group.command('expert').description('the pool of experts 专家库');
  expert
    .command('show')
    .description('my own record 我的档案')
    .action(async () => {
      const own = await environment.server().client.opencall.ownExpert();
      environment.terminal().answer(own);
      environment.terminal().say(`${(own.profile as Expert).name}  ${own.state}`);
    });
  expert
    .command('declare <file>')
    .description('declare what I know and every tie of mine 申报专家档案和利益关系')
    .action((file: string) => declare(environment, file));
  expert
    .command('leave')
    .description('leave the pool 退出专家库')
    .action(async () => {
      await environment.server().client.opencall.leavePool({ body: {} });
      environment.terminal().say('✓');
    });
  expert
    .command('stand-down <round>')
    .description('give up my seat for a tie that I found 申请回避')
    .requiredOption('--reason <text>', 'why; only the department reads it 理由')
    .action(async (id: string, { reason }: { reason: string }) => {
      await environment.server().client.opencall.standDown({ params: { id }, body: { reason } });
      environment.terminal().say('✓');
    });
  expert
    .command('list')
    .description('who declared, who was admitted 专家库')
    .action(() => list(environment));
  expert
    .command('admit <expert>')
    .description('admit somebody, or not 审核入库')
    .option('--dismiss', 'do not admit 不予入库')
    .option('--reason <text>', 'why 理由', '')
    .action((id: string, flags: { dismiss?: boolean; reason: string }) =>
      admit(environment, id, { admitted: flags.dismiss !== true, reason: flags.reason }),
    );
  sheetOptions(expert.command('export'))
    .description('the pool as a sheet, without ties 导出专家库')
    .action(async ({ to, format }: SheetFlags) => {
      const { client } = environment.server();
      await download(environment, await client.opencall.exportExperts({ query: { format } }), to);
    });
}

async function declare(environment: Environment, file: string): Promise<void> {
  const terminal = environment.terminal();
  const profile = taken(terminal, readDocument(expertShape, await readJson(file)));
  const made = await environment.server().client.opencall.saveExpert({ body: { profile } });
  terminal.answer(made);
  terminal.say(`${made.id}  ${made.state}`);
}

async function list(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.opencall.experts();
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('姓名', 'name'), terminal.words('单位', 'employer'), '★', '⚑'],
    rows.map(({ id, profile, state }) => {
      const { name, employer, fields } = profile as Expert;
      return [id, name, employer.name, fields.join(', '), state];
    }),
  );
}

async function admit(
  environment: Environment,
  id: string,
  body: { readonly admitted: boolean; readonly reason: string },
): Promise<void> {
  const done = await environment.server().client.opencall.admitExpert({ params: { id }, body });
  environment.terminal().answer(done);
  environment.terminal().say(`${(done.profile as Expert).name}  ${done.state}`);
}
