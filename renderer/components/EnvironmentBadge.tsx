// Which kind of deployment this is, impossible to overlook for production and sample.
import type { Environment } from '#shared/domain/deployment.ts';

export function EnvironmentBadge({ environment }: { readonly environment: Environment }) {
  return <span className={`env env-${environment}`}>{environment.toUpperCase()}</span>;
}
