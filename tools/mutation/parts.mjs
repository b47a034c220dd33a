// The money code by parts, so that one can be mutated by itself: `YINGLIAN_MUTATION_PART=ledger`.
const settlement = 'packages/settlement';

/** What is mutated, and the tests that are to kill it: those of its own package. */
export const PARTS = {
  core: {
    mutate: ['money', 'ratio', 'allocation'].map((name) => `packages/core/src/${name}.ts`),
    tests: ['packages/core/test/{money,ratio,allocation}.test.ts'],
  },
  ledger: {
    mutate: ['journal', 'recipes', 'items'].map((name) => `packages/ledger/src/${name}.ts`),
    tests: ['packages/ledger/test/*.test.ts'],
  },
  theatrical: {
    mutate: [`${settlement}/src/theatrical/*.ts`],
    tests: [`${settlement}/test/*.test.ts`],
  },
  waterfall: {
    mutate: [`${settlement}/src/waterfall/*.ts`],
    tests: [`${settlement}/test/{waterfall,checks,golden}.test.ts`],
  },
  rental: {
    mutate: [`${settlement}/src/{rental,streaming}/*.ts`],
    tests: [`${settlement}/test/{rental-streaming,golden}.test.ts`],
  },
};

/** The parts that are asked for: one by its name, or all. */
export function chosenParts() {
  const wanted = process.env.YINGLIAN_MUTATION_PART;
  if (wanted === undefined) return Object.values(PARTS);
  const part = PARTS[wanted];
  if (part === undefined) throw new Error(`a part is one of ${Object.keys(PARTS).join(', ')}`);
  return [part];
}
