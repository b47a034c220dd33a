import {
  addRatio,
  compareRatio,
  daysBetween,
  type IsoDate,
  multiplyRatio,
  parseRatio,
  parseYuan,
  type Ratio,
  ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import type { RecoupTarget } from '../terms/waterfall.ts';
import type { Expense } from './facts.ts';

/** Days of an interest year, whatever the calendar says. */
const INTEREST_DAYS = 365n;

/** What one taker has still to recoup on the day the account stands at. */
export type RecoupAccount = {
  readonly target: RecoupTarget;
  /** Additions still to come, oldest first, capped and with their premium. */
  readonly additions: { date: IsoDate; amount: Ratio }[];
  principal: Ratio;
  interest: Ratio;
  accruedTo: IsoDate;
  recouped: Ratio;
};

/** The account of a recoupment before its first day, with all that will be added to it. */
export function openAccount(
  target: RecoupTarget,
  expenses: readonly Expense[],
  firstDay: IsoDate,
): RecoupAccount {
  const premium = parseRatio(target.premium)!;
  const additions: { date: IsoDate; amount: Ratio }[] = [];
  if (target.amount !== undefined) {
    const amount = multiplyRatio(ratio(parseYuan(target.amount)!), premium);
    additions.push({ date: target.paidOn ?? firstDay, amount });
  }
  let allowed = target.cap === undefined ? undefined : parseYuan(target.cap)!;
  const own = expenses.filter((each) => target.expenses.includes(each.account));
  for (const expense of [...own].sort(byDate)) {
    const amountFen =
      allowed !== undefined && expense.amountFen > allowed ? allowed : expense.amountFen;
    if (allowed !== undefined) allowed -= amountFen;
    if (amountFen !== 0n)
      additions.push({ date: expense.date, amount: multiplyRatio(ratio(amountFen), premium) });
  }
  additions.sort(byDate);
  const start = target.interest?.from ?? additions[0]?.date ?? firstDay;
  return { target, additions, principal: ZERO, interest: ZERO, accruedTo: start, recouped: ZERO };
}

const byDate = (a: { date: IsoDate }, b: { date: IsoDate }) =>
  a.date < b.date ? -1 : a.date > b.date ? 1 : 0;

/** Brings the account to a day: later additions join it, interest accrues between them. */
export function advanceAccount(account: RecoupAccount, date: IsoDate): void {
  while (account.additions.length > 0 && account.additions[0]!.date <= date) {
    const addition = account.additions.shift()!;
    accrue(account, addition.date);
    account.principal = addRatio(account.principal, addition.amount);
  }
  accrue(account, date);
}

function accrue(account: RecoupAccount, date: IsoDate): void {
  const { interest } = account.target;
  if (interest === undefined || date <= account.accruedTo) return;
  const rate = parseRatio(interest.rate)!;
  while (interest.method === 'compound' && account.accruedTo.slice(0, 4) < date.slice(0, 4)) {
    const yearEnd = `${String(Number(account.accruedTo.slice(0, 4)) + 1).padStart(4, '0')}-01-01`;
    addInterest(account, rate, yearEnd);
    account.principal = addRatio(account.principal, account.interest);
    account.interest = ZERO;
  }
  addInterest(account, rate, date);
}

function addInterest(account: RecoupAccount, rate: Ratio, date: IsoDate): void {
  const days = ratio(daysBetween(account.accruedTo, date), INTEREST_DAYS);
  account.interest = addRatio(
    account.interest,
    multiplyRatio(account.principal, multiplyRatio(rate, days)),
  );
  account.accruedTo = date;
}

/** What is still to be earned back: principal and interest. */
export function outstanding(account: RecoupAccount): Ratio {
  return addRatio(account.principal, account.interest);
}

/** Interest is paid before principal. A negative amount gives back principal that was recouped. */
export function payAccount(account: RecoupAccount, amount: Ratio): void {
  account.recouped = addRatio(account.recouped, amount);
  const toInterest = compareRatio(amount, account.interest) < 0 ? amount : account.interest;
  if (compareRatio(toInterest, ZERO) > 0) {
    account.interest = subtractRatio(account.interest, toInterest);
    account.principal = subtractRatio(account.principal, subtractRatio(amount, toInterest));
  } else account.principal = subtractRatio(account.principal, amount);
}
