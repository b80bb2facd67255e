// The lint over what admins have: each fault is found by name, at its line, and what is right is left alone.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { lintSchedule } from './lint.ts';
import { shellWords, simpleCommands } from './shell-words.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const RUN = 'cd /srv/navi && PYTHONPATH=/srv/navi /srv/navi/.venv/bin/python backend/scripts/purge_audit_logs.py >> /var/log/purge.log 2>&1';
const rules = (text: string, name = ''): string[] => lintSchedule(text, name).problems.map(({ level, rule, line }) => `${level} ${rule} ${line ?? '-'}`);
const cron = (command: string, schedule = '15 2 * * *'): string => `CRON_TZ=UTC\n${schedule} ${command}\n`;

describe('a crontab', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['what is right', cron(RUN), []],
    ['the documented line', '15 2 * * * cd /path/to/autonomous-engineering-platform && make audit-purge >> /var/log/aep/audit-purge.log 2>&1\n', ['error placeholder 1', 'error make-audit-purge 1', 'error local-time 1']],
    ['the documented line as it stands in a page', '## Retention\n- `15 2 * * * cd /path/to/autonomous-engineering-platform && make audit-purge >> /var/log/aep/audit-purge.log 2>&1`\n', ['error placeholder 2', 'error make-audit-purge 2', 'error local-time 2']],
    ['make with PYTHONPATH', cron('cd /srv/navi && PYTHONPATH=/srv/navi make audit-purge >> /l 2>&1'), ['warning make-audit-purge 2']],
    ['make -C with a relative folder', cron('make -C navi audit-purge >> /l 2>&1'), ['error make-audit-purge 2', 'error relative-workdir 2']],
    ['a missing PYTHONPATH', cron(RUN.replace('PYTHONPATH=/srv/navi ', '')), ['error no-pythonpath 2']],
    ['PYTHONPATH set above', `PYTHONPATH=/srv/navi\n${cron(RUN.replace('PYTHONPATH=/srv/navi ', ''))}`, []],
    ['PYTHONPATH exported', cron(RUN.replace('PYTHONPATH=', 'export PYTHONPATH=').replace('/srv/navi /srv/navi/.venv', '/srv/navi && /srv/navi/.venv')), []],
    ['an assignment that is not exported', cron(RUN.replace('PYTHONPATH=/srv/navi /srv', 'PYTHONPATH=/srv/navi; /srv')), ['error no-pythonpath 2']],
    ['PYTHONPATH through env', cron(RUN.replace('PYTHONPATH=', 'env PYTHONPATH=')), []],
    ['PYTHONPATH inside backend', cron(RUN.replace('PYTHONPATH=/srv/navi', 'PYTHONPATH=/srv/navi/backend')), ['error wrong-pythonpath 2', 'warning pythonpath-elsewhere 2']],
    ['PYTHONPATH=. after cd', cron(RUN.replace('PYTHONPATH=/srv/navi', 'PYTHONPATH=.')), []],
    ['PYTHONPATH=. without cd', cron(RUN.replace('cd /srv/navi && PYTHONPATH=/srv/navi', 'PYTHONPATH=.').replace(' backend/', ' /srv/navi/backend/')), ['error relative-pythonpath 2', 'warning no-cd 2']],
    ['a module, which needs no PYTHONPATH after cd', cron('cd /srv/navi && /srv/navi/.venv/bin/python -m backend.scripts.purge_audit_logs >> /l 2>&1'), []],
    ['a module without cd', cron('/srv/navi/.venv/bin/python -m backend.scripts.purge_audit_logs >> /l 2>&1'), ['error no-pythonpath 2']],
    ['a relative folder', cron(RUN.replace('cd /srv/navi', 'cd navi')), ['error relative-workdir 2']],
    ['a folder out of a variable', cron(RUN.replace('cd /srv/navi', 'cd $NAVI')), ['warning workdir-unknown 2']],
    ['no cd', cron(RUN.replace('cd /srv/navi && ', '')), ['error no-cd 2']],
    ['python by its name', cron(RUN.replace('/srv/navi/.venv/bin/python', 'python3')), ['warning python-by-name 2']],
    ['another script', cron(RUN.replace('purge_audit_logs', 'purge_audit_log')), ['error wrong-script 2']],
    ['the script of another folder', cron(RUN.replace('backend/scripts/', 'scripts/')), ['error wrong-script 2']],
    ['a bare percent sign', cron(RUN.replace('/var/log/purge.log', '/var/log/purge-$(date +%F).log')), ['error percent 2', 'warning errors-lost 2']],
    ['an escaped percent sign', cron(RUN.replace('/var/log/purge.log', '"/var/log/purge-$(date +\\%F).log"')), []],
    ['output thrown away', cron(RUN.replace('>> /var/log/purge.log', '> /dev/null')), ['warning output-lost 2']],
    ['output thrown away in the short form', cron(RUN.replace('>> /var/log/purge.log 2>&1', '&> /dev/null')), ['warning output-lost 2']],
    ['output that nothing keeps', cron(RUN.replace(' >> /var/log/purge.log 2>&1', '')), ['warning output-lost 2']],
    ['output overwritten', cron(RUN.replace('>>', '>')), ['warning output-overwritten 2']],
    ['errors lost', cron(RUN.replace(' 2>&1', '')), ['warning errors-lost 2']],
    ['an exit code that is swallowed', cron(`${RUN} || true`), ['warning exit-code 2']],
    ['a pipe', cron(RUN.replace('>> /var/log/purge.log 2>&1', '2>&1 | logger -t purge')), expect.arrayContaining(['warning exit-code 2']) as unknown as string[]],
    ['a command behind', cron(`${RUN}; echo done`), ['warning exit-code 2']],
    ['the background', cron(`${RUN} &`), ['warning exit-code 2']],
    ['cd with a semicolon', cron(RUN.replace(' && PYTHON', '; PYTHON')), ['warning cd-unchecked 2']],
    ['the time of the machine', `15 2 * * * ${RUN}\n`, ['error local-time 1']],
    ['another zone', `CRON_TZ=Europe/Berlin\n15 2 * * * ${RUN}\n`, ['error local-time 1']],
    ['a day that never comes', cron(RUN, '0 0 31 2 *'), ['error never 2']],
    ['each minute', cron(RUN, '* * * * *'), ['warning too-often 2']],
    ['once a year', cron(RUN, '@yearly'), ['warning too-rarely 2']],
    ['only at the start of the machine', cron(RUN, '@reboot'), ['error at-boot 2']],
    ['a time that cron refuses', cron(RUN, '15 25 * * *'), ['error bad-schedule 2']],
    ['retention switched off', `AUDIT_RETENTION_ENABLED=false\n${cron(RUN)}`, ['error retention-off 1']],
    ['retention switched off in the line', cron(RUN.replace('PYTHONPATH', 'AUDIT_RETENTION_ENABLED=0 PYTHONPATH')), ['error retention-off 2']],
    ['no days', `AUDIT_RETENTION_DAYS=0\n${cron(RUN)}`, ['error retention-days 1']],
    ['days of its own', `AUDIT_RETENTION_DAYS=90\n${cron(RUN)}`, ['warning retention-days 1']],
    ['a line that is commented out', `CRON_TZ=UTC\n# 15 2 * * * ${RUN}\n`, ['error commented-out 2']],
    ['a quote that is not closed', cron(RUN.replace('/srv/navi &&', "'/srv/navi &&")), ['error unclosed-quote 2']],
    ['a system crontab with its user', cron(`navi ${RUN}`), []],
    ['line ends of Windows', cron(RUN).replaceAll('\n', '\r\n'), ['error line-ends 2']],
    ['PYTHONPATH that is only what it was before', cron(RUN.replace('PYTHONPATH=/srv/navi', 'PYTHONPATH=$PYTHONPATH')), ['error no-pythonpath 2']],
    ['PYTHONPATH out of the folder', cron(RUN.replace('PYTHONPATH=/srv/navi', 'PYTHONPATH=$(pwd)')), []],
    ['PYTHONPATH out of a variable that is not set', cron(RUN.replace('PYTHONPATH=/srv/navi', 'PYTHONPATH=$NAVI')), ['warning pythonpath-unknown 2']],
    ['a variable that is set above', `NAVI=/srv/navi\n${cron('cd $NAVI && PYTHONPATH=${NAVI} $NAVI/.venv/bin/python backend/scripts/purge_audit_logs.py >> /l 2>&1')}`, []],
    ['a subshell', cron(`(${RUN.replace(' >> /var/log/purge.log 2>&1', '')}) >> /l 2>&1`), []],
    ['braces', cron(`{ ${RUN.replace(' >> /var/log/purge.log 2>&1', '')}; } >> /l 2>&1`), []],
    ['a group whose exit code is swallowed', cron(`(${RUN}) || true`), ['warning exit-code 2']],
    ['a file of variables that is read first', cron(RUN.replace('PYTHONPATH=/srv/navi', '. ./.env &&')), ['warning no-pythonpath 2']],
    ['an environment of Python that is entered', cron(RUN.replace('PYTHONPATH=/srv/navi /srv/navi/.venv/bin/python', '. .venv/bin/activate && PYTHONPATH=. python')), []],
    ['PYTHONPATH behind sudo', cron(RUN.replace('PYTHONPATH=', 'sudo -u navi PYTHONPATH=')), []],
    ['PYTHONPATH before sudo, which takes it away', cron(RUN.replace('/srv/navi /srv', '/srv/navi sudo -u navi /srv')), ['error no-pythonpath 2']],
    ['sudo that keeps it', cron(RUN.replace('/srv/navi /srv', '/srv/navi sudo -E -u navi /srv')), []],
    ['su', cron(`su navi -c "${RUN.replace('PYTHONPATH=/srv/navi ', '')}"`), ['error no-pythonpath 2', 'warning output-lost 2']],
    ['Python that does not read PYTHONPATH', cron(RUN.replace('bin/python', 'bin/python -I')), ['error ignores-pythonpath 2']],
    ['a module, inside backend', cron('cd /srv/navi/backend && /srv/navi/.venv/bin/python -m backend.scripts.purge_audit_logs >> /l 2>&1'), ['error wrong-workdir 2']],
    ['a folder with a space and no quotes', cron(RUN.replace('cd /srv/navi', 'cd /srv/na vi').replace('PYTHONPATH=/srv/navi', 'PYTHONPATH="/srv/na vi"')), expect.arrayContaining(['error bad-cd 2']) as unknown as string[]],
    ['make --directory', cron('PYTHONPATH=/srv/navi make --directory=/srv/navi audit-purge >> /l 2>&1'), ['warning make-audit-purge 2']],
    ['make with another PYTHONPATH', cron('cd /srv/navi && PYTHONPATH=/opt/x make audit-purge >> /l 2>&1'), ['warning pythonpath-elsewhere 2', 'warning make-audit-purge 2']],
    ['a container', cron('docker exec -w /app -e PYTHONPATH=/app navi /usr/bin/python3 backend/scripts/purge_audit_logs.py >> /l 2>&1'), []],
    ['a container with a shell', cron(`docker exec navi sh -c 'cd /app && PYTHONPATH=/app /usr/bin/python3 backend/scripts/purge_audit_logs.py' >> /l 2>&1`), []],
    ['a container without PYTHONPATH', cron('docker exec navi /usr/bin/python3 backend/scripts/purge_audit_logs.py >> /l 2>&1'), ['error no-pythonpath 2', 'warning no-cd 2']],
    ['make in a container', cron('docker compose exec -T backend make audit-purge >> /l 2>&1'), ['error make-audit-purge 2', 'warning no-cd 2']],
    ['a script of their own', cron('/usr/local/bin/audit-purge.sh >> /l 2>&1'), ['warning not-seen 2']],
    ['a unit that is started', cron('systemctl start audit-purge.service >> /l 2>&1'), ['warning not-seen 2']],
    ['the route of the server', cron('curl -fX POST https://navi.example/api/audit/purge >> /l 2>&1'), ['warning by-route 2']],
    ['a question before it', cron(`test -e backend/scripts/purge_audit_logs.py; ${RUN}`), []],
    ['its name in the log alone', cron('/opt/backup >> /var/log/audit-purge.log 2>&1'), ['error wrong-script 2']],
    ['six fields', cron(RUN, '0 15 2 * * *'), ['error bad-line 2']],
    ['a line that goes on', cron(RUN.replace('&& ', '&& \\\n  ')), ['error continued-line 2']],
    ['a byte order mark', `\ufeff${cron(RUN)}`, ['error byte-order-mark 1']],
    ['a shell in between', cron(`bash -lc "cd /srv/navi && make audit-purge" >> /l 2>&1`), ['error make-audit-purge 2']],
  ])('%s', (_what, text, expected) => {
    expect(lintSchedule(text, '').kind).toBe('cron');
    expect(rules(text)).toEqual(expected);
  });

  it('a file in /etc/cron.d names a user, has no dot in its name, and ends its last line', () => {
    expect(rules(cron(RUN), '/etc/cron.d/navi')).toEqual(['error no-user 2']);
    expect(rules(cron(RUN), '/etc/crontab')).toEqual(['error no-user 2']);
    expect(rules(cron(`navi ${RUN}`), '/etc/cron.d/navi.cron')).toEqual(['error ignored-name -']);
    expect(rules(cron(`navi ${RUN}`).trimEnd(), '/etc/cron.d/navi')).toEqual(['warning no-line-end 2']);
    expect(rules('CRON_TZ=UTC\n0 1 * * * /usr/bin/backup\n', 'crontab')).toEqual(['error no-purge -']);
  });

  it('lines that do something else are left alone, and what only the machine knows is asked for', () => {
    const { problems, ask } = lintSchedule(`MAILTO=""\n* * * * * /usr/bin/something | tee x || true\n${cron(RUN)}`, '');
    expect(problems).toEqual([]);
    expect(ask.join('\n')).toContain('timedatectl');
  });
});

