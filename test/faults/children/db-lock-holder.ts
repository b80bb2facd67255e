// A process that takes a profile's lock, says whether it got it, and holds it until its standard input ends.
// Arguments: the profile's folder.
import { writeSync } from 'node:fs';
import { acquireProfileLock } from '#core/db/profile-lock.ts';

const lock = acquireProfileLock(process.argv[2] ?? '', 'cli');
writeSync(1, lock ? 'held\n' : 'refused\n');
process.stdin.resume().on('end', () => lock?.release());
