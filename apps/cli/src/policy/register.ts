import { type Command } from 'commander';
import type { Finding } from '@yinglian/core';
import { checkFields, type Fields, type RegisterDefinition, registerOf } from '@yinglian/register';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readJson } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { allRows, download } from '../kernel/remote.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { sheetOptions, type SheetFlags } from './opencall-catalogue.ts';
import { registerEntries } from './register-entry.ts';
import { registerKeeping } from './register-keeping.ts';

/** `yinglian register …`: platforms, first-of-kind products, benchmark projects, talents. */
export function registerRegister(program: Command, environment: Environment): void {
  const group = program
    .command('register')
    .description('registers that measures rest on 登记簿：平台、首台套、示范标杆、人才');
  group
    .command('kinds')
    .description('what each kind asks for and which measures it feeds 种类')
    .action(() => kinds(environment));
  group
    .command('check <kind> <entry>')
    .description('whether an entry in a JSON file is right, offline 离线检查')
    .action((kind: string, file: string) => check(environment, kind, file));
  group
    .command('list')
    .description('registers of all departments 登记簿')
    .action(() => list(environment));
  group
    .command('published <register>')
    .description('what a register publishes 公开名单')
    .action((id: string) => published(environment, id));
  group
    .command('notices')
    .description('what is on notice 公示')
    .action(() => notices(environment));
  sheetOptions(group.command('export <register>'))
    .description('the published list as a sheet 导出公开名单')
    .action(async (id: string, { to, format }: SheetFlags) => {
      const { client } = environment.server();
      const call = { params: { id }, query: { format } };
      await download(environment, await client.registers.exportPublished(call), to);
    });
  registerEntries(group, environment);
  registerKeeping(group, environment);
}

async function kinds(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.registers.kinds();
  terminal.answer({ rows });
  terminal.table(
    [terminal.words('种类', 'kind'), terminal.words('名称', 'name'), '→'],
    rows.map(({ kind, title, feeds }) => [
      kind,
      terminal.words(title.zh, title.en),
      feeds.map(({ item }) => item).join(', '),
    ]),
  );
}

function definition(kind: string): RegisterDefinition {
  const known = registerOf(kind);
  if (known === undefined) throw new CommandFault(kind, EXIT.misused);
  return known;
}

async function check(environment: Environment, kind: string, file: string): Promise<void> {
  const terminal = environment.terminal();
  const given = await readJson(file);
  const fields = (given as { fields?: unknown } | null)?.fields ?? given;
  const findings: Finding[] = checkFields(definition(kind), fields as Fields);
  terminal.answer({ findings });
  if (findings.length > 0) sayFindings(terminal, findings, ALL_TEXTS);
  else terminal.say('✓');
  environment.exit(exitFor(findings));
}

async function list(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.registers.list();
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('种类', 'kind'), terminal.words('部门', 'department'), '№'],
    rows.map(({ id, kind, department, entered }) => [id, kind, department, String(entered)]),
  );
}

async function published(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const rows = await allRows((after) =>
    client.registers.published({ params: { id }, query: after === undefined ? {} : { after } }),
  );
  terminal.answer({ rows });
  terminal.table(
    ['№', terminal.words('状态', 'standing'), terminal.words('登记', 'since'), '⏱', ''],
    rows.map(({ number, standing, registeredOn, validUntil, fields }) => [
      number,
      standing,
      registeredOn,
      validUntil ?? '',
      Object.values(fields)
        .filter((value) => typeof value === 'string')
        .slice(0, 2)
        .join(' · '),
    ]),
  );
}

async function notices(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.registers.notices();
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('种类', 'kind'), terminal.words('单位', 'holder'), '⏱'],
    rows.map(({ entryId, kind, holder, until }) => [entryId, kind, holder, until]),
  );
}
