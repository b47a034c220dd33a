import { type Command } from 'commander';
import type { Client, Contract } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { readJson } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { allRows, uploadFile } from '../kernel/remote.ts';

type Registers = Client<Contract>['registers'];
type Entry = Awaited<ReturnType<Registers['entry']>>;
type Fields = Parameters<Registers['createEntry']>[0]['body']['fields'];
type ActFlags = { readonly reason: string; readonly level?: string };

/** What a holder does with entries, and the steps that whoever may takes of their lives. */
export function registerEntries(group: Command, environment: Environment): void {
  group
    .command('entries')
    .description('entries that we hold or keep 本单位的登记事项')
    .option('--register <id>', 'of one register 登记簿')
    .action(({ register }: { register?: string }) => entries(environment, register));
  group
    .command('show <entry>')
    .description('one entry and what may be done now 一项登记')
    .action(async (id: string) => {
      await tell(
        environment,
        await environment.server().client.registers.entry({ params: { id } }),
      );
    });
  group
    .command('new <register> <file>')
    .description('draft an entry from a JSON file 起草登记')
    .option('--round <id>', 'the round of selection 遴选批次')
    .action((id: string, file: string, { round }: { round?: string }) =>
      draft(environment, id, file, round ?? null),
    );
  group
    .command('save <entry> <file>')
    .description('change a draft or a correction 修改登记')
    .action((id: string, file: string) => save(environment, id, file));
  group
    .command('attach <entry> <file>')
    .description('add a document 添加材料')
    .requiredOption('--code <code>', 'which document it is 材料种类')
    .action((id: string, file: string, { code }: { code: string }) =>
      attach(environment, id, file, code),
    );
  group
    .command('act <entry> <action>')
    .description('file, pass_check, propose, publish, enter, warn, renew … 办理一步')
    .option('--reason <text>', 'why 理由', '')
    .option('--level <level>', 'the level asked for 申请的等级')
    .action((id: string, action: string, flags: ActFlags) => act(environment, id, action, flags));
  group
    .command('sources <claim>')
    .description('entries that a claim can rest on 可作申报依据的登记')
    .action((id: string) => sources(environment, id));
  group
    .command('fill <claim> <entry>')
    .description('fill a claim from an entry 用登记填写申报')
    .action((id: string, entryId: string) => fill(environment, id, entryId));
}

async function entries(environment: Environment, registerId: string | undefined): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const of = registerId === undefined ? {} : { registerId };
  const rows = await allRows((after) =>
    client.registers.entries({ query: after === undefined ? of : { ...of, after } }),
  );
  terminal.answer({ rows });
  terminal.table(
    ['id', '№', terminal.words('事项', 'entry'), '⚑', terminal.words('效力', 'standing')],
    rows.map(({ id, number, headline, state, standing }) => [
      id,
      number ?? '',
      headline,
      state,
      standing,
    ]),
  );
}

async function tell(environment: Environment, read: Entry): Promise<void> {
  const terminal = environment.terminal();
  terminal.answer(read);
  const actions = read.actions.map(({ action, role }) => `${action} (${role})`).join(', ');
  terminal.say(`${read.id}  ${read.number ?? ''}  ${read.headline}  ${read.state}  → ${actions}`);
  const findings = read.findings as Finding[];
  if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
  environment.exit(exitFor(findings));
}

async function readFields(file: string): Promise<Fields> {
  const given = await readJson(file);
  return ((given as { fields?: unknown } | null)?.fields ?? given) as Fields;
}

async function draft(
  environment: Environment,
  id: string,
  file: string,
  roundId: string | null,
): Promise<void> {
  const fields = await readFields(file);
  const { client } = environment.server();
  const call = { params: { id }, body: { fields, roundId } };
  await tell(environment, await client.registers.createEntry(call));
}

async function save(environment: Environment, id: string, file: string): Promise<void> {
  const fields = await readFields(file);
  const { client } = environment.server();
  const { version, roundId } = await client.registers.entry({ params: { id } });
  const body = { version, fields, roundId };
  await tell(environment, await client.registers.updateEntry({ params: { id }, body }));
}

async function attach(
  environment: Environment,
  id: string,
  file: string,
  code: string,
): Promise<void> {
  const { client } = environment.server();
  const { fileId } = await uploadFile(client, file, environment.terminal());
  await tell(
    environment,
    await client.registers.addDocument({ params: { id }, body: { fileId, code } }),
  );
}

async function act(
  environment: Environment,
  id: string,
  action: string,
  { reason, level }: ActFlags,
): Promise<void> {
  const { client } = environment.server();
  const { version } = await client.registers.entry({ params: { id } });
  const body = { version, action, reason, ...(level === undefined ? {} : { level }) };
  await tell(environment, await client.registers.act({ params: { id }, body }));
}

async function sources(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.registers.sources({ params: { id } });
  terminal.answer({ rows });
  terminal.table(
    ['id', '№', terminal.words('事项', 'entry'), terminal.words('份额', 'share')],
    rows.map(({ entryId, number, headline, share }) => [entryId, number, headline, share]),
  );
}

async function fill(environment: Environment, id: string, entryId: string): Promise<void> {
  const { client } = environment.server();
  const { version } = await client.policy.claim({ params: { id } });
  const done = await client.registers.fill({ params: { id }, body: { version, entryId } });
  environment.terminal().answer(done);
  environment.terminal().say(`${done.id}  ${done.state}`);
}
