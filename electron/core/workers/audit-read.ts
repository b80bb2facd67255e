// The thread that reads the files of an import ahead of the one that writes: it serves the calls of audit/import/read-ahead.ts and adds nothing to them.
import { readWork } from '../audit/import/read-ahead.ts';
import { serveThread, stepBehind } from './serve-thread.ts';

stepBehind();
serveThread(readWork);
