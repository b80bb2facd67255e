// A sentence of core whose instants are written as times are everywhere on the screen; everything else in it stays as it came.
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { splitInstants } from './token-words.ts';

export function CoreWords({ text }: { readonly text: string }) {
  return splitInstants(text).map(({ at, part, isInstant }) => (isInstant ? <Time key={at} iso={part} style="full" /> : <HostileText key={at} text={part} />));
}
