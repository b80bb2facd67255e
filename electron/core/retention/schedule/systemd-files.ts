// The systemd service and timer for a deployment: no shell, the time in UTC, and a run that was missed is made up for.
import type { ScheduleFiles } from '#shared/domain/retention-schedule.ts';
import { execLine, forUnit, forUnitWord, PURGED, scriptIn } from './values.ts';
import type { Values } from './values.ts';

const CALENDAR = '*-*-* 02:15:00 UTC';

export function systemdFiles(name: string, { workdir, python }: Values): Pick<ScheduleFiles, 'files' | 'steps' | 'notes'> {
  const [service, timer] = [`${name}.service`, `${name}.timer`];
  const place = '/etc/systemd/system';
  const serviceText = `[Unit]
Description=Delete audit rows past the retention
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# A user without rights of its own, made for each run. Where it may not read the folder, put User= with the user of the backend in its place.
DynamicUser=yes
WorkingDirectory=${forUnit(workdir)}
Environment=${forUnitWord(`PYTHONPATH=${workdir}`)} PYTHONDONTWRITEBYTECODE=1
# The settings of the backend, read before the rights are given up; the dash lets the file be absent.
EnvironmentFile=-${forUnit(workdir === '/' ? '/.env' : `${workdir}/.env`)}
ExecStart=${execLine(python, [scriptIn(workdir)])}
TimeoutStartSec=1h
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=full
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
LockPersonality=yes
CapabilityBoundingSet=
UMask=0077
`;
  const timerText = `[Unit]
Description=Delete audit rows past the retention every day at 02:15 UTC

[Timer]
OnCalendar=${CALENDAR}
Persistent=true
AccuracySec=1min
Unit=${service}

[Install]
WantedBy=timers.target
`;
  return {
    files: [
      { name: service, place: `${place}/${service}`, text: serviceText, check: `systemd-analyze verify ${place}/${service}` },
      { name: timer, place: `${place}/${timer}`, text: timerText, check: `systemd-analyze verify ${place}/${timer} && systemd-analyze calendar '${CALENDAR}'` },
    ],
    steps: [
      `sudo install -m 0644 ${service} ${timer} ${place}/`,
      'sudo systemctl daemon-reload',
      `systemd-analyze verify ${place}/${service} ${place}/${timer}`,
      `sudo systemctl start ${service}; journalctl -u ${service} -n 20 --no-pager`,
      `sudo systemctl enable --now ${timer}`,
      `systemctl is-enabled ${timer}`,
      `systemctl list-timers ${timer}`,
    ],
    notes: [
      `The run by hand must log "${PURGED}".`,
      'The timer is enabled only after that run: a timer over a service that fails is configured, and deletes nothing.',
      'The settings of the backend (the address of the database, AUDIT_RETENTION_ENABLED, AUDIT_RETENTION_DAYS) come from .env in its folder. Where they come from elsewhere, name that file in EnvironmentFile=.',
    ],
  };
}
