// Copies through core, which clears the clipboard again; says when that will be.
import { useEffect, useState } from 'react';
import { Check, Copy } from 'lucide-react';
import { announce } from '../lib/announce.ts';
import { call, ClientError } from '../lib/client.ts';
import { useAction } from '../lib/use-action.ts';
import { Button } from './Button.tsx';

export function CopyButton({ text, what, label = 'Copy' }: { readonly text: string; readonly what: string; readonly label?: string }) {
  const [clearsAfter, setClearsAfter] = useState<number | null>(null);
  const copy = useAction(async () => {
    const answer = await call('clipboard.copy', { text });
    if (!answer.copied) throw new ClientError({ code: 'not_offered', message: 'Nothing was copied: this window has no clipboard.', hint: 'Select the text and copy it by hand.', id: 'window' });
    setClearsAfter(answer.clearsAfterSeconds);
    announce(`${what} copied. It leaves the clipboard in ${answer.clearsAfterSeconds} seconds.`);
  });
  useEffect(() => {
    if (clearsAfter === null) return undefined;
    const timer = setTimeout(() => setClearsAfter(null), clearsAfter * 1000);
    return () => clearTimeout(timer);
  }, [clearsAfter]);
  return (
    <span className="row row-wrap copy">
      <Button icon={clearsAfter === null ? Copy : Check} busy={copy.busy} onClick={() => { void copy.run(); }}>{label}</Button>
      {clearsAfter === null ? null : <span className="small sub">Leaves the clipboard after {clearsAfter} s</span>}
      {copy.error === null ? null : <span className="small text-fail" role="alert">{copy.error.wire.message}</span>}
    </span>
  );
}
