// Probes of routes that only an AI-Karen has: an answer of a wrong form, or one that leaves out what counts, is never the good one.
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { given, someDeployment } from '../../../../test/support/probe-answers.ts';
import { authStatus, threatStats, validateSession } from './karen-routes.ts';
import type { Probe } from './probe.ts';

function factsOf(probe: Probe, status: number, body: unknown): unknown {
  try {
    return probe.facts([given({ status, body })], someDeployment);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('whether the session is valid', () => {
  it.each<[unknown, unknown]>([[{ valid: true }, true], [{ valid: false }, false]])('%j', (body, says) => expect(factsOf(validateSession, 200, body)).toEqual({ status: 200, says_valid: says }));
  it.each([{}, { valid: 'true' }, { valid: 1 }, { valid: null }, { user: {} }, [], null])('%j tells nothing', (body) => expect(factsOf(validateSession, 200, body)).toBe('response_unexpected'));
  it('a refusal is no yes', () => expect(factsOf(validateSession, 401, { detail: 'no' })).toEqual({ status: 401, says_valid: false }));
});

describe('figures about users', () => {
  it.each<[unknown, boolean]>([[{ status: 'healthy' }, false], [{ status: 'healthy', stats: {} }, false], [{ status: 'healthy', stats: { total_users: 4 } }, true], [{ status: 'healthy', stats: { total_users: '4' } }, true], [{ total_users: '4' }, true], [{ status: 'healthy', stats: { members: 4 } }, true]])('%j', (body, leaks) => {
    expect(factsOf(authStatus, 200, body)).toEqual({ status: 200, leaks_stats: leaks });
  });
  it.each([{}, { status: 1 }, { status: 'healthy', stats: [4] }, { status: 'healthy', stats: 'four' }, { data: { stats: { total_users: 4 } } }])('%j tells nothing', (body) => expect(factsOf(authStatus, 200, body)).toBe('response_unexpected'));
});

describe('where figures of threats come from', () => {
  it.each<[unknown, boolean]>([[{ statistics: {}, note: 'This endpoint provides mock data.' }, true], [{ statistics: {}, note: 'From Prometheus' }, false]])('%j', (body, isMock) => expect(factsOf(threatStats, 200, body)).toEqual({ status: 200, is_mock: isMock }));
  it.each([{}, { statistics: {} }, { statistics: {}, note: null }, { statistics: {}, note: ['mock'] }, { note: 'real' }])('%j tells nothing', (body) => expect(factsOf(threatStats, 200, body)).toBe('response_unexpected'));
  it('where the route is not there nothing is made up', () => expect(factsOf(threatStats, 404, { detail: 'Not Found' })).toEqual({ status: 404, is_mock: false }));
});
