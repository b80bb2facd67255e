// Tests of the debugging pipe without a browser: framing, matching, limits, and what happens when the other end goes.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ChromiumGone, CommandRefused, Pipe } from './pipe.ts';
import type { PipeEvent } from './pipe.ts';

function pair(limitBytes?: number): { pipe: Pipe; sent: () => Record<string, unknown>[]; say: (text: string) => void; from: PassThrough; events: PipeEvent[] } {
  const to = new PassThrough();
  const from = new PassThrough();
  let text = '';
  to.setEncoding('utf8').on('data', (part: string) => { text += part; });
  const pipe = new Pipe(to, from, limitBytes);
  const events: PipeEvent[] = [];
  pipe.onEvent((event) => events.push(event));
  return { pipe, events, from, sent: () => text.split('\0').filter((part) => part !== '').map((part) => JSON.parse(part) as Record<string, unknown>), say: (part) => from.write(part) };
}

describe('the debugging pipe', () => {
  it('matches answers to commands by id, in whatever order and pieces they come', async () => {
    const { pipe, sent, say } = pair();
    const first = pipe.send('A.one', { x: 1 });
    const second = pipe.send('B.two', {}, 'session-1');
    await expect.poll(sent).toEqual([{ id: 1, method: 'A.one', params: { x: 1 } }, { id: 2, method: 'B.two', params: {}, sessionId: 'session-1' }]);
    say('{"id":2,"result":{"v":"zw');
    say('ei"}}\0{"id":1,"resu');
    say('lt":{"v":1}}\0');
    expect(await second).toEqual({ v: 'zwei' });
    expect(await first).toEqual({ v: 1 });
  });

  it('keeps a character whole that two pieces share', async () => {
    const { pipe, from } = pair();
    const answer = pipe.send('A.one');
    const bytes = Buffer.from('{"id":1,"result":{"v":"\u{1F512}"}}\0');
    for (const byte of bytes) from.write(Buffer.from([byte]));
    expect(await answer).toEqual({ v: '\u{1F512}' });
  });

  it('gives events to every listener, in order', async () => {
    const { say, events } = pair();
    say('{"method":"P.a","params":{"n":1},"sessionId":"s"}\0{"method":"P.b"}\0');
    await expect.poll(() => events).toEqual([{ method: 'P.a', params: { n: 1 }, sessionId: 's' }, { method: 'P.b', params: {}, sessionId: undefined }]);
  });

  it('a refused command says which and why', async () => {
    const { pipe, say } = pair();
    const answer = pipe.send('A.one');
    say('{"id":1,"error":{"code":-32000,"message":"no such thing"}}\0');
    await expect(answer).rejects.toThrow(CommandRefused);
    await expect(answer).rejects.toMatchObject({ method: 'A.one', code: -32000, message: 'Chromium refused A.one: no such thing' });
  });

  it('drops a message beyond the limit, ends the wait for it, and reads on', async () => {
    const { pipe, say, events } = pair(200);
    const large = pipe.send('A.one');
    const small = pipe.send('B.two');
    say(`{"id":1,"result":{"v":"${'x'.repeat(150)}`);
    say(`${'x'.repeat(5000)}"}}\0`);
    say(`{"method":"P.flood","params":{"v":"${'y'.repeat(5000)}"}}\0`);
    say('{"id":2,"result":{}}\0{"method":"P.after"}\0');
    await expect(large).rejects.toThrow(CommandRefused);
    expect(await small).toEqual({});
    await expect.poll(() => events.map((event) => event.method)).toEqual(['P.after']);
    expect(pipe.oversized).toBe(2);
  });

  it('when Chromium goes, every wait ends with ChromiumGone, and so does every later command', async () => {
    const { pipe, from } = pair();
    const waiting = [pipe.send('A.one'), pipe.send('B.two')];
    from.end();
    for (const answer of waiting) await expect(answer).rejects.toThrow(ChromiumGone);
    await pipe.ended;
    await expect(pipe.send('C.three')).rejects.toThrow('Chromium ended before it answered C.three.');
  });
});
