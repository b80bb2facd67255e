// OCSF events fulfil what the schema requires of their class, whatever a row holds, and say what it says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from '#shared/zod.ts';
import { anyRow, HOSTILE, oneLine, origin, row } from '../../../../test/support/audit-export-rows.ts';
import type { ExportRow } from './export-row.ts';
import { ocsfForm } from './ocsf-form.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 4_000;

/** What the published schema of 1.4.0 requires of API Activity, written down by hand: required attributes, their types, and the "at least one" rules. */
const user = z.looseObject({ type_id: z.int(), name: z.string().optional(), uid: z.string().optional(), email_addr: z.email().optional() }).refine((value) => value.name !== undefined || value.uid !== undefined);
const endpoint = z.object({ name: z.string().optional(), hostname: z.string().optional(), ip: z.string().optional() }).refine((value) => Object.keys(value).length > 0);
const apiActivity = z.strictObject({
  activity_id: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(99)]), activity_name: z.string().optional(), category_uid: z.literal(6), class_uid: z.literal(6003), type_uid: z.int(), time: z.int(),
  severity_id: z.int().min(0).max(6), status_id: z.union([z.literal(0), z.literal(1), z.literal(2)]), status_code: z.string(),
  metadata: z.strictObject({ version: z.literal('1.4.0'), product: z.strictObject({ name: z.string(), vendor_name: z.string() }), uid: z.string(), log_name: z.string(), log_provider: z.string(), event_code: z.string(), tenant_uid: z.string().optional(), original_time: z.string() }),
  actor: z.strictObject({ user }), api: z.strictObject({ operation: z.string(), response: z.strictObject({ code: z.int() }) }), src_endpoint: endpoint, dst_endpoint: endpoint.optional(),
  http_request: z.strictObject({ http_method: z.enum(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE']).optional(), url: z.looseObject({ path: z.string() }) }), http_response: z.strictObject({ code: z.int() }),
  resources: z.array(z.strictObject({ uid: z.string() })).optional(), unmapped: z.looseObject({ created_at: z.string() }),
}).refine((event) => event.type_uid === event.class_uid * 100 + event.activity_id);

describe('OCSF 1.4.0, API Activity', () => {
  const form = ocsfForm(origin);
  const read = (over: Partial<ExportRow>): z.infer<typeof apiActivity> => apiActivity.parse(JSON.parse(oneLine(form.line(row(over)))));

  it('pins the version and says what the row says', () => {
    expect(form.version).toBe('1.4.0');
    expect(read({})).toMatchObject({
      activity_id: 2, type_uid: 600302, time: 1_790_000_000_285, severity_id: 1, status_id: 1, status_code: '200', metadata: { uid: '7', tenant_uid: 'acme', event_code: 'http.request' }, api: { operation: 'GET /api/things/7' },
      actor: { user: { uid: 'auth0|a', name: 'a@example.com', email_addr: 'a@example.com' } }, dst_endpoint: { hostname: 'navi.example.com' }, src_endpoint: { name: 'unknown' }, resources: [{ uid: 'thing-7' }], unmapped: { created_at: '2026-09-21T14:13:20.285987Z', payload: { a: 1 } },
    });
  });

  it.each([['POST', 1], ['GET', 2], ['HEAD', 2], ['put', 3], ['PATCH', 3], ['DELETE', 4], ['PURGE', 99], ['', 99], ['constructor', 99], ['__proto__', 99]])('%s is activity %i', (method, activity) => {
    const event = read({ method });
    expect(event.activity_id).toBe(activity);
    expect(event.activity_name).toBe(activity === 99 ? method : undefined);
  });

  it.each([[200, 1, 1], [399, 1, 1], [400, 2, 2], [499, 2, 2], [500, 3, 2], [599, 3, 2], [0, 0, 0], [600, 0, 0], [-1, 0, 0]])('status %i has severity %i and status id %i', (statusCode, severity, status) => {
    expect(read({ statusCode })).toMatchObject({ severity_id: severity, status_id: status });
  });

  it('a method that this version of the schema does not know stands beside it', () => {
    expect(read({ method: 'PATCH' })).toMatchObject({ activity_id: 3, api: { operation: 'PATCH /api/things/7' }, unmapped: { http_method: 'PATCH' } });
    expect(read({ method: 'PATCH' }).http_request).not.toHaveProperty('http_method');
    expect(read({ method: 'GET' }).unmapped).not.toHaveProperty('http_method');
  });

  it('a sealed payload stays sealed, one that is no JSON stands as text, an absent one is absent, an actor nobody wrote down is unknown', () => {
    const sealed = '{"encrypted":true,"ciphertext":"gAAAA","key_id":"k1"}';
    expect(form.line(row({ state: 'encrypted', keyId: 'k1', body: sealed }))).toContain(`"payload":${sealed}`);
    expect(read({ body: 'x' }).unmapped).toMatchObject({ payload: null, payload_text: 'x' });
    expect(read({ body: null, state: null }).unmapped).toEqual({ created_at: '2026-09-21T14:13:20.285987Z' });
    expect(read({ actorSub: null, actorEmail: null }).actor).toEqual({ user: { type_id: 0, name: 'unknown' } });
    expect(read({ actorSub: null, actorEmail: 'not an address' }).actor).toEqual({ user: { type_id: 0, name: 'not an address' } });
  });

  it('any row fulfils what the schema requires', () => {
    fc.assert(fc.property(anyRow, (any) => { expect(apiActivity.safeParse(JSON.parse(oneLine(form.line(any)))).error).toBeUndefined(); }), { seed, numRuns });
    for (const hostile of HOSTILE) read({ method: hostile, route: hostile, eventType: hostile, org: hostile, actorEmail: hostile, actorSub: hostile, createdAtRaw: hostile, resourceId: hostile });
  });
});
