// The frame of a question whose answer is recorded in the run: fields, what core refused, and one button that records.
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../../../components/Button.tsx';
import { Dialog } from '../../../../components/Dialog.tsx';
import { ErrorNote } from '../../../../components/ErrorNote.tsx';
import { useFocusHome } from '../../../../components/focus-home.ts';
import type { Action } from '../../../../lib/use-action.ts';

interface RecordDialogProps {
  readonly title: string;
  readonly action: Pick<Action<never>, 'busy' | 'error'>;
  readonly button: string;
  readonly look?: 'main' | 'danger-armed';
  readonly disabled?: boolean;
  readonly extra?: ReactNode;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function RecordDialog({ title, action, button, look = 'main', disabled = false, extra, onSubmit, onClose, children }: RecordDialogProps) {
  const home = useRef<HTMLFormElement>(null);
  useFocusHome(home, action.error);
  return (
    <Dialog title={title} onClose={onClose}>
      <form ref={home} tabIndex={-1} className="stack" aria-label={title} noValidate onSubmit={(event) => { event.preventDefault(); if (!disabled) onSubmit(); }}>
        {children}
        {action.error === null ? null : <ErrorNote error={action.error} kept="What you typed stays here." />}
        <div className="dialog-foot">
          {extra}
          <span className="grow" />
          <Button look="quiet" onClick={onClose}>Cancel</Button>
          <Button look={look} type="submit" disabled={disabled} busy={action.busy}>{button}</Button>
        </div>
      </form>
    </Dialog>
  );
}
