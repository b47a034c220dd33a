// The unit tests of the packages that count money, as Stryker runs them in its copy.
const conditions = ['source', 'module', 'node', 'development|production'];

export default {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } },
  test: {
    include: ['packages/{core,ledger,settlement}/test/**/*.test.ts'],
    // Tests that other programs answer are no judges of a product or a sum.
    exclude: ['**/sql.test.ts', '**/node_modules/**'],
    maxWorkers: 1,
    testTimeout: 120_000,
  },
};
