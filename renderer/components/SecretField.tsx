// Takes a secret in by paste or from a file; it never shows it, and forgets it as soon as it was handed over.
import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { FileUp } from 'lucide-react';
import { Button } from './Button.tsx';
import { Field } from './Field.tsx';

interface SecretFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
  readonly optional?: boolean;
  /** The form reads the secret from here once and clears it. */
  readonly inputRef: RefObject<HTMLInputElement | null>;
  /** Offers "From file"; a token or key file is small. */
  readonly fromFile?: boolean;
  readonly maxLength?: number;
  readonly onChange?: () => void;
  /** Takes the focus when it appears. */
  readonly focusFirst?: boolean;
}

const MAX_FILE_BYTES = 65_536;

/** Reads a secret out of its field and empties the field. */
export function takeSecret(ref: RefObject<HTMLInputElement | null>): string {
  const value = ref.current?.value ?? '';
  if (ref.current !== null) ref.current.value = '';
  return value;
}

export function SecretField({ label, hint, error = null, optional = false, inputRef, fromFile = false, maxLength = 16_384, onChange, focusFirst = false }: SecretFieldProps) {
  const picker = useRef<HTMLInputElement>(null);
  const [fileNote, setFileNote] = useState<string | null>(null);
  const [fileError, setFileError] = useState<string | null>(null);

  useEffect(() => {
    if (focusFirst) inputRef.current?.focus();
  }, [focusFirst, inputRef]);

  async function readFile(file: File | undefined): Promise<void> {
    if (file === undefined || inputRef.current === null) return;
    setFileNote(null);
    setFileError(null);
    if (file.size > MAX_FILE_BYTES) return setFileError('That file is too large to hold a secret of this kind. Nothing was read.');
    inputRef.current.value = (await file.text()).trim();
    if (inputRef.current.value === '') return setFileError('That file is empty.');
    setFileNote(`Read from ${file.name}.`);
    onChange?.();
    return undefined;
  }

  return (
    <Field label={label} error={error ?? fileError} optional={optional} hint={fileNote ?? hint}>
      {(ids) => (
        <span className="row">
          {/* one-time-code keeps the browser engine from offering to save it. */}
          <input {...ids} ref={inputRef} className="input mono grow" type="password" autoComplete="one-time-code" autoCapitalize="off" spellCheck={false} maxLength={maxLength} data-first-focus={focusFirst || undefined} onInput={() => { setFileNote(null); setFileError(null); onChange?.(); }} />
          {fromFile ? (
            <>
              <Button icon={FileUp} onClick={() => picker.current?.click()}>From file…</Button>
              <input ref={picker} type="file" hidden aria-label={`${label} from a file`} onChange={(event) => { void readFile(event.target.files?.[0]); event.target.value = ''; }} />
            </>
          ) : null}
        </span>
      )}
    </Field>
  );
}
