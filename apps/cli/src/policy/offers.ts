import { formatYuan } from '@yinglian/core';
import type { Command } from 'commander';
import type { Environment } from '../kernel/environment.ts';

type OfferFlags = { readonly reason?: string };
type AccountFlags = { readonly holder: string; readonly bank: string; readonly number: string };

/** `yinglian policy without-application …`: what a department offers, and a company answers. */
export function registerOffers(policy: Command, environment: Environment): void {
  const group = policy
    .command('without-application')
    .description('what is given without application 免申即享');
  group
    .command('candidates <call> <item>')
    .description('who stands in the registers, and what is in the way 候选单位')
    .action((id: string, item: string) => candidates(environment, id, item));
  group
    .command('offer <call> <item> <entries...>')
    .description('offer it to the beneficiaries of these entries 提出')
    .option('--reason <reason>', 'what it rests on 依据')
    .action(async (id: string, item: string, entryIds: string[], { reason = '' }: OfferFlags) => {
      const { policyDesk } = environment.server().client;
      const answer = await policyDesk.offer({ params: { id }, body: { item, entryIds, reason } });
      const terminal = environment.terminal();
      terminal.answer(answer);
      terminal.table(
        ['id', terminal.words('单位', 'applicant')],
        answer.rows.map(({ claimId, applicant }) => [claimId, applicant]),
      );
    });
  group
    .command('agree <claim>')
    .description('agree to an offer, and name the account to be paid 确认账户并同意')
    .requiredOption('--holder <name>', 'holder of the account 户名')
    .requiredOption('--bank <name>', 'bank 开户行')
    .requiredOption('--number <number>', 'number of the account 账号')
    .action((id: string, { holder, bank, number }: AccountFlags) =>
      answerOffer(environment, id, 'confirm', { holder, bank, number, agrees: true }),
    );
  group
    .command('turn-down <claim>')
    .description('turn an offer down 谢绝')
    .action((id: string) => answerOffer(environment, id, 'turn_down'));
}

async function candidates(environment: Environment, id: string, item: string): Promise<void> {
  const { policyDesk } = environment.server().client;
  const { rows } = await policyDesk.candidates({ params: { id }, query: { item } });
  const terminal = environment.terminal();
  terminal.answer({ rows });
  terminal.table(
    [
      terminal.words('登记', 'entry'),
      terminal.words('编号', 'number'),
      terminal.words('单位', 'applicant'),
      terminal.words('最高', 'at most'),
      terminal.words('尚缺或受限', 'in the way'),
    ],
    rows.map(({ entryId, number, applicant, match, findings }) => [
      entryId,
      number,
      applicant,
      match.atMostFen === null ? '–' : formatYuan(BigInt(match.atMostFen), { grouped: true }),
      findings.map(({ code }) => code).join(' ') || '–',
    ]),
  );
}

async function answerOffer(
  environment: Environment,
  id: string,
  action: 'confirm' | 'turn_down',
  account?: AccountFlags & { readonly agrees: true },
): Promise<void> {
  const { policy } = environment.server().client;
  const { version } = await policy.claim({ params: { id } });
  const body = { version, action, ...(account === undefined ? {} : { account }) };
  const claim = await policy.act({ params: { id }, body });
  const terminal = environment.terminal();
  terminal.answer(claim);
  terminal.say(`${claim.object}  ${claim.state}`);
}
