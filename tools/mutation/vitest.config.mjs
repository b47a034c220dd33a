// The unit tests of the packages that count money, as Stryker runs them in its copy.
import { chosenParts } from './parts.mjs';

const conditions = ['source', 'module', 'node', 'development|production'];

export default {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } },
  test: {
    include: chosenParts().flatMap((part) => part.tests),
    // Tests that other programs answer are no judges of a product or a sum.
    exclude: ['**/sql.test.ts', '**/node_modules/**'],
    setupFiles: ['tools/mutation/short-properties.mjs'],
    maxWorkers: 1,
    testTimeout: 120_000,
  },
};
