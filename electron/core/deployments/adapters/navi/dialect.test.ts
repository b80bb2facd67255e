// Keeps the dialects apart by what was seen (contract section 0), and keeps unknown from being called missing.
import { describe, expect, it } from 'vitest';
import { CAPABILITIES } from '#shared/domain/deployment.ts';
import { capabilityTable } from './capabilities.ts';
import { dialectOf, explainDialect, presenceFromAnswer, routesFromOpenApi, type AuditRoutes } from './dialect.ts';

const paths = (...lines: string[]): unknown => ({ paths: Object.fromEntries(lines.map((line) => [line.split(' ')[1], { [line.split(' ')[0] ?? '']: {} }])) });
const A = paths('get /api/audit', 'get /api/audit/{audit_id}/payload', 'post /api/audit/purge', 'get /api/admin/security/status');
const C0 = paths('get /api/audit', 'post /api/audit/{audit_id}/decrypt', 'get /api/admin/security/status');
const C1 = paths('get /api/audit', 'post /api/audit/{id}/decrypt', 'get /api/audit/export', 'get /api/admin/security/status');
const routes = (document: unknown): AuditRoutes => {
  const found = routesFromOpenApi(document);
  if (found === null) throw new Error('no routes');
  return found;
};
const nothing: AuditRoutes = { list: null, export: null, payload: null, decrypt: null, purge: null, securityStatus: null };

describe('the dialect', () => {
  it.each([['A', A], ['C0', C0], ['C1', C1]])('%s from an API description', (dialect, document) => {
    expect(dialectOf(routes(document))).toBe(dialect);
    expect(explainDialect(dialectOf(routes(document)), routes(document), 'It')).toMatch(/^It shows .*\.$/);
  });

  it.each([[null], ['x'], [[]], [{}], [{ paths: null }], [{ paths: [] }], [{ paths: {} }], [{ paths: { '/a': null } }]])('%j describes no routes', (document) => {
    expect(routesFromOpenApi(document)).toBeNull();
  });

  it('is not guessed where the routes do not tell', () => {
    expect(dialectOf(nothing)).toBeNull();
    expect(dialectOf({ ...nothing, decrypt: true })).toBeNull();
    expect(dialectOf({ ...routes(A), decrypt: true })).toBeNull();
    expect(dialectOf(routes(paths('get /health')))).toBeNull();
    expect(explainDialect(null, { ...routes(A), decrypt: true }, 'It')).toMatch(/both/);
    expect(explainDialect(null, routes(paths('get /health')), 'It')).toMatch(/none/);
    expect(explainDialect(null, nothing, 'It')).toMatch(/not show enough/);
  });

  it.each([[404, null, false], [404, 'NOT_FOUND', true], [405, null, true], [401, 'UNAUTHORIZED', true], [403, 'FORBIDDEN', true], [422, null, true], [200, null, true], [400, 'INVALID_REQUEST', true], [500, 'INTERNAL_ERROR', true], [500, null, null], [503, 'RATE_LIMIT_BACKEND_UNAVAILABLE', null], [429, 'RATE_LIMIT_EXCEEDED', null], [502, null, null]])('an answer %i with code %s shows presence %s', (status, code, presence) => {
    expect(presenceFromAnswer({ status, errorCode: code, isJson: true })).toBe(presence);
    if (status === 200) expect(presenceFromAnswer({ status, errorCode: code, isJson: false })).toBeNull();
  });
});

describe('the capability table', () => {
  const states = (document: unknown, more: { blocked?: string; listFailure?: string } = {}): Record<string, string> => {
    const seen = routes(document);
    const table = capabilityTable({ routes: seen, dialect: dialectOf(seen), source: 'the API description', blocked: more.blocked ?? null, listFailure: more.listFailure ?? null });
    expect(table.map((line) => line.name)).toEqual([...CAPABILITIES]);
    for (const line of table) expect(line.reason).toMatch(/^.{15,}\.$/);
    return Object.fromEntries(table.map((line) => [line.name, line.state]));
  };

  it('tells the dialects’ gaps', () => {
    expect(states(A)).toEqual({ 'security-status': 'offered', 'audit-list': 'offered', 'audit-export': 'not-offered', 'audit-payload': 'offered', 'decrypt-on-server': 'offered', purge: 'offered' });
    expect(states(C0)).toEqual({ 'security-status': 'offered', 'audit-list': 'offered', 'audit-export': 'not-offered', 'audit-payload': 'not-offered', 'decrypt-on-server': 'offered', purge: 'not-offered' });
    expect(states(C1)).toEqual({ 'security-status': 'offered', 'audit-list': 'offered', 'audit-export': 'offered', 'audit-payload': 'not-offered', 'decrypt-on-server': 'offered', purge: 'not-offered' });
  });

  it('what exists but cannot be used by us is unknown; what does not exist stays so', () => {
    expect(states(C1, { blocked: 'the token was refused.' })).toEqual({ 'security-status': 'unknown', 'audit-list': 'unknown', 'audit-export': 'unknown', 'audit-payload': 'not-offered', 'decrypt-on-server': 'unknown', purge: 'not-offered' });
    expect(states(C1, { listFailure: 'it failed (500).' })['audit-list']).toBe('unknown');
  });

  it('nothing seen is unknown throughout', () => {
    const table = capabilityTable({ routes: nothing, dialect: null, source: 'asking', blocked: null, listFailure: null });
    expect(new Set(table.map((line) => line.state))).toEqual(new Set(['unknown']));
  });
});
