// Contract to service, for live checks.
import type { Handlers } from '../../dispatch.ts';
import type { LiveChecks } from './service.ts';

export function runCheckHandlers(checks: LiveChecks): Handlers<'run.check'> {
  return { 'run.check': (input, { signal }) => checks.run(input, signal) };
}
