// Which columns the grid has; the last one cannot be taken away.
import { useState } from 'react';
import { Columns3 } from 'lucide-react';
import { AUDIT_COLUMNS, DEFAULT_COLUMNS } from '#shared/domain/audit-search.ts';
import type { AuditColumn } from '#shared/domain/audit-search.ts';
import { Button } from '../../../components/Button.tsx';
import { columnTitle, inOrder } from '../grid/columns.ts';
import { Popover } from './Popover.tsx';

export function ColumnsMenu({ columns, onColumns }: { readonly columns: readonly AuditColumn[]; readonly onColumns: (columns: readonly AuditColumn[]) => void }) {
  const chosen = new Set(columns);
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover label="Columns" icon={Columns3} isOpen={isOpen} onOpen={setOpen}>
      <div className="stack-small">
        {AUDIT_COLUMNS.map((column) => (
          <label key={column} className="check"><input type="checkbox" checked={chosen.has(column)} disabled={chosen.size === 1 && chosen.has(column)} onChange={(event) => {
            const next = new Set(chosen);
            if (event.target.checked) next.add(column);
            else next.delete(column);
            onColumns(inOrder(next));
          }} />{columnTitle(column)}</label>
        ))}
        <Button look="quiet" onClick={() => onColumns(DEFAULT_COLUMNS)}>The usual columns</Button>
      </div>
    </Popover>
  );
}
