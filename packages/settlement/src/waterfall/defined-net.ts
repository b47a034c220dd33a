import {
  addRatio,
  compareRatio,
  type IsoDate,
  parseRatio,
  type Ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import { type Derivation, derive, derivedConstant } from '../derivation.ts';
import type { DefinedNet } from '../terms/waterfall.ts';
import type { Expense } from './facts.ts';
import {
  advanceAccount,
  openAccount,
  outstanding,
  payAccount,
  type RecoupAccount,
} from './recoupment.ts';

/**
 * Where a defined net stands: a reckoning beside the steps. Nobody is paid by it; participations
 * are measured on it.
 */
export type NetAccount = {
  readonly net: DefinedNet;
  readonly costs: RecoupAccount | undefined;
  /** What deductions went beyond an income, to be made good by later ones; never positive. */
  lacking: Ratio;
  toDate: Ratio;
};

/** The reckoning of a net before its first income. */
export function openNet(
  net: DefinedNet,
  expenses: readonly Expense[],
  firstDay: IsoDate,
): NetAccount {
  const costs =
    net.costs === undefined ? undefined : openAccount({ to: '', ...net.costs }, expenses, firstDay);
  return { net, costs, lacking: ZERO, toDate: ZERO };
}

/** What an income came to, and what steps have taken of it so far. */
export type NetIncomeRun = {
  readonly date: IsoDate;
  readonly amount: Derivation;
  readonly taken: ReadonlyMap<string, Ratio>;
};

const nothing = () => derivedConstant('nothing', ZERO);

/**
 * Adds an income to the net: less parts of it, less what named steps took of it, and less the costs
 * as far as they are still open. The net of all incomes to date is the answer.
 */
export function addToNet(account: NetAccount, { date, amount, taken }: NetIncomeRun): Derivation {
  const { net, costs } = account;
  const clause = net.id;
  const parts = (net.rates ?? []).map(({ id, rate }) => {
    const part = derivedConstant('rate', parseRatio(rate)!, { clause, facts: { rate, of: id } });
    return derive('deduction', 'multiply', [amount, part], { clause });
  });
  const steps = (net.less ?? []).map((step) =>
    derivedConstant('deduction', taken.get(step) ?? ZERO, { clause, facts: { of: step } }),
  );
  const lacking = derivedConstant('lacking_before', subtractRatio(ZERO, account.lacking), {
    clause,
  });
  const left = derive('net_available', 'subtract', [amount, ...parts, ...steps, lacking], {
    clause,
  });
  account.lacking = compareRatio(left.value, ZERO) < 0 ? left.value : ZERO;
  let added = derive('positive', 'greater', [left, nothing()], { clause });
  if (costs !== undefined) {
    advanceAccount(costs, date);
    const open = derivedConstant('outstanding', outstanding(costs), { clause });
    const borne = derive('net_costs', 'lesser', [added, open], { clause });
    payAccount(costs, borne.value);
    added = derive('net_income', 'subtract', [added, borne], { clause });
  }
  const before = derivedConstant('net_before', account.toDate, { clause });
  account.toDate = addRatio(account.toDate, added.value);
  return derive('net_to_date', 'add', [before, added], { clause });
}
