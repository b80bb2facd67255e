import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILE_ID_FLOOR } from '#shared/domain/audit-event.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { csvRow, pythonJson } from '../../../../test/deployments/navi/python-text.ts';
import { cuts, fuzzRuns, hostileText, naviRow, parameters, plainPayload, readAll, seed } from '../../../../test/support/audit-import.ts';
import { classifyPayload } from '../../deployments/adapters/navi/payload.ts';
import { readNaviRow } from '../../deployments/adapters/navi/rows.ts';
import { csvForm, jsonlForm } from '../export/own-forms.ts';
import { keepable } from '../open-payload.ts';
import type { ImportRow } from './import-row.ts';
import type { Shape } from './read-rows.ts';

const LINES: Shape = { format: 'navi-jsonl', layout: 'lines' };
const OBJECTS: Shape = { format: 'navi-json', layout: 'objects' };
const CSV: Shape = { format: 'navi-csv', layout: 'csv' };
const OWN_LINES: Shape = { format: 'holdfast-jsonl', layout: 'lines' };
const OWN_CSV: Shape = { format: 'holdfast-csv', layout: 'csv' };
const KAREN: Shape = { format: 'karen-application-log', layout: 'lines' };
const KAREN_PRETTY: Shape = { format: 'karen-audit-json', layout: 'objects' };

const one = (id: number): string => JSON.stringify({ id, route: '/r', method: 'GET', event_type: 'e', org_key: null, status_code: 200, created_at: '2026-11-22T05:37:08Z', payload: { a: id }, payload_encoding: 'json' });
const ids = (read: { rows: readonly { row: ImportRow }[] }): (number | null)[] => read.rows.map(({ row }) => row.id);
const header = 'id,route,method,event_type,org_key,actor_sub,actor_email,resource_id,status_code,created_at,payload,payload_encoding';

