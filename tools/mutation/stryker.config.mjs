// Mutates the code that counts money: `npm run money` here. Stryker copies the project without what
// tests of money do not need; its report is reports/mutation.json.
const MONEY = [
  'packages/core/src/money.ts',
  'packages/core/src/ratio.ts',
  'packages/core/src/allocation.ts',
  'packages/ledger/src/journal.ts',
  'packages/ledger/src/recipes.ts',
  'packages/settlement/src/theatrical/rounding.ts',
  'packages/settlement/src/theatrical/plan.ts',
  'packages/settlement/src/theatrical/outline.ts',
];

export default {
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'tools/mutation/vitest.config.mjs' },
  mutate: MONEY,
  ignorePatterns: [
    '**',
    '!packages/*/src/**',
    '!packages/*/test/**',
    '!packages/*/package.json',
    '!tools/mutation/vitest.config.mjs',
  ],
  symlinkNodeModules: true,
  concurrency: 1,
  coverageAnalysis: 'perTest',
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: 'tools/mutation/reports/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  timeoutMS: 30_000,
  tempDirName: process.env.YINGLIAN_MUTATION_FOLDER ?? '.stryker-tmp',
  thresholds: { high: 95, low: 90, break: 90 },
};
