import type { Command } from 'commander';
import {
  type BoxOfficeRecord,
  examinePlausibility,
  FRENCH_PLAUSIBILITY,
  PLAUSIBILITY_DEFAULTS,
} from '@yinglian/boxoffice';
import { filmCodeKey, isIsoDate, parseYuan } from '@yinglian/core';
import { z } from 'zod';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readJson } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { readBoxOffice } from './box-office-file.ts';

/** What registers know of halls and films, in a file. */
const factsSchema = z.strictObject({
  seats: z.record(z.string(), z.number().int().min(0)).optional(),
  minutes: z.record(z.string(), z.number().min(0)).optional(),
  films: z.array(z.string()).optional(),
  standard: z
    .string()
    .refine((text) => parseYuan(text) !== undefined)
    .optional(),
});
type CheckCommand = {
  readonly facts?: string;
  readonly from?: string;
  readonly to?: string;
  readonly french?: boolean;
};

/** `yinglian boxoffice check`: what honest box office does not contain. */
export function registerCheck(group: Command, environment: Environment): void {
  group
    .command('check <file...>')
    .description('find what honest box office does not contain 查找异常票房')
    .option('--facts <file>', 'JSON: seats by “cinema/hall”, minutes by film, films, standard')
    .option('--from <date>', 'first day on which every cinema should have reported')
    .option('--to <date>', 'last day on which every cinema should have reported')
    .option('--french', 'tickets are numbered and priced by series, as the French statute has it')
    .action(async (files: readonly string[], options: CheckCommand) => {
      const terminal = environment.terminal();
      const facts = await factsOf(terminal, options);
      const records: BoxOfficeRecord[] = [];
      for (const file of files) {
        const read = await readBoxOffice(file);
        if (!read.ok) {
          sayFindings(terminal, read.findings, ALL_TEXTS);
          environment.exit(EXIT.faulty);
          return;
        }
        records.push(...read.value.records);
      }
      const rules = options.french === true ? FRENCH_PLAUSIBILITY : PLAUSIBILITY_DEFAULTS;
      const findings = examinePlausibility(records, facts, rules);
      terminal.answer({ rows: records.length, findings });
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
}

async function factsOf(terminal: Terminal, { facts: path, from, to }: CheckCommand) {
  const parsed = factsSchema.safeParse(path === undefined ? {} : await readJson(path));
  const isPeriod = [from, to].every((day) => day !== undefined && isIsoDate(day));
  if (!parsed.success || (!isPeriod && (from ?? to) !== undefined)) {
    throw new CommandFault(
      terminal.words('--facts 或 --from、--to 有误', '--facts or --from and --to are faulty'),
      EXIT.misused,
    );
  }
  const { seats, minutes, films, standard } = parsed.data;
  const fen = standard === undefined ? undefined : parseYuan(standard);
  return {
    ...(seats === undefined ? {} : { seats }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(films === undefined ? {} : { knownFilms: new Set(films.map(filmCodeKey)) }),
    ...(fen === undefined ? {} : { standardFen: () => fen }),
    ...(isPeriod ? { period: { from: from!, to: to! } } : {}),
  };
}
