// The thread that opens payloads in bulk. It reads the cache through a connection of its own, and is given keys only after the ledger entry is on disk.
import { workerData } from 'node:worker_threads';
import type { ThreadDatabase } from '../db/open.ts';
import { openThreadDatabase } from '../db/thread-connection.ts';
import { bulkWork } from '../audit/bulk/thread-work.ts';
import type { BulkCalls } from '../audit/bulk/thread-calls.ts';
import { serveThread } from './serve-thread.ts';

serveThread<BulkCalls>(bulkWork(openThreadDatabase({ ...(workerData as ThreadDatabase), mode: 'read' }).read));
