// A stretch of the log in words, both ends included.
import { Time } from '../../components/Time.tsx';

/** `from` null: since ever. `to` null: until now. */
export function StretchTime({ stretch: { from, to } }: { readonly stretch: { readonly from: string | null; readonly to: string | null } }) {
  if (from === null && to === null) return <>the whole log</>;
  if (from === null) return <>up to {to === null ? null : <Time iso={to} />}</>;
  if (to === null) return <>from <Time iso={from} /> on</>;
  return <><Time iso={from} /> to <Time iso={to} /></>;
}
