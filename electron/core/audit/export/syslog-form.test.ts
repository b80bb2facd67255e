// Syslog records keep to RFC 5424, are one line, and let no text of a row become syntax.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRow, HOSTILE, oneLine, origin, row } from '../../../../test/support/audit-export-rows.ts';
import { syslogForm } from './syslog-form.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 4_000;

/** RFC 5424, 6: written down as one expression for the head, then the parameters. */
const RECORD = /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) \[([^ =\]"]{1,32})((?: [\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}="(?:\\["\\\]]|[^"\\\]])*")*)\] ([\s\S]*)$/u;

describe('syslog, RFC 5424', () => {
  const form = syslogForm(origin);
  function read(line: string): { readonly priority: number; readonly time: string; readonly host: string; readonly message: string; readonly id: string; readonly parameters: Map<string, string> } {
    const match = RECORD.exec(oneLine(line));
    if (match === null) throw new Error(`not a record: ${line}`);
    const parameters = new Map([...(match[8] ?? '').matchAll(/ ([^ =]+)="((?:\\["\\\]]|[^"\\\]])*)"/gu)].map(([, name = '', value = '']) => [name, value.replace(/\\(["\\\]])/g, '$1')]));
    return { priority: Number(match[1]), time: match[2] ?? '', host: match[3] ?? '', id: match[7] ?? '', message: match[9] ?? '', parameters };
  }

  it('says what the row says', () => {
    expect(form.line(row())).toBe('<110>1 2026-09-21T14:13:20.285987Z navi.example.com holdfast - http.request [audit@32473 id="7" createdAtRaw="2026-09-21T13:33:20.285987" method="GET" route="/api/things/7" eventType="http.request" org="acme" actorSub="auth0|a" actorEmail="a@example.com" resource="thing-7" status="200" payloadState="plain" payload="{\\"a\\":1}"] GET /api/things/7 200\n');
    expect([200, 404, 503, 0].map((statusCode) => read(form.line(row({ statusCode }))).priority)).toEqual([110, 108, 107, 109]);
  });

  it('has six digits behind the point, also before 1970', () => {
    expect([0, 1, -1, 1_790_000_000_000_000].map((createdAtUs) => read(form.line(row({ createdAtUs }))).time)).toEqual(['1970-01-01T00:00:00.000000Z', '1970-01-01T00:00:00.000001Z', '1969-12-31T23:59:59.999999Z', '2026-09-21T14:13:20.000000Z']);
  });

  it('a host that the format does not take is the nil value or made to fit, and so is a message id', () => {
    expect(read(syslogForm({ name: 'x', url: 'not an address' }).line(row())).host).toBe('-');
    expect(read(syslogForm({ name: 'x', url: 'http://[::1]:8080' }).line(row())).host).toBe('::1');
    for (const eventType of ['', ' ', 'ä'.repeat(50), 'a b\nc']) read(form.line(row({ eventType })));
  });

  it('a message beyond ASCII begins with the byte order mark', () => {
    expect(read(form.line(row({ route: '/ä' }))).message).toBe('\ufeffGET /ä 200');
    expect(read(form.line(row())).message.startsWith('\ufeff')).toBe(false);
  });

  it.each(HOSTILE)('%j in every field is text of that field and nothing else', (hostile) => {
    const record = read(form.line(row({ method: hostile, route: hostile, eventType: hostile, org: hostile, actorSub: hostile, resourceId: hostile, createdAtRaw: hostile, body: hostile })));
    expect(record.id).toBe('audit@32473');
    expect(record.parameters.size).toBe(12);
    const shown = hostile.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
    for (const name of ['route', 'eventType', 'org', 'actorSub', 'payload']) expect(record.parameters.get(name), name).toBe(shown);
  });

  it('any row is one record', () => {
    fc.assert(fc.property(anyRow, (any) => {
      const record = read(form.line(any));
      expect(record.parameters.get('id')).toBe(String(any.id));
      expect(record.parameters.has('payload')).toBe(any.body !== null);
    }), { seed, numRuns });
  });
});
