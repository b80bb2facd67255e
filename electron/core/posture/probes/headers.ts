// The probe of security headers: what was sent, taken apart so that a check can read it; an absent header is null, a policy that allows too much says so.
import type { FactsOf } from '#shared/domain/posture-facts.ts';
import type { ProbeAnswer } from '../../deployments/service.ts';
import { NOTED } from './probe.ts';
import type { Probe } from './probe.ts';
import { wholeNumber } from './reading.ts';

type Headers = Readonly<Record<string, string>>;
type Directives = Readonly<Record<string, readonly string[]>>;

/** Of several, browsers take the first (RFC 6797, section 8.1). */
function transportSecurity(value: string | undefined): FactsOf<'headers'>['strict_transport_security'] {
  const parts = (value ?? '').split(',')[0]?.split(';').map((part) => part.trim().toLowerCase()) ?? [];
  const age = parts.find((part) => part.startsWith('max-age'))?.replace(/^max-age\s*=\s*/, '').replaceAll('"', '');
  return { is_sent: value !== undefined, max_age: wholeNumber(age), include_subdomains: parts.includes('includesubdomains'), preload: parts.includes('preload') };
}

/** Directives by name. Within one policy the first of a name counts; where several policies name the same one, its sources stand together. */
function directivesOf(value: string): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const policy of value.split(',')) {
    const own = new Set<string>();
    for (const part of policy.split(';')) {
      const [name = '', ...sources] = part.trim().split(/\s+/);
      const key = name.toLowerCase();
      if (!/^[a-z][a-z-]*$/.test(key) || own.has(key)) continue;
      own.add(key);
      all[key] = [...(Object.hasOwn(all, key) ? all[key] ?? [] : []), ...sources];
    }
  }
  return all;
}

const sourcesFor = (directives: Directives, name: string): readonly string[] | null => directives[name] ?? directives['default-src'] ?? null;

/** No policy, or one that says nothing of scripts, allows everything. */
function allows(directives: Directives, names: readonly string[], isWide: (source: string) => boolean): boolean {
  return names.some((name) => sourcesFor(directives, name)?.some((source) => isWide(source.toLowerCase())) ?? true);
}

const INLINE = ['script-src', 'style-src'];
const INLINE_PARTS = ['script-src-elem', 'script-src-attr', 'style-src-elem', 'style-src-attr'];
const isAnywhere = (source: string): boolean => source === '*' || source === 'http:' || source === 'https:';

function contentPolicy(value: string | undefined): FactsOf<'headers'>['content_security_policy'] {
  const directives = value === undefined ? {} : directivesOf(value);
  const inline = [...INLINE, ...INLINE_PARTS.filter((name) => Object.hasOwn(directives, name))];
  return {
    is_sent: value !== undefined, directives,
    allows_unsafe_inline: allows(directives, inline, (source) => source === "'unsafe-inline'"),
    allows_unsafe_eval: allows(directives, ['script-src'], (source) => source === "'unsafe-eval'"),
    allows_any: allows(directives, ['script-src'], (source) => isAnywhere(source) || source === 'data:') || Object.values(directives).some((sources) => sources.includes('*')),
  };
}

/** The comma between two cookies is followed by a name and an equals sign; the one inside a date is not. */
function cookiesIn(headers: Headers): readonly (readonly string[])[] {
  const all = headers['set-cookie'];
  return all === undefined ? [] : all.split(/,\s*(?=[!#$%&'*+.^_`|~\w-]+=)/).map((cookie) => cookie.split(';').slice(1).map((part) => part.trim().toLowerCase()));
}

function eachCookie(headers: Headers, has: (attributes: readonly string[]) => boolean): boolean | null {
  const cookies = cookiesIn(headers);
  return cookies.length === 0 ? null : cookies.every(has);
}

function headerFacts({ status, headers: sent, serverDate, receivedAt }: ProbeAnswer): FactsOf<'headers'> {
  const header = (name: string): string | null => sent[name] ?? null;
  return {
    status, clock_skew_seconds: serverDate === null ? null : Math.round((serverDate - receivedAt) / 1000), server: header('server'), x_powered_by: header('x-powered-by'),
    strict_transport_security: transportSecurity(sent['strict-transport-security']),
    content_security_policy: contentPolicy(sent['content-security-policy']),
    x_frame_options: header('x-frame-options'), x_content_type_options: header('x-content-type-options'), referrer_policy: header('referrer-policy'),
    permissions_policy: header('permissions-policy'), x_xss_protection: header('x-xss-protection'), cache_control: header('cache-control'),
    cookies_secure: eachCookie(sent, (attributes) => attributes.includes('secure')),
    cookies_http_only: eachCookie(sent, (attributes) => attributes.includes('httponly')),
    cookies_same_site: eachCookie(sent, (attributes) => attributes.some((attribute) => attribute === 'samesite=lax' || attribute === 'samesite=strict')),
  };
}

export const headers: Probe<'headers'> = {
  id: 'headers', title: 'Security headers', consent: 'probes',
  about: `Reads the headers of an ordinary answer, its date among them. ${NOTED}`,
  requests: { navi: [{ method: 'GET', path: '/health' }], karen: [{ method: 'GET', path: '/health' }] },
  facts: ([answer]) => headerFacts(answer),
};
