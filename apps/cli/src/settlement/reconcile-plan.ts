import { dirname, resolve } from 'node:path';
import type { Outcome } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { readBankFile } from '@yinglian/ledger';
import {
  type BookRow,
  parsePlan,
  type PlanParty,
  readBookTable,
  readReceiptTable,
  type ReceiptLine,
  runPlan,
} from '@yinglian/reconciliation';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readTextGiven } from '../kernel/files.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { bookReader } from './reconcile-books.ts';
import { sayReconciliation } from './reconcile-words.ts';
import { readTableFile } from './table-file.ts';

/** `yinglian reconcile --plan`: all parties of a plan, whose files lie beside it. */
export async function reconcilePlan(environment: Environment, path: string): Promise<void> {
  const terminal = environment.terminal();
  const plan = understood(
    terminal,
    parsePlan(understood(terminal, await readTextGiven(path), path)),
    path,
  );
  const readAny = await bookReader(terminal, plan.rows);
  const books = new Map<string, readonly BookRow[]>();
  const receipts = new Map<string, readonly ReceiptLine[]>();
  for (const party of plan.parties) {
    const paths = party.files.map((each) => resolve(dirname(path), each));
    if (party.role === 'bank') {
      const lists = await Promise.all(paths.map((each) => readReceipts(terminal, party, each)));
      receipts.set(party.name, lists.flat());
    } else if (party.columns === undefined) books.set(party.name, await readAny(paths));
    else {
      const lists = await Promise.all(paths.map((each) => readTable(terminal, party, each)));
      books.set(party.name, lists.flat());
    }
  }
  const outcome = runPlan(plan, { books, receipts });
  sayReconciliation(environment, understood(terminal, outcome, path));
}

/** The value, or the end of the command with the findings of the file. */
function understood<Value>(terminal: Terminal, outcome: Outcome<Value>, path: string): Value {
  if (outcome.ok) return outcome.value;
  sayFindings(terminal, outcome.findings, ALL_TEXTS);
  throw new CommandFault(terminal.words(`${path}：看不懂`, `${path}: not understood`), EXIT.faulty);
}

async function readTable(terminal: Terminal, party: PlanParty, path: string): Promise<BookRow[]> {
  const lines = understood(terminal, await readTableFile(path), path);
  const { columns = {}, moneyUnit } = party;
  return understood(terminal, readBookTable(lines, { columns, moneyUnit }, path), path);
}

async function readReceipts(
  terminal: Terminal,
  party: PlanParty,
  path: string,
): Promise<ReceiptLine[]> {
  const { columns, moneyUnit } = party;
  if (columns !== undefined) {
    const lines = understood(terminal, await readTableFile(path), path);
    return understood(terminal, readReceiptTable(lines, { columns, moneyUnit }, path), path);
  }
  const text = understood(terminal, await readTextGiven(path), path);
  const read = understood(terminal, readBankFile(text, nodeCryptography), path);
  return read.map(({ id, date, fen, counterparty, account, memo }) => {
    const payer = party.payers[account] === undefined ? counterparty : account;
    return { id, payer, date, amountFen: fen, memo };
  });
}
