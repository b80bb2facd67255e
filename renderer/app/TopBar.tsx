// Where you are, whether it is production, how old its data is, and that you cannot write; then the palette and the lock.
import { LockKeyhole, Search, ShieldOff } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { BrandMark } from '../components/Brand.tsx';
import { Button } from '../components/Button.tsx';
import { Kbd } from '../components/Kbd.tsx';
import { Time } from '../components/Time.tsx';
import { freshnessOf } from '../features/deployments/freshness.ts';
import { call } from '../lib/client.ts';
import { useNow } from '../lib/clock.ts';
import { useAction } from '../lib/use-action.ts';
import { DeploymentSwitcher } from './DeploymentSwitcher.tsx';
import { useApp } from './store.ts';

const PALETTE_KEYS = /mac/iu.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K';

export function TopBar({ deployments, current }: { readonly deployments: readonly Deployment[]; readonly current: Deployment | null }) {
  const setPalette = useApp((state) => state.setPalette);
  const nowMs = useNow();
  const lock = useAction(() => call('app.lock', {}));
  const fresh = current === null ? null : freshnessOf(current.reachability, nowMs);
  return (
    <header className="top">
      <span className="brand"><BrandMark /> <span className="brand-word">Holdfast</span></span>
      <DeploymentSwitcher deployments={deployments} current={current} />
      {fresh === null ? null : (
        <span className="fresh" title={fresh.detail}>
          <span className={`dot dot-${fresh.tone}`} aria-hidden />
          <span className="cut">{fresh.word}{fresh.asOf === null ? null : <> · as of <Time iso={fresh.asOf} age /></>}</span>
        </span>
      )}
      {current?.transport === 'loopback' ? <span className="top-mark cut" title="Plain HTTP to a loopback address. It does not leave this machine."><ShieldOff size={13} aria-hidden /><span className="cut">unencrypted, this machine</span></span> : null}
      <span className="grow" />
      <button type="button" className="palette-trigger" onClick={() => setPalette(true)} aria-keyshortcuts="Control+K Meta+K">
        <Search size={13} aria-hidden />
        <span className="palette-word">Search or do anything</span>
        <Kbd>{PALETTE_KEYS}</Kbd>
      </button>
      {current === null ? null : <span className={current.readOnly ? 'top-mark nowrap' : 'top-mark top-mark-write nowrap'} title={current.readOnly ? 'Holdfast sends this deployment nothing that could change it.' : 'Requests that change this deployment are allowed.'}>{current.readOnly ? 'read-only' : 'read and write'}</span>}
      <Button look="quiet" icon={LockKeyhole} busy={lock.busy} onClick={() => { void lock.run(); }}>Lock</Button>
    </header>
  );
}
