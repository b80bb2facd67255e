// The thread that reads rows for one export and writes them down in its format; it reads only, and ends with the export.
import { workerData } from 'node:worker_threads';
import { createExportReader } from '../audit/export/reader.ts';
import type { ExportCalls } from '../audit/export/reader.ts';
import type { ThreadDatabase } from '../db/open.ts';
import { openThreadDatabase } from '../db/thread-connection.ts';
import { serveThread } from './serve-thread.ts';

const reader = createExportReader(openThreadDatabase({ ...(workerData as ThreadDatabase), mode: 'read' }).read);

serveThread<ExportCalls>({
  select: (input, context) => reader.select(input, context),
  next: (_input, context) => reader.next(context),
});
