// An opened payload while it is shown: counts down, hides itself, and says who opened it with what.
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { EyeOff } from 'lucide-react';
import type { OpenedPayload } from '#shared/domain/audit-event.ts';
import { Button } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { formatCount } from '../../lib/format.ts';
import { layOutJson } from '../../lib/json-layout.ts';
import { useSettings } from '../../lib/settings.ts';
import { keySentence } from './payload-words.ts';

const WARN_AT_SECONDS = 10;

/** Seconds until the deadline; counts by the clock, so that a sleeping machine does not prolong it. */
function useSecondsLeft(totalSeconds: number, onEnd: () => void): number {
  const [left, setLeft] = useState(totalSeconds);
  const end = useEffectEvent(onEnd);
  useEffect(() => {
    const deadlineMs = Date.now() + totalSeconds * 1000;
    const tick = (): void => {
      const seconds = Math.ceil((deadlineMs - Date.now()) / 1000);
      setLeft(Math.max(0, seconds));
      if (seconds <= 0) end();
    };
    const timer = setInterval(tick, 250);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [totalSeconds]);
  return left;
}

export function OpenedPayloadView({ opened, onHide }: { readonly opened: OpenedPayload; readonly onHide: (why: 'asked' | 'time') => void }) {
  const { hideAfterSeconds } = useSettings();
  const left = useSecondsLeft(hideAfterSeconds, () => onHide('time'));
  const text = useRef<HTMLPreElement>(null);
  useEffect(() => {
    announce(`Payload shown. It hides itself in ${hideAfterSeconds} seconds.`);
    text.current?.focus();
  }, [hideAfterSeconds]);
  const isWarning = left <= WARN_AT_SECONDS;
  useEffect(() => {
    if (isWarning) announce(`The payload hides itself in ${WARN_AT_SECONDS} seconds.`);
  }, [isWarning]);
  const isOtherKey = opened.wasEncrypted && opened.keyId !== null && opened.keyIdOnRow !== null && opened.keyId !== opened.keyIdOnRow;
  return (
    <section className="stack opened" aria-label="Opened payload">
      <p className="label">Payload · <span className={isWarning ? 'text-stale' : ''} aria-hidden>shown for {left} s more</span></p>
      <div className="row row-wrap">
        <Button icon={EyeOff} onClick={() => onHide('asked')}>Hide now</Button>
        <CopyButton text={opened.payload} what="Payload" />
      </div>
      <pre className="payload" tabIndex={-1} ref={text} aria-label="Payload text"><HostileText text={layOutJson(opened.payload)} layout="block" /></pre>
      {isOtherKey ? <Note tone="age"><HostileText text={keySentence(opened)} /></Note> : null}
      <p className="small sub">
        Ledger entry {formatCount(opened.ledgerEntry)} · “<HostileText text={opened.reason} />”{isOtherKey ? null : <> · <HostileText text={keySentence(opened)} /></>}
        {opened.sealedAt === null ? null : <> Sealed <Time iso={opened.sealedAt} style="full" />.</>}
      </p>
    </section>
  );
}
