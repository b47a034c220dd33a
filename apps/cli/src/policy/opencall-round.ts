import type { Command } from 'commander';
import { type Finding } from '@yinglian/core';
import type { Contract, Client } from '@yinglian/contract';
import type { Environment } from '../kernel/environment.ts';
import { readJson } from '../kernel/files.ts';
import { sayFindings } from '../kernel/findings.ts';
import { download } from '../kernel/remote.ts';
import { sheetOptions, type SheetFlags } from './opencall-catalogue.ts';

type Body = Parameters<Client<Contract>['opencall']['createRound']>[0]['body'];
type HourFlags = { readonly closes: string; readonly reveal: string; readonly reason: string };

/** `yinglian opencall round …`: what a department does with one task. */
export function registerRound(group: Command, environment: Environment): void {
  const round = group.command('round').description('lead a round 榜单经办');
  round
    .command('draft <file>')
    .description('draft a round from a JSON file with its rules 起草榜单')
    .action((file: string) => draft(environment, file));
  round
    .command('openers')
    .description('persons who registered a key and can open 可任开封人的人员')
    .action(() => openers(environment));
  round
    .command('desk <round>')
    .description('bids, seats, conflicts, scores, and what may be done now 经办台')
    .action((id: string) => desk(environment, id));
  round
    .command('pool <round>')
    .description('freeze the pool before the hour 封存专家库')
    .action(async (id: string) => {
      const { client } = environment.server();
      const done = await client.opencall.freezePool({ params: { id }, body: {} });
      environment.terminal().answer(done);
      environment.terminal().say(done.poolDigest ?? '');
    });
  round
    .command('put-off <round>')
    .description('put the hour off, never forward 推迟截止时刻')
    .requiredOption('--closes <instant>', 'the new hour, ISO 8601 新的截止时刻')
    .requiredOption('--reveal <instant>', 'until when bids are opened 开封期限')
    .requiredOption('--reason <text>', 'why 理由')
    .action((id: string, flags: HourFlags) => putOff(environment, id, flags));
  round
    .command('bar <round> <expert>')
    .description('bar an expert after a late discovery 请专家回避')
    .requiredOption('--reason <text>', 'why 理由')
    .action(async (id: string, expertId: string, { reason }: { reason: string }) => {
      const { client } = environment.server();
      await client.opencall.standDown({ params: { id }, body: { expertId, reason } });
      environment.terminal().say('✓');
    });
  round
    .command('race <round> <project>')
    .description('decide which contract of a race goes on 决定赛马由谁继续')
    .requiredOption('--reason <text>', 'why 理由')
    .action(async (id: string, projectId: string, { reason }: { reason: string }) => {
      const { client } = environment.server();
      const { version } = await client.opencall.round({ params: { id } });
      const body = { version, projectId, reason };
      const { race } = await client.opencall.decideRace({ params: { id }, body });
      environment.terminal().answer({ race });
      environment.terminal().say('✓');
    });
  round
    .command('outcomes <round>')
    .description('what the contracts reached, measured 验收结果')
    .action((id: string) => outcomes(environment, id));
  sheetOptions(round.command('export <round>'))
    .description('bids and scores as a sheet, after the hour 导出投标与评分')
    .action(async (id: string, { to, format }: SheetFlags) => {
      const { client } = environment.server();
      const call = { params: { id }, query: { format } };
      await download(environment, await client.opencall.exportBids(call), to);
    });
}

async function draft(environment: Environment, file: string): Promise<void> {
  const terminal = environment.terminal();
  // The contract holds the form of it; what is wrong comes back as findings.
  const body = (await readJson(file)) as Body;
  const made = await environment.server().client.opencall.createRound({ body });
  terminal.answer(made);
  terminal.say(`${made.id}  ${made.entry.code}  ${made.state}  ${made.seedCommitment}`);
}

async function openers(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.opencall.openers();
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('姓名', 'name'), terminal.words('部门', 'department')],
    rows.map(({ id, name, department }) => [id, name, department]),
  );
}

async function desk(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const read = await environment.server().client.opencall.roundDesk({ params: { id } });
  terminal.answer(read);
  const actions = read.actions.map(({ action, role }) => `${action} (${role})`).join(', ');
  terminal.say(`${read.round.entry.code} ${read.round.title}  ${read.round.state}  → ${actions}`);
  terminal.table(
    [terminal.words('单位', 'bidder'), terminal.words('状态', 'state'), '#', '⚿'],
    read.bids.map(({ bidder, state, alias, shares }) => [
      bidder,
      state,
      alias ?? '',
      String(shares),
    ]),
  );
  terminal.table(
    [terminal.words('专家', 'expert'), 'id', terminal.words('状态', 'state'), '✓'],
    read.seats.map(({ candidate, name, expertId, state, sheets }) => [
      `${candidate} ${name}`,
      expertId,
      state,
      String(sheets),
    ]),
  );
  const found = [
    ...read.bids.flatMap(({ findings }) => findings),
    ...read.conflicts.flatMap(({ findings }) => findings),
  ] as Finding[];
  sayFindings(terminal, found, await environment.texts());
}

async function putOff(environment: Environment, id: string, flags: HourFlags): Promise<void> {
  const { client } = environment.server();
  const params = { id };
  const { version } = await client.opencall.round({ params });
  const { closes, reveal, reason } = flags;
  const body = { version, closesAt: closes, revealUntil: reveal, reason };
  const done = await client.opencall.putOff({ params, body });
  environment.terminal().answer(done);
  environment.terminal().say(done.closesAt);
}

async function outcomes(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.opencall.outcomes({ params: { id } });
  terminal.answer({ rows });
  terminal.table(
    [terminal.words('单位', 'bidder'), terminal.words('指标', 'indicator'), '≥', '=', '✓'],
    rows.flatMap(({ bidder, milestones }) =>
      milestones.flatMap(({ results }) =>
        results.map((each) => [bidder, each.indicator, each.required, each.value, each.verdict]),
      ),
    ),
  );
}