const SERVICE = `[Unit]
Description=Purge

[Service]
Type=oneshot
User=navi
WorkingDirectory=/srv/navi
Environment=PYTHONPATH=/srv/navi
ExecStart=/srv/navi/.venv/bin/python /srv/navi/backend/scripts/purge_audit_logs.py
`;
const TIMER = `[Unit]
Description=Purge

[Timer]
OnCalendar=*-*-* 02:15:00 UTC
Persistent=true
Unit=purge.service

[Install]
WantedBy=timers.target
`;
const without = (text: string, start: string): string => text.split('\n').filter((line) => !line.startsWith(start)).join('\n');

describe('a systemd service', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['what is right', SERVICE, []],
    ['the documented service', '[Service]\nExecStart=/bin/bash -lc "cd /path/to/autonomous-engineering-platform && make audit-purge"\n', ['warning not-oneshot 1', 'warning as-root 1', 'error placeholder 2', 'error make-audit-purge 2', 'warning shell 2']],
    ['no PYTHONPATH', without(SERVICE, 'Environment='), ['error no-pythonpath 8']],
    ['a file of variables that may set it', SERVICE.replace('Environment=PYTHONPATH=/srv/navi', 'EnvironmentFile=/etc/navi.env'), ['warning no-pythonpath 9']],
    ['a relative PYTHONPATH', SERVICE.replace('PYTHONPATH=/srv/navi', 'PYTHONPATH=.'), ['error relative-pythonpath 8']],
    ['no working directory', without(SERVICE, 'WorkingDirectory='), ['warning no-cd 8']],
    ['no working directory and a relative script', without(SERVICE, 'WorkingDirectory=').replace(' /srv/navi/backend', ' backend'), ['error no-cd 8']],
    ['a relative working directory', SERVICE.replace('WorkingDirectory=/srv', 'WorkingDirectory=srv'), expect.arrayContaining(['error relative-workdir 7']) as unknown as string[]],
    ['quotes around the working directory', SERVICE.replace('WorkingDirectory=/srv/navi', 'WorkingDirectory="/srv/navi"'), expect.arrayContaining(['error quoted-workdir 7']) as unknown as string[]],
    ['no command', without(SERVICE, 'ExecStart='), ['error no-command 4']],
    ['another command', SERVICE.replace('purge_audit_logs', 'check'), expect.arrayContaining(['error wrong-script 9']) as unknown as string[]],
    ['shell syntax without a shell', SERVICE.replace('.py\n', '.py >> /var/log/purge.log 2>&1\n'), ['error shell-syntax 9']],
    ['failures that count as success', SERVICE.replace('ExecStart=', 'ExecStart=-').replace('Type=', 'SuccessExitStatus=1\nType='), ['warning exit-code 5', 'warning exit-code 10']],
    ['over and over', SERVICE.replace('Type=', 'Restart=always\nType='), ['error restart 5']],
    ['not oneshot', without(SERVICE, 'Type='), ['warning not-oneshot 4']],
    ['as root', without(SERVICE, 'User='), ['warning as-root 4']],
    ['output thrown away', SERVICE.replace('Type=', 'StandardOutput=null\nType='), ['warning output-lost 5', 'warning output-lost 10']],
    ['a bare percent sign', SERVICE.replaceAll('/srv/navi', '/srv/100%-navi'), ['error percent 7', 'error percent 8', 'error percent 9']],
    ['retention switched off', SERVICE.replace('Environment=', 'Environment=AUDIT_RETENTION_ENABLED=False '), ['error retention-off 8']],
    ['a setting in the wrong section', SERVICE.replace('Description=Purge', 'ExecStart=/bin/true'), ['error wrong-section 2']],
    ['a value with spaces and no quotes', SERVICE.replace('PYTHONPATH=/srv/navi', 'PYTHONPATH=/srv/na vi'), expect.arrayContaining(['error bad-environment 8']) as unknown as string[]],
    ['a line that goes on', SERVICE.replace('python /srv', 'python \\\n  /srv'), []],
    ['quotes around a value', SERVICE.replace('=PYTHONPATH=/srv/navi', '=PYTHONPATH="/srv/navi"'), []],
    ['PYTHONPATH through env', SERVICE.replace('Environment=PYTHONPATH=/srv/navi\n', '').replace('ExecStart=', 'ExecStart=/usr/bin/env PYTHONPATH=/srv/navi '), []],
    ['an assignment where the program stands', SERVICE.replace('ExecStart=', 'ExecStart=PYTHONPATH=/srv/navi '), expect.arrayContaining(['error shell-syntax 9']) as unknown as string[]],
    ['a program out of a variable', SERVICE.replace('ExecStart=/srv/navi/.venv/bin/python', 'ExecStart=${PYTHON}'), expect.arrayContaining(['error relative-program 9']) as unknown as string[]],
    ['a command that is taken away', `${SERVICE}ExecStart=\n`, ['error no-command 4']],
    ['a command in the place of another', SERVICE.replace('ExecStart=', 'ExecStart=/usr/bin/make audit-purge\nExecStart=\nExecStart='), []],
    ['a variable that is taken away', `${SERVICE}UnsetEnvironment=PYTHONPATH\n`, ['error no-pythonpath 9']],
    ['a file of variables that is taken away', SERVICE.replace('Environment=PYTHONPATH=/srv/navi', 'EnvironmentFile=/etc/navi.env\nEnvironmentFile='), ['error no-pythonpath 10']],
    ['a file of variables that systemd ignores', SERVICE.replace('Environment=', 'EnvironmentFile="/etc/navi.env"\nEnvironment='), ['error relative-environment-file 8']],
    ['root by name', SERVICE.replace('User=navi', 'User=root'), ['warning as-root 4']],
  ])('%s', (_what, text, expected) => {
    expect(rules(text)).toEqual(expected);
    expect(lintSchedule(text, '').kind).toBe('systemd-service');
  });
});

