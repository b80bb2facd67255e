// The thread of imports: it serves the calls of audit/import/import-work.ts and adds nothing to them.
import { importWork } from '../audit/import/import-work.ts';
import { serveThread, stepBehind } from './serve-thread.ts';

stepBehind();
serveThread(importWork);
