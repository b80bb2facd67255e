// Plans and approvals as files: whatever is changed in one is refused, and nobody approves what they planned.
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PurgeApproval, PurgePlan } from '#shared/domain/retention-plan.ts';
import { PLAN_FORMAT } from '#shared/domain/retention-plan.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { canonicalJson, digestOf, keyFingerprint, sealOf } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import { APPROVAL_ORIGIN, checkApproval, signApproval } from './approval.ts';
import { checkPlan, digested, endOf, WINDOW_US, windowAt, windowsOf } from './plan-file.ts';
import { idsDigest } from './row-ids.ts';

const MADE_US = 1_790_000_000_000_000;

function newKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32), sign: (text) => sign(null, Buffer.from(text), privateKey) };
}
const [ours, theirs] = [newKey(), newKey()];

function planOf(over: Partial<PurgePlan> = {}): PurgePlan {
  const cutoffUs = MADE_US - 90 * 86_400_000_000;
  const row = { id: 4, createdAt: formatInstantUs(cutoffUs - 5_000_000), route: '/r', eventType: 'http.request' };
  return digested({
    format: PLAN_FORMAT, id: 'p_0123456789abcdef', deployment: { name: 'acme', url: 'https://navi.example.com', environment: 'production', dialect: 'A' }, madeAt: formatInstantUs(MADE_US), madeBy: 'ann', madeByKey: keyFingerprint(ours.publicKey),
    windows: windowsOf('production', MADE_US, { days: 90, isClockRead: true }),
    preview: {
      days: 90, cutoff: formatInstantUs(cutoffUs), rows: 2, bytes: 100, byType: [{ value: 'http.request', rows: 2 }], byOrg: [{ value: 'acme', rows: 1 }, { value: null, rows: 1 }], byActor: [{ value: null, rows: 2 }], byDay: [{ day: '2026-06-23', rows: 2 }],
      isShortened: false, first: row, last: { ...row, id: 5 }, held: [], heldRows: 0, gaps: [{ from: null, to: formatInstantUs(cutoffUs - 9_000_000), reason: 'Never read.' }], alsoDue: { until: formatInstantUs(cutoffUs + WINDOW_US), rows: 0, held: 0 },
      serverCount: { rows: 2, at: formatInstantUs(MADE_US), reason: 'Counted.' }, rowsDigest: idsDigest([4, 5]), alsoDueDigest: idsDigest([]), warnings: ['EVERY organisation'],
    },
    ...over,
  });
}

const approvalOf = (plan: PurgePlan, over: Partial<{ atUs: number; key: SigningKey }> = {}): PurgeApproval => signApproval(plan, { approvedBy: 'Bo', note: 'seen', atUs: MADE_US + 60_000_000, key: theirs, ...over });
const judge = (value: unknown, { plan = planOf(), ownKeys = [keyFingerprint(ours.publicKey)], nowUs = MADE_US + 120_000_000 } = {}): string => {
  try {
    checkApproval(value, { plan, ownKeys, nowUs });
    return 'counts';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code;
  }
};

const without = <T extends object, K extends keyof T>(value: T, name: K): Omit<T, K> => Object.fromEntries(Object.entries(value).filter(([other]) => other !== name)) as Omit<T, K>;

/** Every value with one leaf or member changed, with the path of what was changed. */
function* changed(value: unknown, path = ''): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) {
    yield [`${path}[]`, [...value, value[0] ?? 'x']];
    for (const [index, each] of value.entries()) for (const [where, next] of changed(each, `${path}[${index}]`)) yield [where, value.with(index, next)];
  } else if (typeof value === 'object' && value !== null) {
    yield [`${path}.more`, { ...value, more: 1 }];
    for (const [name, each] of Object.entries(value)) {
      yield [`${path}.${name} left out`, Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))];
      for (const [where, next] of changed(each, `${path}.${name}`)) yield [where, { ...value, [name]: next }];
    }
  } else if (typeof value === 'number') {
    yield [path, value + 1];
    yield [path, -1];
  } else if (typeof value === 'boolean') yield [path, !value];
  else if (value === null) yield [path, 'x'];
  else {
    const text = String(value);
    yield [path, `${text}x`];
    yield [path, `${text.slice(0, -1)}${text.endsWith('1') ? '2' : '1'}`];
    yield [path, ''];
  }
}

