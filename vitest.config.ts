import { defineConfig } from 'vitest/config';

// Workspaces resolve to their sources in tests; children they start run from dist.
const conditions = ['source', 'module', 'node', 'development|production'];
/** All that a run says is written down and searched for planted keys at its end. */
const tells = 'test/discipline/tells-setup.ts';
const setupFiles = ['test/discipline/say-worker.ts'];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } },
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    hookTimeout: 60_000,
    testTimeout: 30_000,
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'apps/{contract,host,media,transfer,cli}/test/**/*.test.ts', 'test/*.test.ts'],
          globalSetup: [tells],
          setupFiles,
          hookTimeout: 60_000,
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'server',
          include: ['apps/server/test/**/*.test.ts'],
          globalSetup: [tells, 'apps/server/test/support/postgres.ts'],
          setupFiles,
          hookTimeout: 120_000,
          testTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'browser',
          include: ['test/{browser,journey}/**/*.test.ts'],
          globalSetup: [tells],
          setupFiles,
          hookTimeout: 240_000,
          testTimeout: 240_000,
        },
      },
    ],
  },
});