describe('a systemd timer', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['what is right', TIMER, []],
    ['the documented timer between the fences of a page', '```ini\n[Timer]\nOnCalendar=*-*-* 02:15:00\nPersistent=true\n```\n', ['error no-install 2', 'error local-time 3']],
    ['the documented timer', '[Timer]\nOnCalendar=*-*-* 02:15:00\nPersistent=true\n', ['error no-install 1', 'error local-time 2']],
    ['a time of the machine', TIMER.replace(' UTC', ''), ['error local-time 5']],
    ['no Persistent', without(TIMER, 'Persistent='), ['warning not-persistent 4']],
    ['Persistent=false', TIMER.replace('Persistent=true', 'Persistent=false'), ['warning not-persistent 6']],
    ['no [Install]', TIMER.slice(0, TIMER.indexOf('[Install]')), ['error no-install 4']],
    ['wanted by another target', TIMER.replace('timers.target', 'multi-user.target'), ['warning wanted-elsewhere 10']],
    ['no time', without(TIMER, 'OnCalendar='), ['error no-time 4']],
    ['cron in OnCalendar', TIMER.replace('*-*-* 02:15:00 UTC', '15 2 * * *'), ['error bad-calendar 5']],
    ['never', TIMER.replace('*-*-*', '*-02-31'), ['error never 5']],
    ['each minute', TIMER.replace('02:15:00', '*:*:00'), ['warning too-often 5']],
    ['what is not judged', TIMER.replace('*-*-* ', '*-*~1 '), ['warning calendar-unjudged 5']],
    ['a unit that is no service', TIMER.replace('purge.service', 'purge'), ['error wrong-unit 7']],
    ['what systemctl said: disabled', `${TIMER}\n● purge.timer - Purge\n     Loaded: loaded (/etc/systemd/system/purge.timer; disabled; preset: enabled)\n     Active: inactive (dead)\n`, expect.arrayContaining(['error timer-not-enabled 13', 'error timer-not-active 14']) as unknown as string[]],
  ])('%s', (_what, text, expected) => {
    expect(rules(text)).toEqual(expected);
    expect(lintSchedule(text, '').kind).toBe('systemd-timer');
  });

  it('takes away what stood before an empty OnCalendar=, and knows the short forms of zones', () => {
    expect(rules(TIMER.replace('OnCalendar=', 'OnCalendar=daily\nOnCalendar=\nOnCalendar='))).toEqual([]);
    expect(rules(TIMER.replace('UTC', 'CET'))).toEqual(['error local-time 5']);
    expect(rules(TIMER.replace('*-*-* 02:15:00 UTC', '@daily'))).toEqual(['error bad-calendar 5']);
  });

  it('a file without a section, or with those of another kind, is no unit', () => {
    for (const name of ['purge.timer', 'purge.service']) for (const text of ['', '\0\u0001', '# nothing\n']) expect(rules(text, name)).toEqual(['error empty -']);
    expect(rules(SERVICE, 'purge.timer')).toEqual(expect.arrayContaining(['error no-time -', 'error no-install -']));
    expect(rules(TIMER, 'purge.service')).toContain('error no-command -');
  });

  it('a file that only changes a unit is judged by what is in it, and the whole is asked for', () => {
    expect(rules('[Timer]\nOnCalendar=\nOnCalendar=02:15 UTC\n', '/etc/systemd/system/purge.timer.d/override.conf')).toEqual(['warning part-of-unit -']);
    expect(rules('[Timer]\nOnCalendar=\nOnCalendar=02:15\n', 'override.conf')).toEqual(['warning part-of-unit -', 'error local-time 3']);
    expect(rules('[Service]\nEnvironment=PYTHONPATH=/srv/navi\n', 'override.conf')).toEqual(['warning part-of-unit -']);
    const cat = `# /etc/systemd/system/purge.timer\n${TIMER.replace(' UTC', '')}\n# /etc/systemd/system/purge.timer.d/override.conf\n[Unit]\nDescription=x\n[Timer]\nOnCalendar=\nOnCalendar=02:15 UTC\n`;
    expect(rules(cat)).toEqual([]);
  });

  it('asks whether it is enabled, by its name', () => {
    expect(rules(`${TIMER}$ systemctl is-enabled purge.timer\ndisabled\n`)).toContain('error timer-not-enabled 12');

    expect(lintSchedule(TIMER, 'purge.timer').ask).toContain('systemctl is-enabled purge.timer   # must print: enabled');
    expect(rules('● purge.timer\n     Loaded: loaded (/etc/systemd/system/purge.timer; enabled; preset: enabled)\n     Active: active (waiting)\n')).toEqual([]);
    expect(rules('purge.timer disabled enabled\n0 timers listed.\n', 'purge.timer')).toEqual(['error timer-not-enabled 1', 'error timer-not-active 2']);
  });

  it('reads both units of one paste, and sees that the timer starts another service', () => {
    expect(rules(`# /etc/systemd/system/purge.timer\n${TIMER}\n# /etc/systemd/system/purge.service\n${SERVICE}`)).toEqual([]);
    expect(rules(`# /etc/systemd/system/purge.timer\n${TIMER}\n# /etc/systemd/system/aep-purge.service\n${SERVICE}`)).toEqual(['error no-such-service 8']);
  });
});

