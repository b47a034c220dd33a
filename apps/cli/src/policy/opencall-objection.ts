import { type Command, Option } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { type OutcomeFlags, outcomeOption, sayReceipt } from './objections.ts';

type Objection = {
  readonly id: string;
  readonly kind: string;
  readonly by: string;
  readonly text: string;
  readonly answer: string | null;
};
type MakeFlags = { readonly kind: 'catalogue' | 'round' };

/** `yinglian opencall objection …`: anybody's objections, and a department's answers. */
export function registerObjection(group: Command, environment: Environment): void {
  const objection = group.command('objection').description('objections during a notice 异议');
  objection
    .command('make <id> <text>')
    .description('object to what is on notice 提出异议')
    .addOption(
      new Option('--kind <kind>', 'what the id is of 对象')
        .choices(['catalogue', 'round'])
        .default('round'),
    )
    .action(async (id: string, text: string, { kind }: MakeFlags) => {
      const { client } = environment.server();
      const made = await client.opencall.object({ body: { kind, id, text } });
      show(environment, [made]);
      sayReceipt(environment, made);
    });
  objection
    .command('own')
    .description('what I objected to, with the answers 我的异议')
    .option('--after <cursor>', 'the next page 下一页')
    .action(async (query: { after?: string }) => {
      const { client } = environment.server();
      const { rows, next } = await client.opencall.ownObjections({ query });
      show(environment, rows, next);
    });
  objection
    .command('list')
    .description('objections to what our department leads 收到的异议')
    .option('--after <cursor>', 'the next page 下一页')
    .action(async (query: { after?: string }) => {
      const { client } = environment.server();
      const { rows, next } = await client.opencall.objections({ query });
      show(environment, rows, next);
    });
  objection
    .command('answer <objection> <answer>')
    .description('answer one, so that a decision may go on 答复异议')
    .addOption(outcomeOption())
    .action(async (id: string, answer: string, { outcome }: OutcomeFlags) => {
      const { client } = environment.server();
      const body = { outcome, answer };
      const done = await client.opencall.answerObjection({ params: { id }, body });
      show(environment, [done]);
    });
}

function show(
  environment: Environment,
  rows: readonly Objection[],
  next: string | null = null,
): void {
  const terminal = environment.terminal();
  terminal.answer({ rows, next });
  terminal.table(
    ['id', terminal.words('对象', 'of'), terminal.words('异议', 'objection'), '→'],
    rows.map(({ id, kind, by, text, answer }) => [id, kind, `${by}: ${text}`, answer ?? '']),
  );
  if (next !== null) terminal.say(`--after ${next}`);
}
