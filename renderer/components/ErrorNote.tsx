// A refusal in words: what happened and what was kept, what to do, and the id that finds it in the log.
import { CircleAlert, RotateCw } from 'lucide-react';
import type { ClientError } from '../lib/client.ts';
import { Button } from './Button.tsx';
import { HostileText } from './HostileText.tsx';

interface ErrorNoteProps {
  readonly error: ClientError;
  /** What the screen still shows, for example "Showing what was seen at 14:02 UTC." */
  readonly kept?: string;
  readonly onRetry?: () => void;
  readonly id?: string;
}

export function ErrorNote({ error, kept, onRetry, id }: ErrorNoteProps) {
  const { message, hint, code, id: logId } = error.wire;
  return (
    <div className="note note-bad" role="alert" id={id}>
      <CircleAlert size={14} aria-hidden />
      <div className="note-text stack-small">
        <p className="note-main"><HostileText text={message} />{kept === undefined ? null : ` ${kept}`}</p>
        {hint === '' ? null : <p><HostileText text={hint} /></p>}
        <div className="row row-wrap note-foot">
          <span className="mono dim selectable">{code} · {logId}</span>
          {onRetry === undefined ? null : <Button look="quiet" icon={RotateCw} onClick={onRetry}>Try again</Button>}
        </div>
      </div>
    </div>
  );
}
