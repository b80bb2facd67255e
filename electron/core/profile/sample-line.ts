// How the sample deployment is started and what its one line says, for every host that starts it; each host starts the process in its own way.
import { z } from '#shared/zod.ts';
import type { SampleHandle } from '../ports.ts';

/** The same rows at every start: the seed is fixed. */
export const SAMPLE_ARGUMENTS: readonly string[] = ['--dialect', 'C1', '--events', '2000', '--port', '0', '--seed', '7'];
export const SAMPLE_START_LIMIT_MS = 20_000;
const MAX_LINE_CHARACTERS = 65_536;

const readyLine = z.object({
  url: z.string(),
  token: z.string(),
  auditKeys: z.array(z.object({ keyId: z.string(), key: z.string() })),
});

/** Takes the child's output part by part; settles with its first line, or fails when that is not the line. */
export function sampleLineReader(settle: (handle: SampleHandle) => void, fail: (cause: unknown) => void): (part: string) => void {
  let text = '';
  return (part) => {
    text = (text + part).slice(0, MAX_LINE_CHARACTERS);
    const end = text.indexOf('\n');
    if (end === -1) return;
    try {
      settle(readyLine.parse(JSON.parse(text.slice(0, end))));
    } catch (cause) {
      fail(cause);
    }
  };
}
