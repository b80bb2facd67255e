// The Kubernetes CronJob for a deployment, as the API knows it (batch/v1, Kubernetes 1.27 and later).
import { stringify } from 'yaml';
import type { ScheduleFiles } from '#shared/domain/retention-schedule.ts';
import { forContainer, forShell, PURGED, scriptIn } from './values.ts';
import type { Values } from './values.ts';

// Every text is in quotes: older readers of YAML take on, no or 1e3 for something else.
/** Where the settings of the backend are kept in the cluster: said in the notes, and looked up in the steps. */
const SETTINGS = 'navi-backend-env';

export function kubernetesFile(name: string, { workdir, python, image, namespace }: Values): Pick<ScheduleFiles, 'files' | 'steps' | 'notes'> {
  const labels = { 'app.kubernetes.io/name': 'navi-audit-purge', 'app.kubernetes.io/component': 'retention' };
  const job = {
    apiVersion: 'batch/v1', kind: 'CronJob',
    metadata: { name, namespace, labels },
    spec: {
      schedule: '15 2 * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 3600, suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 2, activeDeadlineSeconds: 3600,
          template: {
            metadata: { labels },
            spec: {
              restartPolicy: 'Never', automountServiceAccountToken: false,
              containers: [{
                name: 'purge', image, workingDir: workdir, command: [forContainer(python), forContainer(scriptIn(workdir))],
                env: [{ name: 'PYTHONPATH', value: forContainer(workdir) }],
                envFrom: [{ secretRef: { name: SETTINGS } }],
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
                resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
              }],
            },
          },
        },
      },
    },
  };
  const file = `${name}.yaml`;
  const at = `-n ${forShell(namespace)}`;
  const byHand = `${name}-by-hand`;
  return {
    files: [{ name: file, place: `the cluster, namespace ${namespace}`, text: `# Deletes audit rows past the retention, every day at 02:15 UTC.\n${stringify(job, { lineWidth: 0, aliasDuplicateObjects: false, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' })}`, check: `kubectl apply --dry-run=server -f ${file}` }],
    steps: [
      `kubectl ${at} get secret ${SETTINGS}`,
      `kubectl ${at} get deployment navi-backend -o jsonpath='{.spec.template.spec.containers[*].envFrom}'`,
      `kubectl apply --dry-run=server -f ${file}`,
      `kubectl apply -f ${file}`,
      `kubectl ${at} create job ${byHand} --from=cronjob/${name}`,
      `kubectl ${at} wait --for=condition=complete --timeout=10m job/${byHand}; kubectl ${at} logs job/${byHand}`,
      `kubectl ${at} delete job ${byHand}`,
      `kubectl ${at} get cronjob ${name}`,
    ],
    notes: [
      `The run by hand must log "${PURGED}".`,
      `The settings of the backend (the address of the database, AUDIT_RETENTION_ENABLED, AUDIT_RETENTION_DAYS) come from the secret ${SETTINGS}. The first two commands show whether it is there and what the backend itself uses; where that is another name, change it in envFrom.`,
      '--workdir and --python are paths inside the image.',
    ],
  };
}
