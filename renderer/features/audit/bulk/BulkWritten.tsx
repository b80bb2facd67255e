// The file of opened payloads that was written: where, how each row ended, who can read it, and its ledger entry.
import { useEffect } from 'react';
import type { CallInput, CallOutput } from '#shared/contract.ts';
import { Button } from '../../../components/Button.tsx';
import { Note } from '../../../components/Note.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { WrittenFile } from '../../../components/WrittenFile.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import { refetch } from '../../../lib/query.ts';
import { countsSentence, totalOf } from './bulk-words.ts';

interface BulkWrittenProps {
  readonly deploymentName: string;
  readonly result: CallOutput<'audit.bulkExport'>;
  readonly input: CallInput<'audit.bulkExport'> | null;
  readonly onBack: () => void;
  readonly onClose: () => void;
}

export function BulkWritten({ deploymentName, result, input, onBack, onClose }: BulkWrittenProps) {
  useEffect(() => refetch('files.folders'), []);
  const isClear = input?.protection.kind === 'plaintext';
  const readers = input?.protection.kind === 'age' ? plural(input.protection.recipients.length, 'recipient') : null;
  return (
    <Workspace title="Written" about={deploymentName} actions={<Button onClick={onBack}>Back to the plan</Button>} onClose={onClose}>
      <div className="bulk-written stack">
        <Note tone={result.counts.opened === totalOf(result.counts) ? 'good' : 'age'}><p className="note-main" role="status">{plural(result.rows, 'row')} written: {countsSentence(result.counts)}.</p></Note>
        {isClear ? <Note tone="bad">The file is in the clear. Whoever gets it can read it; delete it when it has served.</Note> : readers === null ? null : <Note>Encrypted with age to {readers}. Holdfast cannot open it again.</Note>}
        <WrittenFile file={result} />
        <dl className="facts written">
          <dt>Rows</dt><dd className="mono selectable">{result.digest}</dd>
          <dt>Ledger</dt><dd>entry {formatCount(result.ledgerEntry)}</dd>
        </dl>
      </div>
    </Workspace>
  );
}
