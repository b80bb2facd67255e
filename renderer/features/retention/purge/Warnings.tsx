// What must be known before, the gravest first, in the order of core; red for what takes rows of others or stands in the way.
import { CircleAlert, TriangleAlert } from 'lucide-react';
import { CoreWords } from '../../security/rotation/CoreWords.tsx';
import { isGrave } from './warning-words.ts';

export function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul className="purge-warnings" aria-label="Warnings, the gravest first">
      {warnings.map((warning) => (
        <li key={warning} className={isGrave(warning) ? 'purge-grave' : undefined}>
          {isGrave(warning) ? <CircleAlert size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}
          <span><CoreWords text={warning} /></span>
        </li>
      ))}
    </ul>
  );
}
