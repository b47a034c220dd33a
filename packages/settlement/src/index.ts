export * from './bundle.ts';
export * from './checks.ts';
export * from './codes.ts';
export * from './derivation.ts';
export * from './fact-changes.ts';
export * from './inputs.ts';
export * from './json.ts';
export * from './merkle.ts';
export * from './party-statement.ts';
export * from './render/clause-title.ts';
export * from './render/phrases.ts';
export * from './render/others.ts';
export * from './render/render.ts';
export * from './render/theatrical.ts';
export * from './rental/settle.ts';
export * from './settle.ts';
export * from './signature.ts';
export * from './streaming/settle.ts';
export {
  compileSettlement,
  type CompileInput,
  type CompileOptions,
  type SqlPlan,
} from './sql/compile.ts';
export * from './sql/dialect.ts';
export * from './sql/parts.ts';
export * from './statement.ts';
export * from './supplement.ts';
export {
  type LocalText,
  type Party,
  roundingModes,
  type RoundingPolicy,
  tailRules,
} from './terms/common.ts';
export * from './terms/parse.ts';
export * from './terms/rental.ts';
export * from './terms/streaming.ts';
export * from './terms/theatrical.ts';
export * from './theatrical/base.ts';
export type { Site } from './theatrical/choose.ts';
export * from './theatrical/explain.ts';
export * from './theatrical/facts.ts';
export * from './theatrical/outline.ts';
export * from './theatrical/plan.ts';
export * from './theatrical/resolver.ts';
export * from './theatrical/rounding.ts';
export * from './theatrical/schedule.ts';
export * from './theatrical/share-limits.ts';
export * from './theatrical/share-rates.ts';
export * from './theatrical/lines.ts';
export * from './theatrical/settle.ts';
export * from './theatrical/totals.ts';
export * from './verify.ts';
export * from './what-if.ts';
export * from './what-if-parties.ts';
export * from './terms/waterfall.ts';
export * from './waterfall/checks.ts';
export * from './waterfall/facts.ts';
export { HELD, LEFT_OVER, type NetIncome, type Take } from './waterfall/flow.ts';
export * from './waterfall/settle.ts';
