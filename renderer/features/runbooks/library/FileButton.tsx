// A button with which the admin names one file of this machine; only its path goes on, never what is in it.
import { useRef } from 'react';
import type { LucideIcon } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { ClientError, pathOf } from '../../../lib/client.ts';

interface FileButtonProps {
  readonly label: string;
  /** The name of the hidden control, for a screen reader. */
  readonly about: string;
  readonly icon: LucideIcon;
  /** Endings that the system's dialog offers first. */
  readonly accept: string;
  readonly busy: boolean;
  readonly look?: 'main' | 'plain' | 'quiet';
  readonly isFirst?: boolean;
  readonly onFile: (file: File) => void;
}

/** Where a chosen file lies. @throws ClientError when it lies nowhere on this machine */
export async function placeOf(file: File): Promise<string> {
  const path = await pathOf(file);
  if (path === null) throw new ClientError({ code: 'file_not_found', message: `“${file.name}” is no file on this machine. Nothing was taken.`, hint: 'Save it first, then choose the file.', id: 'window' });
  return path;
}

export function FileButton({ label, about, icon, accept, busy, look = 'plain', isFirst = false, onFile }: FileButtonProps) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button look={look} icon={icon} busy={busy} data-first-focus={isFirst || undefined} onClick={() => picker.current?.click()}>{label}</Button>
      <input ref={picker} type="file" accept={accept} hidden aria-label={about} onChange={(event) => { const file = event.target.files?.[0]; event.target.value = ''; if (file !== undefined && !busy) onFile(file); }} />
    </>
  );
}
