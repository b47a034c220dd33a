import { OBJECTION_OUTCOMES } from '@yinglian/contract';
import { type Command, Option } from 'commander';
import type { Environment } from '../kernel/environment.ts';

export type OutcomeFlags = { readonly outcome: (typeof OBJECTION_OUTCOMES)[number] };
type Objection = {
  readonly id: string;
  readonly text: string;
  readonly answerBy: string | null;
  readonly outcome: string | null;
  readonly answer: string | null;
};

/** What an answer says of an objection; nothing is taken for granted. */
export function outcomeOption(): Option {
  return new Option('--outcome <outcome>', 'whether it is right 结论')
    .choices(OBJECTION_OUTCOMES)
    .makeOptionMandatory();
}

/** What whoever objected keeps: with it the answer is found without signing in. */
export function sayReceipt(environment: Environment, { token }: { readonly token: string }): void {
  const terminal = environment.terminal();
  terminal.say(`${terminal.words('回执', 'receipt')}  ${token}`);
}

/** `yinglian policy objection …`: objections to proposals, by both sides. */
export function registerObjections(policy: Command, environment: Environment): void {
  const group = policy.command('objection').description('objections to proposals 异议');
  const server = () => environment.server().client;
  group
    .command('make <claim> <text>')
    .description('object to a proposal on notice, and get a receipt 提出异议')
    .action(async (id: string, text: string) => {
      const made = await server().policy.object({ params: { id }, body: { text } });
      show(environment, [made]);
      sayReceipt(environment, made);
    });
  group
    .command('own')
    .description('what we objected to anywhere, with the answers 我的异议')
    .option('--after <cursor>', 'the next page 下一页')
    .action(async ({ after }: { after?: string }) => {
      const query = after === undefined ? {} : { after };
      const { rows, next } = await server().policyDesk.ownObjections({ query });
      show(environment, rows, next);
    });
  group
    .command('find <receipt>')
    .description('the answer to one, by its receipt 凭回执查询答复')
    .action(async (token: string) => {
      show(environment, [await server().policyDesk.findObjection({ body: { token } })]);
    });
  group
    .command('list')
    .description('objections to proposals of our department 收到的异议')
    .option('--open', 'only those that wait for an answer 仅待答复')
    .option('--after <cursor>', 'the next page 下一页')
    .action(async ({ open, after }: { open?: boolean; after?: string }) => {
      const query = {
        ...(open === true ? { open: 'true' } : {}),
        ...(after === undefined ? {} : { after }),
      };
      const { rows, next } = await server().policyDesk.objections({ query });
      show(environment, rows, next);
    });
  group
    .command('answer <objection> <answer>')
    .description('answer one as somebody who took no step of the claim 答复异议')
    .addOption(outcomeOption())
    .action(async (id: string, answer: string, { outcome }: OutcomeFlags) => {
      const body = { outcome, answer };
      show(environment, [await server().policy.answerObjection({ params: { id }, body })]);
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
    ['id', terminal.words('异议', 'objection'), '⏱', terminal.words('结论', 'outcome'), '→'],
    rows.map((each) => [
      each.id,
      each.text,
      each.answerBy ?? '',
      each.outcome ?? '',
      each.answer ?? '',
    ]),
  );
  if (next !== null) terminal.say(`--after ${next}`);
}
