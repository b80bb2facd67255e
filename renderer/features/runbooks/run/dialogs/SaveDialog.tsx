// Writes something of the run to a new file: where, and afterwards what was written, with its digest. It writes over nothing.
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { FileDown } from 'lucide-react';
import { Button } from '../../../../components/Button.tsx';
import { Dialog } from '../../../../components/Dialog.tsx';
import { ErrorNote } from '../../../../components/ErrorNote.tsx';
import { useFocusHome } from '../../../../components/focus-home.ts';
import { Note } from '../../../../components/Note.tsx';
import { SaveAs, useSaveAs } from '../../../../components/SaveAs.tsx';
import { WrittenFile } from '../../../../components/WrittenFile.tsx';
import { announce } from '../../../../lib/announce.ts';
import { refetch } from '../../../../lib/query.ts';
import { useAction } from '../../../../lib/use-action.ts';
import { focusAtOnce } from '../../../security/ExceptionSection.tsx';

export interface Written { readonly path: string; readonly sha256: string; readonly bytes: number }

interface SaveDialogProps<W extends Written> {
  readonly title: string;
  readonly stem: string;
  readonly extension: string;
  readonly button: string;
  /** What is written, and what stands around it. */
  readonly children?: ReactNode;
  readonly write: (path: string) => Promise<W>;
  readonly done: (written: W) => ReactNode;
  readonly isReady?: boolean;
  readonly onClose: () => void;
}

export function SaveDialog<W extends Written>({ title, stem, extension, button, children, write, done, isReady = true, onClose }: SaveDialogProps<W>) {
  const home = useRef<HTMLFormElement>(null);
  const [tried, setTried] = useState<string | null>(null);
  const [written, setWritten] = useState<W | null>(null);
  const action = useAction(async (path: string) => {
    setTried(path);
    try {
      setWritten(await write(path));
      announce('The file was written.');
    } finally {
      // A file that was written, or that was found there, lies in a folder that was read before.
      refetch('files.folders');
    }
  });
  const code = action.error?.wire.code;
  const save = useSaveAs({ stem, extension, refused: code === 'file_exists' ? tried : null });
  const { path } = save.target;
  useFocusHome(home, action.error ?? written);
  if (written !== null) {
    return (
      <Dialog title={title} onClose={onClose} wide>
        <div className="stack">
          <Note tone="good">{done(written)}</Note>
          <WrittenFile file={written} />
          <div className="dialog-foot"><Button look="main" ref={focusAtOnce} onClick={onClose}>Close</Button></div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose} wide>
      <form ref={home} tabIndex={-1} className="stack" aria-label={title} noValidate onSubmit={(event) => { event.preventDefault(); if (path !== null && isReady) void action.run(path); }}>
        {children}
        {action.error === null || code === 'file_exists' ? null : <ErrorNote error={action.error} kept="What was chosen stays as it is." />}
        <SaveAs state={save} disabled={action.busy} hint="The file gets its name when it is whole. A file that is there stays as it is." />
        <div className="dialog-foot">
          <Button look="quiet" onClick={onClose}>Close</Button>
          <Button look="main" type="submit" icon={FileDown} disabled={path === null || !isReady} busy={action.busy}>{button}</Button>
        </div>
      </form>
    </Dialog>
  );
}
