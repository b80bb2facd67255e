// Owns how vitest runs: every *.test.ts on Node 24, at most two at a time; refuses the end-to-end specs, which are Playwright's.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['{shared,electron,renderer,test,build}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'out/**', 'test/e2e/**/*.spec.ts'],
    // Native modules and crashing children need a process of their own; two cores are what we count on.
    pool: 'forks',
    maxWorkers: 2,
    // Generous: a busy machine is no failure. What hangs is ended all the same.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    allowOnly: false,
  },
});
