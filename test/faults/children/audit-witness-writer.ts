// A child that stores pages of an audit log and witnesses each, until it is killed; prints one line after each step.
import { writeSync } from 'node:fs';
import { DEPLOYMENT, numbers, openWitnessProfile, store, storeLate } from '../../support/audit-witness-profile.ts';

const [profileDir = '', from = '1'] = process.argv.slice(2);
const say = (line: string): void => { writeSync(1, `${line}\n`); };
const { session, witness } = await openWitnessProfile(profileDir);
say('open');
for (let first = Number(from); ; first += 120) {
  store(session, numbers(first, first + 119));
  storeLate(session, [first + (3 - (first % 3)) % 3]);
  say(`stored ${first + 119}`);
  const { problem, checkpoint } = await witness.afterSync(DEPLOYMENT);
  say(problem === null ? `signed ${checkpoint?.size}` : `problem ${problem}`);
}
