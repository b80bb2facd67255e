// Owns how Playwright runs: two files at a time on the two cores we count on, each with windows and profiles of its own, no second chances; refuses to hide a flaky test behind a retry.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'out/test/e2e',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [['list'], ['json', { outputFile: 'out/test/playwright.json' }]],
});
