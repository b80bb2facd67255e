// Checklists of STIG tooling beside a run: the run as a CKLB, a reviewer's fields brought in from CKLB or CKL, and either filled in from the run. Each row is told what became of it.
import { useState } from 'react';
import { FileUp } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../../components/Button.tsx';
import { Choices } from '../../../../components/Choices.tsx';
import { Dialog } from '../../../../components/Dialog.tsx';
import { ErrorNote } from '../../../../components/ErrorNote.tsx';
import { HostileText } from '../../../../components/HostileText.tsx';
import { VirtualRows } from '../../../../components/VirtualRows.tsx';
import { WordChip } from '../../../../components/WordChip.tsx';
import type { ChipTone } from '../../../../components/WordChip.tsx';
import { announce } from '../../../../lib/announce.ts';
import { call } from '../../../../lib/client.ts';
import { formatCount, plural } from '../../../../lib/format.ts';
import { useAction } from '../../../../lib/use-action.ts';
import { focusAtOnce } from '../../../security/ExceptionSection.tsx';
import { FileButton, placeOf } from '../../library/FileButton.tsx';
import { freshRun } from '../../step/use-run-refresh.ts';
import { runStem } from '../file-stem.ts';
import { SaveDialog } from './SaveDialog.tsx';

type Imported = CallOutput<'run.checklistImport'>;
type Row = Imported['rows'][number] | CallOutput<'run.cklFill'>['rows'][number];
type Way = 'out' | 'in' | 'fill';

const LOOKS: Readonly<Record<Row['outcome'], { readonly tone: ChipTone; readonly word: string }>> = {
  taken: { tone: 'pass', word: 'taken' }, written: { tone: 'pass', word: 'written' }, unchanged: { tone: 'none', word: 'unchanged' }, refused: { tone: 'fail', word: 'refused' }, 'not-in-runbook': { tone: 'unknown', word: 'not in runbook' },
};
const WAYS = [
  { id: 'out', title: 'Write this run as a CKLB', text: 'For STIG Viewer 3: every step is a row, with status, details and comments.' },
  { id: 'in', title: 'Bring in a CKLB or CKL', text: 'Status, details, comments and override of the rows that this runbook has become events of yours. Everything else of the file is left alone.' },
  { id: 'fill', title: 'Fill in a CKLB or CKL', text: 'A copy of your checklist in which the reviewer’s four fields are as this run has them. Everything else stays byte for byte.' },
] as const;

export function ChecklistDialog({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }) {
  const [way, setWay] = useState<Way>('out');
  const [isGoing, setGoing] = useState(false);
  const [from, setFrom] = useState<string | null>(null);
  const [imported, setImported] = useState<Imported | null>(null);
  const [stem] = useState(() => runStem(run.title, Date.now()));
  const take = useAction(async (file: File) => {
    const path = await placeOf(file);
    if (way === 'fill') return setFrom(path);
    const answer = await call('run.checklistImport', { runId: run.runId, path });
    setImported(answer);
    await freshRun(run.runId);
    announce(`${plural(answer.taken, 'row')} taken.`);
    return undefined;
  });
  if (isGoing && way === 'out') return <SaveDialog title="This run as a CKLB" stem={stem} extension="cklb" button="Write the CKLB" onClose={onClose} write={(path) => call('run.cklbExport', { runId: run.runId, path })} done={() => <p className="note-main">The checklist was written. Bring it in again when it was reviewed.</p>} />;
  if (from !== null) {
    return (
      <SaveDialog title="A checklist, filled in" stem={stem} extension={/\.cklb$/i.test(from) ? 'cklb' : 'ckl'} button="Write the checklist" onClose={onClose} write={(path) => call('run.cklFill', { runId: run.runId, from, path })}
        done={({ rows }) => <><p className="note-main">{plural(rows.filter(({ outcome }) => outcome === 'written').length, 'row')} written. Everything else is as it came.</p><Rows rows={rows} /></>}>
        <p className="sub">From <span className="mono selectable"><HostileText text={from} /></span>. That file stays as it is.</p>
      </SaveDialog>
    );
  }
  if (imported !== null) {
    return (
      <Dialog title="What became of each row" onClose={onClose} wide>
        <div className="stack">
          <p>{plural(imported.taken, 'row')} taken, {formatCount(imported.unchanged)} unchanged, {formatCount(imported.rows.length - imported.taken - imported.unchanged)} refused or not in this runbook.</p>
          <Rows rows={imported.rows} />
          <div className="dialog-foot"><Button look="main" ref={focusAtOnce} onClick={onClose}>Close</Button></div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Checklists" onClose={onClose}>
      <div className="stack">
        <Choices label="What shall be done?" choices={WAYS.map((each) => ({ ...each, disabled: each.id === 'in' && run.ended !== null }))} chosen={way} onChoose={(id) => { setWay(id); take.clear(); }} focusFirst />
        {run.ended === null ? null : <p className="sub small">This run has ended, so nothing can be brought in.</p>}
        {take.error === null ? null : <ErrorNote error={take.error} />}
        <div className="dialog-foot">
          <Button look="quiet" onClick={onClose}>Cancel</Button>
          {way === 'out' ? <Button look="main" onClick={() => setGoing(true)}>Choose where…</Button>
            : <FileButton look="main" icon={FileUp} label="Choose the checklist…" about="Checklist file" accept=".cklb,.ckl" busy={take.busy} onFile={(file) => { void take.run(file); }} />}
        </div>
      </div>
    </Dialog>
  );
}

/** What became of each row, the refused ones first. */
function Rows({ rows }: { readonly rows: readonly Row[] }) {
  const order: readonly Row['outcome'][] = ['refused', 'taken', 'written', 'not-in-runbook', 'unchanged'];
  const sorted = rows.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || a.row - b.row);
  if (sorted.length === 0) return <p className="sub">The file has no rows.</p>;
  return (
    <div className="run-rows">
      <VirtualRows label="Rows of the checklist" count={sorted.length} rowPx={46} chosen={null} row={(index) => {
        const row = sorted[index];
        return row === undefined ? null : <div className="run-row-line"><WordChip {...LOOKS[row.outcome]} /><span className="grow"><span className="mono"><HostileText text={row.id} /></span><br /><span className="small sub"><HostileText text={row.reason} /></span></span><span className="small dim">row {formatCount(row.row)}</span></div>;
      }} />
    </div>
  );
}
