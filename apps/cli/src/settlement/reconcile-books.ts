import { type BoxOfficeRecord, measuresOf } from '@yinglian/boxoffice';
import { filmCodeKey } from '@yinglian/core';
import { type BookRow, summing } from '@yinglian/reconciliation';
import { readBoxOffice } from '../exhibition/box-office-file.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** Reads files of one party to rows of its book. */
export type ReadBook = (paths: readonly string[]) => Promise<BookRow[]>;

/** Reads the files of one party at a level; a file that is not understood ends the command. */
export async function bookReader(terminal: Terminal, level: string): Promise<ReadBook> {
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
  const sums = summing('days');
  for (const { record, ...line } of await readLines(terminal, paths)) {
    const from = (record.from ?? record.date)!;
    const to = (record.to ?? record.date)!;
    sums.add({ ...record, ...line, from, to });
  }
  return sums.rows();
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
