// Brings files into the audit log: looks first, says what would happen, then writes each file whole or not at all; closing the dialog stops nothing, Cancel does.
import { useEffect, useRef, useState } from 'react';
import { FileDown, FileUp, Plus } from 'lucide-react';
import type { CallInput } from '#shared/contract.ts';
import type { ImportReport } from '#shared/domain/audit-import.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { plural } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { useQuery } from '../../../lib/query.ts';
import { ChosenFiles } from './ChosenFiles.tsx';
import { useFileDrop } from './DropTarget.tsx';
import './import.css';
import { importTasks, pathsOf } from './import-task.ts';
import type { ChosenPaths } from './import-task.ts';
import { totalsOf } from './import-words.ts';
import { ImportReportView } from './ImportReportView.tsx';
import { PastImports } from './PastImports.tsx';
import { MAX_FILES, useInspection } from './use-inspection.ts';
import type { Inspection } from './use-inspection.ts';

type Mode = CallInput<'audit.import'>['mode'];
type Input = CallInput<'audit.import'>;

interface ImportDialogProps {
  readonly deployment: Deployment;
  readonly onClose: () => void;
  /** Files that were dropped on the screen behind. */
  readonly initialPaths?: readonly string[];
}

const NO_PATHS: readonly string[] = [];

const MODES = [
  { id: 'all-or-nothing', title: 'All or nothing, file by file', text: 'A file with a row that cannot be read is refused as a whole; the report says which row and why. The other files are written.' },
  { id: 'keep-good', title: 'Keep what is good', text: 'Rows that cannot be read are left out and listed with line and reason; the others are written.' },
] as const;

