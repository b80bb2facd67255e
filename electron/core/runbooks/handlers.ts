// Contract to service, for runbooks, runs, their merging and the keys of people.
import type { CallsOf, Handlers } from '../dispatch.ts';
import { runChecklistHandlers } from './checklists/handlers.ts';
import { runCheckHandlers } from './checks/handlers.ts';
import type { LiveChecks } from './checks/service.ts';
import { runEvidenceHandlers } from './evidence/handlers.ts';
import { runReportHandlers } from './reports/handlers.ts';
import type { Runbooks } from './service.ts';

export interface RunbookServices extends Runbooks { readonly checks: LiveChecks }

export function runbookHandlers({ library, runs, identities, merging, watch, checks, evidence, reports, checklists }: RunbookServices): Handlers<CallsOf<'runbook'> | CallsOf<'run'> | CallsOf<'identity'>> {
  return {
    ...runCheckHandlers(checks),
    ...runEvidenceHandlers(evidence),
    ...runReportHandlers(reports),
    ...runChecklistHandlers(checklists),
    'runbook.list': () => ({ runbooks: library.list().map(({ head }) => head) }),
    'runbook.show': ({ id }) => {
      const { head, pack } = library.find(id);
      return { head, pack };
    },
    'runbook.lint': ({ path }) => library.lint(path),
    'runbook.import': ({ path }) => library.import(path),
    'run.list': ({ limit }) => runs.list(limit),
    'run.start': (input) => runs.start(input),
    'run.show': ({ runId }) => runs.show(runId),
    'run.step': (input) => runs.step(input),
    'run.attest': (input) => runs.attest(input),
    'run.decide': (input) => runs.decide(input),
    'run.timer': (input) => runs.timer(input),
    'run.entry': (input) => runs.entry(input),
    'run.action': (input) => runs.action(input),
    'run.role': (input) => runs.role(input),
    'run.severity': (input) => runs.severity(input),
    'run.milestone': (input) => runs.milestone(input),
    'run.sign': (input) => runs.sign(input),
    'run.submit': (input) => runs.submit(input),
    'run.review': (input) => runs.review(input),
    'run.end': (input) => runs.end(input),
    'run.export': (input) => merging.export(input),
    'run.import': ({ path }) => merging.import(path),
    'run.watch': ({ path }) => watch.set(path),
    'run.watching': () => watch.show(),
    'identity.list': () => identities.list(),
    'identity.rename': ({ name }) => identities.rename(name),
    'identity.trust': (input) => identities.trust(input),
  };
}
