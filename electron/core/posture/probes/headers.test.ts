// Keeps the reading of security headers: the captured ones, and those by which a server or a proxy could look safer than it is.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FACTS } from '#shared/domain/posture-facts.ts';
import { given, someDeployment } from '../../../../test/support/probe-answers.ts';
import { headers } from './headers.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const read = (sent: Readonly<Record<string, string>>) => headers.facts([given({ headers: sent })], someDeployment);
const policy = (value: string) => read({ 'content-security-policy': value }).content_security_policy;

interface Captured { readonly label: string; readonly build: string; readonly answerHeaders: Readonly<Record<string, string>> }
const { captures } = JSON.parse(readFileSync(new URL('../../../../test/fixtures/karen-captures.json', import.meta.url), 'utf8')) as { captures: readonly Captured[] };

it('the date of an answer tells how far the clocks are apart', () => {
  const at = Date.UTC(2026, 10, 22, 12);
  for (const [serverDate, skew] of [[null, null], [at, 0], [at - 3_600_000, -3600], [at + 90_000, 90]] as const) expect(headers.facts([given({ serverDate })], someDeployment).clock_skew_seconds).toBe(skew);
});

describe('security headers', () => {
  it('of the captured AI-Karen', () => {
    const sent = captures.find(({ label, build }) => label === '/health' && build === 'SEED')?.answerHeaders ?? {};
    expect(read(sent)).toEqual({
      status: 200, clock_skew_seconds: null, server: 'uvicorn', x_powered_by: null,
      strict_transport_security: { is_sent: false, max_age: null, include_subdomains: false, preload: false },
      content_security_policy: { is_sent: true, directives: { 'default-src': ["'self'"] }, allows_unsafe_inline: false, allows_unsafe_eval: false, allows_any: false },
      x_frame_options: 'DENY', x_content_type_options: 'nosniff', referrer_policy: 'strict-origin-when-cross-origin', permissions_policy: 'geolocation=(), microphone=()', x_xss_protection: '1; mode=block',
      cache_control: null, cookies_secure: null, cookies_http_only: null, cookies_same_site: null,
    });
  });

  it.each([
    ['max-age=31536000; includeSubDomains; preload', 31_536_000, true, true], ['max-age="600"', 600, false, false], ['MAX-AGE=0', 0, false, false],
    ['includeSubDomains', null, true, false], ['max-age=soon', null, false, false], ['max-age=-1', null, false, false], ['max-age=0, max-age=31536000', 0, false, false], ['', null, false, false],
  ] as const)('Strict-Transport-Security: %s', (...[value, maxAge, subdomains, preload]) => {
    expect(read({ 'strict-transport-security': value }).strict_transport_security).toEqual({ is_sent: true, max_age: maxAge, include_subdomains: subdomains, preload });
  });

  it.each<readonly [string, readonly [inline: boolean, evil: boolean, any: boolean]]>([
    ["default-src 'self'", [false, false, false]],
    ["default-src 'none'; script-src 'self' 'unsafe-inline'", [true, false, false]],
    ["default-src 'self'; style-src 'UNSAFE-INLINE'", [true, false, false]],
    ["default-src 'self'; script-src-attr 'unsafe-inline'", [true, false, false]],
    ["default-src 'self'; script-src 'self' 'unsafe-eval'", [false, true, false]],
    ['default-src *', [false, false, true]], ["default-src 'self'; img-src *", [false, false, true]], ["default-src 'self'; script-src https:", [false, false, true]],
    ["default-src 'self'; script-src data:", [false, false, true]],
    // Says nothing of scripts: everything is allowed there.
    ["frame-ancestors 'none'", [true, true, true]], ["img-src 'self'", [true, true, true]], ['', [true, true, true]],
    // The first directive of a name counts, as in a browser.
    ["script-src 'self' 'unsafe-inline'; script-src 'self'; style-src 'self'", [true, false, false]],
    ["default-src 'self'; script-src 'self'; script-src 'unsafe-inline'", [false, false, false]],
  ])('Content-Security-Policy: %s', (value, [inline, evil, any]) => {
    expect(policy(value)).toMatchObject({ is_sent: true, allows_unsafe_inline: inline, allows_unsafe_eval: evil, allows_any: any });
  });

  it('without a policy everything is allowed, and a policy that only reports is none', () => {
    const none = { is_sent: false, directives: {}, allows_unsafe_inline: true, allows_unsafe_eval: true, allows_any: true };
    expect(read({}).content_security_policy).toEqual(none);
    expect(read({ 'content-security-policy-report-only': "default-src 'self'" }).content_security_policy).toEqual(none);
  });

  it('several policies: their sources stand together', () => {
    expect(policy("default-src 'self', script-src 'unsafe-inline'; frame-ancestors 'none'")).toMatchObject({ allows_unsafe_inline: true, directives: { 'default-src': ["'self'"], 'script-src': ["'unsafe-inline'"], 'frame-ancestors': ["'none'"] } });
  });

  it.each<readonly [string, readonly [secure: boolean, httpOnly: boolean, sameSite: boolean]]>([
    ['kari_session=x; HttpOnly; Path=/; SameSite=lax', [false, true, true]],
    ['a=1; Secure; HttpOnly; SameSite=Strict, b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure', [true, false, false]],
    ['a=1; Secure; HttpOnly; SameSite=None', [true, true, false]], ['secure=1; httponly', [false, true, false]],
  ])('Set-Cookie: %s', (value, [secure, httpOnly, sameSite]) => {
    expect(read({ 'set-cookie': value })).toMatchObject({ cookies_secure: secure, cookies_http_only: httpOnly, cookies_same_site: sameSite });
  });

  it('takes any header apart without failing, and never calls a policy strict that names unsafe-inline for scripts', () => {
    const value = fc.array(fc.constantFrom("default-src 'self'", "script-src 'unsafe-inline'", 'script-src *', '__proto__ x', 'constructor', ';', ',', ' ', 'style-src', "'none'"), { maxLength: 8 }).map((parts) => parts.join(';'));
    fc.assert(fc.property(value, fc.string({ maxLength: 60 }), (csp, other) => {
      const facts = read({ 'content-security-policy': csp, 'strict-transport-security': other, 'set-cookie': other });
      expect(FACTS.headers.safeParse(facts).success).toBe(true);
      const { directives, allows_unsafe_inline: inline } = facts.content_security_policy;
      if (directives['script-src']?.includes("'unsafe-inline'") === true) expect(inline).toBe(true);
    }), { seed, numRuns: 500 });
  });
});
