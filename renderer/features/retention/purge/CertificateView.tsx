// One certificate, opened: its outcome, its checks with what each rests on, its counts, and the key that signed it. What could not be checked is never called good.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Save } from 'lucide-react';
import type { RetentionCertificate } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { fileStem } from '../../../components/file-name.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { SaveFileDialog } from '../../../components/SaveFileDialog.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { call } from '../../../lib/client.ts';
import { formatCount, plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { CoreWords } from '../../security/rotation/CoreWords.tsx';
import { asClaim, checkLook, countWord, outcomeSentence } from './certificate-words.ts';

const FORMS = [{ id: 'pdf', title: 'PDF', text: 'One page for people.' }, { id: 'json', title: 'JSON', text: 'All of it, with the signature, for programs.' }] as const;

export function CertificateView({ id }: { readonly id: string }) {
  const query = useQuery('retention.certificate', { id });
  if (query.data === undefined) return query.error === null ? <Skeleton lines={4} label="Opening the certificate" /> : <ErrorNote error={query.error} kept="The list is still shown." onRetry={() => { void query.reload(); }} />;
  return <Opened certificate={query.data} />;
}

function Opened({ certificate }: { readonly certificate: RetentionCertificate }) {
  const [isSaving, setSaving] = useState(false);
  const { id, deployment } = certificate;
  return (
    <>
      <CertificateFacts certificate={certificate} action={<Button icon={Save} onClick={() => setSaving(true)}>Save as JSON or PDF…</Button>} />
      {isSaving ? (
        <SaveFileDialog
          title="Save the certificate" what="The certificate" after="Keep the digest where the file does not lie." stem={`${fileStem(deployment.name)}-${id}`} forms={FORMS}
          write={(path) => call('retention.writeCertificate', { id, path })} onClose={() => setSaving(false)}
        />
      ) : null}
    </>
  );
}

interface CertificateFactsProps {
  readonly certificate: RetentionCertificate;
  readonly action?: ReactNode;
  /** False: nobody here vouches for its signer, so what it says is a claim and never green. */
  readonly isVouchedFor?: boolean;
}

/** What a certificate says, whoever issued it. */
export function CertificateFacts({ certificate, action = null, isVouchedFor = true }: CertificateFactsProps) {
  const { id, issuedAt, issuedBy, program, deployment, policy, purge, counts, holds, checks, publicKey, seal } = certificate;
  return (
    <section className="stack purge-certificate" aria-label={`Certificate ${id}`}>
      <header className="row row-wrap">
        <p className="purge-headline">{isVouchedFor ? '' : 'It says: '}{outcomeSentence(certificate)}</p>
        <span className="grow" />
        {action}
      </header>
      <table className="table table-wrapping purge-checks" aria-label="Checks">
        <thead><tr><th scope="col" className="purge-check-state">State</th><th scope="col">What was checked</th><th scope="col" className="purge-check-asked">Asked for, and where</th></tr></thead>
        <tbody>
          {checks.map((check) => (
            <tr key={check.id}>
              <td><WordChip {...(isVouchedFor ? checkLook(check.state) : asClaim(checkLook(check.state)))} /></td>
              <td><p>{check.title}</p><p className="small sub"><CoreWords text={check.message} /></p></td>
              <td className="small sub">{check.asked === 0 ? 'nothing' : formatCount(check.asked)}<br /><span className="mono"><HostileText text={check.source} /></span></td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="facts purge-facts">
        <dt>Issued</dt><dd><Time iso={issuedAt} style="full" age /> by <HostileText text={issuedBy} /> <span className="sub"><HostileText text={program} /></span></dd>
        <dt>Deployment</dt><dd><HostileText text={deployment.name} /> <span className="mono"><HostileText text={deployment.url} /></span></dd>
        <dt>Policy</dt><dd>{policy.state === 'on' ? `on, ${policy.days === null ? 'days not known' : plural(policy.days, 'day')}` : policy.state}{policy.cutoff === null ? null : <span className="sub">, cutoff <Time iso={policy.cutoff} style="full" /></span>}</dd>
        <dt>Rows past it</dt><dd>before: {countWord(counts.before)} · after: {countWord(counts.after)} · known to be gone: {countWord(counts.gone)}</dd>
        <dt>Purge</dt><dd>{purge === null ? 'None: issued on an ordinary day' : <><span className="mono">{purge.run.id}</span>, plan <span className="mono purge-digest">{purge.plan.digest}</span>{purge.approval === null ? ', without an approval' : <>, approved by <HostileText text={purge.approval.approvedBy} /></>}</>}</dd>
        <dt>Holds</dt><dd>{holds.length === 0 ? 'None stood' : <ul>{holds.map((one, index) => <li key={`${one.caseId} ${index}`}><HostileText text={one.caseId} />: {plural(one.rows, 'row')}, {one.preserved} preserved, {one.vanished} vanished</li>)}</ul>}</dd>
      </dl>
      <details className="purge-fold"><summary>Signature</summary><p className="small">Public key <span className="mono selectable purge-digest">{publicKey}</span></p><pre className="payload selectable" aria-label="Signed note">{seal}</pre></details>
    </section>
  );
}
