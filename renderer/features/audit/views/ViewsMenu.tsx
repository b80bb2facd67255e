// Saved views: query, order and columns under a name; saving under a name that exists replaces it, and says so beforehand.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Bookmark, Trash2 } from 'lucide-react';
import { VIEW_NAME_MAX } from '#shared/domain/audit-search.ts';
import type { AuditColumn, AuditSort, SavedView } from '#shared/domain/audit-search.ts';
import { Button, IconButton } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { toShown } from '../query/query-text.ts';
import { Popover } from './Popover.tsx';

interface ViewsMenuProps {
  readonly views: readonly SavedView[];
  readonly now: { readonly query: string; readonly sort: AuditSort; readonly columns: readonly AuditColumn[] };
  readonly onView: (view: SavedView) => void;
}

export function ViewsMenu({ views, now, onView }: ViewsMenuProps) {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const [armed, setArmed] = useState<number | null>(null);
  const remove = useAction(async ({ id, name }: SavedView) => {
    await call('audit.viewRemove', { id });
    setArmed(null);
    announce(`View ${toShown(name)} removed.`);
    refetch('audit.viewList');
  });
  return (
    <Popover label={views.length === 0 ? 'Views' : `Views · ${views.length}`} icon={Bookmark} isOpen={isOpen} onOpen={setOpen}>
      <div className="stack views">
        {views.length === 0 ? <p className="sub small">No view is saved yet. A view keeps the query, the order and the columns, not the rows.</p> : (
          <ul className="views-list">
            {views.map((view) => (
              <li key={view.id} className="views-line">
                {armed === view.id ? (
                  <div className="row grow"><span className="grow small">Remove <HostileText text={view.name} />?</span><Button onClick={() => setArmed(null)}>Keep</Button><Button look="danger-armed" busy={remove.busy} onClick={() => { void remove.run(view); }}>Remove</Button></div>
                ) : (
                  <>
                    <button type="button" className="views-choose" onClick={() => { close(); onView(view); }}><span className="cut"><HostileText text={view.name} /></span><span className="cut dim mono"><HostileText text={view.query === '' ? 'everything' : view.query} /></span></button>
                    <IconButton icon={Trash2} label="Remove this view…" onClick={() => setArmed(view.id)} />
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
        {remove.error === null ? null : <ErrorNote error={remove.error} />}
        <SaveView views={views} now={now} onSaved={close} />
      </div>
    </Popover>
  );
}

function SaveView({ views, now, onSaved }: { readonly views: readonly SavedView[]; readonly now: ViewsMenuProps['now']; readonly onSaved: () => void }) {
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const save = useAction(async (given: string) => {
    const saved = await call('audit.viewSave', { name: given, query: now.query, sort: now.sort, columns: [...now.columns] });
    announce(`View ${toShown(saved.name)} saved.`);
    refetch('audit.viewList');
    onSaved();
  });
  const replaced = views.find((view) => view.name === name.trim());
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (name.trim() === '') return setProblem('Give the view a name.');
    void save.run(name.trim());
    return undefined;
  }
  return (
    <form className="stack-small" onSubmit={submit} noValidate>
      <Field label="Save what is shown as" error={problem} hint={replaced === undefined ? null : <>This replaces the view <HostileText text={replaced.name} />.</>}>
        {(ids) => <input {...ids} className="input" value={name} maxLength={VIEW_NAME_MAX} autoComplete="off" onChange={(event) => { setName(event.target.value); setProblem(null); save.clear(); }} />}
      </Field>
      {save.error === null ? null : <ErrorNote error={save.error} />}
      <div className="row"><Button type="submit" busy={save.busy}>{replaced === undefined ? 'Save the view' : 'Replace the view'}</Button></div>
    </form>
  );
}
