// Where a new file goes: a folder and a name that nothing holds yet; it never offers to write over a file.
import { useState } from 'react';
import { Field } from './Field.tsx';
import { fileNameError, freeName, joinPath } from './file-name.ts';
import { FolderPicker } from './FolderPicker.tsx';
import type { FolderListing } from './FolderPicker.tsx';

export interface Target {
  /** Null until folder and name are usable. */
  readonly path: string | null;
  readonly error: string | null;
}

export interface SaveAsState {
  readonly listing: FolderListing | null;
  readonly name: string;
  readonly target: Target;
  readonly folder: string | null;
  setFolder(path: string): void;
  setListing(listing: FolderListing): void;
  setName(name: string): void;
}

/**
 * The state behind <SaveAs>. `stem` and `extension` make the name until the admin types another; `refused` is a path that core found taken, so that it is said at the field.
 */
export function useSaveAs({ stem, extension, refused }: { readonly stem: string; readonly extension: string; readonly refused: string | null }): SaveAsState {
  const [folder, setFolder] = useState<string | null>(null);
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? freeName(stem, extension, listing?.files ?? []);
  const separator = listing?.separator ?? '/';
  const taken = listing?.files.some((file) => file.toLowerCase() === name.toLowerCase()) ?? false;
  const path = listing === null ? null : joinPath(listing.path, name, separator);
  const isRefused = path !== null && path === refused;
  const error = fileNameError(name, separator) ?? (taken || isRefused ? 'A file of this name is there already, and it stays as it is. Give another name.' : null);
  return {
    listing, name, folder, setFolder, setListing, setName: setTyped,
    target: { path: error === null && listing?.isWritable === true ? path : null, error },
  };
}

export function SaveAs({ state, hint, disabled = false }: { readonly state: SaveAsState; readonly hint?: string; readonly disabled?: boolean }) {
  return (
    <div className="save-as" inert={disabled}>
      <p className="label-line">Folder</p>
      <FolderPicker path={state.folder} onPath={state.setFolder} onListing={state.setListing} />
      <Field label="File name" error={state.listing === null ? null : state.target.error} {...(hint === undefined ? {} : { hint })}>
        {(ids) => <input {...ids} className="input mono" value={state.name} spellCheck={false} autoComplete="off" onChange={(event) => state.setName(event.target.value)} />}
      </Field>
    </div>
  );
}
