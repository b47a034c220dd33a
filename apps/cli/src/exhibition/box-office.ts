import type { Command } from 'commander';
import { checkMonthSheet } from '@yinglian/boxoffice';
import { formatYuan } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { registerCheck } from './box-office-check.ts';
import { type ReadCommand, readBoxOffice, readingOf } from './box-office-file.ts';

/** Whatever way of rounding a contract has, a product is within a fen of any other. */
const ROUNDING_FEN = 1n;

/** `yinglian boxoffice …`: ticket, screening, day and month files. */
export function registerBoxOffice(program: Command, environment: Environment): void {
  const group = program.command('boxoffice').description('box-office files 票房文件');
  group
    .command('read <file>')
    .description(
      'understand a CSV, XLSX or JSON Lines file and check its arithmetic 读取并核对票房文件',
    )
    .option('--mapping <file>', 'JSON: which column holds what, as an import shows it')
    .option('--encoding <name>', 'utf-8, utf-16le, utf-16be or gb18030')
    .option('--delimiter <mark>', 'comma, semicolon, | or tab')
    .action(async (file: string, options: ReadCommand) => {
      const terminal = environment.terminal();
      const read = await readBoxOffice(file, await readingOf(terminal, options));
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
  registerCheck(group, environment);
}
