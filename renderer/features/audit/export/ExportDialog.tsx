// Writes the events of a query to a file, as they are stored; says what is missing before, and what was written after. It opens no payload.
import { useEffect, useRef, useState } from 'react';
import { Download } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { ExportFormat, ExportResult } from '#shared/domain/audit-export.ts';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { SaveAs, useSaveAs } from '../../../components/SaveAs.tsx';
import { WrittenFile } from '../../../components/WrittenFile.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { refetch, useQuery } from '../../../lib/query.ts';
import { CoverageNote } from './CoverageNote.tsx';
import { exportStem, extensionOf, FORMATS } from './export-formats.ts';
import { exportTasks } from './export-task.ts';
import './export.css';

interface ExportDialogProps {
  readonly deployment: Deployment;
  /** The query as it was applied; empty means all. */
  readonly query: string;
  /** Events that match; null while that is not known. */
  readonly matching: number | null;
  readonly onClose: () => void;
}

export function ExportDialog({ deployment, query, matching, onClose }: ExportDialogProps) {
  const { id } = deployment;
  const task = exportTasks.useTask(id);
  const job = useJob('audit.export', id);
  const isRunning = task.running || job !== null;
  function close(): void {
    if (!isRunning) exportTasks.forget(id);
    onClose();
  }
  return (
    <Dialog title={`Export events of ${deployment.name}`} onClose={close} wide>
      <div className="export-dialog stack">
        {isRunning ? <Running job={job} onClose={onClose} /> : task.result !== null ? <Done result={task.result} query={task.input?.query ?? ''} onAgain={() => exportTasks.forget(id)} onClose={close} /> : null}
        {/* It stays while the export runs: after a refusal everything is as it was chosen. */}
        <div hidden={isRunning || task.result !== null}><Form deployment={deployment} query={query} matching={matching} onClose={close} /></div>
      </div>
    </Dialog>
  );
}

function Form({ deployment, query, matching: counted, onClose }: ExportDialogProps) {
  const { id } = deployment;
  const count = useQuery('audit.count', counted === null ? { deploymentId: id, query } : null);
  const matching = counted ?? count.data?.matching ?? null;
  const home = useRef<HTMLFormElement>(null);
  const task = exportTasks.useTask(id);
  const [format, setFormat] = useState<ExportFormat>('jsonl');
  const [stem] = useState(() => exportStem(deployment.name, 'audit', Date.now()));
  const code = task.error?.wire.code;
  const save = useSaveAs({ stem, extension: extensionOf(format), refused: code === 'file_exists' ? task.input?.path ?? null : null });
  const { path } = save.target;
  useFocusHome(home, task.error);
  // A file that was written lies in a folder that was read before.
  useEffect(() => { if (task.result !== null || task.error !== null) refetch('files.folders'); }, [task.result, task.error]);
  return (
    <form ref={home} tabIndex={-1} className="stack" aria-label="What to export" onSubmit={(event) => { event.preventDefault(); if (path !== null && matching !== 0) void exportTasks.start(id, { deploymentId: id, query, format, path }); }} noValidate>
      <p className="export-what">
        {matching === null ? 'The events' : query === '' ? `All ${plural(matching, 'event')} held here` : plural(matching, 'event')}
        {query === '' ? null : <> that match <span className="mono export-query"><HostileText text={query} /></span></>}, oldest first. Payloads go out as they are stored: what is encrypted stays encrypted, and nothing is opened.
      </p>
      <CoverageNote deploymentId={id} />
      {code === 'cancelled' ? <Note>Cancelled. No file was left behind.</Note> : task.error === null || code === 'file_exists' ? null : <ErrorNote error={task.error} />}
      <div className="export-columns">
        <Choices label="Format" choices={FORMATS} chosen={format} onChoose={setFormat} focusFirst />
        <SaveAs state={save} hint="A manifest goes beside it: query, count, order, digest and gaps." />
      </div>
      <div className="dialog-foot">
        <Button look="quiet" onClick={onClose}>Close</Button>
        <Button look="main" type="submit" icon={Download} disabled={path === null || matching === 0}>{matching === null ? 'Export' : `Export ${formatCount(matching)}`}</Button>
      </div>
    </form>
  );
}

function Running({ job, onClose }: { readonly job: ReturnType<typeof useJob>; readonly onClose: () => void }) {
  const home = useRef<HTMLDivElement>(null);
  useEffect(() => { home.current?.focus(); }, []);
  return (
    <div className="stack" ref={home} tabIndex={-1} role="group" aria-label="Exporting">
      {job === null ? <div className="progress-line" role="status"><progress className="progress" aria-label="Starting" /><span>Starting…</span></div> : <ProgressLine job={job} />}
      <p className="sub">The file gets its name when it is whole. Cancel leaves no file. You can close this dialog and go on working; the result waits here.</p>
      <div className="dialog-foot"><Button onClick={onClose}>Close and go on</Button></div>
    </div>
  );
}

function Done({ result, query, onAgain, onClose }: { readonly result: ExportResult; readonly query: string; readonly onAgain: () => void; readonly onClose: () => void }) {
  const home = useRef<HTMLDivElement>(null);
  useEffect(() => { home.current?.focus(); }, []);
  return (
    <div className="stack" ref={home} tabIndex={-1} role="group" aria-label="Export result">
      <Note tone="good"><p className="note-main" role="status">{plural(result.rows, 'event was', 'events were')} written{query === '' ? '' : ', those that match the query'}.</p></Note>
      <WrittenFile file={result} manifestPath={result.manifestPath} />
      <div className="dialog-foot"><Button look="quiet" onClick={onAgain}>Export again…</Button><Button onClick={onClose}>Close</Button></div>
    </div>
  );
}
