import type { LocalText } from '../terms/common.ts';
import type { Terms } from '../terms/parse.ts';
import type { RentalMethod } from '../terms/rental.ts';
import type { WaterfallStep } from '../terms/waterfall.ts';

const words = (zh: string, en: string): LocalText => ({ zh, en });

const STEPS: Readonly<Record<WaterfallStep['kind'], LocalText>> = {
  fee: words('代理费', 'Fee'),
  per_ticket: words('按人次', 'Per admission'),
  recoup: words('回收', 'Recoupment'),
  split: words('分成', 'Split'),
  reserve: words('预留', 'Reserve'),
  participation: words('净收益分成', 'Participation in the net'),
  flat: words('固定金额', 'Flat sum'),
};
const METHODS: Readonly<Record<RentalMethod['kind'], LocalText>> = {
  sliding: words('按周滑动比例', 'Sliding percentage'),
  floating: words('浮动比例', 'Floating percentage'),
  over_allowance: words('超场地费分成', 'Share over the house allowance'),
  higher_of: words('取高者', 'The higher of both'),
  flat_week: words('每周固定', 'Flat by the week'),
  flat_screening: words('每场固定', 'Flat by the screening'),
  national_scale: words('全国阶梯', 'National scale'),
};

/** What a clause of the terms is called on a statement; its id stands with it, as in the terms. */
export function clauseTitle(terms: Terms, clause: string, week?: string): LocalText {
  const named = (text: LocalText) => words(`${text.zh}（${clause}）`, `${text.en} (${clause})`);
  switch (terms.kind) {
    case 'theatrical':
      return words(clause, clause);
    case 'streaming':
      return words('平台分账', 'Share of the platform’s income');
    case 'rental': {
      const found = terms.clauses.find((each) => each.id === clause);
      const text = found === undefined ? words('片租', 'Rental') : METHODS[found.method.kind];
      if (week === undefined) return named(text);
      const { zh, en } = named(text);
      return words(`第 ${week} 周 · ${zh}`, `Week ${week} · ${en}`);
    }
    case 'waterfall': {
      const step = terms.steps.find((each) => each.id === clause);
      if (step !== undefined) return named(STEPS[step.kind]);
      if (terms.obligations.some((each) => each.id === clause))
        return named(words('保底', 'Guarantee'));
      if (terms.withholding.some((each) => each.id === clause))
        return named(words('代扣税款', 'Tax withheld'));
      return words(clause, clause);
    }
  }
}
