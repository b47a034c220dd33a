import type { Command } from 'commander';
import { type BoxOfficeRecord, measuresOf } from '@yinglian/boxoffice';
import { filmCodeKey, formatYuan, parseYuan } from '@yinglian/core';
import {
  type Book,
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
  readonly also?: readonly string[];
  readonly channel?: readonly string[];
  readonly level: string;
  readonly tolerance: string;
  readonly small: string;
};

/** `yinglian reconcile`: parties' files side by side, without a server. */
export function registerReconcile(program: Command, environment: Environment): void {
  program
    .command('reconcile')
    .description('compare what parties report 对账')
    .requiredOption('--reference <file...>', 'files of the party that the others are compared with')
    .requiredOption('--other <file...>', 'files of the other party')
    .option('--also <name=file...>', 'files of further parties that must say the same')
    .option('--channel <name=file...>', 'files of sellers, who cannot exceed the reference')
    .option('--level <level>', 'day: cinema, film and days; screening: each show', 'day')
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
  const read = await bookReader(terminal, options.level);
  const [also, channels] = [options.also, options.channel].map((given) => named(terminal, given));
  const sources = [
    ['reference', options.reference] as const,
    ['other', options.other] as const,
    ...also!,
    ...channels!,
  ];
  const books: Book[] = [];
  for (const [source, paths] of sources) books.push({ source, rows: await read(paths) });
  const equals = ['other', ...also!.keys()].map((source) => ({
    source,
    toleranceFen: toleranceFen!,
    smallFen: smallFen!,
  }));
  const outcome = reconcile(books, {
    reference: 'reference',
    equals,
    channels: [...channels!.keys()].map((source) => ({ source })),
  });
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
      terminal.words('双方', 'between'),
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
    each.between.join(' – '),
    each.date,
    each.cinemaCode ?? '',
    each.filmCode ?? '',
    String(each.deltaAdmissions),
    formatYuan(each.deltaFen, { grouped: true }),
    each.evidence.join(' | '),
  ];
}

/** `name=file` → the files by their party; a name is a party of its own. */
function named(
  terminal: Terminal,
  given: readonly string[] | undefined,
): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>();
  for (const text of given ?? []) {
    const [name = '', ...path] = text.split('=');
    if (name === '' || path.length === 0 || name === 'reference' || name === 'other') {
      throw new CommandFault(
        terminal.words(`“${text}”应写作 名称=文件`, `“${text}” is not of the form name=file`),
        EXIT.misused,
      );
    }
    files.set(name, [...(files.get(name) ?? []), path.join('=')]);
  }
  return files;
}

type ReadBook = (paths: readonly string[]) => Promise<BookRow[]>;

async function bookReader(terminal: Terminal, level: string): Promise<ReadBook> {
  if (level === 'day') return (paths) => readDays(terminal, paths);
  if (level === 'screening') return (paths) => readShows(terminal, paths);
  throw new CommandFault(
    terminal.words(`“${level}”不是 day 或 screening`, `“${level}” is neither day nor screening`),
    EXIT.misused,
  );
}

/** One row as it stands in its file. */
type Line = {
  readonly record: BoxOfficeRecord;
  readonly place: string;
  readonly admissions: number;
  readonly grossFen: bigint;
};

/** The rows of files, none of which is left out because it was not understood. */
async function readLines(terminal: Terminal, paths: readonly string[]): Promise<Line[]> {
  const lines: Line[] = [];
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
      lines.push({ record, place: `${path}:${record.sourceRow}`, admissions, grossFen });
    }
  }
  return lines;
}

/**
 * Rows summed to what files of every kind can say: film, cinema and the days that a row covers.
 */
async function readDays(terminal: Terminal, paths: readonly string[]): Promise<BookRow[]> {
  const sums = new Map<string, BookRow & { rows: string[] }>();
  for (const { record, place, admissions, grossFen } of await readLines(terminal, paths)) {
    const first = (record.from ?? record.date)!;
    const last = (record.to ?? record.date)!;
    const filmCode = filmCodeKey(record.filmCode ?? '');
    const days = first === last ? first : `${first}..${last}`;
    const key = `${record.cinemaCode ?? ''}/${filmCode}/${days}`;
    const known = sums.get(key);
    sums.set(key, {
      row: '',
      rows: [...(known?.rows ?? []), place],
      screeningId: key.toUpperCase(),
      date: first,
      cinemaCode: record.cinemaCode ?? '',
      filmCode,
      admissions: (known?.admissions ?? 0) + admissions,
      grossFen: (known?.grossFen ?? 0n) + grossFen,
    });
  }
  return [...sums.values()].map(({ rows, ...row }) => ({ ...row, row: rows.join(' ') }));
}

/** Each show by its number or its place; rows by ticket, type or channel are its parts. */
async function readShows(terminal: Terminal, paths: readonly string[]): Promise<BookRow[]> {
  const lines = await readLines(terminal, paths);
  const coarse = lines.find(({ record }) => record.level === 'day' || record.level === 'month');
  if (coarse !== undefined) {
    throw new CommandFault(
      terminal.words(`${coarse.place}：没有场次`, `${coarse.place}: the row is of no show`),
      EXIT.faulty,
    );
  }
  return lines.map(({ record, place, admissions, grossFen }) => {
    const { screeningId, hall, start, ticketId, ticketType, channel, operation } = record;
    return {
      row: place,
      ...(screeningId === undefined ? {} : { screeningId }),
      ...(hall === undefined ? {} : { hall }),
      ...(start === undefined ? {} : { start }),
      part: [ticketId, ticketType, channel, operation].map((each) => each ?? '').join('/'),
      date: record.date!,
      cinemaCode: record.cinemaCode ?? '',
      filmCode: filmCodeKey(record.filmCode ?? ''),
      admissions,
      grossFen,
    };
  });
}