describe('lines of JSON', () => {
  it('takes CRLF, a byte order mark, empty lines and a last line without an end', () => {
    const read = readAll(LINES, Buffer.from(`\ufeff${one(1)}\r\n\r\n${one(2)}\n   \n${one(3)}`));
    expect(ids(read)).toEqual([1, 2, 3]);
    expect(read.rows.map(({ line }) => line)).toEqual([1, 3, 5]);
    expect(read.empty).toEqual([2, 4]);
  });

  it('takes lines that end in CR alone, each with its number, and a CR inside of lines that end in LF as no line break', () => {
    const read = readAll(LINES, Buffer.from(`\ufeff${one(1)}\r\r${one(2).replace('/r', '/é')}\r{"id":3}\r${one(4)}`));
    expect(read.rows.map(({ row, line }) => [row.id, line])).toEqual([[1, 1], [2, 3], [4, 5]]);
    expect([read.empty, read.rejected.map(({ line }) => line)]).toEqual([[2], [4]]);
    expect(ids(readAll(LINES, Buffer.from(`${one(1)}\r`)))).toEqual([1]);
    const mixed = readAll(LINES, Buffer.from(`${one(1)}\n${one(2)}\r${one(3)}\n${one(4)}\r\r\n${one(5)}`));
    expect(mixed.rows.map(({ row, line }) => [row.id, line])).toEqual([[1, 1], [4, 3], [5, 4]]);
    expect(mixed.rejected).toMatchObject([{ line: 2, reason: expect.stringContaining('not JSON') as string }]);
    expect(readAll(LINES, Buffer.from(`${one(1)}\r\r\n${one(2)}\r\n`)).rows.map(({ line }) => line)).toEqual([1, 2]);
  });

  it('refuses one line with broken UTF-8 and keeps the others', () => {
    const read = readAll(LINES, Buffer.concat([Buffer.from(`${one(1)}\n{"a":"`), Buffer.from([0xc3, 0x28]), Buffer.from(`"}\n${one(2).replace('/r', '/é')}\n`)]));
    expect(ids(read)).toEqual([1, 2]);
    expect(read.rejected).toMatchObject([{ line: 2, reason: expect.stringContaining('UTF-8') as string }]);
  });

  it.each([
    ['a doubled key', one(1).replace('{', '{"id":2,'), 'twice'], ['a doubled key by escape', one(1).replace('{', '{"\\u0069d":2,'), 'twice'], ['an inexact number', one(1).replace('"id":1', '"id":9007199254740993'), '9007199254740993'],
    ['a prototype key', one(1).replace('{', '{"__proto__":{},'), '__proto__'], ['a list', '[1]', 'not a JSON object'], ['a trailing comma', one(1).replace(/\}$/, ',}'), 'not JSON'], ['text behind it', `${one(1)} x`, 'not JSON'],
    ['an end in the middle', one(1).slice(0, 40), 'ends too early'], ['no time', one(1).replace('2026-11-22T', '2026-13-22T'), 'created_at'], ['a missing column', one(1).replace('"route":"/r",', ''), 'route'], ['a text as status', one(1).replace('200', '"200"'), 'status_code'],
  ])('refuses %s with its reason', (_name, text, reason) => {
    const read = readAll(LINES, Buffer.from(`${one(7)}\n${text}\n${one(8)}\n`));
    expect(ids(read)).toEqual([7, 8]);
    expect(read.rejected).toHaveLength(1);
    expect(read.rejected[0]).toMatchObject({ line: 2 });
    expect(read.rejected[0]?.reason).toContain(reason);
  });

  it('refuses a line beyond 16 MiB alone, in bounded memory, and goes on behind it', () => {
    const long = Buffer.concat([Buffer.from(`${one(1)}\n{"a":"`), Buffer.alloc(17_000_000, 0x61), Buffer.from(`"}\n${one(2)}\n`)]);
    const read = readAll(LINES, long, [100, 5_000_000, 9_000_000, 16_900_000]);
    expect(ids(read)).toEqual([1, 2]);
    expect(read.rejected).toMatchObject([{ line: 2, reason: expect.stringContaining('16 MiB') as string }]);
    expect(read.rejected[0]?.excerpt?.length).toBeLessThan(200);
  });

  it('keeps a payload with somebody else\'s odd keys and numbers as its text', () => {
    const body = '{"query_params":{"__proto__":1e400,"a":1,"a":2}}';
    const [found] = readAll(LINES, Buffer.from(one(1).replace('{"a":1}', body))).rows;
    expect(found?.row.payload).toEqual({ state: 'plain', body, keyId: null });
  });

  it('reads every object as the adapter does', () => {
    fc.assert(fc.property(fc.tuple(naviRow, plainPayload), fc.constantFrom('json', null, 'plain', 'base64'), fc.boolean(), ([row, payload], encoding, spaced) => {
      const body = spaced ? pythonJson(payload) : JSON.stringify(payload);
      const text = `${JSON.stringify({ ...row, payload_encoding: encoding }).slice(0, -1)},"payload":${body}}`;
      const expected = readNaviRow({ ...row, payload_encoding: encoding }, body);
      const read = readAll(LINES, Buffer.from(text));
      if (typeof expected === 'string') expect(read.rejected.map(({ reason }) => reason)).toEqual([expected]);
      else expect(read.rows[0]?.row).toEqual(expected);
    }), parameters);
  });
});

