import { contract } from '@yinglian/contract';
import { downloadBytes, mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import type { createBank } from './bank.ts';
import type { createBooks } from './books.ts';
import type { createDifferences } from './differences.ts';
import type { createReconciling } from './reconciling.ts';
import type { createDisputes } from './disputes.ts';
import type { createNight } from './night.ts';
import type { createProposals } from './proposals.ts';

export type LedgerServices = {
  readonly books: ReturnType<typeof createBooks>;
  readonly proposals: ReturnType<typeof createProposals>;
  readonly disputes: ReturnType<typeof createDisputes>;
  readonly bank: ReturnType<typeof createBank>;
  readonly differences: ReturnType<typeof createDifferences>;
  readonly reconciling: ReturnType<typeof createReconciling>;
  readonly night: ReturnType<typeof createNight>;
};

export function ledgerRoutes(services: LedgerServices): MountedGroup {
  const { books, proposals, disputes, bank, differences, reconciling, night } = services;
  return mountGroup('ledger', contract.ledger, {
    policy: (_, context) => books.policy(context),
    setPolicy: ({ body }, context) => books.setPolicy(context, body),
    board: ({ query }, context) => books.board(context, query.month),
    entries: ({ query }, context) => books.entries(context, query),
    accounts: ({ query }, context) => books.accounts(context, query),
    items: ({ query }, context) => books.items(context, query),
    ageing: ({ query }, context) => books.ageing(context, query),
    checkBook: (_, context) => books.check(context),
    nightChecks: ({ query }, context) => night.nightChecks(context, query),
    runNightCheck: (_, context) => night.runNightCheck(context),
    periods: (_, context) => books.periods(context),
    closePeriod: ({ body }, context) => books.closePeriod(context, body.month),
    apply: ({ body }, context) => books.apply(context, body),
    proposals: ({ query }, context) => proposals.proposals(context, query),
    propose: ({ body }, context) => proposals.propose(context, body),
    decideProposal: ({ params, body }, context) => proposals.decide(context, params.id, body),
    async paymentFile({ params }, context) {
      const { name, text } = await proposals.paymentFile(context, params.id);
      return downloadBytes(name, 'text/csv; charset=utf-8', new TextEncoder().encode(text));
    },
    payees: (_, context) => proposals.payees(context),
    setPayee: ({ body }, context) => proposals.setPayee(context, body),
    importBankFile: ({ body }, context) => bank.importFile(context, body.fileId),
    bankLines: ({ query }, context) => bank.lines(context, query),
    postBankLine: ({ params, body }, context) => bank.post(context, params.id, body),
    disputes: ({ query }, context) => disputes.disputes(context, query),
    raiseDispute: ({ body }, context) => disputes.raise(context, body),
    answerDispute: ({ params, body }, context) => disputes.answer(context, params.id, body.text),
    decideDispute: ({ params, body }, context) => disputes.decide(context, params.id, body),
    withdrawDispute: ({ params, body }, context) =>
      disputes.withdraw(context, params.id, body.version),
    reconcile: ({ body }, context) => reconciling.reconcile(context, body),
    reconciliation: ({ params }, context) => reconciling.reconciliation(context, params.id),
    reconciliationLevels: ({ params, query }, context) =>
      reconciling.levels(context, params.id, query),
    differences: ({ query }, context) => differences.differences(context, query),
    decideDifference: ({ params, body }, context) => differences.decide(context, params.id, body),
  });
}
