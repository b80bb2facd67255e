// The library of runbooks and the list of runs.
import type { Deployment } from '#shared/domain/deployment.ts';
import { Screen } from '../../../components/Screen.tsx';

export function LibraryScreen({ current }: { readonly current: Deployment | null }) {
  return <Screen title="Runbooks"><p>{current?.name}</p></Screen>;
}
