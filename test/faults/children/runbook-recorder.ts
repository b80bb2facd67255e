// A child that records in a run until it is killed; prints the digests of the heads after each call that returned.
import { writeSync } from 'node:fs';
import { openRunbookProfile, STEP } from '../../support/runbook-profile.ts';

const [profileDir = '', runId = ''] = process.argv.slice(2);
const profile = await openRunbookProfile(profileDir);
const say = (line: string): void => { writeSync(1, `${line}\n`); };
say('open');
for (let count = 0; ; count += 1) {
  if (count % 3 === 0) await profile.runs.step({ runId, step: 'look', outcome: count % 2 === 0 ? 'done' : 'reopened', ...STEP, evidence: [] });
  else if (count % 3 === 1) await profile.runs.sign({ runId, step: null, role: 'lead', name: 'Ada', verdict: 'approved', statement: '' });
  else await profile.runs.decide({ runId, step: 'choose', option: 'go', reason: `the ${count}. time` });
  say(`kept ${profile.store.load(runId).state.heads.join(' ')}`);
}
