// Mutates the code that counts money: `npm run money` here. Stryker copies the project without what
// tests of money do not need; its report is reports/mutation-PART.json.
import { chosenParts } from './parts.mjs';

const part = process.env.YINGLIAN_MUTATION_PART ?? 'all';
const reports = 'tools/mutation/reports';

export default {
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'tools/mutation/vitest.config.mjs' },
  mutate: chosenParts().flatMap((each) => each.mutate),
  ignorePatterns: [
    '**',
    '!packages/*/src/**',
    '!packages/*/test/**',
    '!packages/*/package.json',
    '!tools/mutation/*.mjs',
  ],
  symlinkNodeModules: true,
  concurrency: 1,
  coverageAnalysis: 'perTest',
  // A mutant of what a module does as it is loaded would cost all tests.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: `${reports}/incremental-${part}.json`,
  reporters: ['progress-append-only', 'clear-text', 'json'],
  jsonReporter: { fileName: `${reports}/mutation-${part}.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  timeoutMS: 30_000,
  tempDirName: process.env.YINGLIAN_MUTATION_FOLDER ?? '.stryker-tmp',
  thresholds: { high: 95, low: 90, break: 90 },
};
