// Owns comparing a replayed answer with the captured one; refuses to forgive anything but what changes from run to run.
import type { CapturedResponse } from './navi-capture-replay.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const AWARE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{6})?\+00:00$/;

/** Fields whose value differs from run to run, and what must hold of them instead of equality. */
const VOLATILE: Readonly<Record<string, (replayed: unknown, captured: unknown) => boolean>> = {
  request_id: (replayed) => typeof replayed === 'string' && UUID.test(replayed),
  latency_ms: (replayed) => typeof replayed === 'number' && replayed >= 0,
  timestamp: isAwareTime,
  build_timestamp: isAwareTime,
  python_version: (replayed) => typeof replayed === 'string',
  platform: (replayed) => typeof replayed === 'string',
  retry_after: (replayed) => typeof replayed === 'number' && Number.isInteger(replayed) && replayed > 0,
  // The clock stands at the second of the capture's Date header, which is written after the cut-off was computed.
  cutoff_iso: isSameMoment,
  cutoff: isSameMoment,
};

function isAwareTime(replayed: unknown): boolean {
  return typeof replayed === 'string' && AWARE_TIME.test(replayed);
}

function isSameMoment(replayed: unknown, captured: unknown): boolean {
  return isAwareTime(replayed) && Math.abs(Date.parse(String(replayed)) - Date.parse(String(captured))) <= 2000;
}

/** Header values that must be equal, absence included. */
const EQUAL_HEADERS = [
  'server', 'content-type', 'x-error-code', 'www-authenticate', 'allow', 'vary', 'x-ratelimit-limit', 'x-ratelimit-category',
  'access-control-allow-methods', 'access-control-max-age', 'access-control-allow-credentials', 'access-control-allow-origin',
  'access-control-allow-headers', 'access-control-expose-headers',
] as const;

/** Headers that must be there, or not be there, as captured. */
const PRESENT_HEADERS = ['x-request-id', 'server-timing', 'x-cache-enabled', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'retry-after'] as const;

/** Every difference in words; an empty list means that the answers agree. */
export function differences(replayed: CapturedResponse, captured: CapturedResponse): readonly string[] {
  return [
    ...(replayed.status === captured.status ? [] : [`status: ${replayed.status}, captured ${captured.status}`]),
    ...headerDifferences(replayed.headers, captured.headers),
    ...bodyDifferences(replayed, captured),
  ];
}

function headerDifferences(replayed: CapturedResponse['headers'], captured: CapturedResponse['headers']): readonly string[] {
  const values = [
    ...EQUAL_HEADERS.map((name) => [name, replayed[name], captured[name]] as const),
    ...PRESENT_HEADERS.map((name) => [`presence of ${name}`, String(name in replayed), String(name in captured)] as const),
    ['location', withoutPort(replayed['location']), withoutPort(captured['location'])] as const,
    ['content-disposition', withoutClock(replayed['content-disposition']), withoutClock(captured['content-disposition'])] as const,
  ];
  return values.filter(([, left, right]) => left !== right).map(([name, left, right]) => `header ${name}: ${left}, captured ${right}`);
}

function withoutPort(location: string | undefined): string | undefined {
  return location?.replace(/^(http:\/\/127\.0\.0\.1):\d+/, '$1');
}

/** The file name carries the second of the answer, which may be one before the Date header's. */
function withoutClock(disposition: string | undefined): string | undefined {
  return disposition?.replace(/\d{8}T\d{6}Z/, 'TIME');
}

function bodyDifferences(replayed: CapturedResponse, captured: CapturedResponse): readonly string[] {
  if (captured.json !== undefined) {
    const json = captured.isTrimmed === true && Array.isArray(replayed.json) && Array.isArray(captured.json) ? replayed.json.slice(0, captured.json.length) : replayed.json;
    return valueDifferences('$', json, captured.json);
  }
  if (captured.headers['content-type']?.startsWith('text/plain; version=') === true) return metricDifferences(replayed.text ?? '', captured.text ?? '');
  return replayed.text === captured.text ? [] : [`text: ${JSON.stringify(replayed.text)}, captured ${JSON.stringify(captured.text)}`];
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Structure, types and nulls at every depth, and every value that is not volatile. */
function valueDifferences(path: string, replayed: unknown, captured: unknown): readonly string[] {
  if (typeName(replayed) !== typeName(captured)) return [`${path}: ${typeName(replayed)}, captured ${typeName(captured)}`];
  if (Array.isArray(replayed) && Array.isArray(captured)) {
    const length = replayed.length === captured.length ? [] : [`${path}: ${replayed.length} items, captured ${captured.length}`];
    return [...length, ...captured.flatMap((item: unknown, index) => (index < replayed.length ? valueDifferences(`${path}[${index}]`, replayed[index], item) : []))];
  }
  if (typeof replayed === 'object' && replayed !== null && typeof captured === 'object' && captured !== null) return objectDifferences(path, replayed, captured);
  return replayed === captured ? [] : [`${path}: ${JSON.stringify(replayed)}, captured ${JSON.stringify(captured)}`];
}

function objectDifferences(path: string, replayed: object, captured: object): readonly string[] {
  const [left, right] = [new Map<string, unknown>(Object.entries(replayed)), new Map<string, unknown>(Object.entries(captured))];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
    const at = `${path}.${key}`;
    if (!left.has(key)) return [`${at}: missing`];
    if (!right.has(key)) return [`${at}: not in the capture`];
    const [leftValue, rightValue] = [left.get(key), right.get(key)];
    const isVolatile = Object.hasOwn(VOLATILE, key) && typeof rightValue !== 'object';
    if (!isVolatile) return valueDifferences(at, leftValue, rightValue);
    return VOLATILE[key]?.(leftValue, rightValue) === true ? [] : [`${at}: ${JSON.stringify(leftValue)} does not stand for ${JSON.stringify(rightValue)}`];
  });
}

/** Metric families by name and type. Those of the Python runtime and of its client library's bookkeeping have no meaning here. */
function metricDifferences(replayed: string, captured: string): readonly string[] {
  const families = (text: string): readonly string[] =>
    text.split('\n').filter((line) => line.startsWith('# TYPE ') && !/^# TYPE (?:python_|process_)|_created gauge$/.test(line));
  const served = new Set(families(replayed));
  const missing = families(captured).filter((line) => !served.has(line));
  return [...(families(captured).length === 0 ? ['the capture names no metric family'] : []), ...missing.map((line) => `metrics: no "${line}"`)];
}
