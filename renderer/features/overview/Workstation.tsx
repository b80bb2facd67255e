// How this machine stands: where secrets lie, the cache, the network, and the ledger with its newest entries and its verification.
import { useState } from 'react';
import { ShieldCheck } from 'lucide-react';
import type { AppStatus } from '#shared/contract/app.ts';
import type { LedgerAction, LedgerVerdict } from '#shared/domain/ledger.ts';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { refetch, useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';

const SHOWN = 8;

const ACTIONS: Readonly<Record<LedgerAction, string>> = {
  'audit.decrypt': 'decryption', 'audit.decrypt.requested': 'decryption asked for', 'audit.bulk.decrypt': 'bulk decryption', 'audit.bulk.decrypt.ended': 'bulk decryption ended', 'audit.bulk.export': 'opened payloads to a file', 'audit.bulk.export.ended': 'file of opened payloads ended',
  'audit.imported': 'files imported', 'audit.witness.key.made': 'witness key made', 'audit.key.added': 'key added', 'audit.key.removed': 'key removed',
  'deployment.added': 'deployment added', 'deployment.edited': 'deployment edited', 'deployment.removed': 'deployment removed', 'deployment.token.stored': 'token stored',
  'deployment.write.allowed': 'writing allowed',
  'security.consent': 'probes allowed or forbidden', 'security.reviewed': 'look reviewed', 'security.evidence.added': 'evidence added', 'security.excepted': 'failure accepted', 'security.exception.ended': 'exception ended', 'security.baseline.imported': 'baseline imported',
  'security.rotation.started': 'rotation started', 'security.rotation.token.stored': 'token of a rotation stored', 'security.rotation.advanced': 'rotation step done', 'security.rotation.ended': 'rotation ended',
  'retention.hold.added': 'hold set', 'retention.hold.released': 'hold released', 'retention.planned': 'purge planned', 'retention.approved': 'purge approved', 'retention.purge.requested': 'purge asked for', 'retention.purge.ended': 'purge ended', 'retention.purge.settled': 'purge settled', 'retention.certified': 'certificate issued', 'retention.own.policy': 'own retention set', 'retention.own.purged': 'own rows let go',
  'runbook.imported': 'runbook imported', 'run.started': 'run started', 'run.signed': 'run signed', 'run.reviewed': 'run reviewed', 'run.ended': 'run ended', 'run.exported': 'run exported', 'run.imported': 'run joined', 'identity.renamed': 'own name changed', 'identity.trusted': 'key judged',
  'credentials.chosen': 'secret store chosen', 'ledger.head.adopted': 'head taken over',
};

export function Workstation({ status }: { readonly status: AppStatus }) {
  const credentials = useQuery('credentials.status', {});
  const ledger = useQuery('ledger.list', { limit: SHOWN });
  const go = useApp((state) => state.go);
  const { cache, network } = status;
  return (
    <div className="workstation">
      <section aria-label="This workstation">
        <h2>This workstation</h2>
        <dl className="facts">
          <dt>Secrets</dt>
          <dd>{credentials.data === undefined ? (credentials.error === null ? <span className="dim">asking…</span> : <span className="text-fail">{credentials.error.wire.message}</span>) : (
            <><button type="button" className="link-plain" onClick={() => go('settings')}>{credentials.data.store === 'keychain' ? `Keychain: ${credentials.data.words.title.toLowerCase()}` : credentials.data.words.title}</button><span className="small sub block">{credentials.data.words.what}{credentials.data.checkedAt === null ? '' : <> Checked <Time iso={credentials.data.checkedAt} age />.</>}</span></>
          )}</dd>
          <dt>Cache</dt>
          <dd>{cache === null ? <span className="dim">not open</span> : <>{cache.encrypted ? 'Encrypted' : <span className="text-fail">Not encrypted</span>}, {formatBytes(cache.bytes)}<span className="small sub block">{cache.verifiedAt === null ? 'Not verified yet' : <>Verified <Time iso={cache.verifiedAt} age /></>}</span>{cache.damage === null ? null : <Note tone="bad">{cache.damage}</Note>}</>}</dd>
          <dt>Network</dt>
          <dd>{plural(network.hostsReached, 'host')} reached, {formatCount(network.refused)} refused<span className="small sub block">{network.lastRequestAt === null ? 'No request since Holdfast was started' : <>Last request <Time iso={network.lastRequestAt} age /></>}</span></dd>
          {status.access === 'read' ? <><dt>Profile</dt><dd className="text-stale">Open for reading only: another Holdfast holds it</dd></> : null}
        </dl>
      </section>
      <section aria-label="Ledger">
        <LedgerHead total={ledger.data?.total ?? status.ledger?.entries ?? 0} verdict={status.ledger?.verdict ?? null} />
        {ledger.error === null ? null : <ErrorNote error={ledger.error} onRetry={() => { void ledger.reload(); }} />}
        {ledger.data === undefined ? null : ledger.data.entries.length === 0 ? <p className="sub">Nothing has been written yet. Opening a payload, adding a key and changing a deployment each write an entry first.</p> : (
          <table className="table ledger-table">
            <thead><tr><th scope="col" className="num col-seq">No.</th><th scope="col" className="col-time">Time</th><th scope="col" className="col-action">Action</th><th scope="col">Subject and reason</th><th scope="col" className="col-actor">Actor</th><th scope="col" className="col-outcome">Outcome</th></tr></thead>
            <tbody>
              {ledger.data.entries.map((entry) => (
                <tr key={entry.seq}>
                  <td className="num dim">{formatCount(entry.seq)}</td>
                  <td className="sub"><Time iso={entry.at} /></td>
                  <td>{ACTIONS[entry.action]}</td>
                  <td className="sub">{entry.deployment === null ? null : <><HostileText text={entry.deployment} /> · </>}<HostileText text={entry.subject} />{entry.reason === null ? null : <> · “<HostileText text={entry.reason} />”</>}</td>
                  <td className="sub"><HostileText text={entry.actor} /></td>
                  <td className="sub"><HostileText text={entry.outcome} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}

function LedgerHead({ total, verdict }: { readonly total: number; readonly verdict: string | null }) {
  const [result, setResult] = useState<LedgerVerdict | null>(null);
  const verify = useAction(async () => {
    const answer = await call('ledger.verify', {});
    setResult(answer);
    announce(answer.message);
    refetch('app.status');
  });
  const tone = result === null ? 'info' : result.verdict === 'intact' ? 'good' : result.verdict === 'broken' || result.verdict === 'tail-removed' ? 'bad' : 'age';
  return (
    <>
      <div className="row ledger-head">
        <h2>Ledger</h2>
        <span className="sub">{plural(total, 'entry', 'entries')}{verdict === null ? '' : `, ${verdict}`}</span>
        <span className="grow" />
        <Button look="quiet" icon={ShieldCheck} busy={verify.busy} onClick={() => { void verify.run(); }}>Verify now</Button>
      </div>
      {verify.error === null ? null : <ErrorNote error={verify.error} />}
      {result === null ? null : <div className="ledger-result"><Note tone={tone}><p className="note-main">{result.message}</p><p>{result.limits}</p></Note></div>}
    </>
  );
}
