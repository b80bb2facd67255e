// The window around every screen: where you are, how old it is, what you cannot do, and how this machine stands.
import { useEffect, useRef } from 'react';
import type { AppStatus } from '#shared/contract/app.ts';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { Skeleton } from '../components/Skeleton.tsx';
import { AuditScreen } from '../features/audit/AuditScreen.tsx';
import { useCurrentDeployment } from '../features/deployments/current.ts';
import { DeploymentsScreen } from '../features/deployments/DeploymentsScreen.tsx';
import { OverviewScreen } from '../features/overview/OverviewScreen.tsx';
import { RetentionScreen } from '../features/retention/RetentionScreen.tsx';
import { CompactWindow } from '../features/runbooks/run/CompactRun.tsx';
import { RunAlert } from '../features/runbooks/run/RunAlert.tsx';
import { RunbooksScreen } from '../features/runbooks/RunbooksScreen.tsx';
import { SecurityScreen } from '../features/security/SecurityScreen.tsx';
import { SettingsScreen } from '../features/settings/SettingsScreen.tsx';
import { useActivity } from './activity.ts';
import { Palette } from './Palette.tsx';
import { Rail } from './Rail.tsx';
import './shell.css';
import { StatusLine } from './StatusLine.tsx';
import { useApp } from './store.ts';
import type { Screen } from './store.ts';
import { TopBar } from './TopBar.tsx';

export const TITLES: Readonly<Record<Screen, string>> = { overview: 'Overview', security: 'Security', audit: 'Audit', retention: 'Retention', runbooks: 'Runbooks', deployments: 'Deployments', settings: 'Settings' };

export function Shell({ status }: { readonly status: AppStatus }) {
  const { screen, paletteOpen, setPalette } = useApp();
  const { all, current, error, reload } = useCurrentDeployment();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useActivity();

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      setPalette(!useApp.getState().paletteOpen);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [setPalette]);

  const name = current?.name ?? null;
  useEffect(() => {
    document.title = screen === 'settings' || screen === 'overview' || name === null ? `${TITLES[screen]} · Holdfast` : `${TITLES[screen]} · ${name} · Holdfast`;
  }, [screen, name]);

  // A new screen takes the focus to its title, unless it took it itself (a form, the reason field).
  useEffect(() => {
    if (isFirst.current) isFirst.current = false;
    else if (document.activeElement === document.body) document.getElementById('screen-title')?.focus();
  }, [screen]);

  return (
    <div className={`app ${current === null ? '' : `app-${current.environment}`}`}>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the screen</a>
      <TopBar deployments={all ?? []} current={current} />
      <Rail current={current} />
      <main id="main" ref={main} tabIndex={-1} className="main">
        <RunAlert />
        {all === undefined && screen !== 'settings' ? (
          <div className="pad">{error === null ? <Skeleton lines={6} /> : <ErrorNote error={error} onRetry={() => { void reload(); }} />}</div>
        ) : <ScreenOf screen={screen} status={status} />}
      </main>
      <StatusLine status={status} />
      <CompactWindow />
      {paletteOpen ? <Palette deployments={all ?? []} onClose={() => setPalette(false)} /> : null}
    </div>
  );
}

function ScreenOf({ screen, status }: { readonly screen: Screen; readonly status: AppStatus }) {
  const { all, current } = useCurrentDeployment();
  switch (screen) {
    case 'overview': return <OverviewScreen status={status} />;
    case 'security': return <SecurityScreen key={current?.id} deployment={current} />;
    case 'audit': return <AuditScreen key={current?.id} deployment={current} />;
    case 'retention': return <RetentionScreen key={current?.id} deployment={current} />;
    case 'runbooks': return <RunbooksScreen current={current} />;
    case 'deployments': return <DeploymentsScreen deployments={all ?? []} current={current} />;
    case 'settings': return <SettingsScreen status={status} />;
  }
}
