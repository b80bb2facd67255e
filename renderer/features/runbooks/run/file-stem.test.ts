// The stem of a file's name: safe whatever the title is.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileNameError } from '../../../components/file-name.ts';
import { runStem } from './file-stem.ts';

const NOW = Date.parse('2026-11-22T23:59:59Z');

it('is made of the words of the title and the day', () => {
  expect([runStem('SEV1 · Token replay', NOW), runStem('../../etc/passwd', NOW), runStem('\u202e\u200b', NOW), runStem('', NOW)]).toEqual(['SEV1-Token-replay-2026-11-22', 'etc-passwd-2026-11-22', 'run-2026-11-22', 'run-2026-11-22']);
});
it('is a name that every system takes, and never a path', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (title) => { expect(fileNameError(`${runStem(title, NOW)}.md`, '\\')).toBeNull(); }), { seed: Number(process.env['HOLDFAST_TEST_SEED'] ?? 1), numRuns: 300 });
});
