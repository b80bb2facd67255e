// Opened payloads into a file: encrypted to age recipients, or in the clear once the deployment's name is typed; the dangerous way stays quiet until then.
import { useState } from 'react';
import { FileLock2, FileWarning } from 'lucide-react';
import type { BulkPlan, BulkSelection } from '#shared/domain/audit-bulk.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { Field } from '../../../components/Field.tsx';
import { SaveAs, useSaveAs } from '../../../components/SaveAs.tsx';
import { formatCount } from '../../../lib/format.ts';
import { exportStem } from '../export/export-formats.ts';
import { bulkExportTasks, bulkTasks } from './bulk-task.ts';
import { readRecipients } from './recipients.ts';

interface BulkFileFieldsProps {
  readonly kind: 'age' | 'plaintext';
  readonly deployment: Deployment;
  readonly selection: BulkSelection;
  readonly plan: BulkPlan;
  readonly canWrite: boolean;
  /** The reason, or null after saying what is wrong with it. */
  readonly takeReason: () => string | null;
}

export function BulkFileFields({ kind, deployment, selection, plan, canWrite, takeReason }: BulkFileFieldsProps) {
  const { id, name } = deployment;
  const task = bulkExportTasks.useTask(id);
  const before = task.input?.protection;
  const [recipientText, setRecipientText] = useState(before?.kind === 'age' ? before.recipients.join('\n') : '');
  const [recipientError, setRecipientError] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const [stem] = useState(() => exportStem(name, 'opened', Date.now()));
  const code = task.error?.wire.code;
  const save = useSaveAs({ stem, extension: kind === 'age' ? 'jsonl.age' : 'jsonl', refused: code === 'file_exists' ? task.input?.path ?? null : null });
  const { path } = save.target;
  const isArmed = typed === name;

  function begin(): void {
    const reason = takeReason();
    if (reason === null || path === null || !canWrite) return;
    const { recipients, error } = readRecipients(recipientText);
    if (kind === 'age' && error !== null) return setRecipientError(error);
    if (kind === 'plaintext' && !isArmed) return undefined;
    bulkTasks.forget(id);
    void bulkExportTasks.start(id, { deploymentId: id, selection, reason, digest: plan.digest, path, protection: kind === 'age' ? { kind, recipients: [...recipients] } : { kind, confirmName: typed } });
    return undefined;
  }

  return (
    <>
      {kind === 'age' ? (
        <Field label="Recipients" hint="Public keys that begin with age1, one a line." error={recipientError ?? (code === 'invalid_recipient' ? task.error?.wire.message ?? null : null)}>
          {(ids) => <textarea {...ids} className="textarea mono" rows={3} maxLength={48_000} spellCheck={false} autoComplete="off" value={recipientText} placeholder="age1…"
            onChange={(event) => { setRecipientText(event.target.value); setRecipientError(null); }}
            onBlur={() => { if (recipientText.trim() !== '') setRecipientError(readRecipients(recipientText).error); }} />}
        </Field>
      ) : null}
      <SaveAs state={save} hint="The result of each row goes in, one a line: opened payloads, and for the others why not." />
      {kind === 'plaintext' ? (
        <div className="confirm stack">
          <p>The file would hold up to {formatCount(plan.rows)} payloads that the server keeps encrypted, readable by anyone who gets it. The ledger keeps that it was made.</p>
          <Field label={`Type ${name} to confirm`} error={code === 'confirmation_mismatch' ? task.error?.wire.message ?? null : null}>
            {(ids) => <input {...ids} className="input" value={typed} spellCheck={false} autoComplete="off" onChange={(event) => setTyped(event.target.value)} onKeyDown={(event) => { if (event.key === 'Enter') event.preventDefault(); }} />}
          </Field>
        </div>
      ) : null}
      <div className="bulk-foot">
        {kind === 'age' ? <Button look="main" icon={FileLock2} disabled={!canWrite || path === null} onClick={begin}>Write {formatCount(plan.rows)} encrypted</Button>
          : <Button look={isArmed ? 'danger-armed' : 'danger'} icon={FileWarning} disabled={!canWrite || path === null || !isArmed} onClick={begin}>Write {formatCount(plan.rows)} in the clear</Button>}
        <p className="small dim">Two ledger entries stay, before and after. Nothing changes at the server.</p>
      </div>
    </>
  );
}
