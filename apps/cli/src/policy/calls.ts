import type { Command } from 'commander';
import type { Environment } from '../kernel/environment.ts';

type Filter = { readonly year?: string; readonly direction?: string; readonly after?: string };
type Reason = { readonly reason: string };
type Terms = {
  readonly title?: string;
  readonly direction?: string;
  readonly items?: readonly string[];
  readonly opens?: string;
  readonly closes?: string;
  readonly noticeDays?: string;
  readonly correctionDays?: string;
  readonly objectionDays?: string;
  readonly guide?: string;
};
type Shown = {
  readonly id: string;
  readonly title: string;
  readonly department: string;
  readonly year: number;
  readonly direction: string;
  readonly items: readonly string[];
  readonly closesOn: string;
  readonly cancelledOn: string | null;
};

/** `yinglian policy calls` and `policy call …`: what is called for, and what became of it. */
export function registerCalls(policy: Command, environment: Environment): void {
  policy
    .command('calls')
    .description('calls of the network 申报通知')
    .option('--year <year>', 'of this year 年度')
    .option('--direction <direction>', 'for this direction 方向')
    .option('--after <cursor>', 'the next page 下一页')
    .action(async (query: Filter) => {
      const { rows, next } = await environment.server().client.policy.calls({ query });
      show(environment, rows, next);
    });
  const call = policy.command('call').description('one call 一个申报通知');
  call
    .command('show <call>')
    .description('its terms, and what became of it 条款和变更')
    .action((id: string) => showCall(environment, id));
  call
    .command('change <call>')
    .description('a new version for all who prepare or have filed 变更')
    .requiredOption('--reason <reason>', 'why 原因')
    .option('--title <title>', 'title 标题')
    .option('--direction <direction>', 'direction 方向')
    .option('--items <items...>', 'all items that are called for 条目')
    .option('--opens <date>', 'first day 开始')
    .option('--closes <date>', 'last day 截止')
    .option('--notice-days <days>', 'working days of the notice 公示工作日')
    .option('--correction-days <days>', 'working days of a correction 补正工作日')
    .option('--objection-days <days>', 'working days of an answer 异议答复工作日')
    .option('--guide <text>', 'guide 申报指南')
    .action((id: string, given: Reason & Terms) => change(environment, id, given));
  call
    .command('extend <call> <date>')
    .description('put off its last day 延期')
    .requiredOption('--reason <reason>', 'why 原因')
    .action((id: string, closes: string, { reason }: Reason) =>
      change(environment, id, { reason, closes }),
    );
  call
    .command('cancel <call>')
    .description('take nothing more under it 取消')
    .requiredOption('--reason <reason>', 'why 原因')
    .action(async (id: string, { reason }: Reason) => {
      const { policyDesk } = environment.server().client;
      const { version } = await policyDesk.call({ params: { id } });
      const body = { version, reason };
      show(environment, [await policyDesk.cancelCall({ params: { id }, body })]);
    });
}

async function change(
  environment: Environment,
  id: string,
  { reason, ...terms }: Reason & Terms,
): Promise<void> {
  const { policyDesk } = environment.server().client;
  const { version } = await policyDesk.call({ params: { id } });
  const { title, direction, items, opens, closes, guide } = terms;
  const { noticeDays, correctionDays, objectionDays } = terms;
  const body = {
    version,
    reason,
    ...(title === undefined ? {} : { title }),
    ...(direction === undefined ? {} : { direction }),
    ...(items === undefined ? {} : { items: [...items] }),
    ...(opens === undefined ? {} : { opensOn: opens }),
    ...(closes === undefined ? {} : { closesOn: closes }),
    ...(noticeDays === undefined ? {} : { noticeDays: Number(noticeDays) }),
    ...(correctionDays === undefined ? {} : { correctionDays: Number(correctionDays) }),
    ...(objectionDays === undefined ? {} : { objectionDays: Number(objectionDays) }),
    ...(guide === undefined ? {} : { guide }),
  };
  show(environment, [await policyDesk.changeCall({ params: { id }, body })]);
}

async function showCall(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const call = await environment.server().client.policyDesk.call({ params: { id } });
  terminal.answer(call);
  terminal.say(`${call.title}  ${call.department}  ${call.year} ${call.direction}`.trimEnd());
  terminal.say(`${call.items.join(' ')}  ${call.opensOn} – ${call.closesOn}`);
  for (const { version, kind, terms, reason, on } of call.changes) {
    const told = terms.map(({ term, before, after }) => `${term}: ${before} → ${after}`);
    terminal.say(`${on}  ${version} ${kind}  ${[...told, reason].join('; ')}`);
  }
}

function show(environment: Environment, rows: readonly Shown[], next: string | null = null): void {
  const terminal = environment.terminal();
  terminal.answer({ rows, next });
  terminal.table(
    [
      'id',
      terminal.words('通知', 'call'),
      terminal.words('部门', 'department'),
      terminal.words('年度', 'year'),
      terminal.words('方向', 'direction'),
      terminal.words('条目', 'items'),
      terminal.words('截止', 'closes'),
    ],
    rows.map((each) => [
      each.id,
      each.title,
      each.department,
      String(each.year),
      each.direction,
      each.items.join(' '),
      each.cancelledOn === null ? each.closesOn : `✗ ${each.cancelledOn}`,
    ]),
  );
  if (next !== null) terminal.say(`--after ${next}`);
}
