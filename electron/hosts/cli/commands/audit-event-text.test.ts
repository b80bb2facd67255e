// Events as lines and records: hostile cells stay text, on a terminal and in a spreadsheet, and an error stands under its column.
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { AppError } from '#shared/errors.ts';
import { checkedQuery, CSV_HEAD, eventLines, eventRecords, eventsText } from './audit-event-text.ts';

const event: AuditEvent = {
  id: 7, createdAt: '2026-11-22T05:37:08.285987Z', createdAtRaw: '2026-11-22T05:37:08.285987', route: '=HYPERLINK("http://x","y")', method: 'POST', eventType: 'a,b', org: null, actorSub: '\u001b[2J', actorEmail: '', resourceId: 'two\nlines', statusCode: 404, payloadState: 'not-synced', keyId: null,
};
const piped = { colour: false, columns: null };
const terminal = { colour: true, columns: 200 };

describe('records', () => {
  it('no cell begins a formula; nothing and an empty text are told apart', () => {
    expect(CSV_HEAD).toBe('id,created_at,method,route,event_type,org_key,actor_sub,actor_email,resource_id,status_code,payload_state,key_id,created_at_raw\r\n');
    expect(eventRecords([event], piped)).toBe('7,2026-11-22T05:37:08.285987Z,POST,"\'=HYPERLINK(""http://x"",""y"")","a,b",,\u001b[2J,\',"two\nlines",404,not-synced,,2026-11-22T05:37:08.285987\r\n');
  });
  it('on a terminal, what would act on it is spelled out', () => {
    expect(eventRecords([event], terminal)).toContain('⟨U+001B⟩[2J');
    expect(eventLines([event])).toContain('\\u001b[2J');
    expect(eventLines([event]).split('\n')).toHaveLength(2);
    expect(JSON.parse(eventLines([event]))).toEqual(event);
    expect(eventsText({ events: [event], matching: 1, total: 1 }, { name: 'acme', look: terminal })).not.toContain('\u001b[2J');
  });
});

describe('checkedQuery', () => {
  const messageOf = (query: string): string => {
    try {
      return checkedQuery(query);
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_query') return error.message;
      throw error;
    }
  };
  it('hands a good query on', () => {
    expect(messageOf('org:acme -x')).toBe('org:acme -x');
  });
  it('marks what is wrong, also behind wide and invisible characters', () => {
    expect(messageOf('日本 acter:x').split('\n').slice(1)).toEqual(['', '  日本 acter:x', `  ${' '.repeat(5)}^^^^^`, '']);
    expect(messageOf('\u202e acter:x').split('\n')[3]).toBe(`  ${' '.repeat('⟨U+202E⟩ '.length)}^^^^^`);
    expect(messageOf('a\n"b').split('\n').slice(1)).toEqual(['', '  a⟨U+000A⟩"b', `  ${' '.repeat('a⟨U+000A⟩'.length)}^^`, '']);
  });
});
