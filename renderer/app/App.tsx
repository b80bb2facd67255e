// Decides which of four faces the window shows: starting, set-up, locked, or the shell; nothing of one is left in the page when another comes.
import { useEffect, useState } from 'react';
import { useAnnouncement } from '../lib/announce.ts';
import { onEvent } from '../lib/client.ts';
import { forgetAnswers, useQuery } from '../lib/query.ts';
import { useSettings, useTheme } from '../lib/settings.ts';
import { BrandMark } from '../components/Brand.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { LockScreen } from './LockScreen.tsx';
import { SetupScreen } from './SetupScreen.tsx';
import { Shell } from './Shell.tsx';
import { useApp } from './store.ts';

/** True from the moment core says that it locked, before its status was asked for. */
function useLockedNow(): boolean {
  const [locked, setLocked] = useState(false);
  useEffect(() => onEvent((event) => {
    if (event.name === 'app.locked') {
      setLocked(true);
      useApp.getState().reset();
      forgetAnswers();
    }
    if (event.name === 'app.opened') setLocked(false);
  }), []);
  return locked;
}

function Announcer() {
  const { text } = useAnnouncement();
  return <div className="visually-hidden" role="status" aria-live="polite">{text}</div>;
}

function Face() {
  const status = useQuery('app.status', {});
  const lockedNow = useLockedNow();
  const { data } = status;
  const isLocked = lockedNow || data?.state === 'locked';
  useEffect(() => {
    if (data?.state !== 'open' || isLocked) document.title = 'Holdfast';
  }, [data?.state, isLocked]);
  if (data === undefined) {
    return (
      <main className="face">
        {status.error === null ? <p className="sub row" role="status"><BrandMark /> Opening Holdfast…</p> : <div className="face-box"><h1>Holdfast could not start</h1><ErrorNote error={status.error} onRetry={() => { void status.reload(); }} /></div>}
      </main>
    );
  }
  if (isLocked) return <LockScreen lockMode={data.lockMode} />;
  if (data.state === 'setup') return <SetupScreen status={data} />;
  return <Shell status={data} />;
}

export function App() {
  const { theme } = useSettings();
  useTheme(theme);
  return (
    <>
      <Face />
      <Announcer />
    </>
  );
}
