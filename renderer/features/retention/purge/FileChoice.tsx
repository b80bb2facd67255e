// A button with which the admin names one file of this machine; only its path goes to core.
import { useRef } from 'react';
import type { LucideIcon } from 'lucide-react';
import { FileDown } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { ClientError, pathOf } from '../../../lib/client.ts';
import { useAction } from '../../../lib/use-action.ts';

interface FileChoiceProps {
  readonly label: string;
  /** The name of the hidden control, for a screen reader. */
  readonly about: string;
  readonly icon?: LucideIcon;
  readonly kept: string;
  readonly isFirst?: boolean;
  readonly take: (path: string) => Promise<unknown>;
}

export function FileChoice({ label, about, icon = FileDown, kept, isFirst = false, take }: FileChoiceProps) {
  const picker = useRef<HTMLInputElement>(null);
  const choose = useAction(async (file: File) => {
    const path = await pathOf(file);
    if (path === null) throw new ClientError({ code: 'file_not_found', message: `“${file.name}” is no file on this machine.`, hint: 'Save it first, then choose the file.', id: 'window' });
    await take(path);
  });
  return (
    <div className="stack-small">
      <div className="row">
        <Button icon={icon} busy={choose.busy} data-first-focus={isFirst || undefined} onClick={() => picker.current?.click()}>{label}</Button>
        <input ref={picker} type="file" accept=".json" hidden aria-label={about} onChange={(event) => { const file = event.target.files?.[0]; event.target.value = ''; if (file !== undefined) void choose.run(file); }} />
      </div>
      {choose.error === null ? null : <ErrorNote error={choose.error} kept={kept} />}
    </div>
  );
}
