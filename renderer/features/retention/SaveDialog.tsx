// Where a file of retention goes (a plan, an approval, a certificate, a schedule), and what was written; it writes over nothing.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { Download } from 'lucide-react';
import { Button } from '../../components/Button.tsx';
import { Choices } from '../../components/Choices.tsx';
import type { Choice } from '../../components/Choices.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { useFocusHome } from '../../components/focus-home.ts';
import { SaveAs, useSaveAs } from '../../components/SaveAs.tsx';
import { WrittenFile } from '../../components/WrittenFile.tsx';
import { announce } from '../../lib/announce.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';

export interface Written { readonly path: string; readonly sha256: string; readonly bytes: number }

interface SaveDialogProps {
  readonly title: string;
  readonly about: ReactNode;
  readonly stem: string;
  /** The forms that it can be written in; the id is the extension. With one there is no choice. */
  readonly forms: readonly [Choice<string>, ...Choice<string>[]];
  /** Said after it was written. */
  readonly done: string;
  readonly write: (path: string) => Promise<Written>;
  readonly onClose: () => void;
}

export function SaveDialog(props: SaveDialogProps) {
  const [written, setWritten] = useState<Written | null>(null);
  return (
    <Dialog title={props.title} onClose={props.onClose} wide>
      {written === null ? <Form {...props} onWritten={setWritten} /> : <Done written={written} said={props.done} onClose={props.onClose} />}
    </Dialog>
  );
}

function Form({ about, stem, forms, write, onClose, onWritten }: SaveDialogProps & { readonly onWritten: (written: Written) => void }) {
  const home = useRef<HTMLFormElement>(null);
  const [form, setForm] = useState(forms[0].id);
  const [tried, setTried] = useState<string | null>(null);
  const save = useAction(async (path: string) => {
    setTried(path);
    try {
      onWritten(await write(path));
    } finally {
      // A file that was written, or found there, lies in a folder that was read before.
      refetch('files.folders');
    }
  });
  const code = save.error?.wire.code;
  const target = useSaveAs({ stem, extension: form, refused: code === 'file_exists' ? tried : null });
  const { path } = target.target;
  useFocusHome(home, save.error);
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (path !== null) void save.run(path);
  }
  return (
    <form ref={home} tabIndex={-1} className="stack save-form" aria-label="Where it goes" onSubmit={submit} noValidate>
      <p className="sub">{about}</p>
      {save.error === null || code === 'file_exists' ? null : <ErrorNote error={save.error} />}
      {forms.length === 1 ? null : <Choices label="Form" choices={forms} chosen={form} onChoose={(id) => { setForm(id); save.clear(); }} focusFirst />}
      <SaveAs state={target} disabled={save.busy} hint="A file that is there stays as it is." />
      <div className="dialog-foot">
        <Button look="quiet" onClick={onClose}>Close</Button>
        <Button look="main" type="submit" icon={Download} disabled={path === null} busy={save.busy}>Save</Button>
      </div>
    </form>
  );
}

function Done({ written, said, onClose }: { readonly written: Written; readonly said: string; readonly onClose: () => void }) {
  const home = useRef<HTMLDivElement>(null);
  useEffect(() => { home.current?.focus(); announce(said); }, [said]);
  return (
    <div className="stack save-form" ref={home} tabIndex={-1} role="group" aria-label="What was written">
      <p>{said}</p>
      <WrittenFile file={written} />
      <div className="dialog-foot"><Button look="main" onClick={onClose}>Close</Button></div>
    </div>
  );
}
