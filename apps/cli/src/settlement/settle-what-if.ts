import { accepted, finding, formatYuan, type Outcome, refused } from '@yinglian/core';
import {
  booksOf,
  changedCase,
  changedInputs,
  changesOfParties,
  type FactChanges,
  inputRowOf,
  parseFactChangesText,
  type PartyChange,
  type Terms,
  toJson,
  whatIf,
} from '@yinglian/settlement';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readTextGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import type { PartiesGiven } from './settle-parties.ts';

/** Changes of facts in a file; none where no file is given. */
export async function readChanges(
  terminal: Terminal,
  path: string | undefined,
): Promise<FactChanges> {
  const text = path === undefined ? accepted('{}') : await readTextGiven(path);
  const read = text.ok ? parseFactChangesText(text.value) : text;
  if (read.ok) return read.value;
  sayFindings(terminal, read.findings, ALL_TEXTS);
  throw new CommandFault(
    terminal.words(`${path}：看不懂`, `${path}: not understood`),
    EXIT.misused,
  );
}

type Thought = { readonly terms: Terms; readonly changes: FactChanges };

/** Settles twice, as it is and as it is thought; nothing is written. */
export function sayWhatIf(
  environment: Environment,
  terms: Terms,
  thought: Thought,
  given: PartiesGiven,
): void {
  const terminal = environment.terminal();
  const outcome = compared(terms, thought, given);
  const changes = outcome.ok ? outcome.value : [];
  terminal.answer({ changes: toJson(changes), findings: outcome.findings });
  sayFindings(terminal, outcome.findings, ALL_TEXTS);
  if (!outcome.ok) return environment.exit(EXIT.faulty);
  const language = terminal.locale === 'en' ? 'en' : 'zh';
  const nameOf = (id: string) => terms.parties.find((each) => each.id === id)?.name[language] ?? id;
  const yuan = (fen: bigint) => formatYuan(fen, { grouped: true });
  terminal.table(
    [
      terminal.words('方', 'party'),
      terminal.words('经办', 'holder'),
      terminal.words('现在', 'before'),
      terminal.words('假如', 'after'),
      terminal.words('差', 'difference'),
    ],
    changes.map((each) => [
      nameOf(each.party),
      each.holder ?? '',
      yuan(each.beforeFen),
      yuan(each.afterFen),
      yuan(each.differenceFen),
    ]),
  );
  environment.exit(exitFor(outcome.findings));
}

function compared(
  terms: Terms,
  { terms: others, changes }: Thought,
  { records, facts, register, period }: PartiesGiven,
): Outcome<readonly PartyChange[]> {
  if (terms.kind !== others.kind)
    return refused(finding('incomparable_terms', 'error', { facts: { kind: others.kind } }));
  if (terms.kind === 'theatrical' && others.kind === 'theatrical') {
    const context = { period, register, books: booksOf(records) };
    const changed = changedCase({ terms: others, facts, context }, changes);
    if (!changed.ok) return changed;
    const told = whatIf({ terms, facts, context }, changed.value);
    return told.ok ? accepted(told.value.changes, told.findings) : told;
  }
  if (terms.kind === 'theatrical' || others.kind === 'theatrical') return accepted([]);
  const rows = facts.map((fact) => inputRowOf(fact, register[fact.cinemaCode]?.circuit));
  const inputs = { records: [...records], rows };
  const changed = changedInputs(inputs, changes);
  if (!changed.ok) return changed;
  return changesOfParties({ terms, inputs }, { terms: others, inputs: changed.value }, period);
}
