// Keeps what counts as data given away: only the form of the data, whatever the status says, and never a page of something else.
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { given, someDeployment } from '../../../../test/support/probe-answers.ts';
import type { Given } from '../../../../test/support/probe-answers.ts';
import { anonymous, anonymousAdmin, auditLogs, bypass, extensions, governance } from './refusals.ts';

const page = '<!DOCTYPE html><html><form action="/login">Sign in</form></html>';
const of = (probe: typeof anonymous | typeof governance | typeof auditLogs | typeof extensions | typeof anonymousAdmin, answer: Given): boolean => probe.facts([given(answer)], someDeployment).serves_data;

describe('refusals', () => {
  it.each<readonly [Given, boolean]>([
    [{ body: { jwt: { enabled: true }, encryption: {}, audit_retention: {}, sso: {} } }, true], [{ body: { jwt: {} } }, true], [{ status: 401, body: { audit_retention: { enabled: true } } }, true],
    [{ body: { user_id: 'u', roles: [] } }, true], [{ status: 401, body: { detail: 'Invalid or expired token' } }, false], [{ body: page }, false], [{ body: '' }, false], [{ body: 'null' }, false],
    [{ body: [] }, false], [{ body: { jwt: true } }, false], [{ body: { detail: 'ok' } }, false], [{ status: 500, body: { detail: 'Internal server error' } }, false],
  ])('%j serves guarded data: %s', (answer, serves) => {
    expect(of(anonymous, answer)).toBe(serves);
  });

  it('other guarded routes', () => {
    expect([of(governance, { body: { audit_entries: [], total: 0 } }), of(governance, { body: { total: 0 } }), of(governance, { body: page })]).toEqual([true, false, false]);
    expect([of(auditLogs, { body: [] }), of(auditLogs, { body: { logs: [{}] } }), of(auditLogs, { body: [1] }), of(auditLogs, { body: page }), of(auditLogs, { status: 401, body: { detail: 'no' } })]).toEqual([true, true, false, false, false]);
    expect([of(extensions, { body: { extensions: {}, total: 0 } }), of(extensions, { body: [] }), of(extensions, { status: 404, body: { detail: 'Not Found' } })]).toEqual([true, true, false]);
    expect([of(anonymousAdmin, { body: { blocked_user_agents: [] } }), of(anonymousAdmin, { body: { detail: 'x' } })]).toEqual([true, false]);
  });

  it.each(['{"jwt":{},"jwt":null}', '{"__proto__":{}}', `${'['.repeat(300)}${']'.repeat(300)}`, '{"n":1e999}'])('a body with two readings proves nothing: %.40s', (body) => {
    expect(() => of(anonymous, { body })).toThrow(AppError);
  });

  it.each<readonly [Given, Given, boolean | null]>([
    [{ status: 401, body: { detail: 'x' } }, { status: 200, body: [] }, true], [{ status: 403, body: { detail: 'x' } }, { status: 404, body: { detail: 'Not Found' } }, true],
    [{ status: 401, body: { detail: 'x' } }, { status: 401, body: { detail: 'x' } }, false], [{ status: 401, body: { detail: 'x' } }, { status: 400, body: { detail: 'x' } }, false],
    [{ status: 200, body: [] }, { status: 200, body: [] }, false],
    [{ status: 401, body: { detail: 'x' } }, { status: 200, body: page }, null], [{ status: 401, body: {} }, { status: 503, body: {} }, null], [{ status: 429, body: {} }, { status: 200, body: [] }, null],
  ])('without %j, with %j: bypassed %s', (without, withHeaders, expected) => {
    const facts = (): boolean => bypass.facts([given(without), given(withHeaders)], someDeployment).is_bypassed;
    if (expected === null) expect(facts).toThrow(AppError);
    else expect(facts()).toBe(expected);
  });
});
