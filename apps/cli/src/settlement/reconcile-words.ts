import { formatYuan } from '@yinglian/core';
import {
  type Difference,
  DIFFERENCE_TEXTS,
  type LevelRow,
  type PlanResult,
} from '@yinglian/reconciliation';
import type { Environment } from '../kernel/environment.ts';
import { EXIT } from '../kernel/exit-codes.ts';
import type { Terminal } from '../kernel/terminal.ts';

/** Tells what a comparison found: differences with their rows, and items whose sums differ. */
export function sayReconciliation(
  environment: Environment,
  { differences, agreeingRows, rows, levels }: Omit<PlanResult, 'allocations'>,
): void {
  const terminal = environment.terminal();
  const disagreeing = Object.entries(levels).map(([level, items]) => ({
    level,
    items: items.filter((each) => !each.agrees),
  }));
  terminal.answer({
    rows,
    agreeingRows,
    levels: Object.fromEntries(disagreeing.map(({ level, items }) => [level, items.map(written)])),
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
  for (const { level, items } of disagreeing) sayLevel(terminal, level, items);
  environment.exit(differences.length === 0 ? EXIT.done : EXIT.faulty);
}

const written = ({ key, sums }: LevelRow) => ({
  key,
  sums: Object.fromEntries(
    Object.entries(sums).map(([source, sum]) => [
      source,
      { ...sum, grossFen: String(sum.grossFen) },
    ]),
  ),
});

/** Items of a level whose sums differ, every party beside the others. */
function sayLevel(terminal: Terminal, level: string, items: readonly LevelRow[]): void {
  if (items.length === 0) return;
  const sources = [...new Set(items.flatMap((each) => Object.keys(each.sums)))];
  terminal.say(`${level}: ${items.length}`);
  terminal.table(
    [level, ...sources],
    items.map(({ key, sums }) => [
      key,
      ...sources.map((source) => {
        const sum = sums[source];
        if (sum === undefined) return '—';
        return `${sum.admissions} / ${formatYuan(sum.grossFen, { grouped: true })}`;
      }),
    ]),
  );
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
