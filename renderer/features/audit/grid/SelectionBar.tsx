// What is picked and what can be done with it; it stands under the rows, so that nothing moves when it comes.
import type { ReactNode } from 'react';
import { Copy, FileUp, LockKeyholeOpen, X } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import type { Action } from '../../../lib/use-action.ts';
import { MAX_COPIED } from './copy-rows.ts';
import type { Copied } from './copy-rows.ts';
import { encryptedAmong, hasPicks } from './picks.ts';
import type { Picks } from './picks.ts';

/** Rows picked one by one are exported by a query that names them; a query has at most so many terms. */
const MAX_EXPORTED = 200;

interface SelectionBarProps {
  readonly picks: Picks;
  /** Rows of the view; null while they are being counted. */
  readonly matching: number | null;
  readonly copy: Action<readonly ['json' | 'csv']>;
  readonly copied: Copied | null;
  readonly onClear: () => void;
  readonly onDecrypt: () => void;
  readonly onExport: () => void;
}

export function SelectionBar({ picks, matching, copy, copied, onClear, onDecrypt, onExport }: SelectionBarProps) {
  const isTooMuch = picks.isAll ? matching === null || matching > MAX_COPIED : picks.ids.size > MAX_COPIED;
  const isNone = !hasPicks(picks);
  const words: ReactNode = isNone ? 'The event that is read' : picks.isAll ? <>All{matching === null ? '' : ` ${formatCount(matching)}`} of this view</> : `${plural(picks.ids.size, 'row')} selected`;
  const encrypted = picks.isAll ? null : encryptedAmong(picks);
  const copyTitle = isTooMuch ? `The clipboard takes ${formatCount(MAX_COPIED)} rows at most; export writes any number.` : undefined;
  return (
    <div className="selection" role="group" aria-label="Selected rows">
      {copy.error === null ? null : <ErrorNote error={copy.error} />}
      <div className="row row-wrap">
        <span className="selection-count">{words}{encrypted === null || encrypted === 0 ? null : <span className="dim"> · {formatCount(encrypted)} encrypted</span>}</span>
        <Button look="quiet" icon={Copy} busy={copy.busy} disabled={isTooMuch} title={copyTitle} aria-keyshortcuts="c" onClick={() => { void copy.run('json'); }}>Copy JSON</Button>
        <Button look="quiet" icon={Copy} busy={copy.busy} disabled={isTooMuch} title={copyTitle} aria-keyshortcuts="Shift+C" onClick={() => { void copy.run('csv'); }}>Copy CSV</Button>
        {isNone ? null : <Button look="quiet" icon={LockKeyholeOpen} disabled={encrypted === 0} onClick={onDecrypt}>Decrypt…</Button>}
        {isNone ? null : <Button look="quiet" icon={FileUp} disabled={!picks.isAll && picks.ids.size > MAX_EXPORTED} title={!picks.isAll && picks.ids.size > MAX_EXPORTED ? `Rows picked one by one are exported up to ${MAX_EXPORTED}; a view is exported whole.` : undefined} onClick={onExport}>Export…</Button>}
        <span className="grow" />
        <Button look="quiet" icon={X} onClick={onClear}>Clear</Button>
      </div>
      {copied === null ? null : <p className="small sub">Copied as {copied.format.toUpperCase()}; leaves the clipboard after {copied.clearsAfterSeconds} s</p>}
    </div>
  );
}
