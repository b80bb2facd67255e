// The payload of one event, in the state it is in; an opened one lives in this component only and goes with it.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AuditEventDetail, OpenedPayload } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { announce } from '../../lib/announce.ts';
import { layOutJson } from '../../lib/json-layout.ts';
import { DecryptForm } from './DecryptForm.tsx';
import { OpenedPayloadView } from './OpenedPayloadView.tsx';
import { PAYLOAD_SENTENCE } from './payload-words.ts';

interface PayloadSectionProps {
  readonly deployment: Deployment;
  readonly event: AuditEventDetail;
  readonly suggestedReason: string | null;
  readonly heldKeys: ReadonlySet<string> | null;
  readonly onKeys: () => void;
}

const TONES = { failed: 'bad', malformed: 'age', 'not-offered': 'info', 'not-synced': 'info' } as const;

export function PayloadSection({ deployment, event, suggestedReason, heldKeys, onKeys }: PayloadSectionProps) {
  const [opened, setOpened] = useState<OpenedPayload | null>(null);
  const home = useRef<HTMLElement>(null);
  const wasHidden = useRef(false);
  // The view that had the focus is gone: the focus goes to what stands in its place, and nowhere when it was elsewhere.
  useEffect(() => {
    if (!wasHidden.current || opened !== null) return;
    wasHidden.current = false;
    if (document.activeElement === null || document.activeElement === document.body) home.current?.focus();
  }, [opened]);
  const hide = useCallback((why: 'asked' | 'time') => {
    wasHidden.current = true;
    setOpened(null);
    announce(why === 'time' ? 'The time is up. The payload is hidden.' : 'The payload is hidden.');
  }, []);
  if (opened !== null) return <OpenedPayloadView opened={opened} onHide={hide} />;
  return (
    <section className="stack" aria-label="Payload" ref={home} tabIndex={-1}>
      <div className="stack-small">
        <p className="label">Payload</p>
        {event.payloadState === 'plain' || event.payloadState === 'encrypted' ? <p className="sub">{PAYLOAD_SENTENCE[event.payloadState]}</p> : <Note tone={TONES[event.payloadState]}>{PAYLOAD_SENTENCE[event.payloadState]}</Note>}
      </div>
      {event.payloadState === 'encrypted' ? <DecryptForm key={suggestedReason ?? ''} deployment={deployment} event={event} suggestedReason={suggestedReason} heldKeys={heldKeys} onOpened={setOpened} onKeys={onKeys} /> : null}
      {event.payload === null ? null : event.payloadState === 'encrypted' ? (
        <details className="wrapper">
          <summary>The wrapper as stored</summary>
          <pre className="payload"><HostileText text={layOutJson(event.payload)} layout="block" /></pre>
        </details>
      ) : (
        <>
          <pre className="payload" aria-label="Payload text"><HostileText text={layOutJson(event.payload)} layout="block" /></pre>
          <div><CopyButton text={event.payload} what="Payload" /></div>
        </>
      )}
    </section>
  );
}
