// The fields of a query with what they mean; choosing an example puts it into the bar.
import { describeFields } from '#shared/domain/audit-query-fields.ts';

export function FieldHelp({ onExample }: { readonly onExample: (example: string) => void }) {
  return (
    <div className="query-help" role="region" aria-label="Fields of a query">
      <dl>
        {describeFields().map(({ field, example, means }) => (
          <div key={field} className="query-help-row"><dt><button type="button" className="link mono" onClick={() => onExample(example)}>{example}</button></dt><dd className="sub">{means}</dd></div>
        ))}
      </dl>
      <div className="query-help-notes small sub">
        <p><code>word</code>, <code>"a phrase"</code>, <code>begin*</code> look in routes, actors, organisations, types, resources and plain payloads; an address, a route or an e-mail is found whole and by its parts. What was decrypted is never searched.</p>
        <p>Terms side by side must all hold. <code>a OR b</code>, <code>-a</code> or <code>NOT a</code>, and parentheses do the rest. A character that cannot be seen is written <code>⟨U+202E⟩</code>. An empty query is everything.</p>
      </div>
    </div>
  );
}
