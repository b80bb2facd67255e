// Probes of what should not be open to everybody: API pages, API description, metrics, device flow. Open is what really shows it; a page of something else proves nothing.
import type { ProbeAnswer } from '../../deployments/service.ts';
import { NOTED } from './probe.ts';
import type { PlannedRequest, Probe } from './probe.ts';
import { isObject, servedObject, serves, undecided } from './reading.ts';

const LARGE = 4 * 1024 * 1024;

/** Open when it serves what the route gives; closed when the deployment refuses. @throws AppError when something else is served */
function isOpen(answer: ProbeAnswer, shows: (text: string) => boolean): boolean {
  if (!serves(answer)) return false;
  if (!shows(answer.text)) throw undecided(answer, 'what it served is not what this route gives.');
  return true;
}

export const docs: Probe<'docs'> = {
  id: 'docs', title: 'API pages', consent: 'probes',
  about: `Asks for the pages that describe the API. ${NOTED}`,
  requests: { navi: [{ method: 'GET', path: '/docs', maxBytes: LARGE }], karen: [{ method: 'GET', path: '/docs', maxBytes: LARGE }] },
  facts: ([answer]) => ({ status: answer.status, is_open: isOpen(answer, (text) => /swagger|redoc|openapi/i.test(text)) }),
};

export const openapi: Probe<'openapi'> = {
  id: 'openapi', title: 'API description', consent: 'probes',
  about: `Asks for the machine-readable description of the API. ${NOTED}`,
  requests: { navi: [{ method: 'GET', path: '/openapi.json', maxBytes: LARGE }], karen: [{ method: 'GET', path: '/openapi.json', maxBytes: LARGE }] },
  facts([answer]) {
    if (!serves(answer)) return { status: answer.status, is_open: false, routes: 0 };
    const { openapi: version, swagger, paths } = servedObject(answer);
    if (typeof (version ?? swagger) !== 'string' || !isObject(paths)) throw undecided(answer, 'what it served is not the description of an API.');
    return { status: answer.status, is_open: true, routes: Object.keys(paths).length };
  },
};

/** The text format of Prometheus: a comment of its kind, or a name with a number. */
const isMetrics = (text: string): boolean => /^# (?:HELP|TYPE) [a-zA-Z_:]/m.test(text) || /^[a-zA-Z_:][\w:]*(?:\{[^}]*\})? [-+]?(?:\d|NaN|Inf)/m.test(text);

export const metrics: Probe<'metrics'> = {
  id: 'metrics', title: 'Metrics', consent: 'probes',
  about: `Asks for the metrics without a key. What comes back is not kept. ${NOTED}`,
  requests: { navi: [{ method: 'GET', path: '/metrics/metrics', maxBytes: LARGE }], karen: [{ method: 'GET', path: '/metrics', maxBytes: LARGE }] },
  facts: ([answer]) => ({ status: answer.status, is_open: isOpen(answer, isMetrics) }),
};

const DEVICE_START: PlannedRequest = { method: 'GET', path: '/oauth/device/start' };

export const deviceFlow: Probe<'device_flow'> = {
  id: 'device_flow', title: 'Device flow', consent: 'probes',
  about: `Asks for the start of the device flow by a GET, which starts nothing: 405 shows that it is there, 404 that it is not. ${NOTED}`,
  requests: { navi: [DEVICE_START] },
  facts([answer]) {
    if (answer.status !== 404 && answer.status !== 405) throw undecided(answer, 'only 404 and 405 would tell whether the device flow is there.');
    return { status: answer.status, is_mounted: answer.status === 405 };
  },
};
