import type { Command } from 'commander';
import { measuresOf } from '@yinglian/boxoffice';
import { filmCodeKey, formatYuan, parseYuan } from '@yinglian/core';
import {
  type BookRow,
  type Difference,
  DIFFERENCE_TEXTS,
  reconcile,
} from '@yinglian/reconciliation';
import { readBoxOffice } from '../exhibition/box-office-file.ts';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

type ReconcileCommand = {
  readonly reference: readonly string[];
  readonly other: readonly string[];
  readonly tolerance: string;
  readonly small: string;
};

/** `yinglian reconcile`: two parties' files side by side, without a server. */
export function registerReconcile(program: Command, environment: Environment): void {
  program
    .command('reconcile')
    .description('compare what two parties report 对账')
    .requiredOption('--reference <file...>', 'files of the party that the other is compared with')
    .requiredOption('--other <file...>', 'files of the other party')
    .option('--tolerance <yuan>', 'differences up to this are silent', '0')
    .option('--small <yuan>', 'differences up to this are small', '1')
    .action((options: ReconcileCommand) => reconcileFiles(environment, options));
}

async function reconcileFiles(environment: Environment, options: ReconcileCommand): Promise<void> {
  const terminal = environment.terminal();
  const [toleranceFen, smallFen] = [options.tolerance, options.small].map((text) => {
    const fen = parseYuan(text);
    if (fen !== undefined && fen >= 0n) return fen;
    throw new CommandFault(
      terminal.words(`“${text}”不是金额`, `“${text}” is no amount`),
      EXIT.misused,
    );
  });
  const [reference, other] = [
    await readBook(terminal, options.reference),
    await readBook(terminal, options.other),
  ];
  const outcome = reconcile(
    [
      { source: 'reference', rows: reference },
      { source: 'other', rows: other },
    ],
    {
      reference: 'reference',
      equals: [{ source: 'other', toleranceFen: toleranceFen!, smallFen: smallFen! }],
    },
  );
  if (!outcome.ok) {
    sayFindings(terminal, outcome.findings, ALL_TEXTS);
    environment.exit(EXIT.faulty);
    return;
  }
  const { differences, agreeingRows, rows } = outcome.value;
  terminal.answer({
    rows,
    agreeingRows,
    differences: differences.map((each) => ({ ...each, deltaFen: String(each.deltaFen) })),
  });
  terminal.say(
    terminal.words(
      `一致 ${agreeingRows} 项，差异 ${differences.length} 项`,
      `${agreeingRows} agree, ${differences.length} differ`,
    ),
  );
  terminal.table(
    [
      terminal.words('类别', 'kind'),
      terminal.words('日期', 'date'),
      terminal.words('影院', 'cinema'),
      terminal.words('影片', 'film'),
      terminal.words('人次差', 'admissions'),
      terminal.words('金额差', 'amount'),
      terminal.words('依据', 'rows'),
    ],
    differences.map((each) => lineOf(terminal, each)),
  );
  environment.exit(differences.length === 0 ? EXIT.done : EXIT.faulty);
}

function lineOf(terminal: Terminal, each: Difference): string[] {
  const words = DIFFERENCE_TEXTS[each.kind];
  return [
    terminal.words(words.zh, words.en),
    each.date,
    each.cinemaCode ?? '',
    each.filmCode ?? '',
    String(each.deltaAdmissions),
    formatYuan(each.deltaFen, { grouped: true }),
    each.evidence.join(' | '),
  ];
}

/**
 * Rows summed to what files of every kind can say: film, cinema and the days that a row covers.
 */
async function readBook(terminal: Terminal, paths: readonly string[]): Promise<BookRow[]> {
  const sums = new Map<string, BookRow & { rows: string[] }>();
  for (const path of paths) {
    const read = await readBoxOffice(path);
    if (!read.ok || read.value.quarantined.length > 0) {
      sayFindings(terminal, read.ok ? read.value.findings : read.findings, ALL_TEXTS);
      throw new CommandFault(
        terminal.words(`${path}：有看不懂的行`, `${path}: some rows are not understood`),
        EXIT.faulty,
      );
    }
    const measures = measuresOf(read.value.records);
    for (const [index, record] of read.value.records.entries()) {
      const { admissions, grossFen } = measures[index]!;
      const first = (record.from ?? record.date)!;
      const last = (record.to ?? record.date)!;
      const filmCode = filmCodeKey(record.filmCode ?? '');
      const days = first === last ? first : `${first}..${last}`;
      const key = `${record.cinemaCode ?? ''}/${filmCode}/${days}`;
      const known = sums.get(key);
      sums.set(key, {
        row: '',
        rows: [...(known?.rows ?? []), `${path}:${record.sourceRow}`],
        screeningId: key.toUpperCase(),
        date: first,
        cinemaCode: record.cinemaCode ?? '',
        filmCode,
        admissions: (known?.admissions ?? 0) + admissions,
        grossFen: (known?.grossFen ?? 0n) + grossFen,
      });
    }
  }
  return [...sums.values()].map(({ rows, ...row }) => ({ ...row, row: rows.join(' ') }));
}
