// An import or export that goes on after its dialog was closed: its progress, then how it ended, and the way back to its dialog.
import type { ReactNode } from 'react';
import { X } from 'lucide-react';
import { Button, IconButton } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import type { ClientError } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { exportTasks } from '../export/export-task.ts';
import './import.css';
import { importTasks } from './import-task.ts';
import { reportSentence, reportTone } from './import-words.ts';

interface AuditTasksProps {
  readonly deploymentId: string;
  /** Opens the import dialog, which shows how it stands. */
  readonly onImport: () => void;
  readonly onExport: () => void;
}

export function AuditTasks({ deploymentId, onImport, onExport }: AuditTasksProps) {
  const importJob = useJob('audit.import', deploymentId);
  const exportJob = useJob('audit.export', deploymentId);
  const importing = importTasks.useTask(deploymentId);
  const exporting = exportTasks.useTask(deploymentId);
  return (
    <>
      {importJob === null ? null : <ProgressLine job={importJob} />}
      {importing.result === null ? null : <Ended onShow={onImport} onClose={() => importTasks.forget(deploymentId)}><Note tone={reportTone(importing.result)}>{reportSentence(importing.result)}</Note></Ended>}
      {importing.error === null ? null : <Ended onShow={onImport} onClose={() => importTasks.forget(deploymentId)}><Failure error={importing.error} cancelled="The import was cancelled. The log is as it was." kept="The log is as it was." /></Ended>}
      {exportJob === null ? null : <ProgressLine job={exportJob} />}
      {exporting.result === null ? null : <Ended onShow={onExport} onClose={() => exportTasks.forget(deploymentId)}><Note tone="good">{plural(exporting.result.rows, 'event was', 'events were')} exported.</Note></Ended>}
      {exporting.error === null ? null : <Ended onShow={onExport} onClose={() => exportTasks.forget(deploymentId)}><Failure error={exporting.error} cancelled="The export was cancelled. No file was left behind." kept="No file was left behind." /></Ended>}
    </>
  );
}

/** What the admin stopped is no failure. */
function Failure({ error, cancelled, kept }: { readonly error: ClientError; readonly cancelled: string; readonly kept: string }) {
  return error.wire.code === 'cancelled' ? <Note><span role="status">{cancelled}</span></Note> : <ErrorNote error={error} kept={kept} />;
}

function Ended({ children, onShow, onClose }: { readonly children: ReactNode; readonly onShow: () => void; readonly onClose: () => void }) {
  return (
    <div className="pad task-ended">
      <div className="grow">{children}</div>
      <Button look="quiet" onClick={onShow}>Details</Button>
      <IconButton icon={X} label="Dismiss" onClick={onClose} />
    </div>
  );
}
