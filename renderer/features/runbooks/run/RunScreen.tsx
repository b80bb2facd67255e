// One run: its state, its clock, its next step, and what was done.
import { Screen } from '../../../components/Screen.tsx';
import { useQuery } from '../../../lib/query.ts';

export function RunScreen({ runId }: { readonly runId: string }) {
  const { data } = useQuery('run.show', { runId });
  return <Screen title={data?.title ?? 'Run'}>{null}</Screen>;
}
