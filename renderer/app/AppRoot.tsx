// Follows core's events and draws the app into the page.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { followJobs } from '../lib/jobs.ts';
import { followEvents } from '../lib/query.ts';
import { App } from './App.tsx';

/** Draws the app in place of what index.html brought along. */
export function drawApp(root: HTMLElement): void {
  followEvents();
  followJobs();
  createRoot(root).render(<StrictMode><App /></StrictMode>);
}
