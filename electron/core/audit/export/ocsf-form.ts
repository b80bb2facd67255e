// OCSF, class API Activity (6003), one event a line. What the server did not write down is called unknown; what the class has no place for stands under unmapped.
import { OCSF_VERSION } from '#shared/domain/audit-export.ts';
import { createdAt, hostOf, outcomeOf, sealedAt } from './export-row.ts';
import type { ExportForm, ExportOrigin, ExportRow } from './export-row.ts';
import { splicedPayload } from './json-text.ts';
import { shownJson } from './shown-text.ts';

const CLASS_UID = 6003;
const CATEGORY_UID = 6;
const OTHER = 99;
const ACTIVITIES: Readonly<Record<string, number>> = { POST: 1, GET: 2, HEAD: 2, OPTIONS: 2, PUT: 3, PATCH: 3, DELETE: 4 };
/** The values that the schema knows for http_request.http_method; PATCH came with 1.6.0. */
const HTTP_METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE']);
/** Informational, low, medium, unknown. */
const SEVERITIES = { normal: 1, refused: 2, failed: 3, unknown: 0 } as const;
/** Success, failure, unknown. */
const STATUSES = { normal: 1, refused: 2, failed: 2, unknown: 0 } as const;
/** The schema's own pattern for email_t, narrowed to plain addresses: any other text is a name. */
const EMAIL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;

type Json = string;
type Members = readonly (readonly [name: string, value: Json | null])[];

/** Members without a value are left out: a null would not be of the type that the schema asks for. */
function object(members: Members): Json {
  return `{${members.flatMap(([name, value]) => (value === null ? [] : [`"${name}":${value}`])).join(',')}}`;
}

const text = (value: string | null): Json | null => (value === null ? null : shownJson(value));

export function ocsfForm(origin: ExportOrigin): ExportForm {
  const host = hostOf(origin.url);
  const product = object([['name', shownJson('Holdfast')], ['vendor_name', shownJson('Holdfast')]]);
  const hostName = host === null ? null : shownJson(host);
  return {
    version: OCSF_VERSION,
    head: '',
    line(row) {
      const method = row.method.toUpperCase();
      const activity = ACTIVITIES[method] ?? OTHER;
      const outcome = outcomeOf(row);
      return `${object([
        ['activity_id', String(activity)],
        ['activity_name', activity === OTHER ? shownJson(row.method) : null],
        ['category_uid', String(CATEGORY_UID)],
        ['class_uid', String(CLASS_UID)],
        ['type_uid', String(CLASS_UID * 100 + activity)],
        ['time', String(Math.floor(row.createdAtUs / 1000))],
        ['severity_id', String(SEVERITIES[outcome])],
        ['status_id', String(STATUSES[outcome])],
        ['status_code', shownJson(String(row.statusCode))],
        ['metadata', object([
          ['version', shownJson(OCSF_VERSION)], ['product', product], ['uid', shownJson(String(row.id))], ['log_name', shownJson('audit')], ['log_provider', shownJson(origin.url)],
          ['event_code', shownJson(row.eventType)], ['tenant_uid', text(row.org)], ['original_time', shownJson(row.createdAtRaw)],
        ])],
        ['actor', object([['user', user(row)]])],
        ['api', object([['operation', shownJson(`${row.method} ${row.route}`)], ['response', object([['code', String(row.statusCode)]])]])],
        // The class asks for a source and the server writes down none.
        ['src_endpoint', object([['name', shownJson('unknown')]])],
        ['dst_endpoint', hostName === null ? null : object([['hostname', hostName]])],
        ['http_request', object([['http_method', HTTP_METHODS.has(method) ? shownJson(method) : null], ['url', object([['hostname', hostName], ['path', shownJson(row.route)]])]])],
        ['http_response', object([['code', String(row.statusCode)]])],
        ['resources', row.resourceId === null ? null : `[${object([['uid', shownJson(row.resourceId)]])}]`],
        ['unmapped', unmapped(row)],
      ])}\n`;
    },
  };
}

/** A user needs a name or a uid. */
function user({ actorSub, actorEmail }: ExportRow): Json {
  const isEmail = actorEmail !== null && EMAIL.test(actorEmail);
  const name = actorEmail ?? (actorSub === null ? 'unknown' : null);
  return object([['type_id', '0'], ['uid', text(actorSub)], ['name', text(name)], ['email_addr', isEmail ? shownJson(actorEmail) : null]]);
}

function unmapped(row: ExportRow): Json {
  const { json, exactText } = splicedPayload(row);
  return object([
    ['created_at', shownJson(createdAt(row))], ['http_method', HTTP_METHODS.has(row.method.toUpperCase()) ? null : shownJson(row.method)], ['payload_state', text(row.state)], ['key_id', text(row.keyId)], ['sealed_at', text(sealedAt(row))],
    ['payload', row.body === null ? null : json], ['payload_text', text(exactText)],
  ]);
}
