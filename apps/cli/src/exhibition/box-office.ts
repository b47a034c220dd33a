import type { Command } from 'commander';
import {
  checkMonthSheet,
  type Delivery,
  isFeed,
  readCsvDelivery,
  readDelivery,
  readFeedDelivery,
} from '@yinglian/boxoffice';
import { formatYuan, type Outcome } from '@yinglian/core';
import { looksLikeWorkbook, readWorkbook } from '@yinglian/host';
import type { Environment } from '../kernel/environment.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** Whatever way of rounding a contract has, a product is within a fen of any other. */
const ROUNDING_FEN = 1n;

/** A box-office file of any kind, with rows that are not understood set aside. */
export async function readBoxOffice(path: string): Promise<Outcome<Delivery>> {
  const bytes = await readGiven(path);
  if (isFeed(bytes)) return readFeedDelivery(bytes);
  if (!looksLikeWorkbook(bytes)) return readCsvDelivery(bytes, { policy: 'quarantine' });
  const workbook = await readWorkbook(bytes);
  return workbook.ok ? readDelivery(workbook.value, { policy: 'quarantine' }) : workbook;
}

/** `yinglian boxoffice …`: ticket, screening, day and month files. */
export function registerBoxOffice(program: Command, environment: Environment): void {
  const group = program.command('boxoffice').description('box-office files 票房文件');
  group
    .command('read <file>')
    .description(
      'understand a CSV, XLSX or JSON Lines file and check its arithmetic 读取并核对票房文件',
    )
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const read = await readBoxOffice(file);
      const findings = read.ok
        ? [
            ...read.value.findings,
            ...checkMonthSheet(read.value.records, { toleranceFen: ROUNDING_FEN }),
          ]
        : [...read.findings];
      terminal.answer(read.ok ? { ...read.value, findings } : { findings });
      if (read.ok) {
        const { totals, mapping, quarantined } = read.value;
        terminal.table(
          [
            terminal.words('层级', 'level'),
            terminal.words('行', 'rows'),
            terminal.words('隔离', 'set aside'),
            terminal.words('场次', 'shows'),
            terminal.words('人次', 'admissions'),
            terminal.words('票房', 'gross'),
          ],
          [
            [
              mapping.level,
              String(totals.rows),
              String(quarantined.length),
              String(totals.screenings),
              String(totals.admissions),
              formatYuan(totals.grossFen, { grouped: true }),
            ],
          ],
        );
      }
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
}
