// Which warnings are red.
import { expect, it } from 'vitest';
import { isGrave } from './warning-words.ts';

it('red is for what takes the rows of others, what cannot be restored, and holds', () => {
  expect(isGrave('The deployment deletes rows of EVERY organisation, at once.')).toBe(true);
  expect(isGrave('3 rows are under legal holds (C-1: 3). No plan is made while they are.')).toBe(true);
  expect(isGrave('The clock of the deployment is not known; the cutoff is by the clock of this computer.')).toBe(false);
  expect(isGrave('What is in it goes too, is not counted here, and is nowhere else.')).toBe(true);
  expect(isGrave('No cached row is older than the cutoff.')).toBe(false);
});