describe('a plan as a file', () => {
  it('is taken as it was made, in whatever order its members stand', () => {
    const plan = planOf();
    expect(checkPlan(JSON.parse(canonicalJson(plan)), 'plan.json')).toEqual(plan);
  });

  it('is refused with anything changed, left out or added', () => {
    let tried = 0;
    for (const [where, value] of changed(planOf())) {
      if (digestOf(value) === digestOf(planOf())) continue;
      tried += 1;
      expect(() => checkPlan(value, 'plan.json'), where).toThrow(AppError);
    }
    expect(tried).toBeGreaterThan(100);
  });

  it('is refused when somebody gave it a new digest over other windows, or sums that do not fit', () => {
    const plan = without(planOf(), 'digest');
    expect(() => checkPlan(digested({ ...plan, windows: windowsOf('staging', MADE_US, { days: 90, isClockRead: true }) }), 'p')).toThrow(/do not fit/);
    expect(() => checkPlan(digested({ ...plan, windows: [{ ...(plan.windows[0] as PurgePlan['windows'][number]), days: 1 }] }), 'p')).toThrow(/do not fit/);
    expect(() => checkPlan(digested({ ...plan, preview: { ...plan.preview, rows: 1 } }), 'p')).toThrow(/do not fit/);
    expect(() => checkPlan(digested({ ...plan, preview: { ...plan.preview, alsoDue: { ...plan.preview.alsoDue, until: plan.madeAt } } }), 'p')).toThrow(/do not fit/);
  });

  it('has the windows that its environment allows', () => {
    expect(windowsOf('staging', MADE_US, { days: 90, isClockRead: true })).toMatchObject([{ kind: 'now', days: 90 }]);
    expect(windowsOf('production', MADE_US, { days: 90, isClockRead: true })).toMatchObject([{ kind: 'approved', days: 90 }, { kind: 'delayed', days: 91 }]);
    expect(windowsOf('production', MADE_US, { days: 3650, isClockRead: true })).toHaveLength(1);
    expect(windowsOf('production', MADE_US, { days: 90, isClockRead: false })).toMatchObject([{ kind: 'approved', days: 90 }]);
    const plan = planOf();
    expect([0, WINDOW_US, WINDOW_US + 1, 86_400_000_000 - 1, 86_400_000_000, 86_400_000_000 + WINDOW_US].map((after) => windowAt(plan, MADE_US + after)?.kind ?? null)).toEqual(['approved', 'approved', null, null, 'delayed', 'delayed']);
  });
});

describe('R63: an approval', () => {
  it('counts for its plan', () => {
    expect(judge(approvalOf(planOf()))).toBe('counts');
    expect(judge(approvalOf(planOf(), { atUs: endOf(planOf()) }), { nowUs: endOf(planOf()) })).toBe('counts');
  });

  it('counts for nothing with anything changed, left out or added', () => {
    let tried = 0;
    for (const [where, value] of changed(approvalOf(planOf()))) {
      if (digestOf(value) === digestOf(approvalOf(planOf()))) continue;
      tried += 1;
      expect(judge(value), where).toBe('approval_refused');
    }
    expect(tried).toBeGreaterThan(30);
  });

  it('does not count when it is for another plan, by the same profile, by any key of it, or of another time', () => {
    const plan = planOf();
    expect(judge(approvalOf(planOf({ id: 'p_ffffffffffffffff' })))).toBe('approval_refused');
    expect(judge(approvalOf(plan, { key: ours }), { ownKeys: [] })).toBe('approval_refused');
    expect(judge(approvalOf(plan), { ownKeys: [keyFingerprint(theirs.publicKey)] })).toBe('approval_refused');
    expect(judge(approvalOf(plan, { atUs: MADE_US - 86_400_000_000 }))).toBe('approval_refused');
    expect(judge(approvalOf(plan, { atUs: endOf(plan) + 1 }), { nowUs: endOf(plan) + 2 })).toBe('approval_refused');
    expect(judge(approvalOf(plan, { atUs: MADE_US + 600_000_000 }), { nowUs: MADE_US + 60_000_000 })).toBe('approval_refused');
  });

  it('signed under another origin it does not count', () => {
    const signed = without(approvalOf(planOf()), 'seal');
    expect(judge({ ...signed, seal: sealOf(APPROVAL_ORIGIN, digestOf(signed), theirs) })).toBe('counts');
    expect(judge({ ...signed, seal: sealOf('holdfast.local/retention/certificate', digestOf(signed), theirs) })).toBe('approval_refused');
  });
});
