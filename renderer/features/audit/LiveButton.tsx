// Following the log while connected: on or off, and how it stands; it calls nothing live that waits or has given up.
import { useEffect } from 'react';
import { Radio } from 'lucide-react';
import type { TailState } from '#shared/domain/audit-event.ts';
import { Button } from '../../components/Button.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { call } from '../../lib/client.ts';
import { putAnswer, useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import type { Action } from '../../lib/use-action.ts';

/** Waiting and giving up are no change of the log, so no event tells of them. */
const ASK_EVERY_MS = 4000;

export interface Tail {
  /** undefined until it was asked. */
  readonly state: TailState | undefined;
  readonly toggle: Action<readonly []>;
}

export function useTail(deploymentId: string): Tail {
  const { data, reload } = useQuery('audit.tailState', { deploymentId });
  const isOn = data?.state === 'following' || data?.state === 'waiting';
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(() => { void reload(); }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isOn, reload]);
  const toggle = useAction(async () => putAnswer('audit.tailState', { deploymentId }, await call(isOn ? 'audit.tailStop' : 'audit.tailStart', { deploymentId })));
  return { state: data, toggle };
}

const TITLES: Readonly<Record<TailState['state'], string>> = { off: 'Follow the log while connected', following: 'New events are read as they come. Press to stop.', waiting: 'The deployment did not answer; it is tried again. Press to stop.', failed: 'Following was given up. Press to try again.' };

export function LiveButton({ state, toggle }: Tail) {
  const now = state?.state ?? 'off';
  return (
    <Button look="quiet" className={`live live-${now}`} icon={Radio} busy={toggle.busy} aria-pressed={now === 'following' || now === 'waiting'} title={TITLES[now]} onClick={() => { void toggle.run(); }}>
      {now === 'waiting' ? 'Live, waiting' : now === 'failed' ? 'Live, stopped' : 'Live'}
    </Button>
  );
}

/** Why nothing comes, when that is so. */
export function LiveNote({ state }: { readonly state: TailState | undefined }) {
  if (state === undefined || (state.state !== 'waiting' && state.state !== 'failed')) return null;
  return (
    <div className="pad live-note">
      <Note tone={state.state === 'failed' ? 'bad' : 'age'}>
        {state.state === 'failed' ? 'The log is no longer followed. ' : 'The log is followed, but nothing came the last time. '}
        {state.message === null ? null : <HostileText text={state.message} />}
        {state.nextAt === null ? null : <> Next try <Time iso={state.nextAt} style="clock" />.</>}
        {state.lastAt === null ? null : <span className="dim"> Last read <Time iso={state.lastAt} age />.</span>}
      </Note>
    </div>
  );
}
