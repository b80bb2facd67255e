// Starts the page: follows core's events, then draws the app.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../theme/fonts.css';
import '../theme/tokens.css';
import '../theme/base.css';
import '../theme/components.css';
import { followJobs } from '../lib/jobs.ts';
import { followEvents } from '../lib/query.ts';
import { App } from './App.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
followEvents();
followJobs();
createRoot(root).render(<StrictMode><App /></StrictMode>);
