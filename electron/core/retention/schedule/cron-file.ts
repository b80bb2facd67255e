// The crontab line for a deployment: in its folder, with its search path, and with what it says kept.
import type { ScheduleFiles } from '#shared/domain/retention-schedule.ts';
import { forCron, forShell, PURGED, PURGE_SCRIPT } from './values.ts';
import type { Values } from './values.ts';

type Made = Pick<ScheduleFiles, 'files' | 'steps' | 'notes'>;

/** What cron runs, as one line of shell. */
const commandOf = ({ workdir, python }: Values): string => `cd ${forShell(workdir)} && PYTHONPATH=${forShell(workdir)} ${forShell(python)} ${PURGE_SCRIPT}`;

export function cronFile(name: string, values: Values): Made {
  const command = commandOf(values);
  const log = `"$HOME/${name}.log"`;
  const text = [
    '# Deletes audit rows past the retention, every day at 02:15 UTC.',
    '# cronie reads CRON_TZ (and for every line below it). The cron of Debian and Ubuntu does not: there 02:15 is the time of the machine, see timedatectl.',
    'CRON_TZ=UTC',
    `15 2 * * * ${forCron(`${command} >> ${log} 2>&1`)}`,
    '',
  ].join('\n');
  return {
    files: [{ name: `${name}.cron`, place: 'the crontab of the user that the backend runs as', text, check: `crontab -l | grep -F ${PURGE_SCRIPT}` }],
    steps: [
      `crontab -l > ${name}.before 2>/dev/null; cat ${name}.before ${name}.cron | crontab -`,
      `crontab -l | grep -F ${PURGE_SCRIPT}`,
      'timedatectl show -p Timezone --value',
      // As cron runs it: hardly any environment, and no shell of a person.
      `env -i HOME="$HOME" PATH=/usr/bin:/bin /bin/sh -c ${forShell(command)}`,
      `tail -n 5 ${log}`,
    ],
    notes: [
      `The run by hand must print "${PURGED}". It is made with as little environment as cron gives: if it prints another thing, so will every night.`,
      'cron sets none of the variables of the backend. The script must find its settings (the address of the database, AUDIT_RETENTION_ENABLED, AUDIT_RETENTION_DAYS) in files of its folder, or they are set above the line.',
      'cron does not make up for a time at which the machine was off. The systemd timer does.',
    ],
  };
}
