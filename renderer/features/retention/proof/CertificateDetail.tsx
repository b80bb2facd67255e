// One certificate: each check with what held, what failed and what could not be checked, its counts, its signature, and copies of it as a file.
import { useState } from 'react';
import { FileDown } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { fileStem } from '../../../components/file-name.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { call } from '../../../lib/client.ts';
import { formatCount, plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { CHECK_LOOKS, OUTCOME_LOOKS } from '../retention-words.ts';
import { SaveDialog } from '../SaveDialog.tsx';

const FORMS = [{ id: 'pdf', title: 'PDF', text: 'One page for a file or an auditor.' }, { id: 'json', title: 'JSON', text: 'Everything, with the signature: what a program verifies.' }] as const;

export function CertificateDetail({ deployment, id }: { readonly deployment: Deployment; readonly id: string }) {
  const query = useQuery('retention.certificate', { id });
  const [isSaving, setSaving] = useState(false);
  if (query.data === undefined) return query.error === null ? <Skeleton lines={6} label="Reading the certificate" /> : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />;
  const { outcome, issuedAt, issuedBy, program, policy, purge, counts, holds, checks, publicKey, seal } = query.data;
  const look = OUTCOME_LOOKS[outcome];
  const count = (value: number | null): string => (value === null ? 'not known' : formatCount(value));
  return (
    <>
      <p className="row row-wrap"><WordChip tone={look.tone} word={look.word} /> <span className="sub">{outcome === 'holds' ? 'Every check holds.' : outcome === 'fails' ? 'A check fails.' : 'No check fails, but something could not be checked.'}</span></p>
      <div className="row row-wrap"><Button icon={FileDown} onClick={() => setSaving(true)}>Save…</Button><CopyButton text={seal} what="Signed note" label="Copy signature" /></div>
      <section className="stack-small" aria-label="Checks">
        <p className="label">Checks</p>
        <ul className="proofs">
          {checks.map(({ id: checkId, title, state, message, asked, source }) => (
            <li key={checkId}>
              <p className="row"><WordChip tone={CHECK_LOOKS[state].tone} word={CHECK_LOOKS[state].word} /><strong>{title}</strong></p>
              <p><HostileText text={message} /></p>
              <p className="small dim">{asked === 0 ? 'no row was asked for' : plural(asked, 'row was', 'rows were') + ' asked for'}{source === '' ? null : <> · <span className="mono"><HostileText text={source} /></span></>}</p>
            </li>
          ))}
        </ul>
      </section>
      <dl className="facts">
        <dt>Issued</dt><dd><Time iso={issuedAt} style="full" /> by <HostileText text={issuedBy} /></dd>
        <dt>Rule</dt><dd>{policy.state === 'on' && policy.days !== null ? plural(policy.days, 'day') : policy.state === 'off' ? 'switched off' : 'not known'}{policy.observedAt === null ? null : <> · seen <Time iso={policy.observedAt} /></>}</dd>
        <dt>Cutoff</dt><dd>{policy.cutoff === null ? <span className="dim">none</span> : <Time iso={policy.cutoff} style="full" />}</dd>
        <dt>Past cutoff</dt><dd>before {count(counts.before)}, after {count(counts.after)}; known to be gone {count(counts.gone)}</dd>
        {purge === null ? null : <><dt>Purge</dt><dd>{plural(purge.plan.preview.rows, 'row')} planned, {purge.run.deleted === null ? 'deleted not known' : `${formatCount(purge.run.deleted)} deleted by its answer`}{purge.approval === null ? ', without an approval' : <>, approved by <HostileText text={purge.approval.approvedBy} /></>}</dd></>}
        {holds.length === 0 ? null : <><dt>Holds</dt><dd><ul>{holds.map(({ caseId, rows, preserved, vanished }) => <li key={caseId}><HostileText text={caseId} />: {plural(rows, 'row')}, {formatCount(preserved)} preserved{vanished === 0 ? null : <span className="text-fail">, {formatCount(vanished)} vanished</span>}</li>)}</ul></dd></>}
        <dt>Program</dt><dd><HostileText text={program} /></dd>
        <dt>Public key</dt><dd className="mono selectable digest">{publicKey}</dd>
      </dl>
      <Note>The signature shows that nobody changed the certificate since. It does not show that the deployment told the truth.</Note>
      {isSaving ? <SaveDialog title="Save the certificate" about={<>Of <Time iso={issuedAt} style="full" />, {look.word}. Both forms can be made again at any time.</>} stem={`${fileStem(deployment.name)}-retention-${issuedAt.slice(0, 10)}`} forms={FORMS as unknown as Parameters<typeof SaveDialog>[0]['forms']} done="The certificate was written." write={(path) => call('retention.writeCertificate', { id, path })} onClose={() => setSaving(false)} /> : null}
    </>
  );
}
