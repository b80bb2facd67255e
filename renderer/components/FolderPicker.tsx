// Chooses a folder of this machine inside the window: places, the way up, and what lies in it; it reads names only and creates nothing.
import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { File, Folder, HardDrive } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import { announce } from '../lib/announce.ts';
import { plural } from '../lib/format.ts';
import { useQuery } from '../lib/query.ts';
import { ErrorNote } from './ErrorNote.tsx';
import { crumbsOf, joinPath } from './file-name.ts';
import './folder-picker.css';
import { HostileText } from './HostileText.tsx';
import { rowForKey } from './row-keys.ts';
import { Skeleton } from './Skeleton.tsx';

export type FolderListing = CallOutput<'files.folders'>;

interface FolderPickerProps {
  /** The folder that is shown; null: the one that core begins with. */
  readonly path: string | null;
  readonly onPath: (path: string) => void;
  /** Told whenever another folder was read. */
  readonly onListing: (listing: FolderListing) => void;
}

export function FolderPicker({ path, onPath, onListing }: FolderPickerProps) {
  const query = useQuery('files.folders', { path });
  // A folder that cannot be read is named, and the one before stays in view.
  const [shown, setShown] = useState<FolderListing | undefined>(query.data);
  if (query.data !== undefined && query.data !== shown) setShown(query.data);
  useEffect(() => {
    if (query.data === undefined) return;
    onListing(query.data);
  }, [query.data, onListing]);
  if (shown === undefined) return query.error === null ? <Skeleton lines={5} label="Reading folders" /> : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />;
  return (
    <div className="folders">
      <nav className="folder-crumbs" aria-label="The way to this folder">
        <ol>
          {crumbsOf(shown.path, shown.separator).map((crumb, at, all) => (
            <li key={crumb.path}>
              {at === all.length - 1 ? <span className="folder-here mono" aria-current="location"><HostileText text={crumb.name} /></span> : <button type="button" className="folder-crumb mono" onClick={() => onPath(crumb.path)}><HostileText text={crumb.name} /></button>}
              {at === all.length - 1 || crumb.name === '/' ? null : <span className="dim mono" aria-hidden>{shown.separator}</span>}
            </li>
          ))}
        </ol>
      </nav>
      <div className="folder-body">
        <ul className="folder-places" aria-label="Places">
          {shown.places.map((place) => (
            <li key={place.path}><button type="button" className="folder-place" aria-current={place.path === shown.path ? 'true' : undefined} onClick={() => onPath(place.path)}><HardDrive size={13} aria-hidden /><span className="cut"><HostileText text={place.name} /></span></button></li>
          ))}
        </ul>
        <FolderList key={shown.path} listing={shown} onPath={onPath} />
      </div>
      {query.error === null ? null : <ErrorNote error={query.error} kept="The folder before it is still shown." />}
      {shown.isWritable ? null : <p className="folder-refusal text-fail">Holdfast may not write into this folder. Choose another.</p>}
    </div>
  );
}

function FolderList({ listing, onPath }: { readonly listing: FolderListing; readonly onPath: (path: string) => void }) {
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const baseId = useId();
  const { folders, files } = listing;
  const open = (name: string): void => onPath(joinPath(listing.path, name, listing.separator));
  // Opened by keyboard: the focus was in the list of the folder before, which is gone now.
  useEffect(() => {
    if (document.activeElement === document.body) list.current?.focus();
    announce(`${plural(listing.folders.length, 'folder')} in ${listing.path}`);
  }, [listing]);
  useEffect(() => { list.current?.querySelector(`[data-active="true"]`)?.scrollIntoView({ block: 'nearest' }); }, [active]);

  function onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const name = folders[active];
    if (event.key === 'Backspace' || event.key === 'ArrowLeft') {
      if (listing.parent !== null) onPath(listing.parent);
    } else if ((event.key === 'Enter' || event.key === 'ArrowRight') && name !== undefined) open(name);
    else {
      const to = event.key === 'j' || event.key === 'k' ? null : rowForKey(event.key, { count: folders.length, index: active });
      const typed = event.key.length === 1 && /\S/u.test(event.key) ? folders.findIndex((folder, at) => at > active && folder.toLowerCase().startsWith(event.key.toLowerCase())) : -1;
      const again = typed === -1 && event.key.length === 1 ? folders.findIndex((folder) => folder.toLowerCase().startsWith(event.key.toLowerCase())) : typed;
      if (to === null && again === -1) return;
      setActive(to ?? again);
    }
    event.preventDefault();
  }

  return (
    <div className="folder-list">
      <div ref={list} role="listbox" tabIndex={0} aria-label="Folders: Enter opens, Backspace goes up" aria-activedescendant={folders.length === 0 ? undefined : `${baseId}-${active}`} onKeyDown={onKey}>
        {folders.map((name, at) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list takes the keys and the focus for its folders.
          <div key={name} id={`${baseId}-${at}`} role="option" aria-selected={at === active} data-active={at === active} className="folder-row" onClick={() => open(name)}>
            <Folder size={13} aria-hidden /><span className="cut"><HostileText text={name} /></span>
          </div>
        ))}
      </div>
      {files.length === 0 ? null : (
        <ul aria-label="Files already in this folder">
          {files.map((name) => <li key={name} className="folder-row folder-file"><File size={13} aria-hidden /><span className="cut"><HostileText text={name} /></span></li>)}
        </ul>
      )}
      {folders.length === 0 && files.length === 0 ? <p className="folder-none dim">The folder is empty.</p> : null}
    </div>
  );
}
