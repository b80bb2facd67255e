// Schedules for a deployment, and the examination of one that an admin has. Nobody is asked and nothing is kept.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { LintReport, ScheduleFiles } from '#shared/domain/retention-schedule.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import { cronFile } from './cron-file.ts';
import { kubernetesFile } from './kubernetes-file.ts';
import { lintSchedule } from './lint.ts';
import { systemdFiles } from './systemd-files.ts';
import { nameFor, placeholdersIn, valuesOf } from './values.ts';

export interface Schedules {
  /** @throws AppError deployment_not_found, not_offered; invalid_input for a value that would leave its field */
  schedule(input: ParsedInput<'retention.schedule'>): ScheduleFiles;
  /** Writes one of the files. @throws AppError as `schedule` does, file_not_found for a name that it does not make, and those of writing */
  write(input: ParsedInput<'retention.writeSchedule'>): Promise<CallOutput<'retention.writeSchedule'>>;
  lint(input: ParsedInput<'retention.lint'>): LintReport;
}

const MADE = { cron: cronFile, systemd: systemdFiles, kubernetes: kubernetesFile } as const;

const EVERYWHERE = [
  'The script deletes the rows of all organisations that are older than AUDIT_RETENTION_DAYS, at once and without asking. A legal hold of this console does not stop it.',
  'When it prints "Audit retention disabled; skipping purge." it has deleted nothing and still ends well: AUDIT_RETENTION_ENABLED is off where it runs.',
  'make audit-purge is not used: it runs the script without PYTHONPATH, which ends in ModuleNotFoundError before anything is deleted.',
];

export function createSchedules({ deployments }: { readonly deployments: Pick<DeploymentsService, 'get'> }): Schedules {
  const schedules: Schedules = {
    schedule({ deploymentId, kind, ...given }) {
      const deployment = deployments.get(deploymentId);
      if (deployment.kind === 'karen') throw new AppError('not_offered', { message: `${deployment.name} is an AI-Karen: it has no audit retention that is known here.`, hint: 'Schedules are made for a NAVI.' });
      const made = MADE[kind](nameFor(deployment.name), valuesOf(given));
      const placeholders = placeholdersIn([...made.files.map(({ text }) => text), ...made.steps]);
      const missing = placeholders.length === 0 ? [] : [`Placeholders are left (${placeholders.join(', ')}): fill them in, or give them. As it is, retention lint refuses it.`];
      return { kind, files: made.files, steps: made.steps, placeholders, notes: [...missing, ...made.notes, ...EVERYWHERE] };
    },
    async write({ name, path, overwrite, ...asked }) {
      const file = schedules.schedule(asked).files.find((one) => one.name === name);
      if (file === undefined) throw new AppError('file_not_found', { message: 'This schedule makes no file of that name. Nothing was written.', hint: 'Make the schedule again, then save.' });
      const target = await openAtomicFile(path, overwrite ? { mayReplace: () => Promise.resolve(true) } : {});
      try {
        await target.write(file.text);
        return { path, ...await target.commit() };
      } catch (error) {
        await target.abort();
        throw error;
      }
    },
    lint: ({ text, name }) => lintSchedule(text, name),
  };
  return schedules;
}
