import type { Command } from 'commander';
import type { OutputOf, contract } from '@yinglian/contract';
import type { Environment } from '../kernel/environment.ts';

type Statement = OutputOf<typeof contract.settlement.statement.result>;
type Hall = ReturnType<Environment['server']>['client']['settlement'];
type Step = (hall: Hall, given: { id: string; version: number }) => Promise<Statement>;

/** From draft to accepted, each a word about the statement as it stands now. */
const STEPS: readonly { readonly name: string; readonly words: string; readonly step: Step }[] = [
  {
    name: 'check',
    words: 'mark a draft as checked 核对结算单',
    step: (hall, { id, version }) => hall.check({ params: { id }, body: { version } }),
  },
  {
    name: 'issue',
    words: 'sign, book and send a statement 出具结算单',
    step: (hall, { id, version }) => hall.issue({ params: { id }, body: { version } }),
  },
  {
    name: 'accept',
    words: 'accept a statement as its party 确认结算单',
    step: (hall, { id, version }) => hall.accept({ params: { id }, body: { version } }),
  },
];

/** `yinglian settlement check|issue|accept|invoice <statement>`. */
export function registerStatementSteps(settlement: Command, environment: Environment): void {
  for (const { name, words, step } of STEPS) {
    settlement
      .command(`${name} <statement>`)
      .description(words)
      .action((id: string) => take(environment, id, step));
  }
  settlement
    .command('invoice <statement>')
    .description('record the invoice of an accepted statement 登记发票')
    .requiredOption('--number <number>', 'of the invoice 发票号码')
    .requiredOption('--date <date>', 'of the invoice 开票日期')
    .action((id: string, { number, date }: { number: string; date: string }) =>
      take(environment, id, (hall, { version }) =>
        hall.invoice({ params: { id }, body: { version, number, date } }),
      ),
    );
}

async function take(environment: Environment, id: string, step: Step): Promise<void> {
  const terminal = environment.terminal();
  const { settlement: hall } = environment.server().client;
  const { version } = await hall.statement({ params: { id } });
  const stored = await step(hall, { id, version });
  terminal.answer(stored);
  terminal.say(`${stored.number}  ${stored.state}`);
}