export function ImportDialog({ deployment, onClose, initialPaths = NO_PATHS }: ImportDialogProps) {
  const { id } = deployment;
  const task = importTasks.useTask(id);
  const job = useJob('audit.import', id);
  const access = useQuery('app.status', {}).data?.access;
  const [past, setPast] = useState<ImportReport | null>(null);
  const [mode, setMode] = useState<NonNullable<Mode>>('all-or-nothing');
  const [refusal, setRefusal] = useState<string | null>(null);
  // What a dialog that was closed had begun with, unless it is opened for other files.
  const [begunWith] = useState(() => task.input?.paths ?? NO_PATHS);
  const inspection = useInspection(id, initialPaths.length > 0 ? initialPaths : begunWith);
  const isRunning = task.running || job !== null;
  // Files that are dropped while a report stands here are what the admin means now.
  const [seenPaths, setSeenPaths] = useState(initialPaths);
  if (seenPaths !== initialPaths) {
    setSeenPaths(initialPaths);
    setPast(null);
  }
  useEffect(() => { if (initialPaths.length > 0) importTasks.forget(id); }, [id, initialPaths]);
  const cancelled = task.error?.wire.code === 'cancelled';

  const drop = useFileDrop((paths) => take({ paths, refusal: null }), setRefusal);

  function take({ paths, refusal: refused }: ChosenPaths): void {
    setPast(null);
    importTasks.forget(id);
    setRefusal(refused);
    inspection.add(paths);
  }

  function close(): void {
    if (!isRunning) importTasks.forget(id);
    onClose();
  }

  const begin = (input: Input): void => { void importTasks.start(id, input); };
  const report = past ?? task.result;
  return (
    <Dialog title={`Import into ${deployment.name}`} onClose={close} wide>
      <div className={`import-dialog stack ${drop.isOver && !isRunning ? 'import-over' : ''}`} {...(isRunning ? {} : drop.handlers)}>
        {access === 'read' && !isRunning ? <Note tone="age">This profile is open for reading only: another Holdfast holds it. Files can be looked at here, but not imported.</Note> : null}
        {isRunning ? <Running job={job} input={task.input} onClose={onClose} /> : report !== null ? (
          <Ended report={report} isPast={past !== null} input={task.input} canWrite={access !== 'read'} onBegin={begin} onBack={() => { setPast(null); importTasks.forget(id); }} onClose={close} />
        ) : (
          <>
            {cancelled ? <Note>Cancelled. The log is as it was; nothing of the files was kept.</Note> : task.error === null ? null : <ErrorNote error={task.error} kept="The log is as it was." />}
            {refusal === null ? null : <Note tone="age"><HostileText text={refusal} /></Note>}
            <Chooser inspection={inspection} onFiles={take} />
            {inspection.files.length === 0 ? <PastImports deploymentId={id} onOpen={setPast} /> : (
              <Plan deploymentId={id} inspection={inspection} mode={mode} onMode={setMode} canWrite={access !== 'read'} onBegin={begin} onClose={close} />
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}

function Chooser({ inspection, onFiles }: { readonly inspection: Inspection; readonly onFiles: (chosen: ChosenPaths) => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const isEmpty = inspection.files.length === 0;
  const button = <Button look={isEmpty ? 'main' : 'quiet'} icon={isEmpty ? FileUp : Plus} data-first-focus onClick={() => picker.current?.click()}>{isEmpty ? 'Choose files…' : 'Add files…'}</Button>;
  return (
    <>
      <input ref={picker} type="file" multiple hidden aria-label="Files to import" onChange={(event) => {
        const files = [...(event.target.files ?? [])];
        void pathsOf(files).then(onFiles);
        event.target.value = '';
      }} />
      {isEmpty ? (
        <div className="import-empty">
          <FileDown size={26} strokeWidth={1.4} aria-hidden />
          <p>Drop files here, or choose them.</p>
          {button}
          <p className="small dim">NAVI exports (JSON, CSV, JSON lines), AI-Karen logs and audit files, and exports of Holdfast; each also as gzip.<br />Files are read on this machine. Nothing is written before you have seen what they are.</p>
        </div>
      ) : (
        <>
          <ChosenFiles files={inspection.files} onRemove={inspection.remove} />
          <div className="row">{button}{inspection.leftOut === 0 ? null : <span className="small text-stale">One import takes {MAX_FILES} files; {plural(inspection.leftOut, 'file')} left out.</span>}</div>
        </>
      )}
    </>
  );
}

interface PlanProps {
  readonly deploymentId: string;
  readonly inspection: Inspection;
  readonly mode: NonNullable<Mode>;
  readonly onMode: (mode: NonNullable<Mode>) => void;
  readonly canWrite: boolean;
  readonly onBegin: (input: Input) => void;
  readonly onClose: () => void;
}

function Plan({ deploymentId, inspection, mode, onMode, canWrite, onBegin, onClose }: PlanProps) {
  const usable = inspection.files.filter(({ seen }) => seen !== null && seen.format !== null).map(({ path }) => path);
  const unusable = inspection.files.filter(({ seen, error }) => error !== null || (seen !== null && seen.format === null)).length;
  const isReady = usable.length > 0 && !inspection.isLooking && canWrite;
  const begin = (dryRun: boolean): void => onBegin({ deploymentId, paths: usable, mode, dryRun });
  return (
    <>
      <Choices label="When a row cannot be read" choices={MODES} chosen={mode} onChoose={onMode} />
      {unusable === 0 ? null : <Note tone="age">{unusable === 1 ? 'One file' : `${unusable} files`} cannot be taken in and {unusable === 1 ? 'is' : 'are'} left out.</Note>}
      <p className="small dim">Rows that are held already are skipped, so the same file twice adds nothing. Rows held with other content are reported; the first version stays.</p>
      <div className="dialog-foot">
        <Button look="quiet" onClick={onClose}>Close</Button>
        <Button disabled={!isReady} onClick={() => begin(true)}>Check only</Button>
        <Button look="main" disabled={!isReady} onClick={() => begin(false)}>{usable.length === 0 ? 'Import' : `Import ${plural(usable.length, 'file')}`}</Button>
      </div>
    </>
  );
}

function Running({ job, input, onClose }: { readonly job: ReturnType<typeof useJob>; readonly input: Input | null; readonly onClose: () => void }) {
  const home = useRef<HTMLDivElement>(null);
  // The button that started it is gone: the focus stays in the dialog.
  useEffect(() => { home.current?.focus(); }, []);
  return (
    <div className="stack" ref={home} tabIndex={-1} aria-label={input?.dryRun === true ? 'Checking the files' : 'Importing'} role="group">
      {job === null ? <div className="progress-line" role="status"><progress className="progress" aria-label="Starting" /><span>Starting…</span></div> : <ProgressLine job={job} />}
      <p className="sub">{input?.dryRun === true ? 'Nothing is written while files are checked.' : 'Rows show up when everything is read. Cancel leaves the log as it was.'} You can close this dialog and go on working; it comes back here.</p>
      <div className="dialog-foot"><Button onClick={onClose}>Close and go on</Button></div>
    </div>
  );
}

interface EndedProps {
  readonly report: ImportReport;
  readonly isPast: boolean;
  readonly input: Input | null;
  readonly canWrite: boolean;
  readonly onBegin: (input: Input) => void;
  readonly onBack: () => void;
  readonly onClose: () => void;
}

function Ended({ report, isPast, input, canWrite, onBegin, onBack, onClose }: EndedProps) {
  const home = useRef<HTMLDivElement>(null);
  useEffect(() => { home.current?.focus(); }, []);
  const { accepted } = totalsOf(report);
  const refused = totalsOf({ files: report.files.filter(({ outcome }) => outcome === 'refused') });
  // Nothing of a refused file was taken; what could be is what can be read.
  const readable = refused.rows - refused.rejected;
  const again = isPast ? null : input;
  const canWriteAsAsked = again !== null && report.outcome === 'dry-run' && accepted > 0;
  const canKeepGood = again !== null && readable > 0;
  return (
    <div className="stack" ref={home} tabIndex={-1} role="group" aria-label="Import report">
      {isPast ? <p className="sub">An import that was written before.</p> : null}
      <ImportReportView report={report} />
      <div className="dialog-foot">
        <Button look="quiet" onClick={onBack}>{isPast || report.importId !== null ? 'Import more files' : 'Back to the files'}</Button>
        <span className="grow" />
        {again !== null && canKeepGood ? <Button look={report.outcome === 'dry-run' && !canWriteAsAsked ? 'main' : 'plain'} disabled={!canWrite} onClick={() => onBegin({ ...again, mode: 'keep-good', dryRun: false })}>Import the {readable === 1 ? 'good row' : 'good rows'} only</Button> : null}
        {again !== null && canWriteAsAsked ? <Button look="main" disabled={!canWrite} onClick={() => onBegin({ ...again, dryRun: false })}>Import now</Button> : null}
        <Button onClick={onClose}>Close</Button>
      </div>
    </div>
  );
}
