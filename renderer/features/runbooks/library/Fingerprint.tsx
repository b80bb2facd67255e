// A fingerprint as people compare it: all of it, in groups of four, never cut short.
import { inFours } from './merge-words.ts';

export function Fingerprint({ fingerprint, large = false }: { readonly fingerprint: string; readonly large?: boolean }) {
  return <span className={`mono selectable lib-fingerprint ${large ? 'lib-fingerprint-large' : ''}`}>{inFours(fingerprint).map((four, at) => <span key={at}>{four} </span>)}</span>;
}
