// How this machine stands: keychain, cache, ledger, network, and the zone of every time; each word is what core last proved.
import { DOUBTFUL_VERDICTS } from '#shared/domain/ledger.ts';
import type { AppStatus } from '#shared/contract/app.ts';
import type { CredentialsStatus } from '#shared/domain/credentials.ts';
import { Time } from '../components/Time.tsx';
import { toClientError } from '../lib/client.ts';
import { announce } from '../lib/announce.ts';
import { formatCount, plural } from '../lib/format.ts';
import { useQuery } from '../lib/query.ts';
import { saveSettings, useSettings } from '../lib/settings.ts';
import { useApp } from './store.ts';

export function secretsWord(credentials: CredentialsStatus | undefined): { readonly text: string; readonly tone: '' | 'text-stale' } {
  if (credentials === undefined) return { text: 'Secrets: asking…', tone: '' };
  if (credentials.store === 'passphrase') return { text: 'Secrets: passphrase vault', tone: '' };
  if (credentials.store === 'memory') return { text: 'Secrets: memory only, gone at exit', tone: 'text-stale' };
  return { text: `Keychain: ${credentials.words.title.toLowerCase()}`, tone: credentials.keychain === 'working' ? '' : 'text-stale' };
}

export function StatusLine({ status }: { readonly status: AppStatus }) {
  const credentials = useQuery('credentials.status', {}).data;
  const go = useApp((state) => state.go);
  const { times } = useSettings();
  const secrets = secretsWord(credentials);
  const { cache, ledger, network } = status;
  const ledgerTone = ledger?.verdict === 'broken' || ledger?.verdict === 'tail-removed' ? 'text-fail' : ledger !== null && ledger !== undefined && DOUBTFUL_VERDICTS.has(ledger.verdict) ? 'text-stale' : '';
  function switchZone(): void {
    saveSettings({ times: times === 'utc' ? 'local' : 'utc' }).catch((error: unknown) => announce(toClientError(error).wire.message));
  }
  return (
    <footer className="status" aria-label="This workstation">
      <button type="button" className={`status-link ${secrets.tone}`} onClick={() => go('settings')}>{secrets.text}</button>
      {cache !== null && cache.damage !== null ? <span className="text-fail" title={cache.damage}>Cache: damaged</span> : <span>{cache === null ? 'Cache: not open' : <>Cache: {cache.encrypted ? 'encrypted' : <b className="text-fail">not encrypted</b>}{cache.verifiedAt === null ? ', not verified yet' : <>, verified <Time iso={cache.verifiedAt} /></>}</>}</span>}
      <span className={ledgerTone}>{ledger === null ? 'Ledger: not open' : `Ledger: ${plural(ledger.entries, 'entry', 'entries')}, ${ledger.verdict}`}</span>
      {status.access === 'read' ? <span className="text-stale">Profile open for reading only</span> : null}
      <span className="grow" />
      <span title={network.lastRequestAt === null ? 'No request has been sent since Holdfast was started.' : undefined}>
        {network.hostsReached === 0 && network.refused === 0 ? 'No host reached, none refused' : `${plural(network.hostsReached, 'host')} reached, ${formatCount(network.refused)} refused`}
        {network.lastRequestAt === null ? null : <> · last <Time iso={network.lastRequestAt} style="clock" /></>}
      </span>
      <button type="button" className="status-link" onClick={switchZone} aria-label={times === 'utc' ? 'UTC. Show local times' : 'Local. Show times in UTC'}>{times === 'utc' ? 'UTC' : 'Local'}</button>
    </footer>
  );
}
