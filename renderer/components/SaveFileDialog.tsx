// Saves one file that core writes: in which form, and where; then what was written, with its digest. It writes over nothing.
import { useEffect, useRef, useState } from 'react';
import { Save } from 'lucide-react';
import { Button } from './Button.tsx';
import { Choices } from './Choices.tsx';
import type { Choice } from './Choices.tsx';
import { Dialog } from './Dialog.tsx';
import { ErrorNote } from './ErrorNote.tsx';
import { useFocusHome } from './focus-home.ts';
import { Note } from './Note.tsx';
import { SaveAs, useSaveAs } from './SaveAs.tsx';
import { WrittenFile } from './WrittenFile.tsx';
import { announce } from '../lib/announce.ts';
import { refetch } from '../lib/query.ts';
import { useAction } from '../lib/use-action.ts';

interface Written { readonly path: string; readonly sha256: string; readonly bytes: number }

interface SaveFileDialogProps<E extends string> {
  readonly title: string;
  /** What the file is, as a sentence begins: The plan. */
  readonly what: string;
  /** Who needs it next, or what it is good for. */
  readonly after: string;
  readonly stem: string;
  /** Extensions, the first one chosen; with one alone nothing is asked. */
  readonly forms: readonly [Choice<E>, ...Choice<E>[]];
  readonly write: (path: string) => Promise<Written>;
  readonly onClose: () => void;
}

export function SaveFileDialog<E extends string>({ title, what, after, stem, forms, write, onClose }: SaveFileDialogProps<E>) {
  const [extension, setExtension] = useState<E>(forms[0].id);
  const [tried, setTried] = useState<string | null>(null);
  const [written, setWritten] = useState<Written | null>(null);
  const home = useRef<HTMLFormElement>(null);
  const save = useAction(async (path: string) => {
    setTried(path);
    try {
      setWritten(await write(path));
      announce(`${what} was written.`);
    } finally {
      refetch('files.folders');
    }
  });
  const code = save.error?.wire.code;
  const target = useSaveAs({ stem, extension, refused: code === 'file_exists' ? tried : null });
  const { path } = target.target;
  useFocusHome(home, save.error);
  return (
    <Dialog title={title} onClose={onClose} wide>
      {written === null ? (
        <form ref={home} tabIndex={-1} className="stack save-file" aria-label={title} noValidate onSubmit={(event) => { event.preventDefault(); if (path !== null) void save.run(path); }}>
          {save.error === null || code === 'file_exists' ? null : <ErrorNote error={save.error} kept="No file was written." />}
          {forms.length === 1 ? null : <Choices label="Form" choices={forms} chosen={extension} onChoose={(id) => { setExtension(id); save.clear(); }} focusFirst />}
          <SaveAs state={target} disabled={save.busy} hint="The file gets its name when it is whole. A file that is there stays as it is." />
          <div className="dialog-foot">
            <Button look="quiet" onClick={onClose}>Close</Button>
            <Button look="main" type="submit" icon={Save} disabled={path === null} busy={save.busy} data-first-focus={forms.length === 1 || undefined}>Save</Button>
          </div>
        </form>
      ) : <Done what={what} after={after} written={written} onClose={onClose} />}
    </Dialog>
  );
}

function Done({ what, after, written, onClose }: { readonly what: string; readonly after: string; readonly written: Written; readonly onClose: () => void }) {
  const home = useRef<HTMLDivElement>(null);
  useEffect(() => { home.current?.focus(); }, []);
  return (
    <div className="stack save-file" ref={home} tabIndex={-1} role="group" aria-label="What was written">
      <Note><p className="note-main" role="status">{what} was written.</p><p>{after}</p></Note>
      <WrittenFile file={written} />
      <div className="dialog-foot"><Button onClick={onClose}>Close</Button></div>
    </div>
  );
}
