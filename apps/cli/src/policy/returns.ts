import { RECOVERY_WAYS } from '@yinglian/contract';
import { formatYuan } from '@yinglian/core';
import { type Command, Option } from 'commander';
import type { Environment } from '../kernel/environment.ts';

type GiveFlags = { readonly to: (typeof RECOVERY_WAYS)[number]; readonly note: string };
type Row = {
  readonly subject: string;
  readonly title: string;
  readonly year: number;
  readonly fen: string;
};

/** `yinglian policy recovered …`: money that came back, and the budget that it returns to. */
export function registerReturns(policy: Command, environment: Environment): void {
  const group = policy.command('recovered').description('money that came back 已收回的资金');
  group
    .command('list')
    .description('what waits for a budget 待退回')
    .action(async () => {
      show(environment, (await environment.server().client.policyDesk.recoveries()).rows);
    });
  group
    .command('return <claim>')
    .description('return it, as somebody who did not record it 退回预算')
    .addOption(
      new Option('--to <way>', 'its own year, the running one, or the treasury 去向')
        .choices(RECOVERY_WAYS)
        .makeOptionMandatory(),
    )
    .requiredOption('--note <note>', 'why 说明')
    .action(async (subject: string, { to, note }: GiveFlags) => {
      const { client } = environment.server();
      const body = { subject, to, note };
      show(environment, (await client.policyDesk.returnRecovered({ body })).rows);
    });
}

function show(environment: Environment, rows: readonly Row[]): void {
  const terminal = environment.terminal();
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('对象', 'for what'), terminal.words('年度', 'year'), '¥'],
    rows.map(({ subject, title, year, fen }) => [
      subject,
      title,
      String(year),
      formatYuan(BigInt(fen), { grouped: true }),
    ]),
  );
}