const JOB = `apiVersion: batch/v1
kind: CronJob
metadata:
  name: purge
  namespace: navi-prod
spec:
  schedule: "15 2 * * *"
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3600
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: purge
              image: ghcr.io/acme/navi:1.2
              workingDir: /app
              command: ["/usr/bin/python3", "backend/scripts/purge_audit_logs.py"]
              env:
                - name: PYTHONPATH
                  value: /app
              envFrom:
                - secretRef:
                    name: navi
`;

describe('a CronJob', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['what is right', JOB, []],
    ['no PYTHONPATH', JOB.replace(/ {14}env:\n.*\n.*\n/, ''), ['warning no-pythonpath 20']],
    ['no PYTHONPATH and no file of variables', JOB.replace(/ {14}env:[\s\S]*$/, ''), ['warning no-settings 17', 'error no-pythonpath 20']],
    ['make', JOB.replace('["/usr/bin/python3", "backend/scripts/purge_audit_logs.py"]', '[make, audit-purge]').replace('PYTHONPATH', 'OTHER'), ['warning make-audit-purge 20']],
    ['a shell', JOB.replace('["/usr/bin/python3", "backend/scripts/purge_audit_logs.py"]', '[sh, -c, "cd /app && python backend/scripts/purge_audit_logs.py || true"]'), ['warning python-by-name 20', 'warning exit-code 20']],
    ['suspended', JOB.replace('spec:\n  schedule', 'spec:\n  suspend: true\n  schedule'), ['error suspended 7']],
    ['no time zone', JOB.replace('  timeZone: Etc/UTC\n', ''), ['error local-time 7']],
    ['a time zone in the schedule', JOB.replace('"15 2', '"CRON_TZ=UTC 15 2'), ['error bad-schedule 7']],
    ['never', JOB.replace('15 2 * * *', '0 0 30 2 *'), ['error never 7']],
    ['each minute', JOB.replace('15 2 * * *', '* * * * *'), ['warning too-often 7']],
    ['two at once', JOB.replace('Forbid', 'Allow'), ['warning concurrency 9']],
    ['no deadline', JOB.replace(/ {2}starting.*\n/, ''), ['warning deadline 7']],
    ['a deadline that is too short', JOB.replace('3600', '5'), ['error deadline 10']],
    ['restarting for ever', JOB.replace('          restartPolicy: Never\n', ''), ['error restart-policy 15']],
    ['no image', JOB.replace(/ +image: .*\n/, ''), ['error no-image 17']],
    ['the latest image', JOB.replace(':1.2', ':latest'), ['warning image-tag 18']],
    ['no working directory', JOB.replace(/ +workingDir: .*\n/, ''), ['error no-cd 19']],
    ['a relative working directory', JOB.replace('/app\n              command', 'app\n              command'), expect.arrayContaining(['error relative-workdir 19']) as unknown as string[]],
    ['a command in one word', JOB.replace('["/usr/bin/python3", "backend/scripts/purge_audit_logs.py"]', '["/usr/bin/python3 backend/scripts/purge_audit_logs.py"]'), expect.arrayContaining(['error one-word 20']) as unknown as string[]],
    ['an old version', JOB.replace('batch/v1', 'batch/v1beta1'), ['error api-version 1']],
    ['retention switched off', JOB.replace('              envFrom', '                - name: AUDIT_RETENTION_ENABLED\n                  value: "false"\n              envFrom'), ['error retention-off 24']],
    ['a value that is no text', JOB.replace('              envFrom', '                - name: AUDIT_RETENTION_ENABLED\n                  value: true\n              envFrom'), ['error env-type 25']],
    ['no namespace', JOB.replace('  namespace: navi-prod\n', ''), ['warning no-namespace 4']],
    ['a job that runs once', JOB.replace('kind: CronJob', 'kind: Job'), ['error no-cronjob -']],
    ['a placeholder', JOB.replace('ghcr.io/acme/navi:1.2', '<<IMAGE>>'), ['error placeholder 18']],
    ['a key twice', JOB.replace('spec:\n  schedule', 'spec:\n  schedule: x\n  schedule'), ['error bad-yaml 8']],
    ['a name that Kubernetes refuses', JOB.replace('name: purge', 'name: Purge_Job'), ['error bad-name 4']],
    ['variables as a map', JOB.replace('- name: PYTHONPATH\n                  value: /app', 'PYTHONPATH: /app'), ['warning no-pythonpath 20', 'error env-type 22']],
    ['variables beside the containers', JOB.replace('          containers:', '          env: [{ name: PYTHONPATH, value: /app }]\n          containers:'), ['error wrong-place 16']],
    ['PYTHONPATH through env', JOB.replace('["/usr/bin/python3"', '["/usr/bin/env", "PYTHONPATH=/app", "/usr/bin/python3"').replace(/ {14}env:\n.*\n.*\n/, ''), []],
    ['a script that stops at once', JOB.replace('["/usr/bin/python3", "backend/scripts/purge_audit_logs.py"]', '\n                - sh\n                - -c\n                - |\n                  set -e\n                  cd /app\n                  /usr/bin/python3 backend/scripts/purge_audit_logs.py'), []],
    ['JSON on one line', JSON.stringify({ apiVersion: 'batch/v1', kind: 'CronJob' }), ['error no-purge 1']],
    ['several documents', `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n${JOB}`, []],
    ['a list', `apiVersion: v1\nkind: List\nitems:\n${JOB.trimEnd().split('\n').map((line, index) => `${index === 0 ? '- ' : '  '}${line}`).join('\n')}\n`, []],
  ])('%s', (_what, text, expected) => {
    expect(lintSchedule(text, '').kind).toBe('kubernetes');
    expect(rules(text)).toEqual(expected);
  });

  it('asks for the secret by its name', () => expect(lintSchedule(JOB, '').ask).toContain('kubectl get secret navi   # in its namespace: must be what the backend itself uses'));
});

