export { type Bound, evaluateAmount, isComputable, type UnitFen } from './amounts.ts';
export * from './appeals.ts';
export * from './assess.ts';
export { checkInstrument } from './author.ts';
export * from './budget.ts';
export * from './bundle.ts';
export * from './calls.ts';
export * from './caps.ts';
export { CLAIM_FLOW } from './claim-flow.ts';
export { FINDING_TEXTS } from './codes.ts';
export {
  compareFact,
  decide,
  type Ground,
  missingFacts,
  type Obstacle,
  type TraceNode,
  type Verdict,
  whyNot,
} from './conditions.ts';
export { checkFacts, FACTS_MAX, isFactValue } from './facts.ts';
export * from './fairness.ts';
export * from './flow.ts';
export * from './general.ts';
export * from './history.ts';
export { readHolidayFile } from './holiday-file.ts';
export { CHINA_HOLIDAYS } from './holidays.ts';
export { CLAUSES } from './hunan-2023-55/clauses.ts';
export { HUNAN_2023_55 } from './hunan-2023-55/instrument.ts';
export * from './ledger.ts';
export * from './match.ts';
export * from './model.ts';
export * from './objections.ts';
export * from './read.ts';
export * from './receipt.ts';
export * from './reminders.ts';
export * from './revise.ts';
export * from './stacking.ts';
export * from './validity.ts';
export * from './walk.ts';
export * from './workdays.ts';
