// Which answers an event makes old; it knows names of calls, and nothing about screens.
import type { AppEvent } from '#shared/contract.ts';

const ofCalls = (...names: readonly string[]) => (key: string): boolean => names.some((name) => key.startsWith(name));

/** The test for the keys that an event makes old; null when it makes none old. */
export function staleKeys(event: AppEvent): ((key: string) => boolean) | null {
  switch (event.name) {
    case 'app.opened':
      return () => true;
    // Only the status can be asked for now; everything else is forgotten by the shell.
    case 'app.locked':
    case 'app.verified':
      return ofCalls('app.status');
    case 'settings.changed':
      return ofCalls('settings.get', 'app.status');
    case 'credentials.changed':
      return ofCalls('credentials.', 'app.status');
    case 'deployment.changed':
    case 'deployment.removed':
      // Its environment, pin and dialect decide checks and what a look may send; its access and what it offers decide whether it can be purged.
      return ofCalls('deployment.', 'security.', 'retention.', 'overview.', 'app.status');
    case 'security.refreshed':
      return ofCalls('security.', 'rotation.', 'retention.', 'overview.', 'deployment.', 'app.status');
    case 'audit.changed':
      // Checks derive evidence from rows. Rows, counts, bars and facets are of a moment (their anchor) and stay true; the screen asks for a later moment itself.
      return ofCalls('audit.summary', 'audit.coverage', 'audit.keyList', 'audit.get', 'audit.tailState', 'audit.complete', 'audit.checks', 'audit.findings', 'audit.checkpoints', 'audit.importList', 'security.show', 'security.fleet', 'retention.', 'overview.', 'deployment.', 'app.status');
    case 'retention.changed':
      return ofCalls('retention.');
    case 'run.changed':
    case 'identity.changed':
      return ofCalls('run.', 'identity.');
    case 'ledger.appended':
      return ofCalls('ledger.', 'app.status');
    case 'job.ended':
      return ofCalls('app.status', 'deployment.', 'audit.tailState', 'audit.importList', 'audit.checkpoints', 'audit.bulkList');
    case 'app.summoned':
    case 'job.progressed':
      return null;
  }
}
