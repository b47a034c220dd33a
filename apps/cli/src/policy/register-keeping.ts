import { type Command } from 'commander';
import type { Finding } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import { type OutcomeFlags, outcomeOption, sayReceipt } from './objections.ts';

type RoundFlags = {
  readonly title: string;
  readonly opens: string;
  readonly closes: string;
  readonly places: number;
  readonly category?: string[];
};
type PointFlags = { readonly points: string[]; readonly remark: string };

/** What a department does with its registers. */
export function registerKeeping(group: Command, environment: Environment): void {
  group
    .command('open <kind>')
    .description('open a register of this kind 设立登记簿')
    .option('--notice-days <days>', 'working days of notice 公示工作日', Number, 5)
    .action(async (kind: string, { noticeDays }: { noticeDays: number }) => {
      const { client } = environment.server();
      const made = await client.registers.open({ body: { kind, noticeDays } });
      environment.terminal().answer(made);
      environment.terminal().say(`${made.id}  ${made.kind}`);
    });
  group
    .command('rounds <register>')
    .description('rounds of selection 遴选批次')
    .action((id: string) => rounds(environment, id));
  group
    .command('round <register>')
    .description('open a round of selection 发布遴选批次')
    .requiredOption('--title <text>', 'its name 名称')
    .requiredOption('--opens <date>', 'first day 开始')
    .requiredOption('--closes <date>', 'last day 截止')
    .requiredOption('--places <count>', 'how many are chosen 名额', Number)
    .option('--category <code=count...>', 'places of one category 分类名额')
    .action((id: string, flags: RoundFlags) => openRound(environment, id, flags));
  group
    .command('ranking <round>')
    .description('who stands where, and why 排名')
    .action((id: string) => ranking(environment, id));
  group
    .command('select <round>')
    .description('decide a round by its ranking 确定入选')
    .requiredOption('--reason <text>', 'why 理由')
    .action((id: string, { reason }: { reason: string }) => select(environment, id, reason));
  for (const [name, what] of [
    ['score', 'score an entry of a round 评审打分'],
    ['assess', 'assess an entry that stands 评估'],
  ] as const) {
    group
      .command(`${name} <entry>`)
      .description(what)
      .requiredOption('--points <criterion=points...>', 'points of each criterion 得分')
      .option('--remark <text>', 'a remark 评语', '')
      .action((id: string, flags: PointFlags) => give(environment, name, id, flags));
  }
  group
    .command('due')
    .description('what is due, and what is late 到期提醒')
    .action(() => due(environment));
  group
    .command('objections <entry>')
    .description('objections to an entry on notice 登记异议')
    .action((id: string) => objections(environment, id));
  group
    .command('answer <objection> <answer>')
    .description('answer an objection 答复异议')
    .addOption(outcomeOption())
    .action(async (id: string, answer: string, { outcome }: OutcomeFlags) => {
      const { client } = environment.server();
      const body = { outcome, answer };
      const done = await client.registers.answerObjection({ params: { id }, body });
      environment.terminal().answer(done);
      environment.terminal().say('✓');
    });
  group
    .command('object <entry> <text>')
    .description('object to an entry on notice 提出异议')
    .action(async (id: string, text: string) => {
      const { client } = environment.server();
      const made = await client.registers.object({ params: { id }, body: { text } });
      environment.terminal().answer(made);
      sayReceipt(environment, made);
    });
}

async function rounds(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.registers.rounds({ params: { id } });
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('批次', 'round'), '⏱', '№', '✓'],
    rows.map((each) => [
      each.id,
      each.title,
      `${each.opensOn} – ${each.closesOn}`,
      String(each.places.total),
      each.decidedOn ?? '',
    ]),
  );
}

/** `innovation=8` pairs as counts by name. */
function countsOf(pairs: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const cut = pair.indexOf('=');
      const count = Number(pair.slice(cut + 1));
      if (cut < 1 || !Number.isInteger(count)) throw new CommandFault(pair, EXIT.misused);
      return [pair.slice(0, cut), count];
    }),
  );
}

async function openRound(environment: Environment, id: string, flags: RoundFlags): Promise<void> {
  const { title, opens, closes, places, category } = flags;
  const body = {
    year: Number(opens.slice(0, 4)),
    title,
    opensOn: opens,
    closesOn: closes,
    places: { total: places, byCategory: countsOf(category ?? []) },
  };
  const made = await environment.server().client.registers.openRound({ params: { id }, body });
  environment.terminal().answer(made);
  environment.terminal().say(`${made.id}  ${made.title}`);
}

type Ranking = Awaited<
  ReturnType<ReturnType<Environment['server']>['client']['registers']['ranking']>
>;

async function tell(environment: Environment, read: Ranking): Promise<void> {
  const terminal = environment.terminal();
  terminal.answer(read);
  terminal.table(
    ['№', terminal.words('事项', 'entry'), terminal.words('得分', 'score'), '⚑'],
    read.rows.map(({ rank, headline, shown, why }) => [String(rank), headline, shown ?? '', why]),
  );
  const findings = read.findings as Finding[];
  if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
}

async function ranking(environment: Environment, id: string): Promise<void> {
  await tell(environment, await environment.server().client.registers.ranking({ params: { id } }));
}

async function select(environment: Environment, id: string, reason: string): Promise<void> {
  const { client } = environment.server();
  await tell(environment, await client.registers.decideRound({ params: { id }, body: { reason } }));
}

async function give(
  environment: Environment,
  name: 'score' | 'assess',
  id: string,
  { points, remark }: PointFlags,
): Promise<void> {
  const { client } = environment.server();
  const call = { params: { id }, body: { points: countsOf(points), remark } };
  await (name === 'score' ? client.registers.score(call) : client.registers.assess(call));
  environment.terminal().say('✓');
}

async function due(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.registers.due();
  terminal.answer({ rows });
  terminal.table(
    ['№', terminal.words('事项', 'entry'), terminal.words('什么', 'what'), '⏱', '!'],
    rows.map(({ number, headline, what, by, late }) => [
      number,
      headline,
      what,
      by,
      late ? '!' : '',
    ]),
  );
}

async function objections(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.registers.objections({ params: { id } });
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('异议', 'objection'), '→'],
    rows.map(({ id: objection, by, text, answer }) => [objection, `${by}: ${text}`, answer ?? '']),
  );
}