describe('anything else', () => {
  it('a line of shell is examined, and said to run once', () => {
    expect(lintSchedule('make audit-purge', '').kind).toBe('shell');
    expect(rules('make audit-purge')).toEqual(['warning no-schedule -', 'error make-audit-purge 1', 'error no-cd 1']);
    expect(rules('sudo cp x.timer /etc/systemd/system/\nsudo systemctl start audit-purge.timer\n')).toContain('error timer-not-enabled -');
    expect(rules('hello')).toEqual(['error unknown -']);
    expect(rules('')).toEqual(['error unknown -']);
  });

  it('a script of a folder that cron goes through needs no schedule, and no dot in its name', () => {
    const script = `#!/bin/sh\nset -e\ncd /srv/navi\nPYTHONPATH=/srv/navi /srv/navi/.venv/bin/python backend/scripts/purge_audit_logs.py\n`;
    expect(rules(script, '/etc/cron.daily/navi-purge')).toEqual([]);
    expect(rules(script, '/etc/cron.daily/navi-purge.sh')).toEqual(['error ignored-name -']);
    expect(rules('#!/bin/sh\necho hi\n', 'x.sh')).toContain('error no-purge -');
  });

  it('no text makes it fail, and a report fits the contract (property)', () => {
    const piece = fc.constantFrom('[Timer]', '[Service]', '[Unit]', '\n', '\\\n', 'OnCalendar=', 'ExecStart=', 'audit-purge', 'backend/scripts/purge_audit_logs.py', 'kind: CronJob', 'apiVersion: batch/v1', ': ', '- ', '&a ', '*a', '[', '{', '"', "'", '15 2 * * * ', '@daily ', '%', '$(', '|', '&&', '<<X>>', 'cd ', 'PYTHONPATH=', 'items:', 'spec:', '\t', '#', 'Loaded: loaded (', 'é', '\0');
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''))), fc.constantFrom('', 'a.timer', 'a.service', 'a.yaml', '/etc/cron.d/a', 'a.sh'), (text, name) => {
      for (const { line, message, fix } of lintSchedule(text, name).problems) {
        expect(line === null || (Number.isInteger(line) && line >= 1)).toBe(true);
        expect(message.length * fix.length).toBeGreaterThan(0);
        expect(message).not.toMatch(/[\p{Cc}\u2028]/u);
      }
    }), { seed, numRuns: 2000 });
  });

  it('is quick with what is made to be slow', () => {
    for (const text of [`15 2 * * * ${'a '.repeat(100_000)}audit-purge`, `kind: CronJob\n${'['.repeat(100_000)}`, `${'- '.repeat(60_000)}kind: CronJob`, `a: &a [${'x,'.repeat(10)}]\n${Array.from({ length: 30 }, (_, index) => `b${index}: &b${index} [${'*a,'.repeat(10)}]`).join('\n')}\nkind: CronJob`, `[Service]\nExecStart=${'\\'.repeat(100_000)}`, `${'<your'.repeat(50_000)}`, `kind: CronJob\n${Array.from({ length: 20_000 }, (_, index) => `a${index}: 1`).join('\n')}`, `15 2 * * * ${'$('.repeat(100_000)}audit-purge`, `15 2 * * * ${'(a;'.repeat(30_000)}audit-purge${')>x'.repeat(30_000)}`]) expect(lintSchedule(text, '').problems.length).toBeGreaterThan(0);
  });
});

describe('shell words', () => {
  it('are read as a shell reads them', () => {
    expect(shellWords(`a 'b c' "d $e" f\\ g 'it'\\''s' 2>&1 >>x # no`)?.map(({ text }) => text)).toEqual(['a', 'b c', 'd $e', 'f g', "it's", '2>&1', '>>', 'x']);
    expect(shellWords("a 'b")).toBeNull();
    expect(simpleCommands(shellWords('A=1 B=2 x y && z > /o 2>&1') ?? [])).toMatchObject([{ assignments: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], after: '&&' }, { before: '&&', redirects: [{ operator: '>', target: '/o' }, { operator: '2>&1' }] }]);
  });
});