describe('objects of JSON', () => {
  it('takes a list over any lines, with the line of each object', () => {
    const read = readAll(OBJECTS, Buffer.from(`[\n  ${one(1)},\n\n  ${JSON.stringify(JSON.parse(one(2)), null, 2)}\n]\n`));
    expect(ids(read)).toEqual([1, 2]);
    expect(read.rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(read.rejected).toEqual([]);
  });

  it.each([
    ['a comma at the end', `[${one(1)},]`, [1], ['a comma without a row after it']], ['an object cut off', `[${one(1)},\n${one(2).slice(0, 30)}`, [1], ['the file ends in the middle of it', 'the list is not closed']],
    ['a list that is not closed', `[${one(1)}`, [1], ['the list is not closed']], ['text behind the end', `[${one(1)}]\n${one(2)}\nrest`, [1], ['stands after the end', 'stands after the end']], ['an element that is no object', `[1, "a, b", null, ${one(1)}, [${one(2)}]]`, [1], ['no object', 'no object', 'no object', 'a list where an object']],
    ['no comma between two', `[${one(1)} ${one(2)}]`, [1], ['no comma stands before it']], ['two commas', `[${one(1)},,${one(2)}]`, [1, 2], ['a comma without a row before it']],
    ['a text cut off in the middle, then whole objects', `{"id": 9, "route": "/r\n${one(1)}\n${one(2)}`, [1, 2], ['a text in it ends in the middle']], ['an object cut off behind a comma, then whole objects', `{"id": 9,\n${one(1)}\n${one(2)}`, [1, 2], ['not closed before the next']],
    ['a list behind a list', `[${one(1)}][${one(2)}]`, [1], ['a list where an object was expected']],
  ])('says what is wrong with %s', (_name, ...given) => {
    const [text, expected, reasons] = given;
    const read = readAll(OBJECTS, Buffer.from(text));
    expect(ids(read)).toEqual(expected);
    expect(read.rejected).toHaveLength(reasons.length);
    reasons.forEach((reason, index) => expect(read.rejected[index]?.reason).toContain(reason));
  });

  it('refuses an object beyond 16 MiB alone and goes on behind it', () => {
    const long = Buffer.concat([Buffer.from(`[${one(1)},\n{"a":"`), Buffer.alloc(17_000_000, 0x61), Buffer.from(`"},\n${one(2)}]`)]);
    const read = readAll(OBJECTS, long, [100, 9_000_000]);
    expect(ids(read)).toEqual([1, 2]);
    expect(read.rejected).toMatchObject([{ line: 2, reason: expect.stringContaining('16 MiB') as string }]);
  });

  it('gives the same as lines do', () => {
    fc.assert(fc.property(fc.array(naviRow, { maxLength: 5 }), (rows) => {
      const lines = readAll(LINES, Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')));
      const list = readAll(OBJECTS, Buffer.from(JSON.stringify(rows, null, 1)));
      expect(list.rows.map(({ row }) => row)).toEqual(lines.rows.map(({ row }) => row));
      expect(list.rejected).toEqual([]);
    }), parameters);
  });
});

describe('CSV', () => {
  it('finds columns by name in any order and leaves out those it does not know', () => {
    const read = readAll(CSV, Buffer.from('\ufeffnote,created_at,status_code,event_type,method,route,id\r\n"a, ""b""\r\nc",2026-11-22T05:37:08Z,200,e,GET,"/r,1",5\rx,2026-11-22,404,e,GET,/q,6\n'));
    expect(read.rows).toMatchObject([{ line: 2, row: { id: 5, route: '/r,1', org: null, payload: undefined } }, { line: 4, row: { id: 6, statusCode: 404 } }]);
  });

  it.each([
    ['a quote in the middle of a cell', '1,/r"x,GET,e,,,,,200,2026-11-22,{},json', 'a quote in the middle'], ['text behind a closing quote', '1,"/r"x,GET,e,,,,,200,2026-11-22,{},json', 'behind the closing quote'],
    ['too few cells', '1,/r,GET', 'has 3 cells where the header has 12'], ['no number', 'x1,/r,GET,e,,,,,200,2026-11-22,{},json', 'id'], ['a negative status', '1,/r,GET,e,,,,,-1,2026-11-22,{},json', 'status_code'],
  ])('refuses %s and reads the next line', (_name, record, reason) => {
    const read = readAll(CSV, Buffer.from(`${header}\r\n${record}\r\n2,/r,GET,e,,,,,200,2026-11-22,{},json\r\n`));
    expect(ids(read)).toEqual([2]);
    expect(read.rejected).toMatchObject([{ line: 2, reason: expect.stringContaining(reason) as string }]);
  });

  it('refuses a cell that is never closed with all of its lines', () => {
    const read = readAll(CSV, Buffer.from(`${header}\n1,"/r,GET\n2,b\n3,c`));
    expect(read.rejected).toMatchObject([{ line: 2, reason: 'a cell in quotes that is never closed (lines 2 to 4)' }]);
  });

  it('gives the rows of the JSON export back from the CSV of the same rows', () => {
    const noEmpty = naviRow.map((row) => ({ ...row, org_key: row.org_key || null, actor_sub: row.actor_sub || null, actor_email: row.actor_email || null, resource_id: row.resource_id || null }));
    const payload = plainPayload.filter((value) => typeof value === 'object' && value !== null);
    fc.assert(fc.property(fc.array(fc.tuple(noEmpty, payload), { maxLength: 4 }), cuts, (rows, at) => {
      const csv = `${header}\r\n${rows.map(([row, value]) => csvRow([row.id, row.route, row.method, row.event_type, row.org_key, row.actor_sub, row.actor_email, row.resource_id, row.status_code, row.created_at, pythonJson(value), 'json'])).join('')}`;
      const json = rows.map(([row, value]) => `${JSON.stringify({ ...row, payload_encoding: 'json' }).slice(0, -1)},"payload":${pythonJson(value)}}`).join('\n');
      expect(readAll(CSV, Buffer.from(csv), at).rows.map(({ row }) => row)).toEqual(readAll(LINES, Buffer.from(json)).rows.map(({ row }) => row));
    }), parameters);
  });

  it.each([['str', 'json', '"str"'], ['[1, 2, 3]', 'json', '[1, 2, 3]'], ['', '', 'null'], ['', 'json', '""'], ['some text', 'plain', '"some text"'], ['True', 'json', '"True"']])('keeps a payload %j with encoding %j as JSON text', (cell, encoding, body) => {
    const read = readAll(CSV, Buffer.from(`${header}\r\n${csvRow([1, '/r', 'GET', 'e', null, null, null, null, 200, '2026-11-22', cell, encoding])}`));
    expect(read.rows[0]?.row.payload).toEqual({ state: 'malformed', body, keyId: null });
  });

  it('decodes base64 that holds JSON', () => {
    const read = readAll(CSV, Buffer.from(`${header}\r\n${csvRow([1, '/r', 'GET', 'e', null, null, null, null, 200, '2026-11-22', Buffer.from('{"a":1}').toString('base64'), 'base64'])}`));
    expect(read.rows[0]?.row.payload).toEqual({ state: 'plain', body: '{"a":1}', keyId: null });
  });
});

describe('our own exports', () => {
  const bodies = fc.oneof(plainPayload.map((value) => JSON.stringify(value)), plainPayload.map((value) => JSON.stringify(value, null, 2)), fc.constantFrom('{"a":1,"a":2}', '{"n":1e400}', '"text"', 'null'));
  const stored = fc.record({ row: naviRow, body: fc.option(bodies, { nil: null }), us: fc.integer({ min: 0, max: 4_000_000_000_000_000 }) });

  it.each([['JSON lines', jsonlForm, OWN_LINES], ['CSV', csvForm, OWN_CSV]] as const)('come back row for row: %s', (_name, form, shape) => {
    fc.assert(fc.property(fc.array(stored, { maxLength: 4 }), cuts, (all, at) => {
      const expected: ImportRow[] = [];
      const text = form.head + all.map(({ row, body, us }) => {
        const isFile = row.id >= FILE_ID_FLOOR;
        const payload = body === null ? null : isFile ? { state: 'plain' as const, body, keyId: null } : classifyPayload(body);
        const kept = payload === null ? null : keepable(payload);
        expected.push({
          id: row.id, createdAtUs: us, createdAtRaw: row.created_at, route: row.route, method: row.method, eventType: row.event_type, org: row.org_key, actorSub: row.actor_sub, actorEmail: row.actor_email, resourceId: row.resource_id, statusCode: row.status_code,
          payload: payload ?? undefined,
        });
        return form.line({
          id: row.id, createdAtUs: us, createdAtRaw: row.created_at, route: row.route, method: row.method, eventType: row.event_type, org: row.org_key, actorSub: row.actor_sub, actorEmail: row.actor_email, resourceId: row.resource_id, statusCode: row.status_code,
          state: kept?.state ?? null, keyId: kept?.keyId ?? null, sealedAtSeconds: kept?.sealedAtSeconds ?? null, body,
        });
      }).join('');
      const read = readAll(shape, Buffer.from(text), at);
      expect(read.rejected).toEqual([]);
      expect(read.rows.map(({ row }) => row)).toEqual(expected);
    }), parameters);
  });

  it('does not believe a label that says plain over an encrypted payload', () => {
    const text = jsonlForm.line({ id: 1, createdAtUs: 0, createdAtRaw: '1970-01-01', route: '/', method: 'GET', eventType: 'e', org: null, actorSub: null, actorEmail: null, resourceId: null, statusCode: 200, state: 'plain', keyId: null, sealedAtSeconds: null, body: '{"encrypted":true,"ciphertext":"x"}' });
    expect(readAll(OWN_LINES, Buffer.from(text)).rows[0]?.row.payload?.state).toBe('encrypted');
  });
});

describe('AI-Karen', () => {
  it('maps a login attempt, and keeps the whole line to be searched', () => {
    const line = '{"timestamp": "2026-11-22 05:42:05,587", "level": "INFO", "logger": "service.production_auth", "message": "Auth attempt: ann@acme.test from 10.1.2.3 - FAILED", "module": "production_auth_service", "function": "_record_auth_attempt", "line": 211, "event_type": "authentication", "email": "ann@acme.test", "ip_address": "10.1.2.3", "success": false, "user_agent": "curl"}';
    expect(readAll(KAREN, Buffer.from(line)).rows[0]?.row).toEqual({
      id: null, createdAtUs: Date.UTC(2026, 10, 22, 5, 42, 5, 587) * 1000, createdAtRaw: '2026-11-22 05:42:05,587', route: 'service.production_auth._record_auth_attempt', method: 'LOG', eventType: 'authentication',
      org: null, actorSub: null, actorEmail: 'ann@acme.test', resourceId: null, statusCode: 401, payload: { state: 'plain', body: line, keyId: null },
    });
  });

  it('reads pretty-printed objects, whatever stands in their texts', () => {
    const entry = (id: string, message: string): string => JSON.stringify({ event_id: id, event_type: 'plan.created', timestamp: '2026-11-22T05:42:05', correlation_id: `c-${id}`, user_id: 'u1', message, details: { list: [{ a: 1 }, { b: '}{' }] } }, null, 2);
    const read = readAll(KAREN_PRETTY, Buffer.from(`${entry('1', 'a } " {')}\n${entry('2', '\\')}\n`));
    expect(read.rejected).toEqual([]);
    expect(read.rows).toMatchObject([{ line: 1, row: { id: null, resourceId: 'c-1', actorSub: 'u1', eventType: 'plan.created', statusCode: 0 } }, { line: 19, row: { resourceId: 'c-2' } }]);
  });
});

describe('what the real backend gave', () => {
  interface Capture { readonly label: string; readonly response: { readonly json?: unknown; readonly text?: string } }
  const { captures } = JSON.parse(readFileSync(new URL('../../../../test/fixtures/navi-captures.json', import.meta.url), 'utf8')) as { captures: readonly Capture[] };
  const captured = (label: string): Capture['response'] => captures.find((capture) => capture.label === label)?.response ?? {};

  it('says the same as CSV and as JSON', () => {
    const csv = readAll(CSV, Buffer.from(captured('export csv').text ?? ''));
    const json = readAll(OBJECTS, Buffer.from(JSON.stringify(captured('export json default').json)));
    expect(csv.rejected).toEqual([]);
    expect(csv.rows.length).toBeGreaterThan(10);
    expect(csv.rows.map(({ row }) => row)).toEqual(json.rows.map(({ row }) => row));
  });

  it('has every state of a payload', () => {
    const { rows, rejected } = readAll(CSV, Buffer.from(captured('export csv payload').text ?? ''));
    expect(rejected).toEqual([]);
    const states = Object.fromEntries(rows.map(({ row }) => [row.id, row.payload === undefined ? 'none' : keepable(row.payload).state]));
    expect(states).toMatchObject({ 13: 'malformed', 12: 'malformed', 11: 'plain', 8: 'malformed', 7: 'failed', 6: 'failed', 5: 'encrypted', 3: 'encrypted', 2: 'encrypted', 1: 'plain', 16: 'plain', 14: 'encrypted' });
  });

  it('takes a time without a zone, as the SQLite backend writes it, as UTC', () => {
    expect(readAll(OBJECTS, Buffer.from(JSON.stringify(captured('sqlite export').json))).rows[0]?.row).toMatchObject({ id: 1, createdAtUs: Date.UTC(2026, 10, 22, 5, 41, 12) * 1000 + 53_144, payload: { state: 'plain' } });
  });
});

describe('reasons', () => {
  const OF_A_LIBRARY = /Invalid (?:input|option|key|union)|[Ee]xpected .* received|Too (?:big|small)|expected one of|Unrecognized|undefined|NaN/;
  const odd: readonly unknown[] = [undefined, null, true, -1, 1.5, 1000, 2 ** 53, 1e300, '', 'x', 'y'.repeat(5000), [], {}];
  const row = { ...(JSON.parse(one(1)) as Record<string, unknown>), actor_sub: null, actor_email: null, resource_id: null };
  const own = { ...row, payload_state: 'plain', key_id: null, sealed_at: null, created_at_raw: null };
  const karen = { timestamp: '2026-11-22T05:42:05', level: 'INFO', logger: 'l', message: 'm' };

  it.each([['rows of NAVI', LINES, row], ['our own rows', OWN_LINES, own], ['log lines', KAREN, karen]] as const)('are plain words that name the member: %s', (_name, shape, good) => {
    let refused = 0;
    for (const member of Object.keys(good)) {
      for (const value of odd) {
        const [rejected] = readAll(shape, Buffer.from(JSON.stringify({ ...good, [member]: value }))).rejected;
        if (rejected === undefined) continue;
        refused += 1;
        expect(rejected.reason).not.toMatch(OF_A_LIBRARY);
        expect(rejected.reason).toMatch(new RegExp(`^${member}: |^the number `));
      }
    }
    expect(refused).toBeGreaterThan(shape === KAREN ? 4 : 30);
  });

  it.each([
    ['id', '-1', 'id: a negative number'], ['id', '1.5', 'id: not a whole number that can be kept exactly'], ['id', null, 'id: missing'], ['route', '7', 'route: not a text'], ['method', JSON.stringify('M'.repeat(65)), 'method: longer than 64 characters, the most that is taken'],
    ['status_code', '1000', 'status_code: not from 0 to 999'], ['status_code', '"200"', 'status_code: not a whole number'], ['created_at', null, 'created_at: missing'], ['payload_encoding', '"hex"', 'payload_encoding: none of json, base64 and plain'], ['org_key', '[]', 'org_key: not a text'],
  ])('say what is wrong with %s %s', (member, json, reason) => {
    const text = JSON.stringify({ ...row, [member]: undefined });
    expect(readAll(LINES, Buffer.from(json === null ? text : `${text.slice(0, -1)},${JSON.stringify(member)}:${json}}`)).rejected.map((each) => each.reason)).toEqual([reason]);
  });

  it('are plain words for cells of CSV', () => {
    const [line = ''] = [csvRow([1, '/r', 'GET', 'e', null, null, null, null, 200, '2026-11-22', '{}', 'json'])];
    const cells = line.trim().split(',');
    const names = header.split(',');
    let refused = 0;
    for (const at of cells.keys()) {
      for (const value of ['', 'x', '-1', '1.5', '99999999999999999', 'y'.repeat(5000)]) {
        const [rejected] = readAll(CSV, Buffer.from(`${header}\r\n${cells.map((cell, index) => (index === at ? value : cell)).join(',')}\r\n`)).rejected;
        if (rejected === undefined) continue;
        refused += 1;
        expect(rejected.reason).not.toMatch(OF_A_LIBRARY);
        expect(rejected.reason.startsWith(`${names[at] ?? ''}: `), rejected.reason).toBe(true);
      }
    }
    expect(refused).toBeGreaterThan(15);
  });
});

const samples: readonly (readonly [name: string, shape: Shape, text: string])[] = [
  ['lines that end in CR', LINES, `\ufeff${one(1)}\r\r${one(2)}\r{"broken\r\n${one(3).replace('/r', '/é😀')}\r`],
  ['lines', LINES, `\ufeff${one(1)}\r\n\n${one(2)}\n{"broken\n${one(3).replace('/r', '/é😀')}`], ['objects', OBJECTS, `[${one(1)},\n${JSON.stringify(JSON.parse(one(2)), null, 2)},{"a":"\\"}{"},\n1]x`], ['csv', CSV, `\ufeff${header}\r\n1,"/r""\r\n,é",GET,e,,,,,200,2026-11-22,"{""a"": 1}",json\r2,b"c\n\n3,/r,GET,e,a,b,c,d,200,2026-11-22,,\n`],
  ['our CSV', OWN_CSV, csvForm.head + csvForm.line({ id: 1, createdAtUs: 0, createdAtRaw: '=1', route: '=x', method: '', eventType: "'e", org: '', actorSub: null, actorEmail: '@a', resourceId: '\t', statusCode: 200, state: 'plain', keyId: null, sealedAtSeconds: null, body: '{"a":\n1}' })],
  ['karen', KAREN_PRETTY, '{\n "timestamp": "2026-11-22T05:42:05",\n "event_id": "1"\n}\n{\n "timestamp": "2026-\n{\n "timestamp": "2026-11-22T05:42:05"\n}\n'],
];

describe('R46: bytes in any pieces', () => {
  it.each(samples)('give the same rows and refusals: %s', (_name, shape, text) => {
    const bytes = Buffer.from(text);
    const whole = readAll(shape, bytes);
    expect(whole.rows.length).toBeGreaterThan(0);
    for (let at = 0; at <= bytes.length; at += 1) expect(readAll(shape, bytes, [at]), `cut at ${at}`).toEqual(whole);
    expect(readAll(shape, bytes, Array.from({ length: bytes.length }, (_, at) => at))).toEqual(whole);
    fc.assert(fc.property(cuts, (at) => { expect(readAll(shape, bytes, at)).toEqual(whole); }), parameters);
  });
});

describe('fuzzed', () => {
  const shapes: readonly Shape[] = [LINES, OBJECTS, CSV, OWN_LINES, OWN_CSV, KAREN, KAREN_PRETTY];
  const pieces = fc.array(fc.oneof(fc.constantFrom('{', '}', '[', ']', '"', ',', '\n', '\r\n', '\r', ':', '\\', 'null', '1e999', '\ufeff', "'", header), fc.constant(one(1)), naviRow.map((row) => JSON.stringify(row)), hostileText(30)), { maxLength: 25 }).map((parts) => Buffer.from(parts.join('')));
  const mutated = fc.tuple(fc.constantFrom(...samples.map(([, , text]) => Buffer.from(text))), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 6 })).map(([bytes, changes]) => {
    const copy = Buffer.from(bytes);
    for (const [at, byte] of changes) copy[at % copy.length] = byte;
    return copy;
  });
  const inputs = fc.oneof(pieces, mutated, fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)));

  /** One record that names both ends of a row; a cell that begins with a quote may hold line breaks. */
  const isHeaderAlone = (text: string): boolean => {
    const names = text.split(',').map((cell) => cell.trim().replaceAll('"', '').trim());
    return names.includes('id') && names.includes('created_at') && !/[\r\n]\s*\S/.test(text.replaceAll(/(?<=^|,)\s*"(?:[^"]|"")*"?/g, 'x'));
  };

  it.each(shapes.map((shape) => [`${shape.format} as ${shape.layout}`, shape] as const))('%s: never throws, and accounts for every line in order', (_name, shape) => {
    let runs = 0;
    fc.assert(fc.property(inputs, cuts, (bytes, at) => {
      runs += 1;
      const read = readAll(shape, bytes, at);
      const lines = bytes.toString('latin1').split(/\r\n|\n|\r/).length;
      const told = [...read.rows.map(({ line }) => line), ...read.empty, ...read.rejected.map(({ line }) => line)];
      for (const line of told) if (!(line >= 1 && line <= lines)) throw new Error(`line ${line} of ${lines}`);
      if (shape.layout === 'lines') {
        // Every line is told exactly once; the empty end behind the last line break is no line.
        const text = bytes.toString('latin1');
        const mark = /\r*\n|\r/.exec(text)?.[0] === '\r' ? '\r' : '\n';
        const expected = text === '' ? 0 : text.split(mark).length - (text.endsWith(mark) ? 1 : 0);
        if (told.length !== expected) throw new Error(`${told.length} of ${expected} lines are told`);
      } else if (told.length === 0 && /\S/.test(bytes.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, ''))) {
        // A header alone, also one with columns that are not known, or an empty list, is all that may be left untold.
        const text = bytes.toString('utf8').replace(/^\ufeff/, '');
        const isAllowed = shape.layout === 'csv' ? isHeaderAlone(text) : /^\s*\[\s*\]\s*$/.test(text);
        if (!isAllowed) throw new Error(`nothing is told of ${JSON.stringify(text)}`);
      }
    }), { seed, numRuns: fuzzRuns });
    expect(runs).toBe(fuzzRuns);
  });

  it('takes the time of a log line as the shared reader does', () => {
    fc.assert(fc.property(fc.integer({ min: -60_000_000_000_000, max: 9_000_000_000_000_000 }), fc.constantFrom('Z', '+00:00', '', '+02:00', 'x'), (us, zone) => {
      const text = formatInstantUs(us).replace('Z', zone);
      const read = readAll(LINES, Buffer.from(`${one(1)}\n${one(2).replace('2026-11-22T05:37:08Z', text)}`));
      const expected = readNaviRow({ ...(JSON.parse(one(2)) as object), created_at: text }, '{"a":2}');
      if (typeof expected === 'string') expect(read.rejected[0]?.reason).toBe(expected);
      else expect(read.rows[1]?.row).toEqual(expected);
    }), parameters);
  });
});
