// A labelled control with its hint and its error; ties them together for screen readers.
import { useId } from 'react';
import type { ReactNode } from 'react';

export interface FieldIds { readonly id: string; readonly 'aria-describedby': string | undefined; readonly 'aria-invalid': true | undefined }

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  readonly optional?: boolean;
  readonly children: (ids: FieldIds) => ReactNode;
}

export function Field({ label, hint, error = null, optional = false, children }: FieldProps) {
  const id = useId();
  const hasHint = hint !== undefined && hint !== null;
  const describedBy = [hasHint ? `${id}-hint` : '', error === null ? '' : `${id}-error`].join(' ').trim();
  return (
    <div className={`field ${error === null ? '' : 'field-bad'}`}>
      <label htmlFor={id}>{label}{optional ? <span className="dim"> · optional</span> : null}</label>
      {children({ id, 'aria-describedby': describedBy === '' ? undefined : describedBy, 'aria-invalid': error === null ? undefined : true })}
      {error === null ? null : <p className="field-error" id={`${id}-error`}>{error}</p>}
      {hasHint ? <div className="field-hint" id={`${id}-hint`}>{hint}</div> : null}
    </div>
  );
}
