// The file of a runbook: read strictly, with every problem by line and column; taken in only when it has none and only when that was asked for.
import { useEffect, useRef, useState } from 'react';
import { FileDown, FileSearch } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { RunbookHead } from '#shared/contract/runbook.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { formatCount, plural } from '../../../lib/format.ts';
import { refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { FileButton, placeOf } from './FileButton.tsx';

type Lint = CallOutput<'runbook.lint'>;
interface Looked { readonly path: string; readonly lint: Lint; readonly taken: RunbookHead | null }

/** Core names at most so many. */
const PROBLEMS_MAX = 200;

interface PackFileDialogProps {
  /** A file that was dropped: taken in when it is sound. */
  readonly dropped: string | null;
  readonly onRead: (id: string) => void;
  readonly onClose: () => void;
}

export function PackFileDialog({ dropped, onRead, onClose }: PackFileDialogProps) {
  const [looked, setLooked] = useState<Looked | null>(null);
  const look = useAction(async (path: string, isImport: boolean) => {
    setLooked(null);
    const lint = await call('runbook.lint', { path });
    setLooked({ path, lint, taken: null });
    if (lint.problems.length > 0) announce(`${plural(lint.problems.length, 'problem')} in this file. Nothing was taken in.`);
    else if (!isImport) announce('This file is sound. Nothing was taken in.');
    if (lint.problems.length > 0 || !isImport) return;
    const taken = await call('runbook.import', { path });
    refetch('runbook.list', 'runbook.show');
    setLooked({ path, lint, taken });
    announce(`Taken in: ${visibleLine(taken.title)} ${taken.version}.`);
  });
  const choose = useAction(async (file: File, isImport: boolean) => { await look.run(await placeOf(file), isImport); });
  const first = useRef(dropped);
  const { run } = look;
  useEffect(() => {
    if (first.current !== null) void run(first.current, true);
    first.current = null;
  }, [run]);
  const error = choose.error ?? look.error;
  const busy = choose.busy || look.busy;
  return (
    <Dialog title="Import a runbook" onClose={onClose} wide>
      <div className="stack">
        <p className="sub">A runbook is a text file in YAML. It is read strictly: one that has a problem is refused whole. Importing one never replaces a runbook that ships with Holdfast, and changes no run that is under way.</p>
        {error === null ? null : <ErrorNote error={error} kept={looked === null || looked.lint.problems.length > 0 ? 'No runbook was changed.' : 'The file itself is sound.'} />}
        {looked === null ? null : <Outcome looked={looked} hasFailed={error !== null} busy={busy} onImport={() => { choose.clear(); void look.run(looked.path, true); }} onRead={onRead} />}
        <div className="dialog-foot">
          <FileButton label="Only check a file…" about="Runbook file to check" icon={FileSearch} accept=".yaml,.yml" busy={busy} look="quiet" onFile={(file) => { look.clear(); void choose.run(file, false); }} />
          <FileButton label="Import a file…" about="Runbook file to import" icon={FileDown} accept=".yaml,.yml" busy={busy} isFirst onFile={(file) => { look.clear(); void choose.run(file, true); }} />
          <Button look={looked === null || looked.taken === null ? 'plain' : 'main'} onClick={onClose}>Close</Button>
        </div>
      </div>
    </Dialog>
  );
}

interface OutcomeProps { readonly looked: Looked; readonly hasFailed: boolean; readonly busy: boolean; readonly onImport: () => void; readonly onRead: (id: string) => void }

function Outcome({ looked: { path, lint, taken }, hasFailed, busy, onImport, onRead }: OutcomeProps) {
  const where = <p className="mono small lib-path"><HostileText text={path} /></p>;
  if (taken !== null) return <Note tone="good"><p className="note-main"><HostileText text={`${taken.title}, ${taken.id} ${taken.version}`} /> was taken in, with {plural(taken.steps, 'step')}.</p>{where}<p className="lib-note-act"><Button onClick={() => onRead(taken.id)}>Read it</Button></p></Note>;
  if (lint.problems.length === 0) {
    if (hasFailed) return where;
    return <Note tone="good"><p className="note-main"><HostileText text={lint.id ?? ''} /> is sound, with {plural(lint.steps, 'step')}. Nothing was taken in.</p>{where}<p className="lib-note-act"><Button icon={FileDown} busy={busy} onClick={onImport}>Import it</Button></p></Note>;
  }
  return (
    <section className="stack-small" aria-label="Problems in this file">
      <Note tone="bad"><p className="note-main">{lint.problems.length >= PROBLEMS_MAX ? `${formatCount(lint.problems.length)} problems, and maybe more` : plural(lint.problems.length, 'problem')}. Nothing was taken in.</p>{where}</Note>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
      <div className="lib-problems" tabIndex={0} role="region" aria-label="Problems by line">
        <table className="table table-wrapping" aria-label="Problems">
          <thead><tr><th scope="col" className="num lib-problem-place">Line</th><th scope="col" className="num lib-problem-place">Column</th><th scope="col">What is wrong</th></tr></thead>
          <tbody>{lint.problems.map(({ line, column, message }, at) => <tr key={at}><td className="num mono">{line}</td><td className="num mono">{column}</td><td><HostileText text={message} /></td></tr>)}</tbody>
        </table>
      </div>
    </section>
  );
}
