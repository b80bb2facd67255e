// What each chosen file is, before anything is written: format, size, what was seen, and its first rows as they would be taken.
import { FileQuestionMark, FileText, LoaderCircle, X } from 'lucide-react';
import type { InspectedFile } from '#shared/domain/audit-import.ts';
import { IMPORT_FORMAT_NAMES } from '#shared/domain/audit-import.ts';
import { IconButton } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatBytes } from '../../../lib/format.ts';
import type { ChosenFile } from './use-inspection.ts';

/** The last part of a path, for a file that could not be looked at. */
function nameOf(path: string): string {
  return path.split(/[/\\]/u).at(-1) ?? path;
}

export function ChosenFiles({ files, onRemove }: { readonly files: readonly ChosenFile[]; readonly onRemove: (path: string) => void }) {
  return (
    <ul className="chosen-files" aria-label="Chosen files">
      {files.map((file) => <ChosenFileItem key={file.path} file={file} onRemove={onRemove} />)}
    </ul>
  );
}

function ChosenFileItem({ file: { path, seen, error }, onRemove }: { readonly file: ChosenFile; readonly onRemove: (path: string) => void }) {
  const name = seen?.name ?? nameOf(path);
  const format = seen?.format ?? null;
  return (
    <li className="chosen-file" aria-label={name}>
      <div className="row">
        {format !== null ? <FileText size={14} aria-hidden /> : <FileQuestionMark size={14} aria-hidden />}
        <span className="mono cut chosen-name" title={path}><HostileText text={name} /></span>
        {seen === null ? null : <span className="dim nowrap">{formatBytes(seen.bytes)}{seen.isGzip ? ' gzip' : ''}</span>}
        <span className="grow" />
        {seen === null && error === null ? <span className="row dim small" role="status"><LoaderCircle className="spin" size={12} aria-hidden />Looking at it…</span>
          : format !== null ? <span className="chip chip-unknown">{IMPORT_FORMAT_NAMES[format]}</span> : <WordChip tone="fail" word={error === null ? 'not recognised' : 'cannot be read'} />}
        <IconButton icon={X} label={`Leave out ${name}`} onClick={() => onRemove(path)} />
      </div>
      {error === null ? null : <p className="small chosen-finding text-fail"><HostileText text={`${error.wire.message} ${error.wire.hint}`} /></p>}
      {seen === null ? null : <p className="small sub chosen-finding"><HostileText text={seen.finding} /></p>}
      {seen === null || seen.sample.length === 0 ? null : <Sample rows={seen.sample} name={name} />}
    </li>
  );
}

function Sample({ rows, name }: { readonly rows: InspectedFile['sample']; readonly name: string }) {
  return (
    <table className="table sample-rows" aria-label={`First rows of ${name}`}>
      <thead><tr><th scope="col">Time</th><th scope="col">Method</th><th scope="col">Route</th><th scope="col">Actor</th><th scope="col">Payload</th></tr></thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            <td className="mono"><Time iso={row.createdAt} style="row" /></td>
            <td className="mono sub"><HostileText text={row.method} /></td>
            <td className="mono"><HostileText text={row.route} /></td>
            <td>{row.actor === null ? <span className="dim">none</span> : <HostileText text={row.actor} />}</td>
            <td className="mono dim"><HostileText text={row.payload} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
